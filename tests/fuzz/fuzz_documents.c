/* SPDX-License-Identifier: MIT
 *
 * Fuzzes loading and saving. The first byte of the input chooses the kind of document, the rest is
 * the text: UTF-8 when the first byte is even, UTF-16 as it stands when it is odd. What loads must
 * save, and what was saved must load again and save to the same text; what does not load must say
 * why and where; nothing may leak. The
 * native preset builds it, with 16-bit wchar_t; tools/test --long runs it for a while, and this for
 * longer:
 *
 *     build/native/bin/fuzz_documents -dict=tests/fuzz/documents.dict -max_len=16384 FOLDER
 *
 * By hand, with the rooms instrumented as well, so that the fuzzer sees what its inputs reach:
 *
 *     clang -g -O1 -std=c11 -fshort-wchar -fsanitize=fuzzer,address,undefined -Isrc
 *         -Ibuild/deps/native/include src/{base,xml,model,document}/[a-z]*.c
 *         tests/fuzz/fuzz_documents.c build/deps/native/lib/libexpat.a -o fuzz_documents
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str16.h"
#include "document/document.h"

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

#define SAVE(kind, load, save, free_object)                                                        \
    static HRESULT resave_##kind(                                                                  \
        const WCHAR *text, size_t length, WCHAR **saved, size_t *saved_length)                     \
    {                                                                                              \
        struct kind *object = NULL;                                                                \
        struct xml_flaw flaw = {0};                                                                \
        HRESULT hr = load(text, length, &object, &flaw);                                           \
        if (FAILED(hr))                                                                            \
        {                                                                                          \
            check(hr == E_OUTOFMEMORY || (flaw.reason && flaw.line && flaw.column),                \
                "a refused text without a reason");                                                \
            return hr;                                                                             \
        }                                                                                          \
        hr = save(object, saved, saved_length);                                                    \
        free_object(object);                                                                       \
        return SUCCEEDED(hr) ? hr : E_UNEXPECTED;                                                  \
    }

/* E_UNEXPECTED: it was loaded but could not be saved. */
SAVE(writer_metadata, document_load_writer_metadata, document_save_writer_metadata,
    writer_metadata_release)
SAVE(backup_components, document_load_backup_components, document_save_backup_components,
    backup_components_destroy)
SAVE(writer_components, document_load_writer_components, document_save_writer_components,
    writer_components_release)
SAVE(snapshot_set, document_load_snapshot_set, document_save_snapshot_set, snapshot_set_release)

static HRESULT resave(
    unsigned kind, const WCHAR *text, size_t length, WCHAR **saved, size_t *saved_length)
{
    switch (kind % 4)
    {
    case 0: return resave_writer_metadata(text, length, saved, saved_length);
    case 1: return resave_backup_components(text, length, saved, saved_length);
    case 2: return resave_writer_components(text, length, saved, saved_length);
    default: return resave_snapshot_set(text, length, saved, saved_length);
    }
}

static void try_text(unsigned kind, const WCHAR *text, size_t length)
{
    WCHAR *first = NULL;
    WCHAR *second = NULL;
    size_t first_length = 0;
    size_t second_length = 0;
    HRESULT hr = resave(kind, text, length, &first, &first_length);
    check(hr != E_UNEXPECTED, "what was loaded could not be saved");
    if (SUCCEEDED(hr))
    {
        hr = resave(kind, first, first_length, &second, &second_length);
        check(SUCCEEDED(hr), "what was saved could not be loaded and saved");
        check(first_length == second_length &&
                memcmp(first, second, first_length * sizeof(WCHAR)) == 0,
            "saving twice gave two texts");
    }
    mem_free(first);
    mem_free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    long before = mem_live_blocks();
    unsigned kind = data[0] / 2;
    size_t units = 0;
    WCHAR *text = NULL;
    if (data[0] % 2)
    {
        units = (size - 1) / sizeof(WCHAR);
        text = mem_dup(data + 1, units * sizeof(WCHAR));
    }
    else
    {
        text = str16_from_utf8((const char *)data + 1, size - 1, &units);
    }
    if (text)
        try_text(kind, text, units);
    mem_free(text);
    check(mem_live_blocks() == before, "blocks leaked");
    return 0;
}

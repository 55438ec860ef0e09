/* SPDX-License-Identifier: MIT
 *
 * Fuzzes unpacking. The first byte of the input chooses the kind of object and what the rest is:
 * the packed bytes themselves, or changes to those of a full document, three bytes each: where (two
 * bytes, little-endian) and which byte comes there. What unpacks must save, and must be the same
 * when it is packed and unpacked again; nothing may leak. Run it as fuzz_documents.c says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str16.h"
#include "document/document.h"

enum document_kind
{
    WRITER_METADATA,
    BACKUP_COMPONENTS,
    WRITER_COMPONENTS,
    SNAPSHOT_SET
};

#include "support/full_documents.h"

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

/* False: refused. */
#define TRY(kind, free_object)                                                                     \
    static bool try_##kind(                                                                        \
        const void *bytes, size_t size, struct pack_writer *packed, WCHAR **text)                  \
    {                                                                                              \
        struct kind *object = NULL;                                                                \
        struct pack_reader reader;                                                                 \
        pack_reader_open(&reader, bytes, size);                                                    \
        HRESULT hr = document_unpack_##kind(&reader, &object);                                     \
        check(hr == S_OK || hr == VSS_E_INVALID_XML_DOCUMENT, "another failure");                  \
        check(SUCCEEDED(hr) == (object != NULL), "a failure with a result");                       \
        if (FAILED(hr))                                                                            \
            return false;                                                                          \
        check(document_pack_##kind(object, packed) == S_OK, "unpacked, not to be packed");         \
        check(document_save_##kind(object, text, NULL) == S_OK, "unpacked, not to be saved");      \
        free_object(object);                                                                       \
        return true;                                                                               \
    }

TRY(writer_metadata, writer_metadata_release)
TRY(writer_components, writer_components_release)

static bool try_kind(
    bool is_metadata, const void *bytes, size_t size, struct pack_writer *packed, WCHAR **text)
{
    return is_metadata ? try_writer_metadata(bytes, size, packed, text)
                       : try_writer_components(bytes, size, packed, text);
}

static void try_bytes(bool is_metadata, const void *bytes, size_t size)
{
    struct pack_writer first = {0};
    struct pack_writer second = {0};
    WCHAR *first_text = NULL;
    WCHAR *second_text = NULL;
    if (try_kind(is_metadata, bytes, size, &first, &first_text))
    {
        check(try_kind(is_metadata, first.bytes, first.size, &second, &second_text),
            "packed, not to be unpacked");
        check(first.size == second.size && memcmp(first.bytes, second.bytes, first.size) == 0,
            "packing twice gave two results");
        check(str16_equal(first_text, second_text), "packing changed the document");
    }
    pack_writer_free(&first);
    pack_writer_free(&second);
    mem_free(first_text);
    mem_free(second_text);
}

static void pack_full_document(bool is_metadata, struct pack_writer *packed)
{
    size_t units = 0;
    const char *utf8 = full_documents[is_metadata ? 0 : 1].utf8;
    WCHAR *text = str16_from_utf8(utf8, strlen(utf8), &units);
    struct writer_metadata *metadata = NULL;
    struct backup_components *components = NULL;
    if (is_metadata)
    {
        check(document_load_writer_metadata(text, units, &metadata, NULL) == S_OK, "load");
        check(document_pack_writer_metadata(metadata, packed) == S_OK, "pack");
    }
    else
    {
        check(document_load_backup_components(text, units, &components, NULL) == S_OK, "load");
        check(document_pack_writer_components(vec_at(&components->writers, 0), packed) == S_OK,
            "pack");
    }
    writer_metadata_release(metadata);
    backup_components_destroy(components);
    mem_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    long before = mem_live_blocks();
    bool is_metadata = data[0] % 2 == 0;
    if (data[0] % 4 < 2)
    {
        try_bytes(is_metadata, data + 1, size - 1);
    }
    else
    {
        struct pack_writer full = {0};
        pack_full_document(is_metadata, &full);
        for (size_t i = 1; i + 3 <= size; i += 3)
            full.bytes[(data[i] | data[i + 1] << 8) % full.size] = data[i + 2];
        try_bytes(is_metadata, full.bytes, full.size);
        pack_writer_free(&full);
    }
    check(mem_live_blocks() == before, "blocks leaked");
    return 0;
}

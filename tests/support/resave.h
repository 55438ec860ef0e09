/* SPDX-License-Identifier: MIT
 *
 * Loads a document of any kind and saves it again. Include it after cmocka.h.
 */
#ifndef THAWLINE_TESTS_RESAVE_H
#define THAWLINE_TESTS_RESAVE_H

#include "document/document.h"
#include "support/keep_document.h"
#include "support/check_text.h"

enum document_kind
{
    WRITER_METADATA,
    BACKUP_COMPONENTS,
    WRITER_COMPONENTS,
    SNAPSHOT_SET
};

/* mem_free *saved, which is set on success only. */
static inline HRESULT resave(
    enum document_kind kind, const WCHAR *text, size_t length, WCHAR **saved)
{
    struct writer_metadata *metadata = NULL;
    struct backup_components *components = NULL;
    struct writer_components *writer = NULL;
    struct snapshot_set *set = NULL;
    size_t saved_length = 0;
    HRESULT hr = E_FAIL;
    switch (kind)
    {
    case WRITER_METADATA:
        hr = document_load_writer_metadata(text, length, &metadata, NULL);
        if (SUCCEEDED(hr))
            hr = document_save_writer_metadata(metadata, saved, &saved_length);
        break;
    case BACKUP_COMPONENTS:
        hr = document_load_backup_components(text, length, &components, NULL);
        if (SUCCEEDED(hr))
            hr = document_save_backup_components(components, saved, &saved_length);
        break;
    case WRITER_COMPONENTS:
        hr = document_load_writer_components(text, length, &writer, NULL);
        if (SUCCEEDED(hr))
            hr = document_save_writer_components(writer, saved, &saved_length);
        break;
    case SNAPSHOT_SET:
        hr = document_load_snapshot_set(text, length, &set, NULL);
        if (SUCCEEDED(hr))
            hr = document_save_snapshot_set(set, saved, &saved_length);
        break;
    }
    if (SUCCEEDED(hr))
        assert_int_equal(saved_length, str16_len(*saved));
    if (SUCCEEDED(hr) && kind == WRITER_METADATA)
        keep_document("writer_metadata", *saved);
    if (SUCCEEDED(hr) && kind == BACKUP_COMPONENTS)
        keep_document("backup_components", *saved);
    writer_metadata_release(metadata);
    backup_components_destroy(components);
    writer_components_release(writer);
    snapshot_set_release(set);
    return hr;
}

static inline HRESULT resave_utf8(enum document_kind kind, const char *utf8, WCHAR **saved)
{
    WCHAR *text = wide(utf8);
    HRESULT hr = resave(kind, text, str16_len(text), saved);
    mem_free(text);
    return hr;
}

static inline void check_resaved_at(
    enum document_kind kind, const char *utf8, const char *expected, const char *file, int line)
{
    WCHAR *saved = NULL;
    HRESULT hr = resave_utf8(kind, utf8, &saved);
    if (FAILED(hr))
    {
        print_error("0x%08x for %s\n", (unsigned)hr, utf8);
        _fail(file, line);
    }
    check_text_at(saved, expected, file, line);
    mem_free(saved);
}

static inline void check_refused_at(
    enum document_kind kind, const char *utf8, const char *file, int line)
{
    WCHAR *saved = NULL;
    HRESULT hr = resave_utf8(kind, utf8, &saved);
    mem_free(saved);
    if (hr != VSS_E_INVALID_XML_DOCUMENT)
    {
        print_error("0x%08x for %s\n", (unsigned)hr, utf8);
        _fail(file, line);
    }
}

/* What saving makes of a document. */
#define check_resaved(kind, utf8, expected)                                                        \
    check_resaved_at((kind), (utf8), (expected), __FILE__, __LINE__)

/* Loading gives VSS_E_INVALID_XML_DOCUMENT. */
#define check_refused(kind, utf8) check_refused_at((kind), (utf8), __FILE__, __LINE__)

#endif

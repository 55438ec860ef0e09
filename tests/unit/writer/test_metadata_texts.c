/* SPDX-License-Identifier: MIT
 *
 * Every text parameter of every method with which a writer describes itself, of a writer with a
 * process and of an express writer: NULL, what no document can hold, and what is odd but fine. What
 * is refused leaves the document as it was (writer-provider 4.1, 4.5).
 */
#include <cmocka.h>

#include "metadata_making.h"
#include "support/check_leaks.h"
#include "writer/create_metadata.h"
#include "writer/express_metadata.h"

/* Either face of a document with a database "db" (not of an express writer) and a file group
   "group" at the root, and with a restore method. */
struct making
{
    IVssCreateWriterMetadataEx *face;
    IVssCreateExpressWriterMetadata *express;
};

#define TEXTS 5

/* A letter a text: r(equired), o(ptional), s(pecification of files), or the key of a component that
   has to be there: P(ath, optional), D(atabase), G(roup). */
struct text_call
{
    const char *name;
    const char *texts;
    HRESULT (*call)(const struct making *making, const WCHAR *const *texts);
};

#define CALL(name_)                                                                                \
    static HRESULT name_(const struct making *making, const WCHAR *const *t)

CALL(add_exclude)
{
    IVssCreateWriterMetadataEx *face = making->face;
    return face->lpVtbl->AddExcludeFiles(face, t[0], t[1], TRUE);
}

CALL(add_exclude_from_snapshot)
{
    IVssCreateWriterMetadataEx *face = making->face;
    return face->lpVtbl->AddExcludeFilesFromSnapshot(face, t[0], t[1], TRUE);
}

CALL(add_component)
{
    IVssCreateWriterMetadataEx *face = making->face;
    return face->lpVtbl->AddComponent(
        face, VSS_CT_FILEGROUP, t[0], t[1], t[2], NULL, 0, FALSE, FALSE, TRUE, FALSE, 0);
}

CALL(add_database)
{
    IVssCreateWriterMetadataEx *face = making->face;
    return face->lpVtbl->AddDatabaseFiles(face, t[0], t[1], t[2], t[3], MASK);
}

CALL(add_database_log)
{
    IVssCreateWriterMetadataEx *face = making->face;
    return face->lpVtbl->AddDatabaseLogFiles(face, t[0], t[1], t[2], t[3], MASK);
}

CALL(add_files)
{
    IVssCreateWriterMetadataEx *face = making->face;
    return face->lpVtbl->AddFilesToFileGroup(face, t[0], t[1], t[2], t[3], TRUE, t[4], MASK);
}

CALL(set_method)
{
    IVssCreateWriterMetadataEx *face = making->face;
    return face->lpVtbl->SetRestoreMethod(
        face, VSS_RME_STOP_RESTORE_START, t[0], t[1], VSS_WRE_NEVER, FALSE);
}

CALL(add_mapping)
{
    IVssCreateWriterMetadataEx *face = making->face;
    return face->lpVtbl->AddAlternateLocationMapping(face, t[0], t[1], TRUE, t[2]);
}

CALL(add_dependency)
{
    IVssCreateWriterMetadataEx *face = making->face;
    return face->lpVtbl->AddComponentDependency(face, t[0], t[1], other_id, t[2], t[3]);
}

CALL(express_add_exclude)
{
    return IVssCreateExpressWriterMetadata_AddExcludeFiles(making->express, t[0], t[1], TRUE);
}

CALL(express_add_component)
{
    return IVssCreateExpressWriterMetadata_AddComponent(making->express, VSS_CT_FILEGROUP, t[0],
        t[1], t[2], NULL, 0, FALSE, FALSE, TRUE, FALSE, 0);
}

CALL(express_add_files)
{
    return IVssCreateExpressWriterMetadata_AddFilesToFileGroup(
        making->express, t[0], t[1], t[2], t[3], TRUE, NULL, MASK);
}

CALL(express_set_method)
{
    return IVssCreateExpressWriterMetadata_SetRestoreMethod(
        making->express, VSS_RME_STOP_RESTORE_START, t[0], t[1], VSS_WRE_NEVER, FALSE);
}

CALL(express_add_dependency)
{
    return IVssCreateExpressWriterMetadata_AddComponentDependency(
        making->express, t[0], t[1], other_id, t[2], t[3]);
}

static const struct text_call calls[] = {
    {"AddExcludeFiles", "rs", add_exclude},
    {"AddExcludeFilesFromSnapshot", "rs", add_exclude_from_snapshot},
    {"AddComponent", "oro", add_component},
    {"AddDatabaseFiles", "PDrs", add_database},
    {"AddDatabaseLogFiles", "PDrs", add_database_log},
    {"AddFilesToFileGroup", "PGrso", add_files},
    {"SetRestoreMethod", "oo", set_method},
    {"AddAlternateLocationMapping", "rsr", add_mapping},
    {"AddComponentDependency", "PGor", add_dependency},
    {"express AddExcludeFiles", "rs", express_add_exclude},
    {"express AddComponent", "oro", express_add_component},
    {"express AddFilesToFileGroup", "PGrs", express_add_files},
    {"express SetRestoreMethod", "oo", express_set_method},
    {"express AddComponentDependency", "PGor", express_add_dependency},
};

/* ---- A fresh document for each call ---- */

static struct making begin(void)
{
    struct making making = {NULL, NULL};
    struct writer_metadata *metadata = make_metadata(L"Probe");
    struct writer_metadata *stored = make_metadata(L"Express");
    const WCHAR *const group[] = {NULL, L"group", NULL};
    const WCHAR *const none[] = {NULL, NULL};
    assert_int_equal(create_metadata_create(metadata, &making.face), S_OK);
    assert_int_equal(express_metadata_create(stored, &making.express), S_OK);
    writer_metadata_release(metadata);
    writer_metadata_release(stored);
    assert_int_equal(making.face->lpVtbl->AddComponent(making.face, VSS_CT_DATABASE, NULL, L"db",
                         NULL, NULL, 0, FALSE, FALSE, TRUE, FALSE, 0),
        S_OK);
    assert_int_equal(add_component(&making, group), S_OK);
    assert_int_equal(express_add_component(&making, group), S_OK);
    assert_int_equal(set_method(&making, none), S_OK);
    return making;
}

static void end(struct making *making)
{
    create_metadata_close(making->face);
    assert_int_equal(IVssCreateExpressWriterMetadata_Release(making->express), 0);
}

/* Both documents, one behind the other; mem_free it. */
static WCHAR *documents_of(const struct making *making)
{
    BSTR own = NULL;
    BSTR stored = NULL;
    struct str16_builder builder = {0};
    assert_int_equal(making->face->lpVtbl->SaveAsXML(making->face, &own), S_OK);
    assert_int_equal(IVssCreateExpressWriterMetadata_SaveAsXML(making->express, &stored), S_OK);
    str16_builder_add(&builder, own);
    str16_builder_add(&builder, stored);
    SysFreeString(own);
    SysFreeString(stored);
    return str16_builder_take(&builder);
}

/* ---- One text replaced in a good call ---- */

static const WCHAR *good_text(char kind)
{
    switch (kind)
    {
    case 'P': return NULL;
    case 'D': return L"db";
    case 'G': return L"group";
    case 's': return L"*.fine";
    default: return L"C:\\fine";
    }
}

static void check_call(
    const struct text_call *call, size_t which, const WCHAR *text, HRESULT expected)
{
    const WCHAR *texts[TEXTS] = {NULL};
    struct making making = begin();
    WCHAR *before = documents_of(&making);
    for (size_t i = 0; call->texts[i]; i++)
        texts[i] = good_text(call->texts[i]);
    /* Where a path is fine a name is not. */
    if (strstr(call->name, "AddComponent") && !strstr(call->name, "Dependency"))
        texts[1] = L"fine";
    texts[which] = text;
    HRESULT hr = call->call(&making, texts);
    if (hr != expected)
        fail_msg("%s, text %u: 0x%08x, expected 0x%08x", call->name, (unsigned)which, (unsigned)hr,
            (unsigned)expected);
    WCHAR *after = documents_of(&making);
    if (str16_equal(before, after) != FAILED(hr))
        fail_msg("%s, text %u: the document", call->name, (unsigned)which);
    mem_free(before);
    mem_free(after);
    end(&making);
}

static bool is_key(char kind)
{
    return kind == 'P' || kind == 'D' || kind == 'G';
}

static void texts_that_no_document_can_hold_are_invalid(void **state)
{
    (void)state;
    static const WCHAR high[] = {L'a', 0xD83D, 0};
    static const WCHAR low[] = {0xDE00, L'a', 0};
    static const WCHAR swapped[] = {0xDE00, 0xD83D, 0};
    static const WCHAR not_a_character[] = {0xFFFE, 0};
    const WCHAR *const bad[] = {control, high, low, swapped, not_a_character};
    for (size_t c = 0; c < ARRAYSIZE(calls); c++)
        for (size_t which = 0; calls[c].texts[which]; which++)
            for (size_t i = 0; i < ARRAYSIZE(bad); i++)
                check_call(&calls[c], which, bad[i], E_INVALIDARG);
}

static void null_is_invalid_where_a_text_is_required(void **state)
{
    (void)state;
    for (size_t c = 0; c < ARRAYSIZE(calls); c++)
    {
        for (size_t which = 0; calls[c].texts[which]; which++)
        {
            char kind = calls[c].texts[which];
            if (kind == 'r' || kind == 's' || kind == 'D' || kind == 'G')
                check_call(&calls[c], which, NULL, E_INVALIDARG);
            else
                check_call(&calls[c], which, NULL, S_OK);
        }
    }
}

static void a_folder_in_a_file_specification_is_invalid(void **state)
{
    (void)state;
    static const WCHAR *const deep[] = {L"sub\\*", L"\\", L"sub/a.txt"};
    for (size_t c = 0; c < ARRAYSIZE(calls); c++)
        for (size_t which = 0; calls[c].texts[which]; which++)
            for (size_t i = 0; calls[c].texts[which] == 's' && i < ARRAYSIZE(deep); i++)
                check_call(&calls[c], which, deep[i], E_INVALIDARG);
}

/* Odd, and nobody's business but the writer's: any length, any character that XML can hold. */
static void odd_texts_are_taken_and_name_no_component_that_is_not_there(void **state)
{
    (void)state;
    static WCHAR longest[32768 + 1];
    static const WCHAR awkward[] = {L'&', L'<', L'>', L'"', L'\'', 9, 10, 13, 0xD83D, 0xDE00, 0};
    const WCHAR *const odd[] = {longest, awkward, L" "};
    for (size_t i = 0; i < 32768; i++)
        longest[i] = L'x';
    for (size_t c = 0; c < ARRAYSIZE(calls); c++)
        for (size_t which = 0; calls[c].texts[which]; which++)
            for (size_t i = 0; i < ARRAYSIZE(odd); i++)
                check_call(&calls[c], which, odd[i],
                    is_key(calls[c].texts[which]) ? VSS_E_OBJECT_NOT_FOUND : S_OK);
}

/* The empty path of a component is no path; everywhere else the empty text is one. */
static void the_empty_text_is_a_text(void **state)
{
    (void)state;
    for (size_t c = 0; c < ARRAYSIZE(calls); c++)
        for (size_t which = 0; calls[c].texts[which]; which++)
            check_call(&calls[c], which, L"",
                is_key(calls[c].texts[which]) && calls[c].texts[which] != 'P'
                    ? VSS_E_OBJECT_NOT_FOUND
                    : S_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(texts_that_no_document_can_hold_are_invalid),
        leak_test(null_is_invalid_where_a_text_is_required),
        leak_test(a_folder_in_a_file_specification_is_invalid),
        leak_test(odd_texts_are_taken_and_name_no_component_that_is_not_there),
        leak_test(the_empty_text_is_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

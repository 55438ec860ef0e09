/* SPDX-License-Identifier: MIT
 *
 * The folder of express writers, when memory runs out and files fail: what was registered stays
 * registered, what was not is not half there, and one bad file costs none of the others
 * (writer-provider 4.5; bus/express_store.h).
 */
#include <cmocka.h>

#include <stdio.h>

#include <windows.h>
#include <vss.h>

#include "base/guid.h"
#include "base/str16.h"
#include "bus/express_store.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"

static const GUID first_id = {0xE1000000, 0x1111, 0x4111, {0x81, 1, 1, 1, 1, 1, 1, 1}};
static const GUID second_id = {0xE2000000, 0x2222, 0x4222, {0x82, 2, 2, 2, 2, 2, 2, 2}};

#define DOCUMENT(digit, name)                                                                      \
    "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\">\r\n"              \
    "<IDENTIFICATION writerId=\"e" digit "000000-" digit digit digit digit "-4" digit digit digit  \
    "-8" digit "0" digit "-0" digit "0" digit "0" digit "0" digit "0" digit "0" digit "\""         \
    " instanceId=\"" digit "0000000-0000-0000-0000-000000000001\" friendlyName=\"" name "\""       \
    " usage=\"USER_DATA\" dataSource=\"OTHER\" majorVersion=\"0\" minorVersion=\"0\"/>"            \
    "</WRITER_METADATA>"

/* A world of this test's own. */
static WCHAR scope[32];
static WCHAR folder[MAX_PATH];

static int set_up_scope(void **state)
{
    (void)state;
    _snwprintf(scope, ARRAYSIZE(scope), L"store-%lu", GetCurrentProcessId());
    GetSystemWindowsDirectoryW(folder, MAX_PATH);
    wcscat(wcscat(folder, L"\\Vss\\Writers."), scope);
    return 0;
}

static struct writer_metadata *parse(const char *utf8)
{
    struct writer_metadata *metadata = NULL;
    WCHAR *text = str16_from_utf8(utf8, strlen(utf8), NULL);
    assert_int_equal(express_document_parse(text, &metadata), S_OK);
    mem_free(text);
    return metadata;
}

static HRESULT add(const char *utf8)
{
    struct writer_metadata *metadata = parse(utf8);
    HRESULT hr = express_store_add(scope, metadata);
    writer_metadata_release(metadata);
    return hr;
}

/* How many documents there are; *instances: the first digits of their instance ids. */
static size_t list(char instances[8])
{
    struct vec documents = {0};
    assert_int_equal(express_store_list(scope, &documents), S_OK);
    size_t count = documents.count;
    for (size_t i = 0; i < count && i < 7; i++)
    {
        const struct express_document *document = documents.items[i];
        instances[i] = (char)('0' + (document->metadata->instance_id.Data1 >> 28));
    }
    instances[count < 7 ? count : 7] = 0;
    vec_free(&documents, express_document_free);
    return count;
}

static void assert_listed(const char *expected)
{
    char instances[8];
    list(instances);
    assert_string_equal(instances, expected);
}

static void put_file(const WCHAR *name, const void *bytes, DWORD size)
{
    WCHAR path[MAX_PATH];
    DWORD written = 0;
    _snwprintf(path, MAX_PATH, L"%ls\\%ls", folder, name);
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    assert_true(file != INVALID_HANDLE_VALUE);
    assert_true(WriteFile(file, bytes, size, &written, NULL));
    CloseHandle(file);
}

static void delete_file(const WCHAR *name)
{
    WCHAR path[MAX_PATH];
    _snwprintf(path, MAX_PATH, L"%ls\\%ls", folder, name);
    assert_true(DeleteFileW(path));
}

static void assert_no_folder(void)
{
    assert_int_equal(GetFileAttributesW(folder), INVALID_FILE_ATTRIBUTES);
}

/* ---- The course of things ---- */

static void what_is_added_is_listed_as_it_was_until_it_is_removed(void **state)
{
    (void)state;
    struct vec documents = {0};
    assert_int_equal(add(DOCUMENT("1", "\xC3\xA4 \xF0\x9F\x98\x80")), S_OK);
    assert_int_equal(express_store_list(scope, &documents), S_OK);
    assert_int_equal(documents.count, 1);
    const struct express_document *document = documents.items[0];
    WCHAR *text = str16_from_utf8(DOCUMENT("1", "\xC3\xA4 \xF0\x9F\x98\x80"),
        sizeof(DOCUMENT("1", "\xC3\xA4 \xF0\x9F\x98\x80")) - 1, NULL);
    assert_true(str16_equal(document->metadata->verbatim, text));
    mem_free(text);
    vec_free(&documents, express_document_free);
    assert_int_equal(add(DOCUMENT("1", "again")), VSS_E_OBJECT_ALREADY_EXISTS);
    assert_int_equal(add(DOCUMENT("2", "other")), S_OK);
    assert_int_equal(express_store_remove(scope, &first_id), S_OK);
    assert_int_equal(express_store_remove(scope, &first_id), VSS_E_OBJECT_NOT_FOUND);
    assert_listed("2");
    assert_int_equal(express_store_remove(scope, &second_id), S_OK);
    assert_no_folder();
}

/* ---- Files of others ---- */

static void a_file_that_is_no_document_costs_none_of_the_others(void **state)
{
    (void)state;
    static const char marked[] = "\xEF\xBB\xBF" DOCUMENT("3", "marked");
    static const char nul[] = DOCUMENT("5", "a\0b");
    static WCHAR wide[sizeof(DOCUMENT("4", "wide")) + 1] = {0xFEFF};
    for (size_t i = 0; i + 1 < sizeof(DOCUMENT("4", "wide")); i++)
        wide[1 + i] = (WCHAR)DOCUMENT("4", "wide")[i];
    assert_int_equal(add(DOCUMENT("1", "good")), S_OK);
    put_file(L"0 empty.xml", "", 0);
    put_file(L"1 mark.xml", "\xFF\xFE", 2);
    put_file(L"2 half a unit.xml", "\xFF\xFE<", 3);
    put_file(L"3 broken.xml", DOCUMENT("6", "cut"), 100);
    put_file(L"4 nul.xml", nul, sizeof(nul) - 1);
    put_file(L"5 wrong root.xml", "<X/>", 4);
    put_file(L"6 same instance.xml", DOCUMENT("1", "same"), sizeof(DOCUMENT("1", "same")) - 1);
    put_file(L"7 marked.xml", marked, sizeof(marked) - 1);
    put_file(L"8 wide.XML", wide, sizeof(DOCUMENT("4", "wide")) * sizeof(WCHAR));
    put_file(L"9 no document.txt", DOCUMENT("7", "text"), sizeof(DOCUMENT("7", "text")) - 1);
    char instances[8];
    /* In the order of the file system. */
    size_t count = list(instances);
    bool all = strchr(instances, '1') && strchr(instances, '3') && strchr(instances, '4');
    static const WCHAR *const names[] = {L"0 empty.xml", L"1 mark.xml", L"2 half a unit.xml",
        L"3 broken.xml", L"4 nul.xml", L"5 wrong root.xml", L"6 same instance.xml",
        L"7 marked.xml", L"8 wide.XML", L"9 no document.txt"};
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
        delete_file(names[i]);
    assert_int_equal(express_store_remove(scope, &first_id), S_OK);
    assert_no_folder();
    assert_int_equal(count, 3);
    assert_true(all);
}

/* ---- Faults ---- */

static unsigned operations_left;
static bool operation_failed;

static HRESULT fail_nth_operation(const char *operation, const WCHAR *path)
{
    (void)operation;
    (void)path;
    if (!operations_left || --operations_left)
        return S_OK;
    operation_failed = true;
    return HRESULT_FROM_WIN32(ERROR_WRITE_FAULT);
}

static void fail_operation(unsigned which)
{
    operations_left = which;
    operation_failed = false;
    base_hooks.before_file_op = fail_nth_operation;
}

static void a_file_operation_that_fails_leaves_all_or_nothing(void **state)
{
    (void)state;
    assert_int_equal(add(DOCUMENT("1", "there")), S_OK);
    unsigned failed = 0;
    for (unsigned which = 1;; which++)
    {
        fail_operation(which);
        HRESULT hr = add(DOCUMENT("2", "new"));
        base_hooks.before_file_op = NULL;
        if (!operation_failed)
        {
            assert_int_equal(hr, S_OK);
            break;
        }
        /* A file that could not be read is left out; then the other one may well be added. */
        failed += FAILED(hr);
        assert_listed(FAILED(hr) ? "1" : "12");
        if (SUCCEEDED(hr))
            assert_int_equal(express_store_remove(scope, &second_id), S_OK);
    }
    assert_true(failed >= 2);
    failed = 0;
    for (unsigned which = 1;; which++)
    {
        fail_operation(which);
        HRESULT hr = express_store_remove(scope, &second_id);
        base_hooks.before_file_op = NULL;
        assert_listed(FAILED(hr) ? "12" : "1");
        failed += FAILED(hr);
        if (!operation_failed)
            break;
        if (SUCCEEDED(hr))
            assert_int_equal(add(DOCUMENT("2", "new")), S_OK);
    }
    assert_true(failed >= 1);
    assert_int_equal(express_store_remove(scope, &first_id), S_OK);
    assert_no_folder();
}

static void memory_that_runs_out_leaves_all_or_nothing(void **state)
{
    (void)state;
    struct writer_metadata *metadata = parse(DOCUMENT("2", "new"));
    assert_int_equal(add(DOCUMENT("1", "there")), S_OK);
    bool failed = true;
    for (size_t which = 1; failed; which++)
    {
        fail_alloc(which);
        HRESULT hr = express_store_add(scope, metadata);
        failed = allow_allocs();
        assert_int_equal(hr, failed ? E_OUTOFMEMORY : S_OK);
        assert_listed(failed ? "1" : "12");
    }
    failed = true;
    for (size_t which = 1; failed; which++)
    {
        struct vec documents = {0};
        fail_alloc(which);
        HRESULT hr = express_store_list(scope, &documents);
        failed = allow_allocs();
        assert_int_equal(hr, failed ? E_OUTOFMEMORY : S_OK);
        vec_free(&documents, express_document_free);
    }
    /* What clears the empty folders away needs memory too, and goes without it. */
    HRESULT hr = E_OUTOFMEMORY;
    for (size_t which = 1; hr == E_OUTOFMEMORY; which++)
    {
        fail_alloc(which);
        hr = express_store_remove(scope, &second_id);
        allow_allocs();
        assert_listed(hr == S_OK ? "1" : "12");
    }
    assert_int_equal(hr, S_OK);
    writer_metadata_release(metadata);
    assert_int_equal(express_store_remove(scope, &first_id), S_OK);
    assert_no_folder();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(what_is_added_is_listed_as_it_was_until_it_is_removed),
        leak_test(a_file_that_is_no_document_costs_none_of_the_others),
        leak_test(a_file_operation_that_fails_leaves_all_or_nothing),
        leak_test(memory_that_runs_out_leaves_all_or_nothing),
    };
    return cmocka_run_group_tests(tests, set_up_scope, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * What writers say of themselves before their first event, in all three ways in which they can be
 * made: bad names, ids and usages are refused with one sentence in the log and the object serves
 * on; names that are odd but legal reach the requestor, its status, the saved document and the
 * store of express writers unchanged (writer-provider 3.1, 4.5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "support/backup.h"
#include "support/test_writer.h"

/* Exported, and behind inline functions of the SDK. */
HRESULT WINAPI CreateWriter(void *writer, void **impl);
HRESULT STDAPICALLTYPE CreateVssExpressWriterInternal(IVssExpressWriter **writer);
HRESULT STDAPICALLTYPE CreateVssExamineWriterMetadataInternal(
    BSTR xml, IVssExamineWriterMetadata **metadata);

static const VSS_ID class_id = {0xabcdef12, 0x1111, 0x4111, {0xbe, 1, 2, 3, 4, 5, 6, 0xef}};
static const VSS_ID foreign_id = {0xeeeeeeee, 0xeeee, 0xeeee, {0xee, 0xee, 1, 2, 3, 4, 5, 6}};

#define LONGEST 32768

static WCHAR longest[LONGEST + 1];
static const WCHAR awkward[] = {
    L'&', L'<', L'>', L'"', L'\'', L']', L']', L'>', 9, 10, 13, 0xD83D, 0xDE00, 0xE9, 0};
static const WCHAR *const odd[] = {longest, awkward, L"", L" ", L"..\\a/b:*?"};

static const WCHAR control[] = {L'a', 1, 0};
static const WCHAR high[] = {L'a', 0xD83D, 0};
static const WCHAR low[] = {0xDE00, L'a', 0};
static const WCHAR not_a_character[] = {0xFFFE, 0};

/* ---- The three ways ---- */

struct says
{
    VSS_ID id;
    const WCHAR *name;
    const WCHAR *instance_name; /* express writers have none */
    int usage;
};

static struct
{
    IVssExpressWriter *express;
    struct test_writer object;
    THAWLINE_WRITER handle;
    struct backup backup;
    LONG live_blocks;
} fixture;

static HRESULT make_with_thawline_h(const struct says *says)
{
    static const THAWLINE_WRITER_CALLBACKS callbacks = {.cbSize = sizeof(callbacks)};
    const THAWLINE_WRITER_INFO info = {.cbSize = sizeof(info),
        .WriterId = says->id,
        .pwszName = says->name,
        .pwszInstanceName = says->instance_name,
        .Usage = (VSS_USAGE_TYPE)says->usage,
        .Source = VSS_ST_OTHER,
        .Level = VSS_APP_FRONT_END};
    return ThawlineRegisterWriter(&info, &callbacks, NULL, &fixture.handle);
}

static void unmake_with_thawline_h(void)
{
    assert_hr(ThawlineUnregisterWriter(fixture.handle), S_OK);
    fixture.handle = NULL;
}

static HRESULT make_of_the_class(const struct says *says)
{
    struct test_impl *impl = fixture.object.object.impl;
    HRESULT hr = impl->vtbl->Initialize(impl, says->id, says->name, says->instance_name, 0, 0,
        (VSS_USAGE_TYPE)says->usage, VSS_ST_OTHER, VSS_APP_FRONT_END, 60000,
        VSS_AWS_NO_ALTERNATE_WRITER, false);
    return SUCCEEDED(hr) ? test_writer_subscribe(&fixture.object) : hr;
}

static void unmake_of_the_class(void)
{
    struct test_impl *impl = fixture.object.object.impl;
    impl->vtbl->Uninitialize(impl);
}

static HRESULT make_express(const struct says *says)
{
    IVssCreateExpressWriterMetadata *metadata = NULL;
    HRESULT hr = IVssExpressWriter_CreateMetadata(fixture.express, says->id, says->name,
        (VSS_USAGE_TYPE)says->usage, 0, 0, 0, &metadata);
    if (FAILED(hr))
        return hr;
    IVssCreateExpressWriterMetadata_Release(metadata);
    return IVssExpressWriter_Register(fixture.express);
}

static void unmake_express(void)
{
    assert_hr(IVssExpressWriter_Unregister(fixture.express, class_id), S_OK);
}

static const struct way
{
    const char *name;
    HRESULT (*make)(const struct says *says);
    void (*unmake)(void);
    bool express;
} ways[] = {
    {"ThawlineRegisterWriter", make_with_thawline_h, unmake_with_thawline_h, false},
    {"Initialize", make_of_the_class, unmake_of_the_class, false},
    {"CreateMetadata", make_express, unmake_express, true},
};

/* ---- Set up ---- */

static volatile LONG lines_logged;

static void CALLBACK count_lines(void *context, int level, const WCHAR *line)
{
    (void)context;
    (void)level;
    (void)line;
    InterlockedIncrement(&lines_logged);
}

static int set_up(void **state)
{
    (void)state;
    void *impl = NULL;
    memset(&fixture, 0, sizeof(fixture));
    fixture.live_blocks = ThawlineGetLiveBlocks();
    wmemset(longest, L'x', LONGEST);
    assert_hr(CreateVssExpressWriterInternal(&fixture.express), S_OK);
    test_writer_construct(&fixture.object, false);
    assert_hr(CreateWriter(&fixture.object, &impl), S_OK);
    fixture.object.object.impl = impl;
    /* Errors and warnings. */
    ThawlineSetLogSink(count_lines, NULL, 2);
    return 0;
}

/* What a failed test has left is not the next one's. */
static int tear_down(void **state)
{
    (void)state;
    ThawlineSetLogSink(NULL, NULL, 0);
    backup_release(&fixture.backup);
    IVssExpressWriter_Unregister(fixture.express, class_id);
    IVssExpressWriter_Release(fixture.express);
    test_writer_destruct(&fixture.object);
    if (fixture.handle)
        ThawlineUnregisterWriter(fixture.handle);
    LONG more = ThawlineGetLiveBlocks() - fixture.live_blocks;
    if (more)
        print_error("%ld blocks were not given back\n", more);
    return more ? -1 : 0;
}

/* ---- Refused ---- */

static void assert_refused(const struct way *way, const struct says *says, size_t row)
{
    LONG before = lines_logged;
    HRESULT hr = way->make(says);
    LONG sentences = lines_logged - before;
    if (hr != E_INVALIDARG || sentences != 1)
        fail_msg("%s, row %u: 0x%08lx and %ld sentences in the log", way->name, (unsigned)row,
            (unsigned long)hr, (long)sentences);
}

static const struct says good = {
    {0xabcdef12, 0x1111, 0x4111, {0xbe, 1, 2, 3, 4, 5, 6, 0xef}}, L"good", NULL, VSS_UT_USERDATA};

static void what_no_writer_may_say_is_refused_and_the_next_try_succeeds(void **state)
{
    (void)state;
    static const VSS_ID no_id;
    static const WCHAR *const bad_texts[] = {control, high, low, not_a_character};
    static const int bad_usages[] = {VSS_UT_UNDEFINED, 5, -1, 0x7FFFFFFF, (int)0x80000000};
    for (size_t w = 0; w < ARRAYSIZE(ways); w++)
    {
        const struct way *way = &ways[w];
        struct says says = good;
        says.id = no_id;
        assert_refused(way, &says, 0);
        says = good;
        says.name = NULL;
        assert_refused(way, &says, 1);
        for (size_t i = 0; i < ARRAYSIZE(bad_texts); i++)
        {
            says = good;
            says.name = bad_texts[i];
            assert_refused(way, &says, 10 + i);
            says = good;
            says.instance_name = bad_texts[i];
            if (!way->express)
                assert_refused(way, &says, 20 + i);
        }
        says = good;
        for (size_t i = 0; i < ARRAYSIZE(bad_usages); i++)
        {
            says.usage = bad_usages[i];
            assert_refused(way, &says, 30 + i);
        }
        says.usage = VSS_UT_OTHER;
        if (way->express)
            assert_refused(way, &says, 40);
        assert_hr(way->make(&good), S_OK);
        way->unmake();
    }
}

static void an_id_that_nobody_registered_is_not_found_and_nothing_is_lost(void **state)
{
    (void)state;
    static const VSS_ID no_id;
    assert_hr(make_express(&good), S_OK);
    assert_hr(IVssExpressWriter_Unregister(fixture.express, foreign_id), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssExpressWriter_Unregister(fixture.express, no_id), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssExpressWriter_Register(fixture.express), VSS_E_OBJECT_ALREADY_EXISTS);
    unmake_express();
}

/* ---- Odd, and passed on ---- */

/* Takes the text. */
static void assert_is(BSTR text, const WCHAR *expected, const char *what)
{
    size_t length = expected ? wcslen(expected) : 0;
    bool same = expected
        ? text && SysStringLen(text) == length && !wmemcmp(text, expected, length)
        : !text || !*text;
    SysFreeString(text);
    if (!same)
        fail_msg("%s is not what was said, %u units", what, (unsigned)length);
}

static void assert_identity(IVssExamineWriterMetadata *metadata, const struct says *says)
{
    IVssExamineWriterMetadataEx *extended = NULL;
    VSS_ID instance;
    VSS_ID id;
    BSTR name = NULL;
    BSTR instance_name = NULL;
    VSS_USAGE_TYPE usage;
    VSS_SOURCE_TYPE source;
    assert_hr(IVssExamineWriterMetadata_QueryInterface(
                  metadata, &IID_IVssExamineWriterMetadataEx, (void **)&extended),
        S_OK);
    assert_hr(extended->lpVtbl->GetIdentityEx(
                  extended, &instance, &id, &name, &instance_name, &usage, &source),
        S_OK);
    extended->lpVtbl->Release(extended);
    assert_true(IsEqualGUID(&id, &says->id));
    assert_int_equal(usage, says->usage);
    assert_is(name, says->name, "the name");
    assert_is(instance_name, says->instance_name, "the instance name");
}

/* The only writer's document, and the text of it, which the caller frees. */
static BSTR check_document(const struct says *says)
{
    IVssExamineWriterMetadata *metadata = NULL;
    VSS_ID instance;
    UINT count = 0;
    BSTR text = NULL;
    IVssBackupComponents *bc = fixture.backup.components;
    assert_hr(IVssBackupComponents_GetWriterMetadataCount(bc, &count), S_OK);
    assert_int_equal(count, 1);
    assert_hr(IVssBackupComponents_GetWriterMetadata(bc, 0, &instance, &metadata), S_OK);
    assert_identity(metadata, says);
    assert_hr(IVssExamineWriterMetadata_SaveAsXML(metadata, &text), S_OK);
    IVssExamineWriterMetadata_Release(metadata);
    assert_hr(CreateVssExamineWriterMetadataInternal(text, &metadata), S_OK);
    assert_identity(metadata, says);
    IVssExamineWriterMetadata_Release(metadata);
    return text;
}

static void check_status(const struct says *says)
{
    VSS_ID instance;
    VSS_ID id;
    BSTR name = NULL;
    VSS_WRITER_STATE stands;
    HRESULT failure;
    backup_gather_status(&fixture.backup);
    assert_hr(IVssBackupComponents_GetWriterStatus(
                  fixture.backup.components, 0, &instance, &id, &name, &stands, &failure),
        S_OK);
    assert_hr(failure, S_OK);
    assert_is(name, says->name, "the name in the status");
}

/* What a requestor saves of an express writer, another machine can load. */
static void check_loading(const BSTR text, const struct says *says)
{
    assert_hr(IVssExpressWriter_LoadMetadata(fixture.express, text, 0), S_OK);
    assert_hr(IVssExpressWriter_Register(fixture.express), S_OK);
    backup_begin(&fixture.backup, FALSE);
    SysFreeString(check_document(says));
    backup_release(&fixture.backup);
    unmake_express();
}

static void odd_names_reach_requestors_and_their_documents_unchanged(void **state)
{
    (void)state;
    for (size_t w = 0; w < ARRAYSIZE(ways); w++)
    {
        for (size_t i = 0; i < ARRAYSIZE(odd); i++)
        {
            struct says says = good;
            says.name = odd[i];
            says.instance_name = ways[w].express ? NULL : odd[i];
            print_message("%s, name %u\n", ways[w].name, (unsigned)i);
            assert_hr(ways[w].make(&says), S_OK);
            backup_begin(&fixture.backup, FALSE);
            BSTR text = check_document(&says);
            check_status(&says);
            backup_release(&fixture.backup);
            ways[w].unmake();
            if (ways[w].express)
                check_loading(text, &says);
            SysFreeString(text);
        }
    }
}

int main(void)
{
#define SCENARIO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCENARIO(what_no_writer_may_say_is_refused_and_the_next_try_succeeds),
        SCENARIO(an_id_that_nobody_registered_is_not_found_and_nothing_is_lost),
        SCENARIO(odd_names_reach_requestors_and_their_documents_unchanged),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * Faces on several threads: readers beside one that changes the document inside the scope, and
 * beside one that loads another document into the face.
 */
#include "document/document.h"
#include "unit/view/view_fixture.h"

#define READERS 4
#define ROUNDS 500
/* Enough readings for a race to show, and few enough for a busy machine. */
#define READINGS 400

struct shared
{
    struct view_scope *scope;
    struct component *model;
    void *face;
    BSTR documents[2];
    volatile LONG stop;
    volatile LONG torn; /* readings that were neither the one nor the other */
    volatile LONG reads;
};

/* Runs `reader` on READERS threads while `change(shared, i)` runs ROUNDS times here. */
static void run_beside(
    struct shared *shared, LPTHREAD_START_ROUTINE reader, void (*change)(struct shared *, int))
{
    HANDLE threads[READERS];
    for (int i = 0; i < READERS; i++)
    {
        threads[i] = CreateThread(NULL, 0, reader, shared, 0, NULL);
        assert_non_null(threads[i]);
    }
    for (int i = 0; i < ROUNDS; i++)
        change(shared, i);
    InterlockedExchange(&shared->stop, 1);
    assert_int_equal(WaitForMultipleObjects(READERS, threads, TRUE, 60000), WAIT_OBJECT_0);
    for (int i = 0; i < READERS; i++)
        CloseHandle(threads[i]);
    assert_int_equal(shared->torn, 0);
    assert_true(shared->reads >= READERS);
}

/* ---- A component ---- */

static bool is_uniform(const WCHAR *text)
{
    for (size_t i = 1; text && text[i]; i++)
        if (text[i] != text[0])
            return false;
    return true;
}

static DWORD WINAPI read_component(void *context)
{
    struct shared *shared = context;
    IVssComponentEx2 *face = shared->face;
    do
    {
        BSTR stamp = NULL;
        UINT count = 0;
        HRESULT hr = IVssComponentEx2_GetBackupStamp(face, &stamp);
        if (FAILED(hr) || !is_uniform(stamp) ||
            FAILED(IVssComponentEx2_GetPartialFileCount(face, &count)))
            InterlockedIncrement(&shared->torn);
        SysFreeString(stamp);
        InterlockedIncrement(&shared->reads);
    } while (!shared->stop);
    return 0;
}

static void change_component(struct shared *shared, int round)
{
    view_scope_enter(shared->scope);
    HRESULT hr = str16_assign(
        &shared->model->backup_stamp, round % 2 ? L"aaaaaaaaaaaaaaaa" : L"bbbb");
    if (SUCCEEDED(hr) && round % 100 == 0)
        hr = component_add_partial_file(shared->model, L"p", L"f", L"0:1", NULL);
    view_scope_leave(shared->scope);
    assert_hr(hr, S_OK);
}

static void readers_of_a_component_see_whole_values(void **state)
{
    (void)state;
    struct shared shared = {0};
    struct writer_components *writer = make_writer();
    IVssComponent *face = NULL;
    shared.scope = make_scope(EVENT_NONE, false);
    shared.model = vec_at(&writer->components, 0);
    assert_hr(view_component_create(writer, shared.model, shared.scope, &face), S_OK);
    shared.face = face;
    run_beside(&shared, read_component, change_component);
    IVssComponent_Release(face);
    view_scope_release(shared.scope);
    writer_components_release(writer);
}

/* ---- A writer that writes while its event is closed ---- */

static DWORD WINAPI write_component(void *context)
{
    struct shared *shared = context;
    IVssComponentEx2 *face = shared->face;
    bool closed = false;
    do
    {
        HRESULT hr = IVssComponentEx2_SetBackupStamp(face, L"stamp");
        /* Once closed, for ever closed. */
        if (hr == VSS_E_BAD_STATE)
            closed = true;
        else if (hr != S_OK || closed)
            InterlockedIncrement(&shared->torn);
        InterlockedIncrement(&shared->reads);
    } while (!shared->stop);
    return 0;
}

/* Before the first round and after the last one everybody has written for a while. */
static void close_scope(struct shared *shared, int round)
{
    if (round != 0 && round != ROUNDS - 1)
        return;
    LONG start = shared->reads;
    while (shared->reads - start < READINGS)
        Sleep(1);
    if (round == 0)
        view_scope_close(shared->scope);
}

static void a_closed_scope_stays_closed_for_all_threads(void **state)
{
    (void)state;
    struct shared shared = {0};
    struct writer_components *writer = make_writer();
    IVssComponent *face = NULL;
    shared.scope = make_scope(EVENT_PREPARE_BACKUP, false);
    assert_hr(
        view_component_create(writer, vec_at(&writer->components, 0), shared.scope, &face), S_OK);
    shared.face = face;
    run_beside(&shared, write_component, close_scope);
    assert_hr(IVssComponent_SetBackupStamp(face, L"late"), VSS_E_BAD_STATE);
    IVssComponent_Release(face);
    view_scope_release(shared.scope);
    writer_components_release(writer);
}

/* ---- A document that is replaced ---- */

static DWORD WINAPI read_document(void *context)
{
    struct shared *shared = context;
    IVssExamineWriterMetadataEx2 *document = shared->face;
    do
    {
        VSS_ID id;
        BSTR name = NULL;
        VSS_USAGE_TYPE usage = VSS_UT_UNDEFINED;
        VSS_SOURCE_TYPE source;
        HRESULT hr = IVssExamineWriterMetadataEx2_GetIdentity(
            document, &id, &id, &name, &usage, &source);
        bool first = str16_equal(name, L"one") && usage == VSS_UT_USERDATA;
        bool second = str16_equal(name, L"two") && usage == VSS_UT_OTHER;
        if (FAILED(hr) || (!first && !second))
            InterlockedIncrement(&shared->torn);
        SysFreeString(name);
        InterlockedIncrement(&shared->reads);
    } while (!shared->stop);
    return 0;
}

static void load_document(struct shared *shared, int round)
{
    IVssExamineWriterMetadataEx2 *document = shared->face;
    assert_hr(
        IVssExamineWriterMetadataEx2_LoadFromXML(document, shared->documents[round % 2]), S_OK);
}

static IVssExamineWriterMetadataEx2 *make_document(
    const WCHAR *name, VSS_USAGE_TYPE usage, BSTR *xml)
{
    struct writer_metadata *metadata = writer_metadata_create();
    IVssExamineWriterMetadataEx2 *face = NULL;
    assert_hr(str16_assign(&metadata->writer_name, name), S_OK);
    metadata->usage = (DWORD)usage;
    metadata->source = VSS_ST_OTHER;
    assert_hr(view_examine_create(metadata, &face), S_OK);
    writer_metadata_release(metadata);
    assert_hr(IVssExamineWriterMetadataEx2_SaveAsXML(face, xml), S_OK);
    return face;
}

static void readers_of_a_document_see_the_one_or_the_other(void **state)
{
    (void)state;
    struct shared shared = {0};
    IVssExamineWriterMetadataEx2 *one = make_document(
        L"one", VSS_UT_USERDATA, &shared.documents[0]);
    IVssExamineWriterMetadataEx2 *two = make_document(L"two", VSS_UT_OTHER, &shared.documents[1]);
    shared.face = one;
    run_beside(&shared, read_document, load_document);
    SysFreeString(shared.documents[0]);
    SysFreeString(shared.documents[1]);
    IVssExamineWriterMetadataEx2_Release(one);
    IVssExamineWriterMetadataEx2_Release(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VIEW_TEST(readers_of_a_component_see_whole_values),
        VIEW_TEST(a_closed_scope_stays_closed_for_all_threads),
        VIEW_TEST(readers_of_a_document_see_the_one_or_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

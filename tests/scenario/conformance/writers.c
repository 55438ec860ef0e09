/* SPDX-License-Identifier: MIT
 *
 * Statements 20 to 28: which writers there are, their selection and their status (requestor 2.3,
 * 2.5).
 */
#include "conformance.h"

static void who_fails_identify_is_in_no_list(struct fixture *fixture)
{
    start_other(fixture);
    fixture->other.at[SLOT_ON_IDENTIFY].answer = TEST_WRITER_NO;
    begin(fixture, true);
    gather_status(fixture);
    assert_int_equal(metadata_count(fixture), 1);
    assert_int_equal(status_count(fixture), 1);
    assert_hr(standing_of(fixture, &writer_id).failure, S_OK);
}

static VSS_ID status_instance(struct fixture *fixture, UINT index)
{
    VSS_ID instance;
    VSS_ID class_id;
    BSTR name = NULL;
    VSS_WRITER_STATE state;
    HRESULT failure;
    assert_hr(
        call(fixture->bc, GetWriterStatus, index, &instance, &class_id, &name, &state, &failure),
        S_OK);
    SysFreeString(name);
    return instance;
}

static void metadata_and_status_line_up(struct fixture *fixture)
{
    start_other(fixture);
    begin(fixture, true);
    gather_status(fixture);
    UINT count = metadata_count(fixture);
    assert_int_equal(count, 2);
    assert_int_equal(status_count(fixture), count);
    for (UINT i = 0; i < count && judge_ours; i++)
    {
        IVssExamineWriterMetadata *metadata = NULL;
        VSS_ID instance;
        assert_hr(call(fixture->bc, GetWriterMetadata, i, &instance, &metadata), S_OK);
        IVssExamineWriterMetadata_Release(metadata);
        VSS_ID other = status_instance(fixture, i);
        assert_memory_equal(&other, &instance, sizeof(instance));
    }
}

static void a_second_gather_refreshes_the_status(struct fixture *fixture)
{
    to_prepared(fixture);
    gather_status(fixture);
    assert_int_equal(standing_of(fixture, &writer_id).state, VSS_WS_STABLE);
    do_set(fixture);
    gather_status(fixture); /* without FreeWriterStatus */
    assert_int_equal(standing_of(fixture, &writer_id).state, VSS_WS_WAITING_FOR_BACKUP_COMPLETE);
    complete(fixture);
    gather_status(fixture);
    assert_int_equal(standing_of(fixture, &writer_id).state, VSS_WS_STABLE);
}

static void a_failed_writer_is_told_with_s_ok(struct fixture *fixture)
{
    to_prepared(fixture);
    fixture->writer.at[SLOT_ON_POST_SNAPSHOT].failure = VSS_E_WRITERERROR_RETRYABLE;
    fixture->writer.at[SLOT_ON_POST_SNAPSHOT].answer = TEST_WRITER_NO;
    do_set(fixture);
    gather_status(fixture);
    /* standing_of() asserts the S_OK. */
    struct standing standing = standing_of(fixture, &writer_id);
    assert_hr(standing.failure, VSS_E_WRITERERROR_RETRYABLE);
    assert_int_equal(standing.state, VSS_WS_FAILED_AT_POST_SNAPSHOT);
}

static void a_veto_of_preparation_is_a_status(struct fixture *fixture)
{
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    start_set(fixture);
    fixture->writer.at[SLOT_ON_PREPARE_BACKUP].answer = TEST_WRITER_NO;
    prepare(fixture); /* FINISHED */
    gather_status(fixture);
    assert_int_equal(standing_of(fixture, &writer_id).state, 7);
}

static void the_longer_status_has_optional_results(struct fixture *fixture)
{
    VSS_ID id;
    VSS_ID class_id;
    BSTR name = NULL;
    BSTR message = NULL;
    VSS_WRITER_STATE state;
    HRESULT failure;
    HRESULT application = E_UNEXPECTED;
    IVssBackupComponentsEx4 *bc;
    begin(fixture, true);
    gather_status(fixture);
    bc = fixture->bc;
    assert_hr(
        call(bc, GetWriterStatusEx, 0, &id, &class_id, &name, &state, &failure, NULL, NULL), S_OK);
    SysFreeString(name);
    assert_hr(call(bc, GetWriterStatusEx, 0, &id, &class_id, &name, &state, &failure, &application,
                  &message),
        S_OK);
    assert_hr(application, S_OK);
    assert_null(message);
    SysFreeString(name);
    assert_hr(call(bc, GetWriterStatusEx, 0, NULL, &class_id, &name, &state, &failure, NULL, NULL),
        E_INVALIDARG);
    assert_hr(call(bc, GetWriterStatusEx, 0, &id, NULL, &name, &state, &failure, NULL, NULL),
        E_INVALIDARG);
    assert_hr(call(bc, GetWriterStatusEx, 0, &id, &class_id, NULL, &state, &failure, NULL, NULL),
        E_INVALIDARG);
    assert_hr(call(bc, GetWriterStatusEx, 0, &id, &class_id, &name, NULL, &failure, NULL, NULL),
        E_INVALIDARG);
}

static bool is_there(struct fixture *fixture, const VSS_ID *class_id)
{
    for (UINT i = metadata_count(fixture); i-- > 0;)
    {
        IVssExamineWriterMetadata *metadata = NULL;
        VSS_ID instance;
        VSS_ID found;
        BSTR name = NULL;
        VSS_USAGE_TYPE usage;
        VSS_SOURCE_TYPE source;
        assert_hr(call(fixture->bc, GetWriterMetadata, i, &instance, &metadata), S_OK);
        assert_hr(IVssExamineWriterMetadata_GetIdentity(
                      metadata, &instance, &found, &name, &usage, &source),
            S_OK);
        SysFreeString(name);
        IVssExamineWriterMetadata_Release(metadata);
        if (IsEqualGUID(&found, class_id))
            return true;
    }
    return false;
}

struct choice
{
    bool enable;
    const VSS_ID *class_id;
};

static void choose(
    struct fixture *fixture, const struct choice *choices, size_t count, bool writer, bool other)
{
    IVssAsync *async = NULL;
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    for (size_t i = 0; i < count; i++)
    {
        HRESULT hr = choices[i].enable
            ? call(fixture->bc, EnableWriterClasses, choices[i].class_id, 1)
            : call(fixture->bc, DisableWriterClasses, choices[i].class_id, 1);
        assert_hr(hr, S_OK);
    }
    assert_done(call(fixture->bc, GatherWriterMetadata, &async));
    assert_int_equal(is_there(fixture, &writer_id), writer);
    assert_int_equal(is_there(fixture, &other_id), other);
    release(fixture);
}

static void classes_are_enabled_and_disabled_in_order(struct fixture *fixture)
{
    static const struct choice none[] = {{false, &writer_id}};
    static const struct choice first[] = {{false, &writer_id}, {true, &writer_id}};
    static const struct choice both[] = {{true, &writer_id}, {true, &other_id}};
    static const struct choice less[] = {
        {true, &writer_id}, {true, &other_id}, {false, &writer_id}};
    static const struct choice foreign[] = {{true, &foreign_id}};
    start_other(fixture);
    choose(fixture, none, 0, true, true);
    choose(fixture, none, 1, false, true);
    choose(fixture, first, 2, true, false);
    choose(fixture, both, 2, true, true);
    choose(fixture, less, 3, false, true);
    choose(fixture, foreign, 1, false, false);
}

static void after_the_gather_a_choice_changes_nothing(struct fixture *fixture)
{
    start_other(fixture);
    begin(fixture, false);
    assert_hr(call(fixture->bc, DisableWriterClasses, &writer_id, 1), S_OK);
    assert_hr(call(fixture->bc, EnableWriterClasses, &other_id, 1), S_OK);
    start_set(fixture);
    prepare(fixture);
    assert_int_equal(fixture->writer.count[SLOT_ON_PREPARE_BACKUP], 1);
    assert_int_equal(fixture->other.count[SLOT_ON_PREPARE_BACKUP], 1);
}

static void one_instance_of_two_is_disabled(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    start_writer(&fixture->third, writer_id, VSS_APP_FRONT_END, 60000);
    begin(fixture, false);
    gather_status(fixture);
    assert_int_equal(metadata_count(fixture), 2);
    VSS_ID off = status_instance(fixture, 0);
    VSS_ID on = status_instance(fixture, 1);
    release(fixture);
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    assert_hr(call(fixture->bc, EnableWriterClasses, &writer_id, 1), S_OK);
    assert_hr(call(fixture->bc, DisableWriterInstances, &off, 1), S_OK);
    assert_done(call(fixture->bc, GatherWriterMetadata, &async));
    gather_status(fixture);
    assert_int_equal(metadata_count(fixture), 1);
    assert_int_equal(status_count(fixture), 1);
    VSS_ID left = status_instance(fixture, 0);
    assert_memory_equal(&left, &on, sizeof(on));
}

const struct conformance_test writers_tests[] = {
    STATEMENT(020, who_fails_identify_is_in_no_list, ANYONE),
    STATEMENT(021, metadata_and_status_line_up, ANYONE),
    STATEMENT(022, a_second_gather_refreshes_the_status, ANYONE),
    STATEMENT(023, a_failed_writer_is_told_with_s_ok, ANYONE),
    STATEMENT(024, a_veto_of_preparation_is_a_status, OURS),
    STATEMENT(025, the_longer_status_has_optional_results, ANYONE),
    STATEMENT(026, classes_are_enabled_and_disabled_in_order, ANYONE),
    STATEMENT(027, after_the_gather_a_choice_changes_nothing, ANYONE),
    STATEMENT(028, one_instance_of_two_is_disabled, ANYONE),
};
THEME_TABLE(writers);

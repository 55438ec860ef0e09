/* SPDX-License-Identifier: MIT
 *
 * The catalog and several processes: one holds, another looks; one is killed, another clears away.
 */
#include "catalog_fixture.h"

#include "unit/os/child.h"

#define EXIT_KILLED 9
#define MANY_SETS 20

/* ---- roles of the second process ---- */

static int hold_creation(void)
{
    struct catalog_creation *creation = NULL;
    if (catalog_creation_take(&creation) != S_OK)
        return 1;
    child_say("taken");
    Sleep(INFINITE);
    return 0;
}

static int print_id(const GUID *id)
{
    WCHAR text[GUID_TEXT_LENGTH + 1];
    char line[GUID_TEXT_LENGTH + 1];
    guid_to_text(id, text);
    for (int i = 0; i <= GUID_TEXT_LENGTH; i++)
        line[i] = (char)text[i];
    child_say(line);
    return 0;
}

/* Says the id of the snapshot of an auto-release set and keeps it. */
static int hold_set(void)
{
    struct catalog_hold *hold;
    struct snapshot_set *set = committed_set(VSS_CTX_BACKUP, &hold);
    print_id(member_id(set, 0));
    Sleep(INFINITE);
    return 0;
}

static int make_set_and_leave(void)
{
    struct catalog_hold *hold;
    struct snapshot_set *set = committed_set(VSS_CTX_APP_ROLLBACK, &hold);
    return print_id(member_id(set, 0));
}

/* Makes and deletes sets while others do the same. */
static int make_many_sets(void)
{
    for (int i = 0; i < MANY_SETS; i++)
    {
        struct catalog_hold *hold;
        struct vec sets = {0};
        struct snapshot_set *set = committed_set(VSS_CTX_APP_ROLLBACK, &hold);
        if (catalog_list(&sets) != S_OK)
            return 1;
        free_sets(&sets);
        if (catalog_delete_snapshot(member_id(set, 0), false) != S_OK)
            return 2;
        snapshot_set_release(set);
    }
    return 0;
}

struct role
{
    const char *name;
    int (*play)(void);
};

static const struct role roles[] = {
    {"hold-creation", hold_creation},
    {"hold-set", hold_set},
    {"make-set", make_set_and_leave},
    {"make-many", make_many_sets},
};

/* ---- tests ---- */

static void kill_child(struct child *child)
{
    char rest[8];
    assert_true(TerminateProcess(child->process, EXIT_KILLED));
    assert_int_equal(child_finish(child, rest, sizeof(rest)), EXIT_KILLED);
}

static GUID read_id(struct child *child)
{
    char line[GUID_TEXT_LENGTH + 2];
    WCHAR text[GUID_TEXT_LENGTH + 2] = {0};
    GUID id;
    child_read_line(child, line, sizeof(line));
    for (int i = 0; line[i]; i++)
        text[i] = (WCHAR)line[i];
    assert_true(guid_from_text(text, &id));
    return id;
}

static void the_creation_lock_is_one_for_all_and_dies_with_its_process(void **state)
{
    (void)state;
    char line[16];
    struct catalog_creation *creation = NULL;
    struct child child = child_start(NULL, "hold-creation", NULL);
    child_read_line(&child, line, sizeof(line));
    assert_string_equal(line, "taken");
    assert_int_equal(catalog_creation_take(&creation), VSS_E_SNAPSHOT_SET_IN_PROGRESS);
    kill_child(&child);
    assert_int_equal(catalog_creation_take(&creation), S_OK);
    catalog_creation_drop(creation);
}

static void a_set_lives_as_long_as_the_process_that_made_it(void **state)
{
    (void)state;
    struct snapshot_set *found = NULL;
    struct child child = child_start(NULL, "hold-set", NULL);
    GUID id = read_id(&child);
    assert_int_equal(catalog_collect(), S_OK);
    assert_int_equal(catalog_find_snapshot(&id, &found), S_OK);
    kill_child(&child);
    assert_int_equal(count_sets(), 0);
    assert_int_equal(count_files(), 0);
    snapshot_set_release(found);
}

static void a_set_that_stays_outlives_its_process(void **state)
{
    (void)state;
    char rest[8];
    struct child child = child_start(NULL, "make-set", NULL);
    GUID id = read_id(&child);
    assert_int_equal(child_finish(&child, rest, sizeof(rest)), 0);
    assert_int_equal(count_sets(), 1);
    assert_int_equal(catalog_delete_snapshot(&id, false), S_OK);
    assert_int_equal(count_files(), 0);
}

static void another_process_may_delete_what_one_holds(void **state)
{
    (void)state;
    struct child child = child_start(NULL, "hold-set", NULL);
    GUID id = read_id(&child);
    assert_int_equal(catalog_delete_snapshot(&id, false), S_OK);
    assert_int_equal(count_sets(), 0);
    kill_child(&child);
    assert_int_equal(catalog_collect(), S_OK);
    assert_int_equal(count_files(), 0);
}

static void processes_that_work_side_by_side_do_not_disturb_each_other(void **state)
{
    (void)state;
    char rest[8];
    struct child children[3];
    for (int i = 0; i < 3; i++)
        children[i] = child_start(NULL, "make-many", NULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(child_finish(&children[i], rest, sizeof(rest)), 0);
    assert_int_equal(count_files(), 0);
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof(roles) / sizeof(*roles); i++)
        if (strcmp(argv[1], roles[i].name) == 0)
            return roles[i].play();
    const struct CMUnitTest tests[] = {
        catalog_test(the_creation_lock_is_one_for_all_and_dies_with_its_process),
        catalog_test(a_set_lives_as_long_as_the_process_that_made_it),
        catalog_test(a_set_that_stays_outlives_its_process),
        catalog_test(another_process_may_delete_what_one_holds),
        catalog_test(processes_that_work_side_by_side_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * What the files of the conformance suite share: a test's row, its fixture, and the steps of a
 * backup and a restore through the public API. Everything here and in the suite is written against
 * the public headers and the contract alone, so that the program runs on any vssapi.dll.
 *
 * A step fails its test when it does not answer as it must. Test thread only, but for the handlers
 * of writers, which run on threads of the DLL and only record.
 */
#ifndef THAWLINE_TESTS_CONFORMANCE_H
#define THAWLINE_TESTS_CONFORMANCE_H

#include <cmocka.h>

#include <stdbool.h>

#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "support/test_writer.h"

/* Exports that mingw-w64's headers leave out. */
HRESULT WINAPI CreateWriter(void *writer, void **impl);
HRESULT WINAPI CreateWriterEx(void *writer, void **impl);

#define STATEMENTS 100

/* Whom a row's expectation binds: everyone, or Thawline alone ([P] and [C] of the contract). */
enum binding
{
    ANYONE,
    OURS
};

struct fixture
{
    const struct conformance_test *test;
    IVssBackupComponentsEx4 *bc;
    IVssAsync *pending;
    struct test_writer writer; /* of class `writer_id`, started */
    struct test_writer other;  /* of class `other_id`: start_other() */
    struct test_writer third;  /* started by the tests that need it */
    VSS_ID instance;           /* the writer's, after a gather */
    VSS_ID set_id;
    VSS_ID snapshot_id;
    HANDLE entered; /* for a step of a writer: the handler is there */
    HANDLE go;      /* and what it waits for */
    HANDLE aborted; /* for a writer's Abort */
};

/* A row of a theme's table. `statement`: its number in the checklist of the contract, 0: none. */
struct conformance_test
{
    int statement;
    enum binding binding;
    const char *name;
    void (*run)(struct fixture *fixture);
};

#define STATEMENT(number, what, binding)                                                           \
    {                                                                                              \
        1##number - 1000, binding, "s" #number "_" #what, what                                     \
    }
#define OTHER(what, binding)                                                                       \
    {                                                                                              \
        0, binding, #what, what                                                                    \
    }

#define THEME(theme)                                                                               \
    extern const struct conformance_test theme##_tests[];                                          \
    extern const size_t theme##_tests_count
#define THEME_TABLE(theme)                                                                         \
    const size_t theme##_tests_count = sizeof(theme##_tests) / sizeof(*theme##_tests)

THEME(matrix);
THEME(binary);
THEME(beginning);
THEME(writers);
THEME(events);
THEME(components);
THEME(snapshot_set);
THEME(snapshots);
THEME(exposure);
THEME(async);
THEME(restore);
THEME(metadata);
THEME(bad_input);
THEME(bad_arguments);

/* False with --system: what is our own choice is then not asserted. */
extern bool judge_ours;
/* Rows of the method table that the matrix has seen in every phase. */
extern unsigned matrix_rows_seen;

/* ---- HRESULTs ---- */

const char *code_name(HRESULT hr);
#define assert_hr(actual, expected) check_hr((actual), (expected), #actual, __FILE__, __LINE__)
void check_hr(HRESULT actual, HRESULT expected, const char *text, const char *file, int line);
bool is_text(BSTR actual, const WCHAR *expected); /* frees `actual` */

/* ---- the cast ---- */

extern const VSS_ID writer_id;
extern const VSS_ID other_id;
extern const VSS_ID foreign_id; /* of nothing at all */
/* A volume that does not exist, in a form that is well-formed; for VSS_PWSZ parameters. */
extern WCHAR no_volume[];
extern WCHAR c_drive[];

/* What the fixture's writers say in Identify: file groups "group\data0", "group\data1", "root",
   "root\child" (not selectable for backup, but for restore) and the database "bases\base". The
   first has the file set C:\app *.dat with everything below. */
void identify(struct test_writer *writer, void *metadata);
void start_other(struct fixture *fixture);
/* Starts one of any class and level; `window`: milliseconds from Freeze to Thaw. */
void start_writer(struct test_writer *writer, VSS_ID id, VSS_APPLICATION_LEVEL level, DWORD window);
void forget_events(struct test_writer *writer);
/* Makes the handler announce itself in fixture->entered and wait for fixture->go. */
void hold(struct fixture *fixture, enum test_writer_slot slot);
/* The events that came, in order of their last time, without Identify; static buffer. */
const char *events_of(const struct test_writer *writer);

/* ---- asynchronous operations ---- */

HRESULT status_of(IVssAsync *async);
HRESULT await(IVssAsync *async); /* waits, releases, and says how it ended */
#define assert_done(call) assert_done_at((call), &async, #call, __FILE__, __LINE__)
/* The call was S_OK, its operation FINISHED. */
void assert_done_at(
    HRESULT called, IVssAsync **async, const char *text, const char *file, int line);

/* ---- a backup ---- */

#define call(bc, method, ...) (bc)->lpVtbl->method((bc), ##__VA_ARGS__)

IVssBackupComponentsEx4 *new_object(void);
void create(struct fixture *fixture);  /* fixture->bc, not initialised */
void release(struct fixture *fixture); /* accepts one that is not there */
void gather(struct fixture *fixture);  /* metadata, of our two classes only */
void gather_status(struct fixture *fixture);
/* create .. SetBackupState, gather */
void begin(struct fixture *fixture, bool component_mode);
void add(struct fixture *fixture, const WCHAR *path, const WCHAR *name);
void start_set(struct fixture *fixture); /* with C: in it */
void prepare(struct fixture *fixture);
void do_set(struct fixture *fixture);
void complete(struct fixture *fixture);
void to_prepared(struct fixture *fixture); /* begin in component mode with data0 .. prepare */
void to_done(struct fixture *fixture);
BSTR save(struct fixture *fixture);
/* DoSnapshotSet is running: its writer is inside Freeze. fixture->pending is the operation. */
void start_frozen(struct fixture *fixture);

/* Starts this program again as a requestor that dies at a point of its backup, and waits for its
   death. `when`: DIES_STARTED or DIES_DONE; main hands it to be_dying_requestor(). */
#define DIES_STARTED "--die-when-started"
#define DIES_DONE "--die-when-done"
void let_requestor_die(const char *when);
void be_dying_requestor(const char *when);

/* Makes a step of the next set fail: with the fault injection of Thawline, found at run time so
   that the program starts with any DLL. For tests that bind Thawline alone. */
void fail_step(const WCHAR *step, HRESULT hr);

/* How one writer stands in the list of the latest gather_status(). */
struct standing
{
    VSS_WRITER_STATE state;
    HRESULT failure;
};
struct standing standing_of(struct fixture *fixture, const VSS_ID *class_id);
UINT status_count(struct fixture *fixture);
UINT metadata_count(struct fixture *fixture);
IVssExamineWriterMetadata *metadata_of(struct fixture *fixture, const VSS_ID *class_id);

/* ---- what a session shows ---- */

/* The first writer in the document and its component `name`; release it. The object has IUnknown
   behind its second word. */
IVssWriterComponents *components_of(struct fixture *fixture, UINT index);
void release_components(IVssWriterComponents *components);
IVssComponent *component_of(struct fixture *fixture, const WCHAR *name);

/* ---- a restore ---- */

/* Backs the components "group\data0" and "root" up and gives the saved document. */
BSTR make_document(struct fixture *fixture);
/* create .. InitializeForRestore with such a document; the object is fresh, no writer asked. */
void begin_restore(struct fixture *fixture);
HRESULT select_for_restore(struct fixture *fixture, const WCHAR *path, const WCHAR *name);
void pre_restore(struct fixture *fixture);
void post_restore(struct fixture *fixture);

#endif

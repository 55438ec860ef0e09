/* SPDX-License-Identifier: MIT
 *
 * Every method at every station of an object's life, against the method table of the contract
 * (requestor 1.7 with its notes, 1.1 item 8 for what is legal while an operation runs).
 */
#include "matrix.h"

#include <string.h>

unsigned matrix_rows_seen;

/* Where an object can stand: the phases of requestor 1.4, some of them more than once, with what
   the notes of the table ask for. In the order of the table's letters. */
enum station
{
    NEW,
    BK,       /* InitializeForBackup and nothing else */
    META,     /* .. SetBackupState for components, metadata and status gathered, data0 added */
    FREED,    /* .. metadata and status freed again */
    SET,      /* META, StartSnapshotSet, one volume */
    PREP,     /* .. PrepareForBackup */
    DOING,    /* .. DoSnapshotSet is running, its writer inside Freeze */
    DONE,     /* .. finished */
    FAILED,   /* .. or cancelled */
    COMPLETE, /* DONE, BackupComplete */
    ABORTED,  /* PREP, AbortBackup */
    NW_BK,    /* VSS_CTX_FILE_SHARE_BACKUP, SetBackupState, nobody asked */
    NW_SET,   /* .. StartSnapshotSet, one volume */
    NW_DONE,  /* .. DoSnapshotSet */
    ALL,      /* VSS_CTX_ALL */
    LOADED,   /* InitializeForBackup with a saved document */
    BARE,     /* BK, SetBackupState, StartSnapshotSet: no metadata */
    RS,       /* InitializeForRestore and nothing else */
    READY,    /* .. metadata and status gathered, data0 and root selected */
    PRE,      /* .. PreRestore */
    POST,     /* .. PostRestore */
    STATIONS
};

static const char *const station_names[STATIONS] = {"NEW", "BK", "BK with metadata",
    "BK with metadata freed", "SET", "PREP", "DOING", "DONE", "FAILED", "COMPLETE", "ABORTED",
    "BK without writers", "SET without writers", "DONE without writers", "BK with VSS_CTX_ALL",
    "BK with a document", "SET without metadata", "RS", "RS with metadata", "PRE", "POST"};

/* What a cell expects:
 *   B  VSS_E_BAD_STATE               b  the same, our own choice
 *   o  S_OK                          p  the same, our own choice
 *   n  VSS_E_OBJECT_NOT_FOUND: legal, and what the call names is not there
 *   i  E_NOTIMPL for ever, our own choice
 *   ?  legal, the answer left open: not VSS_E_BAD_STATE
 *   ~  the contract is silent: S_OK, VSS_E_OBJECT_NOT_FOUND or VSS_E_BAD_STATE
 *
 * One letter a station: NEW, three before the set, seven from SET to ABORTED, three without
 * writers, ALL, LOADED and BARE, four of a restore. `moves`: what is legal changes the phase or
 * what is held, so each cell takes a new object. */
static const struct
{
    const char *cells;
    bool moves;
} table[MATRIX_ROWS + 1] = {
    /* GetWriterComponentsCount */ [1] = {"B ooo oo~oooo ooo ooo oooo", false},
    /* GetWriterComponents */[2] = {"B noo oo~oooo nnn npn oooo", false},
    /* InitializeForBackup */[3] = {"o BBB BBBBBBB BBB BBB BBBB", true},
    /* SetBackupState */[4] = {"B ooo obbbbbb oob ooo oobb", true},
    /* InitializeForRestore */[5] = {"o BBB BBBBBBB BBB BBB BBBB", true},
    /* SetRestoreState */[6] = {"B BBB BBBBBBB BBB BBB ooBB", true},
    /* GatherWriterMetadata */[7] = {"B obb bBBBBBB ooB ooo obBB", true},
    /* GetWriterMetadataCount */[8] = {"B BoB oo~oooo BBB BBB Booo", false},
    /* GetWriterMetadata */[9] = {"B BoB oo~oooo BBB BBB Booo", false},
    /* FreeWriterMetadata */[10] = {"B Bop oo~oooo BBB BBB Booo", true},
    /* AddComponent */[11] = {"B Bop obbbbbb bbb BBB BBBB", true},
    /* PrepareForBackup */[12] = {"B BBB obbBBBB bbb BBB BBBB", true},
    /* AbortBackup */[13] = {"B ooo ooooooo ooo ooo oooo", true},
    /* GatherWriterStatus */[14] = {"B poo ooboooo ppp ppp oooo", true},
    /* GetWriterStatusCount */[15] = {"B BoB oo~oooo BBB BBB Booo", false},
    /* FreeWriterStatus */[16] = {"B pop oo~oooo ppp ppp pooo", true},
    /* GetWriterStatus */[17] = {"B BoB oo~oooo BBB BBB Booo", false},
    /* SetBackupSucceeded */[18] = {"B BBB BobobbB BBn BBB BBBB", true},
    /* SetBackupOptions */[19] = {"B noo oBBBBBB nnB npn BBBB", true},
    /* SetSelectedForRestore */[20] = {"B BBB BBBBBBB BBB BBB noBB", true},
    /* SetRestoreOptions */[21] = {"B BBB BBBBBBB BBB BBB ooBB", true},
    /* SetAdditionalRestores */[22] = {"B BBB BBBBBBB BBB BBB oopB", true},
    /* SetPreviousBackupStamp */[23] = {"B noo oBBBBBB nnB npn BBBB", true},
    /* SaveAsXML */[24] = {"B ppp po~opop ppo ppp pppp", false},
    /* BackupComplete */[25] = {"B BBB BpbobbB BBb BBB BBBB", true},
    /* AddAlternativeLocationMapping */[26] = {"B BBB BBBBBBB BBB BBB ppoB", true},
    /* AddRestoreSubcomponent */[27] = {"B BBB BBBBBBB BBB BBB boBB", true},
    /* SetFileRestoreStatus */[28] = {"B BBB BBBBBBB BBB BBB BBoB", true},
    /* AddNewTarget: RS, which metadata may name the file set is open */
    [29] = {"B BBB BBBBBBB BBB BBB ?opB", true},
    /* SetRangesFilePath */[30] = {"B BBB BBBBBBB BBB BBB oooB", true},
    /* PreRestore */[31] = {"B BBB BBBBBBB BBB BBB ooBB", true},
    /* PostRestore */[32] = {"B BBB BBBBBBB BBB BBB BBoB", true},
    /* SetContext */[33] = {"B ooo BBBBBBB BBB BoB BBBB", true},
    /* StartSnapshotSet */[34] = {"B ooo bbbbbbb obb bob BBBB", true},
    /* AddToSnapshotSet */[35] = {"B BBB nnBBBBB BnB BBn BBBB", false},
    /* DoSnapshotSet */[36] = {"B BBB boBBBBB BoB BBB BBBB", true},
    /* DeleteSnapshots */[37] = {"b nnn nn~nnnn nnn nnn nnnn", false},
    /* ImportSnapshots */[38] = {"B BBB BBBBBBB BBB BoB BBBB", true},
    /* BreakSnapshotSet */[39] = {"b nnn nn~nnnn nnn nnn bbbb", false},
    /* GetSnapshotProperties */[40] = {"B nnn nnnnnnn nnn nnn BBBB", false},
    /* Query */[41] = {"B ooo ooooooo ooo ooo BBBB", false},
    /* IsVolumeSupported */[42] = {"B ooo ooooooo ooo ooo BBBB", false},
    /* DisableWriterClasses */[43] = {"B ooo oo~oooo ooo ooo oooo", true},
    /* EnableWriterClasses */[44] = {"B ooo oo~oooo ooo ooo oooo", true},
    /* DisableWriterInstances */[45] = {"B ooo oo~oooo ooo ooo oooo", true},
    /* ExposeSnapshot */[46] = {"B nnn nn~nnnn nnn nnn BBBB", false},
    /* RevertToSnapshot */[47] = {"b nnn nn~nnnn nnn nnn bbbb", false},
    /* QueryRevertStatus */[48] = {"b nnn nn~nnnn nnn nnn bbbb", false},
    /* GetWriterMetadataEx */[49] = {"B BoB oo~oooo BBB BBB Booo", false},
    /* SetSelectedForRestoreEx */[50] = {"B BBB BBBBBBB BBB BBB noBB", true},
    /* UnexposeSnapshot */[51] = {"B nnn nn~nnnn nnn nnn BBBB", false},
    /* SetAuthoritativeRestore */[52] = {"B BBB BBBBBBB BBB BBB ooBB", true},
    /* SetRollForward */[53] = {"B BBB BBBBBBB BBB BBB ooBB", true},
    /* SetRestoreName */[54] = {"B BBB BBBBBBB BBB BBB ooBB", true},
    /* BreakSnapshotSetEx */[55] = {"b nnn nn~nnnn nnn nnn bbbb", false},
    /* PreFastRecovery */[56] = {"i iii iiiiiii iii iii iiii", false},
    /* FastRecovery */[57] = {"i iii iiiiiii iii iii iiii", false},
    /* GetWriterStatusEx */[58] = {"B BoB oo~oooo BBB BBB Booo", false},
    /* AddSnapshotToRecoverySet: no hardware provider here (requestor 2.10) */
    [59] = {"B BBB BBBBBBB BBB BBB BBBB", false},
    /* RecoverSet: and so nothing to recover */[60] = {"B BBB BBBBBBB BBB BBB BBBB", false},
    /* GetSessionId */[61] = {"b ooo ooooooo ooo ooo oooo", false},
    /* GetRootAndLogicalPrefixPaths */[62] = {"o ooo ooooooo ooo ooo oooo", false},
    /* QueryInterface, AddRef */[63] = {"o ooo ooooooo ooo ooo oooo", false},
    /* Release: the operation that runs holds the object */
    [64] = {"o ooo oo?oooo ooo ooo oooo", true},
};

static BSTR document;

static void go_into_restore(struct fixture *fixture, enum station station)
{
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForRestore, document), S_OK);
    if (station == RS)
        return;
    gather(fixture);
    gather_status(fixture);
    assert_hr(select_for_restore(fixture, L"group", L"data0"), S_OK);
    assert_hr(select_for_restore(fixture, NULL, L"root"), S_OK);
    if (station >= PRE)
        pre_restore(fixture);
    if (station >= POST)
        post_restore(fixture);
}

static void go_without_writers(struct fixture *fixture, enum station station)
{
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    assert_hr(call(fixture->bc, SetContext,
                  station == ALL ? (LONG)VSS_CTX_ALL : (LONG)VSS_CTX_FILE_SHARE_BACKUP),
        S_OK);
    assert_hr(call(fixture->bc, SetBackupState, true, false, VSS_BT_FULL, false), S_OK);
    if (station == NW_SET || station == NW_DONE)
        start_set(fixture);
    if (station == NW_DONE)
        do_set(fixture);
}

static void go_through_backup(struct fixture *fixture, enum station station)
{
    begin(fixture, true);
    gather_status(fixture);
    add(fixture, L"group", L"data0");
    if (station == FREED)
    {
        assert_hr(call(fixture->bc, FreeWriterMetadata), S_OK);
        assert_hr(call(fixture->bc, FreeWriterStatus), S_OK);
    }
    if (station >= SET)
        start_set(fixture);
    if (station >= PREP)
        prepare(fixture);
    if (station == ABORTED)
        assert_hr(call(fixture->bc, AbortBackup), S_OK);
    else if (station == DOING || station == FAILED)
        start_frozen(fixture);
    else if (station >= DONE)
        do_set(fixture);
    if (station == COMPLETE)
        complete(fixture);
}

struct canceller
{
    IVssAsync *async;
    HRESULT result;
};

static DWORD WINAPI cancel(void *context)
{
    struct canceller *canceller = context;
    canceller->result = IVssAsync_Cancel(canceller->async);
    return 0;
}

/* Cancels what start_frozen() started. Cancel may wait for the handler, and the handler is to be
   inside while it comes: the writer is let go when Cancel has had the time to be noticed, or has
   returned. */
static void cancel_frozen(struct fixture *fixture)
{
    struct canceller canceller = {fixture->pending, E_UNEXPECTED};
    HANDLE thread = CreateThread(NULL, 0, cancel, &canceller, 0, NULL);
    assert_non_null(thread);
    WaitForSingleObject(thread, 200);
    SetEvent(fixture->go);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    assert_hr(canceller.result, S_OK);
    assert_hr(await(fixture->pending), VSS_S_ASYNC_CANCELLED);
    fixture->pending = NULL;
}

static void leave(struct fixture *fixture)
{
    SetEvent(fixture->go);
    if (fixture->pending)
        await(fixture->pending);
    fixture->pending = NULL;
    release(fixture);
    fixture->writer.at[SLOT_ON_FREEZE].wait_for = NULL;
    fixture->writer.at[SLOT_ON_FREEZE].entered = NULL;
}

static void arrive(struct fixture *fixture, enum station station)
{
    leave(fixture);
    if (station == NEW || station == BK || station == LOADED || station == BARE)
    {
        create(fixture);
        if (station != NEW)
            assert_hr(
                call(fixture->bc, InitializeForBackup, station == LOADED ? document : NULL), S_OK);
        if (station == BARE)
        {
            assert_hr(call(fixture->bc, SetBackupState, true, false, VSS_BT_FULL, false), S_OK);
            start_set(fixture);
        }
    }
    else if (station >= RS)
        go_into_restore(fixture, station);
    else if (station >= NW_BK)
        go_without_writers(fixture, station);
    else
        go_through_backup(fixture, station);
    if (station == FAILED)
        cancel_frozen(fixture);
}

/* The letter of a row at a station; the blanks between groups don't count. */
static char cell_of(int row, enum station station)
{
    int seen = -1;
    for (const char *cell = table[row].cells; *cell; cell++)
        if (*cell != ' ' && ++seen == (int)station)
            return *cell;
    fail_msg("row %d of the table is too short", row);
    return 0;
}

struct verdict
{
    bool right;
    const char *expected;
};

static struct verdict judge(char cell, HRESULT hr)
{
    static const struct
    {
        char letter;
        HRESULT code;
        bool ours;
        const char *text;
    } letters[] = {
        {'B', VSS_E_BAD_STATE, false, "VSS_E_BAD_STATE"},
        {'b', VSS_E_BAD_STATE, true, "VSS_E_BAD_STATE"},
        {'o', S_OK, false, "S_OK"},
        {'p', S_OK, true, "S_OK"},
        {'n', VSS_E_OBJECT_NOT_FOUND, false, "VSS_E_OBJECT_NOT_FOUND"},
        {'i', E_NOTIMPL, true, "E_NOTIMPL"},
    };
    struct verdict verdict = {.expected = "anything but VSS_E_BAD_STATE"};
    if (cell == '?')
        verdict.right = hr != VSS_E_BAD_STATE && hr != E_NOTIMPL;
    if (cell == '~')
    {
        verdict.expected = "S_OK, VSS_E_OBJECT_NOT_FOUND or VSS_E_BAD_STATE";
        verdict.right = hr == S_OK || hr == VSS_E_OBJECT_NOT_FOUND || hr == VSS_E_BAD_STATE;
    }
    for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++)
    {
        if (letters[i].letter != cell)
            continue;
        verdict.expected = letters[i].text;
        verdict.right = hr == letters[i].code || (letters[i].ours && !judge_ours);
    }
    return verdict;
}

static void every_method_at_every_station(struct fixture *fixture)
{
    unsigned wrong = 0;
    document = make_document(fixture);
    for (enum station station = NEW; station < STATIONS; station++)
    {
        bool fresh = false;
        for (int row = 1; row <= MATRIX_ROWS; row++)
        {
            if (!fresh)
                arrive(fixture, station);
            /* What ends the operation has to get past the handler. */
            if (station == DOING && strcmp(matrix_method(row), "AbortBackup") == 0)
                SetEvent(fixture->go);
            HRESULT hr = matrix_call(fixture, row);
            struct verdict verdict = judge(cell_of(row, station), hr);
            if (!verdict.right)
                print_error("%s, %s: %s (0x%08lx), expected %s\n", matrix_method(row),
                    station_names[station], code_name(hr), (unsigned long)hr, verdict.expected);
            wrong += !verdict.right;
            fresh = verdict.right && (FAILED(hr) || !table[row].moves);
        }
    }
    SysFreeString(document);
    document = NULL;
    matrix_rows_seen = MATRIX_ROWS;
    assert_int_equal(wrong, 0);
}

/* Row 11's note on component mode, and rows 7 and 12 with what only a started set can show. */
static void rows_that_depend_on_more_than_the_phase(struct fixture *fixture)
{
    begin(fixture, false);
    assert_hr(call(fixture->bc, AddComponent, fixture->instance, writer_id, VSS_CT_FILEGROUP,
                  L"group", L"data0"),
        VSS_E_BAD_STATE);
    release(fixture);

    IVssAsync *async = NULL;
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    gather(fixture);
    start_set(fixture);
    /* SetBackupState is missing. */
    assert_hr(call(fixture->bc, PrepareForBackup, &async), VSS_E_BAD_STATE);
    assert_null(async);
    assert_hr(call(fixture->bc, SetBackupState, false, false, VSS_BT_FULL, false), S_OK);
    assert_done(call(fixture->bc, PrepareForBackup, &async));
}

const struct conformance_test matrix_tests[] = {
    OTHER(every_method_at_every_station, ANYONE),
    OTHER(rows_that_depend_on_more_than_the_phase, ANYONE),
};
THEME_TABLE(matrix);

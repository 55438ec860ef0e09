/* SPDX-License-Identifier: MIT
 *
 * A backup components object: one requestor's backup, restore or query session. Private to this
 * room.
 *
 * One struct and one table of 65 methods serve IVssBackupComponents to Ex4. A method is: argument
 * checks, bc_enter (which looks its row up in bc_verbs.def), a body, bc_leave. Between the two the
 * calling thread has the object for itself: other callers wait. No lock is held meanwhile, because
 * bodies call providers and the log. Methods that return an IVssAsync start their work through
 * bc_start; while it runs `busy` keeps out every method that could disturb it. Follows requestor 1
 * and 2.
 */
#ifndef THAWLINE_REQUESTOR_BC_H
#define THAWLINE_REQUESTOR_BC_H

#include "async/async_op.h"
#include "base/vec.h"
#include "bus/bus_session.h"
#include "coordinator/set_builder.h"
#include "model/backup_components.h"
#include "os/lock.h"
#include "view/view.h"

#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

enum bc_phase
{
    PHASE_NEW,      /* created, not initialised */
    PHASE_BK,       /* a backup or query session */
    PHASE_SET,      /* StartSnapshotSet; holds the creation lock */
    PHASE_PREP,     /* PrepareForBackup finished */
    PHASE_DOING,    /* DoSnapshotSet runs */
    PHASE_DONE,     /* the shadow copies exist */
    PHASE_FAILED,   /* DoSnapshotSet failed or was cancelled: nothing of the set exists */
    PHASE_COMPLETE, /* BackupComplete finished: the document is read-only */
    PHASE_ABORTED,
    PHASE_RS,   /* a restore being configured */
    PHASE_PRE,  /* PreRestore finished */
    PHASE_POST, /* PostRestore finished */
};

enum bc_verb
{
    BC_NO_VERB,
#define VERB(method, phases, needs, flags, advice) BC_##method,
#include "requestor/bc_verbs.def"
#undef VERB
    BC_VERB_COUNT
};

enum bc_metadata
{
    METADATA_NONE,
    METADATA_HELD,
    METADATA_FREED
};

/* What GetWriterStatus tells of one writer. */
struct bc_status_row
{
    GUID instance_id;
    GUID writer_id;
    WCHAR *name;
    struct bus_status status;
};

/* A call for the trace. */
struct bc_called
{
    LONG number;         /* the object's; 0: none */
    enum bc_phase phase; /* before the call */
    uint64_t began_us;   /* 0: nobody wants to know */
};

struct bc
{
    IVssBackupComponentsEx4 IVssBackupComponentsEx4_iface;
    LONG refs;

    /* set once, when the object is created or initialised */
    struct bus_session *session;
    struct view_scope *scope; /* its lock guards *document; NULL before initialisation */
    LONG number;              /* in traces */

    struct lock lock;
    CONDITION_VARIABLE call_ended;
    bool in_call; /* guarded by lock: some thread is between bc_own and bc_disown */

    /* belongs to whoever is between bc_own and bc_disown; read besides by the pending operation */
    enum bc_phase phase; /* changed by bc_set_phase */
    struct bc_called called;
    enum bc_verb busy;        /* the asynchronous method that runs, or BC_NO_VERB */
    struct async_op *pending; /* its operation; a reference */
    bool abort_requested;     /* AbortBackup came while it ran */
    bool loaded;              /* initialised with a document */
    bool context_set;
    LONG context;
    bool backup_state_set;
    enum bc_metadata metadata;
    bool has_status;
    struct vec status;       /* struct bc_status_row */
    struct set_builder *set; /* NULL before StartSnapshotSet */
    struct volume *reverted; /* QueryRevertStatus is asking after it; else NULL */
    bool completed;          /* BackupComplete was raised in some writer */
    bool abort_told;         /* since PrepareForBackup, to whoever is concerned */
    bool events_sent;        /* some writer got an event besides Identify: BackupShutdown is due */

    struct backup_components *document; /* set once; its content is guarded by scope */
};

struct bc *bc_from_interface(IVssBackupComponentsEx4 *iface);

/* bc_phase.c: the rules. bc_own waits until the object is the calling thread's own. bc_enter does
   that too and returns S_OK, or a failure without owning it. bc_leave gives it up and returns what
   the caller shall see. */
void bc_own(struct bc *bc);
void bc_disown(struct bc *bc);
HRESULT bc_enter(struct bc *bc, enum bc_verb verb);
HRESULT bc_leave(struct bc *bc, enum bc_verb verb, HRESULT hr);
/* `hr` as a caller of this verb may see it: documented codes as they are, others as
   hresult_unexpected(). */
HRESULT bc_result(enum bc_verb verb, HRESULT hr);
/* A refusal for bad arguments, before bc_enter: logs the sentence. */
HRESULT bc_refuse(enum bc_verb verb, const char *why);
void bc_set_phase(struct bc *bc, enum bc_phase phase);
const char *bc_verb_name(enum bc_verb verb);
bool bc_has_writers(const struct bc *bc); /* its context involves writers */

/* bc_trace.c: calls and phases in the trace. bc_trace_call before the call, bc_trace_called after
   it; `bc` may be NULL. */
struct bc_called bc_trace_call(const struct bc *bc);
HRESULT bc_trace_called(const struct bc_called *called, const char *method, HRESULT hr);
void bc_trace_phase(const struct bc *bc, enum bc_phase phase);

/* bc_async.c: an asynchronous method. To be called between bc_enter and bc_leave, with *out NULL.
   `run` is called on a pool thread that does not own the object; `done` then on one that does, with
   what QueryStatus will say. */
struct bc_work
{
    enum bc_verb verb;
    HRESULT (*run)(struct bc *bc, struct async_op *op);
    void (*done)(struct bc *bc, HRESULT result); /* may be NULL */
};
HRESULT bc_start(struct bc *bc, const struct bc_work *work, IVssAsync **out);

/* bc_start behind the checks of an asynchronous method, as its whole body. */
HRESULT bc_start_verb(struct bc *bc, const struct bc_work *work, IVssAsync **out);

/* bc_change.c: a component as methods name it, and changes of what the document says of it. The
   document may hold it once for each instance of the class that was backed up: all are changed. */
struct bc_identity
{
    const VSS_ID *writer_id;
    VSS_COMPONENT_TYPE type;
    LPCWSTR path; /* NULL and "" are the same */
    LPCWSTR name;
};
/* Called with the scope held: it must not log. On failure `*why` may say why, as the end of a
   sentence that begins with the component. */
typedef HRESULT (*bc_change)(struct component *component, const void *wish, const char **why);

/* E_INVALIDARG for arguments that can name no component, or a text that no document can hold. */
HRESULT bc_check_identity(enum bc_verb verb, VSS_COMPONENT_TYPE type, LPCWSTR name);
HRESULT bc_check_text(enum bc_verb verb, LPCWSTR text);
/* By instance; NULL when it is not in the document. */
struct component *bc_find_component(const struct bc *bc, const GUID *instance_id,
    const GUID *writer_id, LPCWSTR path, LPCWSTR name);
/* Between bc_enter and bc_leave. VSS_E_OBJECT_NOT_FOUND; what `change` fails with. */
HRESULT bc_change_component(struct bc *bc, enum bc_verb verb, const struct bc_identity *identity,
    bc_change change, const void *wish);
/* The same behind the checks of a method, as its whole body. */
HRESULT bc_change_verb(struct bc *bc, enum bc_verb verb, const struct bc_identity *identity,
    bc_change change, const void *wish);
/* bc_components.c: bc_change_verb for a WCHAR * member of struct component. */
HRESULT bc_set_text(struct bc *bc, enum bc_verb verb, const struct bc_identity *identity,
    size_t member, LPCWSTR text);

/* bc_restore.c: whether the writer wants this event, PreRestore or PostRestore: its metadata has a
   VSS_WRITERRESTORE_ENUM. */
bool bc_restore_wanted(
    const struct bc *bc, const struct bus_participant *participant, enum vss_event event);
/* bc_restore.c: the part of the document that a running writer restores; NULL: nothing of it is
   selected, or another instance gets it. */
struct writer_components *bc_restore_part(
    const struct bc *bc, const struct bus_participant *participant);

/* bc_events.c: events to the writers of the session. */
struct bc_event
{
    enum vss_event event;
    int level; /* 0: every level */
    struct async_op *op;
    bool read_only; /* writers may not change the document */
};
HRESULT bc_raise(struct bc *bc, const struct bc_event *event, struct bus_tally *tally);
DWORD bc_event_deadline(void);

/* bc_briefing.c: the files that the components of the frozen writers name. */
HRESULT bc_brief(void *bc, struct provider_briefing *briefing);

/* bc_status.c */
void bc_free_status(struct bc *bc);

/* bc_backup.c: whether there is something to abort; and the end of it, which gives up a set that
   was not made. */
bool bc_in_progress(const struct bc *bc);
void bc_become_aborted(struct bc *bc);

/* NULL and "" are the same logical path. NULL when it isn't in the document. */
struct component *bc_find_component(const struct bc *bc, const GUID *instance_id,
    const GUID *writer_id, LPCWSTR path, LPCWSTR name);

/* The methods, by theme: bc_initialize.c, bc_metadata.c, bc_status.c, bc_components.c, bc_backup.c,
   bc_snapshots.c, bc_query.c, bc_expose.c, bc_revert.c, bc_restore.c, bc_reserved.c. */
#define BC_METHOD(name, ...)                                                                       \
    HRESULT STDMETHODCALLTYPE bc_##name(IVssBackupComponentsEx4 *iface, __VA_ARGS__)
#define BC_METHOD0(name) HRESULT STDMETHODCALLTYPE bc_##name(IVssBackupComponentsEx4 *iface)

BC_METHOD(GetWriterComponentsCount, UINT *count);
BC_METHOD(GetWriterComponents, UINT index, IVssWriterComponentsExt **out);
BC_METHOD(InitializeForBackup, BSTR xml);
BC_METHOD(SetBackupState, boolean select_components, boolean bootable, VSS_BACKUP_TYPE type,
    boolean partial);
BC_METHOD(InitializeForRestore, BSTR xml);
BC_METHOD(SetRestoreState, VSS_RESTORE_TYPE type);
BC_METHOD(GatherWriterMetadata, IVssAsync **out);
BC_METHOD(GetWriterMetadataCount, UINT *count);
BC_METHOD(GetWriterMetadata, UINT index, VSS_ID *instance_id, IVssExamineWriterMetadata **out);
BC_METHOD0(FreeWriterMetadata);
BC_METHOD(AddComponent, VSS_ID instance_id, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name);
BC_METHOD(PrepareForBackup, IVssAsync **out);
BC_METHOD0(AbortBackup);
BC_METHOD(GatherWriterStatus, IVssAsync **out);
BC_METHOD(GetWriterStatusCount, UINT *count);
BC_METHOD0(FreeWriterStatus);
BC_METHOD(GetWriterStatus, UINT index, VSS_ID *instance_id, VSS_ID *writer_id, BSTR *name,
    VSS_WRITER_STATE *state, HRESULT *failure);
BC_METHOD(SetBackupSucceeded, VSS_ID instance_id, VSS_ID writer_id, VSS_COMPONENT_TYPE type,
    LPCWSTR path, LPCWSTR name, boolean succeeded);
BC_METHOD(SetBackupOptions, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name,
    LPCWSTR options);
BC_METHOD(SetSelectedForRestore, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, boolean selected);
BC_METHOD(SetRestoreOptions, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name,
    LPCWSTR options);
BC_METHOD(SetAdditionalRestores, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, boolean more);
BC_METHOD(SetPreviousBackupStamp, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, LPCWSTR stamp);
BC_METHOD(SaveAsXML, BSTR *xml);
BC_METHOD(BackupComplete, IVssAsync **out);
BC_METHOD(AddAlternativeLocationMapping, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, LPCWSTR file_path, LPCWSTR filespec, boolean recursive, LPCWSTR destination);
BC_METHOD(AddRestoreSubcomponent, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, LPCWSTR sub_path, LPCWSTR sub_name, boolean repair);
BC_METHOD(SetFileRestoreStatus, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, VSS_FILE_RESTORE_STATUS status);
BC_METHOD(AddNewTarget, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name,
    LPCWSTR file_path, LPCWSTR file_name, boolean recursive, LPCWSTR alternate_path);
BC_METHOD(SetRangesFilePath, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name,
    UINT index, LPCWSTR ranges_file);
BC_METHOD(PreRestore, IVssAsync **out);
BC_METHOD(PostRestore, IVssAsync **out);
BC_METHOD(SetContext, LONG context);
BC_METHOD(StartSnapshotSet, VSS_ID *set_id);
BC_METHOD(AddToSnapshotSet, VSS_PWSZ volume, VSS_ID provider_id, VSS_ID *snapshot_id);
BC_METHOD(DoSnapshotSet, IVssAsync **out);
BC_METHOD(DeleteSnapshots, VSS_ID id, VSS_OBJECT_TYPE type, WINBOOL force, LONG *deleted,
    VSS_ID *not_deleted);
BC_METHOD(ImportSnapshots, IVssAsync **out);
BC_METHOD(BreakSnapshotSet, VSS_ID set_id);
BC_METHOD(GetSnapshotProperties, VSS_ID snapshot_id, VSS_SNAPSHOT_PROP *prop);
BC_METHOD(Query, VSS_ID queried, VSS_OBJECT_TYPE queried_type, VSS_OBJECT_TYPE returned_type,
    IVssEnumObject **out);
BC_METHOD(IsVolumeSupported, VSS_ID provider_id, VSS_PWSZ volume, WINBOOL *supported);
BC_METHOD(DisableWriterClasses, const VSS_ID *ids, UINT count);
BC_METHOD(EnableWriterClasses, const VSS_ID *ids, UINT count);
BC_METHOD(DisableWriterInstances, const VSS_ID *ids, UINT count);
BC_METHOD(ExposeSnapshot, VSS_ID snapshot_id, VSS_PWSZ path_from_root, LONG attributes,
    VSS_PWSZ expose, VSS_PWSZ *exposed);
BC_METHOD(RevertToSnapshot, VSS_ID snapshot_id, WINBOOL force);
BC_METHOD(QueryRevertStatus, VSS_PWSZ volume, IVssAsync **out);
BC_METHOD(GetWriterMetadataEx, UINT index, VSS_ID *instance_id, IVssExamineWriterMetadataEx **out);
BC_METHOD(SetSelectedForRestoreEx, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, boolean selected, VSS_ID instance_id);
BC_METHOD(UnexposeSnapshot, VSS_ID snapshot_id);
BC_METHOD(SetAuthoritativeRestore, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, boolean authoritative);
BC_METHOD(SetRollForward, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name,
    VSS_ROLLFORWARD_TYPE roll_forward, LPCWSTR point);
BC_METHOD(SetRestoreName, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name,
    LPCWSTR restore_name);
BC_METHOD(BreakSnapshotSetEx, VSS_ID set_id, DWORD flags, IVssAsync **out);
BC_METHOD(PreFastRecovery, VSS_ID set_id, DWORD flags, IVssAsync **out);
BC_METHOD(FastRecovery, VSS_ID set_id, DWORD flags, IVssAsync **out);
BC_METHOD(GetWriterStatusEx, UINT index, VSS_ID *instance_id, VSS_ID *writer_id, BSTR *name,
    VSS_WRITER_STATE *state, HRESULT *failure, HRESULT *application, BSTR *message);
BC_METHOD(AddSnapshotToRecoverySet, VSS_ID snapshot_id, DWORD flags, VSS_PWSZ destination);
BC_METHOD(RecoverSet, DWORD flags, IVssAsync **out);
BC_METHOD(GetSessionId, VSS_ID *session_id);
BC_METHOD(GetRootAndLogicalPrefixPaths, VSS_PWSZ file, VSS_PWSZ *root, VSS_PWSZ *prefix,
    WINBOOL normalize);

#endif

/* SPDX-License-Identifier: MIT
 *
 * thawline.h - what this vssapi.dll offers beyond Microsoft's: writers in plain C, settings,
 * faults, the log and counters for tests.
 *
 * A program that uses only the VSS API needs nothing from here. Programs that use it link with our
 * import library (libvssapi) instead of the SDK's. All functions may be called from any thread;
 * none needs COM to be initialised unless it says so. Failures are also explained by a sentence in
 * the log.
 */
#ifndef THAWLINE_H
#define THAWLINE_H

#include <windows.h>
#include <vss.h>
#include <vswriter.h>

#ifdef __cplusplus
extern "C" {
#endif

#define THAWLINE_API __stdcall

/* -------------------------------------------------------------------------------------------------
 * Writers in C
 */

typedef struct THAWLINE_WRITER_ *THAWLINE_WRITER;

/* What a handler is told. Everything in it belongs to the DLL and is gone when the handler
   returns. */
typedef struct THAWLINE_EVENT
{
    DWORD cbSize;                         /* sizeof(THAWLINE_EVENT) as the DLL was built */
    THAWLINE_WRITER hWriter;              /* the writer that is called */
    VSS_ID SessionId;                     /* the backup or restore; the same for all its events */
    /* from PrepareForSnapshot on, and in BackupShutdown; else GUID_NULL */
    VSS_ID SnapshotSetId;
    LONG lContext;                        /* VSS_CTX_*, from PrepareForSnapshot on */
    VSS_BACKUP_TYPE BackupType;
    VSS_RESTORE_TYPE RestoreType;         /* PreRestore and PostRestore */
    BOOL bComponentsSelected;             /* SetBackupState's bSelectComponents */
    BOOL bBootableSystemState;
    BOOL bPartialFileSupport;
    UINT cVolumes;                        /* PrepareForSnapshot to PostSnapshot */
    const WCHAR *const *ppwszVolumes;     /* \\?\Volume{guid}\ */
    /* PostSnapshot only, else NULL: device objects of the shadow copies */
    const WCHAR *const *ppwszDevices;
    /* NULL when no components are selected, and in events without them */
    IVssWriterComponents *pComponents;
} THAWLINE_EVENT;

/* The handlers. Any of them may be NULL: then the event counts as handled (identify NULL: a writer
   without files). Return FALSE to veto; ThawlineSetWriterFailure before that says why (without it:
   VSS_E_WRITERERROR_NONRETRYABLE). Handlers run on threads of the DLL in the multithreaded
   apartment; those of one session one after another, identify at any time. They may call any
   function of the API. */
typedef struct THAWLINE_WRITER_CALLBACKS
{
    DWORD cbSize; /* sizeof(THAWLINE_WRITER_CALLBACKS) */
    BOOL (CALLBACK *pfnIdentify)(
        void *pContext, const THAWLINE_EVENT *pEvent, IVssCreateWriterMetadataEx *pMetadata);
    BOOL (CALLBACK *pfnPrepareBackup)(void *pContext, const THAWLINE_EVENT *pEvent);
    BOOL (CALLBACK *pfnPrepareSnapshot)(void *pContext, const THAWLINE_EVENT *pEvent);
    BOOL (CALLBACK *pfnFreeze)(void *pContext, const THAWLINE_EVENT *pEvent);
    BOOL (CALLBACK *pfnThaw)(void *pContext, const THAWLINE_EVENT *pEvent);
    BOOL (CALLBACK *pfnPostSnapshot)(void *pContext, const THAWLINE_EVENT *pEvent);
    BOOL (CALLBACK *pfnBackupComplete)(void *pContext, const THAWLINE_EVENT *pEvent);
    BOOL (CALLBACK *pfnBackupShutdown)(void *pContext, const THAWLINE_EVENT *pEvent);
    BOOL (CALLBACK *pfnAbort)(void *pContext, const THAWLINE_EVENT *pEvent);
    BOOL (CALLBACK *pfnPreRestore)(void *pContext, const THAWLINE_EVENT *pEvent);
    BOOL (CALLBACK *pfnPostRestore)(void *pContext, const THAWLINE_EVENT *pEvent);
} THAWLINE_WRITER_CALLBACKS;

typedef struct THAWLINE_WRITER_INFO
{
    DWORD cbSize;                    /* sizeof(THAWLINE_WRITER_INFO) */
    VSS_ID WriterId;                 /* class id; not GUID_NULL */
    const WCHAR *pwszName;           /* not NULL */
    const WCHAR *pwszInstanceName;   /* may be NULL */
    VSS_USAGE_TYPE Usage;            /* not VSS_UT_UNDEFINED */
    VSS_SOURCE_TYPE Source;          /* not VSS_ST_UNDEFINED */
    VSS_APPLICATION_LEVEL Level;     /* VSS_APP_FRONT_END, VSS_APP_BACK_END or VSS_APP_SYSTEM */
    DWORD dwFreezeTimeout;           /* milliseconds between Freeze and Thaw; 0 = 60,000 */
    DWORD dwMajorVersion;
    DWORD dwMinorVersion;
} THAWLINE_WRITER_INFO;

/* Registers and subscribes a writer. The structures are copied; the callbacks' code and `pContext`
   must stay until ThawlineUnregisterWriter returns. S_OK; E_INVALIDARG: NULL, wrong cbSize,
   undefined enumeration, GUID_NULL; E_OUTOFMEMORY. */
HRESULT THAWLINE_API ThawlineRegisterWriter(const THAWLINE_WRITER_INFO *pInfo,
    const THAWLINE_WRITER_CALLBACKS *pCallbacks, void *pContext, THAWLINE_WRITER *phWriter);

/* Ends the subscription and frees the handle. On return no handler runs or will start, unless it
   was called from inside a handler of this writer: then that handler is the last. S_OK;
   E_INVALIDARG: NULL. */
HRESULT THAWLINE_API ThawlineUnregisterWriter(THAWLINE_WRITER hWriter);

/* From inside a handler (not identify), on its thread: what GetWriterStatus will show. `hr` S_OK,
   VSS_E_WRITERERROR_*; `pwszMessage` may be NULL. E_INVALIDARG: another code; VSS_E_BAD_STATE: not
   in a handler. */
HRESULT THAWLINE_API ThawlineSetWriterFailure(
    THAWLINE_WRITER hWriter, HRESULT hr, HRESULT hrApplication, const WCHAR *pwszMessage);

/* The instance id that this registration got. E_INVALIDARG: NULL. */
HRESULT THAWLINE_API ThawlineGetWriterInstanceId(THAWLINE_WRITER hWriter, VSS_ID *pInstanceId);

/* A writer of this process's scope, in this process or another. Names are as their writers gave
   them: they may hold what moves a terminal's cursor. */
typedef struct THAWLINE_WRITER_STATUS
{
    VSS_ID WriterId;
    VSS_ID InstanceId;
    const WCHAR *pwszName;         /* not NULL */
    const WCHAR *pwszInstanceName; /* NULL when it has none */
    VSS_WRITER_STATE State;        /* after the latest event, whichever backup that belonged to */
    HRESULT hrFailure;             /* that event's failure, VSS_E_WRITERERROR_*; S_OK: none */
    DWORD dwProcessId;             /* 0: an express writer, which has no process */
    UINT uBits;                    /* of that process: 32 or 64; 0 */
} THAWLINE_WRITER_STATUS;

/* Lists the writers that a requestor of this process would find, without a backup: no handler runs.
   `*ppWriters` is an array of `*pcWriters`, those of this process first, then those of others in
   the order in which they subscribed, then express writers; ThawlineFreeWriters frees it with its
   strings. NULL and 0 when there are none, and on failure. A process that does not answer in five
   seconds is left out. E_INVALIDARG: NULL, or THAWLINE_SCOPE is no valid scope; E_OUTOFMEMORY;
   VSS_E_WRITER_INFRASTRUCTURE: the system does not tell which writers there are. */
HRESULT THAWLINE_API ThawlineListWriters(THAWLINE_WRITER_STATUS **ppWriters, UINT *pcWriters);
void THAWLINE_API ThawlineFreeWriters(THAWLINE_WRITER_STATUS *pWriters); /* accepts NULL */

/* -------------------------------------------------------------------------------------------------
 * Settings. What is set here wins over the environment (THAWLINE_<NAME>), which wins over
 * thawline.ini beside the DLL.
 *
 *   SCOPE            an isolated world of writers, snapshots and the creation lock;
 *                    [A-Za-z0-9_-]{1,32}
 *   LOG, LOG_LEVEL   a file, or `-` for stderr; error, warning, info, debug
 *   PROVIDER         auto (default), btrfs, reflink, clone or live (no copy at all: for tests of the
 *                    protocol)
 *   CLONE_ROOTS      folders to which a clone is limited, separated by `;`; `components`: the files
 *                    that the selected components name; unset: the whole volume
 *   WINDOWS          2003, 2008, 7, 8, 10 (default): whose behaviour to show where versions differ
 *   EDITION          server (default) or client: whose; client editions make no persistent shadow
 *                    copies; with WINDOWS 2003 it is Windows XP, whose SetContext is E_NOTIMPL
 *   EVENT_TIMEOUT    milliseconds that a writer may take for an event other than Freeze and Thaw
 *                    (default 600,000)
 *   STRICT           1: also what only real Windows checks: accounts that are neither LocalSystem,
 *                    administrators nor backup operators need a value under VssAccessControl
 *   ALLOW_REVERT     0: RevertToSnapshot answers E_NOTIMPL
 *   TRACE            a file: what happens is written to FILE.<process id>, one line of JSON each,
 *                    and `thawline timeline FILE` draws it; "" ends the trace. When the file can't
 *                    be opened, the system's error as HRESULT_FROM_WIN32, and all stays as it was
 */

/* `pwszValue` NULL takes the setting back. E_INVALIDARG: unknown name, bad value; E_OUTOFMEMORY. */
HRESULT THAWLINE_API ThawlineSetOption(const WCHAR *pwszName, const WCHAR *pwszValue);

/* -------------------------------------------------------------------------------------------------
 * Snapshots: what the VSS structures have no room for
 */

typedef struct THAWLINE_SET_REPORT
{
    DWORD cbSize;                  /* set it to sizeof(THAWLINE_SET_REPORT) before the call */
    ULONGLONG ullPrepareTime;      /* microseconds in the providers' slow part, before the freeze */
    /* microseconds from the first Freeze call to the last Thaw answer */
    ULONGLONG ullFreezeWindow;
    ULONGLONG ullCommitTime;       /* microseconds in the providers' commit, inside the freeze */
    UINT cWritersFrozen;           /* writers that were frozen and thawed without failing */
    UINT cWritersFailed;           /* writers that vetoed, failed or were lost */
} THAWLINE_SET_REPORT;

/* How a set that this process made went. E_INVALIDARG; VSS_E_OBJECT_NOT_FOUND: not made by this
   process. */
HRESULT THAWLINE_API ThawlineGetSetReport(VSS_ID SnapshotSetId, THAWLINE_SET_REPORT *pReport);

/* One sentence that says how consistent a shadow copy is and why. SysFreeString it.
   VSS_E_OBJECT_NOT_FOUND. */
HRESULT THAWLINE_API ThawlineGetSnapshotConsistency(VSS_ID SnapshotId, BSTR *pbstrText);

/* Called on a thread of the DLL while a provider prepares a copy. */
typedef void (CALLBACK *THAWLINE_PROGRESS)(void *pContext, ULONGLONG ullDone, ULONGLONG ullTotal);
/* For all sets this process makes; NULL ends it. On return no call runs. Must not be called from
   inside the callback. */
HRESULT THAWLINE_API ThawlineSetProgress(THAWLINE_PROGRESS pfnProgress, void *pContext);

/* -------------------------------------------------------------------------------------------------
 * For tests
 */

/* Fault points: places where a rule makes something go wrong. `thawline faults` lists them with
   what their rules can match, and the words for what rules can do. */
typedef struct THAWLINE_FAULT_POINT
{
    DWORD cbSize;               /* set it to sizeof(THAWLINE_FAULT_POINT) before the call */
    UINT cFired;                /* how often rules have fired there since faults were cleared */
    const char *pszName;        /* static, like the others: "writer.event" */
    const char *pszMatches;     /* what a rule can match: "EVENT or EVENT:WRITER" */
    const char *pszDescription;
} THAWLINE_FAULT_POINT;

/* The `nIndex`-th point, from 0 on. S_FALSE: there are not so many, and nothing is filled;
   E_INVALIDARG: NULL or wrong cbSize. */
HRESULT THAWLINE_API ThawlineGetFaultPoint(UINT nIndex, THAWLINE_FAULT_POINT *pPoint);
/* The same by name, for the counter. S_FALSE: there is no such point. */
HRESULT THAWLINE_API ThawlineFindFaultPoint(const char *pszName, THAWLINE_FAULT_POINT *pPoint);
/* The `nIndex`-th word for an effect, and what it does (`*ppszDescription`; may be NULL). Static;
   NULL: there are not so many. */
const char *THAWLINE_API ThawlineGetFaultEffect(UINT nIndex, const char **ppszDescription);
/* Whether that word means something at the `nPoint`-th point. */
BOOL THAWLINE_API ThawlineFaultEffectFits(UINT nIndex, UINT nPoint);

/* Adds the rules of a scenario: its text, or the full path of a UTF-8 file with it.
       point match effect [first [count [delay]]] [chance=PERCENT] [seed=NUMBER]   # a comment
   one a line, or with `;` between them. `match` is what the point tells about itself, without
   regard to case, with * and ?, in double quotes when it holds blanks; the effect is a word, the
   name of an HRESULT, or 0x and digits; the numbers are those of ThawlineSetFault, by default 1, 0
   and 0; a rule with a chance fires in so many of a hundred passes, the same ones for the same
   seed. All rules are added, or none. `*pcRules` (may be NULL): how many. E_INVALIDARG: NULL, or a
   mistake in a rule, which the log names; E_OUTOFMEMORY, also when there are more than 64 rules;
   E_ACCESSDENIED as with ThawlineSetFault; a file's error. */
HRESULT THAWLINE_API ThawlineLoadFaults(const WCHAR *pwszScenario, UINT *pcRules);

/* A rule: from its `dwFirst`-th pass on (1 = the first), `dwCount` times (0 = always), the fault
   point `pszPoint` gives `hr` after `dwDelay` ms, which the log tells (debug) before they begin.
   `pwszMatch` (NULL: any) is what the point tells about itself: a writer's name, a step, a method.
   `hr` S_OK: only the delay. E_INVALIDARG: no such point, or it takes no failure code. Refused
   (E_ACCESSDENIED) in elevated and service processes on Windows unless the DWORD
   HKLM\Software\Thawline\AllowEnvironment is 1. */
HRESULT THAWLINE_API ThawlineSetFault(
    const char *pszPoint, const WCHAR *pwszMatch, HRESULT hr, DWORD dwFirst, DWORD dwCount,
    DWORD dwDelay);
/* Removes all rules and ends their delays and hangs. */
HRESULT THAWLINE_API ThawlineClearFaults(void);

/* Memory blocks and COM objects of the DLL that are alive. Equal before and after means: nothing
   leaked. Waits, at most a second, for work that is just ending; a handler that is still running
   counts with what it holds. */
LONG THAWLINE_API ThawlineGetLiveBlocks(void);
LONG THAWLINE_API ThawlineGetLiveObjects(void);

/* Every log line of this severity (1 error .. 4 debug) or worse. NULL removes the sink. */
typedef void (CALLBACK *THAWLINE_LOG_SINK)(void *pContext, int nLevel, const WCHAR *pwszLine);
HRESULT THAWLINE_API ThawlineSetLogSink(THAWLINE_LOG_SINK pfnSink, void *pContext, int nLevel);

/* "VSS_E_BAD_STATE", or NULL; and one sentence, or NULL. Static. */
const char *THAWLINE_API ThawlineGetResultName(HRESULT hr);
const char *THAWLINE_API ThawlineGetResultMeaning(HRESULT hr);

/* "0.1.0". Its presence tells that this is Thawline. */
const char *THAWLINE_API ThawlineGetVersion(void);

#ifdef __cplusplus
}
#endif

#endif

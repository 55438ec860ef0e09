/* SPDX-License-Identifier: MIT
 *
 * The rules of requestor 1.7: which method may be called when, and what it may answer. The table
 * itself is bc_verbs.def; no phase is tested anywhere else.
 */
#include "requestor/bc.h"

#include "diag/fault.h"
#include "diag/hresult.h"
#include "diag/log.h"

#define AT(phase) (1u << PHASE_##phase)
#define BACKUP                                                                                     \
    (AT(BK) | AT(SET) | AT(PREP) | AT(DOING) | AT(DONE) | AT(FAILED) | AT(COMPLETE) | AT(ABORTED))
#define RESTORE (AT(RS) | AT(PRE) | AT(POST))
#define INIT (BACKUP | RESTORE)

enum need
{
    NEED_NO_METADATA = 1 << 0,    /* metadata was not gathered yet */
    NEED_METADATA = 1 << 1,       /* gathered and not freed */
    NEED_GATHERED = 1 << 2,       /* gathered, freed or not */
    NEED_WRITERS = 1 << 3,        /* the context involves writers */
    NEED_BACKUP_STATE = 1 << 4,   /* SetBackupState was called */
    NEED_COMPONENT_MODE = 1 << 5, /* SetBackupState did not switch components off */
    NEED_STATUS = 1 << 6,         /* a status gather has finished */
    NEED_NO_CONTEXT = 1 << 7,     /* SetContext was not called yet */
    NEED_MAKING_CONTEXT = 1 << 8, /* a context in which sets can be made */
    NEED_PREPARED = 1 << 9,       /* PrepareForBackup is done, unless the context has no writers */
    NEED_LOADED = 1 << 10,        /* initialised with a document */
    NEED_RECOVERY_SET = 1 << 11,  /* something was added to the recovery set */
};

enum verb_flag
{
    VERB_WHILE_PENDING = 1
};

struct verb
{
    const char *name;
    const WCHAR *wide_name;
    unsigned phases;
    unsigned needs;
    unsigned flags;
    const char *advice;
};

#define WIDE(text) L##text
static const struct verb verbs[BC_VERB_COUNT] = {
#define VERB(method, phases, needs, flags, advice)                                                 \
    [BC_##method] = {#method, WIDE(#method), phases, needs, flags, advice},
#include "requestor/bc_verbs.def"
#undef VERB
};

static const char *const phase_texts[] = {
    [PHASE_NEW] = "the object is not initialised",
    [PHASE_BK] = "no shadow copy set was started",
    [PHASE_SET] = "the set is started and not prepared",
    [PHASE_PREP] = "the writers are prepared",
    [PHASE_DOING] = "DoSnapshotSet is running",
    [PHASE_DONE] = "the shadow copies exist",
    [PHASE_FAILED] = "DoSnapshotSet failed",
    [PHASE_COMPLETE] = "BackupComplete was called",
    [PHASE_ABORTED] = "the backup was aborted",
    [PHASE_RS] = "this is a restore",
    [PHASE_PRE] = "this is a restore after PreRestore",
    [PHASE_POST] = "this is a restore after PostRestore",
};

const char *bc_verb_name(enum bc_verb verb)
{
    return verbs[verb].name;
}

bool bc_has_writers(const struct bc *bc)
{
    return bc->context != (LONG)VSS_CTX_ALL && !(bc->context & VSS_VOLSNAP_ATTR_NO_WRITERS);
}

static unsigned fulfilled(const struct bc *bc)
{
    bool writers = bc_has_writers(bc);
    unsigned needs = 0;
    needs |= bc->metadata == METADATA_NONE ? NEED_NO_METADATA : NEED_GATHERED;
    needs |= bc->metadata == METADATA_HELD ? NEED_METADATA : 0;
    needs |= writers ? NEED_WRITERS : 0;
    needs |= bc->backup_state_set ? NEED_BACKUP_STATE : 0;
    needs |= !bc->backup_state_set || bc->document->select_components ? NEED_COMPONENT_MODE : 0;
    needs |= bc->has_status ? NEED_STATUS : 0;
    needs |= !bc->context_set ? NEED_NO_CONTEXT : 0;
    needs |= bc->context != (LONG)VSS_CTX_ALL ? NEED_MAKING_CONTEXT : 0;
    needs |= !writers || bc->phase == PHASE_PREP ? NEED_PREPARED : 0;
    needs |= bc->loaded ? NEED_LOADED : 0;
    return needs;
}

static HRESULT check_state(const struct bc *bc, const struct verb *verb)
{
    if (bc->busy != BC_NO_VERB && !(verb->flags & VERB_WHILE_PENDING))
        return log_error(VSS_E_BAD_STATE, "%s is called while %s is running: wait for it first.",
            verb->name, bc_verb_name(bc->busy));
    if (!(verb->phases & 1u << bc->phase))
        return log_error(VSS_E_BAD_STATE, "%s is out of sequence (%s): %s.", verb->name,
            phase_texts[bc->phase],
            bc->phase == PHASE_NEW ? "call InitializeForBackup or InitializeForRestore first"
                                   : verb->advice);
    if (bc->phase != PHASE_NEW && verb->needs & ~fulfilled(bc))
        return log_error(VSS_E_BAD_STATE, "%s is out of sequence: %s.", verb->name, verb->advice);
    return S_OK;
}

void bc_own(struct bc *bc)
{
    lock_enter(&bc->lock);
    while (bc->in_call)
        lock_wait(&bc->lock, &bc->call_ended, INFINITE);
    bc->in_call = true;
    lock_leave(&bc->lock);
}

void bc_disown(struct bc *bc)
{
    lock_enter(&bc->lock);
    bc->in_call = false;
    lock_leave(&bc->lock);
    WakeConditionVariable(&bc->call_ended);
}

HRESULT bc_enter(struct bc *bc, enum bc_verb verb)
{
    struct bc_called called = bc_trace_call(bc);
    log_debug("%s", verbs[verb].name);
    bc_own(bc);
    called.phase = bc->phase;
    bc->called = called;
    HRESULT hr = check_state(bc, &verbs[verb]);
    if (SUCCEEDED(hr))
        hr = bc_result(verb, fault_at(FAULT_METHOD, verbs[verb].wide_name));
    if (FAILED(hr))
        bc_disown(bc);
    return FAILED(hr) ? bc_trace_called(&called, verbs[verb].name, hr) : hr;
}

/* The codes that any method may answer. VSS's own pass everywhere but where a list says
   otherwise. */
static bool is_common(HRESULT hr)
{
    return SUCCEEDED(hr) || hr == E_INVALIDARG || hr == E_ACCESSDENIED || hr == E_OUTOFMEMORY ||
        hr == E_NOTIMPL || hr == VSS_E_BAD_STATE || hr == hresult_unexpected();
}

static bool is_vss(HRESULT hr)
{
    return HRESULT_FACILITY(hr) == FACILITY_ITF && HRESULT_CODE(hr) >= 0x2300 &&
        HRESULT_CODE(hr) <= 0x2417;
}

HRESULT bc_result(enum bc_verb verb, HRESULT hr)
{
    if (is_common(hr))
        return hr;
    if (verb == BC_BackupComplete ? hr == VSS_E_UNEXPECTED_WRITER_ERROR : is_vss(hr))
        return hr;
    log_error(hr, "%s fails in a way that its documentation has no code for.", verbs[verb].name);
    return hresult_unexpected();
}

HRESULT bc_leave(struct bc *bc, enum bc_verb verb, HRESULT hr)
{
    const struct bc_called called = bc->called;
    bc_disown(bc);
    return bc_trace_called(&called, verbs[verb].name, bc_result(verb, hr));
}

HRESULT bc_refuse(enum bc_verb verb, const char *why)
{
    const struct bc_called called = bc_trace_call(NULL);
    log_error(E_INVALIDARG, "%s: %s.", verbs[verb].name, why);
    return bc_trace_called(&called, verbs[verb].name, E_INVALIDARG);
}

void bc_set_phase(struct bc *bc, enum bc_phase phase)
{
    bc_trace_phase(bc, phase);
    bc->phase = phase;
}

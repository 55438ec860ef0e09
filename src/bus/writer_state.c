/* SPDX-License-Identifier: MIT
 *
 * The table of writer states. See writer_state.h.
 */
#include "bus/writer_state.h"

#include <vss.h>

/* On what else than the state a row depends. */
enum condition
{
    ALWAYS,
    IF_PREPARED,
    IF_NOT_ABORTED,
    IF_OWED
};

struct writer_state_row
{
    enum vss_event event;
    unsigned before; /* bits: AT(state) */
    enum condition condition;
    int success; /* KEEP: as before */
    int failure;
    unsigned flags; /* enum writer_state_flag */
};

#define AT(state) (1u << (state))
#define ANY (~0u)
#define FAILED_STATES (ANY & ~(AT(VSS_WS_FAILED_AT_IDENTIFY) - 1))
#define SOUND_STATES (~FAILED_STATES)
#define KEEP (-1)

static const struct writer_state_row rows[] = {
    {EVENT_IDENTIFY, ANY, ALWAYS, KEEP, KEEP, STATE_ASIDE},

    {EVENT_PREPARE_BACKUP, ANY, ALWAYS, VSS_WS_STABLE, VSS_WS_FAILED_AT_PREPARE_BACKUP,
        STATE_RENEWS},
    {EVENT_PREPARE_SNAPSHOT, AT(VSS_WS_STABLE), IF_NOT_ABORTED, VSS_WS_WAITING_FOR_FREEZE,
        VSS_WS_FAILED_AT_PREPARE_SNAPSHOT, 0},
    {EVENT_FREEZE, AT(VSS_WS_WAITING_FOR_FREEZE), ALWAYS, VSS_WS_WAITING_FOR_THAW,
        VSS_WS_FAILED_AT_FREEZE, STATE_STARTS_TIMER | STATE_ABORTS_ON_VETO},
    {EVENT_THAW, AT(VSS_WS_WAITING_FOR_THAW), ALWAYS, VSS_WS_WAITING_FOR_POST_SNAPSHOT,
        VSS_WS_FAILED_AT_THAW, STATE_STOPS_TIMER | STATE_ABORTS_ON_VETO},
    /* Set a failure in Freeze and returned true: it froze. */
    {EVENT_THAW, AT(VSS_WS_FAILED_AT_FREEZE), IF_OWED, KEEP, KEEP,
        STATE_STOPS_TIMER | STATE_ABORTS_ON_VETO},
    {EVENT_POST_SNAPSHOT, AT(VSS_WS_WAITING_FOR_POST_SNAPSHOT), ALWAYS,
        VSS_WS_WAITING_FOR_BACKUP_COMPLETE, VSS_WS_FAILED_AT_POST_SNAPSHOT, 0},
    /* From STABLE: a backup without a shadow copy. */
    {EVENT_BACKUP_COMPLETE, AT(VSS_WS_STABLE) | AT(VSS_WS_WAITING_FOR_BACKUP_COMPLETE),
        IF_NOT_ABORTED, VSS_WS_STABLE, VSS_WS_FAILED_AT_BACKUP_COMPLETE, STATE_COMPLETES},
    {EVENT_BACKUP_SHUTDOWN, SOUND_STATES, ALWAYS, VSS_WS_STABLE, VSS_WS_FAILED_AT_BACKUPSHUTDOWN,
        STATE_DISARMS | STATE_ABORTS_FIRST | STATE_CLOSES},
    {EVENT_BACKUP_SHUTDOWN, FAILED_STATES, ALWAYS, KEEP, VSS_WS_FAILED_AT_BACKUPSHUTDOWN,
        STATE_DISARMS | STATE_ABORTS_FIRST | STATE_CLOSES},

    {EVENT_ABORT,
        AT(VSS_WS_WAITING_FOR_FREEZE) | AT(VSS_WS_WAITING_FOR_THAW) |
            AT(VSS_WS_WAITING_FOR_POST_SNAPSHOT),
        ALWAYS, VSS_WS_STABLE, VSS_WS_STABLE, STATE_DISARMS},
    /* AbortBackup after PrepareForBackup. */
    {EVENT_ABORT, AT(VSS_WS_STABLE), IF_PREPARED, VSS_WS_STABLE, VSS_WS_STABLE, STATE_DISARMS},
    /* Failed in Freeze or Thaw, or did not see Thaw in time. */
    {EVENT_ABORT, FAILED_STATES, IF_OWED, KEEP, KEEP, STATE_DISARMS},

    {EVENT_PRE_RESTORE, AT(VSS_WS_STABLE), ALWAYS, VSS_WS_STABLE, VSS_WS_FAILED_AT_PRE_RESTORE,
        STATE_FORGETS},
    {EVENT_POST_RESTORE, AT(VSS_WS_STABLE) | AT(VSS_WS_FAILED_AT_PRE_RESTORE), ALWAYS,
        VSS_WS_STABLE, VSS_WS_FAILED_AT_POST_RESTORE, STATE_FORGETS},
};

static bool holds(enum condition condition, const struct writer_standing *standing)
{
    switch (condition)
    {
    case IF_PREPARED: return standing->prepared;
    case IF_NOT_ABORTED: return !standing->aborted;
    case IF_OWED: return standing->owed;
    case ALWAYS: break;
    }
    return true;
}

const struct writer_state_row *writer_state_find(
    const struct writer_standing *standing, enum vss_event event)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].event == event && (rows[i].before & AT(standing->state)) &&
            holds(rows[i].condition, standing))
            return &rows[i];
    return NULL;
}

unsigned writer_state_flags(const struct writer_state_row *row)
{
    return row->flags;
}

void writer_state_begin(struct writer_standing *standing, const struct writer_state_row *row)
{
    if (row->flags & STATE_RENEWS)
        *standing = (struct writer_standing){.state = VSS_WS_STABLE, .prepared = true};
    if (row->flags & STATE_FORGETS)
        standing->failure = S_OK;
    if (row->event == EVENT_FREEZE)
        standing->owed = true;
}

bool writer_verdict_is_veto(const struct writer_verdict *verdict)
{
    if (!verdict->handled)
        return true;
    return verdict->failure_set && FAILED(verdict->failure) &&
        verdict->failure != VSS_E_WRITERERROR_PARTIAL_FAILURE;
}

void writer_state_settle(struct writer_standing *standing, const struct writer_state_row *row,
    const struct writer_verdict *verdict)
{
    if (row->flags & STATE_ASIDE)
        return;
    int state = writer_verdict_is_veto(verdict) ? row->failure : row->success;
    if (state != KEEP)
        standing->state = state;
    if (verdict->failure_set)
        standing->failure = verdict->failure;
    bool says_why = verdict->failure_set && FAILED(verdict->failure);
    if (!verdict->handled && !says_why && row->event != EVENT_ABORT)
        standing->failure = VSS_E_WRITERERROR_NONRETRYABLE;

    bool ends = row->event == EVENT_ABORT || row->event == EVENT_BACKUP_SHUTDOWN;
    if (ends || row->event == EVENT_BACKUP_COMPLETE)
        standing->prepared = false;
    if (row->event == EVENT_ABORT)
        standing->aborted = true;
    if (ends || (row->event == EVENT_THAW && verdict->handled))
        standing->owed = false;
}

void writer_state_linger(struct writer_standing *standing, int before)
{
    if (standing->state != VSS_WS_STABLE)
        return;
    standing->state = before;
    standing->lingers = true;
}

bool writer_state_asked(struct writer_standing *standing)
{
    if (!standing->lingers || writer_state_is_failed(standing->state))
        return false;
    standing->lingers = false;
    standing->state = VSS_WS_STABLE;
    return true;
}

void writer_state_expire(struct writer_standing *standing)
{
    if (standing->state != VSS_WS_WAITING_FOR_THAW)
        return;
    standing->state = VSS_WS_FAILED_AT_THAW;
    standing->failure = VSS_E_WRITERERROR_TIMEOUT;
}

void writer_state_lose(struct writer_standing *standing, enum vss_event event, HRESULT failure)
{
    int failed = writer_state_failed_at(event);
    if (!writer_state_is_failed(failed) || writer_state_is_failed(standing->state))
        return;
    standing->state = failed;
    standing->failure = failure;
}

int writer_state_failed_at(enum vss_event event)
{
    static const int failed[EVENT_COUNT] = {
        [EVENT_IDENTIFY] = VSS_WS_FAILED_AT_IDENTIFY,
        [EVENT_PREPARE_BACKUP] = VSS_WS_FAILED_AT_PREPARE_BACKUP,
        [EVENT_PREPARE_SNAPSHOT] = VSS_WS_FAILED_AT_PREPARE_SNAPSHOT,
        [EVENT_FREEZE] = VSS_WS_FAILED_AT_FREEZE,
        [EVENT_THAW] = VSS_WS_FAILED_AT_THAW,
        [EVENT_POST_SNAPSHOT] = VSS_WS_FAILED_AT_POST_SNAPSHOT,
        [EVENT_BACKUP_COMPLETE] = VSS_WS_FAILED_AT_BACKUP_COMPLETE,
        [EVENT_BACKUP_SHUTDOWN] = VSS_WS_FAILED_AT_BACKUPSHUTDOWN,
        [EVENT_PRE_RESTORE] = VSS_WS_FAILED_AT_PRE_RESTORE,
        [EVENT_POST_RESTORE] = VSS_WS_FAILED_AT_POST_RESTORE,
    };
    return (unsigned)event < EVENT_COUNT && failed[event] ? failed[event] : VSS_WS_STABLE;
}

bool writer_state_is_failed(int state)
{
    return state >= VSS_WS_FAILED_AT_IDENTIFY && state < VSS_WS_COUNT;
}

const char *writer_state_name(int state)
{
    static const char *const names[VSS_WS_COUNT] = {
#define STATE(name_) [name_] = #name_
        STATE(VSS_WS_UNKNOWN),
        STATE(VSS_WS_STABLE),
        STATE(VSS_WS_WAITING_FOR_FREEZE),
        STATE(VSS_WS_WAITING_FOR_THAW),
        STATE(VSS_WS_WAITING_FOR_POST_SNAPSHOT),
        STATE(VSS_WS_WAITING_FOR_BACKUP_COMPLETE),
        STATE(VSS_WS_FAILED_AT_IDENTIFY),
        STATE(VSS_WS_FAILED_AT_PREPARE_BACKUP),
        STATE(VSS_WS_FAILED_AT_PREPARE_SNAPSHOT),
        STATE(VSS_WS_FAILED_AT_FREEZE),
        STATE(VSS_WS_FAILED_AT_THAW),
        STATE(VSS_WS_FAILED_AT_POST_SNAPSHOT),
        STATE(VSS_WS_FAILED_AT_BACKUP_COMPLETE),
        STATE(VSS_WS_FAILED_AT_PRE_RESTORE),
        STATE(VSS_WS_FAILED_AT_POST_RESTORE),
        STATE(VSS_WS_FAILED_AT_BACKUPSHUTDOWN),
#undef STATE
    };
    return state >= 0 && state < VSS_WS_COUNT ? names[state] : NULL;
}

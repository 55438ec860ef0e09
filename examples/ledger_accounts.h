/* SPDX-License-Identifier: MIT
 *
 * Part of ledger.c: the application. Threads move amounts between accounts without pause. Each
 * account is a file; those with an even number are written with WriteFile, the others through a
 * mapped view. Money is neither made nor lost: the sum of all balances stays what it was.
 *
 * Each file tells a good copy from a torn one: it holds a checksum, and the number of its last
 * transfer with the account at the other end. In a copy that is of one moment, that other account
 * has seen the same transfer or a later one.
 */
#ifndef LEDGER_ACCOUNTS_H
#define LEDGER_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#define RECORD_SIZE 16384
#define RECORD_WORDS ((RECORD_SIZE - 40) / sizeof(uint64_t))
#define FIRST_BALANCE 1000
#define MOST_THREADS 64

/* An account file. */
struct record
{
    uint32_t number;
    uint32_t partner;  /* the other account of the last transfer */
    uint64_t transfer; /* its number; 0: none yet */
    int64_t balance;
    uint64_t padding;
    uint64_t body[RECORD_WORDS]; /* what else a real file would hold: follows from `transfer` */
    uint64_t checksum;           /* of all the above */
};

struct account
{
    SRWLOCK lock;
    HANDLE file;
    struct record *view; /* NULL: it is written with WriteFile */
    HANDLE mapping;
    struct record record; /* the application's own state; guarded by `lock` */
    bool unflushed;       /* guarded by `lock` */
};

/* What stops the threads between two transfers, and lets them go on. */
struct gate
{
    SRWLOCK lock;
    CONDITION_VARIABLE changed;
    bool closed;
    unsigned inside;
};

struct ledger
{
    WCHAR folder[MAX_PATH]; /* of the account files */
    unsigned account_count;
    struct account *accounts;
    struct gate gate;
    volatile LONG64 transfers;
    volatile LONG stopping;
    volatile LONG failures; /* writes that failed: the run is worth nothing then */
    unsigned thread_count;
    HANDLE threads[MOST_THREADS];
};

/* FNV-1a, eight bytes at a time: to notice differences, not attacks. */
static inline uint64_t ledger_hash(const void *data, size_t size)
{
    const uint64_t *words = data;
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < size / sizeof(*words); i++)
        hash = (hash ^ words[i]) * 0x100000001b3u;
    return hash;
}

static inline uint64_t record_checksum(const struct record *record)
{
    return ledger_hash(record, offsetof(struct record, checksum));
}

static inline void record_fill(struct record *record)
{
    for (size_t i = 0; i < RECORD_WORDS; i++)
        record->body[i] = record->transfer * 0x9e3779b97f4a7c15u + i;
    record->checksum = record_checksum(record);
}

/* --------------------------------------------------------------------------------------------
 * The gate
 */

static inline void gate_enter(struct gate *gate)
{
    AcquireSRWLockExclusive(&gate->lock);
    while (gate->closed)
        SleepConditionVariableSRW(&gate->changed, &gate->lock, INFINITE, 0);
    gate->inside++;
    ReleaseSRWLockExclusive(&gate->lock);
}

static inline void gate_leave(struct gate *gate)
{
    AcquireSRWLockExclusive(&gate->lock);
    gate->inside--;
    if (gate->closed && !gate->inside)
        WakeAllConditionVariable(&gate->changed);
    ReleaseSRWLockExclusive(&gate->lock);
}

/* Returns when nobody is inside and nobody gets in. */
static inline void gate_close(struct gate *gate)
{
    AcquireSRWLockExclusive(&gate->lock);
    gate->closed = true;
    while (gate->inside)
        SleepConditionVariableSRW(&gate->changed, &gate->lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&gate->lock);
}

static inline void gate_open(struct gate *gate)
{
    AcquireSRWLockExclusive(&gate->lock);
    gate->closed = false;
    WakeAllConditionVariable(&gate->changed);
    ReleaseSRWLockExclusive(&gate->lock);
}

/* --------------------------------------------------------------------------------------------
 * Accounts
 */

/* Of the account files; `folder` is the ledger's, or a copy of that. */
static inline void accounts_folder(const WCHAR *folder, WCHAR *path)
{
    _snwprintf(path, MAX_PATH, L"%ls\\accounts", folder);
}

static inline void account_path(const WCHAR *folder, unsigned number, WCHAR *path)
{
    _snwprintf(path, MAX_PATH, L"%ls\\%05u.acc", folder, number);
}

/* The body first, then the head with the balance: as many programs write. Whoever reads in between
   gets a torn file. */
static inline bool account_write(struct account *account)
{
    const size_t head = offsetof(struct record, body);
    const size_t rest = sizeof(account->record) - head;
    OVERLAPPED at = {0};
    DWORD written;

    account->unflushed = true;
    if (account->view)
    {
        memcpy(account->view->body, account->record.body, rest);
        memcpy(account->view, &account->record, head);
        return true;
    }
    at.Offset = (DWORD)head;
    if (!WriteFile(account->file, account->record.body, (DWORD)rest, &written, &at) ||
        written != rest)
        return false;
    at.Offset = 0;
    return WriteFile(account->file, &account->record, (DWORD)head, &written, &at) &&
        written == head;
}

static inline bool account_create(struct account *account, const WCHAR *folder, unsigned number)
{
    WCHAR path[MAX_PATH];

    InitializeSRWLock(&account->lock);
    account->record.number = number;
    account->record.partner = number;
    account->record.balance = FIRST_BALANCE;
    record_fill(&account->record);
    account_path(folder, number, path);
    account->file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE,
        FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, CREATE_ALWAYS, 0, NULL);
    if (account->file == INVALID_HANDLE_VALUE || !account_write(account))
        return false;
    if (number % 2 == 0)
        return true;
    account->mapping = CreateFileMappingW(account->file, NULL, PAGE_READWRITE, 0, 0, NULL);
    if (account->mapping)
        account->view = MapViewOfFile(account->mapping, FILE_MAP_WRITE, 0, 0, 0);
    return account->view != NULL;
}

static inline void account_close(struct account *account)
{
    if (account->view)
        UnmapViewOfFile(account->view);
    if (account->mapping)
        CloseHandle(account->mapping);
    if (account->file && account->file != INVALID_HANDLE_VALUE)
        CloseHandle(account->file);
}

/* Brings to the disk what was written since the last time. */
static inline bool account_flush(struct account *account)
{
    bool good = true;

    AcquireSRWLockExclusive(&account->lock);
    if (account->unflushed)
        good = (!account->view || FlushViewOfFile(account->view, 0)) &&
            FlushFileBuffers(account->file);
    account->unflushed = account->unflushed && !good;
    ReleaseSRWLockExclusive(&account->lock);
    return good;
}

/* --------------------------------------------------------------------------------------------
 * Transfers
 */

static inline uint32_t ledger_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static inline bool ledger_transfer(
    struct ledger *ledger, unsigned from, unsigned to, int64_t amount)
{
    struct account *a = &ledger->accounts[from];
    struct account *b = &ledger->accounts[to];
    struct account *first = from < to ? a : b;
    struct account *second = from < to ? b : a;
    bool good;

    /* Always in the order of their numbers: two transfers never wait for each other in a circle. */
    AcquireSRWLockExclusive(&first->lock);
    AcquireSRWLockExclusive(&second->lock);
    a->record.transfer = b->record.transfer = InterlockedIncrement64(&ledger->transfers);
    a->record.partner = to;
    b->record.partner = from;
    a->record.balance -= amount;
    b->record.balance += amount;
    record_fill(&a->record);
    record_fill(&b->record);
    good = account_write(a) && account_write(b);
    ReleaseSRWLockExclusive(&second->lock);
    ReleaseSRWLockExclusive(&first->lock);
    return good;
}

static DWORD WINAPI ledger_thread(void *context)
{
    struct ledger *ledger = context;
    uint32_t random = GetCurrentThreadId() * 2654435761u | 1;

    while (!InterlockedCompareExchange(&ledger->stopping, 0, 0))
    {
        unsigned from = ledger_random(&random) % ledger->account_count;
        unsigned to = (from + 1 + ledger_random(&random) % (ledger->account_count - 1)) %
            ledger->account_count;

        gate_enter(&ledger->gate);
        if (!ledger_transfer(ledger, from, to, ledger_random(&random) % 100))
            InterlockedIncrement(&ledger->failures);
        gate_leave(&ledger->gate);
    }
    return 0;
}

/* --------------------------------------------------------------------------------------------
 * The application
 */

static inline bool ledger_open(struct ledger *ledger, const WCHAR *folder, unsigned account_count)
{
    accounts_folder(folder, ledger->folder);
    ledger->account_count = account_count;
    ledger->accounts = calloc(account_count, sizeof(*ledger->accounts));
    InitializeSRWLock(&ledger->gate.lock);
    InitializeConditionVariable(&ledger->gate.changed);
    if (!ledger->accounts ||
        (!CreateDirectoryW(ledger->folder, NULL) && GetLastError() != ERROR_ALREADY_EXISTS))
        return false;
    for (unsigned i = 0; i < account_count; i++)
    {
        if (!account_create(&ledger->accounts[i], ledger->folder, i))
            return false;
    }
    return true;
}

static inline bool ledger_start(struct ledger *ledger, unsigned thread_count)
{
    for (; ledger->thread_count < thread_count; ledger->thread_count++)
    {
        HANDLE thread = CreateThread(NULL, 0, ledger_thread, ledger, 0, NULL);

        if (!thread)
            return false;
        ledger->threads[ledger->thread_count] = thread;
    }
    return true;
}

static inline void ledger_stop(struct ledger *ledger)
{
    InterlockedExchange(&ledger->stopping, 1);
    if (ledger->thread_count)
        WaitForMultipleObjects(ledger->thread_count, ledger->threads, TRUE, INFINITE);
    for (unsigned i = 0; i < ledger->thread_count; i++)
        CloseHandle(ledger->threads[i]);
    ledger->thread_count = 0;
}

static inline void ledger_close(struct ledger *ledger)
{
    ledger_stop(ledger);
    for (unsigned i = 0; ledger->accounts && i < ledger->account_count; i++)
    {
        WCHAR path[MAX_PATH];

        account_close(&ledger->accounts[i]);
        account_path(ledger->folder, i, path);
        DeleteFileW(path);
    }
    RemoveDirectoryW(ledger->folder);
    free(ledger->accounts);
    ledger->accounts = NULL;
}

static inline bool ledger_flush(struct ledger *ledger)
{
    bool good = true;

    for (unsigned i = 0; i < ledger->account_count; i++)
        good = account_flush(&ledger->accounts[i]) && good;
    return good;
}

/* The hash of each account file as it is on the volume. For when nobody writes. */
static inline bool ledger_hash_files(struct ledger *ledger, uint64_t *hashes)
{
    static struct record record; /* too large for a stack; freezes do not overlap */

    for (unsigned i = 0; i < ledger->account_count; i++)
    {
        OVERLAPPED at = {0};
        DWORD size;

        if (!ReadFile(ledger->accounts[i].file, &record, sizeof(record), &size, &at) ||
            size != sizeof(record))
            return false;
        hashes[i] = ledger_hash(&record, sizeof(record));
    }
    return true;
}

#endif

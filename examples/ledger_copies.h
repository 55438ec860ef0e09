/* SPDX-License-Identifier: MIT
 *
 * Part of ledger.c: copies of the account files, and what is wrong with them.
 */
#ifndef LEDGER_COPIES_H
#define LEDGER_COPIES_H

#include "ledger_accounts.h"

/* What a copy of the account files turned out to be. */
struct findings
{
    unsigned missing;
    unsigned torn;          /* files that contradict themselves */
    unsigned contradicting; /* files that have seen a transfer that its other account has not */
    unsigned different;     /* files that are not as frozen */
    int64_t sum_off;
};

/* Copies the account files from `from` (the folder of the application, or of a shadow copy). */
static inline void accounts_copy(const WCHAR *from, const WCHAR *to, unsigned count)
{
    WCHAR source[MAX_PATH], target[MAX_PATH];

    for (unsigned i = 0; i < count; i++)
    {
        account_path(from, i, source);
        account_path(to, i, target);
        CopyFileW(source, target, FALSE);
    }
}

static inline void accounts_delete(const WCHAR *folder, unsigned count)
{
    WCHAR path[MAX_PATH];

    for (unsigned i = 0; i < count; i++)
    {
        account_path(folder, i, path);
        DeleteFileW(path);
    }
}

static inline bool record_read(const WCHAR *folder, unsigned number, struct record *record)
{
    WCHAR path[MAX_PATH];
    HANDLE file;
    DWORD size = 0;

    account_path(folder, number, path);
    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return false;
    if (!ReadFile(file, record, sizeof(*record), &size, NULL))
        size = 0;
    CloseHandle(file);
    return size == sizeof(*record);
}

/* The copy in `folder` of `count` account files. `hashes` of the files as frozen, or NULL when
   there was no freeze. */
static inline bool copies_examine(const WCHAR *folder, unsigned count, const uint64_t *hashes,
    struct findings *findings)
{
    struct record *records = calloc(count, sizeof(*records));
    int64_t sum = 0;

    memset(findings, 0, sizeof(*findings));
    if (!records)
        return false;
    for (unsigned i = 0; i < count; i++)
    {
        struct record *record = &records[i];
        bool there = record_read(folder, i, record);

        findings->missing += !there;
        findings->torn += there &&
            (record->checksum != record_checksum(record) || record->number != i);
        findings->different += hashes &&
            (!there || ledger_hash(record, sizeof(*record)) != hashes[i]);
        sum += record->balance;
    }
    for (unsigned i = 0; i < count; i++)
    {
        const struct record *record = &records[i];

        findings->contradicting += record->partner < count &&
            records[record->partner].transfer < record->transfer;
    }
    findings->sum_off = sum - (int64_t)count * FIRST_BALANCE;
    free(records);
    return true;
}

static inline bool findings_are_good(const struct findings *findings)
{
    return !findings->missing && !findings->torn && !findings->contradicting &&
        !findings->different && !findings->sum_off;
}

#endif

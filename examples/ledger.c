/* SPDX-License-Identifier: MIT
 *
 * ledger: what shadow copies are for, in one program that uses nothing but the VSS API.
 *
 * It is an application whose threads write many files without pause (ledger_accounts.h), a writer
 * that can stop them for a moment (ledger_writer.h) and a requestor that makes backups meanwhile
 * (ledger_backup.h). Each backup is compared, file by file, with what the application had on the
 * volume in the freeze (ledger_copies.h). A plain copy, made in between, shows what happens
 * without.
 *
 *   ledger FOLDER [--accounts N] [--threads N] [--idle N] [--backups N] [--copies FOLDER]
 *   ledger FOLDER --serve [--accounts N] [--threads N] [--seconds N]
 *                                the application and its writer alone, for any requestor; says
 *                                the events that come, with the time in ms
 *   ledger FOLDER --verify COPY [--accounts N]
 *                                beside it: compares a copy of FOLDER with the latest freeze
 *                                (ledger_frozen.h); before the first, the copy with itself
 *
 * Exit code 0: every backup was as frozen, the plain copy was not, and the application stood
 * still for at most half of the time that a full copy takes; the copy is good. 1: not so. 2: wrong
 * use. Build it with -DCOBJMACROS, -municode, Thawline's include folder and import library, -lole32
 * and -loleaut32.
 */
#include <wchar.h>

#include <windows.h>
#include <objbase.h>

#include "ledger_accounts.h"
#include "ledger_backup.h"
#include "ledger_copies.h"
#include "ledger_frozen.h"
#include "ledger_writer.h"

_Static_assert(sizeof(struct record) == RECORD_SIZE, "an account file is one record");

#define IDLE_SIZE 4096
#define IDLE_IN_FOLDER 100
#define MOST_ACCOUNTS 10000
#define MOST_BACKUPS 1000
#define LONGEST_FOLDER 150
/* The application may stand still for this part of a full copy's time. */
#define MOST_FROZEN 0.5

struct options
{
    WCHAR folder[MAX_PATH];
    WCHAR copies[MAX_PATH];
    WCHAR volume[MAX_PATH]; /* the root of the volume that `folder` lies on */
    WCHAR copy[MAX_PATH];   /* of `folder`: to be verified; "": nothing is */
    unsigned accounts, threads, idle, backups, seconds;
    bool serve;
};

struct round
{
    struct findings findings;
    double prepare; /* seconds from the beginning to the freeze */
    double stop;    /* from the Freeze event to the end of its handler */
    double window;  /* from there to the Thaw event */
    double whole;   /* of the whole backup */
};

/* --------------------------------------------------------------------------------------------
 * The idle files
 */

static void idle_path(const WCHAR *folder, unsigned number, WCHAR *path)
{
    _snwprintf(
        path, MAX_PATH, L"%ls\\idle\\%03u\\%05u.txt", folder, number / IDLE_IN_FOLDER, number);
}

static void idle_folder(const WCHAR *folder, unsigned number, WCHAR *path)
{
    _snwprintf(path, MAX_PATH, L"%ls\\idle\\%03u", folder, number / IDLE_IN_FOLDER);
}

static void idle_make_folder(const WCHAR *folder, unsigned number)
{
    WCHAR path[MAX_PATH];

    if (number % IDLE_IN_FOLDER)
        return;
    _snwprintf(path, MAX_PATH, L"%ls\\idle", folder);
    CreateDirectoryW(path, NULL);
    idle_folder(folder, number, path);
    CreateDirectoryW(path, NULL);
}

static bool idle_create(const WCHAR *folder, unsigned count)
{
    static char content[IDLE_SIZE];
    WCHAR path[MAX_PATH];

    for (unsigned i = 0; i < count; i++)
    {
        HANDLE file;
        DWORD written;
        bool good;

        idle_make_folder(folder, i);
        idle_path(folder, i, path);
        memset(content, 'a' + i % 26, sizeof(content));
        file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
        if (file == INVALID_HANDLE_VALUE)
            return false;
        good = WriteFile(file, content, sizeof(content), &written, NULL);
        CloseHandle(file);
        if (!good)
            return false;
    }
    return true;
}

static void idle_delete(const WCHAR *folder, unsigned count)
{
    WCHAR path[MAX_PATH];

    for (unsigned i = 0; i < count; i++)
    {
        idle_path(folder, i, path);
        DeleteFileW(path);
        idle_folder(folder, i, path);
        if (i % IDLE_IN_FOLDER == IDLE_IN_FOLDER - 1 || i + 1 == count)
            RemoveDirectoryW(path);
    }
    _snwprintf(path, MAX_PATH, L"%ls\\idle", folder);
    RemoveDirectoryW(path);
}

/* --------------------------------------------------------------------------------------------
 * A plain copy
 */

/* Of the whole folder, accounts and idle files, as a program without shadow copies
   makes it. */
static double plain_copy(
    const struct options *options, const struct ledger *ledger, struct findings *findings)
{
    WCHAR source[MAX_PATH], target[MAX_PATH];
    double begin = clock_now(), seconds;

    accounts_copy(ledger->folder, options->copies, options->accounts);
    for (unsigned i = 0; i < options->idle; i++)
    {
        idle_make_folder(options->copies, i);
        idle_path(options->folder, i, source);
        idle_path(options->copies, i, target);
        CopyFileW(source, target, FALSE);
    }
    seconds = clock_now() - begin;
    copies_examine(options->copies, options->accounts, NULL, findings);
    accounts_delete(options->copies, options->accounts);
    idle_delete(options->copies, options->idle);
    return seconds;
}

/* --------------------------------------------------------------------------------------------
 * A backup
 */

static double writer_event_time(const struct writer *writer, const char *name)
{
    for (unsigned i = 0; i < writer->event_count; i++)
    {
        if (!strcmp(writer->events[i].name, name))
            return writer->events[i].at;
    }
    return 0;
}

static HRESULT round_backup(struct requestor *requestor, struct options *options,
    struct writer *writer, struct round *round)
{
    WCHAR shadow[MAX_PATH];
    HRESULT hr = requestor_open(requestor, writer->ledger);

    if (SUCCEEDED(hr))
        hr = requestor_make_snapshot(requestor, options->volume);
    if (SUCCEEDED(hr))
        hr = requestor_check_writer(requestor);
    if (SUCCEEDED(hr))
        hr = requestor_find_folder(requestor, options->volume, writer->ledger->folder, shadow);
    if (FAILED(hr))
        return hr;
    /* The threads have long gone on; what is copied is what was there in the freeze. */
    accounts_copy(shadow, options->copies, options->accounts);
    if (!copies_examine(
            options->copies, options->accounts, writer->hashes, &round->findings))
        return E_OUTOFMEMORY;
    accounts_delete(options->copies, options->accounts);
    return requestor_complete(requestor, findings_are_good(&round->findings));
}

static bool round_run(struct options *options, struct writer *writer, struct round *round)
{
    struct requestor requestor = {0};
    double begin = clock_now();
    HRESULT hr = round_backup(&requestor, options, writer, round);

    requestor_close(&requestor, FAILED(hr));
    round->whole = clock_now() - begin;
    if (FAILED(hr))
    {
        printf("  %s failed: 0x%08lx\n", requestor.call, (unsigned long)hr);
        return false;
    }
    round->prepare = writer_event_time(writer, "Freeze") - begin;
    round->stop = writer->window_begin - writer_event_time(writer, "Freeze");
    round->window = writer->window_end - writer->window_begin;
    return findings_are_good(&round->findings);
}

/* --------------------------------------------------------------------------------------------
 * The report
 */

static void report_plain(
    const struct options *options, const struct findings *findings, double seconds)
{
    printf("A plain copy meanwhile: %u files in %.2f s.\n", options->accounts + options->idle,
        seconds);
    printf("  %u account files are torn, %u have seen a transfer that the other account has not,\n"
           "  the sum of all balances is off by %lld.%s\n\n",
        findings->torn, findings->contradicting, (long long)findings->sum_off,
        findings_are_good(findings) ? "" : "  The copy is worthless.");
    fflush(stdout);
}

static void report_round(const struct options *options, unsigned number, const struct round *round)
{
    const struct findings *findings = &round->findings;

    printf("  %4u %10.0f %10.0f %10.0f %10.0f   %u of %u%s, sum %s\n", number,
        round->prepare * 1000, round->stop * 1000, round->window * 1000, round->whole * 1000,
        options->accounts - findings->different, options->accounts, findings->torn ? ", torn" : "",
        findings->sum_off ? "WRONG" : "right");
    fflush(stdout);
}

static void report_events(const struct writer *writer)
{
    printf("\nThe events of the last backup, in ms since the first:\n");
    for (unsigned i = 0; i < writer->event_count; i++)
        printf("  %8.1f  %s\n", (writer->events[i].at - writer->events[0].at) * 1000,
            writer->events[i].name);
}

static int compare_windows(const void *a, const void *b)
{
    double difference = ((const struct round *)a)->window - ((const struct round *)b)->window;

    return difference < 0 ? -1 : difference > 0;
}

static bool report_result(const struct options *options, struct round *rounds, unsigned good,
    bool plain_is_good, double full_copy)
{
    double window, ratio;

    qsort(rounds, options->backups, sizeof(*rounds), compare_windows);
    window = rounds[options->backups / 2].window;
    ratio = window / full_copy;
    printf("\nWith shadow copies %u of %u backups are exactly as frozen; the plain copy is %s.\n",
        good, options->backups, plain_is_good ? "good too, by luck" : "not");
    printf("Freeze window: median %.0f ms, longest %.0f ms. A full copy takes %.0f ms: ratio %.3f\n"
           "(at most %.1f).\n",
        window * 1000, rounds[options->backups - 1].window * 1000, full_copy * 1000, ratio,
        MOST_FROZEN);
    return good == options->backups && !plain_is_good && ratio <= MOST_FROZEN;
}

/* --------------------------------------------------------------------------------------------
 * The three ways to run
 */

static int run_backups(struct options *options, struct writer *writer)
{
    struct ledger *ledger = writer->ledger;
    struct round *rounds = calloc(options->backups, sizeof(*rounds));
    struct findings plain;
    unsigned good = 0;
    double full_copy;
    bool success;

    if (!rounds)
        return 1;
    full_copy = plain_copy(options, ledger, &plain);
    report_plain(options, &plain, full_copy);
    printf(
        "Shadow copies meanwhile, in ms: before the freeze, until every thread stood still, the\n"
        "freeze window, the whole backup.\n"
        "     #    prepare       stop     frozen      whole   account files as frozen\n");
    for (unsigned i = 0; i < options->backups; i++)
    {
        good += round_run(options, writer, &rounds[i]);
        report_round(options, i + 1, &rounds[i]);
    }
    report_events(writer);
    success = report_result(options, rounds, good, findings_are_good(&plain), full_copy);
    printf("%lld transfers, %ld failed.\n", (long long)ledger->transfers, ledger->failures);
    free(rounds);
    return success && !ledger->failures ? 0 : 1;
}

static DWORD WINAPI serve_wait_for_input(void *context)
{
    (void)context;
    getchar();
    return 0;
}

/* Until a line, or the end, of standard input comes; with --seconds, until they are over. */
static int run_serve(const struct options *options)
{
    HANDLE input;

    printf("serving %ls\n", options->folder);
    fflush(stdout);
    if (options->seconds)
    {
        Sleep(options->seconds * 1000);
        return 0;
    }
    input = CreateThread(NULL, 0, serve_wait_for_input, NULL, 0, NULL);
    WaitForSingleObject(input, INFINITE);
    CloseHandle(input);
    return 0;
}

static int run_verify(const struct options *options)
{
    unsigned freeze = frozen_latest(options->folder), count = options->accounts;
    uint64_t *hashes = freeze ? frozen_read(options->folder, freeze, &count) : NULL;
    struct findings findings;
    WCHAR accounts[MAX_PATH];

    accounts_folder(options->copy, accounts);
    if ((freeze && !hashes) || !copies_examine(accounts, count, hashes, &findings))
    {
        printf("cannot verify: error %lu\n", GetLastError());
        return 1;
    }
    if (freeze)
        printf("freeze %u: %u of %u files as frozen, ", freeze, count - findings.different, count);
    printf("%u missing, %u torn, %u contradicting, sum off by %lld\n", findings.missing,
        findings.torn, findings.contradicting, (long long)findings.sum_off);
    free(hashes);
    return findings_are_good(&findings) ? 0 : 1;
}

/* The application, its writer, and what shall happen meanwhile. */
static int run_ledger(struct options *options)
{
    struct ledger ledger = {0};
    struct writer writer = {0};
    HRESULT hr = E_FAIL;
    int code = 1;

    if (ledger_open(&ledger, options->folder, options->accounts) &&
        (options->serve || idle_create(options->folder, options->idle)) &&
        ledger_start(&ledger, options->threads))
        hr = writer_open(&writer, &ledger, options->serve ? options->folder : NULL);
    if (FAILED(hr))
        printf("cannot begin: 0x%08lx, error %lu\n", (unsigned long)hr, GetLastError());
    else if (options->serve)
        code = run_serve(options);
    else
        code = run_backups(options, &writer);
    writer_close(&writer);
    ledger_close(&ledger);
    if (!options->serve)
        idle_delete(options->folder, options->idle);
    return code;
}

/* --------------------------------------------------------------------------------------------
 * The command line
 */

static bool options_set(struct options *options, const WCHAR *name, const WCHAR *value)
{
    const struct
    {
        const WCHAR *name;
        unsigned *number;
        unsigned least, most;
    } numbers[] = {
        {L"--accounts", &options->accounts, 2, MOST_ACCOUNTS},
        {L"--threads", &options->threads, 1, MOST_THREADS},
        {L"--idle", &options->idle, 0, 1000 * IDLE_IN_FOLDER},
        {L"--backups", &options->backups, 1, MOST_BACKUPS},
        {L"--seconds", &options->seconds, 1, 1000000},
    };

    for (size_t i = 0; i < ARRAYSIZE(numbers); i++)
    {
        if (wcscmp(numbers[i].name, name))
            continue;
        *numbers[i].number = wcstoul(value, NULL, 10);
        return *numbers[i].number >= numbers[i].least && *numbers[i].number <= numbers[i].most;
    }
    if (!wcscmp(name, L"--copies"))
        return GetFullPathNameW(value, MAX_PATH, options->copies, NULL) != 0;
    if (!wcscmp(name, L"--verify"))
        return GetFullPathNameW(value, MAX_PATH, options->copy, NULL) != 0;
    return false;
}

static bool options_read(struct options *options, int count, WCHAR **words)
{
    WCHAR temp[MAX_PATH];

    if (count < 2 || words[1][0] == '-' ||
        !GetFullPathNameW(words[1], MAX_PATH, options->folder, NULL))
        return false;
    GetTempPathW(MAX_PATH, temp);
    _snwprintf(options->copies, MAX_PATH, L"%lsledger-%lu", temp, GetCurrentProcessId());
    for (int i = 2; i < count; i++)
    {
        if (!wcscmp(words[i], L"--serve"))
            options->serve = true;
        else if (i + 1 == count || !options_set(options, words[i], words[i + 1]))
            return false;
        else
            i++;
    }
    /* All must leave room for the names of files. */
    return wcslen(options->folder) < LONGEST_FOLDER && wcslen(options->copies) < LONGEST_FOLDER &&
        wcslen(options->copy) < LONGEST_FOLDER &&
        GetVolumePathNameW(options->folder, options->volume, MAX_PATH);
}

static int run(struct options *options)
{
    int code;

    if (*options->copy)
        return run_verify(options);
    if (FAILED(CoInitializeEx(NULL, COINIT_MULTITHREADED)))
        return 1;
    CoInitializeSecurity(NULL, -1, NULL, NULL, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
        RPC_C_IMP_LEVEL_IDENTIFY, NULL, EOAC_NONE, NULL);
    CreateDirectoryW(options->folder, NULL);
    if (!options->serve)
    {
        CreateDirectoryW(options->copies, NULL);
        printf("%u accounts (half written with WriteFile, half through mapped views), %u threads,\n"
               "%u idle files, in %ls\n\n",
            options->accounts, options->threads, options->idle, options->folder);
        fflush(stdout);
    }
    code = run_ledger(options);
    RemoveDirectoryW(options->copies);
    RemoveDirectoryW(options->folder);
    CoUninitialize();
    return code;
}

int wmain(int count, WCHAR **words);

int wmain(int count, WCHAR **words)
{
    struct options options = {.accounts = 400, .threads = 4, .idle = 10000, .backups = 20};

    if (options_read(&options, count, words))
        return run(&options);
    fprintf(stderr,
        "usage: ledger FOLDER [--accounts N] [--threads N] [--idle N] [--backups N]\n"
        "              [--copies FOLDER]\n"
        "       ledger FOLDER --serve [--accounts N] [--threads N] [--seconds N]\n"
        "       ledger FOLDER --verify COPY [--accounts N]\n");
    return 2;
}

/* SPDX-License-Identifier: MIT
 *
 * Says what went wrong.
 */
#include "cli/failure.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/console.h"
#include "cli/text.h"
#include "thawline.h"

/* The cause is among the last lines; more would bury it. */
#define KEPT_LINES 5
#define LOG_WARNING 2

static SRWLOCK failure_lock = SRWLOCK_INIT;
static struct text_list failure_log; /* guarded by failure_lock */

static void CALLBACK failure_heard(void *context, int level, const WCHAR *line)
{
    (void)context;
    (void)level;
    AcquireSRWLockExclusive(&failure_lock);
    if (failure_log.count == KEPT_LINES)
        text_list_remove(&failure_log, 0);
    text_list_add(&failure_log, line);
    ReleaseSRWLockExclusive(&failure_lock);
}

void failure_listen(void)
{
    ThawlineSetLogSink(failure_heard, NULL, LOG_WARNING);
}

/* The system's own sentence for a Win32 error, without its line break. */
static WCHAR *failure_system_text(HRESULT hr)
{
    WCHAR *sentence = NULL;
    WCHAR *text;
    DWORD length = FormatMessageW(
        FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS,
        NULL, hr, 0, (WCHAR *)&sentence, 0, NULL);

    while (length &&
        (sentence[length - 1] == '\r' || sentence[length - 1] == '\n' ||
            sentence[length - 1] == '.'))
        sentence[--length] = 0;
    text = length ? text_copy(sentence) : text_copy(L"unknown");
    LocalFree(sentence);
    return text;
}

WCHAR *failure_text(HRESULT hr)
{
    const char *name = ThawlineGetResultName(hr);
    const char *meaning = ThawlineGetResultMeaning(hr);
    WCHAR *sentence = meaning ? text_format(L"%hs", meaning) : failure_system_text(hr);
    WCHAR *text;

    if (name)
        text = text_format(L"%hs (0x%08lx): %ls", name, hr, sentence);
    else
        text = text_format(L"0x%08lx: %ls", hr, sentence);
    free(sentence);
    return text;
}

void failure_report(const WCHAR *call, HRESULT hr)
{
    WCHAR *text = failure_text(hr);
    struct text_list lines;

    console_error(L"%ls failed: %ls", call, text);
    free(text);
    AcquireSRWLockExclusive(&failure_lock);
    lines = failure_log;
    ZeroMemory(&failure_log, sizeof(failure_log));
    ReleaseSRWLockExclusive(&failure_lock);
    for (size_t i = 0; i < lines.count; i++)
        console_note(L"  %ls", lines.items[i]);
    text_list_free(&lines);
}

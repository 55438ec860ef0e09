/* SPDX-License-Identifier: MIT
 *
 * How far the work is.
 */
#include "cli/progress.h"

#include <stdlib.h>

#include "cli/console.h"
#include "cli/text.h"

/* More often than this a bar does not seem to move any smoother. */
#define DRAW_INTERVAL 100
#define BAR_WIDTH 30

static struct
{
    /* main thread only */
    bool quiet;
    bool screen;
    const WCHAR *name;
    ULONGLONG drawn_at;
    /* any thread, interlocked */
    volatile LONG64 done;
    volatile LONG64 total;
} progress;

void progress_open(bool quiet)
{
    progress.quiet = quiet;
    progress.screen = !quiet && console_is_screen();
}

void progress_phase(const WCHAR *name, ULONGLONG total)
{
    progress.name = name;
    progress.drawn_at = 0;
    progress_set(0, total);
    if (progress.screen)
        progress_draw();
    else if (!progress.quiet)
        console_note(L"%ls ...", name);
}

void progress_add(ULONGLONG bytes)
{
    InterlockedExchangeAdd64(&progress.done, bytes);
}

void progress_set(ULONGLONG done, ULONGLONG total)
{
    InterlockedExchange64(&progress.total, total);
    InterlockedExchange64(&progress.done, done);
}

static void progress_bar(ULONGLONG done, ULONGLONG total, WCHAR *bar)
{
    int filled = (int)((double)done / (double)total * BAR_WIDTH);

    for (int i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[BAR_WIDTH] = 0;
}

void progress_draw(void)
{
    ULONGLONG now = GetTickCount64();
    ULONGLONG done = InterlockedExchangeAdd64(&progress.done, 0);
    ULONGLONG total = InterlockedExchangeAdd64(&progress.total, 0);
    WCHAR bar[BAR_WIDTH + 1], done_size[TEXT_SHORT_SIZE], total_size[TEXT_SHORT_SIZE];
    WCHAR *line;

    if (!progress.screen || !progress.name || now - progress.drawn_at < DRAW_INTERVAL)
        return;
    progress.drawn_at = now;
    if (done > total)
        done = total;
    if (total)
    {
        progress_bar(done, total, bar);
        text_from_size(done, done_size);
        text_from_size(total, total_size);
        line = text_format(L"%ls [%ls] %3u%%  %ls of %ls", progress.name, bar,
            (unsigned)((double)done / (double)total * 100), done_size, total_size);
    }
    else
    {
        line = text_format(L"%ls ...", progress.name);
    }
    console_redraw(line);
    free(line);
}

void progress_close(void)
{
    if (progress.screen)
        console_redraw(L"");
    progress.name = NULL;
}

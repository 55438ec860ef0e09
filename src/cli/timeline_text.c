/* SPDX-License-Identifier: MIT
 *
 * A timeline as lines for a terminal: what began when, in order. See timeline.h.
 */
#include "cli/timeline.h"

#include <stdlib.h>

#include "cli/console.h"
#include "cli/text.h"

static void print_failure(const struct timeline_bar *bar)
{
    char name[TIMELINE_RESULT_SIZE];
    WCHAR *reason = timeline_reason(bar);

    timeline_result(bar->hr, name);
    if (bar->failed && FAILED(bar->hr))
        console_result(L"%26ls!! %hs: %ls", L"", name, reason);
    else
        console_result(L"%26ls!! %ls", L"", reason);
    free(reason);
}

static void print_bar(const struct timeline *timeline, const struct timeline_bar *bar, bool frozen)
{
    char at[TIMELINE_DURATION_SIZE], took[TIMELINE_DURATION_SIZE];
    WCHAR *lane = timeline_lane_title(&timeline->lanes[bar->lane]);

    timeline_duration(bar->begin, at);
    timeline_duration(bar->end - bar->begin, took);
    console_result(L"%11hs %lc %11hs  %-24ls %ls%ls", at, frozen ? '|' : ' ', took, lane, bar->name,
        bar->kind == KIND_EVENT       ? L" (sent)"
            : bar->kind == KIND_ASYNC ? L" (runs)"
                                      : L"");
    if (bar->number)
        print_failure(bar);
    free(lane);
}

static void print_window(const struct timeline_window *window, bool begins)
{
    char at[TIMELINE_DURATION_SIZE], took[TIMELINE_DURATION_SIZE];

    timeline_duration(begins ? window->begin : window->end, at);
    timeline_duration(window->end - window->begin, took);
    if (begins)
        console_result(L"%11hs +---- writers are frozen for %hs", at, took);
    else
        console_result(L"%11hs +---- writers are thawed", at);
}

static void print_mark(const struct timeline_mark *mark)
{
    char at[TIMELINE_DURATION_SIZE], name[TIMELINE_RESULT_SIZE];

    timeline_duration(mark->at, at);
    timeline_result(mark->hr, name);
    console_result(L"%11hs   fault %ls %ls: %hs", at, mark->point ? mark->point : L"",
        mark->detail ? mark->detail : L"", name);
}

void timeline_print(const struct timeline *timeline)
{
    char took[TIMELINE_DURATION_SIZE];
    size_t window = 0, mark = 0;
    bool frozen = false;

    timeline_duration(timeline->length, took);
    console_result(
        L"%ls, %hs, %u failed", timeline->utc ? timeline->utc : L"", took, timeline->failures);
    for (size_t i = 0; i < timeline->process_count; i++)
        console_result(L"process %lld: %ls, %lld bit", timeline->processes[i].pid,
            timeline->processes[i].name ? timeline->processes[i].name : L"?",
            timeline->processes[i].bits);
    console_result(L"%11ls   %11ls  %-24ls %ls", L"at", L"took", L"who", L"what");
    for (size_t i = 0; i < timeline->bar_count; i++)
    {
        const struct timeline_bar *bar = &timeline->bars[i];
        for (; mark < timeline->mark_count && timeline->marks[mark].at <= bar->begin; mark++)
            print_mark(&timeline->marks[mark]);
        while (window < timeline->window_count &&
            bar->begin >=
                (frozen ? timeline->windows[window].end : timeline->windows[window].begin))
        {
            frozen = !frozen;
            print_window(&timeline->windows[window], frozen);
            window += !frozen;
        }
        if (!bar->quiet)
            print_bar(timeline, bar, frozen);
    }
    for (; mark < timeline->mark_count; mark++)
        print_mark(&timeline->marks[mark]);
    if (frozen)
        print_window(&timeline->windows[window], false);
}

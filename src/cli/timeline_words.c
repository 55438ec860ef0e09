/* SPDX-License-Identifier: MIT
 *
 * What all pictures of a timeline say in the same words. See timeline.h.
 */
#include "cli/timeline.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/failure.h"
#include "cli/text.h"
#include "thawline.h"

void timeline_duration(LONGLONG us, char *text)
{
    if (us < 0)
        us = 0;
    if (us < 10000)
        snprintf(text, TIMELINE_DURATION_SIZE, "%.2f ms", (double)us / 1e3);
    else if (us < 1000000)
        snprintf(text, TIMELINE_DURATION_SIZE, "%.1f ms", (double)us / 1e3);
    else
        snprintf(text, TIMELINE_DURATION_SIZE, "%.2f s", (double)us / 1e6);
}

void timeline_result(HRESULT hr, char *text)
{
    const char *name = ThawlineGetResultName(hr);

    if (name)
        snprintf(text, TIMELINE_RESULT_SIZE, "%s", name);
    else
        snprintf(text, TIMELINE_RESULT_SIZE, "0x%08lx", (unsigned long)hr);
}

WCHAR *timeline_reason(const struct timeline_bar *bar)
{
    const char *meaning = ThawlineGetResultMeaning(bar->hr);

    if (bar->open)
        return text_copy(L"It has no end: its process died in it, or the trace ended before.");
    if (bar->sentence)
        return text_copy(bar->sentence);
    if (!FAILED(bar->hr))
        return text_copy(L"The handler returned false and did not say why.");
    return meaning ? text_format(L"%hs", meaning) : failure_text(bar->hr);
}

WCHAR *timeline_lane_title(const struct timeline_lane *lane)
{
    static const WCHAR *const kinds[] = {
        [LANE_REQUESTOR] = L"requestor",
        [LANE_STEPS] = L"shadow copy set",
        [LANE_PROVIDER] = L"provider",
        [LANE_WRITER] = L"writer",
    };

    if (!lane->name)
        return text_copy(kinds[lane->kind]);
    /* They call themselves that. */
    if (lane->kind == LANE_PROVIDER)
        return text_copy(lane->name);
    return text_format(L"%ls %ls", kinds[lane->kind], lane->name);
}

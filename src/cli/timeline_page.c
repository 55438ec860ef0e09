/* SPDX-License-Identifier: MIT
 *
 * A timeline as one HTML page: the picture, and in words what failed and what happened. No script,
 * nothing from elsewhere. See timeline.h.
 */
#include "cli/timeline.h"

#include <stdlib.h>

#include "cli/text.h"

/* Nobody reads more; the picture has all. */
#define MOST_ROWS 1000

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" "
    "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<link rel=\"icon\" href=\"data:,\">\n"
    "<title>Thawline timeline</title>\n<style>\n"
    ":root{color-scheme:light dark;--b:#fff;--t:#1c2733;--m:#5b6875;--l:#dfe4e9;--r:#b71c1c}\n"
    "@media (prefers-color-scheme:dark){:root{--b:#12181f;--t:#dfe6ee;--m:#95a3b3;--l:#2b3641;"
    "--r:#ff8a8a}}\n"
    "@media print{:root{--b:#fff;--t:#000;--m:#444;--l:#ccc;--r:#b71c1c}details{display:none}}\n"
    "body{margin:1rem auto;max-width:1400px;padding:0 1rem;background:var(--b);color:var(--t);"
    "font:14px system-ui,'Segoe UI',Helvetica,Arial,sans-serif}\n"
    "h1{font-size:18px}h2{font-size:15px}svg{width:100%;height:auto}\n"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:2px 8px;"
    "border-bottom:1px solid var(--l);vertical-align:top;overflow-wrap:anywhere}\n"
    "th{color:var(--m);font-weight:600}.r{text-align:right;white-space:nowrap}"
    ".bad,.bad td{color:var(--r)}summary{cursor:pointer}\n</style>\n</head>\n<body>\n";

static void add_cell(struct markup *markup, const WCHAR *text)
{
    markup_raw(markup, "<td>");
    markup_text(markup, text);
    markup_raw(markup, "</td>");
}

static void add_row(
    struct markup *markup, const struct timeline *timeline, const struct timeline_bar *bar)
{
    char at[TIMELINE_DURATION_SIZE], took[TIMELINE_DURATION_SIZE], name[TIMELINE_RESULT_SIZE];
    WCHAR *lane = timeline_lane_title(&timeline->lanes[bar->lane]);
    WCHAR *reason = bar->number ? timeline_reason(bar) : NULL;

    timeline_duration(bar->begin, at);
    timeline_duration(bar->end - bar->begin, took);
    timeline_result(bar->hr, name);
    markup_add(markup, "<tr%s>", bar->number ? " class=\"bad\"" : "");
    if (bar->number)
        markup_add(markup, "<td class=\"r\">%u</td>", bar->number);
    else
        markup_raw(markup, "<td></td>");
    markup_add(markup, "<td class=\"r\">%s</td>", at);
    add_cell(markup, lane);
    add_cell(markup, bar->name);
    markup_add(markup, "<td class=\"r\">%s</td><td>%s</td>", took,
        bar->failed && FAILED(bar->hr) ? name : "");
    add_cell(markup, reason);
    markup_raw(markup, "</tr>\n");
    free(reason);
    free(lane);
}

static void add_table(struct markup *markup, const struct timeline *timeline, bool failures)
{
    unsigned rows = 0;
    size_t left_out = 0;

    markup_raw(markup,
        "<table><thead><tr><th></th><th class=\"r\">at</th><th>who</th><th>what</th>"
        "<th class=\"r\">took</th><th>result</th><th>why</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < timeline->bar_count; i++)
    {
        const struct timeline_bar *bar = &timeline->bars[i];
        if (bar->quiet || (failures && !bar->number))
            continue;
        if (rows < MOST_ROWS)
            add_row(markup, timeline, bar);
        else
            left_out++;
        rows++;
    }
    markup_raw(markup, "</tbody></table>\n");
    if (left_out)
        markup_add(markup, "<p>%zu more are not listed.</p>\n", left_out);
}

static void add_summary(struct markup *markup, const struct timeline *timeline)
{
    markup_raw(markup, "<h1>Thawline timeline</h1>\n<p>");
    for (size_t i = 0; i < timeline->process_count; i++)
    {
        const struct timeline_process *process = &timeline->processes[i];
        markup_raw(markup, i ? "; " : "Processes: ");
        markup_text(markup, process->name ? process->name : L"?");
        markup_add(markup, " (%lld, %lld bit)", process->pid, process->bits);
    }
    markup_raw(markup, ".");
    for (size_t i = 0; i < timeline->window_count && i < MOST_ROWS; i++)
    {
        char took[TIMELINE_DURATION_SIZE];
        timeline_duration(timeline->windows[i].end - timeline->windows[i].begin, took);
        markup_add(markup, "%s%s", i ? ", " : " Writers were frozen for ", took);
    }
    markup_add(markup, "%s</p>\n", timeline->window_count ? "." : "");
}

void timeline_page(struct markup *markup, const struct timeline *timeline)
{
    markup_raw(markup, head);
    add_summary(markup, timeline);
    timeline_svg(markup, timeline);
    if (timeline->failures)
    {
        markup_raw(markup, "<h2>What failed</h2>\n");
        add_table(markup, timeline, true);
    }
    markup_raw(markup, "<details><summary>What happened</summary>\n");
    add_table(markup, timeline, false);
    markup_raw(markup, "</details>\n</body>\n</html>\n");
}

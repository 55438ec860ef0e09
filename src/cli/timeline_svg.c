/* SPDX-License-Identifier: MIT
 *
 * A timeline as an SVG document that needs nothing else: colours for light and dark, what a bar is
 * in its title. See timeline.h.
 *
 * Freezes take milliseconds and copies minutes, so the axis is compressed: between any two moments
 * at which something begins or ends lies the time to the power of AXIS_POWER. Order and numbers
 * stay exact. What would be narrower than a pixel is drawn together, so a long trace makes no more
 * elements than there is room for.
 */
#include "cli/timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "cli/text.h"

#define WIDTH 1200
#define LEFT 190
#define RIGHT 14
#define TOP 64
#define ROW 31
#define BAR 17 /* a row has a bar, and below it room for a name that is longer */
#define LANE_GAP 9
#define LIST_LINE 17
#define CHARACTER 6.1
#define SMALL_CHARACTER 5.1
#define AXIS_POWER 0.4
#define TICKS 8

#define NARROW 1.5 /* pixels: a bar that is drawn with its neighbours */
#define APART 2.0  /* pixels between them */
#define BAR_LEAST 2.5

#define MOST_LANES 120
#define MOST_ROWS 8
#define MOST_FAILURES_DRAWN 1000
#define MOST_FAILURES_LISTED 12
#define MOST_WINDOWS 200
#define MOST_MARKS 200
#define LIST_CHARACTERS 165

/* Bars that are drawn as one. */
struct cluster
{
    double left;
    double right;
    size_t count;
    const struct timeline_bar *first;
};

struct canvas
{
    struct markup *markup;
    const struct timeline *timeline;
    LONGLONG *times; /* at which something begins or ends, each once */
    double *places;  /* where they lie, from 0 to 1 */
    size_t time_count;
    size_t lane_count;        /* that are drawn */
    double *tops;             /* of the lanes, and the end of the last */
    struct cluster *clusters; /* of each row of each lane, like */
    double *named;            /* how far names below its bars reach */
};

static const char style[] =
    "<style>svg{background:#fff;color-scheme:light dark;font:11px system-ui,'Segoe UI',Helvetica,"
    "Arial,sans-serif}text{fill:#1c2733}.h{font-size:15px;font-weight:600}.l{font-size:12px;"
    "font-weight:600}.n{font-size:10px;fill:#5b6875}.s{font-size:9px;fill:#5b6875}"
    ".g{stroke:#dfe4e9}.lane{fill:#f5f7f9}"
    ".call{fill:#6b8cae}.async{fill:#3f6a99}.step{fill:#8a7fb5}.provider{fill:#4c8f6b}"
    ".event{fill:#cfd9e3}.handler{fill:#2f7f86}.more{opacity:.75}.in{fill:#fff}.out{fill:#1c2733}"
    ".w{fill:#3aa0ff;opacity:.13}.wt{fill:#0b62b0;font-weight:600}.we{stroke:#0b62b0;"
    "stroke-dasharray:3 3}.bad{fill:#c62828}.badt{fill:#b71c1c;font-weight:600}.open{fill:#c62828;"
    "opacity:.55}.f{fill:#e0930f}\n"
    "@media (prefers-color-scheme:dark){svg{background:#12181f}text{fill:#dfe6ee}"
    ".n,.s{fill:#95a3b3}"
    ".g{stroke:#2b3641}.lane{fill:#19212a}.event{fill:#33414f}.in{fill:#fff}.out{fill:#dfe6ee}"
    ".w{opacity:.2}.wt{fill:#7cc0ff}.we{stroke:#7cc0ff}.bad{fill:#e5484d}.badt{fill:#ff8a8a}}\n"
    "@media print{svg{background:#fff}text{fill:#000}.lane{fill:#fff;stroke:#ddd}}</style>\n";

/* ---- the axis ---- */

static int compare_times(const void *a, const void *b)
{
    LONGLONG x = *(const LONGLONG *)a;
    LONGLONG y = *(const LONGLONG *)b;
    return (x > y) - (x < y);
}

static void make_axis(struct canvas *canvas)
{
    const struct timeline *timeline = canvas->timeline;
    size_t count = 0;
    LONGLONG *times = text_memory((timeline->bar_count * 2 + 2) * sizeof(*times));
    times[count++] = 0;
    times[count++] = timeline->length;
    for (size_t i = 0; i < timeline->bar_count; i++)
    {
        if (timeline->bars[i].quiet)
            continue;
        times[count++] = timeline->bars[i].begin;
        times[count++] = timeline->bars[i].end;
    }
    qsort(times, count, sizeof(*times), compare_times);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++)
        if (times[i] != times[kept - 1])
            times[kept++] = times[i];
    double *places = text_memory(kept * sizeof(*places));
    for (size_t i = 1; i < kept; i++)
        places[i] = places[i - 1] + pow((double)(times[i] - times[i - 1]), AXIS_POWER);
    for (size_t i = 1; i < kept; i++)
        places[i] /= places[kept - 1];
    canvas->times = times;
    canvas->places = places;
    canvas->time_count = kept;
}

/* The last moment of the table that is not after `time`. */
static size_t moment_before(const struct canvas *canvas, LONGLONG time)
{
    size_t low = 0;
    size_t high = canvas->time_count;
    while (high - low > 1)
    {
        size_t middle = (low + high) / 2;
        if (canvas->times[middle] <= time)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static double x_at(const struct canvas *canvas, LONGLONG time)
{
    size_t i = moment_before(canvas, time);
    double place = canvas->places[i];
    if (i + 1 < canvas->time_count && time > canvas->times[i])
        place += (canvas->places[i + 1] - place) * (double)(time - canvas->times[i]) /
            (double)(canvas->times[i + 1] - canvas->times[i]);
    return LEFT + place * (WIDTH - LEFT - RIGHT);
}

static LONGLONG time_at(const struct canvas *canvas, double place)
{
    size_t i = 0;
    while (i + 2 < canvas->time_count && canvas->places[i + 1] <= place)
        i++;
    if (i + 1 >= canvas->time_count)
        return 0;
    double part = (place - canvas->places[i]) / (canvas->places[i + 1] - canvas->places[i]);
    return canvas->times[i] + (LONGLONG)(part * (double)(canvas->times[i + 1] - canvas->times[i]));
}

static void draw_axis(const struct canvas *canvas)
{
    double bottom = canvas->tops[canvas->lane_count];
    for (int i = 0; i <= TICKS; i++)
    {
        char text[TIMELINE_DURATION_SIZE];
        double place = (double)i / TICKS;
        double x = LEFT + place * (WIDTH - LEFT - RIGHT);
        timeline_duration(i < TICKS ? time_at(canvas, place) : canvas->timeline->length, text);
        markup_add(canvas->markup,
            "<line class=\"g\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.1f\"/>"
            "<text class=\"n\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
            x, x, TOP - 6, bottom, x, TOP - 10, i < TICKS ? "middle" : "end", text);
    }
}

/* ---- lanes ---- */

static void place_lanes(struct canvas *canvas)
{
    const struct timeline *timeline = canvas->timeline;
    double y = TOP;
    canvas->lane_count = timeline->lane_count < MOST_LANES ? timeline->lane_count : MOST_LANES;
    canvas->tops = text_memory((canvas->lane_count + 1) * sizeof(*canvas->tops));
    for (size_t i = 0; i < canvas->lane_count; i++)
    {
        canvas->tops[i] = y;
        y += ROW * (double)(timeline->lanes[i].rows ? timeline->lanes[i].rows : 1) + LANE_GAP;
    }
    canvas->tops[canvas->lane_count] = y;
}

static void draw_lane(const struct canvas *canvas, size_t index)
{
    struct markup *markup = canvas->markup;
    const struct timeline_lane *lane = &canvas->timeline->lanes[index];
    LONGLONG pid = lane->kind == LANE_WRITER ? lane->host : lane->pid;
    const struct timeline_process *process = timeline_find_process(canvas->timeline, pid);
    WCHAR *title = timeline_lane_title(lane);
    double y = canvas->tops[index];
    size_t room = (LEFT - 16) / 7;

    markup_add(markup,
        "<rect class=\"lane\" x=\"4\" y=\"%.1f\" width=\"%d\" height=\"%.1f\" rx=\"4\"/>"
        "<text class=\"l\" x=\"10\" y=\"%.1f\"><title>",
        y - 3, WIDTH - 8, canvas->tops[index + 1] - y - 4, y + 11);
    markup_text(markup, title);
    markup_add(markup, "</title>");
    if (wcslen(title) > room)
        lstrcpyW(title + room - 3, L"...");
    markup_text(markup, title);
    markup_add(markup, "</text><text class=\"n\" x=\"10\" y=\"%.1f\">", y + 24);
    if (lane->kind == LANE_PROVIDER)
        markup_text(markup, lane->volume);
    else if (process)
        markup_add(markup, "process %lld, %lld bit", process->pid, process->bits);
    markup_add(markup, "</text>\n");
    free(title);
}

/* ---- bars ---- */

static const char *class_of(const struct timeline_bar *bar)
{
    if (bar->open)
        return "open";
    if (bar->failed)
        return "bad";
    switch (bar->kind)
    {
    case KIND_ASYNC: return "async";
    case KIND_STEP: return "step";
    case KIND_PROVIDER: return "provider";
    case KIND_EVENT: return "event";
    case KIND_HANDLER: return "handler";
    default: return "call";
    }
}

/* Handlers lie in the middle of the events that lead to them. */
static double inset(const struct timeline_bar *bar)
{
    return bar->kind == KIND_HANDLER ? 3 : 0;
}

static double y_of(const struct canvas *canvas, const struct timeline_bar *bar)
{
    return canvas->tops[bar->lane] + ROW * (double)bar->row;
}

static void draw_title(const struct canvas *canvas, const struct timeline_bar *bar)
{
    struct markup *markup = canvas->markup;
    char at[TIMELINE_DURATION_SIZE], took[TIMELINE_DURATION_SIZE], name[TIMELINE_RESULT_SIZE];

    timeline_duration(bar->begin, at);
    timeline_duration(bar->end - bar->begin, took);
    markup_add(markup, "<title>");
    markup_text(markup, bar->name);
    markup_add(markup, "%s: %s, at %s",
        bar->kind == KIND_EVENT         ? " (sent)"
            : bar->kind == KIND_HANDLER ? " (handler)"
                                        : "",
        took, at);
    if (bar->number)
    {
        WCHAR *reason = timeline_reason(bar);
        timeline_result(bar->hr, name);
        markup_add(markup, "\n%s%s", bar->failed ? name : "", bar->failed ? ": " : "");
        markup_text(markup, reason);
        free(reason);
    }
    markup_add(markup, "</title>");
}

/* Names of calls would take the room from those of what they lead to. */
static void draw_name_below(
    const struct canvas *canvas, const struct timeline_bar *bar, double left)
{
    double *named = &canvas->named[bar->lane * MOST_ROWS + bar->row];
    double right = left + (double)(wcslen(bar->name) + 1) * SMALL_CHARACTER;

    if (bar->kind == KIND_CALL || left < *named || right > WIDTH)
        return;
    *named = right;
    markup_add(canvas->markup, "<text class=\"s\" x=\"%.1f\" y=\"%.1f\">", left,
        y_of(canvas, bar) + BAR + 9);
    markup_text(canvas->markup, bar->name);
    markup_add(canvas->markup, "</text>");
}

static void draw_label(
    const struct canvas *canvas, const struct timeline_bar *bar, double left, double width)
{
    struct markup *markup = canvas->markup;
    const struct timeline_lane *lane = &canvas->timeline->lanes[bar->lane];
    char took[TIMELINE_DURATION_SIZE];
    double y = y_of(canvas, bar) + 13;

    timeline_duration(bar->end - bar->begin, took);
    if (bar->number && bar->number <= MOST_FAILURES_LISTED)
        markup_add(markup, "<text class=\"badt\" x=\"%.1f\" y=\"%.1f\" font-size=\"13\">%u</text>",
            left + width + 2, y, bar->number);
    /* The handler's own bar says it. */
    if (bar->kind == KIND_EVENT && lane->host)
        return;
    if (width < (double)wcslen(bar->name) * CHARACTER + 6)
    {
        /* Steps that take no time would take the names' room from those that do. */
        if (width > BAR_LEAST || lane->kind != LANE_STEPS)
            draw_name_below(canvas, bar, left);
        return;
    }
    markup_add(markup, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">",
        bar->kind == KIND_EVENT && !bar->number ? "out" : "in", left + 3, y);
    markup_text(markup, bar->name);
    if (width > (double)(wcslen(bar->name) + strlen(took) + 1) * CHARACTER + 6)
        markup_add(markup, " %s", took);
    markup_add(markup, "</text>");
}

static void draw_bar(const struct canvas *canvas, const struct timeline_bar *bar)
{
    double left = x_at(canvas, bar->begin);
    double width = x_at(canvas, bar->end) - left;
    double by = inset(bar);

    if (width < BAR_LEAST)
        width = BAR_LEAST;
    markup_add(canvas->markup,
        "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\">",
        class_of(bar), left, y_of(canvas, bar) + by, width, BAR - 2 * by);
    draw_title(canvas, bar);
    markup_add(canvas->markup, "</rect>");
    draw_label(canvas, bar, left, width);
    markup_add(canvas->markup, "\n");
}

static void draw_cluster(const struct canvas *canvas, struct cluster *cluster)
{
    const struct timeline_bar *first = cluster->first;
    double by = first ? inset(first) : 0;
    size_t count = cluster->count;

    cluster->count = 0;
    if (count == 1)
        draw_bar(canvas, first);
    if (count < 2)
        return;
    markup_add(canvas->markup,
        "<rect class=\"%s more\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>"
        "%zu, the first of them: ",
        class_of(first), cluster->left, y_of(canvas, first) + by, cluster->right - cluster->left,
        BAR - 2 * by, count);
    markup_text(canvas->markup, first->name);
    markup_add(canvas->markup, "</title></rect>\n");
}

static void add_to_cluster(
    const struct canvas *canvas, struct cluster *cluster, const struct timeline_bar *bar)
{
    double left = x_at(canvas, bar->begin);
    double right = x_at(canvas, bar->end);

    if (right < left + BAR_LEAST)
        right = left + BAR_LEAST;
    if (cluster->count && left - cluster->right > APART)
        draw_cluster(canvas, cluster);
    if (!cluster->count)
        *cluster = (struct cluster){.left = left, .right = right, .first = bar};
    if (cluster->right < right)
        cluster->right = right;
    cluster->count++;
}

/* Events first, so that handlers lie before them. */
static void draw_bars(struct canvas *canvas, bool events)
{
    const struct timeline *timeline = canvas->timeline;
    unsigned failures = 0;
    size_t slots = canvas->lane_count * MOST_ROWS;

    for (size_t i = 0; i < timeline->bar_count; i++)
    {
        const struct timeline_bar *bar = &timeline->bars[i];
        if (bar->quiet || bar->lane >= canvas->lane_count || (bar->kind == KIND_EVENT) != events)
            continue;
        struct cluster *cluster = &canvas->clusters[bar->lane * MOST_ROWS + bar->row];
        bool narrow = x_at(canvas, bar->end) - x_at(canvas, bar->begin) < NARROW;
        bool alone = !narrow || (bar->number && ++failures <= MOST_FAILURES_DRAWN);
        if (!alone)
        {
            add_to_cluster(canvas, cluster, bar);
            continue;
        }
        draw_cluster(canvas, cluster);
        draw_bar(canvas, bar);
    }
    for (size_t i = 0; i < slots; i++)
        draw_cluster(canvas, &canvas->clusters[i]);
}

/* ---- what lies over all lanes ---- */

static void draw_windows(const struct canvas *canvas)
{
    const struct timeline *timeline = canvas->timeline;
    double bottom = canvas->tops[canvas->lane_count] - LANE_GAP + 4;
    double free_from = 0;

    for (size_t i = 0; i < timeline->window_count && i < MOST_WINDOWS; i++)
    {
        const struct timeline_window *window = &timeline->windows[i];
        char took[TIMELINE_DURATION_SIZE];
        double left = x_at(canvas, window->begin);
        double right = x_at(canvas, window->end);
        timeline_duration(window->end - window->begin, took);
        markup_add(canvas->markup,
            "<g><title>writers frozen: %s</title><rect class=\"w\" x=\"%.1f\" y=\"%d\" "
            "width=\"%.1f\" height=\"%.1f\"/><line class=\"we\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" "
            "y2=\"%.1f\"/><line class=\"we\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.1f\"/></g>",
            took, left, TOP - 26, right - left, bottom - TOP + 26, left, left, TOP - 26, bottom,
            right, right, TOP - 26, bottom);
        if (left >= free_from)
        {
            markup_add(canvas->markup, "<text class=\"wt\" x=\"%.1f\" y=\"%d\">frozen %s</text>\n",
                left + 3, TOP - 28, took);
            free_from = left + (double)(strlen(took) + 8) * CHARACTER + 8;
        }
    }
}

static void draw_marks(const struct canvas *canvas)
{
    const struct timeline *timeline = canvas->timeline;

    for (size_t i = 0; i < timeline->mark_count && i < MOST_MARKS; i++)
    {
        const struct timeline_mark *mark = &timeline->marks[i];
        char name[TIMELINE_RESULT_SIZE];
        double x = x_at(canvas, mark->at);
        timeline_result(mark->hr, name);
        markup_add(canvas->markup, "<path class=\"f\" d=\"M%.1f %d l5 8 h-10 z\"><title>fault ", x,
            TOP - 8);
        markup_text(canvas->markup, mark->point);
        markup_add(canvas->markup, " ");
        markup_text(canvas->markup, mark->detail);
        markup_add(canvas->markup, ": %s</title></path>\n", name);
    }
}

/* A line below the lanes, cut to its width. */
static void draw_failure(const struct canvas *canvas, const struct timeline_bar *bar, double y)
{
    char at[TIMELINE_DURATION_SIZE], name[TIMELINE_RESULT_SIZE];
    WCHAR *reason = timeline_reason(bar);
    WCHAR *lane = timeline_lane_title(&canvas->timeline->lanes[bar->lane]);

    timeline_duration(bar->begin, at);
    timeline_result(bar->hr, name);
    WCHAR *text = text_format(L"%ls, %ls: %hs%ls%ls", lane, bar->name,
        bar->failed && FAILED(bar->hr) ? name : "", bar->failed && FAILED(bar->hr) ? L": " : L"",
        reason);
    if (wcslen(text) > LIST_CHARACTERS)
        lstrcpyW(text + LIST_CHARACTERS - 3, L"...");
    markup_add(canvas->markup,
        "<text class=\"badt\" x=\"10\" y=\"%.1f\">%u</text>"
        "<text class=\"n\" x=\"30\" y=\"%.1f\">%s</text><text class=\"badt\" x=\"90\" y=\"%.1f\">",
        y, bar->number, y, at, y);
    markup_text(canvas->markup, text);
    markup_add(canvas->markup, "</text>\n");
    free(text);
    free(lane);
    free(reason);
}

static double draw_list(const struct canvas *canvas, double y)
{
    const struct timeline *timeline = canvas->timeline;
    unsigned listed = 0;

    for (size_t i = 0; i < timeline->bar_count && listed < MOST_FAILURES_LISTED; i++)
    {
        if (!timeline->bars[i].number)
            continue;
        listed++;
        draw_failure(canvas, &timeline->bars[i], y);
        y += LIST_LINE;
    }
    if (timeline->failures > listed)
    {
        markup_add(canvas->markup, "<text class=\"badt\" x=\"10\" y=\"%.1f\">and %u more</text>\n",
            y, timeline->failures - listed);
        y += LIST_LINE;
    }
    if (timeline->lane_count > canvas->lane_count)
        markup_add(canvas->markup, "<text class=\"n\" x=\"10\" y=\"%.1f\">%zu more lanes</text>\n",
            y, timeline->lane_count - canvas->lane_count);
    return y;
}

static double height_of(const struct canvas *canvas)
{
    const struct timeline *timeline = canvas->timeline;
    unsigned lines = timeline->failures;
    if (lines > MOST_FAILURES_LISTED)
        lines = MOST_FAILURES_LISTED + 1;
    lines += timeline->lane_count > canvas->lane_count;
    return canvas->tops[canvas->lane_count] + LIST_LINE * (double)lines + 26;
}

static void draw_head(const struct canvas *canvas)
{
    const struct timeline *timeline = canvas->timeline;
    char took[TIMELINE_DURATION_SIZE];
    double height = height_of(canvas);

    timeline_duration(timeline->length, took);
    markup_add(canvas->markup,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" role=\"img\" "
        "aria-label=\"timeline of a backup\">\n",
        WIDTH, height);
    markup_raw(canvas->markup, style);
    markup_add(canvas->markup, "<text class=\"h\" x=\"10\" y=\"22\">");
    markup_text(canvas->markup, timeline->utc);
    markup_add(canvas->markup, ", %s, ", took);
    if (timeline->failures)
        markup_add(canvas->markup, "<tspan class=\"badt\">%u failed</tspan>", timeline->failures);
    else
        markup_add(canvas->markup, "nothing failed");
    markup_add(canvas->markup, "</text>\n");
}

void timeline_svg(struct markup *markup, const struct timeline *timeline)
{
    struct canvas canvas = {.markup = markup, .timeline = timeline};

    make_axis(&canvas);
    place_lanes(&canvas);
    canvas.clusters = text_memory((canvas.lane_count * MOST_ROWS + 1) * sizeof(*canvas.clusters));
    canvas.named = text_memory((canvas.lane_count * MOST_ROWS + 1) * sizeof(*canvas.named));
    draw_head(&canvas);
    for (size_t i = 0; i < canvas.lane_count; i++)
        draw_lane(&canvas, i);
    draw_axis(&canvas);
    draw_windows(&canvas);
    draw_bars(&canvas, true);
    draw_bars(&canvas, false);
    draw_marks(&canvas);
    double y = draw_list(&canvas, canvas.tops[canvas.lane_count] + 8);
    markup_add(markup,
        "<text class=\"n\" x=\"10\" y=\"%.1f\">times from the first line; long times are drawn "
        "shorter than they are, their order is exact</text>\n</svg>\n",
        y + LIST_LINE - 5 + (timeline->lane_count > canvas.lane_count ? LIST_LINE : 0));
    free(canvas.times);
    free(canvas.places);
    free(canvas.tops);
    free(canvas.clusters);
    free(canvas.named);
}

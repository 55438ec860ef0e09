/* SPDX-License-Identifier: MIT
 *
 * From the lines of a trace to lanes and bars. See timeline.h.
 */
#include "cli/timeline.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "cli/text.h"

/* More rows than this nobody tells apart. */
#define MOST_ROWS 8
/* The end of a bar whose end has not come yet. */
#define NOT_ENDED (-1)
/* A sentence may come a little after the line of what it is about. */
#define SENTENCE_LATE_US 2000
/* How many lines of the log are looked at for a failure's sentence. */
#define SENTENCES_SEEN 2000

/* A span that has begun. */
struct open_span
{
    LONGLONG pid;
    LONGLONG span;
    enum trace_kind kind;
    size_t bar; /* plus 1; 0: a free slot */
};

struct builder
{
    struct timeline *timeline;
    const struct trace *trace;
    struct open_span *open; /* an open hash, never more than half full */
    size_t open_slots;
    size_t open_count;
    size_t bar_room;
    size_t mark_room;
    size_t lane_room;
    size_t process_room;
    size_t *logs; /* the entries of the log with a code */
    size_t log_count;
};

/* Makes room for one more in a table of `count`. */
#define NEED_ROOM(table_, count_, room_)                                                           \
    do                                                                                             \
    {                                                                                              \
        if ((count_) == (room_))                                                                   \
        {                                                                                          \
            (room_) = (room_) ? (room_)*2 : 64;                                                    \
            (table_) = text_grow((table_), (room_) * sizeof(*(table_)));                           \
        }                                                                                          \
    } while (0)

/* ---- processes and lanes ---- */

const struct timeline_process *timeline_find_process(const struct timeline *timeline, LONGLONG pid)
{
    for (size_t i = timeline->process_count; i-- > 0;)
        if (timeline->processes[i].pid == pid)
            return &timeline->processes[i];
    return NULL;
}

static void note_process(struct builder *builder, const struct trace_entry *entry)
{
    struct timeline *timeline = builder->timeline;
    struct timeline_process *known = (struct timeline_process *)timeline_find_process(
        timeline, entry->pid);
    if (!known)
    {
        NEED_ROOM(timeline->processes, timeline->process_count, builder->process_room);
        known = &timeline->processes[timeline->process_count++];
        *known = (struct timeline_process){.pid = entry->pid, .bits = entry->bits};
    }
    if (entry->kind == KIND_PROCESS)
        known->name = entry->name;
}

static struct timeline_lane lane_of(const struct trace_entry *entry)
{
    switch (entry->kind)
    {
    case KIND_STEP: return (struct timeline_lane){.kind = LANE_STEPS, .pid = entry->pid};
    case KIND_PROVIDER:
        return (struct timeline_lane){.kind = LANE_PROVIDER,
            .key = entry->provider,
            .name = entry->provider,
            .volume = entry->volume};
    case KIND_EVENT:
    case KIND_HANDLER:
        return (struct timeline_lane){
            .kind = LANE_WRITER, .key = entry->instance, .name = entry->writer};
    default: return (struct timeline_lane){.kind = LANE_REQUESTOR, .pid = entry->pid};
    }
}

static size_t find_lane(struct builder *builder, const struct trace_entry *entry)
{
    struct timeline *timeline = builder->timeline;
    const struct timeline_lane wanted = lane_of(entry);
    size_t found = 0;
    for (; found < timeline->lane_count; found++)
    {
        const struct timeline_lane *lane = &timeline->lanes[found];
        if (lane->kind == wanted.kind && lane->pid == wanted.pid && lane->key == wanted.key &&
            lane->volume == wanted.volume)
            break;
    }
    if (found == timeline->lane_count)
    {
        NEED_ROOM(timeline->lanes, timeline->lane_count, builder->lane_room);
        timeline->lanes[timeline->lane_count++] = wanted;
    }
    if (entry->kind == KIND_HANDLER)
        timeline->lanes[found].host = entry->pid;
    return found;
}

/* ---- bars ---- */

static struct open_span *find_open(const struct builder *builder, const struct trace_entry *entry)
{
    size_t slot = (size_t)((ULONGLONG)entry->span * 2654435761u + (ULONGLONG)entry->pid * 40503u +
                      (ULONGLONG)entry->kind) %
        builder->open_slots;
    for (;; slot = (slot + 1) % builder->open_slots)
    {
        struct open_span *open = &builder->open[slot];
        if (!open->bar ||
            (open->pid == entry->pid && open->span == entry->span && open->kind == entry->kind))
            return open;
    }
}

static const WCHAR *name_of(const struct trace_entry *entry)
{
    const WCHAR *name = entry->kind == KIND_EVENT || entry->kind == KIND_HANDLER ? entry->event
                                                                                 : entry->name;
    return name ? name : L"?";
}

static size_t add_bar(struct builder *builder, const struct trace_entry *entry, LONGLONG begin)
{
    struct timeline *timeline = builder->timeline;
    NEED_ROOM(timeline->bars, timeline->bar_count, builder->bar_room);
    timeline->bars[timeline->bar_count] = (struct timeline_bar){.begin = begin,
        .end = NOT_ENDED,
        .pid = entry->pid,
        .lane = find_lane(builder, entry),
        .kind = entry->kind,
        .name = name_of(entry),
        .quiet = !wcsncmp(name_of(entry), L"IVssAsync::", 11)};
    return timeline->bar_count++;
}

static void end_bar(struct builder *builder, size_t index, const struct trace_entry *entry)
{
    struct timeline_bar *bar = &builder->timeline->bars[index];
    bool refused = entry->handled && !wcscmp(entry->handled, L"no");
    bar->end = entry->t - builder->timeline->origin;
    bar->hr = FAILED(entry->hr) ? entry->hr : entry->failure;
    /* Events show the writer's failure again and again until the end: it failed where its handler
       did, or where it was lost. */
    if (entry->kind == KIND_EVENT)
        bar->hr = entry->hr;
    bar->failed = FAILED(bar->hr) || refused;
    bar->quiet &= !bar->failed;
}

static void add_span(struct builder *builder, const struct trace_entry *entry)
{
    LONGLONG now = entry->t - builder->timeline->origin;
    struct open_span *open = find_open(builder, entry);
    if (entry->at == AT_BEGIN)
    {
        *open = (struct open_span){
            entry->pid, entry->span, entry->kind, add_bar(builder, entry, now) + 1};
        return;
    }
    /* The trace began in the middle of it. */
    LONGLONG begin = entry->us > 0 ? now - entry->us : now;
    size_t bar = open->bar ? open->bar - 1 : add_bar(builder, entry, begin);
    end_bar(builder, bar, entry);
}

static void add_entry(struct builder *builder, const struct trace_entry *entry)
{
    struct timeline *timeline = builder->timeline;
    LONGLONG now = entry->t - timeline->origin;
    note_process(builder, entry);
    if (entry->kind == KIND_CALL)
        end_bar(builder, add_bar(builder, entry, entry->us > 0 ? now - entry->us : now), entry);
    else if (entry->at != AT_ONCE && entry->kind != KIND_OTHER)
        add_span(builder, entry);
    else if (entry->kind == KIND_LOG && FAILED(entry->hr))
        builder->logs[builder->log_count++] = (size_t)(entry - builder->trace->entries);
    else if (entry->kind == KIND_FAULT)
    {
        NEED_ROOM(timeline->marks, timeline->mark_count, builder->mark_room);
        timeline->marks[timeline->mark_count++] = (struct timeline_mark){
            now, entry->pid, entry->hr, entry->point, entry->detail};
    }
}

/* ---- order and rows ---- */

/* Qsort's functions know nothing else. */
static const struct timeline *sorted;

static int compare_bars(const void *a, const void *b)
{
    const struct timeline_bar *x = a;
    const struct timeline_bar *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end < y->end) - (x->end > y->end);
}

static int compare_lanes(const void *a, const void *b)
{
    size_t i = *(const size_t *)a;
    size_t j = *(const size_t *)b;
    const struct timeline_lane *x = &sorted->lanes[i];
    const struct timeline_lane *y = &sorted->lanes[j];
    bool own_x = x->kind <= LANE_STEPS;
    bool own_y = y->kind <= LANE_STEPS;
    if (own_x && own_y && x->pid != y->pid)
        return x->pid < y->pid ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return (i > j) - (i < j);
}

static void sort_lanes(struct timeline *timeline)
{
    size_t count = timeline->lane_count;
    size_t *order = text_memory((count + 1) * sizeof(*order));
    size_t *place = text_memory((count + 1) * sizeof(*place));
    struct timeline_lane *lanes = text_memory((count + 1) * sizeof(*lanes));
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    sorted = timeline;
    qsort(order, count, sizeof(*order), compare_lanes);
    for (size_t i = 0; i < count; i++)
    {
        place[order[i]] = i;
        lanes[i] = timeline->lanes[order[i]];
    }
    for (size_t i = 0; i < timeline->bar_count; i++)
        timeline->bars[i].lane = place[timeline->bars[i].lane];
    free(timeline->lanes);
    free(order);
    free(place);
    timeline->lanes = lanes;
    for (size_t i = 0; i < count; i++)
    {
        const struct timeline_process *process = timeline_find_process(timeline, lanes[i].pid);
        if (lanes[i].kind == LANE_REQUESTOR && process)
            lanes[i].name = process->name;
    }
}

/* Each bar into the first row of its lane that is free when it begins. Events lie behind the
   handlers that they lead to, so each of the two has its own count. */
static void place_bars(struct timeline *timeline)
{
    size_t size = (timeline->lane_count + 1) * 2 * MOST_ROWS;
    LONGLONG *busy = text_memory(size * sizeof(*busy));
    for (size_t i = 0; i < size; i++)
        busy[i] = -1;
    for (size_t i = 0; i < timeline->bar_count; i++)
    {
        struct timeline_bar *bar = &timeline->bars[i];
        struct timeline_lane *lane = &timeline->lanes[bar->lane];
        LONGLONG *until = busy + (bar->lane * 2 + (bar->kind == KIND_EVENT)) * MOST_ROWS;
        if (bar->quiet)
            continue;
        while (bar->row + 1 < MOST_ROWS && until[bar->row] > bar->begin)
            bar->row++;
        if (until[bar->row] < bar->end)
            until[bar->row] = bar->end;
        if (lane->rows <= bar->row)
            lane->rows = bar->row + 1;
    }
    free(busy);
}

/* ---- what happened ---- */

static void add_window(struct timeline *timeline, LONGLONG begin, LONGLONG end)
{
    timeline->windows = text_grow(
        timeline->windows, (timeline->window_count + 1) * sizeof(*timeline->windows));
    timeline->windows[timeline->window_count++] = (struct timeline_window){begin, end};
}

static bool ends_freeze(const WCHAR *step)
{
    return !wcscmp(step, L"Thaw (front end)") || !wcscmp(step, L"undo Freeze (system)") ||
        !wcscmp(step, L"undo PrepareForSnapshot");
}

/* From the first Freeze to the last Thaw, or to the end of the Aborts. */
static void find_windows(struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->bar_count; i++)
    {
        const struct timeline_bar *freeze = &timeline->bars[i];
        LONGLONG end = timeline->length;
        if (freeze->kind != KIND_STEP || wcscmp(freeze->name, L"Freeze (front end)"))
            continue;
        for (size_t j = i + 1; j < timeline->bar_count; j++)
        {
            const struct timeline_bar *bar = &timeline->bars[j];
            if (bar->kind != KIND_STEP || bar->pid != freeze->pid || !ends_freeze(bar->name))
                continue;
            end = bar->end;
            break;
        }
        add_window(timeline, freeze->begin, end);
    }
}

/* The latest sentence about this code that its process wrote before the end of the bar. */
static const WCHAR *find_sentence(const struct builder *builder, const struct timeline_bar *bar)
{
    LONGLONG origin = builder->timeline->origin;
    size_t low = 0;
    size_t high = builder->log_count;
    while (low < high)
    {
        size_t middle = (low + high) / 2;
        if (builder->trace->entries[builder->logs[middle]].t - origin <=
            bar->end + SENTENCE_LATE_US)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t seen = 0; low-- > 0 && seen < SENTENCES_SEEN; seen++)
    {
        const struct trace_entry *entry = &builder->trace->entries[builder->logs[low]];
        if (entry->t - origin < bar->begin)
            return NULL;
        if (entry->pid == bar->pid && entry->hr == bar->hr)
            return entry->text;
    }
    return NULL;
}

static void number_failures(struct builder *builder)
{
    struct timeline *timeline = builder->timeline;
    for (size_t i = 0; i < timeline->bar_count; i++)
    {
        struct timeline_bar *bar = &timeline->bars[i];
        if (!bar->failed && !bar->open)
            continue;
        bar->number = ++timeline->failures;
        if (bar->failed)
            bar->sentence = find_sentence(builder, bar);
    }
}

static void end_open_bars(struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->bar_count; i++)
    {
        struct timeline_bar *bar = &timeline->bars[i];
        if (bar->begin < 0)
            bar->begin = 0;
        if (bar->end != NOT_ENDED)
            continue;
        bar->open = true;
        bar->end = timeline->length;
    }
}

/* The first entry of the last backup. */
static size_t find_last(const struct trace *trace)
{
    size_t set = trace->count;
    while (set > 0 &&
        (trace->entries[set - 1].kind != KIND_ASYNC || trace->entries[set - 1].at != AT_BEGIN ||
            wcscmp(name_of(&trace->entries[set - 1]), L"DoSnapshotSet")))
        set--;
    for (size_t i = set; i > 0; i--)
    {
        const struct trace_entry *entry = &trace->entries[i - 1];
        if (entry->kind == KIND_CALL && entry->pid == trace->entries[set - 1].pid &&
            !wcscmp(name_of(entry), L"CreateVssBackupComponents"))
            return i - 1;
    }
    return 0;
}

void timeline_build(struct timeline *timeline, const struct trace *trace, bool last)
{
    struct builder builder = {.timeline = timeline, .trace = trace};
    size_t first = last ? find_last(trace) : 0;

    ZeroMemory(timeline, sizeof(*timeline));
    if (!trace->count)
        return;
    timeline->origin = trace->entries[first].t;
    timeline->utc = trace->entries[first].utc;
    timeline->length = trace->entries[trace->count - 1].t - timeline->origin;
    builder.open_slots = (trace->count + 1) * 2;
    builder.open = text_memory(builder.open_slots * sizeof(*builder.open));
    builder.logs = text_memory((trace->count + 1) * sizeof(*builder.logs));
    /* Who wrote a line is told at the beginning of its process. */
    for (size_t i = 0; i < first; i++)
        if (trace->entries[i].kind == KIND_PROCESS)
            note_process(&builder, &trace->entries[i]);
    for (size_t i = first; i < trace->count; i++)
        add_entry(&builder, &trace->entries[i]);
    end_open_bars(timeline);
    if (timeline->bar_count)
        qsort(timeline->bars, timeline->bar_count, sizeof(*timeline->bars), compare_bars);
    sort_lanes(timeline);
    place_bars(timeline);
    find_windows(timeline);
    number_failures(&builder);
    free(builder.open);
    free(builder.logs);
}

void timeline_free(struct timeline *timeline)
{
    free(timeline->lanes);
    free(timeline->bars);
    free(timeline->marks);
    free(timeline->windows);
    free(timeline->processes);
    ZeroMemory(timeline, sizeof(*timeline));
}

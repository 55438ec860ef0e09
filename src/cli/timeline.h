/* SPDX-License-Identifier: MIT
 *
 * A trace as a picture wants it: lanes with bars, the windows in which writers were frozen, and
 * what failed. Texts are those of the trace, as they came: whoever shows them escapes. One thread.
 */
#ifndef THAWLINE_CLI_TIMELINE_H
#define THAWLINE_CLI_TIMELINE_H

#include "cli/markup.h"
#include "cli/trace_read.h"

enum lane_kind
{
    LANE_REQUESTOR,
    LANE_STEPS,
    LANE_PROVIDER,
    LANE_WRITER
};

struct timeline_lane
{
    enum lane_kind kind;
    LONGLONG pid;        /* REQUESTOR and STEPS */
    const WCHAR *key;    /* PROVIDER: its name; WRITER: its instance */
    const WCHAR *name;   /* of the program, the provider, the writer; may be NULL */
    const WCHAR *volume; /* PROVIDER */
    LONGLONG host;       /* WRITER: the process of its handlers; 0: not known */
    unsigned rows;
};

struct timeline_bar
{
    LONGLONG begin; /* microseconds since the first line */
    LONGLONG end;
    LONGLONG pid;
    size_t lane;
    unsigned row; /* within the lane */
    enum trace_kind kind;
    bool open;   /* it had no end: the process died, or the trace ended before */
    bool failed; /* `hr` says how; S_OK: it does not say */
    bool quiet;  /* waits and questions of a requestor: no bar of their own */
    HRESULT hr;
    const WCHAR *name;
    const WCHAR *sentence; /* what the log said of the failure; NULL: nothing */
    unsigned number;       /* among the failures, from 1 on; 0: none */
};

/* A moment: a fault that fired. */
struct timeline_mark
{
    LONGLONG at;
    LONGLONG pid;
    HRESULT hr;
    const WCHAR *point;
    const WCHAR *detail;
};

struct timeline_window
{
    LONGLONG begin;
    LONGLONG end;
};

struct timeline_process
{
    LONGLONG pid;
    LONGLONG bits;
    const WCHAR *name; /* of the program; NULL: its first line is missing */
};

struct timeline
{
    LONGLONG origin; /* `t` of the first line */
    LONGLONG length;
    const WCHAR *utc;            /* of the first line; may be NULL */
    struct timeline_lane *lanes; /* requestors with their steps, providers, writers */
    size_t lane_count;
    struct timeline_bar *bars; /* in the order in which they begin */
    size_t bar_count;
    struct timeline_mark *marks;
    size_t mark_count;
    struct timeline_window *windows; /* the freezes */
    size_t window_count;
    struct timeline_process *processes;
    size_t process_count;
    unsigned failures;
};

/* `trace` is sorted and stays. With `last`, only the last backup: from the making of the object
   that made the last set of shadow copies. */
void timeline_build(struct timeline *timeline, const struct trace *trace, bool last);
void timeline_free(struct timeline *timeline);

const struct timeline_process *timeline_find_process(const struct timeline *timeline, LONGLONG pid);

/* "0.25 ms", "12.3 ms", "4.56 s" */
#define TIMELINE_DURATION_SIZE 24
void timeline_duration(LONGLONG us, char *text);
/* "VSS_E_BAD_STATE", or the number of a code without a name. */
#define TIMELINE_RESULT_SIZE 64
void timeline_result(HRESULT hr, char *text);
/* The log's sentence, or else the meaning of the code; free() it. */
WCHAR *timeline_reason(const struct timeline_bar *bar);
/* "writer" and the like, and the name of the lane; free() it. */
WCHAR *timeline_lane_title(const struct timeline_lane *lane);

/* The pictures: a complete SVG document, the same inside a page with tables, and lines for a
   terminal, which go to standard output. */
void timeline_svg(struct markup *markup, const struct timeline *timeline);
void timeline_page(struct markup *markup, const struct timeline *timeline);
void timeline_print(const struct timeline *timeline);

#endif

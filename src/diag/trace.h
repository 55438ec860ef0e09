/* SPDX-License-Identifier: MIT
 *
 * The trace: one line of JSON for each thing that happens, as trace_points.def lists them. The
 * setting TRACE names the files: each process appends to `TRACE.<process id>` of its own, because
 * under Wine what two processes append to one file overwrites each other, and a lock around every
 * line would make it cost ten times as much. Lines are ASCII; a process that dies leaves at most
 * one cut line, the last.
 *
 * Off, a point is a load and a branch. Any thread. Nothing here allocates, and nothing that goes
 * wrong reaches the caller: the log says once that the trace ends, and it ends.
 *
 *     if (trace_watches())
 *     {
 *         struct trace_line line;
 *         trace_begin(&line, TRACE_CALL);
 *         trace_text(&line, "name", name);
 *         trace_end(&line);
 *     }
 */
#ifndef THAWLINE_DIAG_TRACE_H
#define THAWLINE_DIAG_TRACE_H

#include "base/types.h"

enum trace_point
{
#define TRACE_POINT(id, name, fields) id,
#include "diag/trace_points.def"
#undef TRACE_POINT
    TRACE_POINT_COUNT
};

/* The format of the lines; grows when a reader has to know. */
#define TRACE_FORMAT 1

enum trace_state
{
    TRACE_OFF,
    TRACE_ON,
    TRACE_UNKNOWN, /* the setting was not read yet */
    TRACE_BROKEN   /* a line could not be written, which the log has not said yet */
};
extern volatile LONG trace_state;

/* Looks at the setting if that was not done yet, and says what there is to say. */
bool trace_ready(void);

/* Whether lines are wanted. With no lock held: */
static inline bool trace_watches(void)
{
    return trace_state != TRACE_OFF && trace_ready();
}
/* where a lock may be held: */
static inline bool trace_is_on(void)
{
    return trace_state == TRACE_ON;
}

/* Long enough for any sentence of the log in ASCII; longer texts are cut, with a mark. */
#define TRACE_LINE_LENGTH 6144
struct trace_line
{
    char text[TRACE_LINE_LENGTH];
    size_t length;
};

/* A text that is NULL leaves its field out. Keys are ASCII that needs no escaping. */
void trace_begin(struct trace_line *line, enum trace_point point);
void trace_text(struct trace_line *line, const char *key, const WCHAR *value);
void trace_ascii(struct trace_line *line, const char *key, const char *value);
void trace_number(struct trace_line *line, const char *key, int64_t value);
void trace_guid(struct trace_line *line, const char *key, const GUID *value);
void trace_result(struct trace_line *line, const char *key, HRESULT value);
void trace_end(struct trace_line *line);

/* What lasts. Zero-initialise; one that began with the trace off has id 0 and no second line. */
struct trace_span
{
    LONG id;
    uint64_t began_us;
};
/* In place of trace_begin. The end is for spans with an id only. */
void trace_span_begin(struct trace_line *line, enum trace_point point, struct trace_span *span);
void trace_span_end(struct trace_line *line, enum trace_point point, const struct trace_span *span);

/* The setting TRACE from now on: the lines go to `path`.<process id>; NULL takes that back, "" ends
   the trace. When the file can't be opened nothing changes: the system's error as HRESULT, with a
   sentence in the log. E_OUTOFMEMORY. No lock may be held. */
HRESULT trace_set(const WCHAR *path);
/* The settings that the trace goes by have changed. No lock may be held. */
void trace_refresh(void);

const char *trace_point_name(enum trace_point point);

#endif

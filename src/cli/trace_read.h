/* SPDX-License-Identifier: MIT
 *
 * Reads traces (src/diag/trace_points.def says what is in them). A line that is no line of a trace
 * is counted and costs nothing else; kinds and fields that are not known here are passed over. One
 * thread.
 */
#ifndef THAWLINE_CLI_TRACE_READ_H
#define THAWLINE_CLI_TRACE_READ_H

#include <stdbool.h>
#include <windows.h>

enum trace_kind
{
    KIND_OTHER,
    KIND_PROCESS,
    KIND_CALL,
    KIND_ASYNC,
    KIND_EVENT,
    KIND_HANDLER,
    KIND_STEP,
    KIND_PROVIDER,
    KIND_STATE,
    KIND_FAULT,
    KIND_LOG
};

enum trace_at
{
    AT_ONCE,
    AT_BEGIN,
    AT_END
};

/* A line. Texts belong to the trace, equal ones are the same pointer, and missing ones are NULL. */
struct trace_entry
{
    LONGLONG t;
    LONGLONG us; /* -1: it has none */
    LONGLONG span;
    LONGLONG pid;
    LONGLONG bits;
    LONGLONG delay_ms;
    size_t order; /* in which it was read */
    enum trace_kind kind;
    enum trace_at at;
    HRESULT hr; /* S_OK also when it has none */
    HRESULT failure;
    const WCHAR *utc;
    const WCHAR *name;
    const WCHAR *event;
    const WCHAR *writer;
    const WCHAR *instance;
    const WCHAR *provider;
    const WCHAR *volume;
    const WCHAR *point;
    const WCHAR *detail;
    const WCHAR *level;
    const WCHAR *text;
    const WCHAR *handled;
};

struct trace_text;

/* Zero-initialise. */
struct trace
{
    struct trace_entry *entries; /* in the order of time once trace_sort was called */
    size_t count;
    size_t capacity;
    size_t malformed; /* lines that were skipped */
    unsigned files;
    /* trace_read.c's */
    struct trace_text **texts;
    size_t text_count;
    size_t text_slots;
};

/* Adds the lines of `bytes`. */
void trace_add(struct trace *trace, const char *bytes, size_t size);
/* Adds the file of this name and all that are called `path`.<digits>; trace->files tells how many
   there were. Not ERROR_SUCCESS: one could not be read; *failed is its name then, free() it. */
DWORD trace_add_files(struct trace *trace, const WCHAR *path, WCHAR **failed);
void trace_sort(struct trace *trace);
void trace_free(struct trace *trace);

#endif

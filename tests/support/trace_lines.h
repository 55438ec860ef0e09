/* SPDX-License-Identifier: MIT
 *
 * The lines of a trace as a test sees them: all files of one setting TRACE, each line as text. Only
 * the order within one process is that of the files. Include it after cmocka.h.
 */
#ifndef THAWLINE_TESTS_SUPPORT_TRACE_LINES_H
#define THAWLINE_TESTS_SUPPORT_TRACE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include <windows.h>

struct trace_lines
{
    char *text;
    const char **line;
    size_t count;
    unsigned files;
};

/* A path for TRACE in a folder of its own, which is made, or emptied. */
void trace_lines_place(WCHAR *path);

/* Reads what there is; the caller frees. */
void trace_lines_read(struct trace_lines *lines, const WCHAR *path);
void trace_lines_free(struct trace_lines *lines);

/* The first line from `from` on that holds all of the texts, up to a NULL; NULL: none. */
const char *trace_lines_find(const struct trace_lines *lines, size_t from, ...);
/* How many do. */
unsigned trace_lines_count(const struct trace_lines *lines, ...);

/* A number of a line, by its key; fails the test when it isn't there. */
long long trace_line_number(const char *line, const char *key);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Text for files that hold other words than ours: XML, HTML. What comes from outside goes through
 * markup_text: it can neither open nor close anything, nor break the document, nor turn the
 * direction of what follows. UTF-8. One thread.
 */
#ifndef THAWLINE_CLI_MARKUP_H
#define THAWLINE_CLI_MARKUP_H

#include <stdbool.h>
#include <windows.h>

/* Zero-initialise; free `text`. */
struct markup
{
    char *text;
    size_t length;
    size_t capacity;
};

/* Our own markup, as printf makes it; at most MARKUP_LIMIT bytes at once. */
#define MARKUP_LIMIT 1024
void markup_add(struct markup *markup, const char *format, ...)
    __attribute__((format(gnu_printf, 2, 3)));
/* The same without format or limit. */
void markup_raw(struct markup *markup, const char *text);
/* Anybody's text as content or inside an attribute's quotes; NULL is nothing. Controls, marks of
   direction and lone surrogates are shown as \u001b and the like. */
void markup_text(struct markup *markup, const WCHAR *text);

/* To standard output, or to a file that is made or replaced. False: the file could not be written,
   and the error is GetLastError's. */
bool markup_write(const struct markup *markup, const WCHAR *path);

#endif

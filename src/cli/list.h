/* SPDX-License-Identifier: MIT
 *
 * What `thawline list` can list, and how. Each function prints to standard output, has said why
 * when it fails, and returns the exit code. One thread.
 */
#ifndef THAWLINE_CLI_LIST_H
#define THAWLINE_CLI_LIST_H

enum list_form
{
    LIST_TEXT,    /* for people */
    LIST_JSON,    /* one object */
    LIST_VSSADMIN /* for programs that read what vssadmin prints; writers only */
};

int list_shadows(enum list_form form);
int list_writers(enum list_form form);

#endif

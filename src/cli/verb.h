/* SPDX-License-Identifier: MIT
 *
 * A verb of the command line and its options, as data: parsing, `--help` and the messages about
 * wrong use are made from it.
 */
#ifndef THAWLINE_CLI_VERB_H
#define THAWLINE_CLI_VERB_H

#include <stdbool.h>

#include "cli/text.h"

struct verb_option
{
    const WCHAR *name;  /* "--json" */
    const WCHAR *value; /* NULL: it takes none; "clone|live": one of these; "ID": anything */
    const WCHAR *help;
    bool *flag;             /* set to true when the option is there */
    const WCHAR **text;     /* with a value: set to it */
    struct text_list *list; /* with a value, in place of `text`: may come again and again */
};

struct verb
{
    const WCHAR *name;
    const WCHAR *arguments;   /* as in "usage: thawline backup SOURCE... DEST" */
    const WCHAR *summary;     /* one line for the list of verbs */
    const WCHAR *const *help; /* lines, up to a NULL */
    int (*run)(const struct verb *verb, int count, WCHAR **words);
};

extern const struct verb verb_backup;
extern const struct verb verb_restore;
extern const struct verb verb_list;
extern const struct verb verb_delete;
extern const struct verb verb_explain;
extern const struct verb verb_writer;
extern const struct verb verb_faults;
extern const struct verb verb_timeline;

enum verb_outcome
{
    VERB_GO,
    VERB_HELPED, /* --help was asked for and printed */
    VERB_WRONG   /* a line said what is wrong */
};

/* Takes `words` apart: options (a NULL name ends the table) into their targets, all else into
   `plain`, the caller's to free whatever the outcome. "--" ends the options. */
enum verb_outcome verb_parse(const struct verb *verb, const struct verb_option *options, int count,
    WCHAR **words, struct text_list *plain);

/* "thawline backup: ..." and where help is; returns EXIT_CODE_WRONG_USE. */
int verb_wrong_use(const struct verb *verb, const WCHAR *format, ...);

void verb_print_exit_codes(void);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Why a text was refused, and where: what those who log put into their sentence.
 */
#ifndef THAWLINE_XML_XML_FLAW_H
#define THAWLINE_XML_XML_FLAW_H

#include "base/types.h"

/* All zero when there is nothing to say. */
struct xml_flaw
{
    const char *reason; /* half a sentence; static */
    const char *name;   /* what the reason ends with: an element, an attribute, or ""; static */
    unsigned line;      /* from 1 */
    unsigned column;    /* from 1, in characters */
};

/* For a format and its arguments: "line 3, column 7: a required attribute is missing: writerId". */
#define XML_FLAW_FORMAT "line %u, column %u: %s%s"
#define XML_FLAW_VALUES(flaw_)                                                                     \
    (flaw_)->line, (flaw_)->column, (flaw_)->reason ? (flaw_)->reason : "",                        \
        (flaw_)->name ? (flaw_)->name : ""

/* Fills *flaw (NULL: nothing happens) for the place before the `unit`-th of `length` units. */
void xml_flaw_set(struct xml_flaw *flaw, const char *reason, const char *name, const WCHAR *text,
    size_t length, size_t unit);

/* The unit at which the `byte`-th byte of the text in UTF-8 stands. */
size_t xml_flaw_unit_of_byte(const WCHAR *text, size_t length, size_t byte);

/* The first unit that is half of a surrogate pair; `length` when there is none. */
size_t xml_flaw_lone_surrogate(const WCHAR *text, size_t length);

#endif

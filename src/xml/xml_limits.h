/* SPDX-License-Identifier: MIT
 *
 * How much XML this project is willing to read. The sources of the numbers stand beside them.
 */
#ifndef THAWLINE_XML_XML_LIMITS_H
#define THAWLINE_XML_XML_LIMITS_H

/* Elements inside one another. The documents need six; what is kept unread may need a few more. */
#define XML_MAX_DEPTH 256u

/* Namespace declarations in force at one place. Looking one up walks them, so that they must be
   few. */
#define XML_MAX_BINDINGS 64u

/* 64 MiB of UTF-16, about fifteen times the largest document that Windows is known to write (the
   System Writer's with 18,925 files). */
#define XML_MAX_DOCUMENT_UNITS (64u * 1024 * 1024 / 2)

#endif

/* SPDX-License-Identifier: MIT
 *
 * UTF-16 to UTF-8 and back, into memory of the caller's. The allocating forms are in str16.h. Any
 * thread.
 */
#ifndef THAWLINE_BASE_UTF8_H
#define THAWLINE_BASE_UTF8_H

#include "base/types.h"

/* The most bytes that one UTF-16 unit takes; a surrogate pair takes four for its two. */
#define UTF8_MOST_PER_UNIT 3

/* `out` has room for UTF8_MOST_PER_UNIT bytes a unit; returns how many were written (no NUL). A
   lone surrogate becomes U+FFFD and sets *ill_formed, which is left alone otherwise. */
size_t utf8_encode(const WCHAR *text, size_t units, char *out, bool *ill_formed);

/* `out` has room for `bytes` units; returns how many were written (no NUL). Each byte that does not
   belong to a well-formed sequence becomes U+FFFD. */
size_t utf8_decode(const char *text, size_t bytes, WCHAR *out);

#endif

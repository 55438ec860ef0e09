/* SPDX-License-Identifier: MIT
 *
 * 16-bit strings. Own functions in place of wcs*, so that the pure rooms behave the same in native
 * builds.
 *
 * A NULL string is "no string", distinct from an empty one, wherever a function says that it
 * accepts NULL.
 */
#ifndef THAWLINE_BASE_STR16_H
#define THAWLINE_BASE_STR16_H

#include "base/types.h"

size_t str16_len(const WCHAR *text); /* NULL counts as empty */
WCHAR *str16_dup(const WCHAR *text); /* mem_free it; NULL for NULL and when memory is exhausted */
WCHAR *str16_ndup(const WCHAR *text, size_t length);

/* Copies `source` (NULL allowed) to *target, freeing what was there. E_OUTOFMEMORY leaves *target
   as it was. */
HRESULT str16_assign(WCHAR **target, const WCHAR *source);

/* Code unit order. NULL sorts before everything else, and equals only NULL. */
int str16_compare(const WCHAR *a, const WCHAR *b);
bool str16_equal(const WCHAR *a, const WCHAR *b);
/* NULL and "" are the same: the rule for logical paths. */
bool str16_equal_or_empty(const WCHAR *a, const WCHAR *b);
/* ASCII letters compare without case; everything else by code unit. */
bool str16_equal_nocase(const WCHAR *a, const WCHAR *b);
/* A NULL `text` counts as empty in the functions that follow. */
bool str16_starts_with(const WCHAR *text, const WCHAR *prefix);
bool str16_starts_with_nocase(const WCHAR *text, const WCHAR *prefix);
bool str16_ends_with_char(const WCHAR *text, WCHAR last);
const WCHAR *str16_find_char(const WCHAR *text, WCHAR wanted);
const WCHAR *str16_find_last_char(const WCHAR *text, WCHAR wanted);

/* Lone surrogates become U+FFFD in UTF-8, ill-formed UTF-8 becomes U+FFFD in UTF-16.
   The result ends with a NUL that *length (may be NULL) does not count; mem_free it. */
char *utf8_from_str16(const WCHAR *text, size_t units, size_t *length);
WCHAR *str16_from_utf8(const char *text, size_t bytes, size_t *length);

/* A string under construction. Zero-initialise. After a failed allocation `failed` stays set and
   further appends do nothing, so that a series of them is checked once, at the end. */
struct str16_builder
{
    WCHAR *text;
    size_t length;
    size_t capacity;
    bool failed;
};

void str16_builder_add(struct str16_builder *builder, const WCHAR *text); /* NULL adds nothing */
void str16_builder_add_n(struct str16_builder *builder, const WCHAR *text, size_t length);
void str16_builder_add_char(struct str16_builder *builder, WCHAR unit);
void str16_builder_add_utf8(struct str16_builder *builder, const char *text, size_t bytes);
void str16_builder_add_ascii(struct str16_builder *builder, const char *text);
void str16_builder_add_unsigned(struct str16_builder *builder, uint64_t value);

/* Gives the finished string to the caller (mem_free), "" when nothing was added, NULL after a
   failure. The builder is empty again. */
WCHAR *str16_builder_take(struct str16_builder *builder);
void str16_builder_free(struct str16_builder *builder);

#endif

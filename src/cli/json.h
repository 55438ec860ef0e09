/* SPDX-License-Identifier: MIT
 *
 * Writes one JSON object. `key` is NULL inside arrays and for the outermost object. One thread.
 */
#ifndef THAWLINE_CLI_JSON_H
#define THAWLINE_CLI_JSON_H

#include <stdbool.h>
#include <windows.h>

/* Zero-initialise. */
struct json
{
    char *text;
    size_t length;
    size_t capacity;
    bool follows; /* a comma is due before the next value */
};

void json_begin_object(struct json *json, const char *key);
void json_end_object(struct json *json);
void json_begin_array(struct json *json, const char *key);
void json_end_array(struct json *json);
void json_text(struct json *json, const char *key, const WCHAR *value); /* NULL: null */
void json_ascii(struct json *json, const char *key, const char *value); /* NULL: null */
void json_guid(struct json *json, const char *key, const GUID *value);
void json_number(struct json *json, const char *key, LONGLONG value);
void json_bool(struct json *json, const char *key, bool value);
/* "0x80042301" under `key` and its name, or null, under `name_key`. */
void json_result(struct json *json, const char *key, const char *name_key, HRESULT value);

/* Writes the object and a newline to standard output and frees it. */
void json_print(struct json *json);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Writes one JSON object.
 */
#include "cli/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/console.h"
#include "cli/text.h"
#include "thawline.h"

static void json_add(struct json *json, const char *bytes, size_t length)
{
    if (json->length + length > json->capacity)
    {
        json->capacity = (json->length + length) * 2;
        json->text = text_grow(json->text, json->capacity);
    }
    memcpy(json->text + json->length, bytes, length);
    json->length += length;
}

static void json_add_ascii(struct json *json, const char *text)
{
    json_add(json, text, strlen(text));
}

/* What stands before a value: a comma if one is due, and the key. */
static void json_lead(struct json *json, const char *key)
{
    if (json->follows)
        json_add_ascii(json, ",");
    if (key)
    {
        json_add_ascii(json, "\"");
        json_add_ascii(json, key);
        json_add_ascii(json, "\":");
    }
    json->follows = true;
}

static void json_begin(struct json *json, const char *key, const char *bracket)
{
    json_lead(json, key);
    json_add_ascii(json, bracket);
    json->follows = false;
}

static void json_end(struct json *json, const char *bracket)
{
    json_add_ascii(json, bracket);
    json->follows = true;
}

void json_begin_object(struct json *json, const char *key)
{
    json_begin(json, key, "{");
}

void json_end_object(struct json *json)
{
    json_end(json, "}");
}

void json_begin_array(struct json *json, const char *key)
{
    json_begin(json, key, "[");
}

void json_end_array(struct json *json)
{
    json_end(json, "]");
}

/* Everything but plain ASCII is written as \u00e4 and the like: the text survives any terminal,
   pipe or code page, and a lone surrogate stays what it was. */
void json_text(struct json *json, const char *key, const WCHAR *value)
{
    char escaped[8];

    json_lead(json, key);
    if (!value)
    {
        json_add_ascii(json, "null");
        return;
    }
    json_add_ascii(json, "\"");
    for (; *value; value++)
    {
        char plain = (char)*value;

        if (*value == '"' || *value == '\\')
        {
            json_add(json, "\\", 1);
            json_add(json, &plain, 1);
        }
        else if (*value >= 0x20 && *value < 0x7f)
        {
            json_add(json, &plain, 1);
        }
        else
        {
            json_add(json, escaped, snprintf(escaped, sizeof(escaped), "\\u%04x", *value));
        }
    }
    json_add_ascii(json, "\"");
}

void json_ascii(struct json *json, const char *key, const char *value)
{
    WCHAR *wide = value ? text_format(L"%hs", value) : NULL;

    json_text(json, key, wide);
    free(wide);
}

void json_guid(struct json *json, const char *key, const GUID *value)
{
    WCHAR text[TEXT_GUID_SIZE];

    text_from_guid(value, text);
    json_text(json, key, text);
}

void json_number(struct json *json, const char *key, LONGLONG value)
{
    char text[24];

    json_lead(json, key);
    json_add(json, text, snprintf(text, sizeof(text), "%lld", value));
}

void json_bool(struct json *json, const char *key, bool value)
{
    json_lead(json, key);
    json_add_ascii(json, value ? "true" : "false");
}

void json_result(struct json *json, const char *key, const char *name_key, HRESULT value)
{
    char text[12];

    snprintf(text, sizeof(text), "0x%08lx", (unsigned long)value);
    json_ascii(json, key, text);
    json_ascii(json, name_key, ThawlineGetResultName(value));
}

void json_print(struct json *json)
{
    json_add_ascii(json, "\n");
    console_raw(json->text, json->length);
    free(json->text);
    ZeroMemory(json, sizeof(*json));
}

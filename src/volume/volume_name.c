/* SPDX-License-Identifier: MIT
 *
 * The forms of volume names. See volume_name.h.
 */
#include "volume/volume_name.h"

#include <string.h>

#include "base/guid.h"
#include "base/str16.h"

#define GUID_NAME_PREFIX L"\\\\?\\Volume{"
#define GUID_NAME_PREFIX_LENGTH 11

static bool is_letter(WCHAR unit)
{
    return (unit >= L'a' && unit <= L'z') || (unit >= L'A' && unit <= L'Z');
}

bool volume_path_is_rooted(const WCHAR *path)
{
    return is_letter(path[0]) && path[1] == L':' && path[2] == L'\\';
}

bool volume_name_begins(const WCHAR *path)
{
    if (!str16_starts_with_nocase(path, GUID_NAME_PREFIX) || str16_len(path) < VOLUME_NAME_LENGTH)
        return false;
    WCHAR text[GUID_TEXT_LENGTH + 1];
    GUID id;
    memcpy(text, path + GUID_NAME_PREFIX_LENGTH, GUID_TEXT_LENGTH * sizeof(WCHAR));
    text[GUID_TEXT_LENGTH] = 0;
    return guid_from_text(text, &id) && path[VOLUME_NAME_LENGTH - 2] == L'}' &&
        path[VOLUME_NAME_LENGTH - 1] == L'\\';
}

/* No part of a path may hold these; a colon stands behind the letter only. */
static bool has_forbidden_unit(const WCHAR *text)
{
    for (; *text; text++)
        if (*text < L' ' || str16_find_char(L"<>:\"|?*/", *text))
            return true;
    return false;
}

static bool is_ip_address(const WCHAR *server, size_t length)
{
    bool version_4 = true;
    for (size_t i = 0; i < length; i++)
        version_4 &= server[i] == L'.' || (server[i] >= L'0' && server[i] <= L'9');
    static const WCHAR ip6[] = L".ipv6-literal.net";
    size_t ip6_length = sizeof(ip6) / sizeof(*ip6) - 1;
    if (version_4 || length <= ip6_length)
        return version_4;
    for (size_t i = 0; i < ip6_length; i++)
        if ((server[length - ip6_length + i] | 0x20) != (ip6[i] | 0x20))
            return false;
    return true;
}

/* What follows the two backslashes: `server\share\`. */
static bool is_share(const WCHAR *text)
{
    const WCHAR *share = str16_find_char(text, L'\\');
    if (!share || share == text || is_ip_address(text, (size_t)(share - text)))
        return false;
    const WCHAR *end = str16_find_char(share + 1, L'\\');
    return end && end > share + 1 && !has_forbidden_unit(text);
}

bool volume_name_is_by_address(const WCHAR *name)
{
    const WCHAR *share = str16_starts_with(name, L"\\\\") ? str16_find_char(name + 2, L'\\') : NULL;
    return share && share > name + 2 && is_ip_address(name + 2, (size_t)(share - name - 2));
}

enum volume_name_form volume_name_form(const WCHAR *name)
{
    if (!str16_ends_with_char(name, L'\\'))
        return VOLUME_FORM_MALFORMED;
    if (volume_name_begins(name))
        return name[VOLUME_NAME_LENGTH] ? VOLUME_FORM_MALFORMED : VOLUME_FORM_GUID;
    if (volume_path_is_rooted(name))
        return has_forbidden_unit(name + 3) ? VOLUME_FORM_MALFORMED : VOLUME_FORM_PATH;
    if (name[0] == L'\\' && name[1] == L'\\' && is_share(name + 2))
        return VOLUME_FORM_SHARE;
    return VOLUME_FORM_MALFORMED;
}

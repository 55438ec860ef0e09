/* SPDX-License-Identifier: MIT
 *
 * GUIDs. See guid.h.
 */
#include "base/guid.h"

#include <string.h>

#include "base/str16.h"

const GUID guid_null;

bool guid_equal(const GUID *a, const GUID *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool guid_is_null(const GUID *id)
{
    return guid_equal(id, &guid_null);
}

/* The bytes in the order in which the text shows them. */
static void guid_to_bytes(const GUID *id, BYTE bytes[16])
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (BYTE)(id->Data1 >> (24 - 8 * i));
    bytes[4] = (BYTE)(id->Data2 >> 8);
    bytes[5] = (BYTE)id->Data2;
    bytes[6] = (BYTE)(id->Data3 >> 8);
    bytes[7] = (BYTE)id->Data3;
    memcpy(bytes + 8, id->Data4, 8);
}

static bool dash_before(int byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void guid_to_text(const GUID *id, WCHAR *text)
{
    static const char digits[] = "0123456789abcdef";
    BYTE bytes[16];
    guid_to_bytes(id, bytes);
    for (int i = 0; i < 16; i++)
    {
        if (dash_before(i))
            *text++ = '-';
        *text++ = (WCHAR)digits[bytes[i] >> 4];
        *text++ = (WCHAR)digits[bytes[i] & 15];
    }
    *text = 0;
}

static int hex_value(WCHAR unit)
{
    if (unit >= '0' && unit <= '9')
        return unit - '0';
    if (unit >= 'a' && unit <= 'f')
        return unit - 'a' + 10;
    if (unit >= 'A' && unit <= 'F')
        return unit - 'A' + 10;
    return -1;
}

bool guid_from_text(const WCHAR *text, GUID *id)
{
    BYTE bytes[16];
    if (!text)
        return false;
    bool braced = *text == '{';
    if (str16_len(text) != GUID_TEXT_LENGTH + (braced ? 2u : 0u))
        return false;
    if (braced && text[GUID_TEXT_LENGTH + 1] != '}')
        return false;
    text += braced;
    for (int i = 0; i < 16; i++)
    {
        if (dash_before(i) && *text++ != '-')
            return false;
        int high = hex_value(*text++);
        int low = hex_value(*text++);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (BYTE)(high << 4 | low);
    }
    id->Data1 = (DWORD)bytes[0] << 24 | (DWORD)bytes[1] << 16 | (DWORD)bytes[2] << 8 | bytes[3];
    id->Data2 = (WORD)(bytes[4] << 8 | bytes[5]);
    id->Data3 = (WORD)(bytes[6] << 8 | bytes[7]);
    memcpy(id->Data4, bytes + 8, 8);
    return true;
}

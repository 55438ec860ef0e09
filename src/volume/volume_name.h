/* SPDX-License-Identifier: MIT
 *
 * The forms that a volume name can have. Pure text: nothing is looked up.
 */
#ifndef THAWLINE_VOLUME_VOLUME_NAME_H
#define THAWLINE_VOLUME_VOLUME_NAME_H

#include "base/types.h"

/* `\\?\Volume{8-4-4-4-12}\` */
#define VOLUME_NAME_LENGTH 49

enum volume_name_form
{
    VOLUME_FORM_MALFORMED,
    VOLUME_FORM_GUID,  /* \\?\Volume{guid}\ */
    VOLUME_FORM_PATH,  /* X:\ or X:\folder\ */
    VOLUME_FORM_SHARE, /* \\server\share\, the server by name */
};

enum volume_name_form volume_name_form(const WCHAR *name);

/* Whether `path` begins with a whole volume name of the GUID form; what follows is the path on that
   volume. */
bool volume_name_begins(const WCHAR *path);

/* Whether `\\server\share\` names its server by an IP address: then it is malformed. */
bool volume_name_is_by_address(const WCHAR *name);

/* Whether `path` begins with a letter, a colon and a backslash. */
bool volume_path_is_rooted(const WCHAR *path);

#endif

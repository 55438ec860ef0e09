/* SPDX-License-Identifier: MIT
 *
 * Where a folder lies on the host. See host_place.h.
 *
 * Nothing of this is asked by Win32: Wine says NTFS of every file system and resolves no links.
 */
#include "volume/host_place.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/settings.h"
#include "volume/native_tool.h"
#include "volume/wine_link.h"

/* Wine's code page for the names of the host. */
#define CP_HOST 65010
#define MOUNTS L"\\\\?\\unix\\proc\\self\\mountinfo"
/* Machines with a thousand containers have some MiB. */
#define MOUNTS_LIMIT (16u << 20)
#define MOUNTS_STEP (64u << 10)
/* Each of these looks at a few folders. */
#define LOOK_LIMIT_S 20
/* Fields of a line, from 0; after the last one come some that not all lines have, then `-`. */
#define FIELD_POINT 4
#define FIELD_OPTIONS 5

#define NOT_SUPPORTED HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)

static char *copy_text(const char *text, size_t length)
{
    char *copy = mem_alloc(length + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

void host_place_free(struct host_place *place)
{
    mem_free(place->path);
    mem_free(place->file_system);
    memset(place, 0, sizeof(*place));
}

char *host_place_join(const char *folder, const WCHAR *path)
{
    int units = (int)str16_len(path) + 1;
    size_t length = strlen(folder);
    int bytes = WideCharToMultiByte(CP_HOST, 0, path, units, NULL, 0, NULL, NULL);
    char *joined = bytes > 0 ? mem_alloc(length + 1 + (size_t)bytes) : NULL;
    if (!joined)
        return NULL;
    memcpy(joined, folder, length);
    joined[length] = '/';
    WideCharToMultiByte(CP_HOST, 0, path, units, joined + length + 1, bytes, NULL, NULL);
    for (char *at = joined + length + 1; *at; at++)
        if (*at == '\\')
            *at = '/';
    return joined;
}

/* ---- Mounts ---- */

/* The part of `line` with this number; *length is 0 past the end. */
static const char *field(const char *line, int number, size_t *length)
{
    while (number-- > 0)
    {
        line += strcspn(line, " \n");
        line += *line == ' ';
    }
    *length = strcspn(line, " \n");
    return line;
}

/* `\040` is a blank. Writes over `text`. */
static void decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from;)
    {
        bool octal = *from == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] && from[3];
        *to++ = octal ? (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'))
                      : *from;
        from += octal ? 4 : 1;
    }
    *to = 0;
}

static bool has_option(const char *options, size_t length, const char *name)
{
    size_t name_length = strlen(name);
    for (const char *at = options; at < options + length; at++)
    {
        size_t here = strcspn(at, ", \n");
        if (here == name_length && memcmp(at, name, here) == 0)
            return true;
        at += here;
    }
    return false;
}

/* Whether `path` is `folder` or lies below it. */
static bool is_within(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    if (strcmp(folder, "/") == 0)
        return *path == '/';
    return strncmp(path, folder, length) == 0 && (!path[length] || path[length] == '/');
}

/* The field after ` - ` with this number. */
static const char *late_field(const char *line, int number, size_t *length)
{
    const char *end = line + strcspn(line, "\n");
    const char *dash = strstr(line, " - ");
    if (!dash || dash > end)
    {
        *length = 0;
        return end;
    }
    return field(dash + 3, number, length);
}

/* `point` is where it is mounted, no further up than the best one yet. */
static HRESULT take_mount(const char *line, struct host_place *place)
{
    size_t length;
    size_t options_length;
    const char *type = late_field(line, 0, &length);
    char *name = copy_text(type, length);
    if (!name)
        return E_OUTOFMEMORY;
    mem_free(place->file_system);
    place->file_system = name;
    const char *options = field(line, FIELD_OPTIONS, &options_length);
    const char *of_all = late_field(line, 2, &length);
    place->read_only = has_option(options, options_length, "ro") ||
        has_option(of_all, length, "ro");
    return S_OK;
}

HRESULT host_place_read_mounts(const char *mounts, struct host_place *place)
{
    HRESULT hr = S_OK;
    size_t best = 0;
    place->has_mounts = false;
    for (const char *line = mounts; *line && SUCCEEDED(hr);)
    {
        size_t length;
        const char *text = field(line, FIELD_POINT, &length);
        char *point = copy_text(text, length);
        if (!point)
            return E_OUTOFMEMORY;
        decode(point);
        /* Of two at one place the later one is seen. */
        if (length && is_within(place->path, point) && strlen(point) >= best)
        {
            best = strlen(point);
            hr = take_mount(line, place);
        }
        else if (length && is_within(point, place->path))
        {
            place->has_mounts = true;
        }
        mem_free(point);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return SUCCEEDED(hr) && !best ? NOT_SUPPORTED : hr;
}

/* The file has no size. */
static HRESULT read_mounts(char **mounts)
{
    size_t used = 0;
    size_t size = 0;
    char *text = NULL;
    HRESULT hr = S_OK;
    HANDLE file = CreateFileW(
        MOUNTS, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return NOT_SUPPORTED;
    for (;;)
    {
        DWORD got = 0;
        if (size - used < MOUNTS_STEP)
        {
            char *more = size < MOUNTS_LIMIT ? mem_alloc(size * 2 + MOUNTS_STEP + 1) : NULL;
            if (!more)
            {
                hr = size < MOUNTS_LIMIT ? E_OUTOFMEMORY : NOT_SUPPORTED;
                break;
            }
            if (text)
                memcpy(more, text, used);
            mem_free(text);
            text = more;
            size = size * 2 + MOUNTS_STEP;
        }
        if (!ReadFile(file, text + used, MOUNTS_STEP, &got, NULL) || !got)
            break;
        used += got;
    }
    CloseHandle(file);
    if (FAILED(hr))
    {
        mem_free(text);
        return hr;
    }
    text[used] = 0;
    *mounts = text;
    return S_OK;
}

HRESULT host_place_any(const char *const *file_systems, bool *any)
{
    char *mounts = NULL;
    HRESULT hr = settings_is_wine() ? read_mounts(&mounts) : NOT_SUPPORTED;
    *any = false;
    for (const char *line = mounts; SUCCEEDED(hr) && *line && !*any;)
    {
        size_t length;
        const char *type = late_field(line, 0, &length);
        for (const char *const *name = file_systems; *name && !*any; name++)
            *any = strlen(*name) == length && memcmp(*name, type, length) == 0;
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    mem_free(mounts);
    return hr == E_OUTOFMEMORY ? hr : S_OK;
}

/* ---- The folder itself ---- */

static HRESULT find_path(const char *given, struct host_place *place)
{
    const char *const arguments[] = {"/usr/bin/realpath", "-z", "--", given, NULL};
    struct native_answer answer;
    HRESULT hr = native_tool_run(arguments, LOOK_LIMIT_S, &answer);
    if (SUCCEEDED(hr))
        place->path = copy_text(answer.said, strlen(answer.said));
    if (SUCCEEDED(hr) && !place->path)
        hr = E_OUTOFMEMORY;
    native_answer_free(&answer);
    return hr;
}

/* A process of this user's is as good as any to tell who that is. What nobody can write is
   read-only, whoever is asked. */
static HRESULT find_owner(struct host_place *place)
{
    const char *const arguments[] = {"/usr/bin/find", place->path, "/proc/self/", "-maxdepth", "0",
        "-printf", "%U %i ", "(", "-writable", "-printf", "1 ", "-o", "-printf", "0 ", ")", NULL};
    struct native_answer answer;
    HRESULT hr = native_tool_run(arguments, LOOK_LIMIT_S, &answer);
    if (SUCCEEDED(hr))
    {
        char *rest;
        unsigned long owner = strtoul(answer.said, &rest, 10);
        place->inode = strtoull(rest, &rest, 10);
        place->writable = strtoul(rest, &rest, 10) == 1;
        unsigned long user = strtoul(rest, &rest, 10);
        place->own = owner == user || !user;
    }
    native_answer_free(&answer);
    return hr;
}

HRESULT host_place_find(const WCHAR *folder, struct host_place *place)
{
    struct host_place found = {0};
    char *mounts = NULL;
    char *given = settings_is_wine() ? wine_host_name(folder) : NULL;
    if (!given)
        return NOT_SUPPORTED;
    HRESULT hr = find_path(given, &found);
    if (SUCCEEDED(hr))
        hr = find_owner(&found);
    if (SUCCEEDED(hr))
        hr = read_mounts(&mounts);
    if (SUCCEEDED(hr))
        hr = host_place_read_mounts(mounts, &found);
    mem_free(mounts);
    wine_host_name_free(given);
    if (SUCCEEDED(hr))
    {
        *place = found;
        return S_OK;
    }
    host_place_free(&found);
    if (hr == E_OUTOFMEMORY)
        return hr;
    log_info("Where %ls lies on the host can't be told (%08lx).", folder, (unsigned long)hr);
    return NOT_SUPPORTED;
}

/* SPDX-License-Identifier: MIT
 *
 * Device objects. See device_object.h.
 *
 * Wine looks a name that follows `\\?\` up in the prefix's folder dosdevices, in small letters, and
 * the rest below that. So the links are dosdevices\globalroot\Device\HarddiskVolumeShadowCopyN and
 * dosdevices\harddiskvolumeshadowcopyN. Whoever could make the folder of that name has the number;
 * a link takes its place then. While dosdevices\globalroot is there it hides what else Wine has
 * below GLOBALROOT: it goes with the last device.
 */
#include "volume/device_object.h"

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/file.h"
#include "os/named_mutex.h"
#include "os/settings.h"
#include "volume/wine_link.h"

#define ROOT_NAME L"\\\\?\\GLOBALROOT"
#define DEVICE_NAME L"HarddiskVolumeShadowCopy"
#define DEVICE_PREFIX ROOT_NAME L"\\Device\\" DEVICE_NAME
/* As dosdevices has it. */
#define SHORT_PREFIX L"harddiskvolumeshadowcopy"
/* All processes of the prefix: numbers are its own, not a scope's. */
#define MUTEX_NAME L"Global\\Thawline-Devices"
/* Numbers that are taken by what no listing shows, as links are that lead nowhere. */
#define NUMBER_TRIES 4096
#define NUMBER_DIGITS 9
#define NT_NAME_UNITS 1024

/* The prefix's folders; all three are there, or may be missing, or be somebody else's. */
struct places
{
    WCHAR *dos_devices;
    WCHAR *global_root;
    WCHAR *device;
};

/* ---- Names and places ---- */

/* The number at the end of `name` after `prefix`; 0: there is none. */
static unsigned number_after(const WCHAR *name, const WCHAR *prefix)
{
    unsigned number = 0;
    size_t digits = 0;
    if (!str16_starts_with_nocase(name, prefix))
        return 0;
    for (name += str16_len(prefix); *name; name++, digits++)
    {
        if (*name < L'0' || *name > L'9' || digits == NUMBER_DIGITS || (!digits && *name == L'0'))
            return 0;
        number = number * 10 + (unsigned)(*name - L'0');
    }
    return number;
}

static WCHAR *numbered(const WCHAR *prefix, unsigned number)
{
    struct str16_builder builder = {0};
    str16_builder_add(&builder, prefix);
    str16_builder_add_unsigned(&builder, number);
    return str16_builder_take(&builder);
}

static WCHAR *numbered_in(const WCHAR *folder, const WCHAR *prefix, unsigned number)
{
    WCHAR *name = numbered(prefix, number);
    WCHAR *path = name ? file_join(folder, name) : NULL;
    mem_free(name);
    return path;
}

/* Wine tells each process where its prefix is, in the system's own form of a path. */
static WCHAR *dos_devices_folder(void)
{
    WCHAR text[MAX_PATH * 4];
    DWORD length = GetEnvironmentVariableW(L"WINECONFIGDIR", text, ARRAYSIZE(text));
    if (!length || length >= ARRAYSIZE(text) || !str16_starts_with(text, L"\\??\\"))
        return NULL;
    text[1] = L'\\';
    return file_join(text, L"dosdevices");
}

static void leave_places(struct places *places)
{
    mem_free(places->device);
    mem_free(places->global_root);
    mem_free(places->dos_devices);
}

static bool find_places(struct places *places)
{
    WCHAR *dos_devices = dos_devices_folder();
    WCHAR *global_root = dos_devices ? file_join(dos_devices, L"globalroot") : NULL;
    WCHAR *device = global_root ? file_join(global_root, L"Device") : NULL;
    *places = (struct places){dos_devices, global_root, device};
    if (device)
        return true;
    leave_places(places);
    return false;
}

/* ---- Links ---- */

/* Takes a link away, whatever it leads to, or what was to become one. */
static HRESULT remove_link(const WCHAR *link)
{
    HRESULT hr = wine_define_folder(link, NULL);
    if (FAILED(hr))
        return hr;
    /* To remove what is still a link would be to remove what it leads to. */
    if (wine_is_link(link))
        return HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK);
    return RemoveDirectoryW(link) ? S_OK : HRESULT_FROM_WIN32(GetLastError());
}

/* A link to a folder that is gone: no one sees it, and yet its name is taken. */
static bool leads_nowhere(const WCHAR *link)
{
    if (GetFileAttributesW(link) != INVALID_FILE_ATTRIBUTES)
        return false;
    if (!CreateDirectoryW(link, NULL))
        return GetLastError() == ERROR_ALREADY_EXISTS;
    RemoveDirectoryW(link);
    return false;
}

static bool is_ours(const WCHAR *link, const WCHAR *folder)
{
    return (wine_is_link(link) && wine_is_same_folder(link, folder)) || leads_nowhere(link);
}

static HRESULT remove_empty(const WCHAR *folder)
{
    if (wine_is_link(folder))
        return S_OK;
    return RemoveDirectoryW(folder) ? S_OK : S_FALSE;
}

/* Nothing happens unless the number leads to `folder`, or nowhere. */
static HRESULT remove_number(const struct places *places, const WCHAR *folder, unsigned number)
{
    WCHAR *device = numbered_in(places->device, DEVICE_NAME, number);
    WCHAR *beside = numbered_in(places->dos_devices, SHORT_PREFIX, number);
    HRESULT hr = device && beside ? S_OK : E_OUTOFMEMORY;
    if (SUCCEEDED(hr) && is_ours(device, folder))
    {
        if (is_ours(beside, folder))
            hr = remove_link(beside);
        if (SUCCEEDED(hr))
            hr = remove_link(device);
    }
    mem_free(beside);
    mem_free(device);
    return hr;
}

/* A number whose link was never made, or did not do. */
static void give_back(const struct places *places, unsigned number)
{
    WCHAR *device = numbered_in(places->device, DEVICE_NAME, number);
    WCHAR *beside = numbered_in(places->dos_devices, SHORT_PREFIX, number);
    if (device)
        remove_link(device);
    if (beside)
        remove_link(beside);
    mem_free(beside);
    mem_free(device);
}

/* ---- Making ---- */

/* Calls `visit` for each number that is seen. */
static HRESULT for_each_number(const struct places *places,
    HRESULT (*visit)(void *context, unsigned number), void *context)
{
    WIN32_FIND_DATAW found;
    WCHAR *pattern = file_join(places->device, L"*");
    if (!pattern)
        return E_OUTOFMEMORY;
    HRESULT hr = S_OK;
    HANDLE search = FindFirstFileW(pattern, &found);
    mem_free(pattern);
    if (search == INVALID_HANDLE_VALUE)
        return S_OK;
    do
    {
        unsigned number = number_after(found.cFileName, DEVICE_NAME);
        if (number)
            hr = visit(context, number);
    } while (SUCCEEDED(hr) && FindNextFileW(search, &found));
    FindClose(search);
    return hr;
}

static HRESULT keep_highest(void *context, unsigned number)
{
    unsigned *highest = context;
    if (number > *highest)
        *highest = number;
    return S_OK;
}

static HRESULT make_folder(const WCHAR *path)
{
    if (CreateDirectoryW(path, NULL))
        return S_OK;
    DWORD error = GetLastError();
    return error == ERROR_ALREADY_EXISTS && !wine_is_link(path) ? S_OK : HRESULT_FROM_WIN32(error);
}

/* The next number that nobody has; its folder is there then. */
static HRESULT take_number(const struct places *places, unsigned *number)
{
    unsigned highest = 0;
    HRESULT hr = make_folder(places->global_root);
    if (SUCCEEDED(hr))
        hr = make_folder(places->device);
    if (SUCCEEDED(hr))
        hr = for_each_number(places, keep_highest, &highest);
    for (int i = 0; SUCCEEDED(hr) && i < NUMBER_TRIES; i++)
    {
        WCHAR *path = numbered_in(places->device, DEVICE_NAME, ++highest);
        if (!path)
            return E_OUTOFMEMORY;
        bool made = CreateDirectoryW(path, NULL);
        DWORD error = GetLastError();
        mem_free(path);
        if (made)
        {
            *number = highest;
            return S_OK;
        }
        if (error != ERROR_ALREADY_EXISTS)
            hr = HRESULT_FROM_WIN32(error);
    }
    return FAILED(hr) ? hr : HRESULT_FROM_WIN32(ERROR_NO_MORE_ITEMS);
}

/* The second name makes more calls work, and nothing rests on it. */
static void link_beside(const struct places *places, const char *target, unsigned number)
{
    WCHAR *beside = numbered_in(places->dos_devices, SHORT_PREFIX, number);
    HRESULT hr = beside ? make_folder(beside) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = wine_define_folder(beside, target);
    if (FAILED(hr))
        log_warning(hr, "\\\\?\\" "HarddiskVolumeShadowCopy%u cannot be made.", number);
    mem_free(beside);
}

static HRESULT link_number(
    const struct places *places, const WCHAR *folder, unsigned number, WCHAR **name)
{
    char *target = wine_host_name(folder);
    WCHAR *device = numbered_in(places->device, DEVICE_NAME, number);
    WCHAR *made = numbered(DEVICE_PREFIX, number);
    HRESULT hr = device && made ? S_OK : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = target ? wine_define_folder(device, target) : HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
    if (SUCCEEDED(hr))
        link_beside(places, target, number);
    if (SUCCEEDED(hr) && !wine_is_same_folder(made, folder))
        hr = HRESULT_FROM_WIN32(ERROR_BAD_PATHNAME);
    if (SUCCEEDED(hr))
        *name = made;
    else
        mem_free(made);
    mem_free(device);
    wine_host_name_free(target);
    return hr;
}

static HRESULT make_by_link(const WCHAR *folder, WCHAR **name)
{
    struct places places;
    HANDLE mutex = NULL;
    unsigned number = 0;
    if (!find_places(&places))
        return HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
    HRESULT hr = named_mutex_take(MUTEX_NAME, &mutex);
    if (SUCCEEDED(hr))
        hr = take_number(&places, &number);
    if (SUCCEEDED(hr))
        hr = link_number(&places, folder, number, name);
    if (FAILED(hr) && number)
        give_back(&places, number);
    if (FAILED(hr) && mutex)
    {
        remove_empty(places.device);
        remove_empty(places.global_root);
    }
    named_mutex_drop(mutex);
    leave_places(&places);
    return hr;
}

/* Windows: `\Device\HarddiskVolume3` for `C:`, and the rest as it is. A drive that stands for a
   folder has another kind of target. */
static HRESULT make_by_volume(const WCHAR *folder, WCHAR **name)
{
    WCHAR target[NT_NAME_UNITS];
    const WCHAR drive[] = {folder[4], L':', 0};
    struct str16_builder builder = {0};
    if (folder[5] != L':' || !QueryDosDeviceW(drive, target, NT_NAME_UNITS) ||
        !str16_starts_with(target, L"\\Device\\"))
        return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
    str16_builder_add(&builder, ROOT_NAME);
    str16_builder_add(&builder, target);
    str16_builder_add(&builder, folder + 6);
    WCHAR *made = str16_builder_take(&builder);
    if (made && wine_is_same_folder(made, folder))
    {
        *name = made;
        return S_OK;
    }
    mem_free(made);
    return made ? HRESULT_FROM_WIN32(ERROR_BAD_PATHNAME) : E_OUTOFMEMORY;
}

HRESULT device_object_make(const WCHAR *folder, WCHAR **name)
{
    HRESULT hr = settings_is_wine() ? make_by_link(folder, name) : make_by_volume(folder, name);
    if (SUCCEEDED(hr) || hr == E_OUTOFMEMORY)
        return hr;
    log_warning(hr, "There is no device object for %ls; its path serves.", folder);
    *name = str16_dup(folder);
    return *name ? S_OK : E_OUTOFMEMORY;
}

/* ---- Removing ---- */

struct search
{
    const struct places *places;
    const WCHAR *folder;
};

static HRESULT remove_found(void *context, unsigned number)
{
    const struct search *search = context;
    WCHAR *device = numbered_in(search->places->device, DEVICE_NAME, number);
    if (!device)
        return E_OUTOFMEMORY;
    /* Taken by a process that died before it made the link. */
    if (!wine_is_link(device))
        RemoveDirectoryW(device);
    mem_free(device);
    return remove_number(search->places, search->folder, number);
}

HRESULT device_object_remove(const WCHAR *folder, const WCHAR *name)
{
    struct places places;
    HANDLE mutex = NULL;
    unsigned number = name ? number_after(name, DEVICE_PREFIX) : 0;
    if ((name && !number) || !settings_is_wine())
        return S_OK;
    if (!find_places(&places))
        return S_OK;
    HRESULT hr = S_OK;
    if (GetFileAttributesW(places.device) != INVALID_FILE_ATTRIBUTES)
        hr = named_mutex_take(MUTEX_NAME, &mutex);
    if (mutex)
    {
        struct search search = {&places, folder};
        hr = number ? remove_number(&places, folder, number)
                    : for_each_number(&places, remove_found, &search);
        remove_empty(places.device);
        remove_empty(places.global_root);
    }
    named_mutex_drop(mutex);
    leave_places(&places);
    if (FAILED(hr))
        log_warning(hr, "The device object of %ls cannot be removed.", folder);
    return hr;
}

/* SPDX-License-Identifier: MIT
 *
 * burp_vss LETTERS FILE [2003]: a backup of FILE by burp's VSS client, in the steps in which burp
 * takes them: shadow copies of the drives, reading through its path conversion, the end. With
 * `2003` it is the client that burp uses on Windows Server 2003, else the one for Vista and later.
 *
 * When the shadow copies are there it says `ready` and reads FILE after a line of input. Exit code
 * 0: FILE was read and no writer has failed.
 */
#include "burp.h"
#include "win32/burp/vss.h"

char *make_win32_path_UTF8_2_wchar_w(const char *path);

/* The one function of the rest of burp that its client calls: a warning for log and server. */
int logw(struct asfd *, struct cntr *, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    return 0;
}

/* burp's sockets, which nothing here starts: the place that its code would call through. Without
   the import the program does without their DLL, which Wine cannot load into a 32-bit process
   here. */
#ifdef _WIN64
#define IMPORTED_WSASTARTUP "__imp_WSAStartup"
#else
#define IMPORTED_WSASTARTUP "__imp__WSAStartup@8"
#endif
extern "C" void *imported_wsastartup __asm__(IMPORTED_WSASTARTUP);
void *imported_wsastartup = NULL;

/* A volume's unique name names the volume itself, which the client asks for; Wine knows that for
   drive letters only. */
static t_GetVolumeNameForVolumeMountPointW system_volume_name;

static BOOL WINAPI volume_name(LPCWSTR path, LPWSTR name, DWORD units)
{
    static const wchar_t unique[] = L"\\\\?\\Volume{";
    if (wcsncmp(path, unique, wcslen(unique)) != 0)
        return system_volume_name(path, name, units);
    if (wcslen(path) >= units)
        return FALSE;
    wcscpy(name, path);
    return TRUE;
}

/* What the client has gathered; false when a writer has failed. */
static bool show_writers(const char *when)
{
    bool sound = true;
    for (size_t i = 0; i < g_pVSSClient->GetWriterCount(); i++)
    {
        printf("%s: %s\n", when, g_pVSSClient->GetWriterInfo(i));
        sound = sound && g_pVSSClient->GetWriterState(i) > 0;
    }
    return sound;
}

/* Once the client has set its conversion, this names the file in the shadow copy. */
static bool show_file(const char *file)
{
    char bytes[256];
    DWORD got = 0;
    wchar_t *path = reinterpret_cast<wchar_t *>(make_win32_path_UTF8_2_wchar_w(file));
    printf("path: %ls\n", path);
    HANDLE opened = p_CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING,
        FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (opened == INVALID_HANDLE_VALUE)
    {
        fprintf(stderr, "burp_vss: %s is not opened: %lu\n", file, GetLastError());
        return false;
    }
    bool read = ReadFile(opened, bytes, sizeof(bytes), &got, NULL);
    CloseHandle(opened);
    if (read)
        printf("content: %.*s\n", static_cast<int>(got), bytes);
    return read;
}

static bool back_up(char *letters, const char *file)
{
    char line[16];
    if (!g_pVSSClient->InitializeForBackup(NULL, NULL))
        return false;
    printf("driver: %s\n", g_pVSSClient->GetDriverName());
    if (!g_pVSSClient->CreateSnapshots(letters))
    {
        fprintf(stderr, "burp_vss: no shadow copies of %s\n", letters);
        g_pVSSClient->CloseBackup();
        return false;
    }
    printf("drives: %s\n", letters);
    bool good = show_writers("prepared");
    printf("ready\n");
    fflush(stdout);
    good = fgets(line, sizeof(line), stdin) && show_file(file) && good;
    good = g_pVSSClient->CloseBackup() && good;
    return show_writers("completed") && good;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    InitWinAPIWrapper();
    system_volume_name = p_GetVolumeNameForVolumeMountPointW;
    p_GetVolumeNameForVolumeMountPointW = volume_name;
    if (argc > 3 && strcmp(argv[3], "2003") == 0)
    {
        g_MajorVersion = 5;
        g_MinorVersion = 2;
    }
    if (VSSInit())
        return 2;
    return back_up(argv[1], argv[2]) ? 0 : 1;
}

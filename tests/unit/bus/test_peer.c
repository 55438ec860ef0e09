/* SPDX-License-Identifier: MIT
 *
 * bus/peer.h: who may talk to whom (requestor 0.5, writer-provider 3.9), and the descriptors of
 * what others connect to.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <windows.h>
#include <cmocka.h>

#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>
#include <wchar.h>

#include "bus/peer.h"
#include "os/settings.h"
#include "support/check_leaks.h"

#define ACCESS_CONTROL_KEY L"SYSTEM\\CurrentControlSet\\Services\\VSS\\VssAccessControl"

static WCHAR own_sid[200];
static WCHAR own_account[600];

static void find_self(void)
{
    BYTE buffer[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    TOKEN_USER *user = (TOKEN_USER *)buffer;
    DWORD size = sizeof(buffer);
    HANDLE token = NULL;
    WCHAR *text = NULL;
    WCHAR name[256];
    WCHAR domain[256];
    DWORD name_units = 256;
    DWORD domain_units = 256;
    SID_NAME_USE use;
    assert_true(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
    assert_true(GetTokenInformation(token, TokenUser, user, size, &size));
    CloseHandle(token);
    assert_true(ConvertSidToStringSidW(user->User.Sid, &text));
    wcscpy(own_sid, text);
    LocalFree(text);
    assert_true(LookupAccountSidW(
        NULL, user->User.Sid, name, &name_units, domain, &domain_units, &use));
    swprintf(own_account, 600, L"%ls\\%ls", domain, name);
}

/* -1 takes the value away. */
static void set_access(int value)
{
    HKEY key = NULL;
    DWORD number = (DWORD)value;
    assert_int_equal(RegCreateKeyExW(HKEY_LOCAL_MACHINE, ACCESS_CONTROL_KEY, 0, NULL, 0, KEY_WRITE,
                         NULL, &key, NULL),
        0);
    if (value < 0)
        RegDeleteValueW(key, own_account);
    else
        assert_int_equal(
            RegSetValueExW(key, own_account, 0, REG_DWORD, (BYTE *)&number, sizeof(number)), 0);
    RegCloseKey(key);
}

static int set_up(void **state)
{
    note_live_blocks(state);
    find_self();
    set_access(-1);
    return 0;
}

static int tear_down(void **state)
{
    set_access(-1);
    settings_set(L"STRICT", NULL);
    return check_live_blocks(state);
}

static void values_count_under_the_strict_profile_only(void **state)
{
    static const struct
    {
        int value;
        HRESULT writer;
        HRESULT requestor;
    } rows[] = {{0, E_ACCESSDENIED, E_ACCESSDENIED}, {1, S_OK, E_ACCESSDENIED},
        {2, E_ACCESSDENIED, S_OK}, {3, S_OK, S_OK}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        set_access(rows[i].value);
        settings_set(L"STRICT", NULL);
        assert_int_equal(peer_check_self(PEER_WRITER), S_OK);
        assert_int_equal(peer_check_self(PEER_REQUESTOR), S_OK);
        settings_set(L"STRICT", L"1");
        assert_int_equal(peer_check_self(PEER_WRITER), rows[i].writer);
        assert_int_equal(peer_check_self(PEER_REQUESTOR), rows[i].requestor);
    }
}

/* The user of a test is an administrator, under Wine always. */
static void an_administrator_needs_no_value(void **state)
{
    (void)state;
    settings_set(L"STRICT", L"1");
    assert_int_equal(peer_check_self(PEER_WRITER), S_OK);
    assert_int_equal(peer_check_self(PEER_REQUESTOR), S_OK);
}

/* ---- Both ends of a pipe ---- */

struct ends
{
    HANDLE server;
    HANDLE client;
};

static struct ends open_ends(void)
{
    static const WCHAR name[] = L"\\\\.\\pipe\\thawline-test-peer";
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof(attributes)};
    DWORD moved = 0;
    BYTE byte = 1;
    struct ends ends;
    assert_int_equal(peer_pipe_descriptor(&attributes.lpSecurityDescriptor), S_OK);
    ends.server = CreateNamedPipeW(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE,
        PIPE_TYPE_BYTE, 1, 512, 512, 0, &attributes);
    assert_true(ends.server != INVALID_HANDLE_VALUE);
    LocalFree(attributes.lpSecurityDescriptor);
    ends.client = CreateFileW(name, GENERIC_READ | FILE_WRITE_DATA | SYNCHRONIZE, 0, NULL,
        OPEN_EXISTING, SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, NULL);
    assert_true(ends.client != INVALID_HANDLE_VALUE);
    /* Who the client is can be asked when something of it has been read. */
    assert_true(WriteFile(ends.client, &byte, 1, &moved, NULL));
    assert_true(ReadFile(ends.server, &byte, 1, &moved, NULL));
    return ends;
}

static void close_ends(struct ends *ends)
{
    CloseHandle(ends->client);
    CloseHandle(ends->server);
}

static void the_same_user_is_trusted_at_both_ends(void **state)
{
    (void)state;
    struct ends ends = open_ends();
    assert_int_equal(peer_check_server(ends.client), S_OK);
    assert_int_equal(peer_check_client(ends.server), S_OK);
    close_ends(&ends);
}

static void a_denied_account_is_trusted_at_neither(void **state)
{
    (void)state;
    struct ends ends = open_ends();
    settings_set(L"STRICT", L"1");
    set_access(0);
    assert_int_equal(peer_check_server(ends.client), E_ACCESSDENIED);
    assert_int_equal(peer_check_client(ends.server), E_ACCESSDENIED);
    set_access(1); /* a writer: its pipe may be talked to, its calls are none of a requestor's */
    assert_int_equal(peer_check_server(ends.client), S_OK);
    assert_int_equal(peer_check_client(ends.server), E_ACCESSDENIED);
    close_ends(&ends);
    /* The judge has not kept the client's identity. */
    HANDLE token = NULL;
    assert_false(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token));
    assert_int_equal(GetLastError(), ERROR_NO_TOKEN);
}

static void what_is_no_pipe_is_not_trusted(void **state)
{
    (void)state;
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    assert_true(FAILED(peer_check_client(event)));
    assert_true(FAILED(peer_check_server(NULL)));
    CloseHandle(event);
}

/* ---- Descriptors ---- */

/* The rights that the object's list gives to `sid`; 0 when it does not name it. */
static DWORD rights_of(PACL list, const WCHAR *sid)
{
    DWORD rights = 0;
    for (DWORD i = 0; i < list->AceCount; i++)
    {
        ACCESS_ALLOWED_ACE *entry = NULL;
        WCHAR *text = NULL;
        assert_true(GetAce(list, i, (void **)&entry));
        assert_int_equal(entry->Header.AceType, ACCESS_ALLOWED_ACE_TYPE);
        assert_true(ConvertSidToStringSidW((PSID)&entry->SidStart, &text));
        if (wcscmp(text, sid) == 0)
            rights |= entry->Mask;
        LocalFree(text);
    }
    return rights;
}

static void check_object(HANDLE object, DWORD needed, DWORD forbidden)
{
    /* LocalSystem, administrators, backup operators. */
    static const WCHAR *const others[] = {L"S-1-5-18", L"S-1-5-32-544", L"S-1-5-32-551"};
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PACL list = NULL;
    PSID owner = NULL;
    WCHAR *owner_text = NULL;
    assert_int_equal(GetSecurityInfo(object, SE_KERNEL_OBJECT,
                         OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner, NULL,
                         &list, NULL, &descriptor),
        0);
    assert_true(ConvertSidToStringSidW(owner, &owner_text));
    assert_int_equal(wcscmp(owner_text, own_sid), 0);
    LocalFree(owner_text);
    assert_non_null(list);
    assert_int_equal(list->AceCount, 4);
    assert_true(rights_of(list, own_sid));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
    {
        DWORD rights = rights_of(list, others[i]);
        assert_int_equal(rights & needed, needed);
        assert_int_equal(rights & forbidden, 0);
    }
    assert_int_equal(rights_of(list, L"S-1-1-0"), 0); /* everyone */
    LocalFree(descriptor);
}

static void a_pipe_admits_those_who_may_and_lets_none_serve_it(void **state)
{
    (void)state;
    struct ends ends = open_ends();
    check_object(ends.server, FILE_READ_DATA | FILE_WRITE_DATA | SYNCHRONIZE | READ_CONTROL,
        FILE_CREATE_PIPE_INSTANCE | WRITE_DAC | WRITE_OWNER);
    close_ends(&ends);
}

static void an_event_can_be_looked_at_and_not_set(void **state)
{
    (void)state;
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof(attributes)};
    assert_int_equal(peer_event_descriptor(&attributes.lpSecurityDescriptor), S_OK);
    HANDLE event = CreateEventW(&attributes, TRUE, FALSE, NULL);
    assert_non_null(event);
    LocalFree(attributes.lpSecurityDescriptor);
    check_object(event, SYNCHRONIZE | READ_CONTROL, EVENT_MODIFY_STATE | WRITE_DAC | WRITE_OWNER);
    CloseHandle(event);
}

#define PEER_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEER_TEST(values_count_under_the_strict_profile_only),
        PEER_TEST(an_administrator_needs_no_value),
        PEER_TEST(the_same_user_is_trusted_at_both_ends),
        PEER_TEST(a_denied_account_is_trusted_at_neither),
        PEER_TEST(what_is_no_pipe_is_not_trusted),
        PEER_TEST(a_pipe_admits_those_who_may_and_lets_none_serve_it),
        PEER_TEST(an_event_can_be_looked_at_and_not_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

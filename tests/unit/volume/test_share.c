/* SPDX-License-Identifier: MIT
 *
 * The share that holds a file: its root as AddToSnapshotSet takes it. Expected values follow
 * requestor 2.4 (name forms) and 2.11.
 */
#include <cmocka.h>
#include <stdio.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/str16.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"
#include "volume/share.h"

static const struct
{
    const WCHAR *path;
    bool is_share;
} kinds[] = {
    {L"\\\\server\\share\\file", true},
    {L"\\\\?\\UNC\\server\\share", true},
    {L"\\\\?\\unc\\server\\share", true},
    {L"\\\\", true},
    {L"\\\\?\\C:\\file", false},
    {L"\\\\.\\pipe\\name", false},
    {L"\\\\?\\Volume{00000000-0000-0000-0000-000000000043}\\", false},
    {L"C:\\file", false},
    {L"\\file", false},
    {L"", false},
};

static void paths_on_shares_are_told_from_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(kinds); i++)
    {
        print_message("%ls\n", kinds[i].path);
        assert_int_equal(share_has_path(kinds[i].path), kinds[i].is_share);
    }
}

static const struct
{
    const WCHAR *path;
    HRESULT hr;
    const WCHAR *by_host;
    const WCHAR *by_domain; /* NULL: by_host with this computer's domain */
} rows[] = {
    {L"\\\\server\\share\\folder\\file", S_OK, L"\\\\server\\share\\", NULL},
    {L"\\\\server\\share\\", S_OK, L"\\\\server\\share\\", NULL},
    {L"\\\\server\\share", S_OK, L"\\\\server\\share\\", NULL},
    {L"\\\\?\\UNC\\server\\c$\\x", S_OK, L"\\\\server\\c$\\", NULL},
    {L"\\\\a.example.org\\share\\x", S_OK, L"\\\\a\\share\\", L"\\\\a.example.org\\share\\"},
    {L"\\\\10.1.2.3\\share\\x", VSS_E_OBJECT_NOT_FOUND, NULL, NULL},
    {L"\\\\fe80--1.ipv6-literal.net\\share\\x", VSS_E_OBJECT_NOT_FOUND, NULL, NULL},
    {L"\\\\", E_INVALIDARG, NULL, NULL},
    {L"\\\\server", E_INVALIDARG, NULL, NULL},
    {L"\\\\server\\", E_INVALIDARG, NULL, NULL},
    {L"\\\\server\\\\file", E_INVALIDARG, NULL, NULL},
    {L"\\\\\\share\\file", E_INVALIDARG, NULL, NULL},
    {L"\\\\server\\..\\file", E_INVALIDARG, NULL, NULL},
    {L"\\\\server\\.", E_INVALIDARG, NULL, NULL},
    {L"\\\\..\\share\\file", E_INVALIDARG, NULL, NULL},
    {L"\\\\server\\sh*re\\file", E_INVALIDARG, NULL, NULL},
    {L"\\\\?\\UNC\\", E_INVALIDARG, NULL, NULL},
};

/* What the system says of this computer; "" when it has no domain. */
static void with_own_domain(const WCHAR *host, WCHAR *text, size_t units)
{
    WCHAR domain[256] = L"";
    DWORD length = ARRAYSIZE(domain);
    if (!GetComputerNameExW(ComputerNameDnsDomain, domain, &length))
        *domain = 0;
    const WCHAR *rest = wcschr(host + 2, L'\\');
    _snwprintf(text, units, L"%.*ls%ls%ls%ls", (int)(rest - host), host, *domain ? L"." : L"",
        domain, rest);
}

static void the_root_names_server_and_share(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        WCHAR *by_host = NULL;
        WCHAR *by_domain = NULL;
        WCHAR expected[512];
        print_message("%ls\n", rows[i].path);
        assert_int_equal(share_root(rows[i].path, false, &by_host), rows[i].hr);
        assert_int_equal(share_root(rows[i].path, true, &by_domain), rows[i].hr);
        if (rows[i].hr != S_OK)
        {
            assert_null(by_host);
            assert_null(by_domain);
            continue;
        }
        with_own_domain(rows[i].by_host, expected, ARRAYSIZE(expected));
        assert_true(str16_equal(by_host, rows[i].by_host));
        assert_true(str16_equal(by_domain, rows[i].by_domain ? rows[i].by_domain : expected));
        mem_free(by_host);
        mem_free(by_domain);
    }
}

static void without_memory_there_is_no_root(void **state)
{
    (void)state;
    HRESULT hr;
    size_t which = 1;
    do
    {
        WCHAR *root = NULL;
        fail_alloc(which++);
        hr = share_root(L"\\\\server\\share\\file", false, &root);
        allow_allocs();
        assert_true(hr == S_OK || (hr == E_OUTOFMEMORY && !root));
        mem_free(root);
    } while (hr != S_OK);
    assert_true(which > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(paths_on_shares_are_told_from_others),
        leak_test(the_root_names_server_and_share),
        leak_test(without_memory_there_is_no_root),
    };
    return cmocka_run_group_tests_name("share", tests, NULL, NULL);
}

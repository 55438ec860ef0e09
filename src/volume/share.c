/* SPDX-License-Identifier: MIT
 *
 * Names of file shares. See share.h. Any thread. Follows requestor 2.4 (name forms) and 2.11.
 */
#include "volume/share.h"

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/computer.h"
#include "volume/volume_name.h"

#define SHARE_PREFIX L"\\\\"
#define EXTENDED_SHARE_PREFIX L"\\\\?\\UNC\\"

/* What follows the prefix; NULL: it is no path on a share. */
static const WCHAR *server_of(const WCHAR *path)
{
    if (str16_starts_with_nocase(path, EXTENDED_SHARE_PREFIX))
        return path + sizeof(EXTENDED_SHARE_PREFIX) / sizeof(WCHAR) - 1;
    /* `\\?\` and `\\.\` begin names of devices. */
    bool device = str16_starts_with(path, L"\\\\?\\") || str16_starts_with(path, L"\\\\.\\");
    return str16_starts_with(path, SHARE_PREFIX) && !device ? path + 2 : NULL;
}

bool share_has_path(const WCHAR *path)
{
    return server_of(path) != NULL;
}

/* A host name without domain is completed as resolvers do it, with this computer's own; on a
   computer without a domain there is nothing to add. */
static HRESULT add_domain(struct str16_builder *builder)
{
    WCHAR *domain = NULL;
    HRESULT hr = computer_name(ComputerNameDnsDomain, &domain);
    if (SUCCEEDED(hr) && *domain)
    {
        str16_builder_add_char(builder, L'.');
        str16_builder_add(builder, domain);
    }
    mem_free(domain);
    return FAILED(hr) && hr != E_OUTOFMEMORY
        ? log_error(hr, "This computer's domain is not known.")
        : hr;
}

static HRESULT add_server(
    struct str16_builder *builder, const WCHAR *server, size_t length, bool domain)
{
    size_t host = 0;
    while (host < length && server[host] != L'.')
        host++;
    str16_builder_add_n(builder, server, domain ? length : host);
    return domain && host == length ? add_domain(builder) : S_OK;
}

/* `\\server\share\` of the two parts as they stand, or with the server's name as it is asked
   for. */
static HRESULT make_root(const WCHAR *server, size_t server_length, const WCHAR *share,
    size_t share_length, const bool *domain, WCHAR **root)
{
    HRESULT hr = S_OK;
    struct str16_builder builder = {0};
    str16_builder_add(&builder, SHARE_PREFIX);
    if (domain)
        hr = add_server(&builder, server, server_length, *domain);
    else
        str16_builder_add_n(&builder, server, server_length);
    str16_builder_add_char(&builder, L'\\');
    str16_builder_add_n(&builder, share, share_length);
    str16_builder_add_char(&builder, L'\\');
    WCHAR *made = SUCCEEDED(hr) ? str16_builder_take(&builder) : NULL;
    str16_builder_free(&builder);
    if (FAILED(hr))
        return hr;
    *root = made;
    return made ? S_OK : E_OUTOFMEMORY;
}

static bool is_dots(const WCHAR *text, size_t length)
{
    return (length == 1 || length == 2) && text[0] == L'.' && text[length - 1] == L'.';
}

HRESULT share_root(const WCHAR *path, bool domain, WCHAR **root)
{
    const WCHAR *server = server_of(path);
    const WCHAR *share = server ? str16_find_char(server, L'\\') : NULL;
    size_t server_length = share ? (size_t)(share - server) : 0;
    size_t share_length = 0;
    while (share && share[1 + share_length] && share[1 + share_length] != L'\\')
        share_length++;
    if (!server_length || !share_length || is_dots(server, server_length) ||
        is_dots(share + 1, share_length))
        return log_error(E_INVALIDARG, "\"%ls\" names no share of a server.", path);

    WCHAR *given = NULL;
    HRESULT hr = make_root(server, server_length, share + 1, share_length, NULL, &given);
    if (FAILED(hr))
        return hr;
    if (volume_name_is_by_address(given))
        hr = log_error(VSS_E_OBJECT_NOT_FOUND,
            "The server of %ls is given by its address, and its name is not known.", given);
    else if (volume_name_form(given) != VOLUME_FORM_SHARE)
        hr = log_error(E_INVALIDARG, "\"%ls\" is no name of a share.", given);
    mem_free(given);
    if (FAILED(hr))
        return hr;
    return make_root(server, server_length, share + 1, share_length, &domain, root);
}

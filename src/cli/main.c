/* SPDX-License-Identifier: MIT
 *
 * thawline.exe: the reference requestor, and what a person does with shadow copies. It sees
 * nothing of the DLL but its public API.
 */
#include <wchar.h>

#include <objbase.h>

#include "cli/cancel.h"
#include "cli/console.h"
#include "cli/exit_codes.h"
#include "cli/failure.h"
#include "cli/suggest.h"
#include "cli/verb.h"
#include "thawline.h"

static const struct verb *const main_verbs[] = {
    &verb_backup, &verb_restore, &verb_list, &verb_delete, &verb_explain,
    &verb_faults, &verb_writer, &verb_timeline};

static int main_help(void)
{
    console_result(L"Thawline %hs: shadow copies through an open vssapi.dll", ThawlineGetVersion());
    console_result(L"");
    for (size_t i = 0; i < ARRAYSIZE(main_verbs); i++)
        console_result(L"  thawline %-8ls  %ls", main_verbs[i]->name, main_verbs[i]->summary);
    console_result(L"");
    console_result(L"`thawline VERB --help` tells more; `thawline --version` prints the version.");
    verb_print_exit_codes();
    return EXIT_CODE_DONE;
}

static int main_unknown(const WCHAR *word)
{
    struct suggest suggest;

    suggest_begin(&suggest, word);
    for (size_t i = 0; i < ARRAYSIZE(main_verbs); i++)
        suggest_offer(&suggest, main_verbs[i]->name);
    if (suggest.nearest)
        console_error(L"no verb %ls; did you mean `thawline %ls`?", word, suggest.nearest);
    else
        console_error(L"no verb %ls (see `thawline --help`)", word);
    return EXIT_CODE_WRONG_USE;
}

/* Writers and the DLL call back into this process: it is a COM server as well. The settings are
   those that Microsoft recommends to requestors. */
static HRESULT main_enter_com(void)
{
    HRESULT hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);

    if (FAILED(hr))
        return hr;
    return CoInitializeSecurity(NULL, -1, NULL, NULL, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
        RPC_C_IMP_LEVEL_IDENTIFY, NULL, EOAC_NONE, NULL);
}

static int main_run(const struct verb *verb, int count, WCHAR **words)
{
    HRESULT hr = main_enter_com();
    int code;

    if (FAILED(hr))
    {
        failure_report(L"CoInitializeSecurity", hr);
        return EXIT_CODE_FAILED;
    }
    failure_listen();
    cancel_install();
    code = verb->run(verb, count, words);
    CoUninitialize();
    cancel_done();
    return code;
}

/* No header declares it. */
int wmain(int count, WCHAR **words);

int wmain(int count, WCHAR **words)
{
    if (count < 2)
    {
        console_error(L"a verb is missing (see `thawline --help`)");
        return EXIT_CODE_WRONG_USE;
    }
    if (!wcscmp(words[1], L"--help") || !wcscmp(words[1], L"-h") || !wcscmp(words[1], L"help"))
        return main_help();
    if (!wcscmp(words[1], L"--version"))
    {
        console_result(L"thawline %hs", ThawlineGetVersion());
        return EXIT_CODE_DONE;
    }
    for (size_t i = 0; i < ARRAYSIZE(main_verbs); i++)
    {
        if (!wcscmp(words[1], main_verbs[i]->name))
            return main_run(main_verbs[i], count - 2, words + 2);
    }
    return main_unknown(words[1]);
}

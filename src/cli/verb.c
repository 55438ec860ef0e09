/* SPDX-License-Identifier: MIT
 *
 * Parsing and help of a verb.
 */
#include "cli/verb.h"

#include <stdarg.h>
#include <stdlib.h>
#include <wchar.h>

#include "cli/console.h"
#include "cli/exit_codes.h"
#include "cli/suggest.h"

#define HELP_OPTION L"--help"

void verb_print_exit_codes(void)
{
    console_result(L"");
    console_result(L"Exit codes:");
#define EXIT_CODE_LINE(name, value, word, meaning) console_result(L"  %3d  %hs", value, meaning);
    EXIT_CODES(EXIT_CODE_LINE)
#undef EXIT_CODE_LINE
}

static void verb_print_help(const struct verb *verb, const struct verb_option *options)
{
    console_result(L"usage: thawline %ls %ls", verb->name, verb->arguments);
    console_result(L"");
    for (const WCHAR *const *line = verb->help; *line; line++)
        console_result(L"%ls", *line);
    console_result(L"");
    console_result(L"Options:");
    for (; options->name; options++)
    {
        WCHAR *left = text_format(L"%ls%ls%ls", options->name, options->value ? L" " : L"",
            options->value ? options->value : L"");

        console_result(L"  %-28ls  %ls", left, options->help);
        free(left);
    }
    verb_print_exit_codes();
}

int verb_wrong_use(const struct verb *verb, const WCHAR *format, ...)
{
    va_list list;
    WCHAR *text;

    va_start(list, format);
    text = text_format_list(format, list);
    va_end(list);
    console_error(L"%ls: %ls (see `thawline %ls --help`)", verb->name, text, verb->name);
    free(text);
    return EXIT_CODE_WRONG_USE;
}

/* Whether `value` is one of the words between the bars of `choices`; without bars anything goes. */
static bool verb_is_choice(const WCHAR *choices, const WCHAR *value)
{
    size_t length = wcslen(value);

    if (!wcschr(choices, '|'))
        return true;
    while (choices)
    {
        const WCHAR *bar = wcschr(choices, '|');
        size_t size = bar ? (size_t)(bar - choices) : wcslen(choices);

        if (size == length && !wcsncmp(choices, value, length))
            return true;
        choices = bar ? bar + 1 : NULL;
    }
    return false;
}

static const struct verb_option *verb_find_option(
    const struct verb *verb, const struct verb_option *options, const WCHAR *word)
{
    struct suggest suggest;

    suggest_begin(&suggest, word);
    suggest_offer(&suggest, HELP_OPTION);
    for (; options->name; options++)
    {
        if (!wcscmp(options->name, word))
            return options;
        suggest_offer(&suggest, options->name);
    }
    if (suggest.nearest)
        verb_wrong_use(verb, L"no option %ls; did you mean %ls?", word, suggest.nearest);
    else
        verb_wrong_use(verb, L"no option %ls", word);
    return NULL;
}

enum verb_outcome verb_parse(const struct verb *verb, const struct verb_option *options, int count,
    WCHAR **words, struct text_list *plain)
{
    bool plain_only = false;

    for (int i = 0; i < count; i++)
    {
        const struct verb_option *option;

        if (plain_only || words[i][0] != '-' || !words[i][1] || iswdigit(words[i][1]))
        {
            text_list_add(plain, words[i]);
            continue;
        }
        if (!wcscmp(words[i], L"--"))
        {
            plain_only = true;
            continue;
        }
        if (!wcscmp(words[i], HELP_OPTION) || !wcscmp(words[i], L"-h"))
        {
            verb_print_help(verb, options);
            return VERB_HELPED;
        }
        option = verb_find_option(verb, options, words[i]);
        if (!option)
            return VERB_WRONG;
        if (option->flag)
            *option->flag = true;
        if (!option->value)
            continue;
        if (i + 1 == count || !verb_is_choice(option->value, words[i + 1]))
        {
            verb_wrong_use(verb, L"%ls needs a value: %ls", option->name, option->value);
            return VERB_WRONG;
        }
        i++;
        if (option->list)
            text_list_add(option->list, words[i]);
        else
            *option->text = words[i];
    }
    return VERB_GO;
}

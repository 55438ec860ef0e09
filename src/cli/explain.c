/* SPDX-License-Identifier: MIT
 *
 * `thawline explain`: what an HRESULT means, who says it, why, and what to do.
 */
#include <errno.h>
#include <stdlib.h>
#include <wchar.h>

#include "cli/console.h"
#include "cli/exit_codes.h"
#include "cli/json.h"
#include "cli/suggest.h"
#include "cli/verb.h"
#include "thawline.h"

#define WIDTH 79
#define INDENT 12

struct explained
{
    const WCHAR *name;
    HRESULT value;
    const char *raised;
    const char *causes;
    const char *advice;
};

#define ASR "The ASR writer's components, in the restore of a whole system."
#define DISKS "Give the machine disks like those of the backup, at least as large, and try again."
#define EXPLAINED(name, value, raised, causes, advice)                                             \
    {L## #name, (HRESULT)value, raised, causes, advice},
static const struct explained explained_codes[] = {
#include "cli/explain_codes.def"
};
#undef EXPLAINED

/* ---- Which code is meant ---- */

/* 0x800423F2, 800423F2, -2147212302, 2147754994. */
static bool read_number(const WCHAR *word, HRESULT *value)
{
    bool prefixed = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
    bool hexadecimal = prefixed || wcspbrk(word, L"abcdefABCDEF") ||
        (wcslen(word) == 8 && word[0] == '8');
    WCHAR *end = NULL;

    if (!wcschr(L"-0123456789abcdefABCDEF", word[0]) || !word[0])
        return false;
    errno = 0;
    LONGLONG number = wcstoll(word, &end, hexadecimal ? 16 : 10);
    if (errno || end == word || *end || number < INT_MIN || number > UINT_MAX)
        return false;
    *value = (HRESULT)number;
    return true;
}

static const struct explained *find_value(HRESULT value)
{
    for (size_t i = 0; i < ARRAYSIZE(explained_codes); i++)
        if (explained_codes[i].value == value)
            return &explained_codes[i];
    return NULL;
}

/* With or without the VSS_E_ or VSS_S_ before it. */
static bool is_name(const WCHAR *name, const WCHAR *word)
{
    return !wcscmp(name, word) || (!wcsncmp(name, L"VSS_", 4) && !wcscmp(name + 6, word));
}

static const struct explained *find_name(const WCHAR *word, const WCHAR **nearest)
{
    WCHAR *upper = text_copy(word);
    struct suggest suggest;

    _wcsupr(upper);
    suggest_begin(&suggest, upper);
    const struct explained *found = NULL;
    for (size_t i = 0; i < ARRAYSIZE(explained_codes) && !found; i++)
    {
        if (is_name(explained_codes[i].name, upper))
            found = &explained_codes[i];
        suggest_offer(&suggest, explained_codes[i].name);
    }
    *nearest = suggest.nearest;
    free(upper);
    return found;
}

/* ---- What is said ---- */

/* A label and a text in lines of WIDTH, indented below the label. */
static void print_text(const WCHAR *label, const char *text)
{
    while (*text)
    {
        size_t length = strlen(text);
        if (length > WIDTH - INDENT)
        {
            length = WIDTH - INDENT;
            while (length && text[length] != ' ')
                length--;
        }
        console_result(L"%-*ls%.*hs", INDENT, label, (int)length, text);
        label = L"";
        text += length;
        text += *text == ' ';
    }
}

static void print_code(HRESULT value, const char *name)
{
    console_result(L"%hs (0x%08X, %d)", name, (unsigned)value, (int)value);
}

/* A code that has nothing to do with VSS; false: the system doesn't know it either. */
static bool print_foreign(HRESULT value)
{
    WCHAR *text = NULL;
    const char *meaning = ThawlineGetResultMeaning(value);
    const char *name = ThawlineGetResultName(value);

    if (name && meaning)
    {
        print_code(value, name);
        print_text(L"", meaning);
        return true;
    }
    DWORD length = FormatMessageW(
        FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS,
        NULL, (DWORD)value, 0, (WCHAR *)&text, 0, NULL);
    if (!length)
        return false;
    while (length && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        text[--length] = 0;
    console_result(L"0x%08X (%d) is no code of VSS. The system says: %ls", (unsigned)value,
        (int)value, text);
    LocalFree(text);
    return true;
}

static void print_explained(const struct explained *code)
{
    print_code(code->value, ThawlineGetResultName(code->value));
    print_text(L"Meaning:", ThawlineGetResultMeaning(code->value));
    print_text(L"Said by:", code->raised);
    print_text(L"Because:", code->causes);
    print_text(L"What to do:", code->advice);
}

static void print_explained_json(const struct explained *code)
{
    struct json json = {0};

    json_begin_object(&json, NULL);
    json_result(&json, "code", "name", code->value);
    json_ascii(&json, "meaning", ThawlineGetResultMeaning(code->value));
    json_ascii(&json, "said_by", code->raised);
    json_ascii(&json, "causes", code->causes);
    json_ascii(&json, "advice", code->advice);
    json_end_object(&json);
    json_print(&json);
}

static void print_all(void)
{
    for (size_t i = 0; i < ARRAYSIZE(explained_codes); i++)
        console_result(L"0x%08X  %ls", (unsigned)explained_codes[i].value, explained_codes[i].name);
}

/* ---- The verb ---- */

static int explain_word(const struct verb *verb, const WCHAR *word, bool as_json)
{
    const WCHAR *nearest = NULL;
    HRESULT value = S_OK;
    bool number = read_number(word, &value);
    const struct explained *code = number ? find_value(value) : find_name(word, &nearest);

    if (code && as_json)
        print_explained_json(code);
    else if (code)
        print_explained(code);
    else if (number && as_json)
        return verb_wrong_use(verb, L"%ls is no code of VSS", word);
    else if (number && !print_foreign(value))
        return verb_wrong_use(verb, L"nobody knows the code 0x%08X", (unsigned)value);
    else if (!number && nearest)
        return verb_wrong_use(verb, L"no code %ls; did you mean %ls?", word, nearest);
    else if (!number)
        return verb_wrong_use(verb, L"no code %ls", word);
    return EXIT_CODE_DONE;
}

static int explain_verb(const struct verb *verb, int count, WCHAR **words)
{
    struct text_list plain = {0};
    bool as_json = false, all = false;
    const struct verb_option options[] = {
        {L"--json", NULL, L"one JSON object on standard output", &as_json, NULL, NULL},
        {L"--list", NULL, L"the codes that can be explained", &all, NULL, NULL},
        {NULL, NULL, NULL, NULL, NULL, NULL}};
    enum verb_outcome outcome = verb_parse(verb, options, count, words, &plain);
    int code = outcome == VERB_WRONG ? EXIT_CODE_WRONG_USE : EXIT_CODE_DONE;

    if (outcome == VERB_GO && all && !plain.count && !as_json)
        print_all();
    else if (outcome == VERB_GO && plain.count == 1 && !all)
        code = explain_word(verb, plain.items[0], as_json);
    else if (outcome == VERB_GO)
        code = verb_wrong_use(verb, L"name one code, like 0x80042301 or VSS_E_BAD_STATE");
    text_list_free(&plain);
    return code;
}

static const WCHAR *const explain_help[] = {
    L"CODE is a name or a number, as a log shows it: VSS_E_BAD_STATE, 0x80042301, 80042301 or",
    L"-2147212543. Nothing is asked of writers or providers.", NULL};

const struct verb verb_explain = {L"explain", L"CODE [--json] | --list",
    L"say what an error code means and what to do", explain_help, explain_verb};

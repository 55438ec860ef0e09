/* SPDX-License-Identifier: MIT
 *
 * Fault rules as text. See fault_load in fault.h.
 */
#include "diag/fault.h"

#include <wchar.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/fault_rules.h"
#include "diag/hresult.h"
#include "diag/log.h"
#include "os/file.h"
#include "os/settings.h"

#define SCENARIO_FILE_LIMIT (1u << 20)
/* point, match, effect, first, count, delay, chance, seed */
#define WORD_LIMIT 8
#define WORD_LENGTH FAULT_MATCH_LENGTH

struct words
{
    WCHAR text[WORD_LIMIT][WORD_LENGTH + 1];
    size_t count;
};

static bool ends_line(WCHAR unit)
{
    return !unit || unit == L'\n' || unit == L';';
}

static bool is_blank(WCHAR unit)
{
    return unit == L' ' || unit == L'\t' || unit == L'\r';
}

/* Reads one word at *at and moves past it. False when it is too long or its quote is not closed. */
static bool read_word(const WCHAR **at, WCHAR *word)
{
    const WCHAR *text = *at;
    bool quoted = *text == L'"';
    size_t length = 0;
    text += quoted;
    while (
        quoted ? *text && *text != L'"' && *text != L'\n' : !ends_line(*text) && !is_blank(*text))
    {
        if (length == WORD_LENGTH)
            return false;
        word[length++] = *text++;
    }
    word[length] = 0;
    if (quoted && *text++ != L'"')
        return false;
    *at = text;
    return true;
}

/* Splits the line at *at and moves to the next. False, with the reason in the log, when it can't be
   split. */
static bool read_line(const WCHAR **at, unsigned number, struct words *words)
{
    const WCHAR *text = *at;
    words->count = 0;
    for (;;)
    {
        while (is_blank(*text))
            text++;
        if (*text == L'#')
            while (*text && *text != L'\n')
                text++;
        if (ends_line(*text))
            break;
        if (words->count == WORD_LIMIT || !read_word(&text, words->text[words->count]))
        {
            log_error(E_INVALIDARG,
                "Fault rule %u has more than %d words, one that is too long or an open quote",
                number, WORD_LIMIT);
            return false;
        }
        words->count++;
    }
    *at = *text ? text + 1 : text;
    return true;
}

/* False for anything but ASCII. */
static bool to_ascii(const WCHAR *text, char *out)
{
    size_t i = 0;
    for (; text[i]; i++)
    {
        if (text[i] > 0x7E)
            return false;
        out[i] = (char)text[i];
    }
    out[i] = 0;
    return true;
}

static bool to_number(const WCHAR *text, unsigned *number)
{
    uint64_t value = 0;
    bool any = *text != 0;
    for (; *text >= L'0' && *text <= L'9' && value <= UINT_MAX; text++)
        value = value * 10 + (uint64_t)(*text - L'0');
    *number = (unsigned)value;
    return any && !*text && value <= UINT_MAX;
}

/* What stands after `key` in `word`; NULL when it is another word. */
static const WCHAR *value_of(const WCHAR *word, const WCHAR *key)
{
    size_t length = str16_len(key);
    return wcsncmp(word, key, length) == 0 ? word + length : NULL;
}

/* "25%" or "25". */
static bool to_chance(const WCHAR *text, unsigned *chance)
{
    WCHAR digits[WORD_LENGTH + 1];
    lstrcpyW(digits, text);
    size_t length = str16_len(digits);
    if (length && digits[length - 1] == L'%')
        digits[length - 1] = 0;
    return to_number(digits, chance) && *chance >= 1 && *chance <= 100;
}

/* The words after the effect. */
static HRESULT read_options(const struct words *words, unsigned number, struct fault_rule *rule)
{
    unsigned numbers[3] = {1, 0, 0}; /* first, count, delay */
    size_t counted = 0;
    for (size_t i = 3; i < words->count; i++)
    {
        const WCHAR *word = words->text[i];
        const WCHAR *chance = value_of(word, L"chance=");
        const WCHAR *seed = value_of(word, L"seed=");
        unsigned value;
        if (chance && !to_chance(chance, &rule->chance))
            return log_error(E_INVALIDARG,
                "Fault rule %u: \"%ls\" is no chance from 1%% to 100%%", number, chance);
        if (seed && !to_number(seed, &value))
            return log_error(
                E_INVALIDARG, "Fault rule %u: \"%ls\" is no number for a seed", number, seed);
        if (seed)
            fault_rule_seed(rule, value);
        if (chance || seed)
            continue;
        if (counted == 3)
            return log_error(
                E_INVALIDARG, "Fault rule %u has more than three numbers", number);
        if (!to_number(word, &numbers[counted++]))
            return log_error(
                E_INVALIDARG, "Fault rule %u: \"%ls\" is no number", number, word);
    }
    rule->first = numbers[0] ? numbers[0] : 1;
    rule->count = numbers[1];
    rule->effect.delay_ms = numbers[2];
    return S_OK;
}

static HRESULT make_rule(const struct words *words, unsigned number, struct fault_rule *rule)
{
    char point[WORD_LENGTH + 1];
    char code[WORD_LENGTH + 1];
    const char *nearest = NULL;
    struct fault_effect effect;
    if (words->count < 3)
        return log_error(E_INVALIDARG,
            "Fault rule %u is not \"point match effect [first [count [delay]]]\"", number);
    if (!to_ascii(words->text[0], point))
        return log_error(
            E_INVALIDARG, "Fault rule %u: \"%ls\" is no fault point", number, words->text[0]);
    if (!to_ascii(words->text[2], code) || !fault_effect_find(code, &effect, &nearest))
        return log_error(E_INVALIDARG,
            "Fault rule %u: \"%ls\" is neither an effect nor an HRESULT%s%s", number,
            words->text[2], nearest ? "; the nearest is " : "", nearest ? nearest : "");
    HRESULT hr = fault_rule_make(rule, point, words->text[1], &effect);
    return SUCCEEDED(hr) ? read_options(words, number, rule) : hr;
}

/* Goes through the rules of `text`; adds them when `add`. *count is how many there are. */
static HRESULT read_rules(const WCHAR *text, bool add, size_t *count)
{
    struct words words;
    unsigned number = 0;
    *count = 0;
    while (*text)
    {
        struct fault_rule rule = {0};
        if (!read_line(&text, ++number, &words))
            return E_INVALIDARG;
        if (!words.count)
            continue;
        HRESULT hr = make_rule(&words, number, &rule);
        if (SUCCEEDED(hr) && add)
            hr = fault_rules_add(&rule);
        if (FAILED(hr))
            return hr;
        ++*count;
    }
    return S_OK;
}

static HRESULT load_text(const WCHAR *text, size_t *count)
{
    HRESULT hr = read_rules(text, false, count);
    if (SUCCEEDED(hr))
        hr = fault_rules_room(*count);
    if (SUCCEEDED(hr))
        hr = read_rules(text, true, count);
    return hr;
}

static HRESULT load_file(const WCHAR *path, size_t *count)
{
    void *bytes = NULL;
    size_t size = 0;
    HRESULT hr = file_read_all(path, SCENARIO_FILE_LIMIT, &bytes, &size);
    if (FAILED(hr))
        return log_error(hr, "The fault rules in \"%ls\" can't be read", path);
    WCHAR *text = str16_from_utf8(bytes, size, NULL);
    /* The byte order mark that some editors write. */
    if (text)
        hr = load_text(text[0] == 0xFEFF ? text + 1 : text, count);
    else
        hr = E_OUTOFMEMORY;
    mem_free(text);
    mem_free(bytes);
    return hr;
}

/* Nothing is read from the current directory, so a path begins with a drive or a separator; a rule
   never does. */
static bool is_path(const WCHAR *value)
{
    return value[0] == L'\\' || value[0] == L'/' || (value[0] && value[1] == L':');
}

static HRESULT load_either(const WCHAR *value, size_t *count)
{
    return is_path(value) ? load_file(value, count) : load_text(value, count);
}

void fault_scenario_load_setting(void)
{
    size_t count;
    WCHAR *value = settings_get(L"FAULTS");
    if (value)
        load_either(value, &count);
    mem_free(value);
}

static HRESULT load(
    HRESULT (*how)(const WCHAR *text, size_t *count), const WCHAR *text, size_t *count)
{
    size_t ignored;
    fault_rules_load_setting();
    return how(text, count ? count : &ignored);
}

HRESULT fault_load(const WCHAR *text, size_t *count)
{
    return load(load_text, text, count);
}

HRESULT fault_load_file(const WCHAR *path, size_t *count)
{
    return load(load_file, path, count);
}

HRESULT fault_load_either(const WCHAR *text_or_path, size_t *count)
{
    return load(load_either, text_or_path, count);
}

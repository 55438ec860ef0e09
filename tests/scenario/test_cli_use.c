/* SPDX-License-Identifier: MIT
 *
 * thawline.exe: help, wrong use and what it says then (2 is the exit code; nothing is begun).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>

#include "scenario/cli_process.h"
#include "support/sample_tree.h"

/* <temp>, <temp>\source (a sample tree), <temp>\full (not empty), <temp>\file.txt */
struct fixture
{
    WCHAR source[SAMPLE_PATH];
    WCHAR full[SAMPLE_PATH];
    WCHAR file[SAMPLE_PATH];
    WCHAR fresh[SAMPLE_PATH]; /* does not exist */
};

static struct fixture fixture;

static int set_up(void **state)
{
    WCHAR path[SAMPLE_PATH];

    (void)state;
    sample_path(L"source", fixture.source);
    sample_path(L"full", fixture.full);
    sample_path(L"file.txt", fixture.file);
    sample_path(L"fresh", fixture.fresh);
    sample_make(fixture.source);
    sample_path(L"full\\something.txt", path);
    sample_write(path, "x", 1);
    sample_write(fixture.file, "x", 1);
    return 0;
}

/* {S} {F} {T} {N}: the source, the full folder, the file, the fresh folder. */
static void expand(const WCHAR *pattern, WCHAR *text)
{
    for (; *pattern; pattern++)
    {
        const WCHAR *value = NULL;

        if (pattern[0] == '{' && pattern[2] == '}')
            value = pattern[1] == 'S' ? fixture.source
                : pattern[1] == 'F'   ? fixture.full
                : pattern[1] == 'T'   ? fixture.file
                                      : fixture.fresh;
        if (value)
        {
            text += _snwprintf(text, SAMPLE_PATH, L"%ls", value);
            pattern += 2;
        }
        else
        {
            *text++ = *pattern;
        }
    }
    *text = 0;
}

static void wrong_use_exits_with_2_and_says_what_is_wrong(void **state)
{
    static const struct
    {
        const WCHAR *arguments;
        const char *says;
    } rows[] = {
        {L"", "a verb is missing"},
        {L"bakup a b", "no verb bakup; did you mean `thawline backup`?"},
        {L"xyzzy", "no verb xyzzy (see `thawline --help`)"},
        {L"lst", "did you mean `thawline list`?"},
        {L"backup", "a source and a destination are missing"},
        {L"backup {S}", "a destination is missing"},
        {L"backup {S} {N} --verfy", "no option --verfy; did you mean --verify?"},
        {L"backup {S} {N} --xyzzy", "no option --xyzzy (see `thawline backup --help`)"},
        {L"backup {S} {N} --provider", "--provider needs a value: auto|btrfs|reflink|clone|live"},
        {L"backup {S} {N} --provider zfs", "--provider needs a value: auto|btrfs|reflink|clone|live"},
        {L"backup {S}\\none {N}", "there is no "},
        {L"backup Q:\\none {N}", "there is no Q:\\none"},
        {L"backup {S} \\\\server\\share", "is no folder on a drive"},
        {L"backup {S} {F}", "is not empty; --overwrite writes over it"},
        {L"backup {S} {T}", "is not a folder"},
        {L"backup {S} {S}", "the destination lies inside the source"},
        {L"backup {S} {S}\\inside\\deeper", "the destination lies inside the source"},
        {L"backup {S} \\\\?\\{S}\\inside", "the destination lies inside the source"},
        {L"backup {S} {S}\\folder\\..\\inside", "the destination lies inside the source"},
        {L"backup {S} {S} {N}", "is copied with "},
        {L"backup {S}\\folder {S} {N}", "is copied with "},
        {L"backup C:\\ {N}", "the destination lies inside the source C:\\"},
        {L"restore", "name the document and the folder of the copy"},
        {L"restore {T}", "name the document and the folder of the copy"},
        {L"restore {N} {S}", "there is no document "},
        {L"restore {S} {S}", "there is no document "},
        {L"restore {T} {N}", "there is no folder "},
        {L"restore {T} {T}", "there is no folder "},
        {L"restore {T} {S}", "is no copy that `thawline backup` made"},
        {L"restore {T} {S} --to {S}\\inside", "lies inside the copy"},
        {L"restore {T} {S} --to \\\\server\\share", "is no folder on a drive"},
        {L"restore {T} {S} --component", "--component needs a value: PATH\\NAME"},
        {L"restor", "no verb restor; did you mean `thawline restore`?"},
        {L"list", "say what to list: shadows or writers"},
        {L"list shadow", "say what to list: shadows or writers"},
        {L"list shadows writers", "say what to list: shadows or writers"},
        {L"list shadows --vssadmin", "--vssadmin is for writers"},
        {L"list writers --vssadmin --json", "--json and --vssadmin exclude each other"},
        {L"delete", "name one shadow copy, --set SET-ID or --all"},
        {L"delete --all --set x", "name one shadow copy, --set SET-ID or --all"},
        {L"delete no-guid", "no-guid is no id; `thawline list shadows` shows them"},
        {L"delete --set no-guid", "no-guid is no id"},
        {L"delete --set", "--set needs a value: SET-ID"},
        {L"explain", "name one code, like 0x80042301 or VSS_E_BAD_STATE"},
        {L"explain VSS_E_BAD_STATE 0x80042301", "name one code"},
        {L"explain --list VSS_E_BAD_STATE", "name one code"},
        {L"explain VSS_E_BAD_STAET", "no code VSS_E_BAD_STAET; did you mean VSS_E_BAD_STATE?"},
        {L"explain xyzzy", "no code xyzzy (see `thawline explain --help`)"},
        {L"explain \"\"", "no code "},
        {L"explain 0x", "no code 0x"},
        {L"explain 0x8004230112", "no code 0x8004230112"},
        {L"explain 0x8004230X", "no code 0x8004230X"},
        {L"explain 0x8FFF4711", "nobody knows the code 0x8FFF4711"},
        {L"explain 0x80070020 --json", "0x80070020 is no code of VSS"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        WCHAR arguments[4 * SAMPLE_PATH];
        struct cli_process cli;

        expand(rows[i].arguments, arguments);
        cli_run(&cli, L"%ls", arguments);
        if (cli.exit_code != 2)
            print_error("%ls:\n", arguments);
        assert_exit(&cli, 2);
        assert_says(&cli, err, rows[i].says);
        assert_string_equal(cli.out.text, "");
        /* One line, and it is helpful. */
        assert_ptr_equal(strchr(cli.err.text, '\n'), cli.err.text + cli.err.length - 1);
        cli_free(&cli);
    }
    assert_false(sample_exists(fixture.fresh));
}

static void help_names_verbs_options_and_exit_codes(void **state)
{
    static const struct
    {
        const WCHAR *arguments;
        const char *says;
    } rows[] = {
        {L"--help", "thawline backup"},
        {L"--help", "130  cancelled"},
        {L"backup --help", "usage: thawline backup SOURCE... DEST [options]"},
        {L"backup --help", "--provider auto|btrfs|reflink|clone|live"},
        {L"backup --help", "4  copied, but verification found differences"},
        {L"restore --help", "usage: thawline restore DOCUMENT SOURCE [options]"},
        {L"restore --help", "--component PATH\\NAME"},
        {L"list --help", "usage: thawline list shadows|writers [--json|--vssadmin]"},
        {L"delete -h", "usage: thawline delete"},
        {L"explain --help", "usage: thawline explain CODE [--json] | --list"},
        {L"--version", "thawline 0."},
    };

    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        struct cli_process cli;

        cli_run(&cli, L"%ls", rows[i].arguments);
        assert_exit(&cli, 0);
        assert_says(&cli, out, rows[i].says);
        assert_string_equal(cli.err.text, "");
        cli_free(&cli);
    }
}

/* The codes of vss.h and vswriter.h by value; requestor 0.3, writer-provider 8. */
static void every_code_of_vss_is_explained(void **state)
{
    static const struct
    {
        unsigned first, last, left_out;
    } ranges[] = {
        {0x00042309, 0x0004230B, 0},
        {0x00042321, 0x00042321, 0},
        {0x80042301, 0x80042304, 0},
        {0x80042306, 0x80042308, 0},
        {0x8004230C, 0x8004231F, 0x8004231C},
        {0x80042320, 0x8004232F, 0},
        {0x80042336, 0x80042336, 0},
        {0x800423F0, 0x800423FF, 0},
        {0x80042400, 0x8004240A, 0},
        {0x80042411, 0x80042417, 0},
    };
    struct cli_process cli;

    (void)state;
    cli_run(&cli, L"explain --list");
    assert_exit(&cli, 0);
    for (size_t i = 0; i < ARRAYSIZE(ranges); i++)
    {
        for (unsigned value = ranges[i].first; value <= ranges[i].last; value++)
        {
            char text[16];

            if (value == ranges[i].left_out)
                continue;
            snprintf(text, sizeof(text), "0x%08X  VSS_", value);
            assert_says(&cli, out, text);
        }
    }
    cli_free(&cli);
}

static void a_code_is_explained_by_name_and_by_number(void **state)
{
    static const WCHAR *const words[] = {L"0x800423F2", L"800423f2", L"-2147212302", L"2147754994",
        L"VSS_E_WRITERERROR_TIMEOUT", L"vss_e_writererror_timeout", L"WRITERERROR_TIMEOUT"};
    struct cli_process cli;

    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(words); i++)
    {
        cli_run(&cli, L"explain %ls", words[i]);
        assert_exit(&cli, 0);
        assert_says(&cli, out, "VSS_E_WRITERERROR_TIMEOUT (0x800423F2, -2147212302)\n");
        assert_says(&cli, out, "Said by:    ");
        assert_says(&cli, out, "between Freeze and Thaw");
        assert_says(&cli, out, "What to do: ");
        cli_free(&cli);
    }

    cli_run(&cli, L"explain VSS_E_SNAPSHOT_SET_IN_PROGRESS --json");
    assert_exit(&cli, 0);
    assert_true(json_is_object(cli.out.text));
    assert_says(&cli, out, "\"0x80042316\"");
    assert_says(&cli, out, "\"advice\"");
    cli_free(&cli);

    /* ERROR_SHARING_VIOLATION. */
    cli_run(&cli, L"explain 0x80070020");
    assert_exit(&cli, 0);
    assert_says(&cli, out, "0x80070020 (-2147024864) is no code of VSS. The system says: ");
    cli_free(&cli);
    cli_run(&cli, L"explain 0");
    assert_exit(&cli, 0);
    assert_says(&cli, out, "S_OK (0x00000000, 0)");
    cli_free(&cli);
}

static void control_characters_of_an_argument_do_not_reach_the_terminal(void **state)
{
    struct cli_process cli;

    (void)state;
    cli_run(&cli, L"list \"sha\x1b[2Jdows\"");
    assert_exit(&cli, 2);
    assert_null(strchr(cli.err.text, '\x1b'));
    cli_free(&cli);
    cli_run(&cli, L"\"ba\x1b[2Jck\x202eup-now-please\"");
    assert_exit(&cli, 2);
    assert_says(&cli, err, "ba\\u001b[2Jck\\u202eup-now-please");
    cli_free(&cli);
}

/* Wine shows the host's root as Z:, so every folder has a second name. */
static void a_destination_inside_the_source_by_another_drive_is_refused(void **state)
{
    char *(CDECL * unix_name)(const WCHAR *path);
    WCHAR other[SAMPLE_PATH], alias[SAMPLE_PATH];
    struct cli_process cli;
    char *host;

    (void)state;
    unix_name = (void *)GetProcAddress(
        GetModuleHandleW(L"kernel32.dll"), "wine_get_unix_file_name");
    if (!unix_name)
        return; /* Windows has no second drive for it */
    host = unix_name(fixture.source);
    assert_non_null(host);
    MultiByteToWideChar(CP_UTF8, 0, host, -1, other, SAMPLE_PATH);
    HeapFree(GetProcessHeap(), 0, host);
    _snwprintf(alias, SAMPLE_PATH, L"Z:%ls", other);
    for (WCHAR *slash = alias; *slash; slash++)
    {
        if (*slash == '/')
            *slash = '\\';
    }
    if (GetFileAttributesW(alias) == INVALID_FILE_ATTRIBUTES)
        return; /* a prefix without Z: */
    cli_run(&cli, L"backup %ls %ls\\inside", fixture.source, alias);
    assert_exit(&cli, 2);
    assert_says(&cli, err, "the destination lies inside the source");
    cli_free(&cli);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_use_exits_with_2_and_says_what_is_wrong),
        cmocka_unit_test(help_names_verbs_options_and_exit_codes),
        cmocka_unit_test(every_code_of_vss_is_explained),
        cmocka_unit_test(a_code_is_explained_by_name_and_by_number),
        cmocka_unit_test(control_characters_of_an_argument_do_not_reach_the_terminal),
        cmocka_unit_test(a_destination_inside_the_source_by_another_drive_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * `thawline list writers`. Names come from other programs: console and json show what would move
 * the cursor as escapes.
 */
#include <stdlib.h>
#include <wchar.h>

#include "cli/console.h"
#include "cli/exit_codes.h"
#include "cli/failure.h"
#include "cli/json.h"
#include "cli/list.h"
#include "cli/text.h"
#include "cli/writers.h"
#include "thawline.h"

/* ---- For people ---- */

#define COLUMNS 4

struct list_row
{
    WCHAR *cells[COLUMNS];
};

static struct list_row list_row_of(const THAWLINE_WRITER_STATUS *writer)
{
    const WCHAR *instance = writer->pwszInstanceName;
    const char *failure = ThawlineGetResultName(writer->hrFailure);
    bool has_instance = instance && *instance;
    WCHAR *name = text_format(L"%ls%ls%ls%ls", writer->pwszName, has_instance ? L" (" : L"",
        has_instance ? instance : L"", has_instance ? L")" : L"");
    struct list_row row;

    /* As it will be shown, for the width of its column. */
    row.cells[0] = console_shown(name);
    row.cells[1] = text_copy(writers_state_text(writer->State));
    if (writer->hrFailure == S_OK)
        row.cells[2] = text_copy(L"none");
    else if (failure)
        row.cells[2] = text_format(L"%hs", failure);
    else
        row.cells[2] = text_format(L"0x%08lx", writer->hrFailure);
    row.cells[3] = writer->dwProcessId
        ? text_format(L"%lu (%u bit)", writer->dwProcessId, writer->uBits)
        : text_copy(L"none");
    free(name);
    return row;
}

static void list_print_table(const THAWLINE_WRITER_STATUS *writers, UINT count)
{
    static const struct list_row head = {{L"WRITER", L"STATE", L"FAILURE", L"PROCESS"}};
    struct list_row *rows = text_memory((count + 1) * sizeof(*rows));
    int widths[COLUMNS] = {0};

    rows[0] = head;
    for (UINT i = 0; i < count; i++)
        rows[i + 1] = list_row_of(&writers[i]);
    for (UINT i = 0; i <= count; i++)
    {
        for (int k = 0; k < COLUMNS; k++)
            widths[k] = max(widths[k], (int)wcslen(rows[i].cells[k]));
    }
    for (UINT i = 0; i <= count; i++)
    {
        WCHAR **cells = rows[i].cells;

        console_result(L"%-*ls  %-*ls  %-*ls  %ls", widths[0], cells[0], widths[1], cells[1],
            widths[2], cells[2], cells[3]);
        for (int k = 0; k < COLUMNS && i; k++)
            free(cells[k]);
    }
    free(rows);
}

static void list_print_text(const THAWLINE_WRITER_STATUS *writers, UINT count)
{
    if (count)
        list_print_table(writers, count);
    else
        console_result(L"There are no writers.");
}

/* ---- For programs ---- */

static void list_print_json(const THAWLINE_WRITER_STATUS *writers, UINT count)
{
    struct json json = {0};

    json_begin_object(&json, NULL);
    json_begin_array(&json, "writers");
    for (UINT i = 0; i < count; i++)
    {
        json_begin_object(&json, NULL);
        json_text(&json, "name", writers[i].pwszName);
        json_text(&json, "instance_name", writers[i].pwszInstanceName);
        json_guid(&json, "id", &writers[i].WriterId);
        json_guid(&json, "instance", &writers[i].InstanceId);
        json_text(&json, "state", writers_state_text(writers[i].State));
        json_number(&json, "state_number", writers[i].State);
        json_result(&json, "failure", "failure_name", writers[i].hrFailure);
        json_number(&json, "process_id", writers[i].dwProcessId);
        json_number(&json, "bits", writers[i].uBits);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_end_object(&json);
    json_print(&json);
}

/* What vssadmin calls the states; all that come behind these are "Failed". */
static const WCHAR *const list_vssadmin_states[] = {L"Unknown", L"Stable", L"Waiting for freeze",
    L"Waiting for thaw", L"Waiting for post-snapshot", L"Waiting for completion"};

static const WCHAR *list_vssadmin_state(VSS_WRITER_STATE state)
{
    return (size_t)state < ARRAYSIZE(list_vssadmin_states) ? list_vssadmin_states[state]
                                                           : L"Failed";
}

static const WCHAR *list_vssadmin_error(HRESULT failure)
{
    static const struct
    {
        HRESULT failure;
        const WCHAR *text;
    } errors[] = {
        {S_OK, L"No error"},
        {VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT, L"Inconsistent shadow copy"},
        {VSS_E_WRITERERROR_OUTOFRESOURCES, L"Out of resources"},
        {VSS_E_WRITERERROR_TIMEOUT, L"Timed out"},
        {VSS_E_WRITERERROR_RETRYABLE, L"Retryable error"},
        {VSS_E_WRITERERROR_NONRETRYABLE, L"Non-retryable error"},
    };

    for (size_t i = 0; i < ARRAYSIZE(errors); i++)
    {
        if (errors[i].failure == failure)
            return errors[i].text;
    }
    return L"Unexpected error";
}

/* Ids there are in small letters. */
static void list_vssadmin_id(const GUID *id, WCHAR *text)
{
    text_from_guid(id, text);
    CharLowerW(text);
}

/* As printed on Microsoft's and other vendors' support pages. Programs that read it skip the three
   lines at the top. */
static void list_print_vssadmin(const THAWLINE_WRITER_STATUS *writers, UINT count)
{
    WCHAR id[TEXT_GUID_SIZE], instance[TEXT_GUID_SIZE];

    console_result(L"thawline %hs - the writers of an open Volume Shadow Copy Service",
        ThawlineGetVersion());
    console_result(L"(in the layout of vssadmin list writers)");
    console_result(L"");
    for (UINT i = 0; i < count; i++)
    {
        list_vssadmin_id(&writers[i].WriterId, id);
        list_vssadmin_id(&writers[i].InstanceId, instance);
        console_result(L"Writer name: '%ls'", writers[i].pwszName);
        console_result(L"   Writer Id: %ls", id);
        console_result(L"   Writer Instance Id: %ls", instance);
        console_result(
            L"   State: [%d] %ls", writers[i].State, list_vssadmin_state(writers[i].State));
        console_result(L"   Last error: %ls", list_vssadmin_error(writers[i].hrFailure));
        console_result(L"");
    }
}

int list_writers(enum list_form form)
{
    THAWLINE_WRITER_STATUS *writers = NULL;
    UINT count = 0;
    HRESULT hr = ThawlineListWriters(&writers, &count);

    if (FAILED(hr))
    {
        failure_report(L"ThawlineListWriters", hr);
        return EXIT_CODE_FAILED;
    }
    if (form == LIST_JSON)
        list_print_json(writers, count);
    else if (form == LIST_VSSADMIN)
        list_print_vssadmin(writers, count);
    else
        list_print_text(writers, count);
    ThawlineFreeWriters(writers);
    return EXIT_CODE_DONE;
}

/* SPDX-License-Identifier: MIT
 *
 * Tells how a backup went.
 */
#include "cli/summary.h"

#include <stdlib.h>

#include "cli/console.h"
#include "cli/failure.h"
#include "cli/json.h"
#include "cli/writers.h"

/* More files than these are counted, not listed; --json lists all. */
#define MOST_LISTED 20

/* In component mode the state of a writer without components is of no concern to this backup. */
static bool summary_takes_part(const struct backup *backup, const struct backup_writer *writer)
{
    if (!backup->component_mode)
        return true;
    for (size_t i = 0; i < backup->component_count; i++)
    {
        if (IsEqualGUID(&backup->components[i].instance, &writer->instance))
            return true;
    }
    return false;
}

static bool summary_writer_failed(const struct backup *backup, const struct backup_writer *writer)
{
    return summary_takes_part(backup, writer) && writers_has_failed(writer);
}

enum exit_code summary_exit_code(const struct backup *backup)
{
    if (backup->different.count)
        return EXIT_CODE_MISMATCH;
    if (backup->unread.count)
        return EXIT_CODE_PARTLY;
    for (size_t i = 0; i < backup->writers.count; i++)
    {
        if (summary_writer_failed(backup, &backup->writers.items[i]))
            return EXIT_CODE_PARTLY;
    }
    return EXIT_CODE_DONE;
}

static WCHAR *summary_trouble_text(DWORD error)
{
    if (!error)
        return text_copy(L"it differs");
    if (error == TROUBLE_LINK)
        return text_copy(L"a link is in the way");
    return failure_text(HRESULT_FROM_WIN32(error));
}

void summary_print_troubles(const WCHAR *title, const struct backup_troubles *troubles)
{
    if (!troubles->count)
        return;
    console_result(L"%ls: %llu", title, (ULONGLONG)troubles->count);
    for (size_t i = 0; i < troubles->count && i < MOST_LISTED; i++)
    {
        const struct backup_trouble *trouble = &troubles->items[i];
        WCHAR *reason = summary_trouble_text(trouble->error);

        console_result(L"  %ls: %ls", trouble->path, reason);
        free(reason);
    }
    if (troubles->count > MOST_LISTED)
        console_result(
            L"  and %llu more (--json lists them all)", (ULONGLONG)troubles->count - MOST_LISTED);
}

static void summary_print_writers(const struct backup *backup)
{
    if (!backup->no_writers && !backup->writers.count)
    {
        console_result(L"Writers: none is running, so no program was asked to stand still.");
        return;
    }
    console_result(L"Writers: %ls. %u frozen and thawed, %u failed; writes were held for %.1f ms.",
        backup->mode_reason, backup->writers_frozen, backup->writers_failed,
        (double)backup->freeze_window / 1000);
    for (size_t i = 0; backup->component_mode && i < backup->component_count; i++)
    {
        const struct backup_component *component = &backup->components[i];
        bool has_path = component->logical_path && *component->logical_path;

        console_result(L"  component %ls%ls%ls of %ls: %ls",
            has_path ? component->logical_path : L"", has_path ? L"\\" : L"", component->name,
            component->writer_name, component->succeeded ? L"backed up" : L"not backed up");
    }
    for (size_t i = 0; i < backup->writers.count; i++)
    {
        const struct backup_writer *writer = &backup->writers.items[i];
        WCHAR *reason;

        if (!summary_writer_failed(backup, writer))
            continue;
        reason = failure_text(writer->failure);
        console_result(
            L"  writer %ls: %ls, %ls", writer->name, writers_state_text(writer->state), reason);
        if (writer->message)
            console_result(L"    %ls", writer->message);
        free(reason);
    }
}

static void summary_print_verdict(const struct backup *backup, enum exit_code code)
{
    if (backup->verified && !backup->different.count)
        console_result(
            L"Verified: every byte of %llu files is the same in the copy.", backup->files);
    if (code == EXIT_CODE_DONE)
        console_result(L"The copy is whole.");
    else if (code == EXIT_CODE_MISMATCH)
        console_result(
            L"The copy is NOT the same as the shadow copy; it stays marked as incomplete.");
    else if (backup->unread.count)
        console_result(L"The copy lacks what could not be read.");
    else
        console_result(
            L"Every file was copied, but what a failed writer keeps may be inconsistent.");
}

static void summary_print_text(const struct backup *backup, enum exit_code code)
{
    WCHAR size[TEXT_SHORT_SIZE], time[TEXT_SHORT_SIZE];

    text_from_size(backup->bytes, size);
    console_result(L"Copied %llu files in %llu folders, %ls, to %ls in %.1f s.", backup->files,
        backup->folders, size, backup->destination, backup->seconds);
    if (backup->since)
        console_result(
            L"The backup before, in %ls, has %llu others; of %llu files only parts changed.",
            backup->since, backup->unchanged, (ULONGLONG)backup->history.part_count);
    for (size_t i = 0; i < backup->volume_count; i++)
    {
        const struct backup_volume *volume = &backup->volumes[i];

        text_from_time(volume->time, time);
        console_result(L"%ls as of %ls. %ls", volume->root, time,
            volume->consistency ? volume->consistency : L"How consistent it is, is not known.");
    }
    summary_print_writers(backup);
    if (backup->links)
        console_result(L"Links, not followed: %llu", backup->links);
    summary_print_troubles(L"Could not be copied", &backup->unread);
    summary_print_troubles(L"Different or missing in the copy", &backup->different);
    summary_print_verdict(backup, code);
}

void summary_add_troubles(
    struct json *json, const char *key, const struct backup_troubles *troubles)
{
    json_begin_array(json, key);
    for (size_t i = 0; i < troubles->count; i++)
    {
        json_begin_object(json, NULL);
        json_text(json, "path", troubles->items[i].path);
        json_number(json, "error", troubles->items[i].error);
        json_end_object(json);
    }
    json_end_array(json);
}

static void summary_add_snapshots(struct json *json, const struct backup *backup)
{
    json_begin_array(json, "snapshots");
    for (size_t i = 0; i < backup->volume_count; i++)
    {
        const struct backup_volume *volume = &backup->volumes[i];
        WCHAR time[TEXT_SHORT_SIZE];

        text_from_time(volume->time, time);
        json_begin_object(json, NULL);
        json_guid(json, "id", &volume->snapshot);
        json_text(json, "volume", volume->name);
        json_text(json, "root", volume->root);
        json_text(json, "device", volume->device);
        json_text(json, "created", volume->device ? time : NULL);
        json_text(json, "consistency", volume->consistency);
        json_end_object(json);
    }
    json_end_array(json);
}

static void summary_add_components(struct json *json, const struct backup *backup)
{
    json_bool(json, "component_mode", backup->component_mode);
    json_text(json, "mode_reason", backup->mode_reason);
    json_begin_array(json, "components");
    for (size_t i = 0; backup->component_mode && i < backup->component_count; i++)
    {
        const struct backup_component *component = &backup->components[i];

        json_begin_object(json, NULL);
        json_text(json, "writer", component->writer_name);
        json_text(json, "logical_path", component->logical_path);
        json_text(json, "name", component->name);
        json_bool(json, "succeeded", component->succeeded);
        json_end_object(json);
    }
    json_end_array(json);
}

void summary_add_writer(struct json *json, const struct backup_writer *writer, bool took_part)
{
    json_begin_object(json, NULL);
    json_text(json, "name", writer->name);
    json_guid(json, "id", &writer->writer);
    json_guid(json, "instance", &writer->instance);
    json_bool(json, "took_part", took_part);
    json_text(json, "state", writers_state_text(writer->state));
    json_result(json, "failure", "failure_name", writer->failure);
    json_text(json, "message", writer->message);
    json_end_object(json);
}

static void summary_add_writers(struct json *json, const struct backup *backup)
{
    json_begin_array(json, "writers");
    for (size_t i = 0; i < backup->writers.count; i++)
    {
        const struct backup_writer *writer = &backup->writers.items[i];

        summary_add_writer(json, writer, summary_takes_part(backup, writer));
    }
    json_end_array(json);
    json_number(json, "writers_frozen", backup->writers_frozen);
    json_number(json, "writers_failed", backup->writers_failed);
    json_number(json, "freeze_window_us", backup->freeze_window);
}

const char *summary_code_word(enum exit_code code)
{
    switch (code)
    {
#define EXIT_CODE_WORD(name, value, word, meaning)                                                 \
    case EXIT_CODE_##name: return word;
        EXIT_CODES(EXIT_CODE_WORD)
#undef EXIT_CODE_WORD
    }
    return NULL;
}

static void summary_print_json(const struct backup *backup, enum exit_code code)
{
    struct json json = {0};

    json_begin_object(&json, NULL);
    json_ascii(&json, "result", summary_code_word(code));
    json_number(&json, "exit_code", code);
    json_text(&json, "destination", backup->destination);
    json_begin_array(&json, "sources");
    for (size_t i = 0; i < backup->source_count; i++)
        json_text(&json, NULL, backup->sources[i].path);
    json_end_array(&json);
    json_text(&json, "type", history_type_word(backup->history.type));
    json_text(&json, "since", backup->since);
    json_number(&json, "files", backup->files);
    json_number(&json, "files_unchanged", backup->unchanged);
    json_number(&json, "files_in_parts", (LONGLONG)backup->history.part_count);
    json_number(&json, "folders", backup->folders);
    json_number(&json, "bytes", backup->bytes);
    json_number(&json, "links_not_followed", backup->links);
    json_number(&json, "milliseconds", (LONGLONG)(backup->seconds * 1000));
    json_guid(&json, "set_id", &backup->set_id);
    summary_add_snapshots(&json, backup);
    summary_add_components(&json, backup);
    summary_add_writers(&json, backup);
    summary_add_troubles(&json, "unread", &backup->unread);
    json_bool(&json, "verified", backup->verified);
    summary_add_troubles(&json, "different", &backup->different);
    json_end_object(&json);
    json_print(&json);
}

void summary_print(const struct backup *backup, enum exit_code code)
{
    bool whole = code != EXIT_CODE_FAILED && code != EXIT_CODE_CANCELLED;

    if (backup->json)
        summary_print_json(backup, code);
    else if (whole && !(backup->quiet && code == EXIT_CODE_DONE))
        summary_print_text(backup, code);
}

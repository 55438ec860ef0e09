/* SPDX-License-Identifier: MIT
 *
 * Tells how a restore went.
 */
#include "cli/restore_summary.h"

#include <stdlib.h>

#include "cli/console.h"
#include "cli/failure.h"
#include "cli/json.h"
#include "cli/restore_wishes.h"
#include "cli/summary.h"
#include "cli/writers.h"

/* Whether the writer has a part in this restore. */
static bool restore_summary_concerns(
    const struct restore *restore, const struct backup_writer *writer)
{
    for (size_t i = 0; i < restore->component_count; i++)
    {
        if (restore->components[i].told &&
            IsEqualGUID(&restore->components[i].writer, &writer->writer))
            return true;
    }
    return !restore->component_count;
}

static bool restore_summary_writer_failed(
    const struct restore *restore, const struct backup_writer *writer)
{
    return restore_summary_concerns(restore, writer) && writers_has_failed(writer);
}

enum exit_code restore_summary_exit_code(const struct restore *restore)
{
    if (restore->troubles.count)
        return EXIT_CODE_PARTLY;
    for (size_t i = 0; i < restore->component_count; i++)
    {
        if (restore->components[i].refusal)
            return EXIT_CODE_PARTLY;
    }
    for (size_t i = 0; i < restore->writers.count; i++)
    {
        if (restore_summary_writer_failed(restore, &restore->writers.items[i]))
            return EXIT_CODE_PARTLY;
    }
    return EXIT_CODE_DONE;
}

static void restore_summary_print_component(
    const struct restore *restore, const struct restore_component *component)
{
    WCHAR unheard[RESTORE_WISHES_SIZE];

    if (!component->chosen)
        return;
    restore_wishes_left(restore, component, unheard);
    if (component->refusal)
        console_result(L"  component %ls of %ls: NOT restored: %ls", component->full_path,
            component->writer_name, component->refusal);
    else
        console_result(L"  component %ls of %ls: %llu files%ls%ls%ls%ls%ls", component->full_path,
            component->writer_name, component->files,
            component->failed ? L", and not all of them" : L"",
            component->told ? L"" : L"; its writer took no part",
            *unheard ? L", and did not hear of" : L"", unheard,
            restore_leaves_target(restore, component)
                ? L"; its writer asked for another place, which --to left aside"
                : L"");
}

static void restore_summary_print_writers(const struct restore *restore)
{
    for (size_t i = 0; i < restore->writers.count; i++)
    {
        const struct backup_writer *writer = &restore->writers.items[i];
        WCHAR *reason;

        if (!restore_summary_writer_failed(restore, writer))
            continue;
        reason = failure_text(writer->failure);
        console_result(
            L"  writer %ls: %ls, %ls", writer->name, writers_state_text(writer->state), reason);
        if (writer->message)
            console_result(L"    %ls", writer->message);
        free(reason);
    }
}

static void restore_summary_print_text(const struct restore *restore, enum exit_code code)
{
    WCHAR size[TEXT_SHORT_SIZE];

    text_from_size(restore->bytes, size);
    console_result(L"Restored %llu files in %llu folders, %ls, to %ls in %.1f s.", restore->files,
        restore->folders, size, restore->destination ? restore->destination : L"where they were",
        restore->seconds);
    for (size_t i = 0; i < restore->component_count; i++)
        restore_summary_print_component(restore, &restore->components[i]);
    restore_summary_print_writers(restore);
    if (restore->at_reboot)
        console_result(L"Files that take their places at the next start of the system: %llu",
            restore->at_reboot);
    summary_print_troubles(L"Could not be restored", &restore->troubles);
    console_result(
        code == EXIT_CODE_DONE ? L"The restore is whole." : L"The restore is NOT whole.");
}

static void restore_summary_add_components(struct json *json, const struct restore *restore)
{
    json_begin_array(json, "components");
    for (size_t i = 0; i < restore->component_count; i++)
    {
        const struct restore_component *component = &restore->components[i];
        WCHAR unheard[RESTORE_WISHES_SIZE];

        restore_wishes_left(restore, component, unheard);
        json_begin_object(json, NULL);
        json_text(json, "writer", component->writer_name);
        json_text(json, "logical_path", component->logical_path);
        json_text(json, "name", component->name);
        json_bool(json, "chosen", component->chosen);
        json_bool(json, "writer_told", component->told);
        json_bool(json, "target_left_aside", restore_leaves_target(restore, component));
        json_bool(json, "wishes_left_aside", component->chosen && *unheard);
        json_number(json, "files", (LONGLONG)component->files);
        json_number(json, "failed", (LONGLONG)component->failed);
        json_text(json, "refusal", component->refusal);
        json_end_object(json);
    }
    json_end_array(json);
}

static void restore_summary_add_writers(struct json *json, const struct restore *restore)
{
    json_begin_array(json, "writers");
    for (size_t i = 0; i < restore->writers.count; i++)
    {
        const struct backup_writer *writer = &restore->writers.items[i];

        summary_add_writer(json, writer, restore_summary_concerns(restore, writer));
    }
    json_end_array(json);
}

static void restore_summary_print_json(const struct restore *restore, enum exit_code code)
{
    struct json json = {0};

    json_begin_object(&json, NULL);
    json_ascii(&json, "result", summary_code_word(code));
    json_number(&json, "exit_code", code);
    json_text(&json, "source", restore->source);
    json_text(&json, "destination", restore->destination);
    json_number(&json, "files", (LONGLONG)restore->files);
    json_number(&json, "folders", (LONGLONG)restore->folders);
    json_number(&json, "bytes", (LONGLONG)restore->bytes);
    json_number(&json, "files_at_reboot", (LONGLONG)restore->at_reboot);
    json_number(&json, "milliseconds", (LONGLONG)(restore->seconds * 1000));
    restore_summary_add_components(&json, restore);
    restore_summary_add_writers(&json, restore);
    summary_add_troubles(&json, "troubles", &restore->troubles);
    json_end_object(&json);
    json_print(&json);
}

void restore_summary_print(const struct restore *restore, enum exit_code code)
{
    bool ended = code != EXIT_CODE_FAILED && code != EXIT_CODE_CANCELLED;

    if (restore->json)
        restore_summary_print_json(restore, code);
    else if (ended && !(restore->quiet && code == EXIT_CODE_DONE))
        restore_summary_print_text(restore, code);
}

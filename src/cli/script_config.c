/* SPDX-License-Identifier: MIT
 *
 * Files of scripted writers: libexpat reads them, tables say what they hold. See script_config.h.
 */
#include "cli/script_config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <expat.h>

#include "cli/console.h"
#include "cli/failure.h"
#include "cli/ranges.h"
#include "cli/suggest.h"
#include "cli/text.h"

#define FILE_LIMIT (16u << 20)
#define DEPTH_LIMIT 3

/* ---- Attributes ---- */

struct choice
{
    const WCHAR *word;
    int value;
};

static const struct choice yes_or_no[] = {{L"no", 0}, {L"yes", 1}, {NULL, 0}};
static const struct choice verbosities[] = {
    {L"low", SCRIPT_LOW}, {L"medium", SCRIPT_MEDIUM}, {L"high", SCRIPT_HIGH}, {NULL, 0}};
static const struct choice usages[] = {{L"USER_DATA", VSS_UT_USERDATA},
    {L"BOOTABLE_SYSTEM_STATE", VSS_UT_BOOTABLESYSTEMSTATE},
    {L"SYSTEM_SERVICE", VSS_UT_SYSTEMSERVICE}, {L"OTHER", VSS_UT_OTHER}, {NULL, 0}};
static const struct choice types[] = {
    {L"filegroup", VSS_CT_FILEGROUP}, {L"database", VSS_CT_DATABASE}, {NULL, 0}};
/* The documentation writes two of them in two ways. */
static const struct choice methods[] = {
    {L"RESTORE_IF_NONE_THERE", VSS_RME_RESTORE_IF_NOT_THERE},
    {L"RESTORE_IF_NOT_THERE", VSS_RME_RESTORE_IF_NOT_THERE},
    {L"RESTORE_IF_CAN_BE_REPLACED", VSS_RME_RESTORE_IF_CAN_REPLACE},
    {L"RESTORE_IF_CAN_REPLACE", VSS_RME_RESTORE_IF_CAN_REPLACE},
    {L"STOP_RESTORE_START", VSS_RME_STOP_RESTORE_START},
    {L"RESTORE_TO_ALTERNATE_LOCATION", VSS_RME_RESTORE_TO_ALTERNATE_LOCATION},
    {L"RESTORE_AT_REBOOT", VSS_RME_RESTORE_AT_REBOOT},
    {L"RESTORE_AT_REBOOT_IF_CANNOT_REPLACE", VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE},
    {L"CUSTOM", VSS_RME_CUSTOM}, {L"RESTORE_STOP_START", VSS_RME_RESTORE_STOP_START}, {NULL, 0}};
static const struct choice restores[] = {{L"never", VSS_WRE_NEVER},
    {L"ifReplaceFails", VSS_WRE_IF_REPLACE_FAILS}, {L"always", VSS_WRE_ALWAYS}, {NULL, 0}};
/* With and without the slip of the documentation. */
static const struct choice events[] = {{L"Identify", SCRIPT_IDENTIFY},
    {L"PrepareForBackup", SCRIPT_PREPARE_BACKUP}, {L"PrepareForSnapshot", SCRIPT_PREPARE_SNAPSHOT},
    {L"PrepareForSnapsot", SCRIPT_PREPARE_SNAPSHOT}, {L"Freeze", SCRIPT_FREEZE},
    {L"Thaw", SCRIPT_THAW}, {L"PostSnapshot", SCRIPT_POST_SNAPSHOT}, {L"Abort", SCRIPT_ABORT},
    {L"BackupComplete", SCRIPT_BACKUP_COMPLETE}, {L"BackupShutdown", SCRIPT_BACKUP_SHUTDOWN},
    {L"PreRestore", SCRIPT_PRE_RESTORE}, {L"PostRestore", SCRIPT_POST_RESTORE}, {NULL, 0}};

enum kind
{
    TEXT,   /* WCHAR * */
    RANGES, /* WCHAR *, a list of them */
    CHOICE, /* int, by `choices` */
    NUMBER, /* int */
    ID      /* GUID */
};

struct attribute
{
    const char *name;
    enum kind kind;
    size_t offset;
    const struct choice *choices;
    bool required;
    int otherwise; /* of CHOICE and NUMBER, when it is not there */
};

/* One row: what follows the field are designated initialisers of struct attribute. */
#define ROW(type, name_, field, ...) {.name = name_, .offset = offsetof(type, field), __VA_ARGS__}
#define FLAG .kind = CHOICE, .choices = yes_or_no
#define ONE_OF(list) .kind = CHOICE, .choices = list
#define REQUIRED .required = true

#define ROOT(name, field, ...) ROW(struct script_config, name, field, __VA_ARGS__)
static const struct attribute of_root[] = {
    ROOT("usage", usage, ONE_OF(usages), REQUIRED),
    ROOT("verbosity", verbosity, ONE_OF(verbosities), .otherwise = SCRIPT_MEDIUM),
    ROOT("deleteFiles", deletes_files, FLAG),
    ROOT("deletePartialFiles", deletes_partial, FLAG),
    ROOT("deleteDifferencedFiles", deletes_differenced, FLAG),
    ROOT("checkIncludes", checks_includes, FLAG),
    ROOT("checkExcludes", checks_excludes, FLAG),
    ROOT("supportsCopy", supports_copy, FLAG),
    ROOT("supportsDifferential", supports_differential, FLAG),
    ROOT("supportsIncremental", supports_incremental, FLAG),
    ROOT("supportsLog", supports_log, FLAG),
    ROOT("supportsNewTarget", supports_new_target, FLAG, .otherwise = 1),
    {0},
};
static const struct attribute of_method[] = {
    ROOT("method", restore_method, ONE_OF(methods), REQUIRED),
    ROOT("writerRestore", writer_restore, ONE_OF(restores), REQUIRED),
    ROOT("rebootRequired", reboot_required, FLAG),
    ROOT("service", service, .kind = TEXT),
    ROOT("userProcedure", user_procedure, .kind = TEXT),
    {0},
};

#define FILES(name, field, ...) ROW(struct script_files, name, field, __VA_ARGS__)
#define PLACE                                                                                      \
    FILES("path", path, .kind = TEXT, REQUIRED),                                                   \
        FILES("filespec", filespec, .kind = TEXT, REQUIRED), FILES("recursive", recursive, FLAG)
#define NEEDS(name, index) FILES(name, needs[index], FLAG, .otherwise = 1)
static const struct attribute of_excluded[] = {PLACE, {0}};
static const struct attribute of_mapping[] = {
    PLACE, FILES("alternatePath", alternate, .kind = TEXT, REQUIRED), {0}};
static const struct attribute of_file[] = {
    PLACE,
    FILES("alternatePath", alternate, .kind = TEXT),
    NEEDS("fullBackupRequired", 0),
    NEEDS("diffBackupRequired", 1),
    NEEDS("incBackupRequired", 2),
    NEEDS("logBackupRequired", 3),
    NEEDS("fullSnapshotRequired", 4),
    NEEDS("diffSnapshotRequired", 5),
    NEEDS("incSnapshotRequired", 6),
    NEEDS("logSnapshotRequired", 7),
    {0},
};

#define PART(name, field, ...) ROW(struct script_component, name, field, __VA_ARGS__)
static const struct attribute of_component[] = {
    PART("componentType", type, ONE_OF(types), REQUIRED),
    PART("logicalPath", logical_path, .kind = TEXT),
    PART("componentName", name, .kind = TEXT, REQUIRED),
    PART("caption", caption, .kind = TEXT),
    PART("selectable", selectable, FLAG, .otherwise = 1),
    PART("selectableForRestore", selectable_for_restore, FLAG),
    {0},
};

#define PARTIAL(name, field, ...) ROW(struct script_partial, name, field, __VA_ARGS__, REQUIRED)
static const struct attribute of_partial[] = {
    PARTIAL("path", path, .kind = TEXT),
    PARTIAL("filespec", filespec, .kind = TEXT),
    PARTIAL("ranges", ranges, .kind = RANGES),
    {0},
};

#define SINCE(name, field, ...) ROW(struct script_differenced, name, field, __VA_ARGS__)
static const struct attribute of_differenced[] = {
    SINCE("path", path, .kind = TEXT, REQUIRED),
    SINCE("filespec", filespec, .kind = TEXT, REQUIRED),
    SINCE("recursive", recursive, FLAG),
    SINCE("year", year, .kind = NUMBER, REQUIRED),
    SINCE("month", month, .kind = NUMBER, REQUIRED),
    SINCE("day", day, .kind = NUMBER, REQUIRED),
    SINCE("hour", hour, .kind = NUMBER, REQUIRED),
    SINCE("minute", minute, .kind = NUMBER, REQUIRED),
    SINCE("second", second, .kind = NUMBER, REQUIRED),
    {0},
};

#define DEPENDS(name, field, ...) ROW(struct script_dependency, name, field, __VA_ARGS__)
static const struct attribute of_dependency[] = {
    DEPENDS("writerId", writer, .kind = ID, REQUIRED),
    DEPENDS("logicalPath", logical_path, .kind = TEXT),
    DEPENDS("componentName", name, .kind = TEXT, REQUIRED),
    {0},
};

#define FAILS(name, field, ...) ROW(struct script_failure, name, field, __VA_ARGS__)
static const struct attribute of_failure[] = {
    FAILS("writerEvent", event, ONE_OF(events), REQUIRED),
    FAILS("retryable", retryable, FLAG),
    FAILS("numFailures", times, .kind = NUMBER),
    {0},
};

/* ---- Elements ---- */

struct element
{
    const char *name;
    const char *parent; /* NULL: the root */
    const struct attribute *attributes;
    size_t size; /* of the struct for each; 0: the attributes are the parent's own */
    size_t list; /* where the parent keeps them */
};

static const struct element elements[] = {
    {"TestWriter", NULL, of_root, 0, 0},
    {"RestoreMethod", "TestWriter", of_method, 0, 0},
    {"AlternateLocationMapping", "RestoreMethod", of_mapping, sizeof(struct script_files),
        offsetof(struct script_config, mappings)},
    {"ExcludeFile", "TestWriter", of_excluded, sizeof(struct script_files),
        offsetof(struct script_config, excluded)},
    {"Component", "TestWriter", of_component, sizeof(struct script_component),
        offsetof(struct script_config, components)},
    {"ComponentFile", "Component", of_file, sizeof(struct script_files),
        offsetof(struct script_component, files)},
    {"PartialFile", "Component", of_partial, sizeof(struct script_partial),
        offsetof(struct script_component, partial)},
    {"DifferencedFile", "Component", of_differenced, sizeof(struct script_differenced),
        offsetof(struct script_component, differenced)},
    {"Dependency", "Component", of_dependency, sizeof(struct script_dependency),
        offsetof(struct script_component, dependencies)},
    {"FailEvent", "TestWriter", of_failure, sizeof(struct script_failure),
        offsetof(struct script_config, failures)},
};

struct reading
{
    XML_Parser parser;
    const WCHAR *file;
    struct script_config *config;
    const struct element *open[DEPTH_LIMIT];
    void *values[DEPTH_LIMIT]; /* what their attributes and children belong to */
    size_t depth;
    bool wrong;
};

static void refuse(struct reading *reading, const WCHAR *format, ...)
{
    va_list list;

    if (reading->wrong)
        return;
    reading->wrong = true;
    va_start(list, format);
    WCHAR *text = text_format_list(format, list);
    va_end(list);
    console_error(L"%ls, line %lu: %ls", reading->file,
        (unsigned long)XML_GetCurrentLineNumber(reading->parser), text);
    free(text);
    XML_StopParser(reading->parser, XML_FALSE);
}

/* Expat's UTF-8 is well-formed. */
static WCHAR *widen(const char *text)
{
    int units = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    WCHAR *wide = text_memory((size_t)units * sizeof(WCHAR));

    MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, units);
    return wide;
}

static void *append(struct script_list *list, size_t size)
{
    list->items = text_grow(list->items, (list->count + 1) * size);
    BYTE *item = (BYTE *)list->items + list->count++ * size;
    memset(item, 0, size);
    return item;
}

/* Offers the words of the choices; the nearest, or all of them if none is near. */
static void refuse_choice(struct reading *reading, const struct attribute *attribute,
    const WCHAR *value)
{
    struct suggest suggest;

    suggest_begin(&suggest, value);
    for (const struct choice *choice = attribute->choices; choice->word; choice++)
        suggest_offer(&suggest, choice->word);
    if (suggest.nearest)
        refuse(reading, L"%hs can't be \"%ls\"; did you mean %ls?", attribute->name, value,
            suggest.nearest);
    else
        refuse(reading, L"%hs can't be \"%ls\", but for example %ls", attribute->name, value,
            attribute->choices->word);
}

static bool are_ranges(const WCHAR *text)
{
    struct ranges ranges = {0};
    bool good = ranges_parse(text, &ranges);

    if (good)
        ranges_free(&ranges);
    return good;
}

static void set_value(
    struct reading *reading, const struct attribute *attribute, BYTE *at, WCHAR *value)
{
    WCHAR *end = value;
    const struct choice *choice = attribute->choices;

    switch (attribute->kind)
    {
    case RANGES:
        if (!are_ranges(value))
            refuse(reading, L"%hs is no list like 0:5,100:20: \"%ls\"", attribute->name, value);
        /* fall through */
    case TEXT:
        free(*(WCHAR **)at);
        *(WCHAR **)at = text_copy(value);
        break;
    case NUMBER:
        *(int *)at = (int)wcstol(value, &end, 10);
        if (end == value || *end || *(int *)at < 0 || wcslen(value) > 9)
            refuse(reading, L"%hs is no number: \"%ls\"", attribute->name, value);
        break;
    case ID:
        if (!text_to_guid(value, (GUID *)at))
            refuse(reading, L"%hs is no GUID: \"%ls\"", attribute->name, value);
        break;
    case CHOICE:
        while (choice->word && !text_same(choice->word, value))
            choice++;
        if (choice->word)
            *(int *)at = choice->value;
        else
            refuse_choice(reading, attribute, value);
        break;
    }
}

static void refuse_attribute(
    struct reading *reading, const struct element *element, const char *name)
{
    WCHAR *word = widen(name);
    WCHAR *offered[32] = {0};
    size_t count = 0;
    struct suggest suggest;

    suggest_begin(&suggest, word);
    for (const struct attribute *attribute = element->attributes;
         attribute->name && count < ARRAYSIZE(offered); attribute++)
    {
        offered[count] = widen(attribute->name);
        suggest_offer(&suggest, offered[count++]);
    }
    if (suggest.nearest)
        refuse(reading, L"%hs has no attribute %ls; did you mean %ls?", element->name, word,
            suggest.nearest);
    else
        refuse(reading, L"%hs has no attribute %ls", element->name, word);
    while (count)
        free(offered[--count]);
    free(word);
}

static void read_attributes(
    struct reading *reading, const struct element *element, BYTE *into, const char **given)
{
    for (const struct attribute *attribute = element->attributes; attribute->name; attribute++)
    {
        const char *value = NULL;
        for (size_t i = 0; given[i]; i += 2)
            if (strcmp(given[i], attribute->name) == 0)
                value = given[i + 1];
        if (value)
        {
            WCHAR *wide = widen(value);
            set_value(reading, attribute, into + attribute->offset, wide);
            free(wide);
        }
        else if (attribute->required)
            refuse(reading, L"%hs lacks %hs", element->name, attribute->name);
        else if (attribute->kind == CHOICE || attribute->kind == NUMBER)
            *(int *)(into + attribute->offset) = attribute->otherwise;
    }
    for (size_t i = 0; given[i]; i += 2)
    {
        const struct attribute *attribute = element->attributes;
        while (attribute->name && strcmp(attribute->name, given[i]) != 0)
            attribute++;
        if (!attribute->name)
            refuse_attribute(reading, element, given[i]);
    }
}

static const struct element *find_element(struct reading *reading, const char *name)
{
    const char *parent = reading->depth ? reading->open[reading->depth - 1]->name : NULL;
    const struct element *elsewhere = NULL;

    for (size_t i = 0; i < ARRAYSIZE(elements); i++)
    {
        const struct element *element = &elements[i];
        if (strcmp(element->name, name) != 0)
            continue;
        if (parent ? element->parent && strcmp(element->parent, parent) == 0 : !element->parent)
            return element;
        elsewhere = element;
    }
    if (elsewhere)
        refuse(reading, L"%hs belongs into %hs", name,
            elsewhere->parent ? elsewhere->parent : "no other element");
    else if (parent)
        refuse(reading, L"%hs holds no element %hs", parent, name);
    else
        refuse(reading, L"the root is TestWriter, and not %hs", name);
    return NULL;
}

static void XMLCALL start(void *context, const char *name, const char **attributes)
{
    struct reading *reading = context;
    const struct element *element = reading->wrong ? NULL : find_element(reading, name);

    if (!element)
        return;
    BYTE *value = reading->depth ? reading->values[reading->depth - 1] : (BYTE *)reading->config;
    if (element->size)
        value = append((struct script_list *)(value + element->list), element->size);
    read_attributes(reading, element, value, attributes);
    reading->open[reading->depth] = element;
    reading->values[reading->depth++] = value;
}

static void XMLCALL end(void *context, const char *name)
{
    struct reading *reading = context;

    (void)name;
    if (!reading->wrong)
        reading->depth--;
}

static void XMLCALL refuse_dtd(
    void *context, const char *name, const char *system, const char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    refuse(context, L"a document type is not wanted here");
}

static bool parse(struct reading *reading, const char *text, size_t size)
{
    XML_SetUserData(reading->parser, reading);
    XML_SetElementHandler(reading->parser, start, end);
    XML_SetStartDoctypeDeclHandler(reading->parser, refuse_dtd);
    enum XML_Status status = XML_Parse(reading->parser, text, (int)size, XML_TRUE);
    if (status != XML_STATUS_OK)
        refuse(reading, L"%hs", XML_ErrorString(XML_GetErrorCode(reading->parser)));
    return !reading->wrong;
}

/* ---- Files ---- */

static char *read_file(const WCHAR *name, size_t *size)
{
    HANDLE file = CreateFileW(name, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL,
        OPEN_EXISTING, 0, NULL);
    LARGE_INTEGER length = {0};
    DWORD error = ERROR_SUCCESS;
    DWORD got = 0;
    char *text = NULL;

    if (file == INVALID_HANDLE_VALUE || !GetFileSizeEx(file, &length))
        error = GetLastError();
    else if (length.QuadPart > FILE_LIMIT)
        error = ERROR_FILE_TOO_LARGE;
    if (!error)
    {
        text = text_memory((size_t)length.QuadPart + 1);
        if (!ReadFile(file, text, (DWORD)length.QuadPart, &got, NULL))
            error = GetLastError();
    }
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    *size = got;
    if (!error)
        return text;
    free(text);
    failure_report(name, HRESULT_FROM_WIN32(error));
    return NULL;
}

struct script_config *script_config_read(const WCHAR *file)
{
    size_t size = 0;
    char *text = read_file(file, &size);

    if (!text)
        return NULL;
    struct reading reading = {.file = file, .config = text_memory(sizeof(*reading.config))};
    reading.parser = XML_ParserCreate(NULL);
    if (!reading.parser)
        reading.wrong = true;
    bool good = reading.parser && parse(&reading, text, size);
    if (reading.parser)
        XML_ParserFree(reading.parser);
    free(text);
    if (good)
        return reading.config;
    script_config_free(reading.config);
    return NULL;
}

static void free_files(struct script_list *list)
{
    struct script_files *files = list->items;

    for (size_t i = 0; i < list->count; i++)
    {
        free(files[i].path);
        free(files[i].filespec);
        free(files[i].alternate);
    }
    free(files);
}

static void free_component(struct script_component *component)
{
    struct script_partial *partial = component->partial.items;
    struct script_differenced *differenced = component->differenced.items;
    struct script_dependency *dependencies = component->dependencies.items;

    free(component->logical_path);
    free(component->name);
    free(component->caption);
    free_files(&component->files);
    for (size_t i = 0; i < component->partial.count; i++)
    {
        free(partial[i].path);
        free(partial[i].filespec);
        free(partial[i].ranges);
    }
    for (size_t i = 0; i < component->differenced.count; i++)
    {
        free(differenced[i].path);
        free(differenced[i].filespec);
    }
    for (size_t i = 0; i < component->dependencies.count; i++)
    {
        free(dependencies[i].logical_path);
        free(dependencies[i].name);
    }
    free(partial);
    free(differenced);
    free(dependencies);
}

void script_config_free(struct script_config *config)
{
    if (!config)
        return;
    struct script_component *components = config->components.items;
    for (size_t i = 0; i < config->components.count; i++)
        free_component(&components[i]);
    free(components);
    free_files(&config->mappings);
    free_files(&config->excluded);
    free(config->failures.items);
    free(config->service);
    free(config->user_procedure);
    free(config);
}

/* SPDX-License-Identifier: MIT
 *
 * 10,000 random sequences of calls of IVssCreateWriterMetadataEx, bad ones among them: each call
 * answers what a model foretells, and what was set survives SaveAsXML and
 * CreateVssExamineWriterMetadata unchanged, getter by getter (writer-provider 4.1, 5). A failing
 * row prints its seed; `unit_writer_metadata_sequences SEED` runs that one alone.
 */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/guid.h"
#include "base/str16.h"
#include "support/check_leaks.h"
#include "support/keep_document.h"
#include "support/random.h"
#include "view/view.h"
#include "writer/create_metadata.h"

#define SEQUENCES 10000
/* Of these one in so many has a text as long as a path can be. */
#define ONE_LONG_IN 400
#define LONGEST 32767

#define MOST 12 /* of anything in one sequence */
#define POOL 80000

/* ---- The model: what was set ---- */

struct told_file
{
    const WCHAR *path, *filespec, *alternate;
    bool recursive;
    DWORD mask;
};

struct told_files
{
    struct told_file item[MOST];
    UINT count;
};

struct told_dependency
{
    GUID writer_id;
    const WCHAR *path, *name;
};

struct told_component
{
    VSS_COMPONENT_TYPE type;
    const WCHAR *path, *name, *caption;
    BYTE icon[4];
    UINT icon_size;
    bool restore_metadata, notify, selectable, selectable_for_restore;
    DWORD flags;
    struct told_files files, database_files, log_files;
    struct told_dependency dependency[MOST];
    UINT dependencies;
};

static struct
{
    unsigned seed;
    struct random random;
    IVssCreateWriterMetadataEx *face;
    WCHAR pool[POOL]; /* the texts */
    size_t pooled;

    struct told_component component[MOST];
    UINT components;
    struct told_files excluded, excluded_from_snapshot, mappings;
    bool has_method;
    VSS_RESTOREMETHOD_ENUM method;
    const WCHAR *service, *procedure;
    VSS_WRITERRESTORE_ENUM writer_restore;
    bool reboot;
    DWORD schema;
} told;

static const GUID writer_id = {0xA0A0A0A0, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};
static const GUID other_id = {0xB0B0B0B0, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};

#define CHECK(condition)                                                                           \
    do                                                                                             \
    {                                                                                              \
        if (!(condition))                                                                          \
            fail_msg("seed %u: %s", told.seed, #condition);                                        \
    } while (0)

/* ---- Random arguments ---- */

static unsigned any(unsigned limit)
{
    return below(&told.random, limit);
}

static bool flip(void)
{
    return coin(&told.random);
}

/* Texts that are kept until the sequence ends; without the characters of `without`. */
static const WCHAR *text_without(const WCHAR *without)
{
    WCHAR made[32];
    WCHAR *text = told.pool + told.pooled;
    size_t length = 0;
    random_text(&told.random, made);
    for (size_t i = 0; made[i]; i++)
        if (!str16_find_char(without, made[i]))
            text[length++] = made[i];
    if (any(ONE_LONG_IN) == 0 && told.pooled + LONGEST + 1 < POOL / 2)
        while (length < LONGEST)
            text[length++] = (WCHAR)(L'a' + any(26));
    text[length++] = 0;
    told.pooled += length;
    assert_true(told.pooled < POOL - 64);
    return text;
}

static const WCHAR *any_text(void)
{
    return text_without(L"");
}

static const WCHAR *maybe_text(void)
{
    return any(4) ? any_text() : NULL;
}

static const WCHAR *any_path(void)
{
    return text_without(L"*?");
}

static const WCHAR *maybe_path(void)
{
    return any(4) ? any_path() : NULL;
}

static const WCHAR *any_filespec(void)
{
    return text_without(L"\\/");
}

static bool same(const WCHAR *a, const WCHAR *b)
{
    return str16_equal(a ? a : L"", b ? b : L"");
}

static struct told_component *find(const WCHAR *path, const WCHAR *name)
{
    for (UINT i = 0; i < told.components; i++)
        if (same(told.component[i].path, path) && same(told.component[i].name, name))
            return &told.component[i];
    return NULL;
}

/* Mostly a component that is there. */
static struct told_component choose(const WCHAR **path, const WCHAR **name)
{
    struct told_component none = {0};
    if (told.components && any(8))
        none = told.component[any(told.components)];
    *path = none.name ? none.path : NULL;
    *name = none.name ? none.name : L"nowhere";
    return none;
}

static void remember(struct told_files *files, struct told_file file)
{
    files->item[files->count++] = file;
}

static DWORD any_mask(void)
{
    static const DWORD masks[] = {0, 1, 0x101, 0xF0F, 0x10F0F, 0x10000, 0x800};
    return masks[any(ARRAYSIZE(masks))];
}

/* ---- Random calls ---- */

static void add_component(void)
{
    struct told_component made = {.type = flip() ? VSS_CT_DATABASE : VSS_CT_FILEGROUP,
        .path = maybe_text(),
        .name = text_without(L"\\"),
        .caption = maybe_text(),
        .icon_size = any(5),
        .icon = {(BYTE)any(256), (BYTE)any(256), (BYTE)any(256), (BYTE)any(256)},
        .restore_metadata = flip(),
        .notify = flip(),
        .selectable = flip(),
        .selectable_for_restore = flip(),
        .flags = any(8)};
    if (told.components && any(6) == 0)
    {
        made.path = told.component[0].path;
        made.name = told.component[0].name;
    }
    HRESULT expected = find(made.path, made.name) ? VSS_E_OBJECT_ALREADY_EXISTS : S_OK;
    CHECK(told.face->lpVtbl->AddComponent(told.face, made.type, made.path, made.name, made.caption,
              made.icon_size ? made.icon : NULL, made.icon_size, made.restore_metadata, made.notify,
              made.selectable, made.selectable_for_restore, made.flags) == expected);
    if (expected == S_OK)
        told.component[told.components++] = made;
}

static HRESULT foretell_files(const struct told_component *component, VSS_COMPONENT_TYPE type)
{
    if (!component)
        return VSS_E_OBJECT_NOT_FOUND;
    return component->type == type ? S_OK : E_INVALIDARG;
}

static void add_files(void)
{
    const WCHAR *path, *name;
    choose(&path, &name);
    struct told_component *component = find(path, name);
    struct told_file file = {any_path(), any_filespec(), maybe_path(), flip(), any_mask()};
    HRESULT expected = foretell_files(component, VSS_CT_FILEGROUP);
    CHECK(told.face->lpVtbl->AddFilesToFileGroup(told.face, path, name, file.path, file.filespec,
              file.recursive, file.alternate, file.mask) == expected);
    if (expected == S_OK)
        remember(&component->files, file);
}

static void add_database(void)
{
    const WCHAR *path, *name;
    choose(&path, &name);
    struct told_component *component = find(path, name);
    struct told_file file = {any_path(), any_filespec(), NULL, false, any_mask()};
    HRESULT expected = foretell_files(component, VSS_CT_DATABASE);
    bool log = flip();
    HRESULT hr = log ? told.face->lpVtbl->AddDatabaseLogFiles(
                           told.face, path, name, file.path, file.filespec, file.mask)
                     : told.face->lpVtbl->AddDatabaseFiles(
                           told.face, path, name, file.path, file.filespec, file.mask);
    CHECK(hr == expected);
    if (expected == S_OK)
        remember(log ? &component->log_files : &component->database_files, file);
}

static void add_dependency(void)
{
    const WCHAR *path, *name;
    choose(&path, &name);
    struct told_component *component = find(path, name);
    struct told_dependency made = {any(4) ? other_id : writer_id, maybe_text(), any_text()};
    bool own = guid_equal(&made.writer_id, &writer_id) &&
        !(made.path && str16_starts_with(made.path, L"\\\\"));
    HRESULT expected = !component ? VSS_E_OBJECT_NOT_FOUND : own ? E_INVALIDARG : S_OK;
    CHECK(told.face->lpVtbl->AddComponentDependency(
              told.face, path, name, made.writer_id, made.path, made.name) == expected);
    if (expected == S_OK)
        component->dependency[component->dependencies++] = made;
}

static void add_exclusion(void)
{
    struct told_file file = {any_path(), any_filespec(), NULL, flip(), 0xF0F};
    bool from_snapshot = flip();
    HRESULT hr = from_snapshot ? told.face->lpVtbl->AddExcludeFilesFromSnapshot(
                                     told.face, file.path, file.filespec, file.recursive)
                               : told.face->lpVtbl->AddExcludeFiles(
                                     told.face, file.path, file.filespec, file.recursive);
    CHECK(hr == S_OK);
    remember(from_snapshot ? &told.excluded_from_snapshot : &told.excluded, file);
}

static void set_method(void)
{
    told.has_method = true;
    told.method = (VSS_RESTOREMETHOD_ENUM)(1 + any(8));
    told.writer_restore = (VSS_WRITERRESTORE_ENUM)(1 + any(3));
    told.service = maybe_text();
    told.procedure = maybe_text();
    told.reboot = flip();
    CHECK(told.face->lpVtbl->SetRestoreMethod(told.face, told.method, told.service, told.procedure,
              told.writer_restore, told.reboot) == S_OK);
}

static void add_mapping(void)
{
    struct told_file file = {any_path(), any_filespec(), any_path(), flip(), 0xF0F};
    HRESULT expected = told.has_method ? S_OK : VSS_E_OBJECT_NOT_FOUND;
    CHECK(told.face->lpVtbl->AddAlternateLocationMapping(
              told.face, file.path, file.filespec, file.recursive, file.alternate) == expected);
    if (expected == S_OK)
        remember(&told.mappings, file);
}

static void set_schema(void)
{
    static const DWORD known = 0xF7FF;
    DWORD schema = any(4) ? any(0x10000) & known : 0x800;
    HRESULT expected = schema & ~known ? E_INVALIDARG : S_OK;
    CHECK(told.face->lpVtbl->SetBackupSchema(told.face, schema) == expected);
    if (expected == S_OK)
        told.schema = schema;
}

/* ---- What is read ---- */

/* Takes the text. */
static bool is_text(BSTR text, const WCHAR *expected)
{
    bool right = expected
        ? text && SysStringLen(text) == str16_len(expected) && str16_equal(text, expected)
        : !text;
    SysFreeString(text);
    return right;
}

static void check_file(IVssWMFiledesc *file, const struct told_file *expected)
{
    BSTR text = NULL;
    boolean recursive = 7;
    DWORD mask = 7;
    CHECK(IVssWMFiledesc_GetPath(file, &text) == S_OK && is_text(text, expected->path));
    CHECK(IVssWMFiledesc_GetFilespec(file, &text) == S_OK && is_text(text, expected->filespec));
    CHECK(IVssWMFiledesc_GetAlternateLocation(file, &text) ==
            (expected->alternate ? S_OK : S_FALSE) &&
        is_text(text, expected->alternate));
    CHECK(IVssWMFiledesc_GetRecursive(file, &recursive) == S_OK);
    CHECK(recursive == expected->recursive);
    CHECK(IVssWMFiledesc_GetBackupTypeMask(file, &mask) == S_OK && mask == expected->mask);
    IVssWMFiledesc_Release(file);
}

/* One list of an object through its getter, to the end and one past it. */
#define CHECK_FILES(object, getter, list)                                                          \
    do                                                                                             \
    {                                                                                              \
        IVssWMFiledesc *file_ = NULL;                                                              \
        for (UINT i_ = 0; i_ < (list)->count; i_++)                                                \
        {                                                                                          \
            CHECK((object)->lpVtbl->getter((object), i_, &file_) == S_OK);                         \
            check_file(file_, &(list)->item[i_]);                                                  \
        }                                                                                          \
        CHECK((object)->lpVtbl->getter((object), (list)->count, &file_) ==                         \
            VSS_E_OBJECT_NOT_FOUND);                                                               \
    } while (0)

static void check_info(const VSS_COMPONENTINFO *info, const struct told_component *expected)
{
    CHECK(info->type == expected->type);
    CHECK(expected->path ? str16_equal(info->bstrLogicalPath, expected->path)
                         : !info->bstrLogicalPath);
    CHECK(str16_equal(info->bstrComponentName, expected->name));
    CHECK(expected->caption ? str16_equal(info->bstrCaption, expected->caption)
                            : !info->bstrCaption);
    CHECK(info->cbIcon == expected->icon_size);
    CHECK(!info->cbIcon || !memcmp(info->pbIcon, expected->icon, info->cbIcon));
    CHECK(info->bRestoreMetadata == expected->restore_metadata);
    CHECK(info->bNotifyOnBackupComplete == expected->notify);
    CHECK(info->bSelectable == expected->selectable);
    CHECK(info->bSelectableForRestore == expected->selectable_for_restore);
    CHECK(info->dwComponentFlags == expected->flags);
    CHECK(info->cFileCount == expected->files.count);
    CHECK(info->cDatabases == expected->database_files.count);
    CHECK(info->cLogFiles == expected->log_files.count);
    CHECK(info->cDependencies == expected->dependencies);
}

static void check_dependency(IVssWMComponent *component, UINT index,
    const struct told_dependency *expected)
{
    IVssWMDependency *dependency = NULL;
    VSS_ID id = {0};
    BSTR text = NULL;
    CHECK(IVssWMComponent_GetDependency(component, index, &dependency) == S_OK);
    CHECK(IVssWMDependency_GetWriterId(dependency, &id) == S_OK &&
        guid_equal(&id, &expected->writer_id));
    CHECK(SUCCEEDED(IVssWMDependency_GetLogicalPath(dependency, &text)) &&
        is_text(text, expected->path));
    CHECK(IVssWMDependency_GetComponentName(dependency, &text) == S_OK &&
        is_text(text, expected->name));
    IVssWMDependency_Release(dependency);
}

static void check_component(IVssExamineWriterMetadataEx2 *read, UINT index)
{
    const struct told_component *expected = &told.component[index];
    IVssWMComponent *component = NULL;
    PVSSCOMPONENTINFO info = NULL;
    CHECK(read->lpVtbl->GetComponent(read, index, &component) == S_OK);
    CHECK(IVssWMComponent_GetComponentInfo(component, &info) == S_OK);
    check_info(info, expected);
    CHECK(IVssWMComponent_FreeComponentInfo(component, info) == S_OK);
    CHECK_FILES(component, GetFile, &expected->files);
    CHECK_FILES(component, GetDatabaseFile, &expected->database_files);
    CHECK_FILES(component, GetDatabaseLogFile, &expected->log_files);
    for (UINT i = 0; i < expected->dependencies; i++)
        check_dependency(component, i, &expected->dependency[i]);
    IVssWMComponent_Release(component);
}

static void check_method(IVssExamineWriterMetadataEx2 *read)
{
    VSS_RESTOREMETHOD_ENUM method;
    VSS_WRITERRESTORE_ENUM writer_restore;
    BSTR service = NULL, procedure = NULL;
    boolean reboot;
    UINT mappings;
    CHECK(read->lpVtbl->GetRestoreMethod(read, &method, &service, &procedure, &writer_restore,
              &reboot, &mappings) == (told.has_method ? S_OK : S_FALSE));
    CHECK(mappings == told.mappings.count);
    CHECK_FILES(read, GetAlternateLocationMapping, &told.mappings);
    if (!told.has_method)
        return;
    bool stops = told.method == VSS_RME_STOP_RESTORE_START ||
        told.method == VSS_RME_RESTORE_STOP_START;
    CHECK(method == told.method && writer_restore == told.writer_restore);
    CHECK(reboot == told.reboot);
    CHECK(is_text(service, stops ? told.service : NULL));
    CHECK(is_text(procedure, told.procedure));
}

static void check_all(IVssExamineWriterMetadataEx2 *read)
{
    UINT included, excluded, components, from_snapshot;
    DWORD schema;
    CHECK(read->lpVtbl->GetFileCounts(read, &included, &excluded, &components) == S_OK);
    CHECK(!included && excluded == told.excluded.count && components == told.components);
    CHECK(read->lpVtbl->GetExcludeFromSnapshotCount(read, &from_snapshot) == S_OK);
    CHECK(from_snapshot == told.excluded_from_snapshot.count);
    CHECK(read->lpVtbl->GetBackupSchema(read, &schema) == S_OK && schema == told.schema);
    CHECK_FILES(read, GetExcludeFile, &told.excluded);
    CHECK_FILES(read, GetExcludeFromSnapshotFile, &told.excluded_from_snapshot);
    check_method(read);
    for (UINT i = 0; i < told.components; i++)
        check_component(read, i);
}

/* ---- A sequence ---- */

static struct writer_metadata *begin(unsigned seed)
{
    struct writer_metadata *metadata = writer_metadata_create();
    memset(&told, 0, sizeof(told));
    told.seed = seed;
    told.random = random_of(seed);
    assert_non_null(metadata);
    metadata->writer_id = writer_id;
    metadata->instance_id = other_id;
    metadata->usage = VSS_UT_USERDATA;
    metadata->source = VSS_ST_OTHER;
    assert_int_equal(str16_assign(&metadata->writer_name, any_text()), S_OK);
    assert_int_equal(create_metadata_create(metadata, &told.face), S_OK);
    return metadata;
}

/* Read out of the text, and once more out of the text that the reader gives. */
static void check_text_of(BSTR xml)
{
    IVssExamineWriterMetadataEx2 *read = NULL;
    BSTR again = NULL;
    CHECK(view_examine_from_xml(xml, SysStringLen(xml), &read) == S_OK);
    check_all(read);
    CHECK(read->lpVtbl->SaveAsXML(read, &again) == S_OK);
    CHECK(is_text(again, xml));
    CHECK(read->lpVtbl->LoadFromXML(read, xml) == S_OK);
    check_all(read);
    read->lpVtbl->Release(read);
}

static void run_sequence(unsigned seed)
{
    static void (*const calls[])(void) = {add_component, add_component, add_files, add_files,
        add_database, add_dependency, add_exclusion, set_method, add_mapping, set_schema};
    struct writer_metadata *metadata = begin(seed);
    BSTR xml = NULL;
    for (unsigned left = any(MOST + 1); left; left--)
        calls[any(ARRAYSIZE(calls))]();
    CHECK(told.face->lpVtbl->SaveAsXML(told.face, &xml) == S_OK);
    create_metadata_close(told.face);
    keep_document("writer_metadata", xml);
    check_text_of(xml);
    SysFreeString(xml);
    writer_metadata_release(metadata);
}

static unsigned first_seed = 1;
static unsigned last_seed = SEQUENCES;

static void what_was_set_is_what_is_read(void **state)
{
    (void)state;
    for (unsigned seed = first_seed; seed <= last_seed; seed++)
        run_sequence(seed);
    print_message("seeds %u to %u\n", first_seed, last_seed);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        leak_test(what_was_set_is_what_is_read),
    };
    if (argc > 1)
        first_seed = last_seed = (unsigned)strtoul(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

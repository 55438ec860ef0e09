/* SPDX-License-Identifier: MIT
 *
 * Random objects: what is saved, loaded and saved again must be the same text, and the loaded
 * object must be equal to the one that was made, member by member. A failing row prints its seed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/guid.h"
#include "support/check_leaks.h"
#include "support/random.h"
#include "support/resave.h"

#include "repack.h"

#define ROUNDS 300

/* Mostly a text, at times NULL. */
static const WCHAR *maybe(struct random *random, WCHAR text[32])
{
    random_text(random, text);
    return below(random, 4) ? text : NULL;
}

static void set_maybe(struct random *random, WCHAR **member)
{
    WCHAR text[32];
    assert_int_equal(str16_assign(member, maybe(random, text)), S_OK);
}

static GUID random_guid(struct random *random)
{
    GUID id = {below(random, UINT32_MAX), (WORD)below(random, 0x10000),
        (WORD)below(random, 0x10000),
        {0, (BYTE)below(random, 0x100), 2, 3, 4, 5, 6, (BYTE)below(random, 0x100)}};
    return id;
}

static struct file_spec *random_spec(struct random *random, bool alternate, bool mask)
{
    WCHAR path[32], filespec[32], other[32];
    random_text(random, path);
    random_text(random, filespec);
    const WCHAR *alternate_path = alternate ? maybe(random, other) : NULL;
    struct file_spec *spec = file_spec_create(path, filespec, coin(random), alternate_path,
        mask ? below(random, UINT32_MAX) : FILE_SPEC_DEFAULT_MASK);
    assert_non_null(spec);
    return spec;
}

static void random_component(struct random *random, struct writer_metadata *metadata)
{
    WCHAR path[32], name[32], caption[32];
    struct metadata_component *component = NULL;
    DWORD type = coin(random) ? COMPONENT_TYPE_DATABASE : COMPONENT_TYPE_FILEGROUP;
    random_text(random, name);
    const WCHAR *logical_path = maybe(random, path);
    HRESULT hr = writer_metadata_add_component(
        metadata, type, logical_path, name, maybe(random, caption), &component);
    if (hr == VSS_E_OBJECT_ALREADY_EXISTS)
        return;
    assert_int_equal(hr, S_OK);
    component->restore_metadata = coin(random);
    component->notify_on_backup_complete = coin(random);
    component->selectable = coin(random);
    component->selectable_for_restore = coin(random);
    component->flags = below(random, 8);
    component->icon_size = below(random, 5);
    component->icon = component->icon_size ? mem_dup("\xFF\0icon", component->icon_size) : NULL;
    for (unsigned left = below(random, 6); left; left--)
    {
        GUID writer = random_guid(random);
        struct vec *list = type == COMPONENT_TYPE_FILEGROUP ? &component->files
            : coin(random)                                  ? &component->database_files
                                                            : &component->log_files;
        struct file_spec *spec = random_spec(random, type == COMPONENT_TYPE_FILEGROUP, true);
        spec->recursive &= type == COMPONENT_TYPE_FILEGROUP;
        if (coin(random))
        {
            file_spec_destroy(spec);
            assert_int_equal(metadata_component_add_dependency(
                                 component, &writer, maybe(random, path), maybe(random, name)),
                S_OK);
        }
        else
        {
            assert_int_equal(metadata_component_add_file(component, list, spec), S_OK);
        }
    }
}

static void random_method(struct random *random, struct writer_metadata *metadata)
{
    WCHAR text[32], other[32];
    assert_int_equal(
        writer_metadata_set_restore_method(metadata, below(random, 9), maybe(random, text),
            maybe(random, other), below(random, 4), coin(random)),
        S_OK);
    for (unsigned left = below(random, 3); left; left--)
    {
        struct file_spec *mapping = random_spec(random, true, false);
        if (!mapping->alternate_path)
            assert_int_equal(str16_assign(&mapping->alternate_path, mapping->path), S_OK);
        assert_int_equal(writer_metadata_add_mapping(metadata, mapping), S_OK);
    }
}

static struct writer_metadata *random_metadata(struct random *random)
{
    WCHAR text[32];
    struct writer_metadata *metadata = writer_metadata_create();
    metadata->writer_id = random_guid(random);
    metadata->instance_id = random_guid(random);
    random_text(random, text);
    assert_int_equal(str16_assign(&metadata->writer_name, text), S_OK);
    set_maybe(random, &metadata->instance_name);
    metadata->usage = below(random, 5);
    metadata->source = below(random, 4);
    metadata->major_version = below(random, UINT32_MAX);
    metadata->minor_version = below(random, UINT32_MAX);
    metadata->has_schema = coin(random);
    metadata->backup_schema = metadata->has_schema ? below(random, UINT32_MAX) : 0;
    if (coin(random))
        random_method(random, metadata);
    for (unsigned left = below(random, 8); left; left--)
    {
        if (coin(random))
            random_component(random, metadata);
        else if (coin(random))
            assert_int_equal(
                writer_metadata_add_exclude(metadata, random_spec(random, false, false)), S_OK);
        else
            assert_int_equal(writer_metadata_add_exclude_from_snapshot(
                                 metadata, random_spec(random, false, false)),
                S_OK);
    }
    if (!metadata->restore_method && coin(random))
        random_method(random, metadata);
    return metadata;
}

static void random_children(struct random *random, struct component *component)
{
    WCHAR t[6][32];
    for (int i = 0; i < 6; i++)
        random_text(random, t[i]);
    struct file_spec *spec = NULL;
    HRESULT hr = S_OK;
    switch (below(random, 6))
    {
    case 0:
        hr = component_add_partial_file(component, t[0], t[1], t[2], coin(random) ? t[3] : NULL);
        break;
    case 1:
        hr = component_add_differenced_file(component, t[0], t[1], coin(random),
            (FILETIME){below(random, UINT32_MAX), below(random, UINT32_MAX)});
        break;
    case 2:
        hr = component_add_directed_target(component, t[0], t[1], t[2], t[3], t[4], t[5]);
        break;
    case 3:
        hr = component_add_restore_subcomponent(component, coin(random) ? t[0] : NULL, t[1], false);
        break;
    case 4:
        spec = random_spec(random, true, false);
        hr = component_add_file_spec(component, &component->new_targets, spec);
        break;
    default:
        spec = random_spec(random, true, false);
        hr = component_add_file_spec(component, &component->alternate_mappings, spec);
        break;
    }
    assert_int_equal(hr, S_OK);
}

static void fill_component(struct random *random, struct component *component)
{
    WCHAR **strings[] = {&component->caption, &component->backup_stamp,
        &component->previous_backup_stamp, &component->backup_options, &component->backup_metadata,
        &component->prepare_for_backup_failure, &component->post_snapshot_failure,
        &component->restore_options, &component->restore_metadata, &component->roll_forward_point,
        &component->restore_name, &component->pre_restore_failure,
        &component->post_restore_failure};
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
        set_maybe(random, strings[i]);
    component->backup_succeeded = (enum answer)below(random, 3);
    component->additional_restores = (enum answer)below(random, 3);
    component->selected_for_restore = coin(random);
    component->restore_target = below(random, 5);
    component->file_restore_status = below(random, 4);
    component->authoritative_restore = coin(random);
    component->roll_forward = below(random, 4);
    if (coin(random))
        component->restore_instance_id = random_guid(random);
    component->failure.set = coin(random);
    if (component->failure.set)
    {
        component->failure.writer = (HRESULT)below(random, UINT32_MAX);
        component->failure.application = (HRESULT)below(random, UINT32_MAX);
        set_maybe(random, &component->failure.message);
    }
    for (unsigned left = below(random, 8); left; left--)
        random_children(random, component);
}

static struct backup_components *random_components(struct random *random)
{
    WCHAR path[32], name[32], instance_name[32];
    struct backup_components *document = backup_components_create();
    document->select_components = coin(random);
    document->bootable_system_state = coin(random);
    document->backup_type = below(random, 7);
    document->partial_file_support = coin(random);
    document->restore_type = below(random, 4);
    if (coin(random))
        document->snapshot_set_id = random_guid(random);
    for (unsigned left = below(random, 4); left; left--)
    {
        GUID instance = random_guid(random);
        GUID writer = random_guid(random);
        const WCHAR *instance_text = maybe(random, instance_name);
        for (unsigned more = 1 + below(random, 4); more; more--)
        {
            random_text(random, name);
            const WCHAR *logical_path = maybe(random, path);
            HRESULT hr = backup_components_add(document, &instance, &writer, instance_text,
                below(random, 4096), 1 + below(random, 2), logical_path, name);
            if (hr == VSS_E_OBJECT_ALREADY_EXISTS)
                continue;
            assert_int_equal(hr, S_OK);
            fill_component(random,
                writer_components_find(
                    backup_components_find_instance(document, &instance), logical_path, name));
        }
    }
    return document;
}

static bool same_specs(const struct vec *a, const struct vec *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
    {
        const struct file_spec *x = a->items[i];
        const struct file_spec *y = b->items[i];
        same = str16_equal(x->path, y->path) && str16_equal(x->filespec, y->filespec) &&
            str16_equal(x->alternate_path, y->alternate_path) && x->recursive == y->recursive &&
            x->backup_type_mask == y->backup_type_mask;
    }
    return same;
}

static bool same_metadata_components(const struct vec *a, const struct vec *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
    {
        const struct metadata_component *x = a->items[i];
        const struct metadata_component *y = b->items[i];
        same = x->type == y->type && str16_equal(x->logical_path, y->logical_path) &&
            str16_equal(x->name, y->name) && str16_equal(x->caption, y->caption) &&
            x->icon_size == y->icon_size &&
            (!x->icon_size || memcmp(x->icon, y->icon, x->icon_size) == 0) &&
            x->restore_metadata == y->restore_metadata &&
            x->notify_on_backup_complete == y->notify_on_backup_complete &&
            x->selectable == y->selectable &&
            x->selectable_for_restore == y->selectable_for_restore && x->flags == y->flags &&
            same_specs(&x->files, &y->files) &&
            same_specs(&x->database_files, &y->database_files) &&
            same_specs(&x->log_files, &y->log_files) &&
            x->dependencies.count == y->dependencies.count;
        for (size_t k = 0; same && k < x->dependencies.count; k++)
        {
            const struct writer_dependency *p = x->dependencies.items[k];
            const struct writer_dependency *q = y->dependencies.items[k];
            same = guid_equal(&p->writer_id, &q->writer_id) &&
                str16_equal(p->logical_path, q->logical_path) &&
                str16_equal(p->component_name, q->component_name);
        }
    }
    return same;
}

static bool same_metadata(const struct writer_metadata *a, const struct writer_metadata *b)
{
    const struct restore_method *x = a->restore_method;
    const struct restore_method *y = b->restore_method;
    bool same_method = !x == !y &&
        (!x ||
            (x->method == y->method && str16_equal(x->service, y->service) &&
                str16_equal(x->user_procedure, y->user_procedure) &&
                x->writer_restore == y->writer_restore &&
                x->reboot_required == y->reboot_required &&
                same_specs(&x->mappings, &y->mappings)));
    return same_method && guid_equal(&a->writer_id, &b->writer_id) &&
        guid_equal(&a->instance_id, &b->instance_id) &&
        str16_equal(a->writer_name, b->writer_name) &&
        str16_equal(a->instance_name, b->instance_name) && a->usage == b->usage &&
        a->source == b->source && a->major_version == b->major_version &&
        a->minor_version == b->minor_version && a->has_schema == b->has_schema &&
        a->backup_schema == b->backup_schema && same_specs(&a->exclude_files, &b->exclude_files) &&
        same_specs(&a->exclude_from_snapshot, &b->exclude_from_snapshot) &&
        same_metadata_components(&a->components, &b->components);
}

static bool same_partial_files(const struct vec *a, const struct vec *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
    {
        const struct partial_file *x = a->items[i];
        const struct partial_file *y = b->items[i];
        same = str16_equal(x->path, y->path) && str16_equal(x->file_name, y->file_name) &&
            str16_equal(x->ranges, y->ranges) && str16_equal(x->metadata, y->metadata);
    }
    return same;
}

static bool same_differenced_files(const struct vec *a, const struct vec *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
    {
        const struct differenced_file *x = a->items[i];
        const struct differenced_file *y = b->items[i];
        same = str16_equal(x->path, y->path) && str16_equal(x->filespec, y->filespec) &&
            x->recursive == y->recursive &&
            x->last_modified.dwLowDateTime == y->last_modified.dwLowDateTime &&
            x->last_modified.dwHighDateTime == y->last_modified.dwHighDateTime;
    }
    return same;
}

static bool same_component(const struct component *a, const struct component *b)
{
    const WCHAR *const pairs[][2] = {{a->logical_path, b->logical_path}, {a->name, b->name},
        {a->caption, b->caption}, {a->backup_stamp, b->backup_stamp},
        {a->previous_backup_stamp, b->previous_backup_stamp},
        {a->backup_options, b->backup_options}, {a->backup_metadata, b->backup_metadata},
        {a->prepare_for_backup_failure, b->prepare_for_backup_failure},
        {a->post_snapshot_failure, b->post_snapshot_failure},
        {a->failure.message, b->failure.message}, {a->restore_options, b->restore_options},
        {a->restore_metadata, b->restore_metadata}, {a->roll_forward_point, b->roll_forward_point},
        {a->restore_name, b->restore_name}, {a->pre_restore_failure, b->pre_restore_failure},
        {a->post_restore_failure, b->post_restore_failure}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (!str16_equal(pairs[i][0], pairs[i][1]))
            return false;
    return a->type == b->type && a->backup_succeeded == b->backup_succeeded &&
        a->additional_restores == b->additional_restores &&
        a->selected_for_restore == b->selected_for_restore &&
        a->restore_target == b->restore_target &&
        a->file_restore_status == b->file_restore_status &&
        a->authoritative_restore == b->authoritative_restore &&
        a->roll_forward == b->roll_forward &&
        guid_equal(&a->restore_instance_id, &b->restore_instance_id) &&
        a->failure.set == b->failure.set && a->failure.writer == b->failure.writer &&
        a->failure.application == b->failure.application &&
        same_partial_files(&a->partial_files, &b->partial_files) &&
        same_differenced_files(&a->differenced_files, &b->differenced_files) &&
        a->directed_targets.count == b->directed_targets.count &&
        a->restore_subcomponents.count == b->restore_subcomponents.count &&
        same_specs(&a->new_targets, &b->new_targets) &&
        same_specs(&a->alternate_mappings, &b->alternate_mappings);
}

static bool same_document(const struct backup_components *a, const struct backup_components *b)
{
    bool same = a->select_components == b->select_components &&
        a->bootable_system_state == b->bootable_system_state && a->backup_type == b->backup_type &&
        a->partial_file_support == b->partial_file_support && a->restore_type == b->restore_type &&
        guid_equal(&a->snapshot_set_id, &b->snapshot_set_id) &&
        a->writers.count == b->writers.count;
    for (size_t i = 0; same && i < a->writers.count; i++)
    {
        const struct writer_components *x = a->writers.items[i];
        const struct writer_components *y = b->writers.items[i];
        same = guid_equal(&x->instance_id, &y->instance_id) &&
            guid_equal(&x->writer_id, &y->writer_id) &&
            str16_equal(x->instance_name, y->instance_name) &&
            x->backup_schema == y->backup_schema && x->components.count == y->components.count;
        for (size_t k = 0; same && k < x->components.count; k++)
            same = same_component(x->components.items[k], y->components.items[k]);
    }
    return same;
}

static void check_same_text(const WCHAR *first, const WCHAR *second, unsigned seed)
{
    if (str16_equal(first, second))
        return;
    char *expected = utf8_from_str16(first, str16_len(first), NULL);
    print_error("seed %u\n", seed);
    check_text(second, expected);
}

static void random_writer_metadata_survives_saving_and_loading(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= ROUNDS; seed++)
    {
        struct random random = random_of(seed);
        WCHAR *first = NULL;
        WCHAR *second = NULL;
        size_t length = 0;
        struct writer_metadata *made = random_metadata(&random);
        struct writer_metadata *loaded = NULL;
        assert_int_equal(document_save_writer_metadata(made, &first, &length), S_OK);
        keep_document("writer_metadata", first);
        assert_int_equal(document_load_writer_metadata(first, length, &loaded, NULL), S_OK);
        assert_int_equal(document_save_writer_metadata(loaded, &second, &length), S_OK);
        check_same_text(first, second, seed);
        if (!same_metadata(made, loaded))
            fail_msg("seed %u: the loaded object differs", seed);
        writer_metadata_release(made);
        writer_metadata_release(loaded);
        mem_free(first);
        mem_free(second);
    }
}

static void random_backup_components_survive_saving_and_loading(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= ROUNDS; seed++)
    {
        struct random random = random_of(seed);
        WCHAR *first = NULL;
        WCHAR *second = NULL;
        size_t length = 0;
        struct backup_components *made = random_components(&random);
        struct backup_components *loaded = NULL;
        assert_int_equal(document_save_backup_components(made, &first, &length), S_OK);
        keep_document("backup_components", first);
        assert_int_equal(document_load_backup_components(first, length, &loaded, NULL), S_OK);
        assert_int_equal(document_save_backup_components(loaded, &second, &length), S_OK);
        check_same_text(first, second, seed);
        if (!same_document(made, loaded))
            fail_msg("seed %u: the loaded object differs", seed);
        backup_components_destroy(made);
        backup_components_destroy(loaded);
        mem_free(first);
        mem_free(second);
    }
}

static void random_writer_metadata_survives_packing(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= ROUNDS; seed++)
    {
        struct random random = random_of(seed);
        WCHAR *first = NULL;
        WCHAR *second = NULL;
        struct writer_metadata *made = random_metadata(&random);
        struct writer_metadata *unpacked = NULL;
        assert_int_equal(repack_writer_metadata(made, &unpacked), S_OK);
        assert_int_equal(document_save_writer_metadata(made, &first, NULL), S_OK);
        assert_int_equal(document_save_writer_metadata(unpacked, &second, NULL), S_OK);
        check_same_text(first, second, seed);
        if (!same_metadata(made, unpacked))
            fail_msg("seed %u: the unpacked object differs", seed);
        writer_metadata_release(made);
        writer_metadata_release(unpacked);
        mem_free(first);
        mem_free(second);
    }
}

/* The document with each writer replaced by an unpacked one. */
static struct backup_components *repack_writers(const struct backup_components *document)
{
    struct backup_components *copy = backup_components_create();
    assert_non_null(copy);
    copy->select_components = document->select_components;
    copy->bootable_system_state = document->bootable_system_state;
    copy->backup_type = document->backup_type;
    copy->partial_file_support = document->partial_file_support;
    copy->restore_type = document->restore_type;
    copy->snapshot_set_id = document->snapshot_set_id;
    for (size_t i = 0; i < document->writers.count; i++)
    {
        struct writer_components *unpacked = NULL;
        assert_int_equal(repack_writer_components(document->writers.items[i], &unpacked), S_OK);
        assert_true(vec_push(&copy->writers, unpacked));
    }
    return copy;
}

static void random_backup_components_survive_packing(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= ROUNDS; seed++)
    {
        struct random random = random_of(seed);
        WCHAR *first = NULL;
        WCHAR *second = NULL;
        struct backup_components *made = random_components(&random);
        struct backup_components *unpacked = repack_writers(made);
        assert_int_equal(document_save_backup_components(made, &first, NULL), S_OK);
        assert_int_equal(document_save_backup_components(unpacked, &second, NULL), S_OK);
        check_same_text(first, second, seed);
        if (!same_document(made, unpacked))
            fail_msg("seed %u: the unpacked object differs", seed);
        backup_components_destroy(made);
        backup_components_destroy(unpacked);
        mem_free(first);
        mem_free(second);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(random_writer_metadata_survives_saving_and_loading),
        leak_test(random_backup_components_survive_saving_and_loading),
        leak_test(random_writer_metadata_survives_packing),
        leak_test(random_backup_components_survive_packing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

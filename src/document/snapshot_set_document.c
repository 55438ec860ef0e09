/* SPDX-License-Identifier: MIT
 *
 * The catalog's record of a shadow copy set by tables. See document.h. The format is ours.
 */
#include "base/guid.h"
#include "document/document.h"
#include "document/document_names.h"
#include "document/element.h"

#define SNAPSHOT struct snapshot
#define SET struct snapshot_set

static const struct field snapshot_fields[] = {
    {FIELD(OUR_SNAPSHOT_ID, FIELD_GUID, SNAPSHOT, id, FIELD_REQUIRED)},
    {FIELD(OUR_SNAPSHOT_PROVIDER, FIELD_GUID, SNAPSHOT, provider_id, FIELD_REQUIRED)},
    {FIELD(OUR_SNAPSHOT_VOLUME, FIELD_STRING, SNAPSHOT, volume_name, FIELD_REQUIRED)},
    {FIELD(OUR_SNAPSHOT_PATH, FIELD_STRING, SNAPSHOT, volume_path, 0)},
    {FIELD(OUR_SNAPSHOT_DEVICE, FIELD_STRING, SNAPSHOT, device_object, 0)},
    {FIELD(OUR_SNAPSHOT_EXPOSED_NAME, FIELD_STRING, SNAPSHOT, exposed_name, 0)},
    {FIELD(OUR_SNAPSHOT_EXPOSED_PATH, FIELD_STRING, SNAPSHOT, exposed_path, 0)},
    {FIELD(OUR_SNAPSHOT_ATTRIBUTES, FIELD_HEX, SNAPSHOT, attributes, 0)},
    {FIELD(OUR_SNAPSHOT_DIGEST, FIELD_STRING, SNAPSHOT, digest, 0)},
    {FIELD(OUR_SNAPSHOT_CONSISTENCY, FIELD_STRING, SNAPSHOT, consistency, 0)},
};
static const struct element snapshot_element = {
    .name = OUR_SNAPSHOT,
    TABLE_OF_FIELDS(snapshot_fields),
    .extra = offsetof(SNAPSHOT, extra),
    .next_order = NO_OFFSET,
};

static const struct field set_fields[] = {
    {.name = "version",
        .kind = FIELD_CONSTANT,
        .flags = FIELD_REQUIRED,
        .constant = OUR_SET_VERSION},
    {FIELD(OUR_SET_ID, FIELD_GUID, SET, id, FIELD_REQUIRED)},
    {FIELD(OUR_SET_CONTEXT, FIELD_HEX, SET, context, FIELD_REQUIRED)},
    {FIELD(OUR_SET_COUNT, FIELD_DECIMAL, SET, count_at_creation, FIELD_REQUIRED),
        .most = INT32_MAX},
    {FIELD(OUR_SET_CREATING, FIELD_BOOL, SET, creating, 0)},
    {FIELD(OUR_SET_CREATED, FIELD_FILETIME, SET, created, FIELD_REQUIRED)},
    {FIELD(OUR_SET_ORIGINATING_MACHINE, FIELD_STRING, SET, originating_machine, 0)},
    {FIELD(OUR_SET_SERVICE_MACHINE, FIELD_STRING, SET, service_machine, 0)},
};
static const struct child set_children[] = {
    {.element = &snapshot_element,
        .shape = CHILD_LIST,
        .offset = offsetof(SET, snapshots),
        .size = sizeof(SNAPSHOT),
        .destroy = snapshot_destroy,
        .order = NO_OFFSET},
};
static const struct element set_element = {
    .name = OUR_SET,
    TABLE_OF_FIELDS(set_fields),
    TABLE_OF_CHILDREN(set_children),
    .extra = offsetof(SET, extra),
    .next_order = NO_OFFSET,
};

HRESULT document_load_snapshot_set(
    const WCHAR *text, size_t length, struct snapshot_set **out, struct xml_flaw *flaw)
{
    struct snapshot_set *set = snapshot_set_create(&guid_null, 0);
    if (!set)
        return E_OUTOFMEMORY;
    HRESULT hr = element_load_document(&set_element, OUR_SET_NAMESPACE, text, length, set, flaw);
    if (FAILED(hr))
    {
        snapshot_set_release(set);
        return hr;
    }
    *out = set;
    return S_OK;
}

HRESULT document_save_snapshot_set(const struct snapshot_set *set, WCHAR **text, size_t *length)
{
    return element_save_document(&set_element, OUR_SET_NAMESPACE, set, text, length);
}

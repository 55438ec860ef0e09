/* SPDX-License-Identifier: MIT
 *
 * A set of files. See file_spec.h.
 */
#include "model/file_spec.h"

#include "base/str16.h"
#include "model/record.h"

static const size_t strings[] = {
    offsetof(struct file_spec, path),
    offsetof(struct file_spec, filespec),
    offsetof(struct file_spec, alternate_path),
};
static const size_t extras[] = {offsetof(struct file_spec, extra)};

const struct record file_spec_record = {
    sizeof(struct file_spec), RECORD_ARRAY(strings), NULL, 0, RECORD_ARRAY(extras)};

struct file_spec *file_spec_create(const WCHAR *path, const WCHAR *filespec, bool recursive,
    const WCHAR *alternate_path, DWORD mask)
{
    struct file_spec *spec = record_create(
        &file_spec_record, (const WCHAR *[]){path, filespec, alternate_path});
    if (spec)
    {
        spec->recursive = recursive;
        spec->backup_type_mask = mask;
    }
    return spec;
}

struct file_spec *file_spec_clone(const struct file_spec *source)
{
    return record_clone(&file_spec_record, source);
}

void file_spec_destroy(void *spec)
{
    record_destroy(&file_spec_record, spec);
}

bool file_spec_is_wild_path(const WCHAR *path)
{
    const WCHAR *below = str16_starts_with(path, L"\\\\?\\") ? path + 4 : path;
    return str16_find_char(below, L'*') || str16_find_char(below, L'?');
}

bool file_spec_has_folder(const WCHAR *filespec)
{
    return str16_find_char(filespec, L'\\') || str16_find_char(filespec, L'/');
}

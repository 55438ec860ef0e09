/* SPDX-License-Identifier: MIT
 *
 * A document of 19,000 file sets in the shape of the System Writer's, read from its text and walked
 * by index to the end. What one more entry costs is the same in a small document and in this one:
 * tests/bench/documents.c has the ratio of the times, here the allocations are counted.
 */
#include "unit/view/view_fixture.h"

#include <stdio.h>

#include "os/clock.h"

#define FEW 1900u
#define MANY 19000u

static size_t allocations;

static bool count_allocation(size_t size)
{
    (void)size;
    allocations++;
    return true;
}

static WCHAR *make_text(unsigned entries)
{
    struct str16_builder builder = {0};
    char entry[256];
    str16_builder_add_ascii(&builder,
        "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\"><IDENTIFICATION"
        " writerId=\"e8132975-6f93-4464-a53e-1050253ae220\""
        " instanceId=\"0a1b2c3d-0000-1111-2222-333344445555\" friendlyName=\"System Writer\""
        " usage=\"BOOTABLE_SYSTEM_STATE\" dataSource=\"OTHER\" majorVersion=\"0\""
        " minorVersion=\"0\"/><BACKUP_LOCATIONS><FILE_GROUP componentName=\"System Files\""
        " restoreMetadata=\"no\" notifyOnBackupComplete=\"no\" selectable=\"no\""
        " selectableForRestore=\"no\" componentFlags=\"0\">");
    for (unsigned i = 0; i < entries; i++)
    {
        snprintf(entry, sizeof(entry),
            "<FILE_LIST path=\"%%systemroot%%\\winsxs\\part_%05u\" filespec=\"%05u.mui\"%s"
            " filespecBackupType=\"3855\"/>",
            i / 7, i, i % 40 ? "" : " recursive=\"yes\"");
        str16_builder_add_ascii(&builder, entry);
    }
    str16_builder_add_ascii(&builder, "</FILE_GROUP></BACKUP_LOCATIONS></WRITER_METADATA>");
    return str16_builder_take(&builder);
}

static void check_entry(IVssWMComponent *component, unsigned index)
{
    IVssWMFiledesc *file = NULL;
    BSTR text = NULL;
    WCHAR expected[16];
    boolean recursive = 7;
    assert_hr(IVssWMComponent_GetFile(component, index, &file), S_OK);
    _snwprintf(expected, ARRAYSIZE(expected), L"%05u.mui", index);
    assert_hr(IVssWMFiledesc_GetFilespec(file, &text), S_OK);
    assert_bstr(text, expected);
    assert_hr(IVssWMFiledesc_GetRecursive(file, &recursive), S_OK);
    assert_int_equal(recursive, index % 40 == 0);
    IVssWMFiledesc_Release(file);
}

/* How many allocations reading and walking take. */
static size_t walk(unsigned entries)
{
    IVssExamineWriterMetadataEx2 *face = NULL;
    IVssWMComponent *component = NULL;
    IVssWMFiledesc *file = NULL;
    PVSSCOMPONENTINFO info = NULL;
    WCHAR *text = make_text(entries);
    uint64_t begun = clock_now_ms();
    allocations = 0;
    base_hooks.allow_alloc = count_allocation;
    assert_hr(view_examine_from_xml(text, str16_len(text), &face), S_OK);
    assert_hr(IVssExamineWriterMetadataEx2_GetComponent(face, 0, &component), S_OK);
    assert_hr(IVssWMComponent_GetComponentInfo(component, &info), S_OK);
    assert_int_equal(info->cFileCount, entries);
    assert_hr(IVssWMComponent_FreeComponentInfo(component, info), S_OK);
    for (unsigned i = 0; i < entries; i++)
        check_entry(component, i);
    assert_hr(IVssWMComponent_GetFile(component, entries, &file), VSS_E_OBJECT_NOT_FOUND);
    base_hooks.allow_alloc = NULL;
    print_message("%u entries: %u ms, %u allocations\n", entries,
        (unsigned)(clock_now_ms() - begun), (unsigned)allocations);
    IVssWMComponent_Release(component);
    IVssExamineWriterMetadataEx2_Release(face);
    mem_free(text);
    return allocations;
}

static void every_entry_is_found_and_costs_the_same(void **state)
{
    (void)state;
    size_t few = walk(FEW);
    size_t many = walk(MANY);
    /* What the document costs besides is paid once; nothing grows faster than the entries. */
    assert_true(many <= few * 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VIEW_TEST(every_entry_is_found_and_costs_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

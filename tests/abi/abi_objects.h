/* SPDX-License-Identifier: MIT
 *
 * One real object of each interface, made through the public API alone, for tests that look at them
 * from outside.
 */
#ifndef THAWLINE_TESTS_ABI_OBJECTS_H
#define THAWLINE_TESTS_ABI_OBJECTS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <thawline.h>
#include <vsbackup.h>

#include "support/backup.h"

/* A table as a caller sees it, whatever its functions take. */
typedef void (*abi_slot)(void);

static inline const abi_slot *abi_table(const void *object, size_t which)
{
    return ((const abi_slot *const *)object)[which];
}

/* Identifiers as requestor 0.4 prints them, not as a header has them. */
static inline IID abi_iid(const WCHAR *text)
{
    IID iid;
    assert_hr(IIDFromString(text, &iid), S_OK);
    return iid;
}

#define ABI_IID_UNKNOWN L"{00000000-0000-0000-C000-000000000046}"
#define ABI_IID_BACKUP L"{665c1d5f-c218-414d-a05d-7fef5f9d5c86}"
#define ABI_IID_BACKUP_EX L"{963f03ad-9e4c-4a34-ac15-e4b6174e5036}"
#define ABI_IID_BACKUP_EX2 L"{acfe2b3a-22c9-4ef8-bd03-2f9ca230084e}"
#define ABI_IID_BACKUP_EX3 L"{c191bfbc-b602-4675-8bd1-67d642f529d5}"
#define ABI_IID_BACKUP_EX4 L"{f434c2fd-b553-4961-a9f9-a8e90b673e53}"
#define ABI_IID_EXAMINE L"{902fcf7f-b7fd-42f8-81f1-b2e400b1e5bd}"
#define ABI_IID_EXAMINE_EX L"{0c0e5ec0-ca44-472b-b702-e652db1c0451}"
#define ABI_IID_EXAMINE_EX2 L"{ce115780-a611-431b-b57f-c38303ab6aee}"
#define ABI_IID_ASYNC L"{507c37b4-cf5b-4e95-b0af-14eb9767467e}"
#define ABI_IID_ENUM L"{ae1c7110-2f60-11d3-8a39-00c04f72d8e3}"
#define ABI_IID_COMPONENT L"{d2c72c96-c121-4518-b627-e5a93d010ead}"
#define ABI_IID_COMPONENT_EX L"{156c8b5e-f131-4bd7-9c97-d1923be7e1fa}"
#define ABI_IID_COMPONENT_EX2 L"{3b5be0f2-07a9-4e4b-bdd3-cfdc8e2c0d2d}"

#define ABI_WRITER_ID L"11111111-2222-3333-4444-555555555555"
#define ABI_INSTANCE_ID L"66666666-7777-8888-9999-aaaaaaaaaaaa"

/* A file group with a file and an excluded file. Follows writer-provider 5.3. */
#define ABI_METADATA_XML                                                                           \
    L"<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\">"                 \
    L"<IDENTIFICATION writerId=\"" ABI_WRITER_ID L"\" instanceId=\"" ABI_INSTANCE_ID L"\" "        \
    L"friendlyName=\"Demo\" usage=\"USER_DATA\" dataSource=\"OTHER\" majorVersion=\"0\" "          \
    L"minorVersion=\"0\"/><RESTORE_METHOD method=\"RESTORE_IF_CAN_BE_REPLACED\" "                  \
    L"writerRestore=\"always\" rebootRequired=\"yes\"/><BACKUP_LOCATIONS><FILE_GROUP "             \
    L"logicalPath=\"A\\B\" componentName=\"data\" restoreMetadata=\"no\" "                         \
    L"notifyOnBackupComplete=\"yes\" selectable=\"yes\" selectableForRestore=\"no\" "              \
    L"componentFlags=\"0\"><FILE_LIST path=\"c:\\demo\" filespec=\"*.db\" recursive=\"yes\" "      \
    L"filespecBackupType=\"3855\"/></FILE_GROUP><EXCLUDE_FILES path=\"c:\\demo\" "                 \
    L"filespec=\"*.tmp\" recursive=\"yes\"/></BACKUP_LOCATIONS></WRITER_METADATA>"

/* A writer with two components, the first with a set of changed files and a subcomponent to
   restore. Follows writer-provider 5.4; the names of those two are ours. */
#define ABI_BACKUP_XML                                                                             \
    L"<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"1.2\" "                \
    L"bootableSystemStateBackup=\"no\" selectComponents=\"yes\" backupType=\"full\" "              \
    L"partialFileSupport=\"no\"><WRITER_COMPONENTS instanceId=\"" ABI_INSTANCE_ID L"\" "           \
    L"writerId=\"" ABI_WRITER_ID L"\" backupSchema=\"0\">"                                         \
    L"<COMPONENT componentName=\"data\" componentType=\"filegroup\">"                              \
    L"<DIFFERENCED_FILE path=\"c:\\demo\" filespec=\"*\" recursive=\"yes\"/>"                     \
    L"<RESTORE_SUBCOMPONENT componentName=\"sub\" repair=\"yes\"/></COMPONENT>"                    \
    L"<COMPONENT logicalPath=\"A\" componentName=\"more\" componentType=\"filegroup\"/>"           \
    L"</WRITER_COMPONENTS></BACKUP_COMPONENTS>"

static inline IVssExamineWriterMetadataEx2 *abi_metadata(void)
{
    IVssExamineWriterMetadata *base = NULL;
    void *face = NULL;
    BSTR xml = SysAllocString(ABI_METADATA_XML);
    IID iid = abi_iid(ABI_IID_EXAMINE_EX2);
    assert_hr(CreateVssExamineWriterMetadataInternal(xml, &base), S_OK);
    SysFreeString(xml);
    assert_hr(IVssExamineWriterMetadata_QueryInterface(base, &iid, &face), S_OK);
    IVssExamineWriterMetadata_Release(base);
    return face;
}

static inline IVssWMComponent *abi_wm_component(void)
{
    IVssExamineWriterMetadataEx2 *metadata = abi_metadata();
    IVssWMComponent *component = NULL;
    assert_hr(IVssExamineWriterMetadataEx2_GetComponent(metadata, 0, &component), S_OK);
    IVssExamineWriterMetadataEx2_Release(metadata);
    return component;
}

static inline IVssWMFiledesc *abi_wm_filedesc(void)
{
    IVssWMComponent *component = abi_wm_component();
    IVssWMFiledesc *filedesc = NULL;
    assert_hr(IVssWMComponent_GetFile(component, 0, &filedesc), S_OK);
    IVssWMComponent_Release(component);
    return filedesc;
}

/* In its first phase: every InterfaceEx of it is the same object. */
static inline IVssBackupComponentsEx4 *abi_backup(void)
{
    IVssBackupComponents *base = NULL;
    void *face = NULL;
    IID iid = abi_iid(ABI_IID_BACKUP_EX4);
    assert_hr(CreateVssBackupComponentsInternal(&base), S_OK);
    assert_hr(IVssBackupComponents_QueryInterface(base, &iid, &face), S_OK);
    IVssBackupComponents_Release(base);
    return face;
}

static inline IVssWriterComponentsExt *abi_writer_components(void)
{
    IVssBackupComponentsEx4 *backup = abi_backup();
    IVssWriterComponentsExt *writer = NULL;
    BSTR xml = SysAllocString(ABI_BACKUP_XML);
    assert_hr(IVssBackupComponentsEx4_InitializeForRestore(backup, xml), S_OK);
    SysFreeString(xml);
    assert_hr(IVssBackupComponentsEx4_GetWriterComponents(backup, 0, &writer), S_OK);
    IVssBackupComponentsEx4_Release(backup);
    return writer;
}

static inline IUnknown *abi_second_base(IVssWriterComponentsExt *writer)
{
    return (IUnknown *)((BYTE *)writer + sizeof(void *));
}

static inline IVssComponentEx2 *abi_component(void)
{
    IVssWriterComponentsExt *writer = abi_writer_components();
    IVssComponent *base = NULL;
    void *face = NULL;
    IID iid = abi_iid(ABI_IID_COMPONENT_EX2);
    assert_hr(IVssWriterComponentsExt_GetComponent(writer, 0, &base), S_OK);
    IUnknown_Release(abi_second_base(writer));
    assert_hr(IVssComponent_QueryInterface(base, &iid, &face), S_OK);
    IVssComponent_Release(base);
    return face;
}

static inline IVssEnumObject *abi_enum(void)
{
    IVssBackupComponentsEx4 *backup = abi_backup();
    IVssEnumObject *walk = NULL;
    assert_hr(IVssBackupComponentsEx4_InitializeForBackup(backup, NULL), S_OK);
    assert_hr(IVssBackupComponentsEx4_Query(
                  backup, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_PROVIDER, &walk),
        S_OK);
    IVssBackupComponentsEx4_Release(backup);
    return walk;
}

static inline IVssAsync *abi_async(void)
{
    IVssBackupComponentsEx4 *backup = abi_backup();
    IVssAsync *async = NULL;
    assert_hr(IVssBackupComponentsEx4_InitializeForBackup(backup, NULL), S_OK);
    assert_hr(IVssBackupComponentsEx4_GatherWriterMetadata(backup, &async), S_OK);
    assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
    IVssBackupComponentsEx4_Release(backup);
    return async;
}

/* ---- Every test leaves as many objects and blocks as it found ---- */

static LONG abi_blocks;
static LONG abi_objects;

static inline int abi_set_up(void **state)
{
    (void)state;
    assert_true(SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)));
    /* What is set up once in a process is set up here. */
    IVssAsync *async = abi_async();
    IVssAsync_Release(async);
    abi_blocks = ThawlineGetLiveBlocks();
    abi_objects = ThawlineGetLiveObjects();
    return 0;
}

static inline int abi_tear_down(void **state)
{
    (void)state;
    assert_int_equal(ThawlineGetLiveObjects(), abi_objects);
    assert_int_equal(ThawlineGetLiveBlocks(), abi_blocks);
    CoUninitialize();
    return 0;
}

#define ABI_TEST(function) cmocka_unit_test_setup_teardown(function, abi_set_up, abi_tear_down)

#endif

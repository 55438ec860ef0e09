/* SPDX-License-Identifier: MIT
 *
 * The documents that fixed sequences of calls must give, byte for byte, typed from writer-provider
 * 5.2 to 5.5 in UTF-8; tests/scenario/test_documents.c makes the calls. Where that section leaves a
 * name open, the name here is the project's own.
 *
 * Ids that differ from run to run stand as API_INSTANCE_ID and API_SET_ID.
 */
#ifndef THAWLINE_TESTS_API_DOCUMENTS_H
#define THAWLINE_TESTS_API_DOCUMENTS_H

#define API_WRITER_ID "c0ffee01-1234-4567-89ab-cdef01234567"
#define API_OTHER_ID "b0b0b0b0-1111-2222-0102-030405060708"
#define API_INSTANCE_ID "66666666-7777-8888-9999-aaaaaaaaaaaa"
#define API_SET_ID "e8132975-6f93-4464-a53e-1050253ae220"

/* Every element and attribute there is. RESTORE_METHOD was set last. */
static const char api_full_metadata[] =
    "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\""
    " backupSchema=\"29553\">"
    "<IDENTIFICATION writerId=\"" API_WRITER_ID "\" instanceId=\"" API_INSTANCE_ID "\""
    " instanceName=\"First\""
    " friendlyName=\"Demo &quot;Writer&quot; &amp; &lt;S\xC3\xB6hne&gt; \xF0\x9F\x98\x80\""
    " usage=\"USER_DATA\" dataSource=\"TRANSACTION_DB\" majorVersion=\"3\" minorVersion=\"7\"/>"
    "<BACKUP_LOCATIONS>"
    "<EXCLUDE_FILES path=\"C:\\Demo\\Temp\" filespec=\"*.tmp\" recursive=\"yes\"/>"
    "<FILE_GROUP logicalPath=\"Top\\Sub\" componentName=\"files\""
    " caption=\"Line 1&#13;&#10;&lt;2&gt;\" icon=\"AAEC/w==\" restoreMetadata=\"yes\""
    " notifyOnBackupComplete=\"yes\" selectable=\"yes\" selectableForRestore=\"yes\""
    " componentFlags=\"4\">"
    "<FILE_LIST path=\"%ProgramData%\\Demo\\\" filespec=\"*.dat\" recursive=\"yes\""
    " alternatePath=\"D:\\Now\" filespecBackupType=\"69391\"/>"
    "<DEPENDENCY writerId=\"" API_OTHER_ID "\" componentName=\"theirs\"/>"
    "<FILE_LIST path=\"\\\\?\\Volume{00000000-0000-0000-0000-000000000043}\\\""
    " filespec=\"?.ini\" filespecBackupType=\"257\"/>"
    "</FILE_GROUP>"
    "<DATABASE componentName=\"base\" restoreMetadata=\"no\" notifyOnBackupComplete=\"no\""
    " selectable=\"no\" selectableForRestore=\"no\" componentFlags=\"3\">"
    "<DATABASE_LOGFILES path=\"C:\\Demo\\Logs\" filespec=\"base*.log\""
    " filespecBackupType=\"3855\"/>"
    "<DATABASE_FILES path=\"C:\\Demo\" filespec=\"base.mdf\" filespecBackupType=\"257\"/>"
    "<DEPENDENCY writerId=\"" API_OTHER_ID "\" logicalPath=\"\\\\machine\\Path\""
    " componentName=\"theirs\"/>"
    "</DATABASE>"
    "<EXCLUDE_FILES_FROM_SNAPSHOT path=\"C:\\Demo\\Cache\" filespec=\"*\" recursive=\"no\"/>"
    "<FILE_GROUP logicalPath=\"\" componentName=\"empty\" caption=\"\" restoreMetadata=\"no\""
    " notifyOnBackupComplete=\"no\" selectable=\"yes\" selectableForRestore=\"no\""
    " componentFlags=\"0\"/>"
    "<EXCLUDE_FILES path=\"%SystemDrive%\" filespec=\"pagefile.sys\" recursive=\"no\"/>"
    "</BACKUP_LOCATIONS>"
    "<RESTORE_METHOD method=\"STOP_RESTORE_START\" service=\"DemoService\""
    " userProcedure=\"procedure\" writerRestore=\"always\" rebootRequired=\"yes\">"
    "<ALTERNATE_LOCATION_MAPPING path=\"%ProgramData%\\Demo\\\" filespec=\"*.dat\""
    " recursive=\"yes\" alternatePath=\"E:\\Demo\"/>"
    "<ALTERNATE_LOCATION_MAPPING path=\"C:\\Demo\" filespec=\"base.mdf\" recursive=\"no\""
    " alternatePath=\"E:\\Base\"/>"
    "</RESTORE_METHOD>"
    "</WRITER_METADATA>";

/* What 5.5 prints: nothing optional, RESTORE_METHOD set first. */
static const char api_small_metadata[] =
    "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\">"
    "<IDENTIFICATION writerId=\"" API_WRITER_ID "\" instanceId=\"" API_INSTANCE_ID "\""
    " friendlyName=\"Demo Writer\" usage=\"USER_DATA\" dataSource=\"OTHER\" majorVersion=\"0\""
    " minorVersion=\"0\"/>"
    "<RESTORE_METHOD method=\"RESTORE_IF_CAN_BE_REPLACED\" writerRestore=\"always\""
    " rebootRequired=\"no\"/>"
    "<BACKUP_LOCATIONS>"
    "<FILE_GROUP logicalPath=\"A\\B\" componentName=\"data\" caption=\"Demo\""
    " restoreMetadata=\"no\" notifyOnBackupComplete=\"yes\" selectable=\"yes\""
    " selectableForRestore=\"no\" componentFlags=\"0\">"
    "<FILE_LIST path=\"%ProgramData%\\Demo\" filespec=\"*.db\" recursive=\"yes\""
    " filespecBackupType=\"3855\"/>"
    "</FILE_GROUP>"
    "</BACKUP_LOCATIONS>"
    "</WRITER_METADATA>";

/* A writer that says nothing. */
static const char api_empty_metadata[] =
    "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\">"
    "<IDENTIFICATION writerId=\"" API_WRITER_ID "\" instanceId=\"" API_INSTANCE_ID "\""
    " friendlyName=\"Demo Writer\" usage=\"USER_DATA\" dataSource=\"OTHER\" majorVersion=\"0\""
    " minorVersion=\"0\"/>"
    "</WRITER_METADATA>";

/* What requestor and writer say up to BackupComplete. */
#define API_BACKUP_ATTRIBUTES                                                                      \
    "<COMPONENT logicalPath=\"Top\\Sub\" componentName=\"files\" componentType=\"filegroup\""      \
    " backupStamp=\"stamp 1\" previousBackupStamp=\"stamp 0\" backupOptions=\"fast=1\""            \
    " backupSucceeded=\"no\" prepareForBackupFailureMsg=\"while preparing\""                       \
    " postSnapshotFailureMsg=\"afterwards\""
#define API_BACKUP_METADATA                                                                        \
    "<BACKUP_METADATA xmlns=\"\" metadata=\"&lt;a b=&quot;1&quot;&gt;&amp;&#13;&#10;\"/>"
#define API_FAILURE                                                                                \
    "<FAILURE hresult=\"0x800423f3\" applicationHresult=\"0x80070005\" message=\"no paper\"/>"
#define API_PARTIAL_FILE(ranges)                                                                   \
    "<PARTIAL_FILE path=\"C:\\Demo\" filespec=\"a.dat\" ranges=\"" ranges "\" metadata=\"part\"/>"
#define API_BACKUP_LISTS                                                                           \
    "<DIFFERENCED_FILE path=\"C:\\Demo\" filespec=\"*.dat\" recursive=\"yes\""                     \
    " lastModifyTime=\"132537600000000001\"/>"                                                     \
    "<PARTIAL_FILE path=\"C:\\Demo\" filespec=\"b.dat\" ranges=\"0:1\"/>"                          \
    "<DIFFERENCED_FILE path=\"C:\\Demo\" filespec=\"*\" recursive=\"no\" lastModifyTime=\"0\"/>"
#define API_BACKUP_ROOT(restore_type)                                                              \
    "<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"1.2\""                  \
    " bootableSystemStateBackup=\"yes\" selectComponents=\"yes\" backupType=\"incremental\""       \
    " partialFileSupport=\"yes\" snapshotSetId=\"" API_SET_ID "\"" restore_type ">"                \
    "<WRITER_COMPONENTS instanceId=\"" API_INSTANCE_ID "\" writerId=\"" API_WRITER_ID "\""         \
    " instanceName=\"First\" backupSchema=\"29553\">"

static const char api_backup_components[] = API_BACKUP_ROOT("") API_BACKUP_ATTRIBUTES
    ">" API_BACKUP_METADATA API_FAILURE API_PARTIAL_FILE("0x10:0x20,48:16") API_BACKUP_LISTS
    "</COMPONENT>"
    "<COMPONENT componentName=\"base\" componentType=\"database\" backupSucceeded=\"yes\">"
    "<BACKUP_METADATA xmlns=\"\" metadata=\"\"/>"
    "</COMPONENT>"
    "</WRITER_COMPONENTS></BACKUP_COMPONENTS>";

/* The same after a restore, in which the ranges file of the first partial file was moved. */
static const char api_restore_components[] = API_BACKUP_ROOT(
    " restoreType=\"byCopy\"") API_BACKUP_ATTRIBUTES
    " selectedForRestore=\"yes\" additionalRestores=\"yes\" restoreOptions=\"slow=0\""
    " restoreTarget=\"directed\" fileRestoreStatus=\"all\" authoritativeRestore=\"yes\""
    " rollForward=\"partial\" rollForwardPoint=\"noon\" restoreName=\"renamed\""
    " restoreInstanceId=\"" API_INSTANCE_ID "\" preRestoreFailureMsg=\"before\""
    " postRestoreFailureMsg=\"after\">" API_BACKUP_METADATA
    "<RESTORE_METADATA metadata=\"kept &lt;for&gt; later\"/>" API_FAILURE API_PARTIAL_FILE(
        "C:\\Ranges\\a.bin") API_BACKUP_LISTS
    "<USED_ALTERNATE_LOCATION_MAPPING path=\"%ProgramData%\\Demo\\\" filespec=\"*.dat\""
    " recursive=\"yes\" alternatePath=\"E:\\Demo\"/>"
    "<NEW_TARGET path=\"%ProgramData%\\Demo\\\" filespec=\"*.dat\" recursive=\"yes\""
    " alternatePath=\"F:\\New\"/>"
    "<RESTORE_SUBCOMPONENT logicalPath=\"Top\\Sub\\files\" componentName=\"part\" repair=\"no\"/>"
    "<DIRECTED_TARGET sourcePath=\"C:\\Demo\" sourceFile=\"a.dat\" sourceRanges=\"0:8,16:8\""
    " destinationPath=\"D:\\Demo\" destinationFile=\"b.dat\" destinationRanges=\"8:8,0:8\"/>"
    "</COMPONENT>"
    "<COMPONENT componentName=\"base\" componentType=\"database\" backupSucceeded=\"yes\">"
    "<BACKUP_METADATA xmlns=\"\" metadata=\"\"/>"
    "</COMPONENT>"
    "</WRITER_COMPONENTS></BACKUP_COMPONENTS>";

#endif

/* SPDX-License-Identifier: MIT
 *
 * One document of each kind with something in every place: known content of every sort, unknown
 * content, namespaces. For tests that break them. Include it after support/resave.h.
 */
#ifndef THAWLINE_TESTS_FULL_DOCUMENTS_H
#define THAWLINE_TESTS_FULL_DOCUMENTS_H

static const struct
{
    enum document_kind kind;
    const char *utf8;
} full_documents[] = {
    {WRITER_METADATA,
        "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\""
        " backupSchema=\"881\" xmlns:p=\"urn:p\" p:a=\"1\"><IDENTIFICATION"
        " writerId=\"11111111-2222-3333-4444-555555555555\""
        " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" instanceName=\"i\""
        " friendlyName=\"n\xC3\xA4\xF0\x9F\x98\x80\" usage=\"ODD\" dataSource=\"OTHER\""
        " majorVersion=\"0\" minorVersion=\"0\"/><BACKUP_LOCATIONS><FILE_GROUP logicalPath=\"l\""
        " componentName=\"n\" caption=\"&amp;&#13;&#10;\" icon=\"AAEC/w==\" restoreMetadata=\"no\""
        " componentFlags=\"2\"><FILE_LIST path=\"p\" filespec=\"f\" recursive=\"yes\""
        " alternatePath=\"a\" filespecBackupType=\"3855\"/><DEPENDENCY"
        " writerId=\"11111111-2222-3333-4444-555555555555\" componentName=\"x\"/></FILE_GROUP>"
        "<EXCLUDE_FILES path=\"p\" filespec=\"f\" recursive=\"no\"/><DATABASE componentName=\"d\">"
        "<DATABASE_FILES path=\"p\" filespec=\"f\"/><DATABASE_LOGFILES path=\"p\" filespec=\"l\"/>"
        "</DATABASE><EXCLUDE_FILES_FROM_SNAPSHOT path=\"p\" filespec=\"f\" recursive=\"yes\"/>"
        "</BACKUP_LOCATIONS><RESTORE_METHOD method=\"STOP_RESTORE_START\" service=\"s\""
        " writerRestore=\"always\" rebootRequired=\"no\"><ALTERNATE_LOCATION_MAPPING path=\"p\""
        " filespec=\"f\" recursive=\"no\" alternatePath=\"q\"/></RESTORE_METHOD>"
        "<p:ODD b=\"2\"><C xmlns=\"urn:c\"><![CDATA[<text>]]></C></p:ODD></WRITER_METADATA>"},
    {BACKUP_COMPONENTS,
        "<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"1.2\""
        " bootableSystemStateBackup=\"no\" selectComponents=\"yes\" backupType=\"full\""
        " partialFileSupport=\"no\" snapshotSetId=\"e8132975-6f93-4464-a53e-1050253ae220\""
        " xmlns:p=\"urn:p\"><WRITER_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\""
        " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\""
        " writerId=\"11111111-2222-3333-4444-555555555555\" backupSchema=\"0\"><COMPONENT"
        " logicalPath=\"l\" componentName=\"n\" componentType=\"filegroup\" backupStamp=\"s\""
        " backupSucceeded=\"yes\" restoreTarget=\"odd\" p:b=\"1\"><BACKUP_METADATA xmlns=\"\""
        " metadata=\"&lt;x/&gt;\"/><RESTORE_METADATA metadata=\"m\"/><FAILURE hresult=\"0x800423f3\""
        " message=\"m\"/><PARTIAL_FILE path=\"p\" filespec=\"f\" ranges=\"0:1\"/><DIFFERENCED_FILE"
        " path=\"p\" filespec=\"f\" recursive=\"no\" lastModifyTime=\"1\"/><DIRECTED_TARGET"
        " sourcePath=\"1\"/><NEW_TARGET path=\"p\" filespec=\"f\" recursive=\"no\""
        " alternatePath=\"q\"/><RESTORE_SUBCOMPONENT componentName=\"c\" repair=\"no\"/><p:ODD/>"
        "</COMPONENT></WRITER_COMPONENTS></BACKUP_COMPONENTS>"},
    {WRITER_COMPONENTS,
        "<WRITER_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\""
        " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\""
        " writerId=\"11111111-2222-3333-4444-555555555555\" instanceName=\"i\" backupSchema=\"0\">"
        "<COMPONENT componentName=\"n\" componentType=\"database\"/></WRITER_COMPONENTS>"},
    {SNAPSHOT_SET,
        "<SNAPSHOT_SET xmlns=\"urn:thawline:snapshot-set\" version=\"1.0\""
        " snapshotSetId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" context=\"0x00000009\""
        " snapshotsCount=\"1\" created=\"132537600000000001\" originatingMachine=\"A\"><SNAPSHOT"
        " snapshotId=\"11111111-2222-3333-4444-555555555555\""
        " providerId=\"b5946137-7b9f-4925-af80-51abd60b20d5\" volumeName=\"v\""
        " attributes=\"0x00420009\" odd=\"1\"/></SNAPSHOT_SET>"},
};

#define FULL_DOCUMENTS (sizeof(full_documents) / sizeof(full_documents[0]))

#endif

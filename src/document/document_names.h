/* SPDX-License-Identifier: MIT
 *
 * Names that are ours. No clean sample of a Windows document shows how it spells these things
 * (writer-provider 5.3 and 5.4 mark them open), so the project chose names in the visible style:
 * elements UPPER_SNAKE, attributes lowerCamel. Documents made by Windows will spell them
 * differently, and keep what they hold as unknown content. Names that do stand in the tables as
 * plain text are Windows' own.
 */
#ifndef THAWLINE_DOCUMENT_DOCUMENT_NAMES_H
#define THAWLINE_DOCUMENT_DOCUMENT_NAMES_H

/* Writer Metadata Document */
#define OUR_ICON "icon" /* base64 */
#define OUR_SERVICE "service"
#define OUR_USER_PROCEDURE "userProcedure"
#define OUR_MAPPING "ALTERNATE_LOCATION_MAPPING"
#define OUR_DEPENDENCY "DEPENDENCY"

#define OUR_USAGE_UNDEFINED "UNDEFINED"
#define OUR_USAGE_OTHER "OTHER"
#define OUR_SOURCE_UNDEFINED "UNDEFINED"
#define OUR_SOURCE_NONTRANSACTED "NONTRANSACTION_DB"
#define OUR_METHOD_UNDEFINED "UNDEFINED"
#define OUR_METHOD_STOP_RESTORE_START "STOP_RESTORE_START"
#define OUR_METHOD_ALTERNATE_LOCATION "RESTORE_TO_ALTERNATE_LOCATION"
#define OUR_METHOD_CUSTOM "CUSTOM"
#define OUR_METHOD_RESTORE_STOP_START "RESTORE_STOP_START"
#define OUR_WRITER_RESTORE_UNDEFINED "undefined"
#define OUR_WRITER_RESTORE_IF_REPLACE_FAILS "ifReplaceFails"

/* Backup Components Document, root */
#define OUR_RESTORE_TYPE "restoreType"

/* backupType; "full" is Windows' */
#define OUR_BACKUP_UNDEFINED "undefined"
#define OUR_BACKUP_INCREMENTAL "incremental"
#define OUR_BACKUP_DIFFERENTIAL "differential"
#define OUR_BACKUP_LOG "log"
#define OUR_BACKUP_COPY "copy"
#define OUR_BACKUP_OTHER "other"

#define OUR_RESTORE_BY_COPY "byCopy"
#define OUR_RESTORE_IMPORT "import"
#define OUR_RESTORE_OTHER "other"

/* COMPONENT, what requestor and writer said at backup */
#define OUR_BACKUP_SUCCEEDED "backupSucceeded"
#define OUR_PREVIOUS_BACKUP_STAMP "previousBackupStamp"
#define OUR_BACKUP_OPTIONS "backupOptions"
#define OUR_PREPARE_FOR_BACKUP_FAILURE "prepareForBackupFailureMsg"
#define OUR_POST_SNAPSHOT_FAILURE "postSnapshotFailureMsg"
#define OUR_FAILURE "FAILURE"
#define OUR_FAILURE_WRITER "hresult"
#define OUR_FAILURE_APPLICATION "applicationHresult"
#define OUR_FAILURE_MESSAGE "message"
#define OUR_PARTIAL_FILE "PARTIAL_FILE"
#define OUR_PARTIAL_FILE_RANGES "ranges"
#define OUR_PARTIAL_FILE_METADATA "metadata"
#define OUR_DIFFERENCED_FILE "DIFFERENCED_FILE"
#define OUR_LAST_MODIFY_TIME "lastModifyTime" /* FILETIME as one decimal number */

/* COMPONENT, what they said at restore */
#define OUR_SELECTED_FOR_RESTORE "selectedForRestore"
#define OUR_ADDITIONAL_RESTORES "additionalRestores"
#define OUR_RESTORE_OPTIONS "restoreOptions"
#define OUR_RESTORE_METADATA "RESTORE_METADATA"
#define OUR_RESTORE_TARGET "restoreTarget"
#define OUR_FILE_RESTORE_STATUS "fileRestoreStatus"
#define OUR_AUTHORITATIVE_RESTORE "authoritativeRestore"
#define OUR_ROLL_FORWARD "rollForward"
#define OUR_ROLL_FORWARD_POINT "rollForwardPoint"
#define OUR_RESTORE_NAME "restoreName"
#define OUR_RESTORE_INSTANCE_ID "restoreInstanceId"
#define OUR_PRE_RESTORE_FAILURE "preRestoreFailureMsg"
#define OUR_POST_RESTORE_FAILURE "postRestoreFailureMsg"
#define OUR_DIRECTED_TARGET "DIRECTED_TARGET"
#define OUR_SOURCE_PATH "sourcePath"
#define OUR_SOURCE_FILE "sourceFile"
#define OUR_SOURCE_RANGES "sourceRanges"
#define OUR_DESTINATION_PATH "destinationPath"
#define OUR_DESTINATION_FILE "destinationFile"
#define OUR_DESTINATION_RANGES "destinationRanges"
#define OUR_NEW_TARGET "NEW_TARGET"
#define OUR_USED_MAPPING "USED_ALTERNATE_LOCATION_MAPPING"
#define OUR_RESTORE_SUBCOMPONENT "RESTORE_SUBCOMPONENT"
#define OUR_REPAIR "repair"

#define OUR_TARGET_ORIGINAL "original"
#define OUR_TARGET_ALTERNATE "alternate"
#define OUR_TARGET_DIRECTED "directed"
#define OUR_TARGET_ORIGINAL_LOCATION "originalLocation"
#define OUR_STATUS_NONE "none"
#define OUR_STATUS_ALL "all"
#define OUR_STATUS_FAILED "failed"
#define OUR_ROLL_FORWARD_NONE "none"
#define OUR_ROLL_FORWARD_ALL "all"
#define OUR_ROLL_FORWARD_PARTIAL "partial"

/* The catalog's record of a shadow copy set: a format of our own altogether. */
#define OUR_SET_NAMESPACE "urn:thawline:snapshot-set"
#define OUR_SET_VERSION "1.0"
#define OUR_SET "SNAPSHOT_SET"
#define OUR_SET_ID "snapshotSetId"
#define OUR_SET_CONTEXT "context"
#define OUR_SET_COUNT "snapshotsCount"
#define OUR_SET_CREATING "creating" /* yes: not committed */
#define OUR_SET_CREATED "created"   /* FILETIME as one decimal number */
#define OUR_SET_ORIGINATING_MACHINE "originatingMachine"
#define OUR_SET_SERVICE_MACHINE "serviceMachine"
#define OUR_SNAPSHOT "SNAPSHOT"
#define OUR_SNAPSHOT_ID "snapshotId"
#define OUR_SNAPSHOT_PROVIDER "providerId"
#define OUR_SNAPSHOT_VOLUME "volumeName"
#define OUR_SNAPSHOT_PATH "volumePath"
#define OUR_SNAPSHOT_DEVICE "deviceObject"
#define OUR_SNAPSHOT_EXPOSED_NAME "exposedName"
#define OUR_SNAPSHOT_EXPOSED_PATH "exposedPath"
#define OUR_SNAPSHOT_ATTRIBUTES "attributes"
#define OUR_SNAPSHOT_DIGEST "digest"
#define OUR_SNAPSHOT_CONSISTENCY "consistency"

#endif

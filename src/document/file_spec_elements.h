/* SPDX-License-Identifier: MIT
 *
 * The attributes of a set of files, in the combinations in which the elements have them. Private to
 * the document room.
 */
#ifndef THAWLINE_DOCUMENT_FILE_SPEC_ELEMENTS_H
#define THAWLINE_DOCUMENT_FILE_SPEC_ELEMENTS_H

#include "document/element.h"

extern const struct element file_list_element;             /* FILE_LIST */
extern const struct element database_files_element;        /* DATABASE_FILES */
extern const struct element database_logfiles_element;     /* DATABASE_LOGFILES */
extern const struct element exclude_files_element;         /* EXCLUDE_FILES */
extern const struct element exclude_from_snapshot_element; /* EXCLUDE_FILES_FROM_SNAPSHOT */
extern const struct element mapping_element;               /* offered by a writer */
extern const struct element used_mapping_element;          /* used by a requestor */
extern const struct element new_target_element;

#endif

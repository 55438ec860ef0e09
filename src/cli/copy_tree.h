/* SPDX-License-Identifier: MIT
 *
 * Copies the sources out of their shadow copies: contents, write and access times, attributes. Not
 * copied: security descriptors, alternate data streams, links. Main thread.
 */
#ifndef THAWLINE_CLI_COPY_TREE_H
#define THAWLINE_CLI_COPY_TREE_H

#include "cli/backup.h"

/* The name under which a source is found in its shadow copy; free() it. */
WCHAR *copy_tree_source(const struct backup *backup, const struct backup_source *source);

/* Copies all sources and fills in files, folders, bytes, links and unread. CANCELLED; otherwise
   fails only when nothing more can be written, and then has said why. */
HRESULT copy_tree(struct backup *backup);

#endif

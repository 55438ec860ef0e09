/* SPDX-License-Identifier: MIT
 *
 * Small trees of files for tests, below the test's own temp folder.
 */
#ifndef THAWLINE_TESTS_SUPPORT_SAMPLE_TREE_H
#define THAWLINE_TESTS_SUPPORT_SAMPLE_TREE_H

#include <stdbool.h>
#include <windows.h>

#define SAMPLE_PATH 1024

/* <temp>\name, without trailing backslash. */
void sample_path(const WCHAR *name, WCHAR *path);
/* Writes the file and makes the folders above it. Paths may be long. */
void sample_write(const WCHAR *path, const void *data, size_t size);
/* Sizes, depths, names and attributes of many kinds. Returns the number of files. */
unsigned sample_make(const WCHAR *folder);
/* `count` files of `size` bytes, a hundred in a folder. */
void sample_make_many(const WCHAR *folder, unsigned count, size_t size);
/* Removes the folder with all that is in it; it need not exist. */
void sample_remove(const WCHAR *folder);
bool sample_exists(const WCHAR *path);

/* Where `thawline backup` puts `path`: <destination>\C\... */
void sample_copy_path(const WCHAR *destination, const WCHAR *path, WCHAR *copy);

/* Fails the test unless `copy` holds what `folder` holds: names, bytes, write times, attributes. */
void sample_assert_same(const WCHAR *folder, const WCHAR *copy);

#endif

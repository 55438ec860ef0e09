/* SPDX-License-Identifier: MIT
 *
 * What tests of `thawline restore` share: a folder and a writer, backed up, lost and restored.
 */
#ifndef THAWLINE_TESTS_SCENARIO_RESTORED_H
#define THAWLINE_TESTS_SCENARIO_RESTORED_H

#include <windows.h>

#include "scenario/cli_process.h"
#include "support/sample_tree.h"
#include "support/scripted_writer.h"
#include "support/test_volume.h"

/* The writer has group\data0, which is one, group\data1, which is two, and group\data1\below, which
   is two\below. */
struct restored
{
    /* <temp>\source with the folders one, two and two\below, its copy, and what it was. */
    WCHAR source[SAMPLE_PATH], copy[SAMPLE_PATH], reference[SAMPLE_PATH], other[SAMPLE_PATH];
    struct scripted_writer writer;
    /* for its metadata: before restored_start_writer */
    VSS_RESTOREMETHOD_ENUM method; /* 0: none */
    const WCHAR *service;
    WCHAR mapping[SAMPLE_PATH]; /* of data0; empty: none */
    DWORD schema;
    /* what PostRestore saw */
    UINT targets, mappings; /* of data0 */
    WCHAR target[SAMPLE_PATH];
    VSS_FILE_RESTORE_STATUS status;
    UINT subcomponents; /* of data1 */
};

extern struct restored restored;

int restored_set_up(void **state);
int restored_tear_down(void **state);
#define RESTORED_TEST(function)                                                                    \
    cmocka_unit_test_setup_teardown(function, restored_set_up, restored_tear_down)

void restored_start_writer(void);
void restored_forget_events(void);

void restored_back_up(void);
/* From now on `reference` is what the source was, and the source is missing. */
void restored_lose_source(void);
#define RESTORE L"restore %ls\\backup-components.xml %ls "
void restored_restore(struct cli_process *cli, const WCHAR *options);
void restored_assert_whole(void);

/* A path of the caller's for a while (test_volume.h). */
static inline const WCHAR *in(const WCHAR *folder, const WCHAR *name)
{
    return test_path(folder, name);
}

#endif

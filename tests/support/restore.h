/* SPDX-License-Identifier: MIT
 *
 * A restore in sentences, for scenario tests: the steps that support/backup.h has for a backup.
 */
#ifndef THAWLINE_TESTS_SUPPORT_RESTORE_H
#define THAWLINE_TESTS_SUPPORT_RESTORE_H

#include "support/backup.h"

/* Makes the object, InitializeForRestore with a saved document, gathers metadata. */
void restore_begin(struct backup *restore, BSTR saved);
/* SetSelectedForRestore of a file group "group\\name". */
HRESULT restore_select(struct backup *restore, VSS_ID id, const WCHAR *name, BOOLEAN selected);
/* What came of the operation, or the failure of the call. */
HRESULT restore_pre(struct backup *restore);
HRESULT restore_post(struct backup *restore);
/* The component `name` in the part of class `id`, as the requestor's document has it; the caller
   releases it. Fails the test when it isn't there. */
IVssComponent *restore_find(struct backup *restore, VSS_ID id, const WCHAR *name);

#endif

/* SPDX-License-Identifier: MIT
 *
 * This computer's names. Any thread.
 */
#ifndef THAWLINE_OS_COMPUTER_H
#define THAWLINE_OS_COMPUTER_H

#include "base/types.h"

/* mem_free *name; "" when it has none of that kind. The system's error. */
HRESULT computer_name(COMPUTER_NAME_FORMAT format, WCHAR **name);

#endif

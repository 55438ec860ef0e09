/* SPDX-License-Identifier: MIT
 *
 * Refusals, explained in the log. Any thread.
 */
#include "view/view_refuse.h"

#include <string.h>

#include "diag/log.h"

static const char *method_name(const char *function)
{
    const char *underscore = strrchr(function, '_');
    return underscore ? underscore + 1 : function;
}

HRESULT view_refuse_null(const char *function)
{
    return log_error(E_INVALIDARG, "%s: a pointer is NULL.", method_name(function));
}

HRESULT view_refuse_state(const char *function, const char *why)
{
    return log_error(VSS_E_BAD_STATE, "%s %s.", method_name(function), why);
}

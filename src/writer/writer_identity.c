/* SPDX-License-Identifier: MIT
 *
 * What a writer may say of itself. See writer_identity.h.
 */
#include "writer/writer_identity.h"

#include <vss.h>
#include <vswriter.h>

#include "base/guid.h"
#include "bus/peer.h"
#include "diag/log.h"
#include "xml/xml_writer.h"

static HRESULT refuse(const char *why)
{
    return log_warning(E_INVALIDARG, "A writer cannot be initialised: %s", why);
}

HRESULT writer_identity_check(const struct writer_traits *traits)
{
    if (!traits->name)
        return refuse("its name must not be NULL.");
    if (guid_is_null(&traits->class_id))
        return refuse("its id must not be GUID_NULL.");
    if (traits->usage <= VSS_UT_UNDEFINED || traits->usage > VSS_UT_OTHER)
        return refuse("its usage type is undefined.");
    if (traits->source <= VSS_ST_UNDEFINED || traits->source > VSS_ST_OTHER)
        return refuse("its source type is undefined.");
    if (traits->level < VSS_APP_SYSTEM || traits->level > VSS_APP_FRONT_END)
        return refuse("its level is none of front end, back end and system.");
    if (!xml_is_valid_text(traits->name) || !xml_is_valid_text(traits->instance_name))
        return refuse("its name holds characters that no XML document can hold.");
    HRESULT hr = peer_check_self(PEER_WRITER);
    return FAILED(hr) ? log_error(hr, "This account may not be a writer.") : S_OK;
}

/* SPDX-License-Identifier: MIT
 *
 * What a writer may say of itself when it is initialised. Follows writer-provider 3.1.
 */
#ifndef THAWLINE_WRITER_WRITER_IDENTITY_H
#define THAWLINE_WRITER_WRITER_IDENTITY_H

#include "bus/writer_traits.h"

/* What a writer gets that names no time between Freeze and Thaw: Initialize's default argument. */
#define WRITER_DEFAULT_FREEZE_TIMEOUT_MS 60000u

/* S_OK, or E_INVALIDARG with a sentence in the log: no name, GUID_NULL, an undefined enumeration
   value, a level that only the system uses, a text that no document can hold; E_ACCESSDENIED as
   peer_check_self has it. */
HRESULT writer_identity_check(const struct writer_traits *traits);

#endif

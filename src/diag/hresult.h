/* SPDX-License-Identifier: MIT
 *
 * HRESULTs: their names and sentences, and the one that means "something else went wrong".
 */
#ifndef THAWLINE_DIAG_HRESULT_H
#define THAWLINE_DIAG_HRESULT_H

#include "base/types.h"

/* "VSS_E_BAD_STATE"; NULL for a code without a name here. */
const char *hresult_name(HRESULT hr);
/* What it means, one sentence; NULL when unknown. */
const char *hresult_meaning(HRESULT hr);

/* "VSS_E_BAD_STATE (0x80042301)", "Win32 error 32 (0x80070020)" or "0x80041234", in a buffer of
   HRESULT_TEXT_SIZE chars that the caller owns. */
#define HRESULT_TEXT_SIZE 96
const char *hresult_text(HRESULT hr, char *buffer);

/* The code of a name as above (any case) or of "0x80042301". False, and *hr untouched, for anything
   else. */
bool hresult_from_text(const char *text, HRESULT *hr);

/* Offers all names. */
struct nearest;
void hresult_offer_names(struct nearest *nearest);

/* VSS_E_UNEXPECTED; E_UNEXPECTED under a profile older than Windows 7. */
HRESULT hresult_unexpected(void);

/* For an API boundary whose documented codes are `allowed` (ending in S_OK): `hr` when it succeeds,
   is E_OUTOFMEMORY or is among them, else hresult_unexpected() with `hr` in the error log. */
HRESULT hresult_documented(HRESULT hr, const HRESULT *allowed, const char *what);

#endif

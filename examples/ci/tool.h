/* SPDX-License-Identifier: MIT
 *
 * What is tested here: the part of a backup tool that makes a shadow copy.
 */
#ifndef TOOL_H
#define TOOL_H

#include <windows.h>

/* Makes a shadow copy of one volume (`X:\`), which is deleted again when it has been looked at.
   Tries so many times while another program makes one. S_FALSE: it was made, and a writer failed;
   *failure is the writer's. Otherwise VSS's code. */
HRESULT make_shadow_copy(const WCHAR *volume, unsigned tries, DWORD pause_ms, HRESULT *failure);

#endif

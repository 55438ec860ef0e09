/* SPDX-License-Identifier: MIT
 *
 * The types every room shares: HRESULT, GUID and 16-bit characters.
 *
 * On Windows they are the system's own. The pure rooms (base, xml, model, document) also build
 * natively for sanitizers and fuzzers, with -fshort-wchar, and get the same types from here.
 */
#ifndef THAWLINE_BASE_TYPES_H
#define THAWLINE_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef _WIN32

#include <windows.h>
#include <vsserror.h>

#else

typedef int32_t HRESULT;
typedef int32_t LONG;
typedef int64_t LONGLONG;
typedef uint32_t DWORD;
typedef uint16_t WORD;
typedef uint8_t BYTE;
typedef unsigned int UINT;
typedef wchar_t WCHAR;

typedef struct
{
    DWORD Data1;
    WORD Data2;
    WORD Data3;
    BYTE Data4[8];
} GUID;

typedef struct
{
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME;

#define SUCCEEDED(hr) ((HRESULT)(hr) >= 0)
#define FAILED(hr) ((HRESULT)(hr) < 0)

#define S_OK ((HRESULT)0x00000000)
#define S_FALSE ((HRESULT)0x00000001)
#define E_NOTIMPL ((HRESULT)0x80004001)
#define E_POINTER ((HRESULT)0x80004003)
#define E_FAIL ((HRESULT)0x80004005)
#define E_UNEXPECTED ((HRESULT)0x8000FFFF)
#define E_ACCESSDENIED ((HRESULT)0x80070005)
#define E_OUTOFMEMORY ((HRESULT)0x8007000E)
#define E_INVALIDARG ((HRESULT)0x80070057)
#define VSS_E_BAD_STATE ((HRESULT)0x80042301)
#define VSS_E_UNEXPECTED ((HRESULT)0x80042302)
#define VSS_E_OBJECT_NOT_FOUND ((HRESULT)0x80042308)
#define VSS_E_OBJECT_ALREADY_EXISTS ((HRESULT)0x8004230D)
#define VSS_E_CORRUPT_XML_DOCUMENT ((HRESULT)0x80042310)
#define VSS_E_INVALID_XML_DOCUMENT ((HRESULT)0x80042311)

_Static_assert(sizeof(wchar_t) == 2, "native builds need -fshort-wchar");

#endif

#endif

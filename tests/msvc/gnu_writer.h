/* SPDX-License-Identifier: MIT
 *
 * Writers made with include/vsswriter.h by mingw-w64's compilers, in C and in C++, behind the face
 * of msvc_writer.h: tests do with them what they do with those of Microsoft's ABI.
 *
 * Read by all three compilers: structures hold only what they lay out alike.
 */
#ifndef THAWLINE_TESTS_MSVC_GNU_WRITER_H
#define THAWLINE_TESTS_MSVC_GNU_WRITER_H

#include "msvc/msvc_writer.h"

#ifdef __cplusplus
extern "C"
{
#endif

    struct gnu_writer;

    /* What msvc_writer.h asks of a writer; see there. */
    struct gnu_operations
    {
        HRESULT(__cdecl *initialize)(struct gnu_writer *writer);
        HRESULT(__cdecl *subscribe)(struct gnu_writer *writer);
        HRESULT(__cdecl *unsubscribe)(struct gnu_writer *writer);
        HRESULT(__cdecl *install_alternate)(struct gnu_writer *writer);
        HRESULT(__cdecl *fail)
        (struct gnu_writer *writer, HRESULT failure, HRESULT application, LPCWSTR message);
        void(__cdecl *ask)(struct gnu_writer *writer, struct msvc_event *event);
        void(__cdecl *destroy)(struct gnu_writer *writer);
    };

    /* Each writer begins with it. */
    struct gnu_writer
    {
        const struct gnu_operations *operations;
        struct msvc_orders orders;
    };

    /* GNU_C, GNU_C_EX; the other kinds that begin with GNU. NULL: no memory. */
    struct gnu_writer *__cdecl gnu_c_create(const struct msvc_orders *orders);
    struct gnu_writer *__cdecl gnu_cxx_create(const struct msvc_orders *orders);
    UINT __cdecl gnu_c_base_size(void);
    UINT __cdecl gnu_cxx_base_size(enum msvc_kind kind);

    /* The instance id in what an IVssCreateWriterMetadata holds so far, and in what an
       IVssExamineWriterMetadata does. Zeros: there is none. */
    VSS_ID __cdecl gnu_instance_in(void *metadata);
    VSS_ID __cdecl gnu_instance_of(void *identity);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * Packs an object and unpacks it again, from a block that ends where the bytes end. Include it
 * after cmocka.h.
 */
#ifndef THAWLINE_TESTS_REPACK_H
#define THAWLINE_TESTS_REPACK_H

#include "base/mem.h"
#include "document/document.h"

/* *out is touched on success only. */
#define REPACK(kind)                                                                               \
    static inline HRESULT unpack_##kind(const BYTE *bytes, size_t size, struct kind **out)         \
    {                                                                                              \
        struct pack_reader reader;                                                                 \
        pack_reader_open(&reader, bytes, size);                                                    \
        HRESULT hr = document_unpack_##kind(&reader, out);                                         \
        assert_int_equal(hr, reader.failure);                                                      \
        if (SUCCEEDED(hr))                                                                         \
            assert_int_equal(reader.left, 0);                                                      \
        return hr;                                                                                 \
    }                                                                                              \
                                                                                                   \
    static inline HRESULT repack_##kind(const struct kind *object, struct kind **out)              \
    {                                                                                              \
        struct pack_writer writer = {0};                                                           \
        BYTE *exact = NULL;                                                                        \
        HRESULT hr = document_pack_##kind(object, &writer);                                        \
        if (SUCCEEDED(hr))                                                                         \
        {                                                                                          \
            exact = mem_dup(writer.bytes, writer.size);                                            \
            hr = exact ? unpack_##kind(exact, writer.size, out) : E_OUTOFMEMORY;                   \
        }                                                                                          \
        mem_free(exact);                                                                           \
        pack_writer_free(&writer);                                                                 \
        return hr;                                                                                 \
    }

REPACK(writer_metadata)
REPACK(writer_components)

#endif

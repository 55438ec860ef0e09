/* SPDX-License-Identifier: MIT
 *
 * What the tests of IVssCreateWriterMetadata(Ex) and IVssCreateExpressWriterMetadata share. Include
 * it after cmocka.h.
 */
#ifndef THAWLINE_TESTS_UNIT_WRITER_METADATA_MAKING_H
#define THAWLINE_TESTS_UNIT_WRITER_METADATA_MAKING_H

#include <string.h>

#include <vss.h>
#include <vswriter.h>

#include "base/mem.h"
#include "base/str16.h"
#include "model/writer_metadata.h"

static const GUID writer_id = {0xA0A0A0A0, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};
static const GUID other_id = {0xB0B0B0B0, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};

#define MASK 0xF0Fu /* what the header passes when the argument is left out */

/* No document can hold it. */
static const WCHAR control[] = {L'a', 1, 0};

static inline struct writer_metadata *make_metadata(const WCHAR *name)
{
    struct writer_metadata *metadata = writer_metadata_create();
    assert_non_null(metadata);
    metadata->writer_id = writer_id;
    metadata->usage = VSS_UT_USERDATA;
    metadata->source = VSS_ST_OTHER;
    assert_int_equal(str16_assign(&metadata->writer_name, name), S_OK);
    return metadata;
}

/* Takes the document. */
static inline void check_holds(BSTR xml, const char *wanted, bool holds)
{
    char *text = utf8_from_str16(xml, SysStringLen(xml), NULL);
    SysFreeString(xml);
    assert_non_null(text);
    bool found = strstr(text, wanted) != NULL;
    if (found != holds)
        print_error("%s\n%s\n", wanted, text);
    mem_free(text);
    assert_int_equal(found, holds);
}

#endif

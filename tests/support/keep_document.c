/* SPDX-License-Identifier: MIT
 *
 * Documents as files in UTF-8. See keep_document.h.
 */
#include "support/keep_document.h"

#include <stdio.h>
#include <stdlib.h>

/* Of one test; tests of thousands of documents write similar ones. */
#define MOST 1000

static unsigned kept;

static void put_utf8(unsigned long code, FILE *file)
{
    if (code < 0x80)
    {
        putc((int)code, file);
        return;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xC0, 0xE0, 0xF0};
    putc((int)(leads[more] | code >> (6 * more)), file);
    while (more-- > 0)
        putc((int)(0x80 | (code >> (6 * more) & 0x3F)), file);
}

void keep_document(const char *schema, const wchar_t *text)
{
    char path[1024];
    const char *folder = getenv("THAWLINE_KEPT_DOCUMENTS");
    if (!folder || !*folder || kept >= MOST)
        return;
    snprintf(path, sizeof(path), "%s/%s.%u.xml", folder, schema, kept++);
    FILE *file = fopen(path, "wb");
    if (!file)
    {
        /* The validation would silently see less. */
        fprintf(stderr, "%s can't be written\n", path);
        abort();
    }
    for (; *text; text++)
    {
        unsigned long code = (unsigned short)*text;
        if (code >= 0xD800 && code < 0xDC00)
            code = 0x10000 + ((code - 0xD800) << 10) + ((unsigned short)*++text - 0xDC00u);
        put_utf8(code, file);
    }
    fclose(file);
}

void keep_no_documents(void)
{
    kept = MOST;
}

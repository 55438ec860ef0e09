/* SPDX-License-Identifier: MIT
 *
 * What faults can match of writers, events and messages. See bus_fault.h.
 */
#include "bus/bus_fault.h"

#include "base/guid.h"
#include "base/mem.h"

/* Longer than what a rule can match; a writer's name that is longer still is cut. */
#define DETAIL_UNITS 256

/* The ways to name a writer. */
enum named_by
{
    BY_NAME,
    BY_CLASS,
    BY_INSTANCE,
    BY_COUNT
};

struct details
{
    WCHAR texts[BY_COUNT][DETAIL_UNITS];
};

static size_t append(WCHAR *detail, size_t length, const WCHAR *text)
{
    while (text && *text && length < DETAIL_UNITS - 1)
        detail[length++] = *text++;
    detail[length] = 0;
    return length;
}

static size_t append_ascii(WCHAR *detail, const char *text)
{
    size_t length = 0;
    while (*text && length < DETAIL_UNITS - 1)
        detail[length++] = (WCHAR)*text++;
    detail[length] = 0;
    return length;
}

static void append_id(WCHAR *detail, size_t length, const GUID *id)
{
    WCHAR text[GUID_TEXT_LENGTH + 1];
    guid_to_text(id, text);
    length = append(detail, length, L"{");
    length = append(detail, length, text);
    append(detail, length, L"}");
}

/* `prefix` (may be "") stands before each name. */
static void name_writer(
    struct details *details, const char *prefix, const struct writer_traits *traits)
{
    for (int i = 0; i < BY_COUNT; i++)
    {
        WCHAR *detail = details->texts[i];
        size_t length = append_ascii(detail, prefix);
        if (length)
            length = append(detail, length, L":");
        if (i == BY_NAME)
            append(detail, length, traits->name);
        else
            append_id(detail, length, i == BY_CLASS ? &traits->class_id : &traits->instance_id);
    }
}

static HRESULT pass(enum fault_point point, const char *what, const struct writer_traits *traits)
{
    struct details details;
    WCHAR alone[DETAIL_UNITS];
    if (!fault_watches(point))
        return S_OK;
    append_ascii(alone, what);
    name_writer(&details, what, traits);
    const WCHAR *const all[] = {*alone ? alone : NULL, details.texts[BY_NAME],
        details.texts[BY_CLASS], details.texts[BY_INSTANCE]};
    return fault_at_any(point, all, sizeof(all) / sizeof(all[0]));
}

HRESULT bus_fault_at_event(
    enum fault_point point, enum vss_event event, const struct writer_traits *traits)
{
    return pass(point, event_name(event), traits);
}

bool bus_fault_hides(const struct writer_traits *traits)
{
    return pass(FAULT_WRITER_FOUND, "", traits) == FAULT_DROPPED;
}

HRESULT bus_fault_at_frame(enum wire_kind kind, const struct writer_traits *traits)
{
    static const char *const names[] = {[WIRE_HELLO] = "hello",
        [WIRE_GREETING] = "greeting",
        [WIRE_EVENT] = "event",
        [WIRE_STATUS] = "status",
        [WIRE_ABANDON] = "abandon",
        [WIRE_ANSWER] = "answer"};
    return pass(FAULT_IPC_FRAME, names[kind], traits);
}

void bus_fault_send(HRESULT fate, struct pipe *pipe, BYTE *bytes, size_t size)
{
    if (fate == S_OK)
    {
        pipe_send(pipe, bytes, size);
        return;
    }
    mem_free(bytes);
    if (fate != FAULT_DROPPED)
        pipe_close(pipe);
}

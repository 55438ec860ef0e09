/* SPDX-License-Identifier: MIT
 *
 * Loading and saving a writer document with 40,000 file entries, next to the bare libexpat parse of
 * the same text (UTF-8, in memory, no handlers), and again with twice the entries. Everything is
 * measured in turn within one run, several times, and the medians of the ratios count: the machine
 * may be noisy, but it is equally so for both. A reader's whole way, text to last file set, is
 * measured with a System Writer's 19,000 entries and with a tenth of them. Exit code 1: a ratio
 * exceeds its limit.
 */
#include <expat.h>
#include <windows.h>
#include <psapi.h> /* needs windows.h before it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str16.h"
#include "document/document.h"
#include "view/view.h"

#define ENTRIES 40000
#define RUNS 11

/* At most so many times the bare parse, and so many times the time for twice the entries. */
#define MOST_LOAD 3.0
#define MOST_SAVE 3.0
#define MOST_GROWTH 2.2

/* A single value: so many characters and twice as many. Its times are short, so that the limit is
   wider; scanning anew would give 4. */
#define VALUE_CHARACTERS 4000000
#define MOST_VALUE_GROWTH 3.0

/* A reader's walk: so many entries, and a tenth of them ten times over. A walk that begins anew for
   each entry would give 10. */
#define WALKED_ENTRIES 19000
#define MOST_WALK_GROWTH 1.5

struct sample
{
    char *utf8;
    size_t bytes;
    WCHAR *text;
    size_t units;
};

struct times
{
    double parse;
    double load;
    double save;
    double release;
};

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench_documents: %s failed\n", what);
    exit(2);
}

/* Entries of about 111 characters, as in a System Writer's document (2.1 MB for 18,925). */
static struct sample make_sample(unsigned entries)
{
    static const char head[] =
        "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\">"
        "<IDENTIFICATION writerId=\"e8132975-6f93-4464-a53e-1050253ae220\""
        " instanceId=\"11111111-2222-3333-4444-555555555555\" friendlyName=\"Bench Writer\""
        " usage=\"BOOTABLE_SYSTEM_STATE\" dataSource=\"OTHER\" majorVersion=\"0\""
        " minorVersion=\"0\"/><BACKUP_LOCATIONS><FILE_GROUP componentName=\"System Files\""
        " restoreMetadata=\"no\" notifyOnBackupComplete=\"no\" selectable=\"no\""
        " selectableForRestore=\"no\" componentFlags=\"0\">";
    static const char tail[] = "</FILE_GROUP></BACKUP_LOCATIONS></WRITER_METADATA>";
    struct sample sample = {NULL, 0, NULL, 0};
    size_t capacity = sizeof(head) + sizeof(tail) + (size_t)entries * 200;
    char *at = mem_alloc(capacity);
    check(at != NULL, "allocating the sample");
    sample.utf8 = at;
    at += sprintf(at, "%s", head);
    for (unsigned i = 0; i < entries; i++)
        at += sprintf(at,
            "<FILE_LIST path=\"%%windir%%\\system32\\drivers\\d%05u\" filespec=\"file%05u.%s\"%s"
            " filespecBackupType=\"3855\"/>",
            i / 10, i, i % 3 ? "sys" : "dll", i % 50 ? "" : " recursive=\"yes\"");
    at += sprintf(at, "%s", tail);
    sample.bytes = (size_t)(at - sample.utf8);
    sample.text = str16_from_utf8(sample.utf8, sample.bytes, &sample.units);
    check(sample.text != NULL, "converting the sample");
    return sample;
}

static void free_sample(struct sample *sample)
{
    mem_free(sample->utf8);
    mem_free(sample->text);
}

static double now_ms(void)
{
    LARGE_INTEGER count, frequency;
    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return 1000.0 * (double)count.QuadPart / (double)frequency.QuadPart;
}

static void bare_parse(const struct sample *sample)
{
    XML_Parser parser = XML_ParserCreate("UTF-8");
    check(parser != NULL, "XML_ParserCreate");
    check(XML_Parse(parser, sample->utf8, (int)sample->bytes, XML_TRUE) == XML_STATUS_OK,
        "XML_Parse");
    XML_ParserFree(parser);
}

/* One value of so many characters: libexpat must not scan it anew with each piece of the text. */
static double load_long_value(size_t characters)
{
    static const char head[] =
        "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\"><IDENTIFICATION"
        " writerId=\"e8132975-6f93-4464-a53e-1050253ae220\""
        " instanceId=\"11111111-2222-3333-4444-555555555555\" friendlyName=\"";
    struct str16_builder builder = {0};
    struct writer_metadata *metadata = NULL;
    str16_builder_add_ascii(&builder, head);
    for (size_t i = 0; i < characters; i += 10)
        str16_builder_add_ascii(&builder, "0123456789");
    str16_builder_add_ascii(&builder, "\"/></WRITER_METADATA>");
    size_t length = builder.length;
    WCHAR *text = str16_builder_take(&builder);
    check(text != NULL, "building the long value");
    double start = now_ms();
    HRESULT hr = document_load_writer_metadata(text, length, &metadata, NULL);
    double time = now_ms() - start;
    check(SUCCEEDED(hr), "loading the long value");
    writer_metadata_release(metadata);
    mem_free(text);
    return time;
}

static struct times measure(const struct sample *sample, unsigned entries)
{
    struct writer_metadata *metadata = NULL;
    WCHAR *saved = NULL;
    size_t length = 0;
    struct times times;
    double start = now_ms();
    bare_parse(sample);
    times.parse = now_ms() - start;

    start = now_ms();
    HRESULT hr = document_load_writer_metadata(sample->text, sample->units, &metadata, NULL);
    times.load = now_ms() - start;
    check(SUCCEEDED(hr), "loading");
    struct metadata_component *component = vec_at(&metadata->components, 0);
    check(component && component->files.count == entries, "finding every entry");

    start = now_ms();
    hr = document_save_writer_metadata(metadata, &saved, &length);
    times.save = now_ms() - start;
    check(SUCCEEDED(hr) && length >= sample->units, "saving");

    start = now_ms();
    writer_metadata_release(metadata);
    times.release = now_ms() - start;
    mem_free(saved);
    return times;
}

/* Text to last file set through IVssExamineWriterMetadata, by index as callers do. */
static double walk(const struct sample *sample, unsigned entries)
{
    IVssExamineWriterMetadataEx2 *metadata = NULL;
    IVssWMComponent *component = NULL;
    IVssWMFiledesc *file = NULL;
    unsigned found = 0;
    double start = now_ms();
    check(view_examine_from_xml(sample->text, sample->units, &metadata) == S_OK, "examining");
    check(metadata->lpVtbl->GetComponent(metadata, 0, &component) == S_OK, "GetComponent");
    for (; IVssWMComponent_GetFile(component, found, &file) == S_OK; found++)
    {
        BSTR text = NULL;
        check(IVssWMFiledesc_GetFilespec(file, &text) == S_OK, "GetFilespec");
        SysFreeString(text);
        IVssWMFiledesc_Release(file);
    }
    IVssWMComponent_Release(component);
    metadata->lpVtbl->Release(metadata);
    check(found == entries, "walking to the end");
    return now_ms() - start;
}

static double walk_tenth(const struct sample *sample)
{
    double time = 0;
    for (int i = 0; i < 10; i++)
        time += walk(sample, WALKED_ENTRIES / 10);
    return time;
}

static int compare(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

static double median(const double *values)
{
    double sorted[RUNS];
    memcpy(sorted, values, sizeof(sorted));
    qsort(sorted, RUNS, sizeof(sorted[0]), compare);
    return sorted[RUNS / 2];
}

static bool report(const char *what, const double *ratios, double most)
{
    double ratio = median(ratios);
    bool ok = ratio <= most;
    printf("  %-44s %5.2f  (at most %.1f)%s\n", what, ratio, most, ok ? "" : "  EXCEEDED");
    return ok;
}

static size_t peak_memory(void)
{
    PROCESS_MEMORY_COUNTERS counters = {.cb = sizeof(counters)};
    check(GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof(counters)), "memory info");
    return counters.PeakWorkingSetSize;
}

int main(void)
{
    struct sample once = make_sample(ENTRIES);
    struct sample twice = make_sample(ENTRIES * 2);
    double parse[RUNS], load[RUNS], save[RUNS], release[RUNS];
    double load_ratio[RUNS], save_ratio[RUNS], load_growth[RUNS], save_growth[RUNS];
    double value_growth[RUNS], walked[RUNS], walk_growth[RUNS];
    struct sample system = make_sample(WALKED_ENTRIES);
    struct sample tenth = make_sample(WALKED_ENTRIES / 10);
    size_t before = peak_memory();
    size_t after = before;

    measure(&once, ENTRIES); /* warms the heap */
    after = peak_memory();
    for (int i = 0; i < RUNS; i++)
    {
        struct times small = measure(&once, ENTRIES);
        struct times large = measure(&twice, ENTRIES * 2);
        parse[i] = small.parse;
        load[i] = small.load;
        save[i] = small.save;
        release[i] = small.release;
        load_ratio[i] = small.load / small.parse;
        save_ratio[i] = small.save / small.parse;
        load_growth[i] = large.load / small.load;
        save_growth[i] = large.save / small.save;
        walked[i] = walk(&system, WALKED_ENTRIES);
        walk_growth[i] = walked[i] / walk_tenth(&tenth);
        value_growth[i] = load_long_value(VALUE_CHARACTERS * 2) / load_long_value(VALUE_CHARACTERS);
    }
    printf("Writer document, %u entries, %.1f MB of UTF-8, medians of %d runs:\n", ENTRIES,
        (double)once.bytes / 1e6, RUNS);
    printf("  bare parse %.1f ms, load %.1f ms, save %.1f ms, release %.1f ms\n", median(parse),
        median(load), median(save), median(release));
    bool ok = report("load / bare parse", load_ratio, MOST_LOAD);
    ok &= report("save / bare parse", save_ratio, MOST_SAVE);
    ok &= report("load, twice the entries / load", load_growth, MOST_GROWTH);
    ok &= report("save, twice the entries / save", save_growth, MOST_GROWTH);
    printf("  load and walk of %u entries %.1f ms\n", WALKED_ENTRIES, median(walked));
    ok &= report("load and walk / ten times a tenth of it", walk_growth, MOST_WALK_GROWTH);
    ok &= report("load, one value of 8 M characters / 4 M", value_growth, MOST_VALUE_GROWTH);
    printf("  peak memory of one load and save: %.1f MB above the text\n",
        (double)(after - before) / 1e6);
    free_sample(&once);
    free_sample(&twice);
    free_sample(&system);
    free_sample(&tenth);
    return ok ? 0 : 1;
}

/*
 * A source output that remembers what a source hands over, so that a source can be tested without a
 * job around it. It defines the functions of <weir/source.h> that a job would, so include it in one
 * file of a test program.
 */
#ifndef WEIR__TESTS_SOURCE_OUTPUT_H
#define WEIR__TESTS_SOURCE_OUTPUT_H

#include "base/buf.h"
#include "base/mem.h"

#include <weir/source.h>

#include <inttypes.h>
#include <stdlib.h>

struct weir_source_output {
    const struct weir_type *type;
    struct weir__buf
        log; /* "+0 " split added, "-0 " finished, "0:value " event, "0!position " dead letter */
    struct weir__buf values; /* only "value\n" */
    int64_t events;
    int64_t dead_letters;
    int64_t counted; /* by weir_source_count */
    struct weir_error last_reason;
    size_t last_payload;
    int64_t last_timestamp;
};

void weir_source_split_added(weir_source_output *out, int32_t split)
{
    weir__buf_printf(&out->log, "+%" PRId32 " ", split);
}

void weir_source_split_finished(weir_source_output *out, int32_t split)
{
    weir__buf_printf(&out->log, "-%" PRId32 " ", split);
}

void weir_source_no_splits(weir_source_output *out)
{
    weir__buf_printf(&out->log, "none ");
}

void weir_source_emit(weir_source_output *out, int32_t split, const void *value, int64_t timestamp)
{
    char text[512];
    (void)weir_value_to_json(out->type, value, text, sizeof text);
    weir__buf_printf(&out->log, "%" PRId32 ":%s ", split, text);
    weir__buf_printf(&out->values, "%s\n", text);
    out->events++;
    out->last_timestamp = timestamp;
}

void weir_source_dead_letter(weir_source_output *out, int32_t split, int64_t position,
                             const char *bytes, size_t len, const struct weir_error *reason)
{
    (void)bytes;
    weir__buf_printf(&out->log, "%" PRId32 "!%" PRId64 " ", split, position);
    out->dead_letters++;
    out->last_reason = *reason;
    out->last_payload = len;
}

void weir_source_count(weir_source_output *out, const char *metric, int64_t increment)
{
    (void)metric;
    out->counted += increment;
}

static inline void source_output_fini(weir_source_output *out)
{
    weir__buf_fini(&out->log);
    weir__buf_fini(&out->values);
}

/* One subtask's reader of a source, opened. */
struct source_reader {
    weir_source *source;
    void *reader;
    struct weir_error error;
};

static inline struct source_reader source_reader_open(weir_source *source,
                                                      const struct weir_source_context *context)
{
    struct source_reader opened = {.source = source,
                                   .reader = source->ops->reader_new(source->config)};
    (void)source->ops->open(opened.reader, context, &opened.error);
    return opened;
}

/* What it says by itself. */
static inline enum weir_poll source_reader_ask(struct source_reader *opened,
                                               weir_source_output *out, int budget)
{
    return opened->source->ops->poll(opened->reader, out, budget, &opened->error);
}

/* Here nothing is nothing, whether or not more is known to come. */
static inline enum weir_poll source_reader_poll(struct source_reader *opened,
                                                weir_source_output *out, int budget)
{
    enum weir_poll polled = source_reader_ask(opened, out, budget);
    return polled == WEIR_POLL_WAITING ? WEIR_POLL_NOTHING : polled;
}

/* Polls until the source has nothing or ends. */
static inline enum weir_poll source_reader_drain(struct source_reader *opened,
                                                 weir_source_output *out, int budget)
{
    enum weir_poll last;
    do {
        last = source_reader_poll(opened, out, budget);
    } while (last == WEIR_POLL_MORE);
    return last;
}

static inline void source_reader_close(struct source_reader *opened)
{
    opened->source->ops->reader_free(opened->reader);
}

static inline void source_free(weir_source *source)
{
    if (source->ops->config_free != NULL) {
        source->ops->config_free(source->config);
    }
    weir__free(source);
}

#endif

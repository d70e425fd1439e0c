/*
 * The generator source: values made by a function of their index, as fast as the job takes them or
 * at a given rate.
 *
 * Split s of n makes the indexes s, s + n, s + 2n, …; a subtask owns the splits whose number is its
 * own modulo the parallelism, and takes turns among them, so its indexes rise. Position: for each
 * split owned, its number and its next index.
 *
 *     position    count, then count times (split, next index), all varints
 */
#include "base/buf.h"
#include "base/mem.h"

#include <weir/connectors.h>

#define NS_PER_SECOND INT64_C(1000000000)

struct split {
    int32_t number;
    int64_t next;
    bool finished;
};

struct reader {
    const struct weir_generator_source_config *config;
    const struct weir_clock *clock;
    void *value; /* config->type->size bytes, zeroed before each call of next */
    struct split *splits;
    int split_count;
    int turn; /* the split whose event comes next */
    bool started;
    int64_t start_ns;    /* pacing counts from here … */
    int64_t start_index; /* … and from this index */
    struct weir__buf position;
};

static void *reader_new(const void *config)
{
    struct reader *reader = WEIR__NEW(struct reader);
    reader->config = config;
    reader->value = weir__calloc(1, reader->config->type->size);
    return reader;
}

static enum weir_status reader_open(void *self, const struct weir_source_context *context,
                                    struct weir_error *error)
{
    struct reader *reader = self;
    int splits = reader->config->splits;
    (void)error;
    reader->clock = context->clock;
    reader->splits = weir__calloc((size_t)splits, sizeof *reader->splits);
    for (int s = context->subtask; s < splits; s += context->parallelism) {
        reader->splits[reader->split_count++] = (struct split){.number = s, .next = s};
    }
    return WEIR_OK;
}

/* Announces the splits and starts the clock of the rate. */
static void start(struct reader *reader, weir_source_output *out)
{
    reader->started = true;
    reader->start_ns = weir_clock_ns(reader->clock);
    reader->start_index = INT64_MAX;
    for (int i = 0; i < reader->split_count; i++) {
        weir_source_split_added(out, reader->splits[i].number);
        if (reader->splits[i].next < reader->start_index) {
            reader->start_index = reader->splits[i].next;
        }
    }
}

/* The first index that is not due yet. */
static int64_t due(const struct reader *reader)
{
    int64_t rate = reader->config->per_second;
    if (rate <= 0 || reader->split_count == 0) {
        return INT64_MAX;
    }
    int64_t elapsed = weir_clock_ns(reader->clock) - reader->start_ns;
    int64_t seconds = elapsed / NS_PER_SECOND;
    int64_t rest = elapsed % NS_PER_SECOND;
    /* The first event is due at once. */
    return reader->start_index + seconds * rate +
           (int64_t)((double)rest * (double)rate / (double)NS_PER_SECOND) + 1;
}

/* Makes the next event of a split, or finishes the split. */
static void make(struct reader *reader, weir_source_output *out, struct split *split)
{
    const struct weir_generator_source_config *config = reader->config;
    int64_t timestamp = WEIR_TIME_MIN;
    weir_value_init(config->type, reader->value);
    if ((config->count > 0 && split->next >= config->count) ||
        !config->next(split->next, reader->value, &timestamp, config->user)) {
        split->finished = true;
        weir_source_split_finished(out, split->number);
        return;
    }
    split->next += config->splits;
    weir_source_emit(out, split->number, reader->value, timestamp);
}

static enum weir_poll reader_poll(void *self, weir_source_output *out, int budget,
                                  struct weir_error *error)
{
    struct reader *reader = self;
    (void)error;
    if (!reader->started) {
        start(reader, out);
    }
    int64_t end = due(reader);
    bool waiting = false;
    for (int finished = 0; finished < reader->split_count && budget > 0 && !waiting;) {
        struct split *split = &reader->splits[reader->turn];
        if (split->finished) {
            finished++;
        } else if (split->next >= end) {
            waiting = true;
            break;
        } else {
            finished = 0;
            budget--;
            make(reader, out, split);
        }
        reader->turn = (reader->turn + 1) % reader->split_count;
    }
    if (waiting) {
        return WEIR_POLL_NOTHING;
    }
    for (int i = 0; i < reader->split_count; i++) {
        if (!reader->splits[i].finished) {
            return WEIR_POLL_MORE;
        }
    }
    return WEIR_POLL_END;
}

static struct weir_str reader_snapshot(void *self)
{
    struct reader *reader = self;
    reader->position.len = 0;
    weir__buf_put_varint(&reader->position, (uint64_t)reader->split_count);
    for (int i = 0; i < reader->split_count; i++) {
        weir__buf_put_varint(&reader->position, (uint64_t)reader->splits[i].number);
        weir__buf_put_varint(&reader->position, (uint64_t)reader->splits[i].next);
    }
    return (struct weir_str){reader->position.data, (uint32_t)reader->position.len};
}

/* Takes over the splits that this subtask owns; those of others may be in the position after a
 * change of parallelism. */
static enum weir_status reader_restore(void *self, struct weir_str position,
                                       struct weir_error *error)
{
    struct reader *reader = self;
    struct weir__reader in = weir__reader_of(position);
    uint64_t count = weir__read_varint(&in);
    for (uint64_t n = 0; n < count && !in.failed; n++) {
        uint64_t number = weir__read_varint(&in);
        uint64_t next = weir__read_varint(&in);
        for (int i = 0; i < reader->split_count && !in.failed; i++) {
            if ((uint64_t)reader->splits[i].number == number) {
                reader->splits[i].next = (int64_t)next;
            }
        }
    }
    return in.failed ? weir_error_set(error, WEIR_CORRUPT, "generator source",
                                      "the position is cut short")
                     : WEIR_OK;
}

static void reader_free(void *self)
{
    struct reader *reader = self;
    weir__buf_fini(&reader->position);
    weir__free(reader->splits);
    weir__free(reader->value);
    weir__free(reader);
}

static const struct weir_source_ops generator_ops = {
    .kind = "Generator",
    .reader_new = reader_new,
    .open = reader_open,
    .poll = reader_poll,
    .snapshot = reader_snapshot,
    .restore = reader_restore,
    .reader_free = reader_free,
    .config_free = weir__free,
};

weir_source *weir_generator_source(const struct weir_generator_source_config *config)
{
    struct weir_generator_source_config *copy = weir__memdup(config, sizeof *config);
    if (copy->splits < 1) {
        copy->splits = 1;
    }
    return weir_source_new(&generator_ops, copy->name != NULL ? copy->name : "Generator",
                           copy->type, copy);
}

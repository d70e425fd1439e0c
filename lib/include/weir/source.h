/*
 * The source contract: what a connector implements so that a job can read from it.
 *
 * A source has splits (a Kafka partition, a file), numbered by the source. Each subtask owns some
 * of them and is polled by one thread. poll must not block: when nothing is there it says so, and
 * the task sleeps until the wake-up or a short time-out.
 */
#ifndef WEIR_SOURCE_H
#define WEIR_SOURCE_H

#include <weir/clock.h>
#include <weir/process.h>
#include <weir/time.h>

struct weir_source_context {
    int subtask; /* 0 … parallelism - 1 */
    int parallelism;
    const char *operator_name;
    /* NULL-terminated "key=value" settings of the job (-X, -F), or NULL */
    const char *const *properties;
    const char *brokers; /* KAFKA_BROKERS / -b of the job, or NULL */
    const struct weir_clock *clock;
    int64_t checkpoint_interval_ms; /* of the job; 0: it takes none */
    /* Wakes the task from any thread when data arrives, until reader_free; may be ignored by
     * sources that are polled anyway. */
    void (*wake)(void *waker);
    void *waker;
};

typedef struct weir_source_output weir_source_output;

/* Announces a split before its first event, and its end. An announced split holds the watermark
 * back until it has one or is idle. */
void weir_source_split_added(weir_source_output *out, int32_t split);
void weir_source_split_finished(weir_source_output *out, int32_t split);
/* Says that this subtask has no split for the time being (there are fewer than subtasks): nobody
 * downstream waits for its watermark. A split that is added later makes it count again. */
void weir_source_no_splits(weir_source_output *out);
/* Hands over one event; `value` is borrowed. timestamp: epoch ms, or WEIR_TIME_MIN when the source
 * knows none. */
void weir_source_emit(weir_source_output *out, int32_t split, const void *value, int64_t timestamp);
/* Hands over bytes that could not be decoded: counted, and sent to the side output
 * weir_dead_letters. */
void weir_source_dead_letter(weir_source_output *out, int32_t split, int64_t position,
                             const char *bytes, size_t len, const struct weir_error *reason);

/* Adds to a counter of the source's own in the operator's metrics, as weir_count does for a process
 * function. */
void weir_source_count(weir_source_output *out, const char *metric, int64_t increment);

/* What arrives at weir_side_output(stream, &weir_dead_letters). payload: at most the first 64 KiB,
 * invalid bytes escaped. */
#define WEIR_DEAD_LETTER_FIELDS(F, T)                                                              \
    F(T, string, source, "source", required)                                                       \
    F(T, int64, split, "split", required)                                                          \
    F(T, int64, position, "position", required)                                                    \
    F(T, string, reason, "reason", required)                                                       \
    F(T, string, payload, "payload", required)
WEIR_DECLARE_TYPE(weir_dead_letter, WEIR_DEAD_LETTER_FIELDS);
extern const struct weir_output_tag weir_dead_letters;

/* What a position means to Kafka: the next offset to read of one partition, for a consumer group.
 */
struct weir_source_offset {
    const char *group_id;
    const char *topic;
    int32_t partition;
    int64_t next;
};

enum weir_poll {
    WEIR_POLL_MORE,    /* emitted something, or may at once */
    WEIR_POLL_NOTHING, /* nothing there now */
    WEIR_POLL_WAITING, /* the same, but more is known to come: --stop-idle waits for it */
    WEIR_POLL_END,     /* there will never be anything more */
    WEIR_POLL_FAILED,  /* *error says why; the job fails */
};

struct weir_source_ops {
    const char *kind;                        /* "Kafka", "File", … */
    void *(*reader_new)(const void *config); /* one a subtask */
    enum weir_status (*open)(void *reader, const struct weir_source_context *context,
                             struct weir_error *error);
    /* Emits at most about `budget` events. */
    enum weir_poll (*poll)(void *reader, weir_source_output *out, int budget,
                           struct weir_error *error);
    /* The position after everything emitted so far, as bytes that restore understands. NULL: cannot
     * be replayed. */
    struct weir_str (*snapshot)(void *reader);
    /* After open, before the first poll; once for each saved position that may hold splits of this
     * subtask (several, with those of others, after a change of parallelism). */
    enum weir_status (*restore)(void *reader, struct weir_str position, struct weir_error *error);
    void (*checkpoint_complete)(void *reader, int64_t checkpoint); /* may be NULL */
    /* The position of the last snapshot as consumer groups know it, borrowed until the next one: a
     * transaction that commits the checkpoint carries it. NULL: not a Kafka source. */
    const struct weir_source_offset *(*offsets)(void *reader, size_t *count);
    void (*reader_free)(void *reader);
    void (*config_free)(void *config); /* may be NULL */
    /* Whether the job's settings (NULL-terminated "key=value", or NULL) can be, asked once before
     * anything starts: an error is a mistake in the graph. NULL: open says it. */
    enum weir_status (*check)(const void *config, const char *const *properties,
                              struct weir_error *error);
};

/* What a connector's constructor returns, on the heap; weir_from_source takes it. */
struct weir_source {
    const struct weir_source_ops *ops;
    const char *name; /* default operator name */
    const struct weir_type *type;
    void *config;
    int max_parallelism; /* 0: any; 1: cannot be split */
};
typedef struct weir_source weir_source;

weir_source *weir_source_new(const struct weir_source_ops *ops, const char *name,
                             const struct weir_type *type, void *config);

#endif

/*
 * The sink contract: what a connector implements so that a job can write to it.
 */
#ifndef WEIR_SINK_H
#define WEIR_SINK_H

#include <weir/source.h>

struct weir_sink_context {
    int subtask;
    int parallelism;
    const char *operator_name;
    const struct weir_type *type;  /* of the values that will come */
    const char *const *properties; /* as in weir_source_context */
    const char *brokers;
    const struct weir_clock *clock;
};

struct weir_sink_ops {
    const char *kind;
    void *(*writer_new)(const void *config); /* one a subtask */
    enum weir_status (*open)(void *writer, const struct weir_sink_context *context,
                             struct weir_error *error);
    /* Takes one value (borrowed). WEIR_LIMIT: full for now, will be offered again; other errors
     * fail the job. */
    enum weir_status (*write)(void *writer, const void *value, int64_t timestamp,
                              struct weir_error *error);
    /* Makes everything written so far durable: at a checkpoint and at the end. */
    enum weir_status (*flush)(void *writer, struct weir_error *error);
    /* Nothing was written for a moment (about 100 ms): show what is buffered to whoever watches.
     * May be NULL. */
    enum weir_status (*idle)(void *writer, struct weir_error *error);
    void (*writer_free)(void *writer);
    void (*config_free)(void *config); /* may be NULL */
};

/* On the heap; weir_sink_to takes it. */
struct weir_sink {
    const struct weir_sink_ops *ops;
    const char *name;
    const struct weir_type *type; /* of the values taken; NULL: any */
    void *config;
};
typedef struct weir_sink weir_sink;

weir_sink *weir_sink_new(const struct weir_sink_ops *ops, const char *name,
                         const struct weir_type *type, void *config);

#endif

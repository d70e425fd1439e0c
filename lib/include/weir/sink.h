/*
 * The sink contract: what a connector implements so that a job can write to it.
 *
 * At-least-once needs open, write and flush: everything is flushed before a checkpoint counts, and
 * after a failure what came since is written again. Exactly-once is a two-phase commit with the
 * checkpoint as its coordinator:
 *
 *     write … ─ barrier ▶ prepare(7) … checkpoint 7 is durable ▶ commit(7)
 *                             └ its bytes are part of checkpoint 7: after a crash, restore gets
 *                               them, and commits what was not committed
 *
 * Threads: a writer is called by its task's thread, one call at a time.
 * Source: semantics sheet, sections 19 to 21.
 */
#ifndef WEIR_SINK_H
#define WEIR_SINK_H

#include <weir/source.h>

/* Counters of a writer's operator. */
typedef struct weir_sink_metrics weir_sink_metrics;

struct weir_sink_context {
    int subtask;
    int parallelism;
    const char *operator_name;
    const struct weir_type *type;  /* of the values that will come */
    const char *const *properties; /* as in weir_source_context */
    const char *brokers;
    const struct weir_clock *clock;
    /* of the job's checkpoints, in ms; 0: it takes none */
    int64_t checkpoint_interval_ms;
    int64_t checkpoint_timeout_ms;
    int64_t restored_checkpoint; /* from which the job goes on; 0: it begins anew */
    const char *job_name;
    weir_sink_metrics *metrics; /* for weir_sink_count, until writer_free; NULL: nobody counts */
};

/* Adds to a counter of the sink's own in the operator's metrics, as weir_count does for a process
 * function. On the task's thread. */
void weir_sink_count(weir_sink_metrics *metrics, const char *metric, int64_t increment);

/* A checkpoint that is complete and durable: what was prepared for it may be seen. */
struct weir_sink_commit {
    int64_t checkpoint; /* 1, 2, … */
    /* where all Kafka sources of the job stand in this checkpoint */
    const struct weir_source_offset *offsets;
    size_t offset_count;
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
    /* Makes everything written so far durable: at a checkpoint and at the end. May be NULL. */
    enum weir_status (*flush)(void *writer, struct weir_error *error);
    /* Nothing was written for a moment (about 100 ms): show what is buffered to whoever watches.
     * May be NULL. */
    enum weir_status (*idle)(void *writer, struct weir_error *error);
    /*
     * For what happens by the clock: called when the job begins, then *again_ms (> 0; set by each
     * call) after the call before, between values. May be NULL.
     */
    enum weir_status (*tick)(void *writer, int64_t *again_ms, struct weir_error *error);
    /* The input has ended: no value will come any more; a flush or a prepare follows. Not called
     * when the job stops before that (a savepoint). May be NULL. */
    enum weir_status (*finish)(void *writer, struct weir_error *error);
    /*
     * ---- exactly-once: prepare, commit and restore, or none of them ----
     *
     * prepare: at the barrier. Everything written so far belongs to this checkpoint: makes it
     * durable, but does not show it. *state, borrowed until the next call, is what a later life
     * needs to commit it, and to go on. Takes the place of flush. An error fails the job.
     */
    enum weir_status (*prepare)(void *writer, int64_t checkpoint, struct weir_str *state,
                                struct weir_error *error);
    /* Shows what was prepared for this checkpoint and all before it (one may have been missed).
     * An error fails the job; the restored writer then commits. */
    enum weir_status (*commit)(void *writer, const struct weir_sink_commit *commit,
                               struct weir_error *error);
    /* The checkpoint, and all before it that are not committed, failed: what was prepared for them
     * belongs to the next one. May be NULL. */
    void (*abort)(void *writer, int64_t checkpoint);
    /*
     * After open, before the first write: a state that prepare gave. The checkpoint is complete, so
     * what it prepared is committed now, unless it was; what came after it is undone. Called once
     * for each of several writers' states after a change of parallelism; each state goes to one
     * writer.
     */
    enum weir_status (*restore)(void *writer, struct weir_str state, struct weir_error *error);
    /*
     * Before a job starts: which checkpoint the outside world saw committed last, where it knows (a
     * Kafka group's metadata); the job then restores that one, and not its newest. *checkpoint: 0
     * when it knows that nothing was committed yet; it stays as it is when it cannot know. Called
     * without a writer, once a sink and attempt. NULL: never knows.
     */
    enum weir_status (*committed)(const void *config, const struct weir_sink_context *context,
                                  int64_t *checkpoint, struct weir_error *error);
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

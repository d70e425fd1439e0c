/*
 * The host of one operator subtask: makes the operator from its transformation, and owns the
 * context that it lives in.
 *
 *     host = weir__host_new(transformation, &surroundings, subtask, parallelism);
 *     weir__host_connect(host, NULL, receiver);   // or a side output, by its tag
 *     weir__host_open(host, &error);
 *     weir__operator_receive(host->op, 0, &record);      // or advance, set_idle
 *     weir__host_tick(host, now_ms);
 *     weir__host_free(host);
 *
 * Tasks chain hosts by connecting one to the next operator (weir__host_chain); the harness connects
 * recorders. Nothing may be connected after open. A side output exists only when it was connected:
 * that is how an operator sees that nobody reads it.
 * Threads: one at a time.
 */
#ifndef WEIR__RUNTIME_HOST_H
#define WEIR__RUNTIME_HOST_H

#include "graph/graph.h"
#include "operator/operator.h"

/* What all operators of a job have around them; borrowed until the host is freed. */
struct weir__surroundings {
    const struct weir_clock *clock;
    struct weir__tracer *tracer;   /* NULL: not tracing */
    const char *const *properties; /* NULL-terminated; may be NULL */
    const char *brokers;           /* may be NULL */
    void (*wake)(void *waker);     /* NULL: nobody to wake */
    void *waker;
    struct weir__alignment *alignment;                     /* NULL: sources are not aligned */
    const struct weir__checkpoint_settings *checkpoints;   /* NULL: none are taken */
    uint64_t seed;                                         /* for what operators draw at random */
    int max_parallelism;                                   /* 0: the default for the parallelism */
    const struct weir_state_backend_config *state_backend; /* NULL: the heap */
    int state_shares; /* how many keyed operators divide the slot's memory; 0: one */
    bool measured;    /* somebody watches the tasks (runtime/task_metrics.h) */
    const struct weir__latency_settings *latency; /* NULL: no latency markers */
    int64_t micro_batch_ms;                       /* of sources; 0: none */
};

/* What an env chose for its operators; borrowed until the env is freed. */
const struct weir_state_backend_config *weir__env_state_backend(const weir_env *env);
uint64_t weir__env_seed(const weir_env *env);

struct weir__host {
    const struct weir__transformation *transformation;
    struct weir__operator *op;
    struct weir__operator_context context;
};

/* The operator is made, but not opened. Never NULL. */
struct weir__host *weir__host_new(const struct weir__transformation *transformation,
                                  const struct weir__surroundings *surroundings, int subtask,
                                  int parallelism);
/* The operator sends latency markers, or measures those that come by: it is at this place of its
 * vertex's chain. Nothing when the surroundings want none. */
void weir__host_measure_latency(struct weir__host *host,
                                const struct weir__surroundings *surroundings, int vertex,
                                int place);
/* Frees the operator, opened or not. */
void weir__host_free(struct weir__host *host);

/*
 * Adds a receiver to the main output (tag NULL) or to a side output that the transformation
 * declares.
 */
void weir__host_connect(struct weir__host *host, const char *tag, struct weir__receiver receiver);
/* Emissions of `from` become input 0 of `to`, as direct calls. */
void weir__host_chain(struct weir__host *from, const char *tag, struct weir__host *to);

WEIR_MUST_USE enum weir_status weir__host_open(struct weir__host *host, struct weir_error *error);

/*
 * Processing time: when the operator wants its tick (WEIR_TIME_MAX: never), and the tick, if it
 * is due. True: it was.
 */
int64_t weir__host_next_tick(const struct weir__host *host);
bool weir__host_tick(struct weir__host *host, int64_t now_ms);
/* No more input will come; the final watermark, if any, has been given before. */
void weir__host_finish(struct weir__host *host);

/* The first of them that has failed, or NULL. */
const struct weir__host *weir__hosts_failed(struct weir__host *const *hosts, size_t count);

/* The value of a metric: numRecordsIn, numRecordsOut, latency (how many markers came by), or a
 * named counter; 0 when there is none. */
int64_t weir__host_metric(const struct weir__host *host, const char *name);

#endif

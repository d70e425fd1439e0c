/*
 * Inside the harness: the hosts of all operators between the input and a stream, chained by direct
 * calls, with a recorder at each open output. Head first: hosts[0] reads what is pushed.
 *
 *     push ─▶ hosts[0] ─▶ hosts[1] ─▶ … ─▶ recording
 *
 * harness_chain.c makes it, harness.c drives it, harness_state.c saves and restores it. The
 * laboratory uses the trace's functions.
 */
#ifndef WEIR__TESTKIT_HARNESS_INTERNAL_H
#define WEIR__TESTKIT_HARNESS_INTERNAL_H

#include "runtime/host.h"
#include "testkit/recording.h"

#include <weir/harness.h>

struct weir_harness {
    struct weir_manual_clock clock;
    int subtask;
    int parallelism;
    const struct weir_state_backend_config *state_backend; /* the env's */
    uint64_t seed;                                         /* the env's */
    struct weir__tracer *tracer;
    const struct weir__transformation *after; /* the chain begins behind it; NULL: at the source */
    size_t count;
    const struct weir__transformation **chain; /* head first */
    const char **tags;                         /* the output of chain[i] that chain[i + 1] reads */
    struct weir__host **hosts;
    struct weir__recorder *recorders; /* of all open outputs of the hosts */
    size_t recorder_count;
    struct weir__recording recording;
    struct weir__buf snapshot;
    struct weir__metric_group *past; /* counters of operators that a restore threw away */
    struct weir_error error;
    struct weir_error rejection;
};

/* Makes and opens new hosts; what is wrong is kept in harness->error. */
WEIR_MUST_USE enum weir_status weir__harness_make_hosts(weir_harness *harness);
/* Their counters stay in harness->past. */
void weir__harness_free_hosts(weir_harness *harness);
/* Looks whether an operator failed or refused an event; called after everything that may have made
 * one. */
void weir__harness_look(weir_harness *harness);

static inline bool weir__harness_works(const weir_harness *harness)
{
    return harness->error.code == WEIR_OK;
}

/* ---- for the laboratory: a harness for the watermarks, and one for each subtask behind it ---- */

/* Only the operators behind the stream `after`. */
weir_harness *weir__harness_new_part(weir_env *env, const weir_stream *after,
                                     const weir_stream *out, int subtask, int parallelism);
/* Pushes a record that has its number in the trace. */
void weir__harness_push_record(weir_harness *harness, const struct weir__record *record);
/* From now on, through every restore. Borrowed; NULL: no trace. */
void weir__harness_set_tracer(weir_harness *harness, struct weir__tracer *tracer);
/* Appends the operators for the trace's job event (trace/trace.h), separated by commas. */
void weir__harness_describe(const weir_harness *harness, struct weir__buf *json);

#endif

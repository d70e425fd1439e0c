/*
 * The operator contract: what runs inside a task.
 *
 * An operator is one instance a subtask, made by a factory that the graph keeps. Its task calls it
 * from one thread; it answers by emitting into its outputs, which are the next operators of the
 * chain or the writers of channels. Emission is synchronous and cannot fail half-way; an operator
 * that cannot go on calls weir__operator_fail, and the task stops after the call.
 *
 *     source ─▶ receiver ─▶ operator.process ─▶ context.main ─▶ receiver ─▶ …
 *
 * Time: a watermark arrives already combined (minimum over channels, never falling). Processing
 * time arrives by tick. Invariant: what an operator emits for a watermark comes before the
 * watermark itself.
 */
#ifndef WEIR__OPERATOR_OPERATOR_H
#define WEIR__OPERATOR_OPERATOR_H

#include "base/buf.h"
#include "base/hash.h"
#include "operator/latency.h"
#include "time/inputs.h"
#include "types/record.h"

#include <weir/clock.h>
#include <weir/process.h>
#include <weir/source.h>
#include <weir/type.h>

struct weir__operator;
struct weir__tracer;       /* trace/trace.h */
struct weir__metric_group; /* metrics/metrics.h */
struct weir__alignment;    /* time/alignment.h */
struct weir__keyed;        /* state/keyed.h */
struct weir_state_backend_config;

/* ---- receivers: where an emission goes ---- */

struct weir__receiver_ops {
    void (*record)(void *self, const struct weir__record *record);
    void (*watermark)(void *self, int64_t watermark);
    void (*idle)(void *self, bool idle);
    /* Source splits, within the source's chain only: split appeared or finished. NULL: ignored. */
    void (*split)(void *self, int32_t split, bool added);
    /* NULL: ignored. */
    void (*marker)(void *self, const struct weir__latency_marker *marker);
};

struct weir__receiver {
    const struct weir__receiver_ops *ops;
    void *self;
};

/* One output of an operator: the main one, or a side output. Usually one receiver; several when a
 * stream is used twice. */
struct weir__output {
    const struct weir_type *type;
    const char *tag;                  /* NULL: main */
    struct weir__receiver *receivers; /* owned by the task */
    size_t receiver_count;
    int64_t *records_out; /* the operator's numRecordsOut */
};

static inline void weir__output_record(const struct weir__output *output,
                                       const struct weir__record *record)
{
    (*output->records_out)++;
    for (size_t i = 0; i < output->receiver_count; i++) {
        output->receivers[i].ops->record(output->receivers[i].self, record);
    }
}

/* ---- the operator ---- */

/* What a subtask gives its operator before open. Owned by the task; valid until free. */
struct weir__operator_context {
    /* identity */
    const char *name;
    int id; /* of the operator in the plan, for the trace */
    int subtask;
    int parallelism;
    int max_parallelism;
    uint64_t seed; /* of the job: weir__operator_seed */
    /* types */
    const struct weir_type *in_type;
    const struct weir_type *out_type;
    const struct weir_field *key;        /* keyed input: where the key is; else NULL */
    const struct weir_type *second_type; /* of the second input; NULL: there is one input */
    const struct weir_field *second_key;
    /* surroundings */
    const struct weir_clock *clock;
    struct weir__tracer *tracer; /* NULL: not tracing */
    const char *const *properties;
    const char *brokers;
    void (*wake)(void *waker); /* from any thread: makes the task run soon */
    void *waker;
    struct weir__alignment *alignment; /* of the job's sources; NULL: there is no job */
    int64_t micro_batch_ms; /* sources hold events until multiples of it; 0: they do not */
    const struct weir_state_backend_config *state_backend; /* NULL: the heap */
    int state_shares; /* how many keyed operators divide the slot's memory; 0: one */
    /* outputs */
    struct weir__output main;
    struct weir__output *sides; /* watermarks and idleness go to main and sides alike */
    size_t side_count;
    /* checkpoints */
    const struct weir__checkpoint_settings *checkpoints; /* NULL: the job takes none */
    int64_t checkpoint;      /* whose snapshot is being taken; 0: none of a job's */
    struct weir__vec *gaps;  /* what is encoded later goes there (types/freeze.h); NULL: nothing */
    const char *attachments; /* folder of the checkpoint that is taken or restored, for files beside
                                the bytes; NULL: bytes only */
    /* progress, this task's thread only */
    int64_t watermark; /* of the input; WEIR_TIME_MIN before the first */
    bool idle;
    struct weir__inputs inputs;         /* what the watermark is made of where there are two */
    int64_t records_in;                 /* numRecordsIn */
    int64_t records_out;                /* numRecordsOut */
    struct weir__metric_group *metrics; /* named counters: numLateRecordsDropped, a learner's own */
    struct weir__latency *latency;      /* NULL: the job has no latency markers */
    size_t next_marked;                 /* which of its receivers gets the next one */
    struct weir_error rejection;        /* why the last event was refused: weir__operator_reject */
    /* back-pressure: weir__operator_set_full */
    bool full;
    int *pressure; /* how many of the task's parties are full; NULL: nobody asks */
    /* holding the task's source back: weir__operator_set_pausing */
    bool pausing;
    int *pauses; /* how many operators of the task do so; NULL: nobody asks */
    /* failure: set once by weir__operator_fail */
    struct weir_error failure;
    bool failed;
};

/* What operators may know of the job's checkpoints. */
struct weir__checkpoint_settings {
    const char *job_name;
    int64_t interval_ms;
    int64_t timeout_ms;
    int64_t restored; /* from which the job goes on; 0: it begins anew */
    bool kept;        /* there is a place for them: else there is only the one at the end */
};

/* A checkpoint that is complete and durable, as operators hear of it. */
struct weir__completed {
    int64_t checkpoint;
    const struct weir_source_offset *offsets; /* where the job's Kafka sources stand in it */
    size_t offset_count;
};

/* What an operator holds at the moment: for the harness, the laboratory and the job's page. */
struct weir__holdings {
    int64_t windows;       /* open: their clean-up has not run */
    int64_t state_entries; /* (key, namespace) pairs that have a value */
    int64_t event_timers;
    int64_t processing_timers;
};

#define WEIR__BATCH_MAX 32 /* records that an operator gets at once */

struct weir__operator_ops {
    const char *kind; /* "Filter", "Window", …: the default name */
    /* Its watermark is the one that it makes, not the one that arrives (source, watermark
     * assigner): the trace shows the former. */
    bool makes_watermarks;
    WEIR_MUST_USE enum weir_status (*open)(struct weir__operator *op,
                                           struct weir_error *error); /* may be NULL */
    /* input: 0, or 1 for the second input of a two-input operator. */
    void (*process)(struct weir__operator *op, int input, const struct weir__record *record);
    /* Several at once, at most WEIR__BATCH_MAX, of the only input; all values live until it
     * returns. What comes out is what process would have emitted, one by one. NULL: process. */
    void (*process_batch)(struct weir__operator *op, const struct weir__record *records,
                          size_t count);
    /* NULL: forwarded. An operator with timers fires those due, then calls
     * weir__operator_forward_watermark. */
    void (*watermark)(struct weir__operator *op, int64_t watermark);
    void (*idle)(struct weir__operator *op, bool idle);                  /* NULL: forwarded */
    void (*split)(struct weir__operator *op, int32_t split, bool added); /* NULL: forwarded */
    /* Processing time: next_tick answers when (epoch ms, WEIR_TIME_MAX: never) tick wants to be
     * called. Both may be NULL. */
    int64_t (*next_tick)(const struct weir__operator *op);
    void (*tick)(struct weir__operator *op, int64_t now_ms);
    /* No more input will come; called after the final watermark. May be NULL. */
    void (*finish)(struct weir__operator *op);
    /* State, as bytes, some of which context->gaps may get; the watermark is not part of it. NULL:
     * stateless. */
    void (*snapshot)(struct weir__operator *op, struct weir__buf *out);
    WEIR_MUST_USE enum weir_status (*restore)(struct weir__operator *op, struct weir_str bytes,
                                              struct weir_error *error);
    /* The checkpoint for which the snapshot was taken is durable; it may be missed, when a later
     * one is complete. Or it failed, and never will be. Both may be NULL. */
    void (*checkpoint_complete)(struct weir__operator *op, const struct weir__completed *completed);
    void (*checkpoint_aborted)(struct weir__operator *op, int64_t checkpoint);
    /* Made, but not opened: the last checkpoint of which the outside world has seen the results,
     * where that decides which one to restore; 0: none. *checkpoint stays when it is not known. May
     * be NULL. */
    WEIR_MUST_USE enum weir_status (*committed)(const struct weir__operator *op,
                                                int64_t *checkpoint, struct weir_error *error);
    /* Adds what it holds to *out (zeroed by the caller). NULL: nothing. */
    void (*holdings)(const struct weir__operator *op, struct weir__holdings *out);
    void (*free)(struct weir__operator *op);
};

/* First member of every operator's struct. */
struct weir__operator {
    const struct weir__operator_ops *ops;
    struct weir__operator_context *context;
};

/* Makes the operator of one subtask; the graph owns the factory and frees it with the graph. */
struct weir__operator_factory {
    const struct weir__operator_ops *ops; /* the kind, known before any instance is made */
    struct weir__operator *(*create)(const struct weir__operator_factory *factory);
    /* Appends its settings as JSON members ("\"window\":\"tumbling\",\"size\":60000"), for the
     * trace's job event, where they are the operator's "settings" (trace/trace.h lists them). NULL:
     * none. */
    void (*describe)(const struct weir__operator_factory *factory, struct weir__buf *json);
    void (*free)(struct weir__operator_factory *factory);
};

/* A source operator's extra: the task polls it. `op` was made by weir__source_factory. */
enum weir_poll weir__source_operator_poll(struct weir__operator *op, int budget,
                                          struct weir_error *error);

/* The source is not to be read again. False: the task goes on polling it, until it says END; what
 * it holds for a micro-batch goes on first. */
bool weir__source_operator_stop(struct weir__operator *op);
/* Events and dead letters that it has brought so far, held or not. */
int64_t weir__source_operator_brought(const struct weir__operator *op);
/* No barrier cuts a micro-batch in two; where there are none, it is always between two. */
bool weir__source_operator_is_between_batches(const struct weir__operator *op);
/* Whether a micro-batch has gone on, all of it, since this was asked last. */
bool weir__source_operator_take_batch_over(struct weir__operator *op);

/* Where the source stood at its last snapshot, as consumer groups know it; borrowed until the next
 * one. Any operator may be asked: others have none. */
const struct weir_source_offset *weir__operator_offsets(const struct weir__operator *op,
                                                        size_t *count);

/* ---- entry points for tasks and harness: they keep the context up to date ---- */

extern const struct weir__receiver_ops
    weir__operator_receiver_ops; /* self: struct weir__operator *, input 0 */
void weir__operator_receive(struct weir__operator *op, int input,
                            const struct weir__record *record);
/* Several records of the first input, in order; whether the operator would gain by it. */
void weir__operator_receive_batch(struct weir__operator *op, const struct weir__record *records,
                                  size_t count);
bool weir__operator_takes_batches(const struct weir__operator *op);
/* Ignores a watermark that does not rise. */
void weir__operator_advance(struct weir__operator *op, int64_t watermark);
void weir__operator_set_idle(struct weir__operator *op, bool idle);
/* The same for one input, 0 or 1; where there are two, they are combined first. */
void weir__operator_advance_input(struct weir__operator *op, int input, int64_t watermark);
void weir__operator_set_input_idle(struct weir__operator *op, int input, bool idle);
/* What several inputs come to: active, then the watermark, then idle. */
void weir__operator_take_time(struct weir__operator *op, struct weir__time_change change);
/* Notes how long it took, and passes it on: a marker is nobody's to process. */
void weir__operator_take_marker(struct weir__operator *op,
                                const struct weir__latency_marker *marker);

static inline const struct weir_type *weir__operator_input_type(
    const struct weir__operator_context *context, int input)
{
    return input == 0 ? context->in_type : context->second_type;
}
/* For what the subtask draws at random: another one for each subtask of each operator. */
static inline uint64_t weir__operator_seed(const struct weir__operator_context *context)
{
    return weir__hash_join(context->seed, (uint64_t)context->id << 32 | (uint32_t)context->subtask);
}
/* NULL: the input has no key. */
static inline const struct weir_field *weir__operator_input_key(
    const struct weir__operator_context *context, int input)
{
    return input == 0 ? context->key : context->second_key;
}

/* ---- for operators ---- */

/* The free functions of operators and factories that own nothing beside themselves. */
void weir__operator_free_plain(struct weir__operator *op);
void weir__factory_free_plain(struct weir__operator_factory *factory);

void weir__operator_forward_watermark(struct weir__operator *op, int64_t watermark);
void weir__operator_forward_idle(struct weir__operator *op, bool idle);
void weir__operator_forward_split(struct weir__operator *op, int32_t split, bool added);
/* To one of all its receivers, in turn. */
void weir__operator_forward_marker(struct weir__operator *op,
                                   const struct weir__latency_marker *marker);
/*
 * Back-pressure. An operator that can take no more for now (a sink answered WEIR_LIMIT) keeps what
 * is in hand, and whatever else comes before the call returns, and says full; its task then gives
 * it no new input, and goes on ticking. It says so too when it can go on.
 */
static inline void weir__operator_set_full(struct weir__operator *op, bool full)
{
    struct weir__operator_context *context = op->context;
    if (context->full != full && context->pressure != NULL) {
        *context->pressure += full ? 1 : -1;
    }
    context->full = full;
}
/*
 * Alignment. An operator in the task of a source may ask that the source be left alone for a while;
 * everything else in the task goes on.
 */
static inline void weir__operator_set_pausing(struct weir__operator *op, bool pausing)
{
    struct weir__operator_context *context = op->context;
    if (context->pausing != pausing && context->pauses != NULL) {
        *context->pauses += pausing ? 1 : -1;
    }
    context->pausing = pausing;
}
/* Keeps the first failure; the operator's name becomes part of `where`. */
void weir__operator_fail(struct weir__operator *op, const struct weir_error *error);
/* An event that cannot be processed (no timestamp, a gap <= 0) is counted as numRecordsRejected and
 * skipped; the reason is kept. */
void weir__operator_reject(struct weir__operator *op, const char *format, ...) WEIR_PRINTF(2, 3);
/* The side output of that name, or NULL when nobody reads it. */
struct weir__output *weir__operator_side(struct weir__operator *op, const char *tag);

#endif

/*
 * The sink operator: hands every value to a connector's writer.
 *
 * A writer that is full (WEIR_LIMIT) is offered the same value again at the next tick; until then
 * values wait here, copied, in order, and the operator says that it is full, so that its task
 * brings no more. One call can still bring many (a watermark that fires every window): beyond
 * MAX_WAITING the writer is flushed, which blocks. A writer that is not written to for a moment is
 * told, so that it shows what it has buffered. One that acts by the clock is called by it.
 *
 * An exactly-once writer prepares at the barrier and commits when the checkpoint is complete.
 *
 *     snapshot := empty (at-least-once), or subtask varint, the writer's state (bytes)
 */
#include "base/mem.h"
#include "base/vec.h"
#include "metrics/metrics.h"
#include "operator/deadline.h"
#include "operator/factories.h"
#include "trace/trace.h"

enum { MAX_WAITING = 10000, RETRY_MS = 10, IDLE_MS = 100 };

struct sink_factory {
    struct weir__operator_factory factory;
    weir_sink *sink; /* owned */
};

struct waiting {
    void *value; /* owned: a deep copy */
    int64_t timestamp;
};

struct sink {
    struct weir__operator op;
    const weir_sink *sink; /* the factory's */
    void *writer;
    struct weir__vec waiting; /* struct waiting, oldest first, from `first` on */
    size_t first;
    int64_t retry_at_ms; /* WEIR_TIME_MAX: nothing waits */
    int64_t quiet_at_ms; /* when to look whether the writer is idle; WEIR_TIME_MAX: it knows */
    bool written;        /* since quiet_at_ms was set */
    int64_t tick_at_ms;  /* of the writer's own tick; WEIR_TIME_MAX: it has none */
    int64_t tick_ms;     /* how far ahead that was set */
};

static bool is_exactly_once(const struct sink *sink)
{
    return sink->sink->ops->prepare != NULL;
}

static void fail(struct sink *sink, enum weir_status status, struct weir_error *error)
{
    if (status != WEIR_OK) {
        error->code = status;
        weir__operator_fail(&sink->op, error);
    }
}

/* ---- the queue of values that the writer has not taken ---- */

static void drop_oldest(struct sink *sink)
{
    const struct waiting *oldest = weir__vec_at(&sink->waiting, sink->first++);
    weir_value_fini(sink->op.context->in_type, oldest->value);
    weir__free(oldest->value);
    if (sink->first == sink->waiting.count) {
        sink->first = 0;
        weir__vec_clear(&sink->waiting);
    }
}

static size_t waiting_count(const struct sink *sink)
{
    return sink->waiting.count - sink->first;
}

static void keep(struct sink *sink, const struct weir__record *record)
{
    const struct weir_type *type = sink->op.context->in_type;
    struct waiting waiting = {.value = weir__alloc(type->size), .timestamp = record->timestamp};
    weir_value_copy(type, waiting.value, record->value);
    weir__vec_push(&sink->waiting, &waiting);
}

/* Offers what waits until the writer is full again. False: the operator failed. */
static bool offer_waiting(struct sink *sink)
{
    while (waiting_count(sink) > 0) {
        const struct waiting *oldest = weir__vec_at(&sink->waiting, sink->first);
        struct weir_error error = {0};
        enum weir_status status =
            sink->sink->ops->write(sink->writer, oldest->value, oldest->timestamp, &error);
        if (status == WEIR_LIMIT) {
            return true;
        }
        if (status != WEIR_OK) {
            fail(sink, status, &error);
            return false;
        }
        drop_oldest(sink);
    }
    sink->retry_at_ms = WEIR_TIME_MAX;
    weir__operator_set_full(&sink->op, false);
    return true;
}

static bool flush(struct sink *sink)
{
    struct weir_error error = {0};
    enum weir_status status =
        sink->sink->ops->flush != NULL ? sink->sink->ops->flush(sink->writer, &error) : WEIR_OK;
    fail(sink, status, &error);
    return status == WEIR_OK;
}

/* Everything out, and durable. A flush makes room; one that makes none will never make any. */
static void drain(struct sink *sink)
{
    while (offer_waiting(sink) && flush(sink)) {
        size_t left = waiting_count(sink);
        if (left == 0 || !offer_waiting(sink)) {
            return;
        }
        if (waiting_count(sink) == left) {
            struct weir_error error;
            weir_error_set(&error, WEIR_LIMIT, NULL,
                           "the writer stays full after a flush; %zu results were not written",
                           left);
            weir__operator_fail(&sink->op, &error);
            return;
        }
    }
}

/* ---- records ---- */

static void trace_result(const struct sink *sink, const struct weir__record *record)
{
    const struct weir__operator_context *context = sink->op.context;
    char text[200];
    weir_value_to_json(context->in_type, record->value, text, sizeof(text));
    weir__trace_result(context->tracer, context->id, (struct weir_str){NULL, 0}, record->timestamp,
                       weir_str_from(text));
}

static void wait_with(struct sink *sink, const struct weir__record *record)
{
    if (waiting_count(sink) >= MAX_WAITING && !is_exactly_once(sink)) {
        drain(sink); /* one that waits for a commit will not be emptied by a flush */
    }
    if (sink->op.context->failed) {
        return;
    }
    keep(sink, record);
    weir__operator_set_full(&sink->op, true);
    if (sink->retry_at_ms == WEIR_TIME_MAX) {
        sink->retry_at_ms = weir_time_add(weir_clock_ms(sink->op.context->clock), RETRY_MS);
    }
}

static void process(struct weir__operator *op, int input, const struct weir__record *record)
{
    (void)input;
    struct sink *sink = (struct sink *)op;
    if (weir__tracing(op->context->tracer)) {
        trace_result(sink, record);
    }
    if (waiting_count(sink) > 0) {
        wait_with(sink, record); /* in order, behind the others */
        return;
    }
    struct weir_error error = {0};
    enum weir_status status =
        sink->sink->ops->write(sink->writer, record->value, record->timestamp, &error);
    if (status == WEIR_LIMIT) {
        wait_with(sink, record);
    } else {
        fail(sink, status, &error);
    }
    sink->written = true;
    if (sink->quiet_at_ms == WEIR_TIME_MAX && sink->sink->ops->idle != NULL) {
        sink->quiet_at_ms = weir_time_add(weir_clock_ms(op->context->clock), IDLE_MS);
    }
}

/* ---- processing time ---- */

static int64_t next_tick(const struct weir__operator *op)
{
    const struct sink *sink = (const struct sink *)op;
    int64_t retry = weir__deadline(op->context->clock, sink->retry_at_ms, RETRY_MS);
    int64_t quiet = weir__deadline(op->context->clock, sink->quiet_at_ms, IDLE_MS);
    int64_t writer = weir__deadline(op->context->clock, sink->tick_at_ms, sink->tick_ms);
    int64_t first = retry < quiet ? retry : quiet;
    return writer < first ? writer : first;
}

static void tick_writer(struct sink *sink, int64_t now_ms)
{
    struct weir_error error = {0};
    fail(sink, sink->sink->ops->tick(sink->writer, &sink->tick_ms, &error), &error);
    sink->tick_at_ms = weir_time_add(now_ms, sink->tick_ms);
}

static void look_whether_idle(struct sink *sink, int64_t now_ms)
{
    if (sink->written) {
        sink->written = false;
        sink->quiet_at_ms = weir_time_add(now_ms, IDLE_MS);
        return;
    }
    sink->quiet_at_ms = WEIR_TIME_MAX;
    struct weir_error error = {0};
    fail(sink, sink->sink->ops->idle(sink->writer, &error), &error);
}

static void tick(struct weir__operator *op, int64_t now_ms)
{
    struct sink *sink = (struct sink *)op;
    if (weir__deadline(op->context->clock, sink->retry_at_ms, RETRY_MS) <= now_ms) {
        sink->retry_at_ms = weir_time_add(now_ms, RETRY_MS);
        sink->written = true;
        if (!offer_waiting(sink)) {
            return;
        }
    }
    if (weir__deadline(op->context->clock, sink->quiet_at_ms, IDLE_MS) <= now_ms) {
        look_whether_idle(sink, now_ms);
    }
    if (weir__deadline(op->context->clock, sink->tick_at_ms, sink->tick_ms) <= now_ms) {
        tick_writer(sink, now_ms);
    }
}

/* ---- life ---- */

static struct weir_sink_context surroundings(const struct weir__operator_context *context)
{
    const struct weir__checkpoint_settings *checkpoints = context->checkpoints;
    return (struct weir_sink_context){
        .subtask = context->subtask,
        .parallelism = context->parallelism,
        .operator_name = context->name,
        .type = context->in_type,
        .properties = context->properties,
        .brokers = context->brokers,
        .clock = context->clock,
        .checkpoint_interval_ms = checkpoints != NULL ? checkpoints->interval_ms : 0,
        .checkpoint_timeout_ms = checkpoints != NULL ? checkpoints->timeout_ms : 0,
        .restored_checkpoint = checkpoints != NULL ? checkpoints->restored : 0,
        .job_name = checkpoints != NULL ? checkpoints->job_name : context->name,
        .metrics = (weir_sink_metrics *)context->metrics,
    };
}

void weir_sink_count(weir_sink_metrics *metrics, const char *metric, int64_t increment)
{
    if (metrics != NULL) {
        *weir__metric_counter((struct weir__metric_group *)metrics, metric) += increment;
    }
}

static enum weir_status open_sink(struct weir__operator *op, struct weir_error *error)
{
    struct sink *sink = (struct sink *)op;
    const struct weir_sink_context around = surroundings(op->context);
    sink->writer = sink->sink->ops->writer_new(sink->sink->config);
    sink->tick_at_ms =
        sink->sink->ops->tick != NULL ? weir_clock_ms(op->context->clock) : WEIR_TIME_MAX;
    return sink->sink->ops->open != NULL ? sink->sink->ops->open(sink->writer, &around, error)
                                         : WEIR_OK;
}

static void finish(struct weir__operator *op)
{
    struct sink *sink = (struct sink *)op;
    drain(sink);
    if (sink->sink->ops->finish != NULL && !op->context->failed) {
        struct weir_error error = {0};
        fail(sink, sink->sink->ops->finish(sink->writer, &error), &error);
    }
}

/* ---- checkpoints ---- */

/* Everything written before the barrier is made durable. Outside of a job's checkpoint (a harness
 * that takes a snapshot) an exactly-once writer has nothing to promise. */
static void snapshot(struct weir__operator *op, struct weir__buf *out)
{
    struct sink *sink = (struct sink *)op;
    drain(sink);
    if (!is_exactly_once(sink) || op->context->checkpoint == 0 || op->context->failed) {
        return;
    }
    struct weir_error error = {0};
    struct weir_str state = {NULL, 0};
    fail(sink, sink->sink->ops->prepare(sink->writer, op->context->checkpoint, &state, &error),
         &error);
    weir__buf_put_varint(out, (uint64_t)op->context->subtask);
    weir__buf_put_str(out, state);
}

/* Of several writers' states each goes to one: by its number, modulo the parallelism. */
static enum weir_status restore(struct weir__operator *op, struct weir_str bytes,
                                struct weir_error *error)
{
    struct sink *sink = (struct sink *)op;
    if (bytes.len == 0) {
        return WEIR_OK; /* it was at-least-once then */
    }
    struct weir__reader in = weir__reader_of(bytes);
    uint64_t subtask = weir__read_varint(&in);
    struct weir_str state = weir__read_str(&in);
    if (in.failed || in.at != in.end) {
        return weir_error_set(error, WEIR_CORRUPT, op->context->name,
                              "the sink's saved state is damaged (%u bytes)", bytes.len);
    }
    if (!is_exactly_once(sink) || weir_str_is_null(state) ||
        subtask % (uint64_t)op->context->parallelism != (uint64_t)op->context->subtask) {
        return WEIR_OK;
    }
    return sink->sink->ops->restore(sink->writer, state, error);
}

static void checkpoint_complete(struct weir__operator *op, const struct weir__completed *completed)
{
    struct sink *sink = (struct sink *)op;
    if (!is_exactly_once(sink) || op->context->failed) {
        return;
    }
    const struct weir_sink_commit commit = {.checkpoint = completed->checkpoint,
                                            .offsets = completed->offsets,
                                            .offset_count = completed->offset_count};
    struct weir_error error = {0};
    fail(sink, sink->sink->ops->commit(sink->writer, &commit, &error), &error);
}

static enum weir_status committed(const struct weir__operator *op, int64_t *checkpoint,
                                  struct weir_error *error)
{
    const struct sink *sink = (const struct sink *)op;
    if (sink->sink->ops->committed == NULL) {
        return WEIR_OK;
    }
    const struct weir_sink_context around = surroundings(op->context);
    return sink->sink->ops->committed(sink->sink->config, &around, checkpoint, error);
}

static void checkpoint_aborted(struct weir__operator *op, int64_t checkpoint)
{
    struct sink *sink = (struct sink *)op;
    if (is_exactly_once(sink) && sink->sink->ops->abort != NULL && !op->context->failed) {
        sink->sink->ops->abort(sink->writer, checkpoint);
    }
}

static void free_sink(struct weir__operator *op)
{
    struct sink *sink = (struct sink *)op;
    while (waiting_count(sink) > 0) {
        drop_oldest(sink);
    }
    weir__vec_fini(&sink->waiting);
    if (sink->writer != NULL) {
        sink->sink->ops->writer_free(sink->writer);
    }
    weir__free(sink);
}

static const struct weir__operator_ops ops = {
    .kind = "Sink",
    .open = open_sink,
    .process = process,
    .next_tick = next_tick,
    .tick = tick,
    .finish = finish,
    .snapshot = snapshot,
    .restore = restore,
    .checkpoint_complete = checkpoint_complete,
    .checkpoint_aborted = checkpoint_aborted,
    .committed = committed,
    .free = free_sink,
};

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    struct sink *sink = WEIR__NEW(struct sink);
    sink->op.ops = &ops;
    sink->sink = ((const struct sink_factory *)factory)->sink;
    sink->waiting = WEIR__VEC_OF(struct waiting);
    sink->retry_at_ms = WEIR_TIME_MAX;
    sink->quiet_at_ms = WEIR_TIME_MAX;
    sink->tick_at_ms = WEIR_TIME_MAX;
    return &sink->op;
}

static void free_factory(struct weir__operator_factory *factory)
{
    weir_sink *sink = ((struct sink_factory *)factory)->sink;
    if (sink->ops->config_free != NULL) {
        sink->ops->config_free(sink->config);
    }
    weir__free(sink);
    weir__free(factory);
}

struct weir__operator_factory *weir__sink_factory(weir_sink *sink)
{
    struct sink_factory *factory = WEIR__NEW(struct sink_factory);
    factory->factory =
        (struct weir__operator_factory){.ops = &ops, .create = create, .free = free_factory};
    factory->sink = sink;
    return &factory->factory;
}

/* The laboratory's pipeline. */
#include "lab/pipeline.h"

#include "base/mem.h"
#include "lab/trace.h"
#include "metrics/metrics.h"
#include "testkit/harness_internal.h"
#include "types/key.h"

#include <string.h>

static const struct weir_output_tag late_tag = {"late", &lab_event_type};

/* ---- the graph ---- */

static int64_t gap_of(const void *value, void *user)
{
    (void)user;
    return ((const struct lab_event *)value)->gap;
}

static double delta(const void *from, const void *to, void *user)
{
    (void)user;
    return ((const struct lab_event *)to)->number - ((const struct lab_event *)from)->number;
}

static weir_stream *assign_watermarks(const struct lab_options *options, weir_stream *in)
{
    if (options->watermark == LAB_MANUAL) {
        return in;
    }
    struct weir_watermark_strategy strategy =
        options->watermark == LAB_MONOTONOUS ? weir_monotonous_timestamps()
                                             : weir_bounded_out_of_orderness(options->bound_ms);
    return weir_assign_watermarks(in, weir_with_interval(strategy, -1), NULL);
}

static weir_stream *add_window(const struct lab_options *options, weir_stream *in)
{
    struct weir_window_config config = {
        .name = "window",
        .assigner = options->assigner,
        .trigger = options->trigger,
        .evictor = options->evictor,
        .allowed_lateness_ms = options->allowed_lateness_ms,
        .late_output = options->late_output ? &late_tag : NULL,
        .aggregate = lab_aggregate_of(options->aggregate),
        .process = options->aggregate == LAB_EACH ? &lab_each_function : NULL,
        .path = options->path,
    };
    config.assigner.gap_of = gap_of;
    config.trigger.delta = delta;
    config.evictor.delta = delta;
    return weir_window(weir_key_by(in, WEIR_FIELD(lab_event, key)), &config);
}

/* ---- life ---- */

const struct weir_error *lab_pipeline_error(const struct lab_pipeline *pipeline)
{
    if (pipeline->assigner != NULL && weir_harness_error(pipeline->assigner)->code != WEIR_OK) {
        return weir_harness_error(pipeline->assigner);
    }
    for (int i = 0; i < pipeline->options->parallelism; i++) {
        if (weir_harness_error(pipeline->windows[i])->code != WEIR_OK) {
            return weir_harness_error(pipeline->windows[i]);
        }
    }
    return weir_env_error(pipeline->env);
}

static void open_harnesses(struct lab_pipeline *pipeline)
{
    int parallelism = pipeline->options->parallelism;
    pipeline->windows = weir__calloc((size_t)parallelism, sizeof(weir_harness *));
    pipeline->next = weir__calloc((size_t)parallelism, sizeof(size_t));
    if (parallelism == 1) { /* one chain: all is done with an event before its watermark goes on */
        pipeline->windows[0] = weir_harness_new(pipeline->env, pipeline->windowed);
        return;
    }
    if (pipeline->options->watermark != LAB_MANUAL) {
        pipeline->assigner = weir_harness_new(pipeline->env, pipeline->timed);
    }
    for (int i = 0; i < parallelism; i++) {
        pipeline->windows[i] = weir__harness_new_part(pipeline->env, pipeline->timed,
                                                      pipeline->windowed, i, parallelism);
    }
}

enum weir_status lab_pipeline_open(struct lab_pipeline *pipeline, const struct lab_options *options,
                                   struct lab_output *output, struct weir_error *error)
{
    *pipeline = (struct lab_pipeline){.options = options, .output = output};
    weir_manual_clock_init(&pipeline->clock, 0);
    pipeline->env = weir_env_new("lab", 0, NULL);
    if (options->rocksdb) {
        weir_env_set_state_backend(
            pipeline->env, &(struct weir_state_backend_config){.type = WEIR_STATE_BACKEND_ROCKSDB});
    }
    weir_stream *in = weir_harness_input(pipeline->env, &lab_event_type);
    pipeline->timed = assign_watermarks(options, in);
    pipeline->windowed = add_window(options, pipeline->timed);
    open_harnesses(pipeline);
    *error = *lab_pipeline_error(pipeline);
    return error->code == WEIR_OK ? lab_trace_open(pipeline, error) : error->code;
}

void lab_pipeline_close(struct lab_pipeline *pipeline)
{
    weir_harness_free(pipeline->assigner);
    for (int i = 0; i < pipeline->options->parallelism; i++) {
        weir_harness_free(pipeline->windows[i]);
    }
    weir__free(pipeline->windows);
    weir__free(pipeline->next);
    weir_env_free(pipeline->env);
    lab_trace_close(pipeline);
}

/* ---- what came out ---- */

static void write_record(struct lab_pipeline *pipeline, const struct weir_harness_output *record)
{
    if (record->tag != NULL) {
        lab_write_late(pipeline->output, record->value, record->timestamp);
    } else {
        lab_trace_result(pipeline, record->value, record->timestamp);
        lab_write_result(pipeline->output, record->value, record->timestamp);
    }
}

/* The next record of a subtask, NULL when there is none; a watermark is noted on the way. */
static const struct weir_harness_output *peek(struct lab_pipeline *pipeline, int subtask,
                                              int64_t *watermark)
{
    const weir_harness *window = pipeline->windows[subtask];
    for (size_t *next = &pipeline->next[subtask]; *next < weir_harness_count(window); ++*next) {
        const struct weir_harness_output *output = weir_harness_at(window, *next);
        if (output->kind == WEIR_OUT_RECORD) {
            return output;
        }
        if (output->kind == WEIR_OUT_WATERMARK) {
            *watermark = output->timestamp;
        }
    }
    return NULL;
}

/* Writes what all subtasks have emitted, the earliest timestamp first, and then the watermark that
 * all of them sent. */
static void write_outputs(struct lab_pipeline *pipeline)
{
    int64_t watermark = WEIR_TIME_MIN;
    for (;;) {
        int first = -1;
        const struct weir_harness_output *record = NULL;
        for (int i = 0; i < pipeline->options->parallelism; i++) {
            const struct weir_harness_output *head = peek(pipeline, i, &watermark);
            if (head != NULL && (record == NULL || head->timestamp < record->timestamp)) {
                first = i;
                record = head;
            }
        }
        if (record == NULL) {
            break;
        }
        write_record(pipeline, record);
        pipeline->next[first]++;
    }
    for (int i = 0; i < pipeline->options->parallelism; i++) {
        weir_harness_clear(pipeline->windows[i]);
        pipeline->next[i] = 0;
    }
    if (watermark != WEIR_TIME_MIN && pipeline->options->emit_watermarks) {
        lab_write_watermark(pipeline->output, watermark);
    }
}

/* ---- towards the windows ---- */

static int subtask_of(const struct lab_pipeline *pipeline, struct weir_str key)
{
    struct weir__key hashed = weir__key_string(key);
    int group = weir__key_group(&hashed, WEIR__DEFAULT_MAX_PARALLELISM);
    return weir__key_group_subtask(group, WEIR__DEFAULT_MAX_PARALLELISM,
                                   pipeline->options->parallelism);
}

static void window_record(struct lab_pipeline *pipeline, const struct weir__record *record)
{
    const struct lab_event *event = record->value;
    weir__harness_push_record(pipeline->windows[subtask_of(pipeline, event->key)], record);
    write_outputs(pipeline);
}

static void window_watermark(struct lab_pipeline *pipeline, int64_t watermark)
{
    for (int i = 0; i < pipeline->options->parallelism; i++) {
        weir_harness_watermark(pipeline->windows[i], watermark);
    }
    write_outputs(pipeline);
}

static void window_idle(struct lab_pipeline *pipeline, bool idle)
{
    for (int i = 0; i < pipeline->options->parallelism; i++) {
        weir_harness_idle(pipeline->windows[i], idle);
    }
    write_outputs(pipeline);
}

/* Hands on what the assigner emitted. */
static void pass_on(struct lab_pipeline *pipeline)
{
    for (size_t i = 0; i < weir_harness_count(pipeline->assigner); i++) {
        const struct weir_harness_output *output = weir_harness_at(pipeline->assigner, i);
        switch (output->kind) {
        case WEIR_OUT_RECORD:
            window_record(pipeline, &(struct weir__record){.value = output->value,
                                                           .timestamp = output->timestamp,
                                                           .id = output->trace_id,
                                                           .split = WEIR__NO_SPLIT});
            break;
        case WEIR_OUT_WATERMARK:
            window_watermark(pipeline, output->timestamp);
            break;
        case WEIR_OUT_IDLE:
        case WEIR_OUT_ACTIVE:
            window_idle(pipeline, output->kind == WEIR_OUT_IDLE);
            break;
        }
    }
    weir_harness_clear(pipeline->assigner);
}

/* ---- what comes in ---- */

bool lab_pipeline_event(struct lab_pipeline *pipeline, const struct lab_event *event,
                        int64_t timestamp, const char **why)
{
    weir_harness *window = pipeline->windows[subtask_of(pipeline, event->key)];
    int64_t rejected = weir_harness_metric(window, WEIR__RECORDS_REJECTED);
    struct weir__record record = {.value = event, .timestamp = timestamp, .split = WEIR__NO_SPLIT};
    record.id = lab_trace_event(pipeline, event, timestamp);
    if (pipeline->assigner != NULL) {
        weir__harness_push_record(pipeline->assigner, &record);
        pass_on(pipeline);
    } else {
        window_record(pipeline, &record);
    }
    *why = weir_harness_rejection(window)->message;
    return weir_harness_metric(window, WEIR__RECORDS_REJECTED) == rejected;
}

/* A source that sends a watermark is not idle any more: semantics sheet, section 11. */
void lab_pipeline_watermark(struct lab_pipeline *pipeline, int64_t watermark)
{
    if (pipeline->assigner != NULL) {
        weir_harness_watermark(pipeline->assigner, watermark);
        pass_on(pipeline);
        return;
    }
    lab_pipeline_idle(pipeline, false);
    window_watermark(pipeline, watermark);
}

void lab_pipeline_idle(struct lab_pipeline *pipeline, bool idle)
{
    if (pipeline->assigner != NULL) {
        weir_harness_idle(pipeline->assigner, idle);
        pass_on(pipeline);
    } else if (pipeline->idle != idle) {
        pipeline->idle = idle;
        window_idle(pipeline, idle);
    }
}

void lab_pipeline_set_time(struct lab_pipeline *pipeline, int64_t ms)
{
    weir_manual_clock_set(&pipeline->clock, ms);
    if (pipeline->assigner != NULL) {
        weir_harness_set_time(pipeline->assigner, ms);
        pass_on(pipeline);
    }
    for (int i = 0; i < pipeline->options->parallelism; i++) {
        weir_harness_set_time(pipeline->windows[i], ms);
    }
    write_outputs(pipeline);
}

static void restore_one(weir_harness *harness)
{
    struct weir_str snapshot = weir_harness_snapshot(harness);
    enum weir_status status = weir_harness_restore(harness, &snapshot, 1);
    (void)status; /* kept by the harness: lab_pipeline_error */
}

void lab_pipeline_snapshot_restore(struct lab_pipeline *pipeline)
{
    if (pipeline->assigner != NULL) {
        restore_one(pipeline->assigner);
    }
    for (int i = 0; i < pipeline->options->parallelism; i++) {
        restore_one(pipeline->windows[i]);
    }
    pipeline->idle = false; /* like the watermark, not state */
}

/* ---- sums ---- */

int64_t lab_pipeline_metric(const struct lab_pipeline *pipeline, const char *name)
{
    int64_t sum = 0;
    for (int i = 0; i < pipeline->options->parallelism; i++) {
        sum += weir_harness_metric(pipeline->windows[i], name);
    }
    return sum;
}

struct weir_harness_state lab_pipeline_state(const struct lab_pipeline *pipeline)
{
    struct weir_harness_state sum = {0};
    for (int i = 0; i < pipeline->options->parallelism; i++) {
        struct weir_harness_state one = weir_harness_state(pipeline->windows[i]);
        sum.entries += one.entries;
        sum.windows += one.windows;
        sum.event_timers += one.event_timers;
        sum.processing_timers += one.processing_timers;
    }
    return sum;
}

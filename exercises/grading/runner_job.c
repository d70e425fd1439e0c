/*
 * Runs an aggregate in a job of its own, with the library's window operator, as a lesson's program
 * would.
 */
#include "runner.h"

#include "base/mem.h"

#include <weir/weir.h>

#include <stdio.h>

struct collecting {
    const struct weir_type *type;
    struct weir__buf *reply;
};

/* One call at a time, whatever the parallelism. */
static void collect(const void *value, int64_t timestamp, void *user)
{
    struct collecting *collecting = user;
    (void)timestamp;
    grading_result(collecting->reply, collecting->type, value);
}

/* The stream's values one after the other, as the collection source wants them; they stay the
 * stream's. */
static char *gather(const struct grading_stream *stream, size_t *count)
{
    size_t size = stream->type->size;
    char *values = weir__calloc(stream->steps.count + 1, size);
    *count = 0;
    for (size_t i = 0; i < stream->steps.count; i++) {
        const struct grading_step *step = grading_stream_at(stream, i);
        if (step->kind == GRADING_EVENT) {
            memcpy(values + *count * size, step->value, size);
            (*count)++;
        }
    }
    return values;
}

static struct weir_window_assigner assigner_of(const struct grading_stream *stream)
{
    const char *window = grading_stream_setting(stream, "window");
    int64_t size = grading_stream_setting_int(stream, "size");
    if (window != NULL && strcmp(window, "session") == 0) {
        return weir_session_event_time(grading_stream_setting_int(stream, "gap"));
    }
    if (window != NULL && strcmp(window, "sliding") == 0) {
        return weir_sliding_event_time(size, grading_stream_setting_int(stream, "slide"));
    }
    return weir_tumbling_event_time(size);
}

static struct weir_watermark_strategy strategy_of(const struct grading_stream *stream)
{
    return weir_with_interval(
        weir_bounded_out_of_orderness(grading_stream_setting_int(stream, "bound")), -1);
}

static weir_env *new_env(const struct grading_stream *stream)
{
    static char seed[24];
    static char *simulated[] = {"job", "--scheduler", "simulation", "--seed", seed, NULL};
    int64_t schedule = grading_stream_setting_int(stream, "schedule");
    snprintf(seed, sizeof seed, "%lld", (long long)schedule);
    return weir_env_new("job", schedule > 0 ? 5 : 1, simulated);
}

void grading_run_window_job(const struct grading_stream *stream, const void *what,
                            struct weir__buf *reply)
{
    const struct grading_window_job *job = what;
    struct collecting collecting = {job->aggregate->out_type, reply};
    size_t count;
    char *values = gather(stream, &count);
    weir_env *env = new_env(stream);
    weir_env_set_parallelism(env, (int)grading_stream_setting_int(stream, "parallelism"));
    weir_stream *events =
        weir_from_source(env, weir_collection_source(stream->type, values, count));
    weir_stream *timed = weir_assign_watermarks(events, strategy_of(stream), job->timestamp);
    weir_stream *results =
        weir_window_aggregate(weir_key_by(timed, job->key), assigner_of(stream), job->aggregate);
    weir_sink_to(results, weir_collect(collect, &collecting));
    if (weir_execute(env) != 0) {
        grading_fault(reply, "the job failed: %s", weir_env_error(env)->message);
    }
    weir_env_free(env);
    weir__free(values);
}

/* What a task can say: each function makes its event and hands it to the tracer. */
#include "trace/trace.h"
#include "trace/tracer.h"

#include <assert.h>

void weir__trace_job(struct weir__tracer *tracer, const char *json)
{
    assert(json != NULL && json[0] != '\0');
    weir__tracer_say(tracer, &(struct weir__trace_event){.type = WEIR__TRACE_JOB_EVENT,
                                                         .json = weir_str_from(json)});
}

void weir__trace_record(struct weir__tracer *tracer, int64_t id, int op, int sub, const char *from,
                        struct weir_str key, int64_t ts, struct weir_str value)
{
    weir__tracer_say(tracer, &(struct weir__trace_event){.type = WEIR__TRACE_RECORD_EVENT,
                                                         .id = id,
                                                         .op = op,
                                                         .sub = sub,
                                                         .from = weir_str_from(from),
                                                         .key = key,
                                                         .ts = ts,
                                                         .value = value});
}

void weir__trace_watermark(struct weir__tracer *tracer, int op, int sub, const char *channel,
                           int64_t value)
{
    weir__tracer_say(tracer, &(struct weir__trace_event){.type = WEIR__TRACE_WATERMARK_EVENT,
                                                         .op = op,
                                                         .sub = sub,
                                                         .channel = weir_str_from(channel),
                                                         .watermark = value});
}

void weir__trace_idle(struct weir__tracer *tracer, int op, int sub, const char *channel, bool idle)
{
    weir__tracer_say(tracer, &(struct weir__trace_event){.type = WEIR__TRACE_IDLE_EVENT,
                                                         .op = op,
                                                         .sub = sub,
                                                         .channel = weir_str_from(channel),
                                                         .idle = idle});
}

void weir__trace_window(struct weir__tracer *tracer, const char *action, int op, int sub,
                        struct weir_str key, int64_t start, int64_t end, int64_t n,
                        struct weir_str value)
{
    weir__tracer_say(tracer, &(struct weir__trace_event){.type = WEIR__TRACE_WINDOW_EVENT,
                                                         .action = weir_str_from(action),
                                                         .op = op,
                                                         .sub = sub,
                                                         .key = key,
                                                         .start = start,
                                                         .end = end,
                                                         .n = n,
                                                         .value = value});
}

void weir__trace_merge(struct weir__tracer *tracer, int op, int sub, struct weir_str key,
                       int64_t start, int64_t end, int64_t n, const int64_t (*from)[2],
                       size_t from_count)
{
    struct weir__trace_event event = {.type = WEIR__TRACE_WINDOW_EVENT,
                                      .action = WEIR_STR("merge"),
                                      .op = op,
                                      .sub = sub,
                                      .key = key,
                                      .start = start,
                                      .end = end,
                                      .n = n};
    event.merged_count = from_count < WEIR__TRACE_PAIRS_MAX ? from_count : WEIR__TRACE_PAIRS_MAX;
    memcpy(event.merged, from, event.merged_count * sizeof(event.merged[0]));
    weir__tracer_say(tracer, &event);
}

void weir__trace_late(struct weir__tracer *tracer, int64_t id, int op, struct weir_str key,
                      int64_t ts, int64_t watermark, const char *to)
{
    weir__tracer_say(tracer, &(struct weir__trace_event){.type = WEIR__TRACE_LATE_EVENT,
                                                         .id = id,
                                                         .op = op,
                                                         .key = key,
                                                         .ts = ts,
                                                         .watermark = watermark,
                                                         .to = weir_str_from(to)});
}

void weir__trace_timer(struct weir__tracer *tracer, const char *action, int op, int sub,
                       struct weir_str key, int64_t ts, const char *domain)
{
    weir__tracer_say(tracer, &(struct weir__trace_event){.type = WEIR__TRACE_TIMER_EVENT,
                                                         .action = weir_str_from(action),
                                                         .op = op,
                                                         .sub = sub,
                                                         .key = key,
                                                         .ts = ts,
                                                         .domain = weir_str_from(domain)});
}

void weir__trace_queue(struct weir__tracer *tracer, int op, int sub, const char *channel,
                       int64_t used, int64_t capacity)
{
    weir__tracer_say(tracer, &(struct weir__trace_event){.type = WEIR__TRACE_QUEUE_EVENT,
                                                         .op = op,
                                                         .sub = sub,
                                                         .channel = weir_str_from(channel),
                                                         .used = used,
                                                         .capacity = capacity});
}

void weir__trace_failure(struct weir__tracer *tracer, int op, int sub, const char *reason,
                         int attempt)
{
    weir__tracer_say(tracer, &(struct weir__trace_event){.type = WEIR__TRACE_FAILURE_EVENT,
                                                         .op = op,
                                                         .sub = sub,
                                                         .reason = weir_str_from(reason),
                                                         .attempt = attempt});
}

void weir__trace_restart(struct weir__tracer *tracer, const char *reason, int attempt)
{
    weir__tracer_say(tracer, &(struct weir__trace_event){.type = WEIR__TRACE_RESTART_EVENT,
                                                         .reason = weir_str_from(reason),
                                                         .attempt = attempt});
}

void weir__trace_barrier(struct weir__tracer *tracer, const char *action, int op, int sub,
                         const char *channel, int64_t checkpoint)
{
    weir__tracer_say(tracer, &(struct weir__trace_event){.type = WEIR__TRACE_BARRIER_EVENT,
                                                         .action = weir_str_from(action),
                                                         .op = op,
                                                         .sub = sub,
                                                         .channel = weir_str_from(channel),
                                                         .checkpoint = checkpoint});
}

void weir__trace_checkpoint(struct weir__tracer *tracer, int64_t id, const char *state,
                            int64_t bytes, int64_t ms)
{
    weir__tracer_say(tracer, &(struct weir__trace_event){.type = WEIR__TRACE_CHECKPOINT_EVENT,
                                                         .id = id,
                                                         .state = weir_str_from(state),
                                                         .bytes = bytes,
                                                         .ms = ms});
}

void weir__trace_result(struct weir__tracer *tracer, int op, struct weir_str key, int64_t ts,
                        struct weir_str value)
{
    weir__tracer_say(
        tracer,
        &(struct weir__trace_event){
            .type = WEIR__TRACE_RESULT_EVENT, .op = op, .key = key, .ts = ts, .value = value});
}

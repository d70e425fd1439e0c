/* The laboratory's trace. */
#include "lab/trace.h"

#include "testkit/harness_internal.h"
#include "trace/trace.h"

enum { SOURCE_ID = 1 }; /* the harness input is the graph's first operator */

/* Behind the source come the assigner, if there is one, the window, and the sink. */
static int sink_id(const struct lab_pipeline *pipeline)
{
    return SOURCE_ID + 2 + (pipeline->options->watermark != LAB_MANUAL);
}

static void describe_job(struct lab_pipeline *pipeline)
{
    struct weir__buf json = {0};
    weir__buf_printf(&json,
                     "\"name\":\"lab\",\"operators\":[{\"id\":%d,\"name\":\"input\",\"kind\":"
                     "\"Source\",\"parallelism\":1,\"inputs\":[],\"settings\":{}},",
                     SOURCE_ID);
    if (pipeline->assigner != NULL) {
        weir__harness_describe(pipeline->assigner, &json);
        weir__buf_printf(&json, ",");
    }
    weir__harness_describe(pipeline->windows[0], &json);
    weir__buf_printf(&json,
                     ",{\"id\":%d,\"name\":\"output\",\"kind\":\"Sink\",\"parallelism\":1,"
                     "\"inputs\":[{\"from\":%d,\"partition\":\"rebalance\"}],\"settings\":{}}],"
                     "\"config\":{\"parallelism\":%d}",
                     sink_id(pipeline), sink_id(pipeline) - 1, pipeline->options->parallelism);
    weir__trace_job(pipeline->tracer, json.data);
    weir__buf_fini(&json);
}

enum weir_status lab_trace_open(struct lab_pipeline *pipeline, struct weir_error *error)
{
    if (pipeline->options->trace == NULL) {
        return WEIR_OK;
    }
    enum weir_status status =
        weir__trace_open(pipeline->options->trace, &pipeline->clock.clock, &pipeline->trace, error);
    if (status != WEIR_OK) {
        return status;
    }
    pipeline->tracer = weir__trace_tracer(pipeline->trace);
    if (pipeline->assigner != NULL) {
        weir__harness_set_tracer(pipeline->assigner, pipeline->tracer);
    }
    for (int i = 0; i < pipeline->options->parallelism; i++) {
        weir__harness_set_tracer(pipeline->windows[i], pipeline->tracer);
    }
    describe_job(pipeline);
    return WEIR_OK;
}

void lab_trace_close(struct lab_pipeline *pipeline)
{
    if (pipeline->trace != NULL) {
        weir__trace_close(pipeline->trace);
        pipeline->trace = NULL;
    }
}

int64_t lab_trace_event(struct lab_pipeline *pipeline, const struct lab_event *event,
                        int64_t timestamp)
{
    if (!weir__tracing(pipeline->tracer)) {
        return 0;
    }
    int64_t id = weir__trace_next_id(pipeline->tracer);
    weir__trace_record(pipeline->tracer, id, SOURCE_ID, 0, "p0", event->key, timestamp,
                       event->value);
    return id;
}

void lab_trace_result(struct lab_pipeline *pipeline, const struct lab_result *result,
                      int64_t timestamp)
{
    if (!weir__tracing(pipeline->tracer)) {
        return;
    }
    struct weir__buf value = {0};
    lab_put_value(&value, result);
    weir__trace_result(pipeline->tracer, sink_id(pipeline), result->key, timestamp,
                       (struct weir_str){value.data, (uint32_t)value.len});
    weir__buf_fini(&value);
}

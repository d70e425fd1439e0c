/*
 * Measuring a task.
 */
#include "runtime/task_metrics.h"

#include "base/mem.h"

enum { PUBLISH_MS = 500, NS_A_MS = 1000000 };

enum activity { BUSY, IDLE, BACK_PRESSURED, ACTIVITIES };

static const char *const activity_names[ACTIVITIES] = {"busyTimeMsPerSecond", "idleTimeMsPerSecond",
                                                       "backPressuredTimeMsPerSecond"};

struct weir__task_metrics {
    struct weir__host *const *hosts;
    size_t host_count;
    const struct weir_clock *clock;
    struct weir__metric_group *group;
    struct weir__channel_usage in;
    struct weir__channel_usage out;
    enum activity activity; /* since `since_ns` */
    int64_t since_ns;       /* of the monotonic clock; 0: no step yet */
    int64_t spent_ns[ACTIVITIES];
    int64_t publish_at_ms;
};

struct weir__task_metrics *weir__task_metrics_new(struct weir__host *const *hosts, size_t count,
                                                  const struct weir_clock *clock)
{
    struct weir__task_metrics *metrics = WEIR__NEW(struct weir__task_metrics);
    metrics->hosts = hosts;
    metrics->host_count = count;
    metrics->clock = clock;
    metrics->group = weir__metric_group_new();
    metrics->publish_at_ms = WEIR_TIME_MIN;
    return metrics;
}

void weir__task_metrics_free(struct weir__task_metrics *metrics)
{
    if (metrics != NULL) {
        weir__metric_group_free(metrics->group);
        weir__free(metrics);
    }
}

/* ---- publishing ---- */

static void publish_operator(const struct weir__host *host, int64_t now_ms)
{
    const struct weir__operator_context *context = &host->context;
    struct weir__metric_group *group = context->metrics;
    *weir__metric_counter(group, "numRecordsIn") = context->records_in;
    *weir__metric_counter(group, "numRecordsOut") = context->records_out;
    *weir__metric_meter(group, "numRecordsInPerSecond") = context->records_in;
    *weir__metric_meter(group, "numRecordsOutPerSecond") = context->records_out;
    *weir__metric_gauge(group, "currentInputWatermark") = (double)context->watermark;
    if (context->watermark != WEIR_TIME_MIN && context->watermark != WEIR_TIME_MAX) {
        *weir__metric_gauge(group, "watermarkLag") =
            (double)weir_time_sub(now_ms, context->watermark);
    }
    weir__metric_publish(group, now_ms);
    if (context->latency != NULL) {
        weir__metric_publish(weir__latency_group(context->latency), now_ms);
    }
}

static double share(struct weir__channel_usage usage)
{
    return usage.capacity > 0 ? (double)usage.used / (double)usage.capacity : 0;
}

static void publish(struct weir__task_metrics *metrics, int64_t now_ms)
{
    for (size_t i = 0; i < metrics->host_count; i++) {
        publish_operator(metrics->hosts[i], now_ms);
    }
    const struct weir__operator_context *head = &metrics->hosts[0]->context;
    const struct weir__operator_context *tail = &metrics->hosts[metrics->host_count - 1]->context;
    *weir__metric_counter(metrics->group, "numRecordsIn") = head->records_in;
    *weir__metric_counter(metrics->group, "numRecordsOut") = tail->records_out;
    for (int i = 0; i < ACTIVITIES; i++) {
        *weir__metric_meter(metrics->group, activity_names[i]) = metrics->spent_ns[i] / NS_A_MS;
    }
    *weir__metric_gauge(metrics->group, "inPoolUsage") = share(metrics->in);
    *weir__metric_gauge(metrics->group, "outPoolUsage") = share(metrics->out);
    weir__metric_publish(metrics->group, now_ms);
}

void weir__task_metrics_set_usage(struct weir__task_metrics *metrics, struct weir__channel_usage in,
                                  struct weir__channel_usage out)
{
    metrics->in = in;
    metrics->out = out;
}

/* ---- steps ---- */

/* What lies behind belongs to the activity so far; from now on it is this one. */
static void turn_to(struct weir__task_metrics *metrics, enum activity activity)
{
    int64_t now_ns = weir_clock_ns(metrics->clock);
    if (metrics->since_ns != 0) {
        metrics->spent_ns[metrics->activity] += now_ns - metrics->since_ns;
    }
    metrics->since_ns = now_ns;
    metrics->activity = activity;
}

void weir__task_metrics_begin_step(struct weir__task_metrics *metrics, int64_t now_ms)
{
    turn_to(metrics, BUSY);
    bool set_back = metrics->publish_at_ms > weir_time_add(now_ms, PUBLISH_MS);
    if (now_ms >= metrics->publish_at_ms || set_back) {
        publish(metrics, now_ms);
        metrics->publish_at_ms = weir_time_add(now_ms, PUBLISH_MS);
    }
}

void weir__task_metrics_end_step(struct weir__task_metrics *metrics, enum weir_step step,
                                 bool could_go_on)
{
    bool held_up =
        step == WEIR_STEP_BLOCKED_ON_OUTPUT || (step == WEIR_STEP_PROGRESS && could_go_on);
    turn_to(metrics, held_up ? BACK_PRESSURED : IDLE);
    if (step == WEIR_STEP_DONE) {
        publish(metrics, weir_clock_ms(metrics->clock)); /* the last word */
    }
}

int64_t weir__task_metrics_deadline(const struct weir__task_metrics *metrics)
{
    return metrics->publish_at_ms;
}

const struct weir__metric_group *weir__task_metrics_group(const struct weir__task_metrics *metrics)
{
    return metrics->group;
}

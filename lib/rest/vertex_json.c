/*
 * A vertex as Flink's JSON: its watermarks, and where it is held up.
 */
#include "base/mem.h"
#include "rest/answer.h"

#include <inttypes.h>
#include <string.h>

/* ---- watermarks ---- */

struct listing {
    struct weir__buf *out;
    bool any;
};

static void list_watermark(const struct weir__metric_scope *scope,
                           const struct weir__metric_reading *reading, void *user)
{
    struct listing *listing = user;
    if (scope->operator_index != 0 || strcmp(reading->name, "currentInputWatermark") != 0) {
        return;
    }
    weir__buf_printf(listing->out, "%s{\"id\":\"%d.currentInputWatermark\",\"value\":\"",
                     listing->any ? "," : "", scope->subtask);
    weir__rest_put_number(listing->out, reading->value);
    weir__buf_printf(listing->out, "\"}");
    listing->any = true;
}

void weir__rest_put_watermarks(struct weir__monitor *monitor, size_t vertex, struct weir__buf *out)
{
    struct listing listing = {.out = out};
    weir__buf_put_u8(out, '[');
    weir__monitor_metrics(monitor, vertex, list_watermark, &listing);
    weir__buf_put_u8(out, ']');
}

/* ---- back-pressure ---- */

/* The shares of a subtask's time, 0 to 1. */
struct shares {
    double busy;
    double idle;
    double back_pressured;
};

static void keep_shares(const struct weir__metric_scope *scope,
                        const struct weir__metric_reading *reading, void *user)
{
    struct shares *shares = (struct shares *)user + scope->subtask;
    if (scope->operator_name != NULL) {
        return;
    }
    if (strcmp(reading->name, "busyTimeMsPerSecond") == 0) {
        shares->busy = reading->value / 1000;
    } else if (strcmp(reading->name, "idleTimeMsPerSecond") == 0) {
        shares->idle = reading->value / 1000;
    } else if (strcmp(reading->name, "backPressuredTimeMsPerSecond") == 0) {
        shares->back_pressured = reading->value / 1000;
    }
}

/* Flink's limits. */
static const char *level(double ratio)
{
    return ratio <= 0.1 ? "ok" : ratio <= 0.5 ? "low" : "high";
}

void weir__rest_put_backpressure(struct weir__monitor *monitor, size_t vertex,
                                 struct weir__buf *out)
{
    int parallelism = weir__monitor_vertex(monitor, vertex).parallelism;
    struct shares *shares = weir__calloc((size_t)parallelism, sizeof(*shares));
    weir__monitor_metrics(monitor, vertex, keep_shares, shares);
    double worst = 0;
    for (int i = 0; i < parallelism; i++) {
        worst = shares[i].back_pressured > worst ? shares[i].back_pressured : worst;
    }
    weir__buf_printf(out,
                     "{\"status\":\"ok\",\"backpressureLevel\":\"%s\",\"backpressure-level\":"
                     "\"%s\",\"end-timestamp\":%" PRId64 ",\"subtasks\":[",
                     level(worst), level(worst), weir__monitor_job(monitor).now_ms);
    for (int i = 0; i < parallelism; i++) {
        const char *own = level(shares[i].back_pressured);
        weir__buf_printf(out,
                         "%s{\"subtask\":%d,\"backpressureLevel\":\"%s\",\"backpressure-level\":"
                         "\"%s\",\"ratio\":%.3f,\"idleRatio\":%.3f,\"busyRatio\":%.3f}",
                         i > 0 ? "," : "", i, own, own, shares[i].back_pressured, shares[i].idle,
                         shares[i].busy);
    }
    weir__buf_printf(out, "]}");
    weir__free(shares);
}

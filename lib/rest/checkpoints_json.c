/*
 * Checkpoints as Flink's JSON: counts, a summary, the latest ones, and the last ten.
 */
#include "rest/answer.h"

#include <inttypes.h>

/* The i-th newest that has ended; NULL: it is forgotten, or there was none. */
static const struct weir__past_checkpoint *newest(const struct weir__checkpoint_counts *counts,
                                                  int64_t i)
{
    int64_t ended = counts->completed + counts->failed;
    return i < ended && i < WEIR__PAST_CHECKPOINTS
               ? &counts->past[(ended - 1 - i) % WEIR__PAST_CHECKPOINTS]
               : NULL;
}

/* NULL: null. */
static void put_past(const struct weir__past_checkpoint *past, struct weir__buf *out)
{
    if (past == NULL) {
        weir__buf_printf(out, "null");
        return;
    }
    weir__buf_printf(out,
                     "{\"@class\":\"%s\",\"id\":%" PRId64
                     ",\"status\":\"%s\",\"is_savepoint\":%s,\"trigger_timestamp\":%" PRId64
                     ",\"latest_ack_timestamp\":%" PRId64 ",\"state_size\":%" PRId64
                     ",\"end_to_end_duration\":%" PRId64 "}",
                     past->completed ? "completed" : "failed", past->id,
                     past->completed ? "COMPLETED" : "FAILED", past->savepoint ? "true" : "false",
                     past->begun_ms, past->begun_ms + past->ms, past->bytes, past->ms);
}

/* ---- the latest ---- */

/* Of those that are remembered, the newest of that kind. */
static const struct weir__past_checkpoint *latest(const struct weir__checkpoint_counts *counts,
                                                  bool completed, bool savepoint)
{
    const struct weir__past_checkpoint *past;
    for (int64_t i = 0; (past = newest(counts, i)) != NULL; i++) {
        if (past->completed == completed && (!completed || past->savepoint == savepoint)) {
            return past;
        }
    }
    return NULL;
}

static void put_latest(const struct weir__monitor_job *job, struct weir__buf *out)
{
    const struct weir__checkpoint_counts *counts = &job->checkpoints;
    weir__buf_printf(out, "{\"completed\":");
    put_past(latest(counts, true, false), out);
    weir__buf_printf(out, ",\"savepoint\":");
    put_past(latest(counts, true, true), out);
    weir__buf_printf(out, ",\"failed\":");
    put_past(latest(counts, false, false), out);
    weir__buf_printf(out, ",\"restored\":");
    if (job->restored != 0) {
        weir__buf_printf(out, "{\"id\":%" PRId64 "}}", job->restored);
    } else {
        weir__buf_printf(out, "null}");
    }
}

/* ---- the summary: of the complete ones that are remembered ---- */

struct range {
    int64_t count;
    int64_t min;
    int64_t max;
    int64_t sum;
};

static void extend(struct range *range, int64_t value)
{
    range->min = range->count == 0 || value < range->min ? value : range->min;
    range->max = range->count == 0 || value > range->max ? value : range->max;
    range->sum += value;
    range->count++;
}

static void put_range(const char *name, const struct range *range, struct weir__buf *out)
{
    weir__buf_printf(out, "\"%s\":{\"min\":%" PRId64 ",\"max\":%" PRId64 ",\"avg\":%" PRId64 "}",
                     name, range->min, range->max,
                     range->count > 0 ? range->sum / range->count : 0);
}

static void put_summary(const struct weir__checkpoint_counts *counts, struct weir__buf *out)
{
    struct range bytes = {0};
    struct range ms = {0};
    const struct weir__past_checkpoint *past;
    for (int64_t i = 0; (past = newest(counts, i)) != NULL; i++) {
        if (past->completed) {
            extend(&bytes, past->bytes);
            extend(&ms, past->ms);
        }
    }
    weir__buf_printf(out, "{");
    put_range("state_size", &bytes, out);
    weir__buf_printf(out, ",");
    put_range("end_to_end_duration", &ms, out);
    weir__buf_printf(out, "}");
}

/* ---- all ---- */

void weir__rest_put_checkpoints(struct weir__monitor *monitor, struct weir__buf *out)
{
    struct weir__monitor_job job = weir__monitor_job(monitor);
    const struct weir__checkpoint_counts *counts = &job.checkpoints;
    const struct weir__past_checkpoint *past;
    int pending = counts->pending != 0 ? 1 : 0;
    weir__buf_printf(out,
                     "{\"counts\":{\"restored\":%d,\"total\":%" PRId64
                     ",\"in_progress\":%d,\"completed\":%" PRId64 ",\"failed\":%" PRId64
                     "},\"summary\":",
                     job.restored != 0 ? 1 : 0, counts->completed + counts->failed + pending,
                     pending, counts->completed, counts->failed);
    put_summary(counts, out);
    weir__buf_printf(out, ",\"latest\":");
    put_latest(&job, out);
    weir__buf_printf(out, ",\"history\":[");
    for (int64_t i = 0; (past = newest(counts, i)) != NULL; i++) {
        weir__buf_printf(out, "%s", i > 0 ? "," : "");
        put_past(past, out);
    }
    weir__buf_printf(out, "]}");
}

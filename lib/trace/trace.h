/*
 * The trace: typed events of a running job, one JSON object a line.
 *
 *     {"t":"record","seq":12,"at":1234567,"id":7,"op":2,"sub":0,"from":"p1","key":"/home","ts":1000,"value":"…"}
 *
 * Off by default and then free: a tracer is NULL, and every call below is guarded by weir__tracing.
 * On, each task thread has its own tracer (a bounded ring); one writer thread drains them to a
 * file, to standard output or to a Unix socket. A slow reader never stops the job: events that do
 * not fit are counted and written as a gap.
 */
#ifndef WEIR__TRACE_TRACE_H
#define WEIR__TRACE_TRACE_H

#include <weir/clock.h>
#include <weir/status.h>
#include <weir/str.h>

#include <stddef.h>
#include <stdint.h>

struct weir__trace;  /* one a job */
struct weir__tracer; /* one a task thread */

/* target: a path, "-" for stdout, "unix:PATH" to connect to a listening socket. */
WEIR_MUST_USE enum weir_status weir__trace_open(const char *target, const struct weir_clock *clock,
                                                struct weir__trace **trace,
                                                struct weir_error *error);
/* A new tracer; any thread may ask, one thread may use it. Freed by weir__trace_close. */
struct weir__tracer *weir__trace_tracer(struct weir__trace *trace);
/* Drains everything, waits for the writer, closes. */
void weir__trace_close(struct weir__trace *trace);

#define weir__tracing(tracer) __builtin_expect((tracer) != NULL, 0)

/* Windows are [start, end); action strings are the ones of the table in lib/README.md. Text is
 * copied (and cut at 200 bytes). */
/*
 * job: `json` is the rest of the object's members, already JSON:
 * "\"name\":…,\"operators\":[…],\"config\":{…}". An operator is
 *
 *     {"id":3,"name":"counts","kind":"Window","parallelism":1,"inputs":[{"from":2,"partition":"hash"}],"settings":{…}}
 *
 * where settings, all optional and in milliseconds, are what its factory's `describe` says:
 *     window operator      "window": "tumbling" | "sliding" | "session" | "dynamic-session" |
 *                          "global", "domain": "event" | "processing", "size", "slide",
 *                          "offset", "gap", "lateness", "trigger" (its name),
 *                          "late": "dropped" | "side-output"
 *     watermark assigner   "watermark": "bounded" | "punctuated" | "none", "bound",
 *                          "idle-timeout", "max-drift"
 *     joins                "join": "interval", "lower", "upper" (both inclusive); or
 *                          "join": "window", and what a window operator says
 *     pattern              "pattern": its steps as text, "within", "late"
 *     async                "async": "ordered" | "unordered", "capacity", "timeout"
 */
void weir__trace_job(struct weir__tracer *tracer, const char *json);
/* The number the next source record gets, unique in the job. */
int64_t weir__trace_next_id(struct weir__tracer *tracer);
void weir__trace_record(struct weir__tracer *tracer, int64_t id, int op, int sub, const char *from,
                        struct weir_str key, int64_t ts, struct weir_str value);
/* channel NULL: the operator's own watermark. */
void weir__trace_watermark(struct weir__tracer *tracer, int op, int sub, const char *channel,
                           int64_t value);
void weir__trace_idle(struct weir__tracer *tracer, int op, int sub, const char *channel, bool idle);
/* action: open, add, fire, late-fire, purge. value: short text of the result, null where there is
 * none. */
void weir__trace_window(struct weir__tracer *tracer, const char *action, int op, int sub,
                        struct weir_str key, int64_t start, int64_t end, int64_t n,
                        struct weir_str value);
/* merge: `from` are the windows that became [start, end). */
void weir__trace_merge(struct weir__tracer *tracer, int op, int sub, struct weir_str key,
                       int64_t start, int64_t end, int64_t n, const int64_t (*from)[2],
                       size_t from_count);
void weir__trace_late(struct weir__tracer *tracer, int64_t id, int op, struct weir_str key,
                      int64_t ts, int64_t watermark, const char *to);
void weir__trace_timer(struct weir__tracer *tracer, const char *action, int op, int sub,
                       struct weir_str key, int64_t ts, const char *domain);
void weir__trace_queue(struct weir__tracer *tracer, int op, int sub, const char *channel,
                       int64_t used, int64_t capacity);
/* action: arrive, align (the channel now waits for the others), both of a channel; snapshot,
 * forward, both of the subtask (channel NULL). */
void weir__trace_barrier(struct weir__tracer *tracer, const char *action, int op, int sub,
                         const char *channel, int64_t checkpoint);
/* state: started, acked (by all subtasks), completed, failed. bytes, ms: so far. */
void weir__trace_checkpoint(struct weir__tracer *tracer, int64_t id, const char *state,
                            int64_t bytes, int64_t ms);
/* The job begins again: attempt 1, 2, … */
void weir__trace_restart(struct weir__tracer *tracer, const char *reason, int attempt);
void weir__trace_failure(struct weir__tracer *tracer, int op, int sub, const char *reason,
                         int attempt);
void weir__trace_result(struct weir__tracer *tracer, int op, struct weir_str key, int64_t ts,
                        struct weir_str value);

#endif

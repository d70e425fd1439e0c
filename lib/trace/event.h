/*
 * A trace event, and the one list from which the ring's encoding, the JSON writer and the reader
 * are made.
 *
 * Each event is a few fields out of struct weir__trace_event; the list below says which, under
 * which JSON name and in which order. In a ring an event is one byte of type, then its fields:
 * integers as 8 bytes, booleans as 1, texts as length and bytes, lists of windows as count and
 * pairs.
 *
 * Kinds: INT; BOOL; TEXT (null is written as null); NAME (text, left out when null); PAIRS (left
 * out when empty); RAW (JSON as it is: a member's value when read; when written, members of the
 * object itself).
 */
#ifndef WEIR__TRACE_EVENT_H
#define WEIR__TRACE_EVENT_H

#include "base/buf.h"

#include <weir/str.h>

/* clang-format off */
#define WEIR__TRACE_JOB(F) F(RAW, "", json)
#define WEIR__TRACE_RECORD(F)                                                                      \
    F(INT, "id", id) F(INT, "op", op) F(INT, "sub", sub) F(TEXT, "from", from) F(TEXT, "key", key) \
    F(INT, "ts", ts) F(TEXT, "value", value)
#define WEIR__TRACE_WATERMARK(F)                                                                   \
    F(INT, "op", op) F(INT, "sub", sub) F(NAME, "channel", channel) F(INT, "value", watermark)
#define WEIR__TRACE_IDLE(F)                                                                        \
    F(INT, "op", op) F(INT, "sub", sub) F(NAME, "channel", channel) F(BOOL, "idle", idle)
#define WEIR__TRACE_WINDOW(F)                                                                      \
    F(TEXT, "action", action) F(INT, "op", op) F(INT, "sub", sub) F(TEXT, "key", key)              \
    F(INT, "start", start) F(INT, "end", end) F(INT, "n", n) F(PAIRS, "from", merged)              \
    F(TEXT, "value", value)
#define WEIR__TRACE_LATE(F)                                                                        \
    F(INT, "id", id) F(INT, "op", op) F(TEXT, "key", key) F(INT, "ts", ts)                         \
    F(INT, "watermark", watermark) F(TEXT, "to", to)
#define WEIR__TRACE_TIMER(F)                                                                       \
    F(TEXT, "action", action) F(INT, "op", op) F(INT, "sub", sub) F(TEXT, "key", key)              \
    F(INT, "ts", ts) F(TEXT, "domain", domain)
#define WEIR__TRACE_QUEUE(F)                                                                       \
    F(INT, "op", op) F(INT, "sub", sub) F(NAME, "channel", channel) F(INT, "used", used)           \
    F(INT, "capacity", capacity)
#define WEIR__TRACE_BARRIER(F)                                                                     \
    F(TEXT, "action", action) F(INT, "op", op) F(INT, "sub", sub) F(NAME, "channel", channel)      \
    F(INT, "checkpoint", checkpoint)
#define WEIR__TRACE_CHECKPOINT(F)                                                                  \
    F(INT, "id", id) F(TEXT, "state", state) F(INT, "bytes", bytes) F(INT, "ms", ms)
#define WEIR__TRACE_FAILURE(F)                                                                     \
    F(INT, "op", op) F(INT, "sub", sub) F(TEXT, "reason", reason) F(INT, "attempt", attempt)
#define WEIR__TRACE_RESULT(F)                                                                      \
    F(INT, "op", op) F(TEXT, "key", key) F(INT, "ts", ts) F(TEXT, "value", value)
#define WEIR__TRACE_GAP(F) F(INT, "dropped", dropped)

/* name in code, "t" in JSON, fields */
#define WEIR__TRACE_EVENTS(X)                                                                      \
    X(JOB, "job", WEIR__TRACE_JOB)                                                                 \
    X(RECORD, "record", WEIR__TRACE_RECORD)                                                        \
    X(WATERMARK, "watermark", WEIR__TRACE_WATERMARK)                                               \
    X(IDLE, "idle", WEIR__TRACE_IDLE)                                                              \
    X(WINDOW, "window", WEIR__TRACE_WINDOW)                                                        \
    X(LATE, "late", WEIR__TRACE_LATE)                                                              \
    X(TIMER, "timer", WEIR__TRACE_TIMER)                                                           \
    X(QUEUE, "queue", WEIR__TRACE_QUEUE)                                                           \
    X(BARRIER, "barrier", WEIR__TRACE_BARRIER)                                                     \
    X(CHECKPOINT, "checkpoint", WEIR__TRACE_CHECKPOINT)                                            \
    X(FAILURE, "failure", WEIR__TRACE_FAILURE)                                                     \
    X(RESTART, "restart", WEIR__TRACE_FAILURE)                                                     \
    X(RESULT, "result", WEIR__TRACE_RESULT)                                                        \
    X(GAP, "gap", WEIR__TRACE_GAP)
/* clang-format on */

enum weir__trace_type {
#define X(name, text, fields) WEIR__TRACE_##name##_EVENT,
    WEIR__TRACE_EVENTS(X)
#undef X
        WEIR__TRACE_TYPES
};

enum { WEIR__TRACE_TEXT_MAX = 200, WEIR__TRACE_PAIRS_MAX = 32 };

struct weir__trace_event {
    enum weir__trace_type type;
    int64_t seq; /* in the order written, from 0 */
    int64_t at;  /* nanoseconds since the trace was opened */
    /* the fields of the list; those that the type does not have are zero */
    int64_t id, op, sub, ts, watermark, start, end, n, used, capacity, checkpoint, bytes, ms,
        attempt, dropped;
    bool idle;
    struct weir_str from, key, value, channel, action, to, domain, state, reason, json;
    int64_t merged[WEIR__TRACE_PAIRS_MAX][2];
    size_t merged_count;
};

enum weir__trace_kind {
    WEIR__TRACE_KIND_INT,
    WEIR__TRACE_KIND_BOOL,
    WEIR__TRACE_KIND_TEXT,
    WEIR__TRACE_KIND_NAME,
    WEIR__TRACE_KIND_PAIRS,
    WEIR__TRACE_KIND_RAW,
};

struct weir__trace_field {
    enum weir__trace_kind kind;
    const char *name;
    size_t offset; /* in struct weir__trace_event */
};

struct weir__trace_schema {
    const char *name; /* "t" */
    const struct weir__trace_field *fields;
    size_t field_count;
};

extern const struct weir__trace_schema weir__trace_schemas[WEIR__TRACE_TYPES];

/* Appends the event as it lies in a ring; texts other than RAW are cut at WEIR__TRACE_TEXT_MAX
 * bytes, between two characters. */
void weir__trace_encode(struct weir__buf *buf, const struct weir__trace_event *event);
/* The reverse; texts are views of `bytes`. False when the bytes are not an event. */
bool weir__trace_decode(struct weir_str bytes, struct weir__trace_event *event);
/* Appends the event as one line of JSON, newline included. Bytes that are not UTF-8 become U+FFFD;
 * control characters are escaped. */
void weir__trace_write_json(struct weir__buf *buf, const struct weir__trace_event *event);

#endif

/*
 * Asynchronous requests: asking a slow service about each event without waiting for the answer.
 *
 *     event ─▶ start(request) ─▶ … your threads, your client … ─▶ weir_request_complete(request)
 *                                                                          │
 *     results ◀── in order, or as the answers come ◀── the task's thread ◀─┘
 *
 * At most `capacity` requests are under way in a subtask; then it takes no more events
 * (back-pressure). A result carries the timestamp of its event. No result overtakes a watermark in
 * either direction: what came in before a watermark goes out before it. At the end of the input
 * all answers are awaited. Source: Flink's asynchronous I/O.
 */
#ifndef WEIR_ASYNC_H
#define WEIR_ASYNC_H

#include <weir/stream.h>

/* A question that has not been answered. */
typedef struct weir_request weir_request;

/* The event it is about: borrowed until the request is answered. Any thread. */
const void *weir_request_value(const weir_request *request);
/*
 * Answers: `count` values (0: none) of the out_type, one after the other in `results`, which are
 * copied. The request is gone then: every one that was started is to be answered exactly once, by
 * this or by weir_request_fail, also when it has timed out meanwhile or the job has ended (then
 * nobody listens). Threads: any, also within start.
 */
void weir_request_complete(weir_request *request, const void *results, size_t count);
/* Answers that it went wrong: the job fails with this error (copied). */
void weir_request_fail(weir_request *request, const struct weir_error *error);

enum weir_async_order {
    WEIR_ORDERED,   /* results in the order of the events */
    WEIR_UNORDERED, /* as the answers come, between two watermarks */
};

struct weir_async_config {
    const char *name; /* NULL: "Async" */
    const struct weir_type *in_type;
    const struct weir_type *out_type;
    /* Sends the question off, and must not wait for the answer. Called by the task's thread. */
    void (*start)(weir_request *request, void *user);
    /*
     * Called when no answer came in time, in place of its results, when it is their turn; what it
     * emits is the result. NULL: the job fails.
     */
    void (*timed_out)(const void *value, weir_collector *out, void *user);
    enum weir_async_order order;
    int capacity;       /* >= 1; 0: 100 */
    int64_t timeout_ms; /* >= 1, in processing time since the start; 0: waits for ever */
    void *user;         /* shared by all subtasks */
};

/*
 * Asks about each event. config: copied. A checkpoint holds the events whose results have not gone
 * out; a restore asks about them anew. Under the simulation scheduler nobody but the job moves
 * time: answer within start, at once or at a later event's, or let the request time out.
 * Errors (kept on the env): WEIR_MISMATCH: the stream is not of in_type; WEIR_INVALID: start or a
 * type is missing, a negative capacity or time.
 * Ownership: the stream belongs to the env. Source: Flink's AsyncDataStream.
 */
weir_stream *weir_async(weir_stream *in, const struct weir_async_config *config);

#endif

/*
 * Requests, and the mailbox through which answers come back from other threads.
 *
 *     task's thread                          any thread
 *     weir__request_new
 *     weir__request_start ─────────────────▶ weir_request_complete
 *     weir__mailbox_take  ◀── list, wake ────┘
 *
 * A request lives as long as one of the two sides holds it; the mailbox as long as the operator or
 * a request does. So an answer that comes after the operator is gone finds everything in place, and
 * nobody listening.
 */
#ifndef WEIR__OPERATOR_ASYNC_H
#define WEIR__OPERATOR_ASYNC_H

#include "operator/operator.h"

#include <weir/async.h>

#include <stdatomic.h>

struct weir__mailbox;
struct weir__async_item; /* async_operator.c */

struct weir_request {
    /* fixed */
    struct weir__mailbox *mailbox; /* referred to */
    const struct weir_type *in_type;
    const struct weir_type *out_type;
    void *value; /* owned */
    /* shared */
    atomic_int refs;
    /* the answering thread's, then the mailbox's, then the task's: handed over under its lock */
    char *results; /* owned */
    size_t count;
    struct weir_error error; /* code WEIR_OK: the results count */
    weir_request *next;      /* in the mailbox */
    /* the task's thread */
    struct weir__async_item *item; /* in the queue; of no use once done */
    int64_t timestamp;
    int64_t id;    /* in the trace */
    int32_t split; /* of the event */
    int64_t deadline_ms;
    bool started;
    bool done; /* answered, or timed out */
    bool timed_out;
};

#define WEIR__ASYNC_CAPACITY 100 /* Flink's default */

/* wake: makes the task run soon; may be NULL. */
struct weir__mailbox *weir__mailbox_new(void (*wake)(void *waker), void *waker);
/* The operator is gone: nobody is woken any more. */
void weir__mailbox_close(struct weir__mailbox *mailbox);
/* Whether there is something to take. */
bool weir__mailbox_has_mail(const struct weir__mailbox *mailbox);
/* Answered requests, in the order of the answers; a list by `next`, or NULL. */
weir_request *weir__mailbox_take(struct weir__mailbox *mailbox);

/* The caller's reference; an empty value, to be filled. */
weir_request *weir__request_new(struct weir__mailbox *mailbox, const struct weir_type *in_type,
                                const struct weir_type *out_type);
/* Takes the reference that the answer gives back. */
void weir__request_lend(weir_request *request);
void weir__request_unref(weir_request *request);

#endif

/*
 * A writer: one link of the plan, as a subtask sees it that sends. It chooses the subtask for every
 * record (the partitioner) and fills a buffer for each of them.
 *
 *     operator's output ─▶ writer ─▶ lane 0: buffer ─push▶ channel to subtask 0
 *                                 ─▶ lane 1: buffer ─push▶ channel to subtask 1
 *
 * A buffer is sent on when it is full, when it has waited for the buffer timeout, or when the task
 * has nothing to do and the channel is empty (waiting would help nobody). An emission never fails
 * half-way: when the ring is full, the lane's own buffer goes on growing with the rest of the
 * record in hand, and the lane counts in the task's pressure until it could be sent.
 *
 * One thread: the task's.
 */
#ifndef WEIR__RUNTIME_WRITER_H
#define WEIR__RUNTIME_WRITER_H

#include "graph/graph.h"
#include "operator/operator.h"
#include "runtime/channel.h"

struct weir__writer;

struct weir__writer_config {
    const struct weir_type *type;
    enum weir__partition partition;
    const struct weir_field *key; /* HASH */
    int max_parallelism;          /* HASH: key groups */
    /* CUSTOM */
    int (*choose)(const void *value, int subtasks, void *user);
    void *choose_user;
    int subtask; /* of the sender: where a rebalance begins, so that senders do not march in step */
    size_t buffer_bytes;       /* 0: WEIR__BUFFER_BYTES */
    int64_t buffer_timeout_ms; /* 0: every record is sent at once */
    int *pressure;             /* counts full lanes; the task's */
    /* for the trace */
    struct weir__tracer *tracer;
    int to_operator;
    const char *channel_name; /* copied */
};

struct weir__writer *weir__writer_new(const struct weir__writer_config *config);
void weir__writer_free(struct weir__writer *writer);
/* Adds the lane to the next subtask that it may reach: FORWARD writers have exactly one, RESCALE
 * ones a few, others all. The channel is borrowed. */
void weir__writer_add(struct weir__writer *writer, struct weir__channel *channel, int to_subtask);
/* The operator that fails when a learner's partitioner is wrong. Borrowed. */
void weir__writer_set_sender(struct weir__writer *writer, struct weir__operator *sender);
/* What an operator's output is connected to. */
struct weir__receiver weir__writer_receiver(struct weir__writer *writer);

/*
 * Sends what has waited long enough by now_ms, and what could not be sent before. True:
 * something went.
 */
bool weir__writer_tick(struct weir__writer *writer, int64_t now_ms);
/* Sends half-full buffers to subtasks that have nothing else to read. True: something went. */
bool weir__writer_relax(struct weir__writer *writer);
/* Puts the checkpoint's barrier between what was written and what will be; it does not wait. */
void weir__writer_barrier(struct weir__writer *writer, int64_t checkpoint);
/* Says to all subtasks that nothing follows. */
void weir__writer_end(struct weir__writer *writer);
/*
 * When the next buffer has waited long enough, epoch ms; WEIR_TIME_MAX: nothing waits, or only
 * for room.
 */
int64_t weir__writer_deadline(const struct weir__writer *writer);
/* Nothing is left to send. */
bool weir__writer_is_empty(const struct weir__writer *writer);
/* Adds how full its channels are. */
void weir__writer_add_usage(const struct weir__writer *writer, struct weir__channel_usage *usage);

#endif

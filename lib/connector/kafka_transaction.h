/*
 * The transactional producer of a job: shared by all its exactly-once Kafka sinks and their
 * subtasks, because a checkpoint is one Kafka transaction.
 *
 *     join ─▶ begin ─▶ send … ─▶ commit(1) ─▶ send … ─▶ commit(2) … ─▶ leave
 *
 *     a transaction = the results between two barriers + the marker of the checkpoint at its end
 *                     (kafka_marker.h) + the offsets of the job's Kafka sources
 *
 * A checkpoint is durable before its transaction is committed, and the marker says, at the next
 * start, which one to restore: so results, offsets and the choice of state change in one step. A
 * crash before it undoes the transaction; a crash after it finds everything in place.
 *
 * Joining fences: whoever had the transactional id before gets an error (WEIR_FENCED) at its next
 * commit, and what it had not committed is gone.
 *
 * Invariants: from begin on a transaction is open, except inside of commit. Nobody sends between
 * the barrier of a checkpoint and its commit. Threads: any; commit is serialized by the lock.
 * Source: semantics sheet, section 21 (one transaction a checkpoint), and DESIGN in lib/README.md.
 */
#ifndef WEIR__CONNECTOR_KAFKA_TRANSACTION_H
#define WEIR__CONNECTOR_KAFKA_TRANSACTION_H

#include "base/vec.h"
#include "connector/kafka_client.h"

#include <weir/sink.h>

#include <stdatomic.h>

struct weir__kafka_transaction {
    struct weir__kafka_client client;     /* first: callbacks get it and find this around it */
    struct weir__kafka_transaction *next; /* among all of the process; under the registry's lock */
    int users;                            /* under the registry's lock */
    /* fixed once joined */
    char *id;
    char *job;
    const struct weir_clock *clock;
    int64_t timeout_ms; /* the broker undoes a transaction that takes longer */
    pthread_mutex_t lock;
    /* under lock */
    struct weir__vec topics; /* of char *, owned: of all sinks */
    bool open;
    int64_t begun_ms;
    int64_t committed; /* the last checkpoint that is; -1: none is known */
    int64_t done;      /* the last one that was committed here; -1: none yet */
    /* under failure_lock, so that a commit can be told: the first delivery that failed */
    pthread_mutex_t failure_lock;
    struct weir_error failure;
    /* atomic */
    atomic_bool failed; /* failure is set */
};

/*
 * Joins the job's transactional producer, or makes it: connects, takes over the transactional id
 * and asks which checkpoint is committed. *transaction NULL without an error: this broker accepts
 * transactions and does not honour them (the embedded one); a line in the log has said so. May
 * block for WEIR__KAFKA_PATIENCE_MS a question. Errors: WEIR_INVALID: settings that cannot work, in
 * words; WEIR_UNAVAILABLE, WEIR_NOT_FOUND as weir__kafka_client_topic.
 */
WEIR_MUST_USE enum weir_status weir__kafka_transaction_join(
    const char *brokers, const char *id, const char *topic, const struct weir_sink_context *context,
    struct weir__kafka_transaction **transaction, struct weir_error *error);
/* The last one to leave undoes what is not committed. NULL is allowed. */
void weir__kafka_transaction_leave(struct weir__kafka_transaction *transaction);

/* Begins the first transaction, unless it has begun. restored: the checkpoint from which the job
 * goes on, 0: none. It is what a later start restores, until the first commit. */
WEIR_MUST_USE enum weir_status weir__kafka_transaction_begin(
    struct weir__kafka_transaction *transaction, int64_t restored, struct weir_error *error);
/* As weir__kafka_produce. */
WEIR_MUST_USE enum weir_status weir__kafka_transaction_send(
    struct weir__kafka_transaction *transaction, const char *topic, struct weir_str key,
    struct weir_str value, int64_t timestamp, struct weir_error *error);
/* Takes confirmations for at most that long. Errors: the first failure, of whatever message. */
WEIR_MUST_USE enum weir_status weir__kafka_transaction_poll(
    struct weir__kafka_transaction *transaction, int timeout_ms, struct weir_error *error);
/*
 * Commits the checkpoint, unless another sink or subtask has done so, and begins the next
 * transaction. Tries for about twenty seconds. Errors: WEIR_FENCED: another instance has taken
 * over; WEIR_UNAVAILABLE, WEIR_TIMED_OUT: it was undone, or nobody knows; the next start finds out.
 */
WEIR_MUST_USE enum weir_status weir__kafka_transaction_commit(
    struct weir__kafka_transaction *transaction, const struct weir_sink_commit *commit,
    struct weir_error *error);

/* Does the transaction of this job carry the offsets of its sources? Then they do not commit any
 * themselves. */
bool weir__kafka_transaction_carries(const char *job);

#endif

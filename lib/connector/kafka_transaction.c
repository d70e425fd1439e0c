/*
 * A checkpoint's transaction: begin, send, commit (see kafka_transaction.h).
 */
#include "connector/kafka_transaction.h"

#include "base/mem.h"
#include "connector/kafka_marker.h"
#include "connector/kafka_producer.h"

#include <inttypes.h>
#include <string.h>

enum { TRIES = 4, TRY_MS = 5000, BETWEEN_TRIES_MS = 300 };

/* ---- errors in words ---- */

static bool is_fencing(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
           code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

/* The broker also bumps the epoch when it gives up a transaction that took too long. */
static enum weir_status fenced(const struct weir__kafka_transaction *transaction,
                               struct weir_error *error)
{
    if (transaction->open &&
        weir_clock_ms(transaction->clock) - transaction->begun_ms >= transaction->timeout_ms) {
        return weir_error_set(
            error, WEIR_TIMED_OUT, transaction->id,
            "the broker undid the transaction, which was open for more than %" PRId64
            " ms (transaction.timeout.ms): checkpoints took too long, or the machine slept",
            transaction->timeout_ms);
    }
    return weir_error_set(
        error, WEIR_FENCED, transaction->id,
        "another instance of this job has taken over (it has the same transactional id), and the "
        "broker fenced this one off: what it wrote since checkpoint %" PRId64
        " is undone, and the other instance writes it. Leave that one running; to run two jobs, "
        "give them different names or -X transactional.id=NAME",
        transaction->committed);
}

static struct weir_error first_failure(struct weir__kafka_transaction *transaction)
{
    pthread_mutex_lock(&transaction->failure_lock);
    struct weir_error failure = transaction->failure;
    pthread_mutex_unlock(&transaction->failure_lock);
    return failure;
}

/* Takes the client's error. Under lock. */
static enum weir_status explain(struct weir__kafka_transaction *transaction, const char *what,
                                rd_kafka_error_t *why, struct weir_error *error)
{
    char text[256];
    rd_kafka_resp_err_t code = rd_kafka_error_code(why);
    rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(transaction->client.handle, text, sizeof text);
    enum weir_status status;
    if (is_fencing(code) || is_fencing(fatal)) {
        status = fenced(transaction, error);
    } else if (rd_kafka_error_is_retriable(why)) {
        status = weir_error_set(
            error, WEIR_TIMED_OUT, transaction->id,
            "%s: no answer after %d tries (%.120s). Whether it happened is not known here; the "
            "next start asks the broker, and goes on from what was committed",
            what, TRIES, rd_kafka_error_string(why));
    } else {
        struct weir_error failure = first_failure(transaction);
        status = weir_error_set(
            error, WEIR_UNAVAILABLE, transaction->id,
            "%s: %.200s. The transaction is undone; the next start goes on from the checkpoint "
            "before",
            what, failure.code != WEIR_OK ? failure.message : rd_kafka_error_string(why));
    }
    rd_kafka_error_destroy(why);
    return status;
}

/* A failed delivery, or what is behind it. */
static enum weir_status failure_of(struct weir__kafka_transaction *transaction,
                                   struct weir_error *error)
{
    char text[256];
    struct weir_error failure = first_failure(transaction);
    if (is_fencing(rd_kafka_fatal_error(transaction->client.handle, text, sizeof text))) {
        pthread_mutex_lock(&transaction->lock);
        failure.code = fenced(transaction, &failure);
        pthread_mutex_unlock(&transaction->lock);
    }
    if (error != NULL) {
        *error = failure;
    }
    return failure.code;
}

/* ---- calls that are tried again ---- */

struct offsets {
    const char *group;
    rd_kafka_topic_partition_list_t *list;
};

static rd_kafka_error_t *send_offsets(rd_kafka_t *handle, const struct offsets *offsets)
{
    rd_kafka_consumer_group_metadata_t *group =
        rd_kafka_consumer_group_metadata_new(offsets->group);
    rd_kafka_error_t *why =
        rd_kafka_send_offsets_to_transaction(handle, offsets->list, group, TRY_MS);
    rd_kafka_consumer_group_metadata_destroy(group);
    return why;
}

static rd_kafka_error_t *end_transaction(rd_kafka_t *handle, const struct offsets *unused)
{
    (void)unused;
    return rd_kafka_commit_transaction(handle, TRY_MS);
}

/* A call that ran into its time-out is resumed by the next. NULL: it succeeded. */
static rd_kafka_error_t *persist(rd_kafka_t *handle,
                                 rd_kafka_error_t *(*call)(rd_kafka_t *, const struct offsets *),
                                 const struct offsets *offsets)
{
    rd_kafka_error_t *why = call(handle, offsets);
    for (int i = 1; i < TRIES && why != NULL && rd_kafka_error_is_retriable(why); i++) {
        rd_kafka_error_destroy(why);
        (void)rd_kafka_poll(handle, BETWEEN_TRIES_MS);
        why = call(handle, offsets);
    }
    return why;
}

/* ---- what a commit carries ---- */

static enum weir_status carry(struct weir__kafka_transaction *transaction, const char *group,
                              rd_kafka_topic_partition_list_t *list, struct weir_error *error)
{
    rd_kafka_error_t *why = persist(transaction->client.handle, send_offsets,
                                    &(struct offsets){.group = group, .list = list});
    rd_kafka_topic_partition_list_destroy(list);
    return why == NULL ? WEIR_OK : explain(transaction, "offsets were not taken", why, error);
}

static enum weir_status carry_markers(struct weir__kafka_transaction *transaction,
                                      int64_t checkpoint, struct weir_error *error)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)transaction->topics.count);
    for (size_t i = 0; i < transaction->topics.count; i++) {
        weir__kafka_marker_add(list, *(char **)weir__vec_at(&transaction->topics, i), checkpoint);
    }
    return carry(transaction, transaction->id, list, error);
}

/* Was the group of the i-th offset among those before it? */
static bool is_repeated(const struct weir_sink_commit *commit, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (strcmp(commit->offsets[j].group_id, commit->offsets[i].group_id) == 0) {
            return true;
        }
    }
    return false;
}

static enum weir_status carry_offsets(struct weir__kafka_transaction *transaction,
                                      const struct weir_sink_commit *commit,
                                      struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    for (size_t i = 0; i < commit->offset_count && status == WEIR_OK; i++) {
        const char *group = commit->offsets[i].group_id;
        if (!is_repeated(commit, i)) {
            rd_kafka_topic_partition_list_t *list =
                rd_kafka_topic_partition_list_new((int)commit->offset_count);
            weir__kafka_marker_add_offsets(list, group, commit);
            status = carry(transaction, group, list, error);
        }
    }
    return status;
}

/* ---- one transaction after the other; under lock ---- */

static enum weir_status open_next(struct weir__kafka_transaction *transaction,
                                  struct weir_error *error)
{
    rd_kafka_error_t *why = rd_kafka_begin_transaction(transaction->client.handle);
    if (why != NULL) {
        return explain(transaction, "no transaction could be begun", why, error);
    }
    transaction->open = true;
    transaction->begun_ms = weir_clock_ms(transaction->clock);
    return WEIR_OK;
}

static enum weir_status commit_open(struct weir__kafka_transaction *transaction,
                                    const struct weir_sink_commit *commit, struct weir_error *error)
{
    enum weir_status status = carry_markers(transaction, commit->checkpoint, error);
    if (status == WEIR_OK) {
        status = carry_offsets(transaction, commit, error);
    }
    if (status != WEIR_OK) {
        return status;
    }
    rd_kafka_error_t *why = persist(transaction->client.handle, end_transaction, NULL);
    if (why != NULL) {
        return explain(transaction, "the commit of a checkpoint's results", why, error);
    }
    transaction->open = false;
    transaction->committed = commit->checkpoint;
    transaction->done = commit->checkpoint;
    return open_next(transaction, error);
}

enum weir_status weir__kafka_transaction_begin(struct weir__kafka_transaction *transaction,
                                               int64_t restored, struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    pthread_mutex_lock(&transaction->lock);
    if (!transaction->open) {
        status = open_next(transaction, error);
        if (status == WEIR_OK && transaction->committed < 0) {
            status =
                commit_open(transaction, &(struct weir_sink_commit){.checkpoint = restored}, error);
        }
    }
    pthread_mutex_unlock(&transaction->lock);
    return status;
}

enum weir_status weir__kafka_transaction_commit(struct weir__kafka_transaction *transaction,
                                                const struct weir_sink_commit *commit,
                                                struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    pthread_mutex_lock(&transaction->lock);
    if (commit->checkpoint != transaction->done) {
        status = commit_open(transaction, commit, error);
    }
    pthread_mutex_unlock(&transaction->lock);
    return status;
}

/* ---- sending ---- */

enum weir_status weir__kafka_transaction_send(struct weir__kafka_transaction *transaction,
                                              const char *topic, struct weir_str key,
                                              struct weir_str value, int64_t timestamp,
                                              struct weir_error *error)
{
    if (atomic_load_explicit(&transaction->failed, memory_order_acquire)) {
        return failure_of(transaction, error);
    }
    enum weir_status status =
        weir__kafka_produce(transaction->client.handle, topic, key, value, timestamp, error);
    struct weir_error reason;
    if (status == WEIR_UNAVAILABLE && failure_of(transaction, &reason) != WEIR_OK) {
        *error = reason; /* the transaction had failed before: that is what there is to say */
        status = reason.code;
    }
    return status;
}

enum weir_status weir__kafka_transaction_poll(struct weir__kafka_transaction *transaction,
                                              int timeout_ms, struct weir_error *error)
{
    (void)rd_kafka_poll(transaction->client.handle, timeout_ms);
    return atomic_load_explicit(&transaction->failed, memory_order_acquire)
               ? failure_of(transaction, error)
               : WEIR_OK;
}

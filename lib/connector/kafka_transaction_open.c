/*
 * Joining and leaving a job's transactional producer (see kafka_transaction.h).
 *
 * Order matters at the start: first the broker is asked whether it is one that honours
 * transactions; then the producer takes over the transactional id, upon which the broker finishes
 * or undoes what the instance before has left; and only then the marker is read, which nobody else
 * can change any more.
 */
#include "base/log.h"
#include "base/mem.h"
#include "connector/kafka_marker.h"
#include "connector/kafka_producer.h"
#include "connector/kafka_transaction.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INIT_TRIES       6
#define INIT_MS          5000
#define ABORT_MS         5000
#define TIMEOUT_ROOM_MS  60000  /* between the longest checkpoint and the broker's patience */
#define BROKER_LIMIT_MS  900000 /* transaction.max.timeout.ms of a broker, unless it was changed */
#define MESSAGE_LIMIT_MS 30000  /* a message's own time-out */

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct weir__kafka_transaction *registry; /* under registry_lock */

/* ---- settings that a job's -X must not change ---- */

struct forced {
    const struct weir__kafka_setting *settings; /* ends with a NULL key */
    bool producer;
};

static void on_delivery(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
    struct weir__kafka_transaction *transaction = opaque;
    (void)handle;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        return;
    }
    pthread_mutex_lock(&transaction->failure_lock);
    if (transaction->failure.code == WEIR_OK) {
        weir__kafka_undelivered(message, &transaction->failure);
        atomic_store_explicit(&transaction->failed, true, memory_order_release);
    }
    pthread_mutex_unlock(&transaction->failure_lock);
}

static void force(rd_kafka_conf_t *conf, void *user)
{
    const struct forced *forced = user;
    for (const struct weir__kafka_setting *s = forced->settings; s->key != NULL; s++) {
        (void)rd_kafka_conf_set(conf, s->key, s->value, NULL, 0);
    }
    if (forced->producer) {
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    }
}

/* ---- the one who asks: a consumer of the transactional id's group ---- */

static enum weir_status open_asker(struct weir__kafka_client *asker, const char *id,
                                   const char *const *properties, struct weir_error *error)
{
    const struct weir__kafka_setting none[] = {{NULL, NULL}};
    const struct weir__kafka_setting settings[] = {{"group.id", id},
                                                   {"enable.auto.commit", "false"},
                                                   {"isolation.level", "read_committed"},
                                                   {"allow.auto.create.topics", "true"},
                                                   {NULL, NULL}};
    return weir__kafka_client_open(asker, RD_KAFKA_CONSUMER, none, properties, force,
                                   &(struct forced){.settings = settings}, error);
}

/* ---- the producer ---- */

static enum weir_status choose_timeout(struct weir__kafka_transaction *transaction,
                                       const struct weir_sink_context *context,
                                       struct weir_error *error)
{
    const char *given = weir__kafka_property(context->properties, "transaction.timeout.ms");
    int64_t longest = context->checkpoint_interval_ms + context->checkpoint_timeout_ms;
    if (context->checkpoint_interval_ms <= 0) {
        return weir_error_set(
            error, WEIR_INVALID, transaction->id,
            "exactly-once results are committed with checkpoints, and this job "
            "takes none: --checkpoint-interval 10s (or WEIR_CHECKPOINT_INTERVAL), "
            "or .delivery = WEIR_AT_LEAST_ONCE");
    }
    transaction->timeout_ms = given != NULL ? strtoll(given, NULL, 10) : longest + TIMEOUT_ROOM_MS;
    if (transaction->timeout_ms <= longest) {
        return weir_error_set(
            error, WEIR_INVALID, transaction->id,
            "transaction.timeout.ms is %s, but a transaction may be open for a checkpoint's "
            "interval and timeout, %" PRId64 " ms together: the broker would undo results. Raise "
            "it, or lower --checkpoint-timeout",
            given != NULL ? given : "too small", longest);
    }
    if (given == NULL && transaction->timeout_ms > BROKER_LIMIT_MS) {
        transaction->timeout_ms = BROKER_LIMIT_MS > longest ? BROKER_LIMIT_MS : longest + 1;
    }
    return WEIR_OK;
}

static enum weir_status open_producer(struct weir__kafka_transaction *transaction,
                                      const char *const *properties, struct weir_error *error)
{
    char timeout[24];
    char message_timeout[24];
    snprintf(timeout, sizeof timeout, "%" PRId64, transaction->timeout_ms);
    snprintf(message_timeout, sizeof message_timeout, "%" PRId64,
             transaction->timeout_ms < MESSAGE_LIMIT_MS ? transaction->timeout_ms
                                                        : MESSAGE_LIMIT_MS);
    const struct weir__kafka_setting defaults[] = {
        {"linger.ms", "5"},
        {"compression.codec", "lz4"},
        {"partitioner", "murmur2_random"},
        {"queue.buffering.max.messages", "100000"},
        {"queue.buffering.max.kbytes", "32768"},
        {"message.timeout.ms", message_timeout},
        /* How long librdkafka waits inside of a call for a broker that has gone: it looks at the
         * call's own time-out only in between. */
        {"socket.timeout.ms", "5000"},
        {"reconnect.backoff.max.ms", "1000"},
        {"allow.auto.create.topics", "true"},
        {NULL, NULL},
    };
    const struct weir__kafka_setting settings[] = {{"transactional.id", transaction->id},
                                                   {"transaction.timeout.ms", timeout},
                                                   {"enable.idempotence", "true"},
                                                   {NULL, NULL}};
    return weir__kafka_client_open(&transaction->client, RD_KAFKA_PRODUCER, defaults, properties,
                                   force, &(struct forced){.settings = settings, .producer = true},
                                   error);
}

/* From here on every other instance is fenced. */
static enum weir_status take_over(struct weir__kafka_transaction *transaction,
                                  struct weir_error *error)
{
    rd_kafka_error_t *why = NULL;
    for (int i = 0; i < INIT_TRIES; i++) {
        rd_kafka_error_destroy(why);
        why = rd_kafka_init_transactions(transaction->client.handle, INIT_MS);
        if (why == NULL) {
            return WEIR_OK;
        }
        if (!rd_kafka_error_is_retriable(why)) {
            break;
        }
    }
    enum weir_status status;
    if (rd_kafka_error_code(why) == RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT) {
        status = weir_error_set(
            error, WEIR_INVALID, transaction->id,
            "the broker allows no transaction of %" PRId64
            " ms, which is how long one may be open here: lower --checkpoint-timeout, or raise the "
            "broker's transaction.max.timeout.ms",
            transaction->timeout_ms);
    } else {
        status = weir_error_set(error, WEIR_UNAVAILABLE, transaction->id,
                                "the broker did not hand over the transactional id: %.200s",
                                rd_kafka_error_string(why));
    }
    rd_kafka_error_destroy(why);
    return status;
}

/* ---- making and unmaking ---- */

static struct weir__kafka_transaction *new_transaction(const char *brokers, const char *id,
                                                       const struct weir_sink_context *context)
{
    struct weir__kafka_transaction *transaction = WEIR__NEW(struct weir__kafka_transaction);
    weir__kafka_client_init(&transaction->client, brokers);
    pthread_mutex_init(&transaction->lock, NULL);
    pthread_mutex_init(&transaction->failure_lock, NULL);
    transaction->id = weir__strdup(id);
    const char *job =
        weir__kafka_property(context->properties, "client.id"); /* as readers know it */
    transaction->job = weir__strdup(job != NULL ? job : context->job_name);
    transaction->clock = context->clock;
    transaction->topics = WEIR__VEC_OF(char *);
    transaction->committed = -1;
    transaction->done = -1;
    return transaction;
}

static void free_transaction(struct weir__kafka_transaction *transaction)
{
    if (transaction->client.handle != NULL) {
        if (transaction->open) {
            rd_kafka_error_destroy(
                rd_kafka_abort_transaction(transaction->client.handle, ABORT_MS));
        }
        (void)rd_kafka_purge(transaction->client.handle,
                             RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        (void)rd_kafka_flush(transaction->client.handle, 1000);
    }
    weir__kafka_client_fini(&transaction->client);
    for (size_t i = 0; i < transaction->topics.count; i++) {
        weir__free(*(char **)weir__vec_at(&transaction->topics, i));
    }
    weir__vec_fini(&transaction->topics);
    pthread_mutex_destroy(&transaction->lock);
    pthread_mutex_destroy(&transaction->failure_lock);
    weir__free(transaction->id);
    weir__free(transaction->job);
    weir__free(transaction);
}

static struct weir__kafka_transaction *find(const char *brokers, const char *id)
{
    for (struct weir__kafka_transaction *t = registry; t != NULL; t = t->next) {
        if (strcmp(t->id, id) == 0 && strcmp(t->client.brokers, brokers) == 0) {
            return t;
        }
    }
    return NULL;
}

static bool knows_topic(const struct weir__kafka_transaction *transaction, const char *topic)
{
    for (size_t i = 0; i < transaction->topics.count; i++) {
        if (strcmp(*(char **)weir__vec_at(&transaction->topics, i), topic) == 0) {
            return true;
        }
    }
    return false;
}

/* Of several topics the largest marker counts: a sink that was added later has none, or an old one.
 */
static enum weir_status add_topic(struct weir__kafka_transaction *transaction,
                                  struct weir__kafka_client *asker, const char *topic,
                                  struct weir_error *error)
{
    int64_t marker = -1;
    enum weir_status status = weir__kafka_marker_read(asker, topic, &marker, error);
    if (status != WEIR_OK) {
        return status;
    }
    char *copy = weir__strdup(topic);
    pthread_mutex_lock(&transaction->lock);
    weir__vec_push(&transaction->topics, &copy);
    if (transaction->done < 0 && marker > transaction->committed) {
        transaction->committed = marker;
    }
    pthread_mutex_unlock(&transaction->lock);
    return WEIR_OK;
}

static enum weir_status make(const char *brokers, const char *id,
                             const struct weir_sink_context *context,
                             struct weir__kafka_transaction **made, struct weir_error *error)
{
    struct weir__kafka_transaction *transaction = new_transaction(brokers, id, context);
    enum weir_status status = choose_timeout(transaction, context, error);
    if (status == WEIR_OK) {
        status = open_producer(transaction, context->properties, error);
    }
    if (status == WEIR_OK) {
        status = take_over(transaction, error);
    }
    if (status != WEIR_OK) {
        free_transaction(transaction);
        return status;
    }
    transaction->next = registry;
    registry = transaction;
    *made = transaction;
    return WEIR_OK;
}

static void tell_at_least_once(const char *topic)
{
    weir__log(WEIR__LOG_WARNING,
              "topic %s: this is the embedded broker, which accepts transactions and does not "
              "honour them. Results are at-least-once here; exactly-once needs a real Kafka "
              "(tools/kafka up)",
              topic);
}

/* Under registry_lock. */
static enum weir_status join(const char *brokers, const char *id, const char *topic,
                             const struct weir_sink_context *context,
                             struct weir__kafka_client *asker,
                             struct weir__kafka_transaction **transaction, struct weir_error *error)
{
    int32_t partitions = 0;
    struct weir__kafka_transaction *found = find(brokers, id);
    if (found != NULL && knows_topic(found, topic)) {
        found->users++;
        *transaction = found;
        return WEIR_OK;
    }
    enum weir_status status = open_asker(asker, id, context->properties, error);
    if (status == WEIR_OK) {
        status = weir__kafka_client_topic(asker, topic, &partitions, error);
    }
    if (status != WEIR_OK) {
        return status;
    }
    if (weir__kafka_client_is_embedded(asker)) {
        tell_at_least_once(topic);
        return WEIR_OK;
    }
    if (found == NULL) {
        status = make(brokers, id, context, &found, error);
    }
    if (status == WEIR_OK) {
        found->users++;
        *transaction = found;
        status = add_topic(found, asker, topic, error);
    }
    return status;
}

enum weir_status weir__kafka_transaction_join(const char *brokers, const char *id,
                                              const char *topic,
                                              const struct weir_sink_context *context,
                                              struct weir__kafka_transaction **transaction,
                                              struct weir_error *error)
{
    struct weir__kafka_client asker;
    *transaction = NULL;
    weir__kafka_client_init(&asker, brokers);
    pthread_mutex_lock(&registry_lock);
    enum weir_status status = join(asker.brokers, id, topic, context, &asker, transaction, error);
    pthread_mutex_unlock(&registry_lock);
    weir__kafka_client_fini(&asker);
    if (status != WEIR_OK) {
        weir__kafka_transaction_leave(*transaction);
        *transaction = NULL;
    }
    return status;
}

void weir__kafka_transaction_leave(struct weir__kafka_transaction *transaction)
{
    if (transaction == NULL) {
        return;
    }
    pthread_mutex_lock(&registry_lock);
    bool last = --transaction->users == 0;
    for (struct weir__kafka_transaction **at = &registry; last && *at != NULL;) {
        if (*at == transaction) {
            *at = transaction->next;
            break;
        }
        at = &(*at)->next;
    }
    pthread_mutex_unlock(&registry_lock);
    if (last) {
        free_transaction(transaction);
    }
}

bool weir__kafka_transaction_carries(const char *job)
{
    bool found = false;
    pthread_mutex_lock(&registry_lock);
    for (struct weir__kafka_transaction *t = registry; t != NULL && !found; t = t->next) {
        found = job != NULL && t->job != NULL && strcmp(t->job, job) == 0;
    }
    pthread_mutex_unlock(&registry_lock);
    return found;
}

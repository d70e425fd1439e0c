/*
 * A Kafka client: what the source, the sink and the producer share. It turns job settings into a
 * librdkafka handle, sends the library's log to ours, and says in words what to do when no broker
 * answers.
 *
 * Settings, later ones win: our defaults, then the job's -X key=value.
 */
#ifndef WEIR__CONNECTOR_KAFKA_CLIENT_H
#define WEIR__CONNECTOR_KAFKA_CLIENT_H

#include <weir/status.h>

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdint.h>

#define WEIR__KAFKA_BROKERS "127.0.0.1:9092"
/* For a broker that is there to answer when a job starts, as long as Kafka's own clients have. A
 * real one makes its offsets topic at the first question, and may have other things to do. */
#define WEIR__KAFKA_PATIENCE_MS 60000
#define WEIR__KAFKA_PAUSE_MS    500 /* before it is asked again */

struct weir__kafka_client {
    rd_kafka_t *handle; /* NULL until opened */
    char *brokers;
    pthread_mutex_t lock;
    /* under lock: librdkafka's threads log */
    bool connected;         /* a broker has answered: failures are news from now on */
    char last_failure[200]; /* why no broker answered, until then */
};

struct weir__kafka_setting {
    const char *key;
    const char *value;
};

/* The value of "key=value" among the job's properties, borrowed; NULL: not there. */
const char *weir__kafka_property(const char *const *properties, const char *key);

/* Whether librdkafka knows and accepts them, each for itself. Errors: WEIR_INVALID. */
WEIR_MUST_USE enum weir_status weir__kafka_client_check(const char *const *properties,
                                                        struct weir_error *error);

void weir__kafka_client_init(struct weir__kafka_client *client, const char *brokers);
/* Destroys the handle. A consumer does not say goodbye to its group: we never join one. */
void weir__kafka_client_fini(struct weir__kafka_client *client);

/*
 * Makes the handle. defaults: ends with a NULL key. properties: NULL-terminated "key=value", or
 * NULL. prepare (may be NULL) sets callbacks on the configuration; `user` is for it alone.
 * rd_kafka_opaque of the handle is the client. Errors: WEIR_INVALID for a property that librdkafka
 * does not know or accept.
 */
WEIR_MUST_USE enum weir_status weir__kafka_client_open(
    struct weir__kafka_client *client, rd_kafka_type_t type,
    const struct weir__kafka_setting *defaults, const char *const *properties,
    void (*prepare)(rd_kafka_conf_t *conf, void *user), void *user, struct weir_error *error);

/* Why no broker has answered so far, in librdkafka's words; "" when it has not said. Any thread. */
void weir__kafka_client_failure(struct weir__kafka_client *client, char *why, size_t size);

/*
 * Waits until a broker says how many partitions the topic has, with weir__kafka_reach; brokers that
 * may create a missing topic do. Errors: WEIR_UNAVAILABLE: no broker; WEIR_NOT_FOUND: no such
 * topic.
 */
WEIR_MUST_USE enum weir_status weir__kafka_client_topic(struct weir__kafka_client *client,
                                                        const char *topic, int32_t *partitions,
                                                        struct weir_error *error);

/* Whether it is the embedded broker that answers, which does less than a real one. */
bool weir__kafka_client_is_embedded(struct weir__kafka_client *client);

#endif

/*
 * The Kafka client (see kafka_client.h).
 */
#include "connector/kafka_client.h"

#include "base/log.h"
#include "base/mem.h"
#include "connector/kafka_advice.h"
#include "connector/kafka_reach.h"
#include "connector/kafka_start.h"

#include <stdio.h>
#include <string.h>

/* ---- librdkafka's log ---- */

/* "[thrd:127.0.0.1:9092/bootstrap]: 127.0.0.1:9092/bootstrap: Connect to … failed: Connection
 * refused (after 0ms in state CONNECT)": the part that says something to a person. */
static const char *without_prefix(const char *text)
{
    const char *end = strncmp(text, "[thrd:", 6) == 0 ? strstr(text, "]: ") : NULL;
    return end != NULL ? end + 3 : text;
}

/*
 * Of "… failed: Connection refused (after 0ms in state CONNECT)" the words between. Under the lock.
 */
static void keep_reason(struct weir__kafka_client *client, const char *message)
{
    static const char *const before[] = {"failed: ", "/bootstrap: "};
    const char *reason = message;
    for (size_t i = 0; i < sizeof before / sizeof before[0] && reason == message; i++) {
        const char *found = strstr(message, before[i]);
        reason = found != NULL ? found + strlen(before[i]) : message;
    }
    snprintf(client->last_failure, sizeof client->last_failure, "%.*s", (int)strcspn(reason, "("),
             reason);
    size_t len = strlen(client->last_failure);
    while (len > 0 && client->last_failure[len - 1] == ' ') {
        client->last_failure[--len] = '\0';
    }
}

static enum weir__log_level our_level(int syslog_level)
{
    if (syslog_level <= 4) {
        return WEIR__LOG_WARNING; /* librdkafka goes on after all of them; what is fatal comes as an
                                     error */
    }
    return syslog_level == 5 ? WEIR__LOG_INFO : WEIR__LOG_DEBUG;
}

static void on_log(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
    struct weir__kafka_client *client = rd_kafka_opaque(handle);
    const char *message = without_prefix(text);
    bool failure = strcmp(facility, "FAIL") == 0 || strcmp(facility, "ERROR") == 0;
    /* A producer's setting on a consumer, because -X goes to all clients of the job; what a killed
     * instance has left, while the broker undoes it; and the coordinator, which is one of the
     * brokers. */
    if (strcmp(facility, "CONFWARN") == 0 || strcmp(facility, "GETPID") == 0 ||
        (failure && strncmp(message, "GroupCoordinator", strlen("GroupCoordinator")) == 0)) {
        level = 7;
    }
    pthread_mutex_lock(&client->lock);
    bool keep = failure && !client->connected;
    if (keep && strcmp(facility, "FAIL") == 0) {
        keep_reason(client, message);
    }
    pthread_mutex_unlock(&client->lock);
    if (!keep) {
        weir__log(our_level(level), "Kafka: %s", message);
    }
}

/* Errors of the client as a whole. The log has said it too, except that all brokers are gone. */
static void on_error(rd_kafka_t *handle, int code, const char *reason, void *opaque)
{
    struct weir__kafka_client *client = opaque;
    (void)handle;
    pthread_mutex_lock(&client->lock);
    bool tell = client->connected && code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
    pthread_mutex_unlock(&client->lock);
    if (tell) {
        weir__log(WEIR__LOG_WARNING, "Kafka: %s; trying again until a broker is back", reason);
    }
}

/* ---- configuration ---- */

static enum weir_status set_property(rd_kafka_conf_t *conf, const char *key, const char *value,
                                     struct weir_error *error)
{
    char reason[256];
    if (rd_kafka_conf_set(conf, key, value, reason, sizeof reason) == RD_KAFKA_CONF_OK) {
        return WEIR_OK;
    }
    return weir_error_set(error, WEIR_INVALID, key,
                          "%s; -X takes librdkafka's client properties as key=value", reason);
}

const char *weir__kafka_property(const char *const *properties, const char *key)
{
    size_t len = strlen(key);
    for (; properties != NULL && *properties != NULL; properties++) {
        if (strncmp(*properties, key, len) == 0 && (*properties)[len] == '=') {
            return *properties + len + 1;
        }
    }
    return NULL;
}

static enum weir_status set_properties(rd_kafka_conf_t *conf, const char *const *properties,
                                       struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    for (; properties != NULL && *properties != NULL && status == WEIR_OK; properties++) {
        char key[128];
        const char *equals = strchr(*properties, '=');
        if (equals == NULL || equals == *properties || equals - *properties >= (long)sizeof key) {
            return weir_error_set(error, WEIR_INVALID, *properties, "expected -X key=value");
        }
        snprintf(key, sizeof key, "%.*s", (int)(equals - *properties), *properties);
        /* Those are of the file sink, and of the source. */
        if (strncmp(key, "s3.", 3) != 0 && !weir__kafka_start_has_setting(key)) {
            status = set_property(conf, key, equals + 1, error);
        }
    }
    return status;
}

enum weir_status weir__kafka_client_check(const char *const *properties, struct weir_error *error)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    enum weir_status status = set_properties(conf, properties, error);
    rd_kafka_conf_destroy(conf);
    return status;
}

void weir__kafka_client_init(struct weir__kafka_client *client, const char *brokers)
{
    *client = (struct weir__kafka_client){
        .brokers = weir__strdup(brokers != NULL ? brokers : WEIR__KAFKA_BROKERS)};
    pthread_mutex_init(&client->lock, NULL);
}

enum weir_status weir__kafka_client_open(struct weir__kafka_client *client, rd_kafka_type_t type,
                                         const struct weir__kafka_setting *defaults,
                                         const char *const *properties,
                                         void (*prepare)(rd_kafka_conf_t *conf, void *user),
                                         void *user, struct weir_error *error)
{
    char reason[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_opaque(conf, client);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_error_cb(conf, on_error);
    enum weir_status status = set_property(conf, "bootstrap.servers", client->brokers, error);
    for (; defaults->key != NULL && status == WEIR_OK; defaults++) {
        status = set_property(conf, defaults->key, defaults->value, error);
    }
    if (status == WEIR_OK) {
        status = set_properties(conf, properties, error);
    }
    if (status != WEIR_OK) {
        rd_kafka_conf_destroy(conf);
        return status;
    }
    if (prepare != NULL) {
        prepare(conf, user);
    }
    client->handle = rd_kafka_new(type, conf, reason, sizeof reason);
    if (client->handle == NULL) {
        const char *advice = weir__kafka_advice(reason);
        rd_kafka_conf_destroy(conf);
        return weir_error_set(error, WEIR_INVALID, "Kafka client", "%.240s%s%s", reason,
                              advice != NULL ? ": " : "", advice != NULL ? advice : "");
    }
    return WEIR_OK;
}

void weir__kafka_client_fini(struct weir__kafka_client *client)
{
    if (client->handle != NULL) {
        rd_kafka_destroy_flags(client->handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }
    pthread_mutex_destroy(&client->lock);
    weir__free(client->brokers);
}

void weir__kafka_client_failure(struct weir__kafka_client *client, char *why, size_t size)
{
    pthread_mutex_lock(&client->lock);
    snprintf(why, size, "%s", client->last_failure);
    pthread_mutex_unlock(&client->lock);
}

/* ---- the topic ---- */

/* Asks once. WEIR_NOT_FOUND: *why says what the broker thinks of the topic. */
static enum weir_status ask(struct weir__kafka_client *client, rd_kafka_topic_t *topic,
                            int32_t *partitions, rd_kafka_resp_err_t *why, struct weir_error *error)
{
    const struct rd_kafka_metadata *metadata = NULL;
    enum weir_status status =
        weir__kafka_reach(client, topic, WEIR__KAFKA_PATIENCE_MS, &metadata, error);
    if (status != WEIR_OK) {
        return status;
    }
    bool told = metadata->topic_cnt == 1;
    *why = told ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    *partitions = told ? metadata->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(metadata);
    return *why == RD_KAFKA_RESP_ERR_NO_ERROR && *partitions > 0 ? WEIR_OK : WEIR_NOT_FOUND;
}

/* Errors as weir__kafka_client_topic, but no message for WEIR_NOT_FOUND. */
static enum weir_status ask_for_topic(struct weir__kafka_client *client, const char *name,
                                      int32_t *partitions, rd_kafka_resp_err_t *why,
                                      struct weir_error *error)
{
    enum { TRIES = 8 }; /* a topic that is being created has no leader for a moment */
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client->handle, name, NULL);
    if (topic == NULL) { /* a name that cannot be */
        *why = rd_kafka_last_error();
        return WEIR_NOT_FOUND;
    }
    enum weir_status status = ask(client, topic, partitions, why, error);
    for (int i = 1; i < TRIES && status == WEIR_NOT_FOUND; i++) {
        /* Waits by serving the client's events, which are few. */
        (void)rd_kafka_poll(client->handle, WEIR__KAFKA_PAUSE_MS);
        status = ask(client, topic, partitions, why, error);
    }
    rd_kafka_topic_destroy(topic);
    return status;
}

enum weir_status weir__kafka_client_topic(struct weir__kafka_client *client, const char *topic,
                                          int32_t *partitions, struct weir_error *error)
{
    rd_kafka_resp_err_t why = RD_KAFKA_RESP_ERR_NO_ERROR;
    enum weir_status status = ask_for_topic(client, topic, partitions, &why, error);
    if (status == WEIR_NOT_FOUND) {
        return weir_error_set(
            error, WEIR_NOT_FOUND, topic,
            "the broker at %.120s has no such topic, and did not create it: %s. `kcat -b "
            "%.120s -L` lists the topics it has",
            client->brokers,
            why != RD_KAFKA_RESP_ERR_NO_ERROR ? rd_kafka_err2str(why) : "it has no partitions",
            client->brokers);
    }
    return status;
}

/* librdkafka's mock cluster is known by the name that it gives itself. */
bool weir__kafka_client_is_embedded(struct weir__kafka_client *client)
{
    /* The name came with the metadata, except from a broker that has none. */
    enum { ANSWER_MS = 4000 };
    static const char mock[] = "mockCluster";
    char *cluster = rd_kafka_clusterid(client->handle, ANSWER_MS);
    bool embedded = cluster != NULL && strncmp(cluster, mock, sizeof mock - 1) == 0;
    rd_kafka_mem_free(client->handle, cluster);
    return embedded;
}

/*
 * Which Kafka broker answers. First a plain TCP connection to each address, because it says in a
 * second whether anything listens; then the cluster's metadata through librdkafka. The embedded
 * broker is known by the cluster id that librdkafka's mock cluster gives itself.
 */
#include "doctor/doctor.h"

#include <librdkafka/rdkafka.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 1000, METADATA_MS = 3000 };

static bool connect_within(const struct addrinfo *address, int timeout_ms)
{
    int fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (fd < 0) {
        return false;
    }
    int error = -1;
    socklen_t size = sizeof error;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0) {
        error = 0;
    } else if (errno == EINPROGRESS && poll(&(struct pollfd){fd, POLLOUT, 0}, 1, timeout_ms) == 1) {
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    close(fd);
    return error == 0;
}

/* Does anything listen at "host:port" (port 9092 when there is none)? */
static bool listens(const char *text, int length)
{
    char host[256];
    const char *port = "9092";
    snprintf(host, sizeof host, "%.*s", length, text);
    char *colon = strrchr(host, ':');
    if (colon != NULL) {
        *colon = '\0';
        port = colon + 1;
    }
    struct addrinfo *addresses = NULL;
    if (getaddrinfo(host, port, &(struct addrinfo){.ai_socktype = SOCK_STREAM}, &addresses) != 0) {
        return false;
    }
    bool answered = false;
    for (struct addrinfo *a = addresses; a != NULL && !answered; a = a->ai_next) {
        answered = connect_within(a, CONNECT_MS);
    }
    freeaddrinfo(addresses);
    return answered;
}

static bool any_listens(const char *brokers)
{
    while (*brokers != '\0') {
        int length = (int)strcspn(brokers, ",");
        if (listens(brokers, length)) {
            return true;
        }
        brokers += length + (brokers[length] == ',');
    }
    return false;
}

/* What librdkafka would log goes into the finding instead. */
static void ignore_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    (void)client, (void)level, (void)facility, (void)text;
}

static rd_kafka_t *new_client(const char *brokers, char *reason, size_t size)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, ignore_log);
    if (rd_kafka_conf_set(conf, "bootstrap.servers", brokers, reason, size) != RD_KAFKA_CONF_OK) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, size);
    if (client == NULL) {
        rd_kafka_conf_destroy(conf);
    }
    return client;
}

static bool is_embedded(rd_kafka_t *client)
{
    char *id = rd_kafka_clusterid(client, METADATA_MS);
    bool embedded = id != NULL && strncmp(id, "mockCluster", strlen("mockCluster")) == 0;
    rd_kafka_mem_free(client, id);
    return embedded;
}

/* Fills `found` with what the cluster says of itself, or with why it does not. */
static bool ask_cluster(const char *brokers, char *found, size_t size)
{
    char reason[160] = "";
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_t *client = new_client(brokers, reason, sizeof reason);
    if (client == NULL) {
        snprintf(found, size, "%.60s: %.90s", brokers, reason);
        return false;
    }
    rd_kafka_resp_err_t error = rd_kafka_metadata(client, 1, NULL, &metadata, METADATA_MS);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        snprintf(found, size, "something listens at %s but does not talk Kafka (%s)", brokers,
                 rd_kafka_err2str(error));
    } else {
        snprintf(found, size, "%s: %d broker%s, %d topic%s%s", brokers, metadata->broker_cnt,
                 metadata->broker_cnt == 1 ? "" : "s", metadata->topic_cnt,
                 metadata->topic_cnt == 1 ? "" : "s",
                 is_embedded(client) ? "; the embedded broker of `weir broker`" : "; a real Kafka");
        rd_kafka_metadata_destroy(metadata);
    }
    rd_kafka_destroy(client);
    return error == RD_KAFKA_RESP_ERR_NO_ERROR;
}

void examine_broker(struct report *report, const char *brokers)
{
    struct finding *finding = report_add(report, "Kafka", "broker", FINDING_OK);
    if (!any_listens(brokers)) {
        finding->state = FINDING_NOTE;
        snprintf(finding->found, sizeof finding->found, "none answers at %.100s", brokers);
        snprintf(finding->fix, sizeof finding->fix,
                 "start one: build/bin/weir broker, or a real one: tools/kafka up");
    } else if (!ask_cluster(brokers, finding->found, sizeof finding->found)) {
        finding->state = FINDING_NOTE;
        snprintf(finding->fix, sizeof finding->fix, "check KAFKA_BROKERS or -b");
    }
}

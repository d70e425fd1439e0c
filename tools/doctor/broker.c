/*
 * Which Kafka broker answers. First a plain TCP connection to each address, because it says in a
 * second whether anything listens; then the cluster's metadata, through the client that jobs use
 * and with the properties that they take.
 */
#include "connector/kafka_advice.h"
#include "connector/kafka_client.h"
#include "doctor/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 1000, METADATA_MS = 1500, TRIES = 4 };

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

/* Something listens, and the cluster does not answer: what is known of why, and what would help. */
static void explain_silence(struct weir__kafka_client *client, rd_kafka_resp_err_t error,
                            struct finding *finding)
{
    char why[160];
    weir__kafka_client_failure(client, why, sizeof why);
    const char *advice = weir__kafka_advice(why);
    finding->state = FINDING_NOTE;
    if (advice != NULL) {
        snprintf(finding->found, sizeof finding->found, "%.60s does not take this client (%.70s)",
                 client->brokers, why);
        snprintf(finding->fix, sizeof finding->fix, "%.130s (-F FILE, or -X key=value)", advice);
    } else {
        snprintf(finding->found, sizeof finding->found,
                 "something listens at %.60s but does not talk Kafka (%.50s)", client->brokers,
                 why[0] != '\0' ? why : rd_kafka_err2str(error));
        snprintf(finding->fix, sizeof finding->fix, "check KAFKA_BROKERS or -b, and -X or -F");
    }
}

/* Asks again while nothing is known of why there is no answer: of several addresses the client may
 * have tried the one first that nobody listens at. */
static rd_kafka_resp_err_t ask(struct weir__kafka_client *client,
                               const struct rd_kafka_metadata **metadata)
{
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TRANSPORT;
    const char *advice = NULL;
    for (int i = 0; i < TRIES && error != RD_KAFKA_RESP_ERR_NO_ERROR && advice == NULL; i++) {
        char why[160];
        error = rd_kafka_metadata(client->handle, 1, NULL, metadata, METADATA_MS);
        weir__kafka_client_failure(client, why, sizeof why);
        advice = weir__kafka_advice(why);
    }
    return error;
}

/* Fills the finding with what the cluster says of itself, or with why it does not. */
static void ask_cluster(struct weir__kafka_client *client, struct finding *finding)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t error = ask(client, &metadata);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        explain_silence(client, error, finding);
        return;
    }
    snprintf(finding->found, sizeof finding->found, "%.60s: %d broker%s, %d topic%s%s",
             client->brokers, metadata->broker_cnt, metadata->broker_cnt == 1 ? "" : "s",
             metadata->topic_cnt, metadata->topic_cnt == 1 ? "" : "s",
             weir__kafka_client_is_embedded(client) ? "; the embedded broker of `weir broker`"
                                                    : "; a real Kafka");
    rd_kafka_metadata_destroy(metadata);
}

enum weir_status examine_broker(struct report *report, const char *brokers,
                                const char *const *properties, struct weir_error *error)
{
    const struct weir__kafka_setting none[] = {{NULL, NULL}};
    const char *given = weir__kafka_property(properties, "bootstrap.servers"); /* it wins */
    struct weir__kafka_client client;
    weir__kafka_client_init(&client, given != NULL ? given : brokers);
    enum weir_status status =
        weir__kafka_client_open(&client, RD_KAFKA_PRODUCER, none, properties, NULL, NULL, error);
    if (status == WEIR_OK) {
        struct finding *finding = report_add(report, "Kafka", "broker", FINDING_OK);
        if (any_listens(client.brokers)) {
            ask_cluster(&client, finding);
        } else {
            finding->state = FINDING_NOTE;
            snprintf(finding->found, sizeof finding->found, "none answers at %.100s",
                     client.brokers);
            snprintf(finding->fix, sizeof finding->fix,
                     "start one: build/bin/weir broker, or a real one: tools/kafka up");
        }
    }
    weir__kafka_client_fini(&client);
    return status;
}

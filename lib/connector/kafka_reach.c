/*
 * Reaching a broker (see kafka_reach.h). librdkafka connects in the background, and again when that
 * fails; here is only who waits for it, and how long. It does not say whether a connection is on
 * its way or was refused, so that is found out by one of our own.
 */
#include "connector/kafka_reach.h"

#include "base/log.h"
#include "connector/kafka_advice.h"

#include <weir/clock.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 1000, STEP_MS = 500, ADDRESSES_LONGEST = 512 };

/* ---- does anything listen? ---- */

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

/* "SSL://[::1]:9093", cut in place. */
static void split_address(char *text, char **host, const char **port)
{
    char *scheme = strstr(text, "://");
    *host = scheme != NULL ? scheme + 3 : text;
    *port = "9092";
    char *bracket = **host == '[' ? strchr(*host, ']') : NULL;
    char *colon = strrchr(bracket != NULL ? bracket : *host, ':');
    if (colon != NULL) {
        *colon = '\0';
        *port = colon + 1;
    }
    if (bracket != NULL) {
        *bracket = '\0';
        ++*host;
    }
}

static bool listens(const char *broker, int length)
{
    char text[280];
    char *host = NULL;
    const char *port = NULL;
    snprintf(text, sizeof text, "%.*s", length, broker);
    split_address(text, &host, &port);
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

bool weir__kafka_listens(const char *brokers)
{
    bool found = false;
    while (*brokers != '\0' && !found) {
        brokers += strspn(brokers, ", ");
        int length = (int)strcspn(brokers, ", ");
        found = listens(brokers, length);
        brokers += length;
    }
    return found;
}

/* What the client was told last: -X bootstrap.servers is stronger than -b. */
static void addresses_of(const struct weir__kafka_client *client, char *addresses, size_t size)
{
    if (rd_kafka_conf_get(rd_kafka_conf(client->handle), "bootstrap.servers", addresses, &size) !=
        RD_KAFKA_CONF_OK) {
        snprintf(addresses, size, "%s", client->brokers);
    }
}

static bool somebody_listens(const struct weir__kafka_client *client)
{
    char addresses[ADDRESSES_LONGEST];
    addresses_of(client, addresses, sizeof addresses);
    return weir__kafka_listens(addresses);
}

/* ---- what to say ---- */

/* Nobody could be asked, or who was asked takes his time. */
static bool passes(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT;
}

static enum weir_status refused(const char *addresses, const char *why, const char *advice,
                                struct weir_error *error)
{
    return weir_error_set(error, WEIR_UNAVAILABLE, NULL,
                          "the Kafka broker at %.80s does not take this client (%.150s): %s "
                          "(-F FILE with key=value lines, or -X key=value)",
                          addresses, why, advice);
}

static enum weir_status no_answer(const char *addresses, const char *why, int64_t waited_ms,
                                  bool somebody, struct weir_error *error)
{
    const char *help =
        somebody ? ", though something listens there. Look whether that is a broker, and which "
                   "security.protocol it wants (-X security.protocol=ssl)"
                 : ". Start one with `build/bin/weir broker`, or a real one with `tools/kafka up`";
    enum weir_status status = weir_error_set(
        error, WEIR_UNAVAILABLE, NULL,
        "no Kafka broker answered at %.100s within %d s%s%.100s%s%s; -b HOST:PORT or KAFKA_BROKERS "
        "names another",
        addresses, (int)((waited_ms + 500) / 1000), why[0] != '\0' ? " (" : "", why,
        why[0] != '\0' ? ")" : "", help);
    if (error != NULL) {
        error->retriable = true;
    }
    return status;
}

static enum weir_status explain(struct weir__kafka_client *client, rd_kafka_resp_err_t code,
                                int64_t waited_ms, bool somebody, struct weir_error *error)
{
    char addresses[ADDRESSES_LONGEST];
    char why[sizeof client->last_failure];
    addresses_of(client, addresses, sizeof addresses);
    weir__kafka_client_failure(client, why, sizeof why);
    const char *advice = weir__kafka_advice(why);
    if (advice != NULL) {
        return refused(addresses, why, advice, error);
    }
    bool known = why[0] != '\0' || passes(code);
    return no_answer(addresses, known ? why : rd_kafka_err2str(code), waited_ms, somebody, error);
}

/* ---- asking ---- */

static int64_t now_ms(void)
{
    return weir_clock_ns(&weir_system_clock) / 1000000; /* of a clock that nobody sets */
}

static rd_kafka_resp_err_t ask(struct weir__kafka_client *client, rd_kafka_topic_t *topic,
                               int64_t timeout_ms, const struct rd_kafka_metadata **metadata)
{
    return rd_kafka_metadata(client->handle, topic == NULL, topic, metadata, (int)timeout_ms);
}

static bool refuses(struct weir__kafka_client *client)
{
    char why[sizeof client->last_failure];
    weir__kafka_client_failure(client, why, sizeof why);
    return weir__kafka_advice(why) != NULL;
}

/* In steps while nobody is connected, so that a refusal is seen; in one piece once somebody is,
 * because an answer that comes when nobody waits for it any more is lost. */
static rd_kafka_resp_err_t go_on(struct weir__kafka_client *client, rd_kafka_topic_t *topic,
                                 rd_kafka_resp_err_t code, int64_t end_ms,
                                 const struct rd_kafka_metadata **metadata)
{
    int64_t left_ms = end_ms - now_ms();
    for (; passes(code) && left_ms > 0 && !refuses(client); left_ms = end_ms - now_ms()) {
        bool connected = code == RD_KAFKA_RESP_ERR__TIMED_OUT;
        code = ask(client, topic, connected || left_ms < STEP_MS ? left_ms : STEP_MS, metadata);
    }
    return code;
}

static void tell_waiting(const struct weir__kafka_client *client, int64_t left_ms)
{
    char addresses[ADDRESSES_LONGEST];
    addresses_of(client, addresses, sizeof addresses);
    weir__log(WEIR__LOG_WARNING,
              "Kafka: something listens at %s, but has not answered yet; waiting for it, %d s at "
              "most",
              addresses, (int)(left_ms / 1000));
}

enum weir_status weir__kafka_reach(struct weir__kafka_client *client, rd_kafka_topic_t *topic,
                                   int patience_ms, const struct rd_kafka_metadata **metadata,
                                   struct weir_error *error)
{
    int64_t begin_ms = now_ms();
    int64_t end_ms = begin_ms + patience_ms;
    int first_ms = patience_ms < WEIR__KAFKA_START_MS ? patience_ms : WEIR__KAFKA_START_MS;
    rd_kafka_resp_err_t code = ask(client, topic, first_ms, metadata);
    bool somebody =
        code == RD_KAFKA_RESP_ERR__TIMED_OUT || (passes(code) && somebody_listens(client));
    if (somebody && first_ms < patience_ms && !refuses(client)) {
        tell_waiting(client, end_ms - now_ms());
        code = go_on(client, topic, code, end_ms, metadata);
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return explain(client, code, now_ms() - begin_ms, somebody, error);
    }
    pthread_mutex_lock(&client->lock);
    client->connected = true;
    client->last_failure[0] = '\0'; /* it passed */
    pthread_mutex_unlock(&client->lock);
    return WEIR_OK;
}

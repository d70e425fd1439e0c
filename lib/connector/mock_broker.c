/*
 * The embedded broker (see mock_broker.h).
 *
 * librdkafka binds its mock broker to a free port and offers no way to choose one. So we bind a
 * socket first, to the address that we want, and while the cluster is being made our bind() puts
 * that socket in the place of librdkafka's: a port in use is then an error of ours, reported before
 * librdkafka starts, which would abort.
 */
#define _DEFAULT_SOURCE /* syscall */

#include "connector/mock_broker.h"

#include "base/log.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct weir__mock_broker {
    rd_kafka_t *handle; /* the cluster needs one, for book-keeping */
    rd_kafka_mock_cluster_t *cluster;
};

/* The socket that the next bind() of this thread is to take; -1: bind as always. */
static _Thread_local int prebound = -1;

/* Stands before the system's for the whole process, and changes nothing unless this thread is
 * starting a broker. */
__attribute__((visibility("default"))) int bind(int fd, const struct sockaddr *address,
                                                socklen_t len)
{
    if (prebound >= 0) {
        int result = dup2(prebound, fd);
        return result < 0 ? -1 : 0;
    }
    return (int)syscall(SYS_bind, fd, address, len);
}

static int bind_loopback(uint16_t port, struct weir_error *error)
{
    int on = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        int why = errno;
        if (fd >= 0) {
            close(fd);
        }
        (void)weir_error_set(error, WEIR_UNAVAILABLE, NULL, "cannot listen on 127.0.0.1:%u: %s",
                             (unsigned)port, strerror(why));
        if (error != NULL) {
            error->retriable = why == EADDRINUSE;
        }
        return -1;
    }
    return fd;
}

static void on_log(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
    (void)handle;
    if (level <= 3 && strcmp(facility, "CONFWARN") != 0) {
        weir__log(WEIR__LOG_WARNING, "broker: %s", text);
    }
}

enum weir_status weir__mock_broker_start(uint16_t port, struct weir__mock_broker **broker,
                                         struct weir_error *error)
{
    char reason[256];
    int fd = bind_loopback(port, error);
    if (fd < 0) {
        return WEIR_UNAVAILABLE;
    }
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, on_log);
    struct weir__mock_broker *made = WEIR__NEW(struct weir__mock_broker);
    made->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
    if (made->handle != NULL) {
        prebound = fd;
        made->cluster = rd_kafka_mock_cluster_new(made->handle, 1);
        prebound = -1;
    } else {
        rd_kafka_conf_destroy(conf);
    }
    close(fd);
    if (made->cluster == NULL) {
        weir__mock_broker_stop(made);
        return weir_error_set(error, WEIR_UNAVAILABLE, NULL, "librdkafka did not start a broker");
    }
    *broker = made;
    return WEIR_OK;
}

void weir__mock_broker_stop(struct weir__mock_broker *broker)
{
    if (broker->cluster != NULL) {
        rd_kafka_mock_cluster_destroy(broker->cluster);
    }
    if (broker->handle != NULL) {
        rd_kafka_destroy(broker->handle);
    }
    weir__free(broker);
}

const char *weir__mock_broker_address(const struct weir__mock_broker *broker)
{
    return rd_kafka_mock_cluster_bootstraps(broker->cluster);
}

enum weir_status weir__mock_broker_create_topic(struct weir__mock_broker *broker, const char *topic,
                                                int partitions, struct weir_error *error)
{
    if (topic[0] == '\0' || strlen(topic) > 249 || partitions < 1) {
        return weir_error_set(error, WEIR_INVALID, topic,
                              "expected a topic name of 1 to 249 bytes and at least one partition");
    }
    rd_kafka_resp_err_t why = rd_kafka_mock_topic_create(broker->cluster, topic, partitions, 1);
    if (why != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return weir_error_set(error, WEIR_INVALID, topic, "the topic cannot be created: %s",
                              rd_kafka_err2str(why));
    }
    return WEIR_OK;
}

void weir__mock_broker_set_down(struct weir__mock_broker *broker, bool down)
{
    if (down) {
        (void)rd_kafka_mock_broker_set_down(broker->cluster, 1);
    } else {
        (void)rd_kafka_mock_broker_set_up(broker->cluster, 1);
    }
}

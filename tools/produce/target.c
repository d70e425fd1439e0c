/*
 * Where events go (see target.h).
 */
#include "produce/target.h"

#include <errno.h>
#include <string.h>

enum { POLL_EVERY = 1000, FULL_WAIT_MS = 10, FLUSH_MS = 35000 };

enum weir_status target_open(struct target *target, const struct produce_settings *settings,
                             struct weir_error *error)
{
    *target = (struct target){.kafka = strcmp(settings->to, "kafka") == 0, .name = settings->to};
    if (target->kafka) {
        return weir__kafka_producer_init(&target->producer, settings->brokers, settings->topic,
                                         (const char *const *)settings->properties.items, error);
    }
    if (strcmp(settings->to, "-") == 0) {
        target->file = stdout;
        target->name = "standard output";
        return WEIR_OK;
    }
    target->file = fopen(settings->to, "w");
    if (target->file == NULL) {
        return weir_error_set(error, WEIR_IO, settings->to, "cannot create the file: %s",
                              strerror(errno));
    }
    return WEIR_OK;
}

static enum weir_status judge(struct target *target, bool ok, struct weir_error *error)
{
    if (ok) {
        return WEIR_OK;
    }
    if (errno == EPIPE) {
        target->closed_by_reader = true;
        return WEIR_CANCELLED;
    }
    return weir_error_set(error, WEIR_IO, target->name, "cannot write: %s", strerror(errno));
}

static enum weir_status write_kafka(struct target *target, struct weir_str key,
                                    struct weir_str value, int64_t timestamp,
                                    struct weir_error *error)
{
    enum weir_status status;
    while ((status = weir__kafka_producer_send(&target->producer, key, value, timestamp, error)) ==
           WEIR_LIMIT) {
        status = weir__kafka_producer_poll(&target->producer, FULL_WAIT_MS, error);
        if (status != WEIR_OK) {
            return status;
        }
    }
    if (status == WEIR_OK && ++target->unpolled >= POLL_EVERY) {
        target->unpolled = 0;
        status = weir__kafka_producer_poll(&target->producer, 0, error);
    }
    return status;
}

enum weir_status target_write(struct target *target, struct weir_str key, struct weir_str value,
                              int64_t timestamp, struct weir_error *error)
{
    if (target->kafka) {
        return write_kafka(target, key, value, timestamp, error);
    }
    bool ok = fwrite(value.data, 1, value.len, target->file) == value.len;
    return judge(target, ok && putc('\n', target->file) != EOF, error);
}

enum weir_status target_pause(struct target *target, struct weir_error *error)
{
    if (target->kafka) {
        return weir__kafka_producer_poll(&target->producer, 0, error);
    }
    return judge(target, fflush(target->file) == 0, error);
}

enum weir_status target_flush(struct target *target, struct weir_error *error)
{
    if (target->kafka) {
        return weir__kafka_producer_flush(&target->producer, FLUSH_MS, error);
    }
    return judge(target, fflush(target->file) == 0, error);
}

void target_close(struct target *target)
{
    if (target->kafka) {
        weir__kafka_producer_fini(&target->producer);
    } else if (target->file != NULL && target->file != stdout) {
        (void)fclose(target->file); /* flushed, or its failure has been told */
    }
}

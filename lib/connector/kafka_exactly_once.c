/*
 * The Kafka sink, exactly-once: its results become visible with the checkpoint that covers them.
 *
 *     write … ─ barrier ▶ prepare(7)   write … wait here   commit(7) ▶ what waited is sent
 *               └ sent into the open transaction            └ the transaction, the next one begins
 *
 * What is written between the barrier and the commit belongs to the next transaction, and waits
 * here, encoded: at most WAITING_BYTES a subtask, then WEIR_LIMIT holds the task back. A flush
 * during that time lifts the limit for what the operator still has in hand, which is little.
 *
 * The transaction belongs to all sinks and subtasks of the job (kafka_transaction.h). On a broker
 * that does not honour transactions the writer is an at-least-once one.
 *
 *     waiting     key str, value str, timestamp zigzag, …
 *     state       checkpoint i64
 */
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "connector/kafka_sink.h"

#include <inttypes.h>

#define WAITING_BYTES ((size_t)16 * 1024 * 1024)
#define POLL_EVERY    256 /* messages between two looks at the confirmations */
#define ROOM_MS       100 /* the client's queue is full: a look whether it has room */

struct writer {
    const struct weir__kafka_sink_config *config;
    struct weir__kafka_transaction *transaction; /* NULL: not opened, or fallen back */
    void *fallback;                              /* an at-least-once writer, or NULL */
    weir_encoder *encoder;
    bool prepared;  /* between a barrier and its commit */
    bool unlimited; /* … and a flush in between */
    struct weir__buf waiting;
    size_t sent; /* bytes of waiting that are no longer */
    struct weir__buf state;
    int unpolled;
    char key_text[WEIR__KAFKA_KEY_TEXT];
};

static void *writer_new(const void *config)
{
    struct writer *writer = WEIR__NEW(struct writer);
    writer->config = config;
    writer->encoder = weir_encoder_new(writer->config->format);
    return writer;
}

/* ---- joining ---- */

static enum weir_status join(const struct weir__kafka_sink_config *config,
                             const struct weir_sink_context *context,
                             struct weir__kafka_transaction **transaction, struct weir_error *error)
{
    const char *given = weir__kafka_property(context->properties, "transactional.id");
    char *of_job = weir__asprintf("weir-%s", context->job_name);
    const char *id = given != NULL                      ? given
                     : config->transactional_id != NULL ? config->transactional_id
                                                        : of_job;
    const char *brokers = config->brokers != NULL ? config->brokers : context->brokers;
    enum weir_status status =
        weir__kafka_transaction_join(brokers != NULL ? brokers : WEIR__KAFKA_BROKERS, id,
                                     config->topic, context, transaction, error);
    weir__free(of_job);
    return status;
}

static void let_go(struct weir__kafka_held *held)
{
    weir__kafka_transaction_leave(held->transaction);
    held->transaction = NULL;
}

static enum weir_status committed(const void *self, const struct weir_sink_context *context,
                                  int64_t *checkpoint, struct weir_error *error)
{
    const struct weir__kafka_sink_config *config = self;
    let_go(config->held);
    enum weir_status status = join(config, context, &config->held->transaction, error);
    const struct weir__kafka_transaction *joined = config->held->transaction;
    if (status == WEIR_OK && joined != NULL && joined->committed > *checkpoint) {
        *checkpoint = joined->committed;
    }
    return status;
}

static enum weir_status open_fallback(struct writer *writer,
                                      const struct weir_sink_context *context,
                                      struct weir_error *error)
{
    writer->fallback = weir__kafka_at_least_once.writer_new(writer->config);
    return weir__kafka_at_least_once.open(writer->fallback, context, error);
}

static enum weir_status writer_open(void *self, const struct weir_sink_context *context,
                                    struct weir_error *error)
{
    struct writer *writer = self;
    enum weir_status status = weir_format_check(writer->config->format, error);
    if (status == WEIR_OK) {
        status = join(writer->config, context, &writer->transaction, error);
    }
    let_go(writer->config->held);
    if (status != WEIR_OK) {
        return status;
    }
    return writer->transaction != NULL
               ? weir__kafka_transaction_begin(writer->transaction, context->restored_checkpoint,
                                               error)
               : open_fallback(writer, context, error);
}

/* ---- what waits for its transaction ---- */

/* Sends until the client's queue is full (WEIR_LIMIT). */
static enum weir_status send_waiting(struct writer *writer, struct weir_error *error)
{
    struct weir__buf *waiting = &writer->waiting;
    enum weir_status status = WEIR_OK;
    struct weir__reader in = {waiting->data + writer->sent, waiting->data + waiting->len, false};
    while (waiting->len > writer->sent && status == WEIR_OK) {
        struct weir_str key = weir__read_str(&in);
        struct weir_str value = weir__read_str(&in);
        int64_t timestamp = weir__read_zigzag(&in);
        status = weir__kafka_transaction_send(writer->transaction, writer->config->topic, key,
                                              value, timestamp, error);
        if (status == WEIR_OK) {
            writer->sent = (size_t)(in.at - waiting->data);
        }
    }
    if (waiting->len == writer->sent) {
        waiting->len = 0;
        writer->sent = 0;
    }
    return status;
}

/* All of it, however long the client's queue is full; it empties, or a delivery fails. */
static enum weir_status send_all_waiting(struct writer *writer, struct weir_error *error)
{
    enum weir_status status = send_waiting(writer, error);
    while (status == WEIR_LIMIT) {
        status = weir__kafka_transaction_poll(writer->transaction, ROOM_MS, error);
        if (status == WEIR_OK) {
            status = send_waiting(writer, error);
        }
    }
    return status;
}

static enum weir_status keep(struct writer *writer, struct weir_str key, struct weir_str value,
                             int64_t timestamp)
{
    if (writer->waiting.len >= WAITING_BYTES && !writer->unlimited) {
        return WEIR_LIMIT;
    }
    weir__buf_put_str(&writer->waiting, key);
    weir__buf_put_str(&writer->waiting, value);
    weir__buf_put_zigzag(&writer->waiting, timestamp);
    return WEIR_OK;
}

/* ---- writing ---- */

static enum weir_status send_now(struct writer *writer, struct weir_str key, struct weir_str value,
                                 int64_t timestamp, struct weir_error *error)
{
    enum weir_status status = send_waiting(writer, error); /* in order; mostly there is nothing */
    if (status == WEIR_OK) {
        status = weir__kafka_transaction_send(writer->transaction, writer->config->topic, key,
                                              value, timestamp, error);
    }
    if (status == WEIR_LIMIT || (status == WEIR_OK && ++writer->unpolled >= POLL_EVERY)) {
        writer->unpolled = 0;
        enum weir_status polled = weir__kafka_transaction_poll(writer->transaction, 0, error);
        return polled != WEIR_OK ? polled : status;
    }
    return status;
}

static enum weir_status writer_write(void *self, const void *value, int64_t timestamp,
                                     struct weir_error *error)
{
    struct writer *writer = self;
    if (writer->fallback != NULL) {
        return weir__kafka_at_least_once.write(writer->fallback, value, timestamp, error);
    }
    struct weir_str bytes;
    struct weir_str key = weir__kafka_sink_key(writer->config, value, writer->key_text);
    enum weir_status status = weir_encoder_try(writer->encoder, value, &bytes, error);
    if (status != WEIR_OK) { /* to Kafka, null would mean a deletion */
        return status;
    }
    return writer->prepared ? keep(writer, key, bytes, timestamp)
                            : send_now(writer, key, bytes, timestamp, error);
}

static enum weir_status writer_idle(void *self, struct weir_error *error)
{
    struct writer *writer = self;
    return writer->fallback != NULL ? weir__kafka_at_least_once.idle(writer->fallback, error)
                                    : weir__kafka_transaction_poll(writer->transaction, 0, error);
}

static enum weir_status writer_flush(void *self, struct weir_error *error)
{
    struct writer *writer = self;
    if (writer->fallback != NULL) {
        return weir__kafka_at_least_once.flush(writer->fallback, error);
    }
    writer->unlimited = true;
    return writer->prepared ? WEIR_OK : send_all_waiting(writer, error);
}

/* ---- checkpoints ---- */

static enum weir_status prepare(void *self, int64_t checkpoint, struct weir_str *state,
                                struct weir_error *error)
{
    struct writer *writer = self;
    if (writer->fallback != NULL) {
        return weir__kafka_at_least_once.flush(writer->fallback, error);
    }
    enum weir_status status = send_all_waiting(writer, error);
    if (status == WEIR_OK) {
        status = weir__kafka_transaction_poll(writer->transaction, 0, error);
    }
    writer->prepared = true;
    writer->state.len = 0;
    weir__buf_put_i64(&writer->state, checkpoint);
    *state = (struct weir_str){writer->state.data, (uint32_t)writer->state.len};
    return status;
}

/* A full queue is no failure: what still waits goes before the next value. */
static enum weir_status go_on(struct writer *writer, struct weir_error *error)
{
    writer->prepared = false;
    writer->unlimited = false;
    enum weir_status status = send_waiting(writer, error);
    return status == WEIR_LIMIT ? WEIR_OK : status;
}

static enum weir_status commit(void *self, const struct weir_sink_commit *commit,
                               struct weir_error *error)
{
    struct writer *writer = self;
    if (writer->fallback != NULL) {
        return WEIR_OK;
    }
    enum weir_status status = weir__kafka_transaction_commit(writer->transaction, commit, error);
    return status == WEIR_OK ? go_on(writer, error) : status;
}

/* The open transaction goes on to the next checkpoint; an error comes up with the next value. */
static void abort_checkpoint(void *self, int64_t checkpoint)
{
    struct writer *writer = self;
    struct weir_error error;
    (void)checkpoint;
    if (writer->fallback == NULL) {
        (void)go_on(writer, &error);
    }
}

/* The committed checkpoint decides which state is restored; another one is the user's wish. */
static enum weir_status restore(void *self, struct weir_str state, struct weir_error *error)
{
    struct writer *writer = self;
    struct weir__reader in = weir__reader_of(state);
    int64_t restored = weir__read_i64(&in);
    if (in.failed || in.at != in.end) {
        return weir_error_set(error, WEIR_CORRUPT, "Kafka sink",
                              "the saved state is damaged (%u bytes)", (unsigned)state.len);
    }
    int64_t known = writer->transaction != NULL ? writer->transaction->committed : restored;
    if (known != restored) {
        weir__log(WEIR__LOG_WARNING,
                  "topic %s has the results up to checkpoint %" PRId64 ", and the job goes on from "
                  "%" PRId64 ": those in between %s",
                  writer->config->topic, known, restored,
                  known > restored ? "are written again" : "are missing");
    }
    return WEIR_OK;
}

static void writer_free(void *self)
{
    struct writer *writer = self;
    if (writer->fallback != NULL) {
        weir__kafka_at_least_once.writer_free(writer->fallback);
    }
    weir__kafka_transaction_leave(writer->transaction);
    weir_encoder_free(writer->encoder);
    weir__buf_fini(&writer->waiting);
    weir__buf_fini(&writer->state);
    weir__free(writer);
}

const struct weir_sink_ops weir__kafka_exactly_once = {
    .kind = "Kafka",
    .writer_new = writer_new,
    .open = writer_open,
    .write = writer_write,
    .flush = writer_flush,
    .idle = writer_idle,
    .prepare = prepare,
    .commit = commit,
    .abort = abort_checkpoint,
    .restore = restore,
    .committed = committed,
    .writer_free = writer_free,
    .config_free = weir__kafka_sink_config_free,
};

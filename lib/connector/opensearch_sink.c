/*
 * The search sink (see <weir/opensearch.h>).
 *
 *     write ─▶ batch ──full, a second old, flush──▶ a request ─┬─▶ taken: forgotten
 *                ▲                                             ├─▶ refused: counted, dead letters
 *                └───────── waits for the next try ◀───────────┴── later
 *
 * While something waits for the next try nothing is added: write answers WEIR_LIMIT, and the task
 * offers the value again. A flush, which must end with everything taken, waits itself.
 */
#include "base/escape.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rare.h"
#include "connector/http.h"
#include "connector/opensearch_answer.h"
#include "connector/opensearch_batch.h"
#include "connector/opensearch_config.h"

#include <weir/connectors.h>

#include <stdio.h>

#define MOST_ANSWER_BYTES ((size_t)64 << 20)
#define MOST_ID_BYTES     512 /* of both engines */

enum { SAID = 400 };

struct writer {
    const struct weir__search_config *config;
    const struct weir_clock *clock;
    weir_sink_metrics *metrics;
    int subtask;
    struct weir__http *http;
    weir_encoder *encoder;
    struct weir__search_answer *answer;
    void *letters;       /* the writer of the dead letters; NULL: there is none */
    bool index_is_there; /* or need not be */
    struct weir__search_batch batch;
    size_t most;         /* documents in a request: fewer when one was too large */
    int tries;           /* that failed, one after the other; 0: nothing waits for another */
    int64_t retry_at_ms; /* by the clock */
    int64_t refused;
    struct weir__buf id;
    struct weir__buf body;
    struct weir__buf text; /* of the answer */
    char said[SAID];       /* why the last try failed */
};

/* ---- opening ---- */

static void *writer_new(const void *config)
{
    struct writer *writer = WEIR__NEW(struct writer);
    writer->config = config;
    writer->encoder = weir_encoder_new(weir_json(writer->config->type));
    writer->answer = weir__search_answer_new();
    writer->http = weir__http_new();
    writer->most = writer->config->most_documents;
    weir__search_batch_init(&writer->batch);
    return writer;
}

static enum weir_status writer_open(void *self, const struct weir_sink_context *context,
                                    struct weir_error *error)
{
    struct writer *writer = self;
    const struct weir__search_config *config = writer->config;
    writer->clock = context->clock;
    writer->metrics = context->metrics;
    writer->subtask = context->subtask;
    writer->index_is_there = config->time == NULL;
    enum weir_status status = weir__search_config_check(config, error);
    if (status != WEIR_OK || config->letters == NULL) {
        return status;
    }
    struct weir_sink_context around = *context;
    around.type = config->letters->type;
    writer->letters = config->letters->ops->writer_new(config->letters->config);
    return config->letters->ops->open(writer->letters, &around, error);
}

/* ---- documents that are refused ---- */

static enum weir_status write_letter(struct writer *writer, const struct weir_dead_letter *letter,
                                     struct weir_error *error)
{
    const struct weir_sink_ops *ops = writer->config->letters->ops;
    enum weir_status status = ops->write(writer->letters, letter, WEIR_TIME_MIN, error);
    if (status == WEIR_LIMIT && ops->flush != NULL) { /* makes room */
        status = ops->flush(writer->letters, error);
        if (status == WEIR_OK) {
            status = ops->write(writer->letters, letter, WEIR_TIME_MIN, error);
        }
    }
    if (status == WEIR_LIMIT) { /* which means something else to whoever wrote the document */
        return weir_error_set(error, WEIR_UNAVAILABLE, writer->config->index,
                              "the dead letters are full, and stay so after a flush");
    }
    return status;
}

static enum weir_status refuse(struct writer *writer, struct weir_str document, const char *why,
                               struct weir_error *error)
{
    const struct weir_dead_letter letter = {.source = weir_str_from(writer->config->index),
                                            .split = writer->subtask,
                                            .position = writer->refused,
                                            .reason = weir_str_from(why),
                                            .payload = document};
    writer->refused++;
    weir_sink_count(writer->metrics, "numRecordsSendErrors", 1);
    if (weir__worth_a_line(writer->refused)) {
        weir__log(WEIR__LOG_WARNING, "index %s: a document was refused: %s (%lld so far)",
                  writer->config->index, why, (long long)writer->refused);
    }
    return writer->letters != NULL ? write_letter(writer, &letter, error) : WEIR_OK;
}

/* ---- requests ---- */

static enum weir_status send(struct writer *writer, const char *method, const char *url,
                             const char *content_type, long *http_status, struct weir_error *error)
{
    const struct weir__search_config *config = writer->config;
    struct weir__http_request request = {
        .method = method,
        .url = url,
        .content_type = content_type,
        .body = {writer->body.data, (uint32_t)writer->body.len},
        .headers = config->headers,
        .user = config->user,
        .password = config->password,
        .ca_file = config->ca_file,
        .timeout_ms = config->timeout_ms,
        .most_answer_bytes = MOST_ANSWER_BYTES,
    };
    return weir__http_send(writer->http, &request, http_status, &writer->text, error);
}

static struct weir_str answer_text(const struct writer *writer)
{
    return (struct weir_str){writer->text.data, (uint32_t)writer->text.len};
}

/* A try failed, and another one is worth it, unless there were too many. */
static enum weir_status try_later(struct writer *writer, struct weir_error *error)
{
    const struct weir__search_config *config = writer->config;
    int64_t delay_ms = config->backoff_ms;
    if (++writer->tries >= config->most_tries) {
        (void)weir_error_set(error, WEIR_UNAVAILABLE, config->bulk_url,
                             "%zu documents were not taken in %d tries; the last time: %s. "
                             "Is a search engine there? `tools/opensearch status` says so of one "
                             "that tools/opensearch started",
                             writer->batch.open, writer->tries, writer->said);
        if (error != NULL) {
            error->retriable = true;
        }
        return WEIR_UNAVAILABLE;
    }
    for (int i = 1; i < writer->tries && delay_ms < config->most_backoff_ms; i++) {
        delay_ms *= 2;
    }
    delay_ms = delay_ms < config->most_backoff_ms ? delay_ms : config->most_backoff_ms;
    writer->retry_at_ms = weir_time_add(weir_clock_ms(writer->clock), delay_ms);
    if (weir__worth_a_line(writer->tries)) {
        weir__log(WEIR__LOG_WARNING, "index %s: %zu documents wait for another try: %s",
                  config->index, writer->batch.open, writer->said);
    }
    return WEIR_OK;
}

static enum weir_status give_up(struct writer *writer, long http_status, struct weir_error *error)
{
    const char *hint = http_status == 401 || http_status == 403
                           ? "; WEIR_SEARCH_USER and WEIR_SEARCH_PASSWORD, or WEIR_SEARCH_API_KEY, "
                             "say who writes"
                           : "";
    return weir_error_set(error, WEIR_IO, writer->config->bulk_url,
                          "the search engine answered %.300s%s", writer->said, hint);
}

/* What an answer to a request as a whole means; *later: it is worth another try. */
static enum weir_status judge_request(struct writer *writer, long http_status, bool *later,
                                      struct weir_error *error)
{
    char said[SAID - 8];
    weir__search_answer_said(writer->answer, answer_text(writer), said, sizeof said);
    snprintf(writer->said, sizeof writer->said, "%ld %s", http_status, said);
    switch (weir__search_verdict_on_request(http_status)) {
    case WEIR__SEARCH_TAKEN:
        return WEIR_OK;
    case WEIR__SEARCH_LATER:
        *later = true;
        return WEIR_OK;
    case WEIR__SEARCH_REFUSED:
    case WEIR__SEARCH_HOPELESS:
        break;
    }
    return give_up(writer, http_status, error);
}

/* Sends a request, and says whether there was an answer that means anything but "later". */
static enum weir_status ask(struct writer *writer, const char *method, const char *url,
                            const char *content_type, long *http_status, bool *later,
                            struct weir_error *error)
{
    struct weir_error why = {0};
    enum weir_status status = send(writer, method, url, content_type, http_status, &why);
    if (status == WEIR_OK) {
        return WEIR_OK;
    }
    if (why.retriable) {
        snprintf(writer->said, sizeof writer->said, "%.*s", SAID - 1, why.message);
        *later = true;
        return WEIR_OK;
    }
    if (error != NULL) {
        *error = why;
    }
    return status;
}

/* An index that is not there is made, with its field of time as a date. */
static enum weir_status make_index(struct writer *writer, bool *later, struct weir_error *error)
{
    long http_status = 0;
    writer->body.len = 0;
    weir__buf_printf(&writer->body, "{\"mappings\":{\"properties\":{");
    weir__buf_put_json_string(&writer->body, weir_str_from(writer->config->time->wire_name));
    weir__buf_printf(&writer->body, ":{\"type\":\"date\",\"format\":\"epoch_millis\"}}}}");
    enum weir_status status = ask(writer, "PUT", writer->config->index_url, "application/json",
                                  &http_status, later, error);
    if (status != WEIR_OK || *later) {
        return status;
    }
    bool existed = http_status == 400 && weir_str_contains(answer_text(writer), "already exists");
    status = existed ? WEIR_OK : judge_request(writer, http_status, later, error);
    writer->index_is_there = status == WEIR_OK && !*later;
    return status;
}

/* What the answer says of each document. */
static enum weir_status judge_documents(struct writer *writer, bool *later,
                                        struct weir_error *error)
{
    size_t count = weir__search_batch_sent(&writer->batch);
    int64_t taken = 0;
    bool progress = false;
    enum weir_status status =
        weir__search_answer_read(writer->answer, answer_text(writer), count, error);
    for (size_t i = 0; i < count && status == WEIR_OK; i++) {
        char why[SAID - 8];
        int64_t said = weir__search_answer_status(writer->answer, i);
        enum weir__search_verdict verdict = weir__search_verdict_on_document(said);
        if (verdict == WEIR__SEARCH_TAKEN) {
            taken++;
        } else {
            weir__search_answer_reason(writer->answer, i, why, sizeof why);
            snprintf(writer->said, sizeof writer->said, "%d %s", (int)said, why);
        }
        if (verdict == WEIR__SEARCH_LATER) {
            *later = true;
            continue;
        }
        if (verdict == WEIR__SEARCH_HOPELESS) {
            status = give_up(writer, (long)said, error);
            break;
        }
        if (verdict == WEIR__SEARCH_REFUSED) {
            status =
                refuse(writer, weir__search_batch_document(&writer->batch, i), writer->said, error);
        }
        weir__search_batch_settle(&writer->batch, i);
        progress = true;
    }
    weir_sink_count(writer->metrics, "numRecordsSend", taken);
    writer->tries = progress ? 0 : writer->tries;
    return status;
}

/* Longer than the engine takes in one request: half of it, until it is one document. */
static enum weir_status send_less(struct writer *writer, struct weir_error *error)
{
    size_t count = weir__search_batch_sent(&writer->batch);
    if (count > 1) {
        writer->most = count / 2;
        return WEIR_OK;
    }
    enum weir_status status = refuse(writer, weir__search_batch_document(&writer->batch, 0),
                                     "413 longer than the search engine takes", error);
    weir__search_batch_settle(&writer->batch, 0);
    return status;
}

static enum weir_status send_bulk(struct writer *writer, bool *later, struct weir_error *error)
{
    long http_status = 0;
    weir__search_batch_put(&writer->batch, writer->most, &writer->body);
    enum weir_status status = ask(writer, "POST", writer->config->bulk_url, "application/x-ndjson",
                                  &http_status, later, error);
    if (status != WEIR_OK || *later) {
        return status;
    }
    if (http_status == 413) {
        return send_less(writer, error);
    }
    status = judge_request(writer, http_status, later, error);
    return status == WEIR_OK && !*later ? judge_documents(writer, later, error) : status;
}

/* Sends until all is settled, or something must wait for another try. */
static enum weir_status send_all(struct writer *writer, struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    bool later = false;
    while (writer->batch.open > 0 && status == WEIR_OK && !later) {
        status = writer->index_is_there ? send_bulk(writer, &later, error)
                                        : make_index(writer, &later, error);
    }
    if (status == WEIR_OK && later) {
        return try_later(writer, error);
    }
    if (status == WEIR_OK) {
        writer->tries = 0;
        writer->most = writer->config->most_documents;
        weir__search_batch_clear(&writer->batch);
    }
    return status;
}

static bool is_waiting(const struct writer *writer)
{
    return writer->tries > 0;
}

static int64_t wait_left_ms(const struct writer *writer)
{
    int64_t left = weir_time_sub(writer->retry_at_ms, weir_clock_ms(writer->clock));
    return left < 0                                 ? 0
           : left > writer->config->most_backoff_ms ? writer->config->most_backoff_ms
                                                    : left;
}

/* ---- values ---- */

static enum weir_status add(struct writer *writer, const void *value, struct weir_error *error)
{
    struct weir_str document = weir_encoder_encode(writer->encoder, value);
    struct weir_str id = weir__search_config_id(writer->config, value, &writer->id);
    if (id.len > MOST_ID_BYTES) {
        char why[80];
        snprintf(why, sizeof why, "an id of %u bytes, of at most %d", (unsigned)id.len,
                 MOST_ID_BYTES);
        return refuse(writer, document, why, error);
    }
    weir__search_batch_add(&writer->batch, id, document);
    return WEIR_OK;
}

static enum weir_status writer_write(void *self, const void *value, int64_t timestamp,
                                     struct weir_error *error)
{
    struct writer *writer = self;
    enum weir_status status = WEIR_OK;
    (void)timestamp;
    if (is_waiting(writer) && wait_left_ms(writer) == 0) {
        status = send_all(writer, error);
    }
    if (status == WEIR_OK && is_waiting(writer)) {
        return WEIR_LIMIT;
    }
    if (status == WEIR_OK) {
        status = add(writer, value, error);
    }
    bool full = writer->batch.open >= writer->config->most_documents ||
                writer->batch.bytes >= writer->config->most_bytes;
    return status == WEIR_OK && full ? send_all(writer, error) : status;
}

static enum weir_status writer_tick(void *self, int64_t *again_ms, struct weir_error *error)
{
    struct writer *writer = self;
    enum weir_status status = WEIR_OK;
    if (!is_waiting(writer) || wait_left_ms(writer) == 0) {
        status = send_all(writer, error);
    }
    *again_ms = is_waiting(writer) ? wait_left_ms(writer) : writer->config->interval_ms;
    *again_ms = *again_ms > 0 ? *again_ms : 1;
    return status;
}

static enum weir_status writer_flush(void *self, struct weir_error *error)
{
    struct writer *writer = self;
    const weir_sink *letters = writer->config->letters;
    enum weir_status status = WEIR_OK;
    while (status == WEIR_OK && writer->batch.open > 0) {
        if (is_waiting(writer)) {
            weir__http_wait(wait_left_ms(writer));
        }
        status = send_all(writer, error);
    }
    if (status == WEIR_OK && letters != NULL && letters->ops->flush != NULL) {
        status = letters->ops->flush(writer->letters, error);
    }
    return status;
}

static void writer_free(void *self)
{
    struct writer *writer = self;
    if (writer->letters != NULL) {
        writer->config->letters->ops->writer_free(writer->letters);
    }
    weir__search_batch_fini(&writer->batch);
    weir__search_answer_free(writer->answer);
    weir_encoder_free(writer->encoder);
    weir__http_free(writer->http);
    weir__buf_fini(&writer->id);
    weir__buf_fini(&writer->body);
    weir__buf_fini(&writer->text);
    weir__free(writer);
}

static const struct weir_sink_ops ops = {
    .kind = "OpenSearch",
    .writer_new = writer_new,
    .open = writer_open,
    .write = writer_write,
    .flush = writer_flush,
    .tick = writer_tick,
    .writer_free = writer_free,
    .config_free = weir__search_config_free,
};

weir_sink *weir_opensearch_sink(const struct weir_opensearch_sink_config *config)
{
    return weir_sink_new(&ops, "OpenSearch", config->type, weir__search_config_new(config));
}

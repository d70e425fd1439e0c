/*
 * The search sink: documents in an index of OpenSearch or Elasticsearch.
 *
 *     weir_sink_to(counts, weir_opensearch_sink(&(struct weir_opensearch_sink_config){
 *         .index = "departments_count",
 *         .type = &department_count_type,
 *         .id = {WEIR_FIELD(department_count, department), WEIR_FIELD(department_count, window_end)},
 *         .time = WEIR_FIELD(department_count, window_end)}));
 *
 * Both products take the same requests: newline-delimited JSON to INDEX/_bulk.
 */
#ifndef WEIR_OPENSEARCH_H
#define WEIR_OPENSEARCH_H

#include <weir/sink.h>

#define WEIR_OPENSEARCH_URL "http://127.0.0.1:9200"
#define WEIR_OPENSEARCH_IDS 4

/*
 * A document for each value: the JSON that weir_json writes. Documents go out together: 10000 of
 * them, or 1 MB, or all there are after a second, and at a checkpoint.
 *
 * At-least-once, and with ids effectively once: after a failure the documents since the last
 * checkpoint are sent again, and a document replaces one with the same id. Of those with one id in
 * one request only the newest is sent, so that none overtakes a newer one. Readers may see a
 * document before its checkpoint is complete; the index shows what is new after its refresh
 * interval (a second, by default).
 *
 * What the engine cannot take now (no answer, 408, 429 or 5xx, of the whole request or of single
 * documents) is sent again, after 100 ms and then twice as long each time, up to 10 s; meanwhile
 * the sink takes no more (back-pressure). A single document that is refused for good (400: a field
 * does not fit the index's mapping) is counted in the operator's numRecordsSendErrors, told in the
 * log (the 1st, 10th, 100th, …), and goes to dead_letters with the reason; the job goes on.
 * Answers about all documents (401, 403, no such index) fail the job.
 *
 * A request blocks the slot's thread until it is answered.
 */
struct weir_opensearch_sink_config {
    const char *url;   /* http or https, without user and password; NULL: WEIR_OPENSEARCH_URL */
    const char *index; /* small letters, as the engines want them */
    const struct weir_type *type;
    /* String and int64 fields whose texts, joined by '/', are a document's id; NULL behind the
     * last. None: the engine makes ids, and after a failure documents may be there twice. */
    const struct weir_field *id[WEIR_OPENSEARCH_IDS];
    /* An int64 field (epoch ms) that the index knows as a date: an index that is not there is made
     * with it. NULL: the engine guesses its mapping. */
    const struct weir_field *time;
    /* Basic authentication, or an API key (Elasticsearch). NULL: WEIR_SEARCH_USER and
     * WEIR_SEARCH_PASSWORD, or WEIR_SEARCH_API_KEY, of the environment, where there are. They are
     * in no message. */
    const char *user;
    const char *password;
    const char *api_key;
    const char *ca_file;      /* PEM, for https; NULL: WEIR_SEARCH_CA_FILE, else the system's */
    const char *dead_letters; /* "kafka:TOPIC" or a file, as in weir_dead_letter_sink; NULL: none */
    int64_t most_documents;   /* in a request; 0: 10000 */
    int64_t most_bytes;       /* of a request, but for one long document; 0: 1000000 */
    int64_t interval_ms;      /* what waits is sent; 0: 1 s */
    int64_t backoff_ms;       /* before the second try; 0: 100 ms */
    int64_t most_backoff_ms;  /* 0: 10 s */
    int most_tries;           /* in a row without a document taken: the job fails; 0: 20 */
    int64_t timeout_ms;       /* of a request; 0: 30 s */
};

/* Copies the strings of the config; type and fields are borrowed. What is wrong with the config is
 * said when the job starts. */
weir_sink *weir_opensearch_sink(const struct weir_opensearch_sink_config *config);

#endif

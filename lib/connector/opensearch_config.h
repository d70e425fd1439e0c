/*
 * The search sink's settings: the caller's, checked and completed from the environment, and what is
 * made of them once: URLs, headers. Read by all writers of the sink; it does not change.
 */
#ifndef WEIR__CONNECTOR_OPENSEARCH_CONFIG_H
#define WEIR__CONNECTOR_OPENSEARCH_CONFIG_H

#include "base/buf.h"

#include <weir/opensearch.h>

struct weir__search_config {
    char *url;
    char *index;
    char *index_url; /* URL/INDEX */
    char *bulk_url;  /* URL/INDEX/_bulk?… */
    const struct weir_type *type;
    const struct weir_field *id[WEIR_OPENSEARCH_IDS];
    const struct weir_field *time;
    char *user; /* NULL: without */
    char *password;
    char *authorization;    /* the header of an API key; NULL: without */
    const char *headers[2]; /* NULL behind the last */
    char *ca_file;
    weir_sink *letters; /* owned; NULL: none */
    size_t most_documents;
    size_t most_bytes;
    int64_t interval_ms;
    int64_t backoff_ms;
    int64_t most_backoff_ms;
    int64_t timeout_ms;
    int most_tries;
};

struct weir__search_config *weir__search_config_new(
    const struct weir_opensearch_sink_config *given);
void weir__search_config_free(void *config);

/* Errors: WEIR_INVALID, with what is wrong; secrets are in no message. */
WEIR_MUST_USE enum weir_status weir__search_config_check(const struct weir__search_config *config,
                                                         struct weir_error *error);

/*
 * A value's id in *buf: the texts of its fields, joined by '/'. Where there are several, a '%' or
 * '/' in a text is %25 or %2F, so that different values have different ids. Null: documents have
 * none.
 */
struct weir_str weir__search_config_id(const struct weir__search_config *config, const void *value,
                                       struct weir__buf *buf);

#endif

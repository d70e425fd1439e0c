/*
 * A client for schema registries that speak Confluent's HTTP paths: Confluent's, Apicurio
 * (…/apis/ccompat/v7), Karapace, and `weir registry`.
 *
 *     weir_schema_registry *registry = weir_schema_registry_new(&(struct weir_schema_registry_config){
 *         .url = "http://127.0.0.1:8085"});
 *     struct weir_format framed = weir_avro_with(&(struct weir_avro_config){
 *         .type = &click_event_type, .schemas = weir_schema_registry_store(registry)});
 *
 * What belongs to an id never changes, so it is asked for once. All functions may be called from
 * any thread; one request is under way at a time.
 */
#ifndef WEIR_SCHEMA_REGISTRY_H
#define WEIR_SCHEMA_REGISTRY_H

#include <weir/avro.h>

#define WEIR_SCHEMA_REGISTRY_URL "http://127.0.0.1:8085"

typedef struct weir_schema_registry weir_schema_registry;

struct weir_schema_registry_config {
    const char *url;    /* NULL: WEIR_SCHEMA_REGISTRY_URL */
    int64_t timeout_ms; /* of one request; 0: 5 s */
};

/* Asks nothing yet. Free it after the formats that use it. */
weir_schema_registry *weir_schema_registry_new(const struct weir_schema_registry_config *config);
void weir_schema_registry_free(weir_schema_registry *registry);

/* For weir_avro_config: finds schemas by the ids of messages. Borrowed. */
struct weir_schema_store *weir_schema_registry_store(weir_schema_registry *registry);

/*
 * Registers an Avro schema under a subject (for a topic's values by custom "TOPIC-value") and tells
 * its id; the same schema again has the same id. Errors: WEIR_MISMATCH (not compatible with what is
 * there), WEIR_MALFORMED (not a schema), WEIR_UNAVAILABLE, WEIR_TIMED_OUT (retriable), and others.
 */
WEIR_MUST_USE enum weir_status weir_schema_registry_register(weir_schema_registry *registry,
                                                             const char *subject,
                                                             const char *schema, int32_t *id,
                                                             struct weir_error *error);

/* The schema of an id, borrowed as long as the registry lives. Errors: WEIR_NOT_FOUND, … */
WEIR_MUST_USE enum weir_status weir_schema_registry_fetch(weir_schema_registry *registry,
                                                          int32_t id, struct weir_str *schema,
                                                          struct weir_error *error);

/* The newest version of a subject; id and version may be NULL. Errors: WEIR_NOT_FOUND, … */
WEIR_MUST_USE enum weir_status weir_schema_registry_latest(weir_schema_registry *registry,
                                                           const char *subject,
                                                           struct weir_str *schema, int32_t *id,
                                                           int32_t *version,
                                                           struct weir_error *error);

/* Whether the schema could be registered as the subject's next, by the subject's rule. Errors:
 * WEIR_NOT_FOUND (the subject has no version yet), … */
WEIR_MUST_USE enum weir_status weir_schema_registry_check(weir_schema_registry *registry,
                                                          const char *subject, const char *schema,
                                                          bool *compatible,
                                                          struct weir_error *error);

#endif

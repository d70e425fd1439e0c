/*
 * The schema registry's client (see <weir/schema_registry.h>). Answers are read by the library's
 * own JSON decoder: one type has all that an answer may hold.
 */
#include <weir/schema_registry.h>

#include "base/escape.h"
#include "base/mem.h"
#include "base/vec.h"
#include "connector/http.h"

#include <pthread.h>

enum { TIMEOUT_MS = 5000, MOST_ANSWER_BYTES = 4 * 1024 * 1024, MOST_SCHEMAS = 10000 };

static const char content_type[] = "application/vnd.schemaregistry.v1+json";

#define ANSWER_FIELDS(F, T)                                                                        \
    F(T, int64, id, "id", nullable)                                                                \
    F(T, int64, version, "version", nullable)                                                      \
    F(T, string, schema, "schema", nullable)                                                       \
    F(T, string, schema_type, "schemaType", nullable)                                              \
    F(T, boolean, is_compatible, "is_compatible", nullable)                                        \
    F(T, int64, error_code, "error_code", nullable)                                                \
    F(T, string, message, "message", nullable)
WEIR_DECLARE_TYPE(answer, ANSWER_FIELDS);
WEIR_DEFINE_TYPE(answer, ANSWER_FIELDS);

struct known {
    int32_t id;
    struct weir_str schema; /* owned; never moves and never goes before the registry */
};

struct weir_schema_registry {
    struct weir_schema_store store; /* first: a store is found to be a registry */
    char *url;
    int64_t timeout_ms;
    pthread_mutex_t lock;
    /* under lock */
    struct weir__vec known; /* struct known */
    struct weir__http *http;
    weir_decoder *decoder;
    struct weir__buf path; /* of the request: the whole URL */
    struct weir__buf body;
    struct weir__buf text; /* of the answer */
};

static enum weir_status schema_of(struct weir_schema_store *store, int32_t id,
                                  struct weir_str *schema, struct weir_error *error)
{
    return weir_schema_registry_fetch((weir_schema_registry *)store, id, schema, error);
}

weir_schema_registry *weir_schema_registry_new(const struct weir_schema_registry_config *config)
{
    weir_schema_registry *registry = WEIR__NEW(weir_schema_registry);
    const char *url = config->url != NULL ? config->url : WEIR_SCHEMA_REGISTRY_URL;
    registry->store.schema_of = schema_of;
    registry->url = weir__strdup(url);
    for (size_t len = strlen(url); len > 0 && registry->url[len - 1] == '/'; len--) {
        registry->url[len - 1] = '\0';
    }
    registry->timeout_ms = config->timeout_ms > 0 ? config->timeout_ms : TIMEOUT_MS;
    registry->known = WEIR__VEC_OF(struct known);
    registry->http = weir__http_new();
    registry->decoder = weir_decoder_new(weir_json(&answer_type));
    pthread_mutex_init(&registry->lock, NULL);
    return registry;
}

void weir_schema_registry_free(weir_schema_registry *registry)
{
    if (registry == NULL) {
        return;
    }
    for (size_t i = 0; i < registry->known.count; i++) {
        weir_str_clear(&((struct known *)weir__vec_at(&registry->known, i))->schema);
    }
    weir__vec_fini(&registry->known);
    weir__http_free(registry->http);
    weir_decoder_free(registry->decoder);
    weir__buf_fini(&registry->path);
    weir__buf_fini(&registry->body);
    weir__buf_fini(&registry->text);
    pthread_mutex_destroy(&registry->lock);
    weir__free(registry->url);
    weir__free(registry);
}

struct weir_schema_store *weir_schema_registry_store(weir_schema_registry *registry)
{
    return &registry->store;
}

/* ---- what is known ---- */

static const struct known *find_known(const weir_schema_registry *registry, int32_t id)
{
    for (size_t i = 0; i < registry->known.count; i++) {
        const struct known *known = weir__vec_at(&registry->known, i);
        if (known->id == id) {
            return known;
        }
    }
    return NULL;
}

static enum weir_status remember(weir_schema_registry *registry, int32_t id, struct weir_str text,
                                 struct weir_str *schema, struct weir_error *error)
{
    const struct known *known = find_known(registry, id);
    if (known == NULL && registry->known.count == MOST_SCHEMAS) {
        return weir_error_set(error, WEIR_LIMIT, registry->url,
                              "expected at most %d schemas in one job, got more", MOST_SCHEMAS);
    }
    if (known == NULL) {
        struct known fresh = {.id = id};
        weir_str_set(&fresh.schema, text);
        weir__vec_push(&registry->known, &fresh);
        known = weir__vec_last(&registry->known);
    }
    *schema = known->schema;
    return WEIR_OK;
}

/* ---- requests ---- */

/* Begins the URL; the path's parts follow. */
static void begin_url(weir_schema_registry *registry, const char *path)
{
    registry->path.len = 0;
    weir__buf_printf(&registry->path, "%s%s", registry->url, path);
}

static void add_subject(weir_schema_registry *registry, const char *subject, const char *behind)
{
    weir__http_put_escaped(&registry->path, weir_str_from(subject));
    weir__buf_printf(&registry->path, "%s", behind);
}

/* {"schema": "…"} */
static struct weir_str body_of(weir_schema_registry *registry, const char *schema)
{
    registry->body.len = 0;
    weir__buf_printf(&registry->body, "{\"schema\":");
    weir__buf_put_json_string(&registry->body, weir_str_from(schema));
    weir__buf_put_u8(&registry->body, '}');
    return (struct weir_str){registry->body.data, (uint32_t)registry->body.len};
}

static enum weir_status meaning_of(long status)
{
    return status == 404   ? WEIR_NOT_FOUND
           : status == 409 ? WEIR_MISMATCH
           : status == 422 ? WEIR_MALFORMED
           : status >= 500 ? WEIR_UNAVAILABLE
                           : WEIR_IO;
}

static enum weir_status refuse(weir_schema_registry *registry, long status,
                               const struct answer *answer, struct weir_error *error)
{
    char said[240];
    enum weir_status meaning = meaning_of(status);
    weir__printable(answer->message, said, sizeof said);
    (void)weir_error_set(error, meaning, registry->path.data, "the registry answered %ld%s%s",
                         status, said[0] != '\0' ? ": " : "", said);
    if (error != NULL) {
        error->retriable = meaning == WEIR_UNAVAILABLE;
    }
    return meaning;
}

/* Sends the request to the URL in `path`; *answer's strings hold until the next one. */
static enum weir_status ask(weir_schema_registry *registry, const char *method,
                            struct weir_str body, struct answer *answer, struct weir_error *error)
{
    struct weir_error why = {0};
    long http_status = 0;
    struct weir__http_request request = {
        .method = method,
        .url = registry->path.data,
        .content_type = body.data != NULL ? content_type : NULL,
        .body = body,
        .timeout_ms = registry->timeout_ms,
        .most_answer_bytes = MOST_ANSWER_BYTES,
    };
    enum weir_status status =
        weir__http_send(registry->http, &request, &http_status, &registry->text, &why);
    if (status == WEIR_UNAVAILABLE) {
        (void)weir_error_set(error, status, registry->url,
                             "no schema registry answered: %s. `build/bin/weir registry` starts "
                             "one for learning",
                             why.message);
        if (error != NULL) {
            error->retriable = true;
        }
        return status;
    }
    if (status != WEIR_OK) {
        if (error != NULL) {
            *error = why;
        }
        return status;
    }
    status = weir_decoder_decode(registry->decoder, registry->text.data, registry->text.len, answer,
                                 &why);
    if (http_status < 200 || http_status > 299) {
        return refuse(registry, http_status, answer, error);
    }
    if (status != WEIR_OK) {
        return weir_error_set(error, WEIR_IO, registry->path.data,
                              "expected an answer of a schema registry, got something else (%s); "
                              "is the URL right?",
                              why.message);
    }
    return WEIR_OK;
}

/* An answer without what was asked for. */
static enum weir_status fail_incomplete(weir_schema_registry *registry, const char *expected,
                                        struct weir_error *error)
{
    return weir_error_set(error, WEIR_IO, registry->path.data,
                          "expected an answer with %s, got one without; is the URL right?",
                          expected);
}

static enum weir_status refuse_type(weir_schema_registry *registry, const struct answer *answer,
                                    struct weir_error *error)
{
    char type[40];
    weir__printable(answer->schema_type, type, sizeof type);
    return weir_error_set(error, WEIR_UNSUPPORTED, registry->path.data,
                          "expected an Avro schema, got one of type %s", type);
}

static bool is_avro(const struct answer *answer)
{
    return weir_str_is_null(answer->schema_type) || weir_str_equals(answer->schema_type, "AVRO");
}

/* ---- the functions ---- */

enum weir_status weir_schema_registry_register(weir_schema_registry *registry, const char *subject,
                                               const char *schema, int32_t *id,
                                               struct weir_error *error)
{
    struct answer answer;
    pthread_mutex_lock(&registry->lock);
    begin_url(registry, "/subjects/");
    add_subject(registry, subject, "/versions");
    enum weir_status status = ask(registry, "POST", body_of(registry, schema), &answer, error);
    if (status == WEIR_OK && (answer.id <= 0 || answer.id > INT32_MAX)) {
        status = fail_incomplete(registry, "an id", error);
    }
    *id = status == WEIR_OK ? (int32_t)answer.id : 0;
    pthread_mutex_unlock(&registry->lock);
    return status;
}

enum weir_status weir_schema_registry_fetch(weir_schema_registry *registry, int32_t id,
                                            struct weir_str *schema, struct weir_error *error)
{
    struct answer answer;
    enum weir_status status = WEIR_OK;
    pthread_mutex_lock(&registry->lock);
    const struct known *known = find_known(registry, id);
    if (known != NULL) {
        *schema = known->schema;
    } else {
        begin_url(registry, "/schemas/ids/");
        weir__buf_printf(&registry->path, "%ld", (long)id);
        status = ask(registry, "GET", (struct weir_str){NULL, 0}, &answer, error);
        if (status == WEIR_OK && !is_avro(&answer)) {
            status = refuse_type(registry, &answer, error);
        } else if (status == WEIR_OK && weir_str_is_null(answer.schema)) {
            status = fail_incomplete(registry, "a schema", error);
        } else if (status == WEIR_OK) {
            status = remember(registry, id, answer.schema, schema, error);
        }
    }
    pthread_mutex_unlock(&registry->lock);
    return status;
}

enum weir_status weir_schema_registry_latest(weir_schema_registry *registry, const char *subject,
                                             struct weir_str *schema, int32_t *id, int32_t *version,
                                             struct weir_error *error)
{
    struct answer answer;
    pthread_mutex_lock(&registry->lock);
    begin_url(registry, "/subjects/");
    add_subject(registry, subject, "/versions/latest");
    enum weir_status status = ask(registry, "GET", (struct weir_str){NULL, 0}, &answer, error);
    if (status == WEIR_OK && !is_avro(&answer)) {
        status = refuse_type(registry, &answer, error);
    } else if (status == WEIR_OK &&
               (weir_str_is_null(answer.schema) || answer.id <= 0 || answer.id > INT32_MAX ||
                answer.version <= 0 || answer.version > INT32_MAX)) {
        status = fail_incomplete(registry, "schema, id and version", error);
    } else if (status == WEIR_OK) {
        status = remember(registry, (int32_t)answer.id, answer.schema, schema, error);
    }
    if (status == WEIR_OK && id != NULL) {
        *id = (int32_t)answer.id;
    }
    if (status == WEIR_OK && version != NULL) {
        *version = (int32_t)answer.version;
    }
    pthread_mutex_unlock(&registry->lock);
    return status;
}

enum weir_status weir_schema_registry_check(weir_schema_registry *registry, const char *subject,
                                            const char *schema, bool *compatible,
                                            struct weir_error *error)
{
    struct answer answer;
    pthread_mutex_lock(&registry->lock);
    begin_url(registry, "/compatibility/subjects/");
    add_subject(registry, subject, "/versions/latest");
    enum weir_status status = ask(registry, "POST", body_of(registry, schema), &answer, error);
    *compatible = status == WEIR_OK && answer.is_compatible;
    pthread_mutex_unlock(&registry->lock);
    return status;
}

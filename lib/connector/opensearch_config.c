/*
 * The search sink's settings (see opensearch_config.h).
 */
#include "connector/opensearch_config.h"

#include "base/mem.h"
#include "connector/http.h"
#include "connector/opensearch_answer.h"

#include <weir/connectors.h>

#include <stdlib.h>

#define MOST_DOCUMENTS  10000
#define MOST_BYTES      1000000
#define INTERVAL_MS     1000
#define BACKOFF_MS      100
#define MOST_BACKOFF_MS 10000
#define MOST_TRIES      20
#define TIMEOUT_MS      30000
#define MOST_INDEX      255 /* bytes of an index's name, of both engines */

/* ---- making it ---- */

static char *setting(const char *given, const char *variable)
{
    const char *value = given != NULL ? given : getenv(variable);
    return weir__strdup(value != NULL && value[0] != '\0' ? value : NULL);
}

static int64_t or_default(int64_t given, int64_t fallback)
{
    return given > 0 ? given : fallback;
}

static void make_urls(struct weir__search_config *config)
{
    struct weir__buf url = {0};
    for (size_t len = strlen(config->url); len > 0 && config->url[len - 1] == '/'; len--) {
        config->url[len - 1] = '\0';
    }
    weir__buf_printf(&url, "%s/", config->url);
    weir__http_put_escaped(&url, weir_str_from(config->index));
    config->index_url = weir__asprintf("%.*s", (int)url.len, url.data);
    config->bulk_url = weir__asprintf("%s/_bulk?" WEIR__SEARCH_FILTER, config->index_url);
    weir__buf_fini(&url);
}

/* A user before a key: whoever gives one in the program means it. */
static void set_credentials(struct weir__search_config *config,
                            const struct weir_opensearch_sink_config *given)
{
    if (given->api_key == NULL) {
        config->user = setting(given->user, "WEIR_SEARCH_USER");
    }
    if (config->user != NULL) {
        config->password = setting(given->password, "WEIR_SEARCH_PASSWORD");
        return;
    }
    char *key = setting(given->api_key, "WEIR_SEARCH_API_KEY");
    if (key != NULL) {
        config->authorization = weir__asprintf("Authorization: ApiKey %s", key);
        config->headers[0] = config->authorization;
    }
    weir__free(key);
}

struct weir__search_config *weir__search_config_new(const struct weir_opensearch_sink_config *given)
{
    struct weir__search_config *config = WEIR__NEW(struct weir__search_config);
    config->url = weir__strdup(given->url != NULL ? given->url : WEIR_OPENSEARCH_URL);
    config->index = weir__strdup(given->index != NULL ? given->index : "");
    config->type = given->type;
    memcpy(config->id, given->id, sizeof config->id);
    config->time = given->time;
    config->ca_file = setting(given->ca_file, "WEIR_SEARCH_CA_FILE");
    config->letters =
        given->dead_letters != NULL ? weir_dead_letter_sink(given->dead_letters) : NULL;
    config->most_documents = (size_t)or_default(given->most_documents, MOST_DOCUMENTS);
    config->most_bytes = (size_t)or_default(given->most_bytes, MOST_BYTES);
    config->interval_ms = or_default(given->interval_ms, INTERVAL_MS);
    config->backoff_ms = or_default(given->backoff_ms, BACKOFF_MS);
    config->most_backoff_ms = or_default(given->most_backoff_ms, MOST_BACKOFF_MS);
    config->timeout_ms = or_default(given->timeout_ms, TIMEOUT_MS);
    config->most_tries = given->most_tries > 0 ? given->most_tries : MOST_TRIES;
    set_credentials(config, given);
    make_urls(config);
    return config;
}

void weir__search_config_free(void *self)
{
    struct weir__search_config *config = self;
    if (config->letters != NULL) {
        config->letters->ops->config_free(config->letters->config);
        weir__free(config->letters);
    }
    weir__free(config->url);
    weir__free(config->index);
    weir__free(config->index_url);
    weir__free(config->bulk_url);
    weir__free(config->user);
    weir__free(config->password);
    weir__free(config->authorization);
    weir__free(config->ca_file);
    weir__free(config);
}

/* ---- checking it ---- */

static const char *behind_scheme(const char *url)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t len = strlen(schemes[i]);
        if (strncmp(url, schemes[i], len) == 0) {
            return url + len;
        }
    }
    return NULL;
}

static enum weir_status check_url(const char *url, struct weir_error *error)
{
    const char *host = behind_scheme(url);
    if (host == NULL) {
        return weir_error_set(error, WEIR_INVALID, "the search engine's URL",
                              "expected http://HOST:PORT or https://HOST:PORT");
    }
    const char *at = strchr(host, '@');
    if (at != NULL && at < host + strcspn(host, "/")) { /* messages show the URL */
        return weir_error_set(error, WEIR_INVALID, "the search engine's URL",
                              "expected a URL without user and password; give them in "
                              "WEIR_SEARCH_USER and WEIR_SEARCH_PASSWORD");
    }
    return WEIR_OK;
}

/* Both engines' rules. A wrong name would have every document refused, one by one. */
static bool is_index_name(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > MOST_INDEX || strchr("_-+.", name[0]) != NULL) {
        return false;
    }
    for (const char *at = name; *at != '\0'; at++) {
        if ((*at >= 'A' && *at <= 'Z') || strchr(" \"\\/*?<>|,#:", *at) != NULL) {
            return false;
        }
    }
    return true;
}

static enum weir_status check_fields(const struct weir__search_config *config,
                                     struct weir_error *error)
{
    for (int i = 0; i < WEIR_OPENSEARCH_IDS && config->id[i] != NULL; i++) {
        enum weir_kind kind = config->id[i]->kind;
        if (kind != WEIR_KIND_STRING && kind != WEIR_KIND_INT64) {
            return weir_error_set(error, WEIR_INVALID, config->index,
                                  "expected string and int64 fields for the id, got %s, which is "
                                  "neither",
                                  config->id[i]->name);
        }
    }
    if (config->time != NULL && config->time->kind != WEIR_KIND_INT64) {
        return weir_error_set(error, WEIR_INVALID, config->index,
                              "expected an int64 field (epoch ms) for the time, got %s, which is "
                              "none",
                              config->time->name);
    }
    return WEIR_OK;
}

enum weir_status weir__search_config_check(const struct weir__search_config *config,
                                           struct weir_error *error)
{
    enum weir_status status = check_url(config->url, error);
    if (status == WEIR_OK && !is_index_name(config->index)) {
        status = weir_error_set(error, WEIR_INVALID, config->index,
                                "expected an index's name: small letters, at most %d bytes, none "
                                "of \"*\\<>|,#:/? and spaces, and no _-+. at the beginning",
                                MOST_INDEX);
    }
    if (status == WEIR_OK && config->user != NULL && config->password == NULL) {
        status = weir_error_set(error, WEIR_INVALID, config->index,
                                "expected a password beside the user; give it in "
                                "WEIR_SEARCH_PASSWORD");
    }
    return status == WEIR_OK ? check_fields(config, error) : status;
}

/* ---- ids ---- */

static void put_part(struct weir__buf *buf, struct weir_str text, bool alone)
{
    for (uint32_t i = 0; i < text.len && !alone; i++) {
        if (text.data[i] == '/' || text.data[i] == '%') {
            weir__buf_put(buf, text.data[i] == '/' ? "%2F" : "%25", 3);
        } else {
            weir__buf_put_u8(buf, (uint8_t)text.data[i]);
        }
    }
    if (alone) {
        weir__buf_put(buf, text.data, text.len);
    }
}

struct weir_str weir__search_config_id(const struct weir__search_config *config, const void *value,
                                       struct weir__buf *buf)
{
    bool alone = config->id[1] == NULL;
    if (config->id[0] == NULL) {
        return (struct weir_str){NULL, 0};
    }
    buf->len = 0;
    for (int i = 0; i < WEIR_OPENSEARCH_IDS && config->id[i] != NULL; i++) {
        const void *at = (const char *)value + config->id[i]->offset;
        if (i > 0) {
            weir__buf_put_u8(buf, '/');
        }
        if (config->id[i]->kind == WEIR_KIND_STRING) {
            put_part(buf, *(const struct weir_str *)at, alone);
        } else {
            weir__buf_put_decimal(buf, *(const int64_t *)at);
        }
    }
    return (struct weir_str){buf->data != NULL ? buf->data : "", (uint32_t)buf->len};
}

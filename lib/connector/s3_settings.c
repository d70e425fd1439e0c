/*
 * Where the bucket is, and who asks: from the program, the job's properties, and the environment.
 */
#include "connector/s3_request.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdlib.h>

enum { ATTEMPTS = 8, MOST_ATTEMPTS = 100, TIMEOUT_MS = 30000, FIRST_WAIT_MS = 100 };
#define MOST_PART_BYTES (INT64_C(1) << 30)

/* ---- one setting ---- */

static const char *property(const char *const *properties, const char *key)
{
    size_t len = strlen(key);
    for (; properties != NULL && *properties != NULL; properties++) {
        if (strncmp(*properties, key, len) == 0 && (*properties)[len] == '=') {
            return *properties + len + 1;
        }
    }
    return NULL;
}

/* The first that is there and not empty: given, the property, one of two variables. */
static const char *choose(const char *given, const char *const *properties, const char *key,
                          const char *variable, const char *other)
{
    const char *values[] = {given, property(properties, key), getenv(variable),
                            other != NULL ? getenv(other) : NULL};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (values[i] != NULL && values[i][0] != '\0') {
            return values[i];
        }
    }
    return NULL;
}

/* ---- where ---- */

static enum weir_status check_bucket(const char *bucket, struct weir_error *error)
{
    static const char legal[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
    size_t len = strlen(bucket);
    if (len < 3 || len > 63 || strspn(bucket, legal) != len || bucket[0] == '-' ||
        bucket[0] == '.') {
        return weir_error_set(error, WEIR_INVALID, NULL,
                              "expected s3://BUCKET/PREFIX, with 3 to 63 lower-case letters, "
                              "digits, dots and dashes as the bucket, got \"%.70s\"",
                              bucket);
    }
    return WEIR_OK;
}

static enum weir_status check_endpoint(const char *endpoint, struct weir_error *error)
{
    const char *host = strstr(endpoint, "://");
    if (host == NULL ||
        (strncmp(endpoint, "http:", 5) != 0 && strncmp(endpoint, "https:", 6) != 0) ||
        host[3] == '\0' || strpbrk(host + 3, "/?#@ ") != NULL) {
        return weir_error_set(
            error, WEIR_INVALID, NULL,
            "expected an endpoint of S3 like http://127.0.0.1:9000, got \"%.80s\" "
            "(AWS_ENDPOINT_URL, or -X s3.endpoint=URL)",
            endpoint);
    }
    return WEIR_OK;
}

static bool wants_path(const struct weir_s3_config *given, const char *const *properties,
                       bool has_endpoint)
{
    const char *said = property(properties, "s3.path.style.access");
    if (given->style != WEIR_S3_STYLE_DEFAULT) {
        return given->style == WEIR_S3_STYLE_PATH;
    }
    return said != NULL ? strcmp(said, "true") == 0 : has_endpoint;
}

static void place(struct weir__s3_settings *settings, bool path_style)
{
    const char *host = strstr(settings->endpoint, "://") + 3;
    settings->base = path_style ? weir__asprintf("%s/%s", settings->endpoint, settings->bucket)
                                : weir__asprintf("%.*s%s.%s", (int)(host - settings->endpoint),
                                                 settings->endpoint, settings->bucket, host);
}

static char *without_slash(const char *url)
{
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/') {
        len--;
    }
    return weir__asprintf("%.*s", (int)len, url);
}

static enum weir_status read_place(struct weir__s3_settings *settings,
                                   const struct weir_s3_config *given, const char *bucket,
                                   const char *const *properties, struct weir_error *error)
{
    const char *region =
        choose(given->region, properties, "s3.region", "AWS_REGION", "AWS_DEFAULT_REGION");
    const char *endpoint = choose(given->endpoint, properties, "s3.endpoint", "AWS_ENDPOINT_URL_S3",
                                  "AWS_ENDPOINT_URL");
    settings->bucket = weir__strdup(bucket);
    settings->region = weir__strdup(region != NULL ? region : "us-east-1");
    settings->endpoint = endpoint != NULL
                             ? without_slash(endpoint)
                             : weir__asprintf("https://s3.%s.amazonaws.com", settings->region);
    enum weir_status status = check_bucket(bucket, error);
    if (status == WEIR_OK) {
        status = check_endpoint(settings->endpoint, error);
    }
    if (status == WEIR_OK) {
        place(settings, wants_path(given, properties, endpoint != NULL));
    }
    return status;
}

/* ---- who, and how much ---- */

static enum weir_status read_keys(struct weir__s3_settings *settings,
                                  const struct weir_s3_config *given, const char *const *properties,
                                  struct weir_error *error)
{
    const char *access =
        choose(given->access_key, properties, "s3.access-key", "AWS_ACCESS_KEY_ID", NULL);
    const char *secret =
        choose(given->secret_key, properties, "s3.secret-key", "AWS_SECRET_ACCESS_KEY", NULL);
    if (access == NULL || secret == NULL) {
        return weir_error_set(error, WEIR_INVALID, NULL,
                              "S3 needs credentials: set AWS_ACCESS_KEY_ID and "
                              "AWS_SECRET_ACCESS_KEY (%s is not set)",
                              access == NULL ? "the first" : "the second");
    }
    settings->access_key = weir__strdup(access);
    settings->secret_key = weir__strdup(secret);
    settings->session_token = weir__strdup(
        choose(given->session_token, properties, "s3.session-token", "AWS_SESSION_TOKEN", NULL));
    return WEIR_OK;
}

static enum weir_status read_numbers(struct weir__s3_settings *settings,
                                     const struct weir_s3_config *given,
                                     const struct weir__s3_tuning *tuning, struct weir_error *error)
{
    int64_t least = tuning->least_part_bytes != 0 ? tuning->least_part_bytes : WEIR__S3_LEAST_PART;
    settings->part_bytes = given->part_bytes != 0 ? given->part_bytes : least;
    settings->timeout_ms = given->timeout_ms != 0 ? given->timeout_ms : TIMEOUT_MS;
    settings->attempts = given->attempts != 0 ? given->attempts : ATTEMPTS;
    settings->first_wait_ms = tuning->first_wait_ms != 0 ? tuning->first_wait_ms : FIRST_WAIT_MS;
    if (settings->part_bytes < least || settings->part_bytes > MOST_PART_BYTES ||
        settings->timeout_ms < 1 || settings->attempts < 1 || settings->attempts > MOST_ATTEMPTS) {
        return weir_error_set(
            error, WEIR_INVALID, NULL,
            "expected parts of %" PRId64 " bytes to 1 GiB, a time-out above 0 and "
            "1 to %d attempts for S3, got %" PRId64 ", %" PRId64 " and %d",
            least, MOST_ATTEMPTS, settings->part_bytes, settings->timeout_ms, settings->attempts);
    }
    return WEIR_OK;
}

enum weir_status weir__s3_settings_read(struct weir__s3_settings *settings,
                                        const struct weir_s3_config *given,
                                        const struct weir__s3_tuning *tuning, const char *bucket,
                                        const char *const *properties, struct weir_error *error)
{
    *settings = (struct weir__s3_settings){0};
    enum weir_status status = read_place(settings, given, bucket, properties, error);
    if (status == WEIR_OK) {
        status = read_keys(settings, given, properties, error);
    }
    return status == WEIR_OK ? read_numbers(settings, given, tuning, error) : status;
}

void weir__s3_settings_fini(struct weir__s3_settings *settings)
{
    weir__free(settings->endpoint);
    weir__free(settings->base);
    weir__free(settings->bucket);
    weir__free(settings->region);
    weir__free(settings->access_key);
    weir__free(settings->secret_key);
    weir__free(settings->session_token);
}

/* Reading --window, --trigger, --evictor, --aggregate and --watermark. */
#include "lab/specs.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ARGUMENTS = 3, ARGUMENT_SIZE = 128 };

/* "tumbling:5m,10s" taken apart. */
struct spec {
    char name[ARGUMENT_SIZE];
    char arguments[MAX_ARGUMENTS][ARGUMENT_SIZE];
    int count;
};

static bool refuse(struct weir_error *error, const char *expected, const char *text)
{
    weir_error_set(error, WEIR_INVALID, NULL, "expected %s, got \"%.80s\"", expected, text);
    return false;
}

/* Copies up to a delimiter or the end; false when it does not fit. */
static bool copy_part(const char **text, const char *delimiters, char part[ARGUMENT_SIZE])
{
    size_t len = strcspn(*text, delimiters);
    if (len >= ARGUMENT_SIZE) {
        return false;
    }
    memcpy(part, *text, len);
    part[len] = '\0';
    *text += len;
    return true;
}

static bool take_apart(const char *text, struct spec *spec, struct weir_error *error)
{
    const char *at = text;
    spec->count = 0;
    bool fits = copy_part(&at, ":", spec->name);
    while (fits && *at != '\0') {
        at++;
        fits = spec->count < MAX_ARGUMENTS && copy_part(&at, ",", spec->arguments[spec->count]);
        spec->count++;
    }
    return fits || refuse(error, "NAME or NAME:ARGUMENT,…, at most three arguments", text);
}

static bool is(const struct spec *spec, const char *name, int fewest, int most)
{
    return strcmp(spec->name, name) == 0 && spec->count >= fewest && spec->count <= most;
}

/* ---- numbers ---- */

bool lab_read_integer(const char *text, int64_t min, int64_t max, int64_t *value,
                      struct weir_error *error)
{
    char *end;
    errno = 0;
    long long read = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || read < min || read > max) {
        weir_error_set(error, WEIR_INVALID, NULL,
                       "expected an integer of %" PRId64 " to %" PRId64 ", got \"%.40s\"", min, max,
                       text);
        return false;
    }
    *value = read;
    return true;
}

static bool read_number(const char *text, double *value, struct weir_error *error)
{
    char *end;
    *value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(*value)) {
        return refuse(error, "a number", text);
    }
    return true;
}

static bool read_duration(const char *text, int64_t *ms, struct weir_error *error)
{
    return weir_duration_parse(text, ms, error) == WEIR_OK;
}

/* ---- --window ---- */

static bool read_aligned(const struct spec *spec, struct weir_window_assigner *assigner,
                         struct weir_error *error)
{
    bool sliding = assigner->kind == WEIR_ASSIGN_SLIDING;
    int offset = sliding ? 2 : 1;
    return read_duration(spec->arguments[0], &assigner->size_ms, error) &&
           (!sliding || read_duration(spec->arguments[1], &assigner->slide_ms, error)) &&
           (spec->count <= offset ||
            read_duration(spec->arguments[offset], &assigner->offset_ms, error));
}

bool lab_read_window(const char *text, struct lab_options *options, struct weir_error *error)
{
    struct weir_window_assigner *assigner = &options->assigner;
    struct spec spec;
    *assigner = (struct weir_window_assigner){0};
    if (!take_apart(text, &spec, error)) {
        return false;
    }
    if (is(&spec, "tumbling", 1, 2)) {
        assigner->kind = WEIR_ASSIGN_TUMBLING;
        return read_aligned(&spec, assigner, error);
    }
    if (is(&spec, "sliding", 2, 3)) {
        assigner->kind = WEIR_ASSIGN_SLIDING;
        return read_aligned(&spec, assigner, error);
    }
    if (is(&spec, "session", 1, 1)) {
        assigner->kind = WEIR_ASSIGN_SESSION;
        return read_duration(spec.arguments[0], &assigner->gap_ms, error);
    }
    if (strcmp(spec.name, "dynamic-session") == 0 && strchr(text, ':') != NULL &&
        strchr(text, ':')[1] != '\0') {
        assigner->kind = WEIR_ASSIGN_DYNAMIC_SESSION;
        options->gap = strchr(text, ':') + 1; /* a field may have any name, with commas too */
        return true;
    }
    if (is(&spec, "global", 0, 0)) {
        assigner->kind = WEIR_ASSIGN_GLOBAL;
        return true;
    }
    return refuse(error,
                  "tumbling:SIZE[,OFFSET], sliding:SIZE,SLIDE[,OFFSET], session:GAP, "
                  "dynamic-session:FIELD or global",
                  text);
}

/* ---- --trigger ---- */

static const struct {
    const char *name;
    enum weir_trigger_kind kind;
} plain_triggers[] = {
    {"event-time", WEIR_TRIGGER_EVENT_TIME},
    {"processing-time", WEIR_TRIGGER_PROCESSING_TIME},
    {"end-of-stream", WEIR_TRIGGER_END_OF_STREAM},
    {"never", WEIR_TRIGGER_NEVER},
};

static bool read_inner_trigger(const char *text, struct weir_trigger *trigger,
                               struct weir_error *error)
{
    struct spec spec;
    if (!take_apart(text, &spec, error)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(plain_triggers) / sizeof(plain_triggers[0]); i++) {
        if (is(&spec, plain_triggers[i].name, 0, 0)) {
            trigger->kind = plain_triggers[i].kind;
            return true;
        }
    }
    if (is(&spec, "count", 1, 1)) {
        trigger->kind = WEIR_TRIGGER_COUNT;
        return lab_read_integer(spec.arguments[0], 1, INT64_MAX, &trigger->count, error);
    }
    if (is(&spec, "continuous-event-time", 1, 1)) {
        trigger->kind = WEIR_TRIGGER_CONTINUOUS_EVENT_TIME;
        return read_duration(spec.arguments[0], &trigger->interval_ms, error);
    }
    if (is(&spec, "continuous-processing-time", 1, 1)) {
        trigger->kind = WEIR_TRIGGER_CONTINUOUS_PROCESSING_TIME;
        return read_duration(spec.arguments[0], &trigger->interval_ms, error);
    }
    if (is(&spec, "delta", 1, 1)) {
        trigger->kind = WEIR_TRIGGER_DELTA;
        return read_number(spec.arguments[0], &trigger->threshold, error);
    }
    return refuse(error,
                  "event-time, processing-time, count:N, continuous-event-time:INTERVAL, "
                  "continuous-processing-time:INTERVAL, delta:THRESHOLD, end-of-stream, never or "
                  "purging:TRIGGER",
                  text);
}

bool lab_read_trigger(const char *text, struct weir_trigger *trigger, struct weir_error *error)
{
    static const char purging[] = "purging:";
    while (strncmp(text, purging, strlen(purging)) == 0) {
        trigger->purging = true;
        text += strlen(purging);
    }
    return read_inner_trigger(text, trigger, error);
}

/* ---- --evictor ---- */

bool lab_read_evictor(const char *text, struct weir_evictor *evictor, struct weir_error *error)
{
    struct spec spec;
    if (!take_apart(text, &spec, error)) {
        return false;
    }
    bool known_place =
        spec.count == 1 || (spec.count == 2 && strcmp(spec.arguments[1], "after") == 0);
    evictor->after = spec.count == 2;
    if (known_place && strcmp(spec.name, "count") == 0) {
        evictor->kind = WEIR_EVICT_COUNT;
        return lab_read_integer(spec.arguments[0], 0, INT64_MAX, &evictor->count, error);
    }
    if (known_place && strcmp(spec.name, "time") == 0) {
        evictor->kind = WEIR_EVICT_TIME;
        return read_duration(spec.arguments[0], &evictor->duration_ms, error);
    }
    if (known_place && strcmp(spec.name, "delta") == 0) {
        evictor->kind = WEIR_EVICT_DELTA;
        return read_number(spec.arguments[0], &evictor->threshold, error);
    }
    return refuse(error,
                  "count:N, time:DURATION or delta:THRESHOLD, each also with \",after\" behind it",
                  text);
}

/* ---- --aggregate, --watermark ---- */

bool lab_read_aggregate(const char *text, enum lab_aggregate *aggregate, struct weir_error *error)
{
    static const char *const names[] = {
        [LAB_COUNT] = "count", [LAB_SUM] = "sum",   [LAB_MIN] = "min",
        [LAB_MAX] = "max",     [LAB_AVG] = "avg",   [LAB_DISTINCT] = "distinct",
        [LAB_FIRST] = "first", [LAB_LAST] = "last", [LAB_LIST] = "list",
        [LAB_EACH] = "each",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            *aggregate = (enum lab_aggregate)i;
            return true;
        }
    }
    return refuse(error, "count, sum, min, max, avg, distinct, first, last, list or each", text);
}

bool lab_read_watermark(const char *text, struct lab_options *options, struct weir_error *error)
{
    struct spec spec;
    if (!take_apart(text, &spec, error)) {
        return false;
    }
    if (is(&spec, "manual", 0, 0)) {
        options->watermark = LAB_MANUAL;
        return true;
    }
    if (is(&spec, "monotonous", 0, 0)) {
        options->watermark = LAB_MONOTONOUS;
        return true;
    }
    if (is(&spec, "bounded", 1, 1)) {
        options->watermark = LAB_BOUNDED;
        return read_duration(spec.arguments[0], &options->bound_ms, error) &&
               (options->bound_ms >= 0 || refuse(error, "a bound of 0 or more", text));
    }
    return refuse(error, "manual, bounded:DURATION or monotonous", text);
}

/*
 * Restart strategies as text. A list of fields, one table a kind, drives reading and writing.
 */
#include "graph/restart.h"

#include "base/number.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 6, MAX_FAILURES = 1000000 };

static const char expected[] =
    "expected none, fixed-delay:ATTEMPTS,DELAY, exponential-delay:INITIAL,MAX,MULTIPLIER,RESET,"
    "JITTER,ATTEMPTS or failure-rate:FAILURES,INTERVAL,DELAY";

/* ---- constructors ---- */

struct weir_restart_strategy weir_no_restart(void)
{
    return (struct weir_restart_strategy){.kind = WEIR_RESTART_NONE};
}

struct weir_restart_strategy weir_fixed_delay_restart(int attempts, int64_t delay_ms)
{
    return (struct weir_restart_strategy){
        .kind = WEIR_RESTART_FIXED_DELAY, .attempts = attempts, .delay_ms = delay_ms};
}

struct weir_restart_strategy weir_exponential_delay_restart(void)
{
    return (struct weir_restart_strategy){.kind = WEIR_RESTART_EXPONENTIAL_DELAY,
                                          .initial_ms = weir_seconds(1),
                                          .max_ms = weir_minutes(1),
                                          .multiplier = 1.5,
                                          .reset_threshold_ms = weir_hours(1),
                                          .jitter = 0.1};
}

struct weir_restart_strategy weir_failure_rate_restart(int max_failures, int64_t interval_ms,
                                                       int64_t delay_ms)
{
    return (struct weir_restart_strategy){.kind = WEIR_RESTART_FAILURE_RATE,
                                          .max_failures = max_failures,
                                          .interval_ms = interval_ms,
                                          .delay_ms = delay_ms};
}

struct weir_restart_strategy weir__restart_resolve(const struct weir_restart_strategy *strategy,
                                                   bool checkpoints)
{
    if (strategy->kind != WEIR_RESTART_DEFAULT) {
        return *strategy;
    }
    return checkpoints ? weir_exponential_delay_restart() : weir_no_restart();
}

/* ---- bounds ---- */

static enum weir_status check_exponential(const struct weir_restart_strategy *s,
                                          struct weir_error *error)
{
    const char *wrong = s->initial_ms < 1           ? "its initial delay must be at least 1ms"
                        : s->max_ms < s->initial_ms ? "its largest delay is below its initial one"
                        : !(s->multiplier >= 1)     ? "its multiplier must be at least 1"
                        : s->reset_threshold_ms < 1 ? "its reset threshold must be at least 1ms"
                        : !(s->jitter >= 0 && s->jitter <= 1) ? "its jitter must be 0 to 1"
                        : s->attempts < 0 ? "its attempts must be at least 0 (any number)"
                                          : NULL;
    return wrong == NULL
               ? WEIR_OK
               : weir_error_set(error, WEIR_INVALID, NULL, "exponential-delay: %s", wrong);
}

enum weir_status weir__restart_check(const struct weir_restart_strategy *s,
                                     struct weir_error *error)
{
    switch (s->kind) {
    case WEIR_RESTART_DEFAULT:
    case WEIR_RESTART_NONE:
        return WEIR_OK;
    case WEIR_RESTART_FIXED_DELAY:
        if (s->attempts < 0 || s->delay_ms < 0) {
            return weir_error_set(error, WEIR_INVALID, NULL,
                                  "fixed-delay: attempts and delay must be at least 0");
        }
        return WEIR_OK;
    case WEIR_RESTART_EXPONENTIAL_DELAY:
        return check_exponential(s, error);
    case WEIR_RESTART_FAILURE_RATE:
        if (s->max_failures < 1 || s->max_failures > MAX_FAILURES) {
            return weir_error_set(error, WEIR_INVALID, NULL,
                                  "failure-rate: expected 1 to %d failures, got %d", MAX_FAILURES,
                                  s->max_failures);
        }
        if (s->interval_ms < 1 || s->delay_ms < 0) {
            return weir_error_set(error, WEIR_INVALID, NULL,
                                  "failure-rate: the interval must be at least 1ms and the delay "
                                  "at least 0");
        }
        return WEIR_OK;
    }
    return weir_error_set(error, WEIR_INVALID, NULL, "unknown kind of restart strategy %d",
                          (int)s->kind);
}

/* ---- text ---- */

enum field_kind { COUNT, DURATION, FACTOR };

struct field {
    enum field_kind kind;
    const char *name;
    size_t offset;
};

#define FIELD(kind, name, member)                                                                  \
    {                                                                                              \
        kind, name, offsetof(struct weir_restart_strategy, member)                                 \
    }

static const struct row {
    const char *name;
    struct field fields[MAX_FIELDS]; /* up to the one without a name */
} rows[] = {
    [WEIR_RESTART_DEFAULT] = {"default", {{0}}},
    [WEIR_RESTART_NONE] = {"none", {{0}}},
    [WEIR_RESTART_FIXED_DELAY] = {"fixed-delay",
                                  {FIELD(COUNT, "attempts", attempts),
                                   FIELD(DURATION, "delay", delay_ms)}},
    [WEIR_RESTART_EXPONENTIAL_DELAY] =
        {"exponential-delay",
         {FIELD(DURATION, "initial", initial_ms), FIELD(DURATION, "max", max_ms),
          FIELD(FACTOR, "multiplier", multiplier), FIELD(DURATION, "reset", reset_threshold_ms),
          FIELD(FACTOR, "jitter", jitter), FIELD(COUNT, "attempts", attempts)}},
    [WEIR_RESTART_FAILURE_RATE] = {"failure-rate",
                                   {FIELD(COUNT, "failures", max_failures),
                                    FIELD(DURATION, "interval", interval_ms),
                                    FIELD(DURATION, "delay", delay_ms)}},
};

static struct weir_restart_strategy defaults_of(enum weir_restart_kind kind)
{
    switch (kind) {
    case WEIR_RESTART_FIXED_DELAY:
        return weir_fixed_delay_restart(1, weir_seconds(1));
    case WEIR_RESTART_EXPONENTIAL_DELAY:
        return weir_exponential_delay_restart();
    case WEIR_RESTART_FAILURE_RATE:
        return weir_failure_rate_restart(1, weir_minutes(1), weir_seconds(1));
    case WEIR_RESTART_DEFAULT:
    case WEIR_RESTART_NONE:
        break;
    }
    return weir_no_restart();
}

/* A decimal number of JSON's form, without a sign: "1.5", "2". */
static bool parse_factor(const char *text, double *factor)
{
    size_t whole = strspn(text, "0123456789");
    size_t len = whole;
    if (text[len] == '.') {
        size_t fraction = strspn(text + len + 1, "0123456789");
        len = fraction > 0 ? len + 1 + fraction : 0;
    }
    return whole > 0 && len > 0 && text[len] == '\0' && weir__double_parse(text, len, factor);
}

static bool parse_count(const char *text, int *count)
{
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    *count = (int)value;
    return end != text && *end == '\0' && errno == 0 && value >= 0 && value <= INT_MAX;
}

static bool parse_field(const struct field *field, const char *text,
                        struct weir_restart_strategy *strategy)
{
    void *at = (char *)strategy + field->offset;
    switch (field->kind) {
    case COUNT:
        return parse_count(text, at);
    case DURATION:
        return weir_duration_parse(text, at, NULL) == WEIR_OK && *(int64_t *)at >= 0;
    case FACTOR:
        return parse_factor(text, at);
    }
    return false;
}

/* The numbers behind the colon. */
static enum weir_status parse_fields(const struct row *row, const char *text,
                                     struct weir_restart_strategy *strategy,
                                     struct weir_error *error)
{
    static const char *const words[] = {
        [COUNT] = "a number", [DURATION] = "a duration such as 10s", [FACTOR] = "a factor"};
    for (int i = 0;; i++) {
        char part[32];
        size_t len = strcspn(text, ",");
        const struct field *field = &row->fields[i < MAX_FIELDS ? i : 0];
        if (i == MAX_FIELDS || field->name == NULL) {
            return weir_error_set(error, WEIR_INVALID, NULL, "%s, got more: \"%.40s\"", expected,
                                  text);
        }
        snprintf(part, sizeof(part), "%.*s", (int)(len < sizeof(part) ? len : sizeof(part) - 1),
                 text);
        if (len >= sizeof(part) || !parse_field(field, part, strategy)) {
            return weir_error_set(error, WEIR_INVALID, NULL,
                                  "%s: expected %s for its %s, got \"%s\"", row->name,
                                  words[field->kind], field->name, part);
        }
        if (text[len] == '\0') {
            return weir__restart_check(strategy, error);
        }
        text += len + 1;
    }
}

enum weir_status weir__restart_parse(const char *text, struct weir_restart_strategy *strategy,
                                     struct weir_error *error)
{
    size_t len = strcspn(text, ":");
    for (size_t kind = WEIR_RESTART_NONE; kind < sizeof(rows) / sizeof(rows[0]); kind++) {
        if (len != strlen(rows[kind].name) || strncmp(text, rows[kind].name, len) != 0) {
            continue;
        }
        struct weir_restart_strategy read = defaults_of((enum weir_restart_kind)kind);
        enum weir_status status =
            text[len] == ':' ? parse_fields(&rows[kind], text + len + 1, &read, error) : WEIR_OK;
        if (status == WEIR_OK) {
            *strategy = read;
        }
        return status;
    }
    return weir_error_set(error, WEIR_INVALID, NULL, "%s, got \"%.40s\"", expected, text);
}

static void format_field(const struct field *field, const struct weir_restart_strategy *strategy,
                         char text[WEIR__DOUBLE_TEXT])
{
    const void *at = (const char *)strategy + field->offset;
    switch (field->kind) {
    case COUNT:
        snprintf(text, WEIR__DOUBLE_TEXT, "%d", *(const int *)at);
        break;
    case DURATION:
        weir_duration_format(*(const int64_t *)at, text, WEIR__DOUBLE_TEXT);
        break;
    case FACTOR:
        weir__double_format(*(const double *)at, text);
        break;
    }
}

void weir__restart_format(const struct weir_restart_strategy *strategy,
                          char text[WEIR__RESTART_TEXT])
{
    const struct row *row = &rows[strategy->kind];
    int len = snprintf(text, WEIR__RESTART_TEXT, "%s", row->name);
    for (int i = 0; i < MAX_FIELDS && row->fields[i].name != NULL; i++) {
        char number[WEIR__DOUBLE_TEXT];
        format_field(&row->fields[i], strategy, number);
        len += snprintf(text + len, WEIR__RESTART_TEXT - (size_t)len, "%c%s", i == 0 ? ':' : ',',
                        number);
    }
}

/*
 * Durations and points in time as text.
 */
#include <weir/time.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct unit {
    const char *name;
    int64_t ms;
} units[] = {
    /* largest first */
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
};
enum { UNIT_COUNT = sizeof(units) / sizeof(units[0]) };

static enum weir_status parse_error(struct weir_error *error, enum weir_status code,
                                    const char *text)
{
    const char *expected = code == WEIR_LIMIT
                               ? "expected a duration that fits into 64-bit milliseconds"
                               : "expected a duration such as 500, 500ms, 10s, 5m, 1h or 7d";
    return weir_error_set(error, code, NULL, "%s, got \"%.40s\"", expected, text);
}

/*
 * Reads an optional sign and digits; *text moves behind them. The value is built negative:
 * INT64_MIN has no positive.
 */
static enum weir_status parse_integer(const char **text, int64_t *value)
{
    const char *at = *text;
    bool negative = *at == '-';
    at += negative;
    if (*at < '0' || *at > '9') {
        return WEIR_INVALID;
    }
    int64_t sum = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_sub_overflow(sum, *at - '0', &sum)) {
            return WEIR_LIMIT;
        }
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, sum, &sum)) {
        return WEIR_LIMIT;
    }
    *text = at;
    *value = sum;
    return WEIR_OK;
}

enum weir_status weir_duration_parse(const char *text, int64_t *ms, struct weir_error *error)
{
    const char *at = text != NULL ? text : "";
    int64_t count;
    enum weir_status status = parse_integer(&at, &count);
    if (status != WEIR_OK) {
        return parse_error(error, status, text != NULL ? text : "");
    }
    if (*at == '\0') {
        *ms = count;
        return WEIR_OK;
    }
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        if (strcmp(at, units[i].name) == 0) {
            return __builtin_mul_overflow(count, units[i].ms, ms)
                       ? parse_error(error, WEIR_LIMIT, text)
                       : WEIR_OK;
        }
    }
    return parse_error(error, WEIR_INVALID, text);
}

void weir_duration_format(int64_t ms, char *text, size_t size)
{
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        if ((ms != 0 || units[i].ms == 1) && ms % units[i].ms == 0) {
            snprintf(text, size, "%" PRId64 "%s", ms / units[i].ms, units[i].name);
            return;
        }
    }
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/*
 * Days since 1970-01-01 to a date of the proleptic Gregorian calendar. The year is taken to begin
 * in March, so that the leap day is its last; 400 years (146097 days) repeat for ever.
 */
static void civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t shifted = days + 719468; /* days from 0000-03-01 to 1970-01-01 */
    int64_t era = floor_div(shifted, 146097);
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
    *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

void weir_time_format(int64_t epoch_ms, char *text, size_t size)
{
    int64_t days = floor_div(epoch_ms, 86400000);
    int ms_of_day = (int)(epoch_ms % 86400000); /* days * 86400000 may not fit */
    ms_of_day += ms_of_day < 0 ? 86400000 : 0;
    int64_t year;
    int month, day;
    civil_from_days(days, &year, &month, &day);
    /* ISO 8601: a year of more than four digits needs a sign. */
    const char *sign = year > 9999 ? "+" : year < 0 ? "-" : "";
    char fraction[8] = "";
    if (ms_of_day % 1000 != 0) {
        snprintf(fraction, sizeof(fraction), ".%03d", ms_of_day % 1000);
    }
    snprintf(text, size, "%s%04" PRId64 "-%02d-%02dT%02d:%02d:%02d%sZ", sign,
             year < 0 ? -year : year, month, day, ms_of_day / 3600000, ms_of_day / 60000 % 60,
             ms_of_day / 1000 % 60, fraction);
}

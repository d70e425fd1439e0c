/*
 * ISO-8601 times (see iso_time.h).
 */
#include "base/iso_time.h"

#include <weir/time.h>

#include <stdio.h>

#define US_PER_SECOND INT64_C(1000000)

/* Exactly `count` digits at `at`; -1 when there are others. */
static int digits(const char *at, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (at[i] < '0' || at[i] > '9') {
            return -1;
        }
        value = value * 10 + (at[i] - '0');
    }
    return value;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01; the year is taken to begin in March, so that the leap day is its last. */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t march_year = year - (month <= 2);
    int64_t era = (march_year >= 0 ? march_year : march_year - 399) / 400;
    int64_t year_of_era = march_year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* ".019143Z" or "Z": the microseconds, or -1. */
static int64_t parse_fraction(const char *at, const char *end)
{
    int64_t us = 0;
    int count = 0;
    if (at < end && *at == '.') {
        for (at++; at < end && *at >= '0' && *at <= '9'; at++, count++) {
            us = count < 6 ? us * 10 + (*at - '0') : us;
        }
        if (count == 0 || count > 9) {
            return -1;
        }
        for (; count < 6; count++) {
            us *= 10;
        }
    }
    return end - at == 1 && *at == 'Z' ? us : -1;
}

bool weir__iso_time_parse(struct weir_str text, int64_t *epoch_us)
{
    static const char form[] = "0000-00-00T00:00:00";
    enum { WHOLE = sizeof(form) - 1 };
    const char *t = text.data;
    if (text.len <= WHOLE) {
        return false;
    }
    for (int i = 0; i < WHOLE; i++) {
        if (form[i] != '0' && form[i] != t[i]) {
            return false;
        }
    }
    int year = digits(t, 4), month = digits(t + 5, 2), day = digits(t + 8, 2);
    int hour = digits(t + 11, 2), minute = digits(t + 14, 2), second = digits(t + 17, 2);
    int64_t us = parse_fraction(t + WHOLE, t + text.len);
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month) ||
        hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || us < 0) {
        return false;
    }
    int64_t seconds =
        days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    *epoch_us = seconds * US_PER_SECOND + us;
    return true;
}

size_t weir__iso_time_format_us(int64_t epoch_us, char text[WEIR__ISO_TIME_TEXT])
{
    int64_t us = epoch_us % US_PER_SECOND;
    us += us < 0 ? US_PER_SECOND : 0;
    weir_time_format((epoch_us - us) / 1000, text, WEIR__ISO_TIME_TEXT);
    size_t len = strlen(text) - 1; /* without the Z */
    return len + (size_t)snprintf(text + len, WEIR__ISO_TIME_TEXT - len, ".%06dZ", (int)us);
}

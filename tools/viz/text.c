/* The texts of text.h. Times are taken apart by floor division, so negative ones count down to
 * zero. */
#include "text.h"

#include <weir/time.h>

#include <inttypes.h>
#include <stdio.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* Event times from 1973 on are taken for clock times, smaller ones for time since a start. */
static const int64_t clock_begins = 100000000000;

enum viz_unit viz_unit_of(const struct viz_model *model, int64_t length)
{
    if (model->lowest <= model->highest && model->highest >= clock_begins) {
        return VIZ_UNIT_CLOCK;
    }
    if (length > 0 && length % MINUTE == 0) {
        return VIZ_UNIT_MINUTES;
    }
    bool seconds = length > 0 ? length % SECOND == 0 : model->highest >= 10 * SECOND;
    return seconds ? VIZ_UNIT_SECONDS : VIZ_UNIT_MS;
}

/* ".5" for 500 ms, "" for none. */
static const char *fraction(int64_t ms, char text[8])
{
    text[0] = '\0';
    if (ms > 0) {
        snprintf(text, 8, ".%03d", (int)ms);
        for (size_t last = 3; text[last] == '0'; last--) {
            text[last] = '\0';
        }
    }
    return text;
}

static void put_minutes(int64_t ms, int digits, const char *sign, char text[VIZ_TIME_MAX])
{
    char rest[8];
    snprintf(text, VIZ_TIME_MAX, "%s%0*" PRId64 ":%02d%s", sign, digits, ms / MINUTE,
             (int)(ms / SECOND % 60), fraction(ms % SECOND, rest));
}

static const char *special(int64_t ms)
{
    return ms == WEIR_TIME_MIN ? "none" : ms == WEIR_TIME_MAX ? "end" : NULL;
}

const char *viz_time(enum viz_unit unit, int64_t ms, char text[VIZ_TIME_MAX])
{
    if (special(ms) != NULL) {
        snprintf(text, VIZ_TIME_MAX, "%s", special(ms));
        return text;
    }
    const char *sign = ms < 0 ? "-" : "";
    int64_t size = ms < 0 ? -ms : ms;
    char rest[8];
    switch (unit) {
    case VIZ_UNIT_MS:
        snprintf(text, VIZ_TIME_MAX, "%" PRId64, ms);
        break;
    case VIZ_UNIT_SECONDS:
        snprintf(text, VIZ_TIME_MAX, "%s%" PRId64 "%s", sign, size / SECOND,
                 fraction(size % SECOND, rest));
        break;
    case VIZ_UNIT_MINUTES:
        put_minutes(size, 1, sign, text);
        break;
    case VIZ_UNIT_CLOCK: {
        char minutes[VIZ_TIME_MAX];
        int64_t in_day = (ms % DAY + DAY) % DAY;
        put_minutes(in_day % HOUR, 2, "", minutes);
        snprintf(text, VIZ_TIME_MAX, "%02d:%.30s", (int)(in_day / HOUR), minutes);
        break;
    }
    }
    return text;
}

const char *viz_time_short(enum viz_unit unit, int64_t ms, char text[VIZ_TIME_MAX])
{
    if (unit != VIZ_UNIT_CLOCK || special(ms) != NULL) {
        return viz_time(unit, ms, text);
    }
    put_minutes((ms % HOUR + HOUR) % HOUR, 2, "", text);
    return text;
}

const char *viz_window_text(enum viz_unit unit, int64_t start, int64_t end,
                            char text[VIZ_WINDOW_MAX])
{
    char from[VIZ_TIME_MAX];
    char to[VIZ_TIME_MAX];
    if (start == WEIR_TIME_MIN && end == WEIR_TIME_MAX) {
        snprintf(text, VIZ_WINDOW_MAX, "the global window");
    } else {
        snprintf(text, VIZ_WINDOW_MAX, "[%s,%s)", viz_time(unit, start, from),
                 viz_time(unit, end, to));
    }
    return text;
}

const char *viz_count(int64_t count, char text[VIZ_TIME_MAX])
{
    char digits[VIZ_TIME_MAX];
    int length = snprintf(digits, sizeof digits, "%" PRId64, count);
    int to = 0;
    for (int i = 0; i < length; i++) {
        text[to++] = digits[i];
        int left = length - 1 - i;
        if (left > 0 && left % 3 == 0 && digits[i] != '-') {
            text[to++] = ',';
        }
    }
    text[to] = '\0';
    return text;
}

const char *viz_duration(int64_t ms, char text[VIZ_TIME_MAX])
{
    if (ms == 0) {
        snprintf(text, VIZ_TIME_MAX, "0");
    } else {
        weir_duration_format(ms, text, VIZ_TIME_MAX);
    }
    return text;
}

/*
 * Buckets by time and by function.
 */
#include "connector/bucket.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char no_time[] = "no-time";

/* Whether a strftime pattern shows seconds. */
static bool shows_seconds(const char *pattern)
{
    for (const char *at = pattern; (at = strchr(at, '%')) != NULL;) {
        at++;
        at += *at == 'E' || *at == 'O';
        if (*at == '\0') {
            break;
        }
        if (strchr("STscrX", *at) != NULL) {
            return true;
        }
        at++;
    }
    return false;
}

void weir__bucket_init(struct weir__bucket *bucket, const struct weir_file_sink_config *config,
                       const struct weir_clock *clock)
{
    const char *pattern = config->bucket != NULL ? config->bucket : "%Y-%m-%d--%H";
    *bucket = (struct weir__bucket){
        .pattern = pattern,
        .time = config->bucket_time,
        .utc = config->bucket_utc,
        .of = config->bucket_of,
        .user = config->user,
        .clock = clock,
        .unit_ms = shows_seconds(pattern) ? 1000 : 60000,
    };
    tzset(); /* localtime_r need not */
}

/* A name that stays below the sink's folder, and is not hidden: no leading dot in any part of it.
 */
static void make_harmless(char *name)
{
    char *to = name;
    bool begins = true;
    for (const char *from = name; *from != '\0'; from++) {
        if (*from == '/') {
            if (begins) {
                continue; /* empty parts are left out */
            }
            begins = true;
            *to++ = '/';
            continue;
        }
        bool bad = (unsigned char)*from < ' ' || *from == 0x7f || (begins && *from == '.');
        *to++ = bad ? '_' : *from;
        begins = false;
    }
    *to = '\0';
    if (to > name && to[-1] == '/') {
        to[-1] = '\0';
    }
}

static void format_time(struct weir__bucket *bucket, int64_t unit)
{
    time_t seconds = (time_t)(unit * (bucket->unit_ms / 1000));
    struct tm parts;
    bool known = (bucket->utc ? gmtime_r(&seconds, &parts) : localtime_r(&seconds, &parts)) != NULL;
    if (!known || strftime(bucket->name, sizeof(bucket->name), bucket->pattern, &parts) == 0) {
        snprintf(bucket->name, sizeof(bucket->name), "%s", no_time);
    }
    make_harmless(bucket->name);
}

const char *weir__bucket_of(struct weir__bucket *bucket, const void *value, int64_t timestamp)
{
    if (bucket->of != NULL) {
        bucket->name[0] = '\0';
        bucket->of(value, timestamp, bucket->name, sizeof(bucket->name), bucket->user);
        bucket->name[sizeof(bucket->name) - 1] = '\0';
        make_harmless(bucket->name);
        return bucket->name;
    }
    if (bucket->pattern[0] == '\0') {
        return "";
    }
    if (bucket->time == WEIR_BUCKET_PROCESSING_TIME) {
        timestamp = weir_clock_ms(bucket->clock);
    } else if (timestamp == WEIR_TIME_MIN) {
        return no_time;
    }
    int64_t unit = timestamp / bucket->unit_ms - (timestamp % bucket->unit_ms < 0);
    if (!bucket->filled || unit != bucket->unit) {
        format_time(bucket, unit);
        bucket->unit = unit;
        bucket->filled = true;
    }
    return bucket->name;
}

/*
 * In which folder a value goes: the bucket assigner of the file sink.
 *
 * A bucket by time is a strftime pattern. Its text is kept for the second, or the minute when the
 * pattern has no seconds, so that a stream of values formats it rarely.
 * Threads: one.
 */
#ifndef WEIR__CONNECTOR_BUCKET_H
#define WEIR__CONNECTOR_BUCKET_H

#include <weir/file_sink.h>

struct weir__bucket {
    const char *pattern; /* borrowed */
    enum weir_bucket_time time;
    bool utc;
    void (*of)(const void *value, int64_t timestamp, char *name, size_t size, void *user);
    void *user;
    const struct weir_clock *clock;
    int64_t unit_ms; /* the pattern's text stays the same within it */
    int64_t unit;    /* that `name` belongs to, if it is filled */
    bool filled;
    char name[WEIR_BUCKET_SIZE];
};

/* The config's texts are borrowed. */
void weir__bucket_init(struct weir__bucket *bucket, const struct weir_file_sink_config *config,
                       const struct weir_clock *clock);
/* The bucket's path below the sink's, "" for none; borrowed until the next call. */
const char *weir__bucket_of(struct weir__bucket *bucket, const void *value, int64_t timestamp);

#endif

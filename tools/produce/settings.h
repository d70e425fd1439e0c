/*
 * What the options of `weir produce` say.
 */
#ifndef WEIR_TOOLS_PRODUCE_SETTINGS_H
#define WEIR_TOOLS_PRODUCE_SETTINGS_H

#include <clickstream/generator.h>

#include <stdbool.h>
#include <stdint.h>

/* With --rate 0 event time advances as if so many events came a second. */
#define PRODUCE_NOMINAL_RATE 100.0

enum produce_key { PRODUCE_KEY_USER, PRODUCE_KEY_PAGE, PRODUCE_KEY_NONE };

struct produce_settings {
    const char *brokers;
    const char *topic;
    const char *to;          /* "kafka", "-", or a path */
    const char **properties; /* NULL-terminated "key=value" for the Kafka client; owned */
    enum produce_key key;
    double rate;         /* events a second; 0: as fast as possible */
    int64_t duration_ms; /* 0: no limit */
    int64_t count;       /* 0: no limit */
    int64_t start_ms;    /* event time of the first event; -1: now */
    double time_scale;   /* event time runs so many times faster than the clock */
    int64_t disorder_ms;
    double late_share; /* 0 … 1 */
    int64_t late_ms;   /* late events come later than the disorder bound by at most this */
    double bad_share;  /* 0 … 1 */
    struct click_generator generator;
};

/* Reads the options. Returns -1 to go on, else the exit status: 0 after --help, 2 for a mistake,
 * which has been told. */
int produce_settings_read(struct produce_settings *settings, int argc, char **argv);
void produce_settings_fini(struct produce_settings *settings);

/* How many events there will be; INT64_MAX: until a signal or the duration. */
int64_t produce_settings_events(const struct produce_settings *settings);

#endif

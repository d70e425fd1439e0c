/*
 * What the options of `weir produce` say.
 */
#ifndef WEIR_TOOLS_PRODUCE_SETTINGS_H
#define WEIR_TOOLS_PRODUCE_SETTINGS_H

#include "base/vec.h"
#include "produce/models.h"

#include <clickstream/generator.h>

#include <stdbool.h>
#include <stdint.h>

/* With --rate 0 event time advances as if so many events came a second. */
#define PRODUCE_NOMINAL_RATE 100.0

enum produce_key { PRODUCE_KEY_USER, PRODUCE_KEY_PAGE, PRODUCE_KEY_NONE };

struct produce_settings {
    const struct model *model;
    enum produce_format format;
    const char *registry; /* URL of the schema registry; NULL: none */
    const char *brokers;
    const char *topic;
    const char *to;              /* "kafka", "-", or a path */
    struct weir__vec properties; /* a property list (base/properties.h) for the Kafka client */
    enum produce_key key;
    double rate;         /* events a second; 0: as fast as possible; negative: the model's */
    int64_t duration_ms; /* 0: no limit */
    int64_t count;       /* 0: no limit */
    int64_t start_ms;    /* event time of the first event; -1: now */
    double time_scale;   /* event time runs so many times faster than the clock */
    int64_t disorder_ms;
    double late_share;    /* 0 … 1 */
    int64_t late_from_ms; /* late events come later than this, or than the disorder bound … */
    int64_t late_ms;      /* … by at most this */
    double bad_share;     /* 0 … 1 */
    int32_t users;        /* as given; 0: as the model has */
    int32_t pages;        /* the same */
    bool mixed;           /* --mix was given */
    int32_t threads;      /* sessions at a time, of the shop */
    const char *bookmark; /* of the shop; NULL: none */
    struct click_generator generator; /* the tutorial's; seed, users and pages are every model's */
};

/* Reads the options. Returns -1 to go on, else the exit status: 0 after --help, 2 for a mistake,
 * which has been told. */
int produce_settings_read(struct produce_settings *settings, int argc, char **argv);
void produce_settings_fini(struct produce_settings *settings);

/* How many events there will be; INT64_MAX: until a signal or the duration. */
int64_t produce_settings_events(const struct produce_settings *settings);

#endif

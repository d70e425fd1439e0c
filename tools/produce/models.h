/*
 * The models of `weir produce`: what kinds of events there are, and how each comes to be.
 */
#ifndef WEIR_TOOLS_PRODUCE_MODELS_H
#define WEIR_TOOLS_PRODUCE_MODELS_H

#include <weir/type.h>

struct produce_settings;

enum produce_format { PRODUCE_JSON, PRODUCE_AVRO, PRODUCE_ELB, PRODUCE_CSV, PRODUCE_FORMATS };

/* When an event happened, and how long after that it is written; microseconds. */
struct model_moment {
    int64_t time_us; /* since 1970 */
    int64_t delay_us;
};

struct model {
    const char *name;
    const char *topic; /* the usual one */
    double rate;       /* the usual one, events a second */
    int32_t users;     /* the usual number of them */
    enum produce_format format;
    bool has_pages;       /* --pages narrows them */
    bool any_order;       /* event n is the same whenever it is made; else they are made in order */
    double late_share;    /* the usual one */
    int64_t late_from_ms; /* and by how much: from … */
    int64_t late_ms;      /* … to so much more */
    bool tells_status;    /* a line on standard error every two seconds */
    const struct weir_type *type;
    const char *schema;            /* Avro; NULL: made from the type */
    const struct weir_field *user; /* what --partitions-by user takes: string or int64 */
    const struct weir_field *page; /* NULL: has none */
    const struct weir_field *kind; /* what the summary counts by */
    const char *const *kinds;
    int kind_count;
    const struct weir_field *time;   /* what a malformed event has wrong … */
    const struct weir_field *spoilt; /* … or not at all: a required string */
    void *(*open)(const struct produce_settings *settings);
    /* Fills *value with event number `index`; strings hold until the next call. False: there are no
     * more. */
    bool (*make)(void *self, int64_t index, struct model_moment moment, void *value);
    /* Remembers for the next run how far this one came; NULL: nothing to remember. */
    void (*mark)(void *self);
    void (*close)(void *self);
};

/* NULL: no such model. */
const struct model *model_find(const char *name);
/* "tutorial, pages, …" */
const char *model_names(void);

extern const struct model model_shop; /* model_shop.c */

#endif

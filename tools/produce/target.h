/*
 * Where events go: Kafka, a file, or standard output.
 */
#ifndef WEIR_TOOLS_PRODUCE_TARGET_H
#define WEIR_TOOLS_PRODUCE_TARGET_H

#include "connector/kafka_producer.h"
#include "produce/settings.h"

#include <stdio.h>

struct target {
    bool kafka;
    struct weir__kafka_producer producer; /* kafka */
    FILE *file;                           /* else */
    const char *name;
    bool closed_by_reader; /* the pipe's other end went away: no error, but the end */
    int unpolled;
};

/* Errors: no broker, file cannot be created; close all the same. */
WEIR_MUST_USE enum weir_status target_open(struct target *target,
                                           const struct produce_settings *settings,
                                           struct weir_error *error);
/* Waits while Kafka's queue is full. */
WEIR_MUST_USE enum weir_status target_write(struct target *target, struct weir_str key,
                                            struct weir_str value, int64_t timestamp,
                                            struct weir_error *error);
/* Nothing is due for a moment: lets readers see what was written. */
WEIR_MUST_USE enum weir_status target_pause(struct target *target, struct weir_error *error);
/* Everything is written when this returns. */
WEIR_MUST_USE enum weir_status target_flush(struct target *target, struct weir_error *error);
void target_close(struct target *target);

#endif

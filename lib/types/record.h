/*
 * A record: one event on its way through a chain of operators. The value is borrowed from whoever
 * emitted it and lives until the emission returns; what outlives it is deep-copied through the
 * type's descriptor.
 */
#ifndef WEIR__TYPES_RECORD_H
#define WEIR__TYPES_RECORD_H

#include <weir/time.h>

#define WEIR__NO_SPLIT (-1)

struct weir__record {
    const void *value;
    int64_t timestamp; /* event time, epoch ms; WEIR_TIME_MIN: none */
    int64_t id;        /* the trace's number of the event; 0 while not tracing */
    int32_t
        split; /* the source split it came from, within the source's chain; else WEIR__NO_SPLIT */
};

#endif

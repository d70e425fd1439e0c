/*
 * Events by their number. Some models can make any event at any time; others only one after the
 * other, while the schedule asks for them out of order: those are made in order and kept until they
 * are asked for.
 */
#ifndef WEIR_TOOLS_PRODUCE_MAKING_H
#define WEIR_TOOLS_PRODUCE_MAKING_H

#include "base/vec.h"
#include "produce/settings.h"

struct making {
    const struct produce_settings *settings;
    void *state;           /* the model's */
    void *value;           /* of the event made last */
    struct weir__vec kept; /* void *: owned values from number `first` on; NULL: asked for */
    int64_t first;
    void *taken;  /* the kept event that was asked for last; NULL: none */
    int64_t next; /* the number of the next event that is made in order */
    bool ended;   /* there are no more */
};

/* False: the model cannot begin, and has said why. */
bool making_init(struct making *making, const struct produce_settings *settings);
void making_fini(struct making *making);

/* Event number `index`, asked for once; valid until the next call. NULL: the model ended before. */
const void *making_event(struct making *making, int64_t index);

#endif

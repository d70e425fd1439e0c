/* Into a tracer's ring, for say.c: the tracer's thread only. */
#ifndef WEIR__TRACE_TRACER_H
#define WEIR__TRACE_TRACER_H

#include "trace/event.h"

struct weir__tracer;

void weir__tracer_say(struct weir__tracer *tracer, const struct weir__trace_event *event);

#endif

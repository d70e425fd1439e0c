/*
 * Evictors: which elements leave a window around a firing, for good. Every kind, built in or a
 * learner's own, answers by weir_evict. Source: semantics sheet, section 9.
 */
#ifndef WEIR__WINDOW_EVICTOR_H
#define WEIR__WINDOW_EVICTOR_H

#include <weir/evictor.h>

/* What an evictor may ask for during a call; filled by the operator. */
struct weir_evictor_context {
    struct weir_window window;
    int64_t watermark;
    int64_t now_ms;
    size_t count;
    bool *keep;  /* by element */
    size_t kept; /* how many of them */
};

/* Whether the evictor has anything to do before the function, or after it. */
bool weir__evicts(const struct weir_evictor *evictor, bool after);
/* Sets context->keep[i] to whether element i stays, and context->kept to how many do. elements: in
 * order of arrival, context->count of them. */
void weir__evict(const struct weir_evictor *evictor, bool after,
                 const struct weir_window_element *elements, struct weir_evictor_context *context);

#endif

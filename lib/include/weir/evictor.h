/*
 * A learner's own evictor: decides, whenever a window fires, which of its elements leave it.
 *
 *     static void drop_refunds(const struct weir_window_element *elements, size_t count,
 *                              struct weir_window window, weir_evictor_context *context,
 *                              void *user)
 *     {
 *         for (size_t i = 0; i < count; i++) {
 *             const struct sale *sale = elements[i].value;
 *             if (sale->amount < 0) {
 *                 weir_evict(context, i);
 *             }
 *         }
 *     }
 *
 *     static const struct weir_evictor_ops no_refunds = {
 *         .name = "no refunds", .evict_before = drop_refunds};
 *     ... .evictor = {.kind = WEIR_EVICT_CUSTOM, .ops = &no_refunds} ...
 *
 * What leaves is gone for good: the window's next firing does not see it. A window with an evictor
 * keeps all its elements, whatever its function. Threads: the subtask's; functions must keep no
 * state of their own. Source: semantics sheet, section 9; Flink's Evictor.
 */
#ifndef WEIR_EVICTOR_H
#define WEIR_EVICTOR_H

#include <weir/window.h>

typedef struct weir_evictor_context weir_evictor_context;

/* One of the two is enough. elements: in order of arrival, borrowed for the call. */
struct weir_evictor_ops {
    const char *name;
    /* Before the window's function, which sees what stays: perhaps nothing. */
    void (*evict_before)(const struct weir_window_element *elements, size_t count,
                         struct weir_window window, weir_evictor_context *context, void *user);
    /* After it, from what it saw. */
    void (*evict_after)(const struct weir_window_element *elements, size_t count,
                        struct weir_window window, weir_evictor_context *context, void *user);
};

/* The element leaves; once or several times is the same. An index that is not below count ends the
 * program. */
void weir_evict(weir_evictor_context *context, size_t index);

int64_t weir_evictor_watermark(
    const weir_evictor_context *context); /* WEIR_TIME_MIN before the first */
int64_t weir_evictor_processing_time(const weir_evictor_context *context); /* of the clock */

#endif

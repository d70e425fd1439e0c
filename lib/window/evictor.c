/*
 * Evictors.
 */
#include "window/evictor.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>

void weir_evict(weir_evictor_context *context, size_t index)
{
    if (index >= context->count) {
        weir__log(WEIR__LOG_ERROR, "an evictor evicts element %zu of a window that has %zu", index,
                  context->count);
        abort();
    }
    context->kept -= context->keep[index];
    context->keep[index] = false;
}

int64_t weir_evictor_watermark(const weir_evictor_context *context)
{
    return context->watermark;
}

int64_t weir_evictor_processing_time(const weir_evictor_context *context)
{
    return context->now_ms;
}

/* ---- the built-in kinds ---- */

/* The newest `count` in order of arrival stay. */
static void evict_by_count(int64_t stay, struct weir_evictor_context *context)
{
    for (size_t i = 0; context->kept > (uint64_t)stay; i++) {
        weir_evict(context, i);
    }
}

/* What is not newer than the newest element minus the duration goes, wherever it stands in the
 * list. */
static void evict_by_time(int64_t duration_ms, const struct weir_window_element *elements,
                          struct weir_evictor_context *context)
{
    /* The first element speaks for all: without timestamps there is nothing to go by. */
    if (context->count == 0 || elements[0].timestamp == WEIR_TIME_MIN) {
        return;
    }
    int64_t newest = WEIR_TIME_MIN;
    for (size_t i = 0; i < context->count; i++) {
        newest = elements[i].timestamp > newest ? elements[i].timestamp : newest;
    }
    int64_t cut_off = weir_time_sub(newest, duration_ms);
    for (size_t i = 0; i < context->count; i++) {
        if (elements[i].timestamp <= cut_off) {
            weir_evict(context, i);
        }
    }
}

/* Inclusive, where the delta trigger is strict. */
static void evict_by_delta(const struct weir_evictor *evictor,
                           const struct weir_window_element *elements,
                           struct weir_evictor_context *context)
{
    for (size_t i = 0; i < context->count; i++) {
        const void *last = elements[context->count - 1].value;
        if (evictor->delta(elements[i].value, last, evictor->user) >= evictor->threshold) {
            weir_evict(context, i);
        }
    }
}

/* ---- all of them ---- */

bool weir__evicts(const struct weir_evictor *evictor, bool after)
{
    if (evictor->kind == WEIR_EVICT_CUSTOM) {
        return (after ? evictor->ops->evict_after : evictor->ops->evict_before) != NULL;
    }
    return evictor->kind != WEIR_EVICT_NONE && evictor->after == after;
}

void weir__evict(const struct weir_evictor *evictor, bool after,
                 const struct weir_window_element *elements, struct weir_evictor_context *context)
{
    memset(context->keep, true, context->count * sizeof(bool));
    context->kept = context->count;
    switch (evictor->kind) {
    case WEIR_EVICT_NONE:
        break;
    case WEIR_EVICT_COUNT:
        evict_by_count(evictor->count, context);
        break;
    case WEIR_EVICT_TIME:
        evict_by_time(evictor->duration_ms, elements, context);
        break;
    case WEIR_EVICT_DELTA:
        evict_by_delta(evictor, elements, context);
        break;
    case WEIR_EVICT_CUSTOM:
        (after ? evictor->ops->evict_after : evictor->ops->evict_before)(
            elements, context->count, context->window, context, evictor->user);
        break;
    }
}

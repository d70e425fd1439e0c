/*
 * Evictors.
 */
#include "window/evictor.h"

/* The newest `keep` in order of arrival stay. */
static bool stays_by_count(const struct weir_evictor *evictor, size_t index, size_t count)
{
    return count - index <= (uint64_t)evictor->count;
}

/* What is not newer than the newest element minus the duration goes, wherever it stands in the
 * list. */
static int64_t time_cut_off(const struct weir_evictor *evictor,
                            const struct weir_window_element *elements, size_t count)
{
    int64_t newest = WEIR_TIME_MIN;
    for (size_t i = 0; i < count; i++) {
        newest = elements[i].timestamp > newest ? elements[i].timestamp : newest;
    }
    return weir_time_sub(newest, evictor->duration_ms);
}

size_t weir__evict(const struct weir_evictor *evictor, const struct weir_window_element *elements,
                   size_t count, bool *keep)
{
    size_t kept = 0;
    /* The first element speaks for all: without timestamps there is nothing to go by. */
    bool timed = count > 0 && elements[0].timestamp != WEIR_TIME_MIN;
    int64_t cut_off = evictor->kind == WEIR_EVICT_TIME ? time_cut_off(evictor, elements, count) : 0;
    for (size_t i = 0; i < count; i++) {
        keep[i] = true;
        switch (evictor->kind) {
        case WEIR_EVICT_NONE:
            break;
        case WEIR_EVICT_COUNT:
            keep[i] = stays_by_count(evictor, i, count);
            break;
        case WEIR_EVICT_TIME:
            keep[i] = !timed || elements[i].timestamp > cut_off;
            break;
        case WEIR_EVICT_DELTA:
            /* Inclusive, where the delta trigger is strict. */
            keep[i] = !(evictor->delta(elements[i].value, elements[count - 1].value,
                                       evictor->user) >= evictor->threshold);
            break;
        }
        kept += keep[i];
    }
    return kept;
}

/*
 * The order of writing (see schedule.h).
 */
#include "produce/schedule.h"

/* What is drawn here, apart from what the generator draws. Never renumber: the bytes of a seed
 * depend on it. */
enum purpose { DRAW_DISORDER = 100, DRAW_IS_LATE, DRAW_LATE };

int64_t schedule_time_us(const struct produce_settings *settings, int64_t index)
{
    double rate = settings->rate > 0 ? settings->rate : PRODUCE_NOMINAL_RATE;
    return (int64_t)((double)index * 1e6 * settings->time_scale / rate);
}

/* 0 … 1, without 1 */
static double draw_unit(const struct produce_settings *settings, int64_t index,
                        enum purpose purpose)
{
    uint64_t bits = click_generator_draw(settings->generator.seed, (uint64_t)index, purpose);
    return (double)(bits >> 11) * 0x1.0p-53;
}

int64_t schedule_delay_us(const struct produce_settings *settings, int64_t index)
{
    double bound = (double)settings->disorder_ms * 1000;
    if (draw_unit(settings, index, DRAW_IS_LATE) < settings->late_share) {
        double from = (double)settings->late_from_ms * 1000;
        double more = (double)settings->late_ms * 1000;
        return (int64_t)((from > bound ? from : bound) +
                         more * (1 - draw_unit(settings, index, DRAW_LATE)));
    }
    return (int64_t)(bound * draw_unit(settings, index, DRAW_DISORDER));
}

/* ---- the heap ---- */

static bool before(const struct scheduled *a, const struct scheduled *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->index < b->index;
}

static void swap(struct scheduled *a, struct scheduled *b)
{
    struct scheduled kept = *a;
    *a = *b;
    *b = kept;
}

static void push(struct weir__vec *heap, struct scheduled item)
{
    weir__vec_push(heap, &item);
    struct scheduled *items = heap->items;
    for (size_t i = heap->count - 1; i > 0 && before(&items[i], &items[(i - 1) / 2]);
         i = (i - 1) / 2) {
        swap(&items[i], &items[(i - 1) / 2]);
    }
}

static struct scheduled pop(struct weir__vec *heap)
{
    struct scheduled *items = heap->items;
    struct scheduled first = items[0];
    items[0] = items[heap->count - 1];
    (void)weir__vec_pop(heap);
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < heap->count; child++) {
            if (before(&items[child], &items[least])) {
                least = child;
            }
        }
        if (least == i) {
            return first;
        }
        swap(&items[i], &items[least]);
        i = least;
    }
}

/* ---- the schedule ---- */

void schedule_init(struct schedule *schedule, const struct produce_settings *settings)
{
    *schedule = (struct schedule){
        .settings = settings,
        .events = produce_settings_events(settings),
        .waiting = WEIR__VEC_OF(struct scheduled),
    };
}

void schedule_fini(struct schedule *schedule)
{
    weir__vec_fini(&schedule->waiting);
}

void schedule_stop(struct schedule *schedule)
{
    schedule->events = schedule->next;
}

bool schedule_next(struct schedule *schedule, int64_t *index)
{
    const struct produce_settings *settings = schedule->settings;
    /* The first in the heap may go when no event that is still to be drawn can come before it. */
    while (schedule->next < schedule->events) {
        int64_t time_us = schedule_time_us(settings, schedule->next);
        const struct scheduled *first = schedule->waiting.items;
        if (schedule->waiting.count > 0 && first->due_us < time_us) {
            break;
        }
        push(&schedule->waiting,
             (struct scheduled){time_us + schedule_delay_us(settings, schedule->next),
                                schedule->next});
        schedule->next++;
    }
    if (schedule->waiting.count == 0) {
        return false;
    }
    *index = pop(&schedule->waiting).index;
    return true;
}

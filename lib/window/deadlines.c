/*
 * Deadlines that mostly move on before they come.
 */
#include "window/deadlines.h"

#include <assert.h>

void weir__deadlines_init(struct weir__deadlines *deadlines, int64_t width_ms)
{
    assert(width_ms > 0);
    *deadlines = (struct weir__deadlines){
        .width_ms = width_ms,
        .opened = INT64_MIN,
        .taken = WEIR__VEC_OF(uint32_t),
        .heap = WEIR__VEC_OF(struct weir__due),
    };
    for (uint32_t i = 0; i < WEIR__BUCKETS; i++) {
        deadlines->buckets[i] = WEIR__VEC_OF(uint32_t);
    }
}

void weir__deadlines_fini(struct weir__deadlines *deadlines)
{
    for (uint32_t i = 0; i < WEIR__BUCKETS; i++) {
        weir__vec_fini(&deadlines->buckets[i]);
    }
    weir__vec_fini(&deadlines->taken);
    weir__vec_fini(&deadlines->heap);
}

/* ---- the heap ---- */

static bool before(const struct weir__due *a, const struct weir__due *b)
{
    return a->time < b->time || (a->time == b->time && a->sequence < b->sequence);
}

static void push(struct weir__vec *heap, struct weir__due due)
{
    weir__vec_add(heap);
    struct weir__due *items = heap->items;
    size_t at = heap->count - 1;
    while (at > 0 && before(&due, &items[(at - 1) / 2])) {
        items[at] = items[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    items[at] = due;
}

bool weir__deadlines_pop(struct weir__deadlines *deadlines, int64_t time, struct weir__due *due)
{
    struct weir__vec *heap = &deadlines->heap;
    struct weir__due *items = heap->items;
    if (heap->count == 0 || items[0].time > time) {
        return false;
    }
    *due = items[0];
    struct weir__due last = *(struct weir__due *)weir__vec_pop(heap);
    size_t at = 0;
    for (size_t child = 1; child < heap->count; child = 2 * at + 1) {
        child += child + 1 < heap->count && before(&items[child + 1], &items[child]);
        if (!before(&items[child], &last)) {
            break;
        }
        items[at] = items[child];
        at = child;
    }
    if (heap->count > 0) {
        items[at] = last;
    }
    return true;
}

/* ---- buckets ---- */

static int64_t bucket_of(const struct weir__deadlines *deadlines, int64_t time)
{
    int64_t bucket = time / deadlines->width_ms;
    return time % deadlines->width_ms < 0 ? bucket - 1 : bucket;
}

/* How many buckets lie between the last open one and `bucket`, which is not open. */
static uint64_t distance(const struct weir__deadlines *deadlines, int64_t bucket)
{
    return (uint64_t)bucket - (uint64_t)deadlines->opened - 1;
}

static uint32_t ring_at(const struct weir__deadlines *deadlines, uint64_t ahead)
{
    return (uint32_t)((uint64_t)deadlines->opened + 1 + ahead) % WEIR__BUCKETS;
}

bool weir__deadlines_file(struct weir__deadlines *deadlines, struct weir__due due, uint16_t *filed)
{
    int64_t bucket = bucket_of(deadlines, due.time);
    if (bucket <= deadlines->opened) {
        push(&deadlines->heap, due);
        return false;
    }
    /* The last place of the ring is that of the bucket that was opened last. */
    uint64_t ahead = distance(deadlines, bucket);
    ahead = ahead < WEIR__BUCKETS - 1 ? ahead : WEIR__BUCKETS - 2;
    if (*filed != 0) {
        uint32_t now = (*filed - 1u - ring_at(deadlines, 0)) % WEIR__BUCKETS;
        if (now <= ahead) {
            return true; /* it will be asked early enough */
        }
    }
    uint32_t place = ring_at(deadlines, ahead);
    weir__vec_push(&deadlines->buckets[place], &due.owner);
    *filed = (uint16_t)(place + 1);
    return true;
}

void weir__deadlines_open(struct weir__deadlines *deadlines, int64_t time,
                          weir__deadlines_asker *ask, void *user)
{
    int64_t bucket = bucket_of(deadlines, time);
    if (bucket <= deadlines->opened) {
        return;
    }
    uint64_t count = distance(deadlines, bucket) + 1;
    uint32_t first = ring_at(deadlines, 0);
    deadlines->opened = bucket;
    for (uint32_t i = 0; i < WEIR__BUCKETS && i < count; i++) {
        uint32_t place = (first + i) % WEIR__BUCKETS;
        struct weir__vec taken = deadlines->buckets[place];
        deadlines->buckets[place] = deadlines->taken;
        if (taken.count > 0) {
            ask(taken.items, taken.count, (uint16_t)(place + 1), user);
        }
        weir__vec_clear(&taken);
        deadlines->taken = taken;
    }
}

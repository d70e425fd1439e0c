/*
 * Timers: a 4-ary heap (shallower than a binary one, and its four children share two cache lines)
 * beside the hash index.
 *
 * Invariant: heap[item->place].item == item for every live item, and no slot comes before its
 * parent.
 */
#include "time/timers.h"

#include "base/hash.h"
#include "base/mem.h"
#include "time/timers_internal.h"

#define WAYS 4u

static struct weir__timer_item *item_at(const struct weir__timers *timers, uint32_t number)
{
    return weir__pool_at(&timers->pool, number);
}

/* ---- the heap ---- */

static bool before(const struct weir__timer_slot *a, const struct weir__timer_slot *b)
{
    return a->time < b->time || (a->time == b->time && a->sequence < b->sequence);
}

static void put(struct weir__timers *timers, uint32_t place, struct weir__timer_slot slot)
{
    timers->heap[place] = slot;
    item_at(timers, slot.item)->place = place;
}

static void sift_up(struct weir__timers *timers, uint32_t place, struct weir__timer_slot slot)
{
    while (place > 0) {
        uint32_t parent = (place - 1) / WAYS;
        if (!before(&slot, &timers->heap[parent])) {
            break;
        }
        put(timers, place, timers->heap[parent]);
        place = parent;
    }
    put(timers, place, slot);
}

static void sift_down(struct weir__timers *timers, uint32_t place, struct weir__timer_slot slot)
{
    for (;;) {
        uint32_t first = place * WAYS + 1;
        if (first >= timers->count) {
            break;
        }
        uint32_t end = first + WAYS < timers->count ? first + WAYS : timers->count;
        uint32_t least = first;
        for (uint32_t child = first + 1; child < end; child++) {
            if (before(&timers->heap[child], &timers->heap[least])) {
                least = child;
            }
        }
        if (!before(&timers->heap[least], &slot)) {
            break;
        }
        put(timers, place, timers->heap[least]);
        place = least;
    }
    put(timers, place, slot);
}

static void heap_add(struct weir__timers *timers, struct weir__timer_slot slot)
{
    if (timers->count == timers->capacity) {
        timers->capacity = timers->capacity == 0 ? 64 : timers->capacity * 2;
        timers->heap = weir__reallocarray(timers->heap, timers->capacity, sizeof(*timers->heap));
    }
    sift_up(timers, timers->count++, slot);
}

static void heap_remove(struct weir__timers *timers, uint32_t place)
{
    struct weir__timer_slot last = timers->heap[--timers->count];
    if (place == timers->count) {
        return;
    }
    if (place > 0 && before(&last, &timers->heap[(place - 1) / WAYS])) {
        sift_up(timers, place, last);
    } else {
        sift_down(timers, place, last);
    }
}

/* ---- items ---- */

static uint64_t hash_of(const struct weir__key_node *key, struct weir__namespace ns, int64_t time)
{
    return weir__hash_join(weir__namespace_hash(key, ns), (uint64_t)time);
}

static uint32_t find(const struct weir__timers *timers, uint64_t hash,
                     const struct weir__key_node *key, struct weir__namespace ns, int64_t time)
{
    struct weir__index_cursor at = weir__index_find(&timers->index, hash);
    uint32_t number;
    while ((number = weir__index_next(&timers->index, &at)) != WEIR__INDEX_NONE) {
        const struct weir__timer *timer = &item_at(timers, number)->timer;
        if (timer->key == key && timer->time == time && weir__namespace_equals(timer->ns, ns)) {
            break;
        }
    }
    return number;
}

/* Takes an item out of heap, index and pool; its reference to the key stays with the caller. */
static struct weir__timer take_out(struct weir__timers *timers, uint32_t number, uint64_t hash)
{
    struct weir__timer timer = item_at(timers, number)->timer;
    heap_remove(timers, item_at(timers, number)->place);
    weir__index_remove(&timers->index, hash, number);
    weir__pool_give(&timers->pool, number);
    return timer;
}

/* ---- the interface ---- */

void weir__timers_init(struct weir__timers *timers, struct weir__key_table *keys)
{
    *timers =
        (struct weir__timers){.keys = keys, .pool = WEIR__POOL_OF(sizeof(struct weir__timer_item))};
}

void weir__timers_fini(struct weir__timers *timers)
{
    for (uint32_t i = 0; i < timers->count; i++) {
        weir__key_unref(timers->keys, item_at(timers, timers->heap[i].item)->timer.key);
    }
    weir__free(timers->heap);
    weir__index_fini(&timers->index);
    weir__pool_fini(&timers->pool);
    weir__frozen_fini(&timers->frozen);
    timers->heap = NULL;
    timers->count = timers->capacity = 0;
}

bool weir__timers_add(struct weir__timers *timers, struct weir__timer timer)
{
    uint64_t hash = hash_of(timer.key, timer.ns, timer.time);
    if (find(timers, hash, timer.key, timer.ns, timer.time) != WEIR__INDEX_NONE) {
        return false;
    }
    uint32_t number = weir__pool_take(&timers->pool);
    item_at(timers, number)->timer = timer;
    weir__key_ref(timer.key);
    weir__index_put(&timers->index, hash, number);
    heap_add(timers, (struct weir__timer_slot){timer.time, timer.sequence, number});
    if (timer.sequence >= timers->next_sequence) {
        timers->next_sequence = timer.sequence + 1;
    }
    return true;
}

bool weir__timers_register(struct weir__timers *timers, struct weir__key_node *key,
                           struct weir__namespace ns, int64_t time)
{
    return weir__timers_add(timers, (struct weir__timer){key, ns, time, timers->next_sequence});
}

bool weir__timers_delete(struct weir__timers *timers, struct weir__key_node *key,
                         struct weir__namespace ns, int64_t time)
{
    uint64_t hash = hash_of(key, ns, time);
    uint32_t number = find(timers, hash, key, ns, time);
    if (number == WEIR__INDEX_NONE) {
        return false;
    }
    weir__key_unref(timers->keys, take_out(timers, number, hash).key);
    return true;
}

bool weir__timers_pop(struct weir__timers *timers, int64_t limit, struct weir__timer *due)
{
    if (timers->count == 0 || timers->heap[0].time > limit) {
        return false;
    }
    uint32_t number = timers->heap[0].item;
    const struct weir__timer *timer = &item_at(timers, number)->timer;
    *due = take_out(timers, number, hash_of(timer->key, timer->ns, timer->time));
    return true;
}

int64_t weir__timers_next(const struct weir__timers *timers)
{
    return timers->count > 0 ? timers->heap[0].time : WEIR_TIME_MAX;
}

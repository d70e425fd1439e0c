/*
 * Deadlines that mostly move on before they come.
 */
#include "window/deadlines.h"

#include "base/mem.h"
#include "window/rules.h"

#include <assert.h>
#include <string.h>

#define NONE UINT8_MAX
static_assert(WEIR__BUCKETS <= NONE, "a place in the ring is a byte, and NONE is not one");

void weir__deadlines_init(struct weir__deadlines *deadlines, int64_t width_ms)
{
    assert(width_ms > 0);
    *deadlines = (struct weir__deadlines){
        .width_ms = width_ms,
        .opened = INT64_MIN,
        .opened_until = INT64_MIN,
        .heap = WEIR__VEC_OF(struct weir__due),
    };
}

void weir__deadlines_fini(struct weir__deadlines *deadlines)
{
    weir__free(deadlines->tickets);
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

/* By an eighth more: little is unused, and copying costs each owner a few bytes. */
static void make_room(struct weir__deadlines *deadlines, uint32_t owner)
{
    if (owner < deadlines->capacity) {
        return;
    }
    size_t capacity = (size_t)owner + owner / 8 + 64;
    deadlines->tickets = weir__realloc(deadlines->tickets, capacity);
    memset(deadlines->tickets + deadlines->capacity, NONE, capacity - deadlines->capacity);
    deadlines->capacity = capacity;
}

bool weir__deadlines_file(struct weir__deadlines *deadlines, struct weir__due due)
{
    if (!weir__deadlines_lies_ahead(deadlines, due.time)) {
        push(&deadlines->heap, due);
        return false;
    }
    make_room(deadlines, due.owner);
    uint8_t *ticket = &deadlines->tickets[due.owner];
    /* The last place of the ring is that of the bucket that was opened last. */
    uint64_t ahead = distance(deadlines, bucket_of(deadlines, due.time));
    ahead = ahead < WEIR__BUCKETS - 1 ? ahead : WEIR__BUCKETS - 2;
    if (*ticket == NONE || (*ticket - ring_at(deadlines, 0)) % WEIR__BUCKETS > ahead) {
        *ticket = (uint8_t)ring_at(deadlines, ahead);
    }
    return true;
}

/* Asks the owners of the tickets in that place. */
static void open_place(struct weir__deadlines *deadlines, uint8_t place, weir__deadlines_asker *ask,
                       void *user)
{
    uint32_t owners[WEIR__ASKED];
    uint32_t count = 0;
    uint8_t *end = deadlines->tickets + deadlines->capacity;
    uint8_t *at = deadlines->tickets;
    while (at < end && (at = memchr(at, place, (size_t)(end - at))) != NULL) {
        owners[count++] = (uint32_t)(at - deadlines->tickets);
        *at++ = NONE;
        if (count == WEIR__ASKED) {
            ask(owners, count, user);
            count = 0;
        }
    }
    if (count > 0) {
        ask(owners, count, user);
    }
}

void weir__deadlines_open(struct weir__deadlines *deadlines, int64_t time,
                          weir__deadlines_asker *ask, void *user)
{
    if (!weir__deadlines_lies_ahead(deadlines, time)) {
        return;
    }
    int64_t bucket = bucket_of(deadlines, time);
    uint64_t count = distance(deadlines, bucket) + 1;
    uint32_t first = ring_at(deadlines, 0);
    deadlines->opened = bucket;
    deadlines->opened_until = weir_time_add(
        time, deadlines->width_ms - 1 - weir__window_phase(time, 0, deadlines->width_ms));
    for (uint32_t i = 0; i < WEIR__BUCKETS && i < count && deadlines->capacity > 0; i++) {
        open_place(deadlines, (uint8_t)((first + i) % WEIR__BUCKETS), ask, user);
    }
}

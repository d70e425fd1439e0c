/*
 * Slices: where they lie, and their life. Windows put together from them: slices_window.c.
 */
#include "window/slices.h"

#include "base/mem.h"
#include "types/codec.h"
#include "window/slices_internal.h"

#include <assert.h>

#define SPARE_MAX 2 /* cleared slices whose memory waits for the next ones */

void weir__slices_init(struct weir__slices *slices, const struct weir_window_assigner *assigner,
                       const struct weir_aggregate *aggregate)
{
    bool sliding = assigner->kind == WEIR_ASSIGN_SLIDING;
    *slices = (struct weir__slices){
        .size_ms = assigner->size_ms,
        .slide_ms = sliding ? assigner->slide_ms : assigner->size_ms,
        .offset_ms = assigner->offset_ms,
        .aggregate = aggregate,
        .flat = weir__type_is_plain(aggregate->accumulator_type),
        .live = WEIR__VEC_OF(struct weir__slice *),
        .spare = WEIR__VEC_OF(struct weir__slice *),
        .order = WEIR__VEC_OF(struct weir__slice_order),
        .nowhere = {.start = WEIR_TIME_MAX, .end = WEIR_TIME_MIN},
        .next_sequence = 1,
    };
    slices->current = &slices->nowhere;
    weir__slice_table_init(&slices->merged, aggregate->accumulator_type->size);
    /* Timelines need slices of equal length; and a window of one slice has nothing to gain. */
    if (aggregate->parts != NULL && slices->size_ms > slices->slide_ms &&
        slices->size_ms % slices->slide_ms == 0) {
        slices->in_timelines = true;
        slices->distinct = weir__parts_distinct(aggregate);
        slices->numbers = weir__calloc(1, aggregate->accumulator_type->size);
        weir__timelines_init(&slices->timelines, slices->size_ms / slices->slide_ms,
                             slices->distinct != NULL);
    }
}

size_t weir__slices_bytes(const struct weir__slices *slices)
{
    size_t bytes = 0;
    for (size_t i = 0; i < slices->live.count; i++) {
        const struct weir__slice *slice = *(struct weir__slice **)weir__vec_at(&slices->live, i);
        bytes += weir__slice_table_bytes(&slice->table);
    }
    return bytes;
}

/* ---- where slices lie ---- */

/*
 * Which of the windows that cover a slice have bounds that do not saturate. Window k begins k
 * slides before the newest one, k < count; the newest began `phase` before `timestamp`. Distances
 * are unsigned: they may be as long as all of time.
 */
static void set_windows(const struct weir__slices *slices, int64_t timestamp, int64_t phase,
                        int64_t count, struct weir__slice *slice)
{
    uint64_t slide = (uint64_t)slices->slide_ms;
    uint64_t since_min = (uint64_t)timestamp - (uint64_t)WEIR_TIME_MIN;
    uint64_t until_max = (uint64_t)WEIR_TIME_MAX - (uint64_t)timestamp;
    uint64_t to_end = (uint64_t)(slices->size_ms - phase); /* of the newest window */
    int64_t newest = to_end < until_max ? 0 : (int64_t)((to_end - until_max) / slide + 1);
    int64_t oldest = -1;
    if ((uint64_t)phase < since_min) {
        uint64_t room = (since_min - (uint64_t)phase - 1) / slide;
        oldest = room < (uint64_t)count ? (int64_t)room : count - 1;
    }
    slice->covered = newest <= oldest;
    slice->at_edge = newest != 0 || oldest != count - 1;
    if (slice->covered) {
        slice->newest_max = timestamp + (slices->size_ms - phase - 1 - newest * slices->slide_ms);
        slice->oldest_max = timestamp + (slices->size_ms - phase - 1 - oldest * slices->slide_ms);
    }
}

static int64_t floor_quotient(int64_t time, int64_t slide)
{
    int64_t quotient = time / slide;
    return time % slide < 0 ? quotient - 1 : quotient;
}

/* The slice around `timestamp`: one begins where windows begin, and one where windows end. False in
 * a gap between windows. */
static bool locate(const struct weir__slices *slices, int64_t timestamp, struct weir__slice *slice)
{
    int64_t size = slices->size_ms;
    int64_t slide = slices->slide_ms;
    int64_t phase = weir__window_phase(timestamp, slices->offset_ms,
                                       slide); /* behind the start of the newest window */
    int64_t cut =
        size % slide; /* where windows end, by their phase; slide > size: the size itself */
    if (phase >= size) {
        return false;
    }
    int64_t from = cut != 0 && phase >= cut ? cut : 0;
    int64_t to = cut != 0 && phase < cut ? cut : slide;
    slice->start = weir_time_sub(timestamp, phase - from);
    slice->number = floor_quotient(slice->start, slide);
    slice->end = weir_time_add(timestamp, to - phase);
    set_windows(slices, timestamp, phase, (size - from - 1) / slide + 1, slice);
    return true;
}

size_t weir__slices_before(const struct weir__slices *slices, int64_t time)
{
    size_t low = 0;
    size_t high = slices->live.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (weir__slice_at(slices, middle)->start < time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct weir__slice *add_slice(struct weir__slices *slices, const struct weir__slice *place,
                                     size_t index)
{
    struct weir__slice *slice;
    if (slices->spare.count > 0) {
        slice = *(struct weir__slice **)weir__vec_pop(&slices->spare);
    } else {
        slice = WEIR__NEW(struct weir__slice);
        weir__slice_table_init(&slice->table, slices->aggregate->accumulator_type->size);
    }
    struct weir__slice_table table = slice->table;
    *slice = *place;
    slice->table = table;
    weir__vec_push(&slices->live, &slice);
    struct weir__slice **slots = slices->live.items;
    memmove(slots + index + 1, slots + index, (slices->live.count - 1 - index) * sizeof(*slots));
    slots[index] = slice;
    return slice;
}

struct weir__slice *weir__slices_find(struct weir__slices *slices, int64_t timestamp)
{
    size_t index =
        timestamp < WEIR_TIME_MAX ? weir__slices_before(slices, timestamp + 1) : slices->live.count;
    if (index == 0 || !weir__slice_contains(weir__slice_at(slices, index - 1), timestamp)) {
        return NULL;
    }
    slices->current = weir__slice_at(slices, index - 1);
    return slices->current;
}

struct weir__slice *weir__slices_at(struct weir__slices *slices, int64_t timestamp)
{
    struct weir__slice place = {0};
    struct weir__slice *slice = weir__slices_find(slices, timestamp);
    if (slice == NULL && locate(slices, timestamp, &place)) {
        assert(place.covered);
        slice = add_slice(slices, &place, weir__slices_before(slices, place.start));
        slices->current = slice;
    }
    return slice;
}

struct weir__slice_entry *weir__slice_new_entry(struct weir__slices *slices,
                                                struct weir__slice *slice,
                                                const struct weir__key *key)
{
    const struct weir_aggregate *aggregate = slices->aggregate;
    struct weir__slice_entry *entry =
        weir__slice_table_add(&slice->table, key, slices->next_sequence++);
    if (aggregate->create != NULL) {
        aggregate->create(entry->accumulator, aggregate->user);
    }
    return entry;
}

void weir__slice_add(struct weir__slices *slices, struct weir__slice *slice,
                     const struct weir__key *key, const void *value, int64_t timestamp)
{
    const struct weir__slice_table *keys = weir__slice_keys(slices, slice);
    struct weir__slice_event event = {.value = value, .timestamp = timestamp, .key = *key};
    weir__slice_event_expect(slices, keys, &event);
    weir__slice_event_guess(slices, keys, &event);
    weir__slice_event_add(slices, slice, &event, event.guess);
    weir__slices_settle(slices);
}

void weir__slices_release(const struct weir__slices *slices, struct weir__slice_table *table)
{
    if (!slices->flat) {
        for (uint32_t i = 0; i < table->count; i++) {
            weir_value_fini(slices->aggregate->accumulator_type,
                            weir__slice_table_at(table, i)->accumulator);
        }
    }
    weir__slice_table_clear(table);
}

static void put_aside(struct weir__slices *slices, struct weir__slice *slice)
{
    weir__slices_release(slices, &slice->table);
    if (slices->spare.count < SPARE_MAX) {
        weir__vec_push(&slices->spare, &slice);
    } else {
        weir__slice_table_fini(&slice->table);
        weir__free(slice);
    }
}

void weir__slices_drop(struct weir__slices *slices, size_t count)
{
    if (count == 0) {
        return;
    }
    if (slices->in_timelines) {
        weir__timelines_fold(&slices->timelines, weir__slice_at(slices, count - 1)->number + 1);
    }
    for (size_t i = 0; i < count; i++) {
        put_aside(slices, weir__slice_at(slices, i));
    }
    struct weir__slice **slots = slices->live.items;
    slices->live.count -= count;
    memmove(slots, slots + count, slices->live.count * sizeof(*slots));
    slices->current = &slices->nowhere;
}

static void free_slices(struct weir__vec *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct weir__slice *slice = *(struct weir__slice **)weir__vec_at(list, i);
        weir__slice_table_fini(&slice->table);
        weir__free(slice);
    }
    weir__vec_fini(list);
}

void weir__slices_fini(struct weir__slices *slices)
{
    for (size_t i = 0; i < slices->live.count; i++) {
        weir__slices_release(slices, &weir__slice_at(slices, i)->table);
    }
    if (slices->in_timelines) {
        weir__timelines_fini(&slices->timelines);
        weir_value_fini(slices->aggregate->accumulator_type, slices->numbers);
        weir__free(slices->numbers);
    }
    free_slices(&slices->live);
    free_slices(&slices->spare);
    weir__slice_table_fini(&slices->merged);
    weir__vec_fini(&slices->order);
}

/* ---- shares ---- */

static void each_entry(struct weir__slices *slices,
                       void (*visit)(const struct weir__slice_share *share, void *user), void *user)
{
    for (size_t i = 0; i < slices->live.count; i++) {
        const struct weir__slice *slice = weir__slice_at(slices, i);
        for (uint32_t n = 0; n < slice->table.count; n++) {
            struct weir__slice_entry *entry = weir__slice_table_at(&slice->table, n);
            struct weir__slice_share share = {
                .slice = slice,
                .key = weir__slice_entry_key(&slice->table, entry),
                .sequence = entry->sequence,
                .count = entry->count,
                .accumulator = entry->accumulator,
            };
            visit(&share, user);
        }
    }
}

void weir__slices_each(struct weir__slices *slices,
                       void (*visit)(const struct weir__slice_share *share, void *user), void *user)
{
    if (slices->in_timelines) {
        weir__slices_each_timeline(slices, visit, user);
    } else {
        each_entry(slices, visit, user);
    }
}

void weir__slices_put(struct weir__slices *slices, struct weir__slice *slice,
                      const struct weir__slice_share *share)
{
    slice->shuffled = true;
    if (slices->in_timelines) {
        weir__slices_put_timeline(slices, slice, share);
        return;
    }
    if (weir__slice_table_find(&slice->table, &share->key) == NULL) {
        struct weir__slice_entry *entry =
            weir__slice_table_add(&slice->table, &share->key, share->sequence);
        entry->count = share->count < UINT32_MAX ? (uint32_t)share->count : UINT32_MAX;
        weir_value_copy(slices->aggregate->accumulator_type, entry->accumulator,
                        share->accumulator);
    }
}

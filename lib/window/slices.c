/*
 * Slices: where they lie, and windows put together from them.
 */
#include "window/slices.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

#define SPARE_MAX 2 /* cleared slices whose memory waits for the next ones */

/* An entry of the window that fires, and when its key first came. */
struct weir__slice_order {
    uint64_t sequence;
    uint32_t number;
};

static bool is_bytes(const struct weir_type *type)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct weir_field *field = &type->fields[i];
        bool owner = field->kind == WEIR_KIND_STRING || field->kind == WEIR_KIND_STRING_SET ||
                     field->kind == WEIR_KIND_LIST;
        if (owner || (field->kind == WEIR_KIND_STRUCT && !is_bytes(field->type))) {
            return false;
        }
    }
    return type->kind != WEIR_KIND_STRING && type->kind != WEIR_KIND_STRING_SET &&
           type->kind != WEIR_KIND_LIST;
}

void weir__slices_init(struct weir__slices *slices, const struct weir_window_assigner *assigner,
                       const struct weir_aggregate *aggregate)
{
    bool sliding = assigner->kind == WEIR_ASSIGN_SLIDING;
    *slices = (struct weir__slices){
        .size_ms = assigner->size_ms,
        .slide_ms = sliding ? assigner->slide_ms : assigner->size_ms,
        .offset_ms = assigner->offset_ms,
        .aggregate = aggregate,
        .flat = is_bytes(aggregate->accumulator_type),
        .live = WEIR__VEC_OF(struct weir__slice *),
        .spare = WEIR__VEC_OF(struct weir__slice *),
        .order = WEIR__VEC_OF(struct weir__slice_order),
        .next_sequence = 1,
        .nowhere = {.start = WEIR_TIME_MAX, .end = WEIR_TIME_MIN},
    };
    slices->current = &slices->nowhere;
    weir__slice_table_init(&slices->merged, aggregate->accumulator_type->size);
}

static struct weir__slice *live_at(const struct weir__slices *slices, size_t index)
{
    return *(struct weir__slice **)weir__vec_at(&slices->live, index);
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
    slice->end = weir_time_add(timestamp, to - phase);
    set_windows(slices, timestamp, phase, (size - from - 1) / slide + 1, slice);
    return true;
}

/* How many live slices begin before `time`. Live slices have exact bounds: no window that does not
 * saturate covers others. */
static size_t before(const struct weir__slices *slices, int64_t time)
{
    size_t low = 0;
    size_t high = slices->live.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (live_at(slices, middle)->start < time) {
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
    size_t index = timestamp < WEIR_TIME_MAX ? before(slices, timestamp + 1) : slices->live.count;
    if (index == 0 || !weir__slice_contains(live_at(slices, index - 1), timestamp)) {
        return NULL;
    }
    slices->current = live_at(slices, index - 1);
    return slices->current;
}

struct weir__slice *weir__slices_at(struct weir__slices *slices, int64_t timestamp)
{
    struct weir__slice place = {0};
    struct weir__slice *slice = weir__slices_find(slices, timestamp);
    if (slice == NULL && locate(slices, timestamp, &place)) {
        assert(place.covered);
        slice = add_slice(slices, &place, before(slices, place.start));
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

static void release(const struct weir__slices *slices, struct weir__slice_table *table)
{
    if (!slices->flat) {
        for (uint32_t i = 0; i < table->count; i++) {
            weir_value_fini(slices->aggregate->accumulator_type,
                            weir__slice_table_at(table, i)->accumulator);
        }
    }
    weir__slice_table_clear(table);
}

void weir__slices_drop(struct weir__slices *slices, size_t index)
{
    struct weir__slice *slice = live_at(slices, index);
    release(slices, &slice->table);
    weir__vec_remove(&slices->live, index);
    if (slices->spare.count < SPARE_MAX) {
        weir__vec_push(&slices->spare, &slice);
    } else {
        weir__slice_table_fini(&slice->table);
        weir__free(slice);
    }
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
        release(slices, &live_at(slices, i)->table);
    }
    free_slices(&slices->live);
    free_slices(&slices->spare);
    weir__slice_table_fini(&slices->merged);
    weir__vec_fini(&slices->order);
}

/* ---- windows from slices ---- */

size_t weir__slices_of(const struct weir__slices *slices, struct weir_window window, size_t *index)
{
    *index = before(slices, window.start);
    size_t end = *index;
    while (end < slices->live.count && live_at(slices, end)->end <= window.end) {
        end++;
    }
    return end - *index;
}

bool weir__slices_next_window(const struct weir__slices *slices, int64_t after,
                              struct weir_window *window)
{
    for (size_t i = 0; i < slices->live.count; i++) {
        const struct weir__slice *slice = live_at(slices, i);
        if (!slice->covered || slice->newest_max <= after) {
            continue;
        }
        /* All windows end on one grid, and later slices are covered by later windows: this one has
         * the first. */
        int64_t max = slice->oldest_max;
        if (max <= after) {
            max += ((after - max) / slices->slide_ms + 1) * slices->slide_ms;
        }
        *window = (struct weir_window){max + 1 - slices->size_ms, max + 1};
        return true;
    }
    return false;
}

/* A copy of an accumulator into zeroed memory. */
static void copy(const struct weir__slices *slices, void *accumulator, const void *from)
{
    const struct weir_type *type = slices->aggregate->accumulator_type;
    if (slices->flat) {
        memcpy(accumulator, from, type->size);
    } else {
        weir_value_copy(type, accumulator, from);
    }
}

/* All keys of the slices, once each, into the table `merged`; their accumulators only when asked
 * for. */
static void merge_run(struct weir__slices *slices, size_t index, size_t run, bool accumulators)
{
    const struct weir_aggregate *aggregate = slices->aggregate;
    for (size_t i = index; i < index + run; i++) {
        const struct weir__slice_table *table = &live_at(slices, i)->table;
        for (uint32_t n = 0; n < table->count; n++) {
            weir__slice_table_prefetch(table, n);
            const struct weir__slice_entry *entry = weir__slice_table_at(table, n);
            struct weir__key key = weir__slice_entry_key(table, entry);
            struct weir__slice_entry *merged = weir__slice_table_find(&slices->merged, &key);
            if (merged == NULL) {
                merged = weir__slice_table_add(&slices->merged, &key, entry->sequence);
                merged->count = entry->count;
                if (accumulators) {
                    copy(slices, merged->accumulator, entry->accumulator);
                }
                continue;
            }
            uint32_t room = UINT32_MAX - merged->count;
            merged->count += entry->count < room ? entry->count : room;
            merged->sequence =
                entry->sequence < merged->sequence ? entry->sequence : merged->sequence;
            if (accumulators) {
                aggregate->merge(merged->accumulator, entry->accumulator, aggregate->user);
            }
        }
    }
}

static int by_sequence(const void *a, const void *b)
{
    const struct weir__slice_order *left = a;
    const struct weir__slice_order *right = b;
    return (left->sequence > right->sequence) - (left->sequence < right->sequence);
}

static void sort_merged(struct weir__slices *slices)
{
    bool sorted = true;
    weir__vec_clear(&slices->order);
    weir__vec_reserve(&slices->order, slices->merged.count);
    for (uint32_t n = 0; n < slices->merged.count; n++) {
        uint64_t sequence = weir__slice_table_at(&slices->merged, n)->sequence;
        sorted =
            sorted &&
            (n == 0 ||
             sequence > ((struct weir__slice_order *)weir__vec_last(&slices->order))->sequence);
        *(struct weir__slice_order *)weir__vec_add(&slices->order) =
            (struct weir__slice_order){sequence, n};
    }
    if (!sorted) {
        qsort(slices->order.items, slices->order.count, sizeof(struct weir__slice_order),
              by_sequence);
    }
}

void weir__slices_visit(struct weir__slices *slices, struct weir_window window,
                        bool (*visit)(const struct weir__key *key, const void *accumulator,
                                      int64_t n, void *user),
                        void *user)
{
    size_t index;
    size_t run = weir__slices_of(slices, window, &index);
    bool go_on = true;
    if (run == 1 && !live_at(slices, index)->shuffled) {
        const struct weir__slice_table *table = &live_at(slices, index)->table;
        for (uint32_t n = 0; n < table->count && go_on; n++) {
            weir__slice_table_prefetch(table, n);
            const struct weir__slice_entry *entry = weir__slice_table_at(table, n);
            struct weir__key key = weir__slice_entry_key(table, entry);
            go_on = visit(&key, entry->accumulator, entry->count, user);
        }
        return;
    }
    merge_run(slices, index, run, true);
    sort_merged(slices);
    for (size_t i = 0; i < slices->order.count && go_on; i++) {
        const struct weir__slice_order *order = weir__vec_at(&slices->order, i);
        const struct weir__slice_entry *entry =
            weir__slice_table_at(&slices->merged, order->number);
        struct weir__key key = weir__slice_entry_key(&slices->merged, entry);
        go_on = visit(&key, entry->accumulator, entry->count, user);
    }
    release(slices, &slices->merged);
}

int64_t weir__slices_merge_key(struct weir__slices *slices, struct weir_window window,
                               const struct weir__key *key, void *accumulator)
{
    const struct weir_aggregate *aggregate = slices->aggregate;
    size_t index;
    size_t run = weir__slices_of(slices, window, &index);
    int64_t n = 0;
    for (size_t i = index; i < index + run; i++) {
        const struct weir__slice_entry *entry =
            weir__slice_table_find(&live_at(slices, i)->table, key);
        if (entry == NULL) {
            continue;
        }
        if (n == 0) {
            copy(slices, accumulator, entry->accumulator);
        } else {
            aggregate->merge(accumulator, entry->accumulator, aggregate->user);
        }
        n += entry->count;
    }
    return n;
}

size_t weir__slices_count_keys(struct weir__slices *slices, struct weir_window window)
{
    size_t index;
    size_t run = weir__slices_of(slices, window, &index);
    if (run == 1) {
        return live_at(slices, index)->table.count;
    }
    merge_run(slices, index, run, false);
    size_t count = slices->merged.count;
    weir__slice_table_clear(&slices->merged);
    return count;
}

/*
 * Timelines.
 */
#include "window/timelines.h"

#include "base/mem.h"

#include <string.h>

void weir__timelines_init(struct weir__timelines *timelines, int64_t slices_a_window, bool distinct)
{
    *timelines = (struct weir__timelines){
        .reach = slices_a_window, .horizon = WEIR__NO_SLICE, .distinct = distinct};
    weir__slice_table_init(&timelines->keys, sizeof(struct weir__timeline));
}

static void release(struct weir__timeline *timeline)
{
    weir__members_fini(&timeline->members);
    weir__free(timeline->cells);
}

void weir__timelines_fini(struct weir__timelines *timelines)
{
    for (uint32_t i = 0; i < timelines->keys.count; i++) {
        release(weir__timeline_of(weir__slice_table_at(&timelines->keys, i)));
    }
    weir__slice_table_fini(&timelines->keys);
}

/* ---- cells ---- */

static struct weir__cell *cell_at(const struct weir__timeline *timeline, uint32_t index)
{
    return &timeline->cells[timeline->first + index];
}

/* How many cells lie before `slice`. Counted from the newest: that is mostly the one. */
static uint32_t cells_before(const struct weir__timeline *timeline, int64_t slice)
{
    uint32_t index = timeline->count;
    while (index > 0 && cell_at(timeline, index - 1)->slice >= slice) {
        index--;
    }
    return index;
}

static struct weir__cell *find_cell(const struct weir__timeline *timeline, int64_t slice)
{
    uint32_t index = cells_before(timeline, slice);
    bool found = index < timeline->count && cell_at(timeline, index)->slice == slice;
    return found ? cell_at(timeline, index) : NULL;
}

static void make_room(struct weir__timeline *timeline)
{
    if (timeline->first + timeline->count < timeline->capacity) {
        return;
    }
    if (timeline->first > timeline->capacity / 2) {
        memmove(timeline->cells, cell_at(timeline, 0), timeline->count * sizeof(struct weir__cell));
        timeline->first = 0;
        return;
    }
    timeline->capacity = timeline->capacity == 0 ? 4 : timeline->capacity * 2;
    timeline->cells =
        weir__reallocarray(timeline->cells, timeline->capacity, sizeof(struct weir__cell));
}

static struct weir__cell *add_cell(struct weir__timeline *timeline, int64_t slice,
                                   uint64_t sequence)
{
    make_room(timeline);
    uint32_t index = cells_before(timeline, slice);
    struct weir__cell *cell = cell_at(timeline, index);
    memmove(cell + 1, cell, (timeline->count - index) * sizeof(*cell));
    *cell = (struct weir__cell){.slice = slice, .sequence = sequence};
    timeline->count++;
    return cell;
}

/* ---- strings ---- */

/*
 * A string is seen in `slice` for the first time; `before` and `after` are its nearest other slices
 * within reach. Links between slices that are at most a window apart make chains; only the ends of
 * a chain count.
 */
static void link(const struct weir__timelines *timelines, struct weir__timeline *timeline,
                 struct weir__cell *cell, int64_t before, int64_t after)
{
    bool has_before = before != WEIR__NO_SLICE;
    bool has_after = after != WEIR__NO_SLICE;
    bool was_linked = has_before && has_after && after - before <= timelines->reach;
    cell->enters += !has_before;
    cell->leaves += !has_after;
    if (has_before && !was_linked) {
        struct weir__cell *earlier = find_cell(timeline, before);
        if (earlier != NULL) {
            earlier->leaves--;
        } else {
            timeline->base++; /* it is folded: what left there stays now */
        }
    }
    if (has_after && !was_linked) {
        find_cell(timeline, after)->enters--;
    }
}

static int64_t oldest_of_use(const struct weir__timelines *timelines)
{
    return timelines->horizon == WEIR__NO_SLICE
               ? WEIR__NO_SLICE
               : weir_time_sub(timelines->horizon, timelines->reach);
}

/* ---- the interface ---- */

struct weir__timeline *weir__timelines_find(const struct weir__timelines *timelines,
                                            const struct weir__key *key)
{
    struct weir__slice_entry *entry = weir__slice_table_find(&timelines->keys, key);
    return entry != NULL ? weir__timeline_of(entry) : NULL;
}

static struct weir__timeline *obtain(struct weir__timelines *timelines, const struct weir__key *key)
{
    struct weir__slice_entry *entry = weir__slice_table_find(&timelines->keys, key);
    if (entry == NULL) {
        entry = weir__slice_table_add(&timelines->keys, key, 1);
        timelines->bytes += 2 * timelines->keys.stride;
    }
    return weir__timeline_of(entry);
}

void weir__timelines_add(struct weir__timelines *timelines, const struct weir__key *key,
                         int64_t slice, struct weir_str text, int64_t count,
                         uint64_t *next_sequence)
{
    struct weir__timeline *timeline = obtain(timelines, key);
    struct weir__cell *cell = find_cell(timeline, slice);
    if (cell == NULL) {
        cell = add_cell(timeline, slice, (*next_sequence)++);
    }
    cell->count += count;
    int64_t before;
    int64_t after;
    uint32_t slots = timeline->members.mask;
    if (timelines->distinct && text.data != NULL &&
        weir__members_mark(&timeline->members, text, slice, timelines->reach,
                           oldest_of_use(timelines), &before, &after)) {
        link(timelines, timeline, cell, before, after);
    }
    timelines->bytes += weir__members_bytes(timeline->members.mask - slots);
}

const void *weir__timelines_place(const struct weir__timelines *timelines,
                                  const struct weir__key *key, struct weir_str text)
{
    const struct weir__timeline *timeline = weir__timelines_find(timelines, key);
    return timeline != NULL && text.data != NULL ? weir__members_place(&timeline->members, text)
                                                 : NULL;
}

bool weir__timelines_has(const struct weir__timelines *timelines, const struct weir__key *key,
                         int64_t slice)
{
    const struct weir__timeline *timeline = weir__timelines_find(timelines, key);
    return timeline != NULL && find_cell(timeline, slice) != NULL;
}

void weir__timelines_put(struct weir__timelines *timelines, const struct weir__key *key,
                         int64_t slice, int64_t count, uint64_t sequence)
{
    add_cell(obtain(timelines, key), slice, sequence)->count = count;
}

struct weir__timeline_sum weir__timeline_sum(const struct weir__timelines *timelines,
                                             const struct weir__timeline *timeline, int64_t last)
{
    struct weir__timeline_sum sum = {.distinct = timeline->base, .sequence = UINT64_MAX};
    for (uint32_t i = 0; i < timeline->count && cell_at(timeline, i)->slice <= last; i++) {
        const struct weir__cell *cell = cell_at(timeline, i);
        sum.distinct += cell->enters;
        if (cell->slice <= weir_time_sub(last, timelines->reach)) {
            sum.distinct -= cell->leaves;
            continue;
        }
        sum.count += cell->count;
        sum.sequence = cell->sequence < sum.sequence ? cell->sequence : sum.sequence;
    }
    return sum;
}

static void fold(struct weir__timeline *timeline, int64_t horizon)
{
    while (timeline->count > 0 && cell_at(timeline, 0)->slice < horizon) {
        timeline->base += cell_at(timeline, 0)->enters - cell_at(timeline, 0)->leaves;
        timeline->first++;
        timeline->count--;
    }
}

void weir__timelines_fold(struct weir__timelines *timelines, int64_t horizon)
{
    uint32_t spent = 0;
    timelines->horizon = horizon;
    for (uint32_t i = 0; i < timelines->keys.count; i++) {
        struct weir__timeline *timeline =
            weir__timeline_of(weir__slice_table_at(&timelines->keys, i));
        fold(timeline, horizon);
        if (timeline->count == 0) {
            timelines->bytes -= 2 * timelines->keys.stride;
            timelines->bytes -= weir__members_bytes(timeline->members.mask);
            release(timeline);
            weir__slice_table_at(&timelines->keys, i)->count = 0;
            spent++;
        } else {
            weir__slice_table_at(&timelines->keys, i)->count = 1;
        }
    }
    if (spent > 0) {
        weir__slice_table_keep(&timelines->keys);
    }
}

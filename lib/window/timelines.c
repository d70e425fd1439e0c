/*
 * Timelines.
 */
#include "window/timelines.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

void weir__timelines_init(struct weir__timelines *timelines, int64_t slices_a_window, bool distinct)
{
    *timelines = (struct weir__timelines){
        .reach = slices_a_window, .horizon = WEIR__NO_SLICE, .distinct = distinct};
    if (distinct) {
        timelines->pairs = weir__alloc(sizeof(*timelines->pairs));
        weir__pairs_init(timelines->pairs);
    }
    weir__slice_table_init(&timelines->keys, sizeof(struct weir__timeline));
}

void weir__timelines_fini(struct weir__timelines *timelines)
{
    for (uint32_t i = 0; i < timelines->keys.count; i++) {
        weir__free(weir__timeline_of(weir__slice_table_at(&timelines->keys, i))->earlier);
    }
    if (timelines->distinct) {
        weir__pairs_fini(timelines->pairs);
        weir__free(timelines->pairs);
    }
    weir__slice_table_fini(&timelines->keys);
}

/* ---- cells ---- */

static struct weir__cell *earlier_at(const struct weir__timeline *timeline, uint32_t index)
{
    return &timeline->earlier[timeline->first + index];
}

/* How many of the earlier cells lie before `slice`. A cell for every slice is what there is mostly:
 * so many slices back, so many cells back. Where slices have none, it lies behind that. */
static uint32_t earlier_before(const struct weir__timeline *timeline, int64_t slice)
{
    uint32_t count = timeline->count;
    if (count == 0 || earlier_at(timeline, count - 1)->slice < slice) {
        return count;
    }
    uint64_t back = (uint64_t)earlier_at(timeline, count - 1)->slice - (uint64_t)slice;
    uint32_t index = back < count ? count - 1 - (uint32_t)back : 0;
    while (earlier_at(timeline, index)->slice < slice) {
        index++;
    }
    return index;
}

static struct weir__cell *find_cell(struct weir__timeline *timeline, int64_t slice)
{
    if (timeline->newest.slice == slice) {
        return &timeline->newest;
    }
    uint32_t index = earlier_before(timeline, slice);
    bool found = index < timeline->count && earlier_at(timeline, index)->slice == slice;
    return found ? earlier_at(timeline, index) : NULL;
}

static void make_room(struct weir__timeline *timeline)
{
    if (timeline->first + timeline->count < timeline->capacity) {
        return;
    }
    if (timeline->first > timeline->capacity / 2) {
        memmove(timeline->earlier, earlier_at(timeline, 0),
                timeline->count * sizeof(struct weir__cell));
        timeline->first = 0;
        return;
    }
    timeline->capacity = timeline->capacity == 0 ? 4 : timeline->capacity * 2;
    timeline->earlier =
        weir__reallocarray(timeline->earlier, timeline->capacity, sizeof(struct weir__cell));
}

static struct weir__cell *insert_earlier(struct weir__timeline *timeline, struct weir__cell cell)
{
    make_room(timeline);
    uint32_t index = earlier_before(timeline, cell.slice);
    struct weir__cell *at = earlier_at(timeline, index);
    memmove(at + 1, at, (timeline->count - index) * sizeof(*at));
    *at = cell;
    timeline->count++;
    return at;
}

static struct weir__cell *add_cell(struct weir__timeline *timeline, int64_t slice,
                                   uint64_t sequence)
{
    struct weir__cell cell = {.slice = slice, .sequence = sequence};
    if (slice < timeline->newest.slice) {
        return insert_earlier(timeline, cell);
    }
    if (timeline->newest.slice != WEIR__NO_SLICE) {
        insert_earlier(timeline, timeline->newest);
    }
    timeline->newest = cell;
    return &timeline->newest;
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
        find_cell(timeline, before)->leaves--;
    }
    if (has_after && !was_linked) {
        find_cell(timeline, after)->enters--;
    }
}

static inline void mark(struct weir__timelines *timelines, const struct weir__timeline_mark *mark)
{
    struct weir__timeline *timeline = mark->timeline;
    int64_t before;
    int64_t after;
    if (weir__pairs_mark(timelines->pairs, mark->pair, mark->slice, timelines->reach, &before,
                         &after)) {
        struct weir__cell *cell = timeline->newest.slice == mark->slice
                                      ? &timeline->newest
                                      : find_cell(timeline, mark->slice);
        link(timelines, timeline, cell, before, after);
    }
}

void weir__timelines_settle(struct weir__timelines *timelines)
{
    for (uint32_t i = 0; i < timelines->mark_count; i++) {
        weir__pairs_expect_next(timelines->pairs, timelines->marks[i].pair);
    }
    for (uint32_t i = 0; i < timelines->mark_count; i++) {
        mark(timelines, &timelines->marks[i]);
    }
    timelines->mark_count = 0;
}

/* ---- the interface ---- */

struct weir__timeline *weir__timelines_find(const struct weir__timelines *timelines,
                                            const struct weir__key *key)
{
    struct weir__slice_entry *entry = weir__slice_table_find(&timelines->keys, key);
    return entry != NULL ? weir__timeline_of(entry) : NULL;
}

struct weir__timeline *weir__timelines_begin(struct weir__timelines *timelines,
                                             const struct weir__key *key)
{
    struct weir__timeline *timeline =
        weir__timeline_of(weir__slice_table_add(&timelines->keys, key, 1));
    timeline->newest.slice = WEIR__NO_SLICE;
    timelines->bytes += 2 * timelines->keys.stride;
    if (timelines->distinct) {
        timeline->owner = weir__pairs_add_owner(timelines->pairs);
    }
    return timeline;
}

struct weir__cell *weir__timeline_obtain_cell(struct weir__timeline *timeline, int64_t slice,
                                              uint64_t *next_sequence)
{
    struct weir__cell *cell = find_cell(timeline, slice);
    return cell != NULL ? cell : add_cell(timeline, slice, (*next_sequence)++);
}

bool weir__timelines_has(const struct weir__timelines *timelines, const struct weir__key *key,
                         int64_t slice)
{
    struct weir__timeline *timeline = weir__timelines_find(timelines, key);
    return timeline != NULL && find_cell(timeline, slice) != NULL;
}

void weir__timelines_put(struct weir__timelines *timelines, const struct weir__key *key,
                         int64_t slice, int64_t count, uint64_t sequence)
{
    struct weir__timeline *timeline = weir__timelines_find(timelines, key);
    if (timeline == NULL) {
        timeline = weir__timelines_begin(timelines, key);
    }
    add_cell(timeline, slice, sequence)->count = count;
}

/* Adds what a cell contributes to the window that ends with slice `last` and began behind slice
 * `over`. */
static inline void add_to_sum(struct weir__timeline_sum *sum, const struct weir__cell *cell,
                              int64_t over, int64_t last)
{
    if (cell->slice > last) {
        return;
    }
    sum->distinct += cell->enters;
    if (cell->slice <= over) {
        sum->distinct -= cell->leaves;
        return;
    }
    sum->count += cell->count;
    sum->sequence = cell->sequence < sum->sequence ? cell->sequence : sum->sequence;
}

struct weir__timeline_sum weir__timeline_sum(const struct weir__timelines *timelines,
                                             const struct weir__timeline *timeline, int64_t last)
{
    struct weir__timeline_sum sum = {.distinct = timeline->base, .sequence = UINT64_MAX};
    int64_t over = weir_time_sub(last, timelines->reach);
    for (uint32_t i = 0; i < timeline->count; i++) {
        add_to_sum(&sum, earlier_at(timeline, i), over, last);
    }
    if (timeline->newest.slice != WEIR__NO_SLICE) {
        add_to_sum(&sum, &timeline->newest, over, last);
    }
    return sum;
}

static void fold(struct weir__timeline *timeline, int64_t horizon)
{
    while (timeline->count > 0 && earlier_at(timeline, 0)->slice < horizon) {
        timeline->base += earlier_at(timeline, 0)->enters - earlier_at(timeline, 0)->leaves;
        timeline->first++;
        timeline->count--;
    }
    if (timeline->newest.slice < horizon) {
        timeline->base += timeline->newest.enters - timeline->newest.leaves;
        timeline->newest = (struct weir__cell){.slice = WEIR__NO_SLICE};
    }
}

void weir__timelines_fold(struct weir__timelines *timelines, int64_t horizon)
{
    uint32_t spent = 0;
    assert(timelines->mark_count == 0);
    timelines->horizon = horizon;
    if (timelines->distinct) {
        weir__pairs_set_horizon(timelines->pairs, horizon);
    }
    for (uint32_t i = 0; i < timelines->keys.count; i++) {
        struct weir__timeline *timeline =
            weir__timeline_of(weir__slice_table_at(&timelines->keys, i));
        fold(timeline, horizon);
        if (weir__timeline_cell_count(timeline) == 0) {
            timelines->bytes -= 2 * timelines->keys.stride;
            weir__free(timeline->earlier);
            if (timelines->distinct) {
                weir__pairs_drop_owner(timelines->pairs, timeline->owner);
            }
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

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

static struct weir__cell *cell_at(struct weir__timeline *timeline, uint32_t index)
{
    return index < timeline->count ? earlier_at(timeline, index) : &timeline->newest;
}

/* How many of the earlier cells lie in `slice`, which lies before the newest, or before it: at
 * least so many. A cell for every slice is what there is mostly: so many slices back, so many cells
 * back. Where slices have none, there are more. */
static uint32_t guess_until(const struct weir__timeline *timeline, int64_t slice)
{
    uint64_t between = (uint64_t)timeline->newest.slice - (uint64_t)slice - 1;
    return between < timeline->count ? timeline->count - (uint32_t)between : 0;
}

/* How many of them do. */
static uint32_t earlier_until(const struct weir__timeline *timeline, int64_t slice)
{
    uint32_t until = guess_until(timeline, slice);
    while (until < timeline->count && earlier_at(timeline, until)->slice <= slice) {
        until++;
    }
    return until;
}

/* How many of all cells do. */
static uint32_t cells_until(const struct weir__timeline *timeline, int64_t slice)
{
    return timeline->newest.slice <= slice ? weir__timeline_cell_count(timeline)
                                           : earlier_until(timeline, slice);
}

/* The index of a slice's cell, or the number of cells. */
static uint32_t find_cell(const struct weir__timeline *timeline, int64_t slice)
{
    uint32_t until = cells_until(timeline, slice);
    bool found = until > 0 && weir__timeline_cell(timeline, until - 1)->slice == slice;
    return found ? until - 1 : weir__timeline_cell_count(timeline);
}

/* Tells the processor to fetch the cell of a slice before the newest. */
static void expect_cell(const struct weir__timeline *timeline, int64_t slice)
{
    uint32_t until = guess_until(timeline, slice);
    weir__prefetch(until > 0 ? earlier_at(timeline, until - 1) : timeline->earlier);
}

/* Adds to the totals of a cell, and so to those of all that follow. */
static void add_from(struct weir__timeline *timeline, uint32_t index, int64_t count,
                     uint32_t enters)
{
    for (uint32_t end = weir__timeline_cell_count(timeline); index < end; index++) {
        struct weir__cell *cell = cell_at(timeline, index);
        cell->count += count;
        cell->enters += enters;
    }
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

static void insert_earlier(struct weir__timeline *timeline, uint32_t index,
                           const struct weir__cell *cell)
{
    make_room(timeline);
    struct weir__cell *at = earlier_at(timeline, index);
    memmove(at + 1, at, (timeline->count - index) * sizeof(*at));
    *at = *cell;
    timeline->count++;
}

/* A cell for a slice that has none. Returns its index. */
static uint32_t add_cell(struct weir__timeline *timeline, int64_t slice, uint64_t sequence)
{
    uint32_t index = cells_until(timeline, slice);
    struct weir__cell cell = {.slice = slice,
                              .count = timeline->folded.count,
                              .enters = timeline->folded.enters,
                              .sequence = sequence};
    if (index > 0) {
        const struct weir__cell *before = cell_at(timeline, index - 1);
        cell.count = before->count;
        cell.enters = before->enters;
        timeline->shuffled |= before->sequence > sequence;
    }
    if (index < weir__timeline_cell_count(timeline)) {
        timeline->shuffled |= cell_at(timeline, index)->sequence < sequence;
        insert_earlier(timeline, index, &cell);
        return index;
    }
    if (index > 0) {
        insert_earlier(timeline, index - 1, &timeline->newest);
    }
    timeline->newest = cell;
    return index;
}

/* ---- strings ---- */

/*
 * A string is seen in a slice for the first time; `before` and `after` are its nearest other slices
 * within reach. Links between slices that are at most a window apart make chains; only the ends of
 * a chain count.
 */
static void link(const struct weir__timelines *timelines, const struct weir__timeline_mark *mark)
{
    struct weir__timeline *timeline = mark->timeline;
    uint32_t cell = find_cell(timeline, mark->slice);
    bool has_before = mark->before != WEIR__NO_SLICE;
    bool has_after = mark->after != WEIR__NO_SLICE;
    bool was_linked = has_before && has_after && mark->after - mark->before <= timelines->reach;
    if (!has_before) {
        add_from(timeline, cell, 0, 1);
    }
    cell_at(timeline, cell)->leaves += !has_after;
    if (has_before && !was_linked) {
        cell_at(timeline, find_cell(timeline, mark->before))->leaves--;
    }
    if (has_after && !was_linked) {
        add_from(timeline, find_cell(timeline, mark->after), 0, UINT32_MAX); /* one less */
    }
}

/* A string is seen in a slice, mostly the newest one, and in none nearby. */
static void enter(const struct weir__timelines *timelines, struct weir__timeline_mark *mark)
{
    struct weir__cell *newest = &mark->timeline->newest;
    if (newest->slice == mark->slice) {
        newest->enters++;
        newest->leaves++;
    } else {
        mark->before = mark->after = WEIR__NO_SLICE;
        link(timelines, mark);
    }
}

/* A string that may have been seen before: what its pair says of it. Returns false when it is
 * marked already. */
static bool mark(const struct weir__timelines *timelines, struct weir__timeline_mark *mark)
{
    return weir__pairs_mark(timelines->pairs, mark->pair, mark->cell, mark->slice, timelines->reach,
                            &mark->before, &mark->after);
}

/*
 * Most strings are new, which one look settles. The others go on in steps, each of which tells the
 * processor what the next one reads: their pairs, then their cells.
 */
void weir__timelines_settle(struct weir__timelines *timelines)
{
    struct weir__timeline_mark *marks = timelines->marks;
    uint32_t known = 0;
    uint32_t linked = 0;
    for (uint32_t i = 0; i < timelines->mark_count; i++) {
        uint32_t cell = weir__pairs_mark_new(timelines->pairs, marks[i].pair, marks[i].slice);
        if (cell == WEIR__PAIR_NEW) {
            enter(timelines, &marks[i]);
        } else {
            marks[known] = marks[i];
            marks[known++].cell = cell;
        }
    }
    for (uint32_t i = 0; i < known; i++) {
        if (mark(timelines, &marks[i])) {
            if (marks[i].before != WEIR__NO_SLICE) {
                expect_cell(marks[i].timeline, marks[i].before);
            }
            marks[linked++] = marks[i];
        }
    }
    for (uint32_t i = 0; i < linked; i++) {
        link(timelines, &marks[i]);
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

void weir__timeline_add_elsewhere(struct weir__timeline *timeline, int64_t slice, int64_t count,
                                  uint64_t *next_sequence)
{
    uint32_t cell = find_cell(timeline, slice);
    if (cell == weir__timeline_cell_count(timeline)) {
        cell = add_cell(timeline, slice, (*next_sequence)++);
    }
    add_from(timeline, cell, count, 0);
}

bool weir__timelines_has(const struct weir__timelines *timelines, const struct weir__key *key,
                         int64_t slice)
{
    struct weir__timeline *timeline = weir__timelines_find(timelines, key);
    return timeline != NULL && find_cell(timeline, slice) < weir__timeline_cell_count(timeline);
}

void weir__timelines_put(struct weir__timelines *timelines, const struct weir__key *key,
                         int64_t slice, int64_t count, uint64_t sequence)
{
    struct weir__timeline *timeline = weir__timelines_find(timelines, key);
    if (timeline == NULL) {
        timeline = weir__timelines_begin(timelines, key);
    }
    add_from(timeline, add_cell(timeline, slice, sequence), count, 0);
}

static uint64_t least_sequence(const struct weir__timeline *timeline, uint32_t from, uint32_t end)
{
    uint64_t least = weir__timeline_cell(timeline, from)->sequence;
    for (uint32_t i = from + 1; timeline->shuffled && i < end; i++) {
        uint64_t sequence = weir__timeline_cell(timeline, i)->sequence;
        least = sequence < least ? sequence : least;
    }
    return least;
}

struct weir__timeline_sum weir__timeline_sum(const struct weir__timelines *timelines,
                                             const struct weir__timeline *timeline, int64_t last)
{
    uint32_t from = cells_until(timeline, weir_time_sub(last, timelines->reach));
    uint32_t end = cells_until(timeline, last);
    if (from == end) {
        return (struct weir__timeline_sum){0};
    }
    int64_t count = timeline->folded.count;
    uint32_t left = timeline->folded.leaves;
    for (uint32_t i = 0; i < from; i++) {
        count = weir__timeline_cell(timeline, i)->count;
        left += weir__timeline_cell(timeline, i)->leaves;
    }
    const struct weir__cell *cell = weir__timeline_cell(timeline, end - 1);
    return (struct weir__timeline_sum){.count = cell->count - count,
                                       .distinct = cell->enters - left,
                                       .sequence = least_sequence(timeline, from, end)};
}

static void fold_cell(struct weir__timeline *timeline, const struct weir__cell *cell)
{
    timeline->folded.count = cell->count;
    timeline->folded.enters = cell->enters;
    timeline->folded.leaves += cell->leaves;
}

static bool is_shuffled(const struct weir__timeline *timeline)
{
    for (uint32_t i = 1; i < weir__timeline_cell_count(timeline); i++) {
        if (weir__timeline_cell(timeline, i - 1)->sequence >
            weir__timeline_cell(timeline, i)->sequence) {
            return true;
        }
    }
    return false;
}

static void fold(struct weir__timeline *timeline, int64_t horizon)
{
    while (timeline->count > 0 && earlier_at(timeline, 0)->slice < horizon) {
        fold_cell(timeline, earlier_at(timeline, 0));
        timeline->first++;
        timeline->count--;
    }
    if (timeline->newest.slice < horizon) {
        timeline->newest = (struct weir__cell){.slice = WEIR__NO_SLICE};
    }
    timeline->shuffled = timeline->shuffled && is_shuffled(timeline);
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

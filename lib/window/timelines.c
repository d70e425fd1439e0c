/*
 * Timelines.
 */
#include "window/timelines.h"

#include "base/mem.h"
#include "base/short_text.h"

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
    weir__buf_fini(&timelines->mark_bytes);
    weir__slice_table_fini(&timelines->keys);
}

/* ---- cells ---- */

static struct weir__cell *earlier_at(const struct weir__timeline *timeline, uint32_t index)
{
    return &timeline->earlier[timeline->first + index];
}

/* How many of the earlier cells lie before `slice`. */
static uint32_t earlier_before(const struct weir__timeline *timeline, int64_t slice)
{
    uint32_t index = timeline->count;
    while (index > 0 && earlier_at(timeline, index - 1)->slice >= slice) {
        index--;
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

static void mark(struct weir__timelines *timelines, const struct weir__timeline_mark *mark,
                 const struct weir__pair_key *key)
{
    struct weir__timeline *timeline = mark->timeline;
    int64_t before;
    int64_t after;
    if (weir__pairs_mark(timelines->pairs, key, mark->slice, timelines->reach, &before, &after)) {
        link(timelines, timeline, find_cell(timeline, mark->slice), before, after);
    }
}

static struct weir_str text_of(const struct weir__timelines *timelines,
                               const struct weir__timeline_mark *mark)
{
    const char *text =
        mark->len <= sizeof(mark->text) ? mark->text : timelines->mark_bytes.data + mark->at;
    return (struct weir_str){text, mark->len};
}

/* Three loops that each tell the processor what the next one will read: it waits for all at once.
 */
void weir__timelines_settle(struct weir__timelines *timelines)
{
    struct weir__timeline_mark *marks = timelines->marks;
    struct weir__names *names = &timelines->pairs->names;
    struct weir__name *guesses[WEIR__MARKS];
    struct weir__pair_key keys[WEIR__MARKS];
    uint32_t count = timelines->mark_count;
    for (uint32_t i = 0; i < count; i++) {
        guesses[i] = weir__names_guess(names, marks[i].hash);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t name = weir__names_take_guessed(names, text_of(timelines, &marks[i]),
                                                 marks[i].hash, guesses[i]);
        keys[i] = weir__pair_key(marks[i].timeline->owner, name);
        weir__pairs_expect(timelines->pairs, keys[i].hash);
    }
    for (uint32_t i = 0; i < count; i++) {
        mark(timelines, &marks[i], &keys[i]);
    }
    timelines->mark_count = 0;
    timelines->mark_bytes.len = 0;
}

/* Lets a string wait for others. */
static void put_mark(struct weir__timelines *timelines, struct weir__timeline *timeline,
                     int64_t slice, struct weir_str text)
{
    struct weir__timeline_mark *mark = &timelines->marks[timelines->mark_count++];
    mark->timeline = timeline;
    mark->slice = slice;
    mark->hash = weir__hash_bytes(text.data, text.len);
    mark->len = text.len;
    if (text.len <= sizeof(mark->text)) {
        weir__short_copy(mark->text, text.data, text.len);
    } else {
        mark->at = timelines->mark_bytes.len;
        weir__buf_put(&timelines->mark_bytes, text.data, text.len);
    }
    weir__names_expect(&timelines->pairs->names, mark->hash);
    if (timelines->mark_count == WEIR__MARKS) {
        weir__timelines_settle(timelines);
    }
}

/* ---- the interface ---- */

struct weir__timeline *weir__timelines_find(const struct weir__timelines *timelines,
                                            const struct weir__key *key)
{
    struct weir__slice_entry *entry = weir__slice_table_find(&timelines->keys, key);
    return entry != NULL ? weir__timeline_of(entry) : NULL;
}

static struct weir__timeline *begin(struct weir__timelines *timelines, const struct weir__key *key)
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

static inline struct weir__timeline *obtain(struct weir__timelines *timelines,
                                            const struct weir__key *key,
                                            struct weir__slice_entry *guess)
{
    struct weir__slice_entry *entry = weir__slice_table_find_guessed(&timelines->keys, key, guess);
    return __builtin_expect(entry != NULL, 1) ? weir__timeline_of(entry) : begin(timelines, key);
}

void weir__timelines_add(struct weir__timelines *timelines, const struct weir__key *key,
                         struct weir__slice_entry *guess, int64_t slice, struct weir_str text,
                         int64_t count, uint64_t *next_sequence)
{
    struct weir__timeline *timeline = obtain(timelines, key, guess);
    struct weir__cell *cell = find_cell(timeline, slice);
    if (cell == NULL) {
        cell = add_cell(timeline, slice, (*next_sequence)++);
    }
    cell->count += count;
    if (timelines->distinct && text.data != NULL) {
        put_mark(timelines, timeline, slice, text);
    }
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
    add_cell(obtain(timelines, key, NULL), slice, sequence)->count = count;
}

struct weir__timeline_sum weir__timeline_sum(const struct weir__timelines *timelines,
                                             const struct weir__timeline *timeline, int64_t last)
{
    struct weir__timeline_sum sum = {.distinct = timeline->base, .sequence = UINT64_MAX};
    uint32_t count = weir__timeline_cell_count(timeline);
    for (uint32_t i = 0; i < count; i++) {
        const struct weir__cell *cell = weir__timeline_cell(timeline, i);
        if (cell->slice > last) {
            break;
        }
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
    weir__timelines_settle(timelines);
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

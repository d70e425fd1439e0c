/*
 * Windows put together from slices.
 */
#include "base/mem.h"
#include "window/slices_internal.h"

size_t weir__slices_of(const struct weir__slices *slices, struct weir_window window, size_t *index)
{
    *index = weir__slices_before(slices, window.start);
    size_t end = *index;
    while (end < slices->live.count && weir__slice_at(slices, end)->end <= window.end) {
        end++;
    }
    return end - *index;
}

bool weir__slices_next_window(const struct weir__slices *slices, int64_t after,
                              struct weir_window *window)
{
    /* Later slices are covered by later windows: the first that has a window left has the first
     * one. */
    size_t low = 0;
    size_t high = slices->live.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (weir__slice_at(slices, middle)->newest_max <= after) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == slices->live.count) {
        return false;
    }
    int64_t max = weir__slice_at(slices, low)->oldest_max;
    if (max <= after) {
        max += ((after - max) / slices->slide_ms + 1) *
               slices->slide_ms; /* all windows end on one grid */
    }
    *window = (struct weir_window){max + 1 - slices->size_ms, max + 1};
    return true;
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
        const struct weir__slice_table *table = &weir__slice_at(slices, i)->table;
        for (uint32_t n = 0; n < table->count; n++) {
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

static void order_merged(struct weir__slices *slices)
{
    weir__vec_clear(&slices->order);
    for (uint32_t n = 0; n < slices->merged.count; n++) {
        const struct weir__slice_entry *entry = weir__slice_table_at(&slices->merged, n);
        *(struct weir__slice_order *)weir__vec_add(&slices->order) =
            (struct weir__slice_order){.sequence = entry->sequence, .number = n};
    }
    weir__slices_sort(&slices->order);
}

static void visit_table(const struct weir__slice_table *table, weir__slices_visitor *visit,
                        void *user)
{
    bool go_on = true;
    for (uint32_t n = 0; n < table->count && go_on; n++) {
        const struct weir__slice_entry *entry = weir__slice_table_at(table, n);
        struct weir__key key = weir__slice_entry_key(table, entry);
        go_on = visit(&key, entry->accumulator, entry->count, user);
    }
}

static void visit_merged(struct weir__slices *slices, weir__slices_visitor *visit, void *user)
{
    bool go_on = true;
    order_merged(slices);
    for (size_t i = 0; i < slices->order.count && go_on; i++) {
        const struct weir__slice_order *order = weir__vec_at(&slices->order, i);
        const struct weir__slice_entry *entry =
            weir__slice_table_at(&slices->merged, order->number);
        struct weir__key key = weir__slice_entry_key(&slices->merged, entry);
        go_on = visit(&key, entry->accumulator, entry->count, user);
    }
}

void weir__slices_visit(struct weir__slices *slices, struct weir_window window,
                        weir__slices_visitor *visit, void *user)
{
    size_t index;
    size_t run = weir__slices_of(slices, window, &index);
    if (slices->in_timelines) {
        weir__slices_visit_timelines(slices, window, visit, user);
    } else if (run == 1 && !weir__slice_at(slices, index)->shuffled) {
        visit_table(&weir__slice_at(slices, index)->table, visit, user);
    } else {
        merge_run(slices, index, run, true);
        visit_merged(slices, visit, user);
        weir__slices_release(slices, &slices->merged);
    }
}

/* Merges what the key has into a fresh accumulator; returns the number of elements, 0: nothing is
 * owned. */
static int64_t merge_key(const struct weir__slices *slices, struct weir_window window,
                         const struct weir__key *key, void *accumulator)
{
    const struct weir_aggregate *aggregate = slices->aggregate;
    size_t index;
    size_t run = weir__slices_of(slices, window, &index);
    int64_t n = 0;
    for (size_t i = index; i < index + run; i++) {
        const struct weir__slice_entry *entry =
            weir__slice_table_find(&weir__slice_at(slices, i)->table, key);
        if (entry != NULL && n > 0) {
            aggregate->merge(accumulator, entry->accumulator, aggregate->user);
        } else if (entry != NULL) {
            copy(slices, accumulator, entry->accumulator);
        }
        n += entry != NULL ? entry->count : 0;
    }
    return n;
}

void weir__slices_visit_key(struct weir__slices *slices, struct weir_window window,
                            const struct weir__key *key, weir__slices_visitor *visit, void *user)
{
    const struct weir_type *type = slices->aggregate->accumulator_type;
    if (slices->in_timelines) {
        weir__slices_visit_timeline(slices, window, key, visit, user);
        return;
    }
    void *accumulator = weir__calloc(1, type->size);
    int64_t n = merge_key(slices, window, key, accumulator);
    if (n > 0) {
        visit(key, accumulator, n, user);
        weir_value_fini(type, accumulator);
    }
    weir__free(accumulator);
}

size_t weir__slices_count_keys(struct weir__slices *slices, struct weir_window window)
{
    size_t index;
    size_t run = weir__slices_of(slices, window, &index);
    if (slices->in_timelines) {
        return weir__slices_order_timelines(slices, window);
    }
    if (run == 1) {
        return weir__slice_at(slices, index)->table.count;
    }
    merge_run(slices, index, run, false);
    size_t count = slices->merged.count;
    weir__slice_table_clear(&slices->merged);
    return count;
}

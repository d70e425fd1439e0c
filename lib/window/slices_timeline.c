/*
 * Slices of an aggregate of built-in parts: windows are read off timelines, and only snapshots see
 * accumulators.
 */
#include "base/mem.h"
#include "window/slices_internal.h"

#include <stdlib.h>

static int by_sequence(const void *a, const void *b)
{
    const struct weir__slice_order *left = a;
    const struct weir__slice_order *right = b;
    return (left->sequence > right->sequence) - (left->sequence < right->sequence);
}

void weir__slices_sort(struct weir__vec *order)
{
    const struct weir__slice_order *items = order->items;
    for (size_t i = 1; i < order->count; i++) {
        if (items[i].sequence < items[i - 1].sequence) {
            qsort(order->items, order->count, order->item_size, by_sequence);
            return;
        }
    }
}

/* ---- windows ---- */

/* The number of a window's last slice. */
static int64_t last_number(const struct weir__slices *slices, struct weir_window window)
{
    int64_t start = window.end - slices->slide_ms;
    int64_t quotient = start / slices->slide_ms;
    return start % slices->slide_ms < 0 ? quotient - 1 : quotient;
}

size_t weir__slices_order_timelines(struct weir__slices *slices, struct weir_window window)
{
    const struct weir__slice_table *keys = &slices->timelines.keys;
    int64_t last = last_number(slices, window);
    weir__vec_clear(&slices->order);
    for (uint32_t n = 0; n < keys->count; n++) {
        struct weir__timeline_sum sum = weir__timeline_sum(
            &slices->timelines, weir__timeline_of(weir__slice_table_at(keys, n)), last);
        if (sum.count > 0) {
            *(struct weir__slice_order *)weir__vec_add(&slices->order) =
                (struct weir__slice_order){sum.sequence, n, sum};
        }
    }
    return slices->order.count;
}

static bool visit_sum(const struct weir__slices *slices, const struct weir__key *key,
                      const struct weir__timeline_sum *sum, weir__slices_visitor *visit, void *user)
{
    weir__parts_fill(slices->aggregate, slices->numbers, sum->count, sum->distinct);
    return visit(key, slices->numbers, sum->count, user);
}

void weir__slices_visit_timelines(struct weir__slices *slices, struct weir_window window,
                                  weir__slices_visitor *visit, void *user)
{
    const struct weir__slice_table *keys = &slices->timelines.keys;
    bool go_on = true;
    weir__slices_order_timelines(slices, window);
    weir__slices_sort(&slices->order);
    for (size_t i = 0; i < slices->order.count && go_on; i++) {
        const struct weir__slice_order *order = weir__vec_at(&slices->order, i);
        struct weir__key key =
            weir__slice_entry_key(keys, weir__slice_table_at(keys, order->number));
        go_on = visit_sum(slices, &key, &order->sum, visit, user);
    }
}

void weir__slices_visit_timeline(struct weir__slices *slices, struct weir_window window,
                                 const struct weir__key *key, weir__slices_visitor *visit,
                                 void *user)
{
    const struct weir__timeline *timeline = weir__timelines_find(&slices->timelines, key);
    if (timeline == NULL) {
        return;
    }
    struct weir__timeline_sum sum =
        weir__timeline_sum(&slices->timelines, timeline, last_number(slices, window));
    if (sum.count > 0) {
        visit_sum(slices, key, &sum, visit, user);
    }
}

/* ---- snapshots: a cell becomes an accumulator, and back ---- */

struct expansion {
    const struct weir__slices *slices;
    const struct weir__timeline *timeline;
    const struct weir_str *texts; /* of names */
    char *accumulators;           /* one a cell */
};

static void *accumulator_at(const struct expansion *expansion, uint32_t cell)
{
    return expansion->accumulators + cell * expansion->slices->aggregate->accumulator_type->size;
}

/* Puts a string into the sets of the slices in which it was seen: both are in order of time. */
static void add_string(const struct expansion *expansion, const struct weir__pair_view *pair)
{
    struct weir_str text = expansion->texts[pair->name];
    uint32_t cell = 0;
    for (uint32_t left = pair->mask; left != 0; left &= left - 1) {
        int64_t slice = (int64_t)((uint64_t)pair->base + (uint64_t)__builtin_ctz(left));
        while (weir__timeline_cell(expansion->timeline, cell)->slice < slice) {
            cell++;
        }
        weir_string_set_add(
            weir__part_at(expansion->slices->distinct, accumulator_at(expansion, cell)), text, 1);
    }
}

static void expand(struct expansion *expansion, const struct weir__pair_list *pairs)
{
    const struct weir_aggregate *aggregate = expansion->slices->aggregate;
    const struct weir__timeline *timeline = expansion->timeline;
    uint32_t count = weir__timeline_cell_count(timeline);
    expansion->accumulators = weir__calloc(count, aggregate->accumulator_type->size);
    for (uint32_t i = 0; i < count; i++) {
        for (size_t part = 0; part < aggregate->part_count; part++) {
            if (aggregate->parts[part].kind == WEIR_PART_COUNT) {
                *(int64_t *)weir__part_at(&aggregate->parts[part], accumulator_at(expansion, i)) =
                    weir__timeline_cell_events(timeline, i);
            }
        }
    }
    if (expansion->slices->distinct != NULL) {
        uint32_t owner = timeline->owner;
        for (uint32_t i = pairs->first[owner]; i < pairs->first[owner + 1]; i++) {
            add_string(expansion, &pairs->items[i]);
        }
    }
}

static const struct weir__slice *slice_numbered(const struct weir__slices *slices, int64_t number)
{
    for (size_t i = 0; i < slices->live.count; i++) {
        if (weir__slice_at(slices, i)->number == number) {
            return weir__slice_at(slices, i);
        }
    }
    return NULL;
}

void weir__slices_each_timeline(struct weir__slices *slices,
                                void (*visit)(const struct weir__slice_share *share, void *user),
                                void *user)
{
    const struct weir__slice_table *keys = &slices->timelines.keys;
    const struct weir_type *type = slices->aggregate->accumulator_type;
    struct weir__pair_list pairs = {0};
    struct weir_str *texts = NULL;
    if (slices->distinct != NULL) {
        pairs = weir__pairs_by_owner(slices->timelines.pairs);
        texts = weir__names_texts(&slices->timelines.pairs->names);
    }
    for (uint32_t n = 0; n < keys->count; n++) {
        const struct weir__slice_entry *entry = weir__slice_table_at(keys, n);
        struct expansion expansion = {
            .slices = slices, .timeline = weir__timeline_of(entry), .texts = texts};
        expand(&expansion, &pairs);
        uint32_t count = weir__timeline_cell_count(expansion.timeline);
        for (uint32_t i = 0; i < count; i++) {
            const struct weir__cell *cell = weir__timeline_cell(expansion.timeline, i);
            struct weir__slice_share share = {
                .slice = slice_numbered(slices, cell->slice),
                .key = weir__slice_entry_key(keys, entry),
                .sequence = cell->sequence,
                .count = weir__timeline_cell_events(expansion.timeline, i),
                .accumulator = accumulator_at(&expansion, i),
            };
            visit(&share, user);
            weir_value_fini(type, share.accumulator);
        }
        weir__free(expansion.accumulators);
    }
    weir__free(texts);
    weir__pair_list_fini(&pairs);
}

void weir__slices_put_timeline(struct weir__slices *slices, const struct weir__slice *slice,
                               const struct weir__slice_share *share)
{
    struct weir__timelines *timelines = &slices->timelines;
    if (weir__timelines_has(timelines, &share->key, slice->number)) {
        return;
    }
    weir__timelines_put(timelines, &share->key, slice->number, share->count, share->sequence);
    if (slices->distinct == NULL) {
        return;
    }
    const struct weir_string_set *set = weir__part_at(slices->distinct, share->accumulator);
    for (uint32_t i = 0; i < weir_string_set_size(set); i++) {
        struct weir__timeline_text text =
            weir__timelines_expect(timelines, weir_string_set_at(set, i, NULL));
        weir__timelines_add(timelines, &share->key, NULL, slice->number, &text, 0,
                            &slices->next_sequence);
    }
    weir__timelines_settle(timelines);
}

/*
 * Many events at once on their way into slices.
 *
 * An event needs two places in memory, one after the other: the cell of an index, and the entry to
 * which that leads. Done one by one, each waits for both; done in stages, with the processor told
 * at each stage what the next one reads, they wait together:
 *
 *     one by one    hash index…… entry…… add  hash index…… entry…… add  hash index…… entry…… add
 *     in stages     hash hash hash  index…… index index  entry…… entry entry  add add add
 *
 * Events that arrive together (process_batch: from the buffer of a channel, where they lie while
 * the call lasts) go this way, and those that have waited for each other (window/waiting.h). What
 * is not simply added, a late event or the first of its slice, goes alone, in its turn.
 */
#include "operator/window_operator.h"

#define EVENTS_MAX WEIR__WAITING_MAX

_Static_assert(EVENTS_MAX >= WEIR__BATCH_MAX, "a batch is one run");

/* `expected`: the slice of most of them, whose index is on its way into the caches. */
static void add_all(struct weir__slices *slices, const struct weir__slice *expected,
                    struct weir__slice_event *events, size_t count)
{
    const struct weir__slice_table *keys = weir__slice_keys(slices, expected);
    for (size_t i = 0; i < count; i++) {
        weir__slice_event_guess(slices, keys, &events[i]);
    }
    for (size_t i = 0; i < count; i++) {
        struct weir__slice *slice = slices->current;
        if (!weir__slice_contains(slice, events[i].timestamp)) {
            slice = weir__slices_find(slices, events[i].timestamp);
        }
        bool same_keys = weir__slice_keys(slices, slice) == keys;
        weir__slice_event_add(slices, slice, &events[i], same_keys ? events[i].guess : NULL);
    }
    weir__slices_settle(slices);
}

void weir__window_slices_settle(const struct weir__window_operator *self)
{
    struct weir__slices *slices = &self->sliced->slices;
    struct weir__waiting *waiting = &self->sliced->waiting;
    struct weir__slice_event events[EVENTS_MAX];
    if (waiting->count == 0) {
        return;
    }
    const struct weir__slice *expected = slices->current;
    const struct weir__slice_table *keys = weir__slice_keys(slices, expected);
    weir__waiting_locate(waiting);
    for (uint32_t i = 0; i < waiting->count; i++) {
        const struct weir__waiting_element *element = &waiting->elements[i];
        events[i].value = element->value;
        events[i].timestamp = element->timestamp;
        weir__key_read_hashed(self->op.context->key, element->value, element->hash, &events[i].key);
        weir__slice_event_expect(slices, keys, &events[i]);
    }
    add_all(slices, expected, events, waiting->count);
    weir__waiting_clear(waiting);
}

/* Reads the keys of the records that lie in this slice, up to the first that does not. */
static size_t read_run(const struct weir__window_operator *self, const struct weir__slice *slice,
                       const struct weir__record *records, size_t count,
                       struct weir__slice_event *events)
{
    const struct weir_field *key = self->op.context->key;
    const struct weir__slice_table *keys = weir__slice_keys(&self->sliced->slices, slice);
    size_t run = 0;
    for (; run < count && weir__slice_contains(slice, records[run].timestamp); run++) {
        events[run].value = records[run].value;
        events[run].timestamp = records[run].timestamp;
        weir__key_read(key, records[run].value, &events[run].key);
        weir__slice_event_expect(&self->sliced->slices, keys, &events[run]);
    }
    return run;
}

void weir__window_slices_process_batch(struct weir__window_operator *self,
                                       const struct weir__record *records, size_t count)
{
    struct weir__window_slices *sliced = self->sliced;
    struct weir__slice_event events[EVENTS_MAX];
    weir__window_slices_settle(self);
    for (size_t i = 0; i < count && !self->op.context->failed;) {
        const struct weir__slice *slice = weir__window_open_slice(sliced, records[i].timestamp);
        if (slice == NULL) {
            weir__window_slices_process(self, &records[i++]);
            continue;
        }
        size_t run = read_run(self, slice, records + i, count - i, events);
        add_all(&sliced->slices, slice, events, run);
        *self->in_windows += (int64_t)run;
        i += run;
    }
}

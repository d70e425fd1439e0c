/*
 * What the pattern operator remembers about a key, and how it looks as bytes.
 *
 *     cell     := waiting varint, event…, taken varint, event…, links varint, link…,
 *                 attempts varint, attempt…
 *     event    := timestamp zigzag, value
 *     link     := before varint (position + 1 among the links; 0: none), step varint,
 *                 event varint (position among the taken ones)
 *     attempt  := last link varint (position), step varint, place u8
 *
 * A link comes after the one before it, so one pass reads them.
 */
#include "operator/pattern.h"

#include "types/codec.h"

#include <string.h>

/* ---- the store ---- */

void weir__pattern_store_init(struct weir__pattern_store *store,
                              const struct weir_pattern_config *config)
{
    uint32_t count = 0;
    while (config->steps[count].name != NULL) {
        count++;
    }
    *store = (struct weir__pattern_store){
        .type = config->in_type,
        .steps = config->steps,
        .step_count = count,
        .events = WEIR__POOL_OF(sizeof(struct weir__pattern_event) + config->in_type->size),
        .links = WEIR__POOL_OF(sizeof(struct weir__pattern_link)),
    };
}

void weir__pattern_store_fini(struct weir__pattern_store *store)
{
    weir__pool_fini(&store->links);
    weir__pool_fini(&store->events);
}

static struct weir__pattern_event *event_new(struct weir__pattern_store *store, int64_t timestamp)
{
    uint32_t number = weir__pool_take(&store->events);
    struct weir__pattern_event *event = weir__pool_at(&store->events, number);
    event->number = number;
    event->refs = 1;
    event->timestamp = timestamp;
    return event;
}

struct weir__pattern_event *weir__pattern_event_new(struct weir__pattern_store *store,
                                                    const void *value, int64_t timestamp)
{
    struct weir__pattern_event *event = event_new(store, timestamp);
    weir_value_copy(store->type, event->value, value);
    return event;
}

void weir__pattern_event_unref(struct weir__pattern_store *store, struct weir__pattern_event *event)
{
    if (--event->refs == 0) {
        weir_value_fini(store->type, event->value);
        weir__pool_give(&store->events, event->number);
    }
}

struct weir__pattern_link *weir__pattern_link_new(struct weir__pattern_store *store,
                                                  struct weir__pattern_link *before, uint32_t step,
                                                  struct weir__pattern_event *event)
{
    uint32_t number = weir__pool_take(&store->links);
    struct weir__pattern_link *link = weir__pool_at(&store->links, number);
    *link = (struct weir__pattern_link){
        .number = number, .refs = 1, .step = step, .before = before, .event = event};
    event->refs++;
    if (before != NULL) {
        before->refs++;
    }
    return link;
}

void weir__pattern_link_unref(struct weir__pattern_store *store, struct weir__pattern_link *link)
{
    while (link != NULL && --link->refs == 0) {
        struct weir__pattern_link *before = link->before;
        weir__pattern_event_unref(store, link->event);
        weir__pool_give(&store->links, link->number);
        link = before;
    }
}

/* ---- a cell ---- */

/* The cells' operations get it as a const spec, and it is ours. */
static struct weir__pattern_store *store_of(const void *spec)
{
    return (struct weir__pattern_store *)(uintptr_t)spec;
}

static struct weir__pattern_event *event_at(const struct weir__vec *events, size_t i)
{
    return *(struct weir__pattern_event **)weir__vec_at(events, i);
}

static struct weir__pattern_link *link_at(const struct weir__vec *links, size_t i)
{
    return *(struct weir__pattern_link **)weir__vec_at(links, i);
}

void weir__pattern_wait(struct weir__pattern_cell *cell, struct weir__pattern_event *event)
{
    struct weir__vec *waiting = &cell->waiting;
    weir__vec_push(waiting, &event);
    size_t at = waiting->count - 1;
    while (at > 0 && event_at(waiting, at - 1)->timestamp > event->timestamp) {
        at--;
    }
    struct weir__pattern_event **items = waiting->items;
    memmove(items + at + 1, items + at, (waiting->count - 1 - at) * sizeof(*items));
    items[at] = event;
}

static void init(void *cell, const void *spec)
{
    (void)spec;
    *(struct weir__pattern_cell *)cell = (struct weir__pattern_cell){
        WEIR__VEC_OF(struct weir__pattern_event *), WEIR__VEC_OF(struct weir__attempt)};
}

static void fini(void *cell, const void *spec)
{
    struct weir__pattern_store *store = store_of(spec);
    struct weir__pattern_cell *self = cell;
    for (size_t i = 0; i < self->waiting.count; i++) {
        weir__pattern_event_unref(store, event_at(&self->waiting, i));
    }
    for (size_t i = 0; i < self->attempts.count; i++) {
        struct weir__attempt *attempt = weir__vec_at(&self->attempts, i);
        weir__pattern_link_unref(store, attempt->last);
    }
    weir__vec_fini(&self->waiting);
    weir__vec_fini(&self->attempts);
}

/* ---- as bytes ---- */

static void encode_event(const struct weir__pattern_store *store,
                         const struct weir__pattern_event *event, struct weir__buf *out)
{
    weir__buf_put_zigzag(out, event->timestamp);
    weir__encode(store->type, event->value, out);
}

/* Numbers the chain that ends in `last`, as far as it has no numbers yet, from 1. */
static void gather(struct weir__pattern_link *last, struct weir__vec *links,
                   struct weir__vec *events)
{
    size_t known = links->count;
    for (struct weir__pattern_link *link = last; link != NULL && link->mark == 0;
         link = link->before) {
        weir__vec_push(links, &link);
    }
    struct weir__pattern_link **fresh = links->items;
    for (size_t i = known, j = links->count; i + 1 < j; i++) { /* backwards: the first one first */
        struct weir__pattern_link *link = fresh[i];
        fresh[i] = fresh[--j];
        fresh[j] = link;
    }
    for (size_t i = known; i < links->count; i++) {
        struct weir__pattern_link *link = link_at(links, i);
        link->mark = (uint32_t)i + 1;
        if (link->event->mark == 0) {
            weir__vec_push(events, &link->event);
            link->event->mark = (uint32_t)events->count;
        }
    }
}

static void encode_links(const struct weir__vec *links, struct weir__buf *out)
{
    weir__buf_put_varint(out, links->count);
    for (size_t i = 0; i < links->count; i++) {
        const struct weir__pattern_link *link = link_at(links, i);
        weir__buf_put_varint(out, link->before != NULL ? link->before->mark : 0);
        weir__buf_put_varint(out, link->step);
        weir__buf_put_varint(out, link->event->mark - 1);
    }
}

static void encode_events(const struct weir__pattern_store *store, const struct weir__vec *events,
                          struct weir__buf *out)
{
    weir__buf_put_varint(out, events->count);
    for (size_t i = 0; i < events->count; i++) {
        encode_event(store, event_at(events, i), out);
    }
}

static void encode(const void *cell, const void *spec, struct weir__buf *out)
{
    const struct weir__pattern_cell *self = cell;
    struct weir__vec links = WEIR__VEC_OF(struct weir__pattern_link *);
    struct weir__vec events = WEIR__VEC_OF(struct weir__pattern_event *);
    for (size_t i = 0; i < self->attempts.count; i++) {
        const struct weir__attempt *attempt = weir__vec_at(&self->attempts, i);
        gather(attempt->last, &links, &events);
    }
    encode_events(spec, &self->waiting, out);
    encode_events(spec, &events, out);
    encode_links(&links, out);
    weir__buf_put_varint(out, self->attempts.count);
    for (size_t i = 0; i < self->attempts.count; i++) {
        const struct weir__attempt *attempt = weir__vec_at(&self->attempts, i);
        weir__buf_put_varint(out, attempt->last->mark - 1);
        weir__buf_put_varint(out, attempt->step);
        weir__buf_put_u8(out, (uint8_t)attempt->place);
    }
    for (size_t i = 0; i < links.count; i++) {
        link_at(&links, i)->mark = 0;
        link_at(&links, i)->event->mark = 0;
    }
    weir__vec_fini(&links);
    weir__vec_fini(&events);
}

static bool decode_events(struct weir__pattern_store *store, struct weir__reader *in,
                          struct weir__vec *events)
{
    for (uint64_t left = weir__read_varint(in); left > 0; left--) {
        int64_t timestamp = weir__read_zigzag(in);
        if (in->failed) {
            return false;
        }
        struct weir__pattern_event *event = event_new(store, timestamp);
        weir__vec_push(events, &event); /* zeroed: to be released as it is */
        if (weir__decode(store->type, in, event->value) != WEIR_OK) {
            memset(event->value, 0, store->type->size);
            return false;
        }
    }
    return !in->failed;
}

static bool decode_links(struct weir__pattern_store *store, struct weir__reader *in,
                         const struct weir__vec *events, struct weir__vec *links)
{
    for (uint64_t left = weir__read_varint(in); left > 0; left--) {
        uint64_t before = weir__read_varint(in);
        uint64_t step = weir__read_varint(in);
        uint64_t event = weir__read_varint(in);
        if (in->failed || before > links->count || step >= store->step_count ||
            event >= events->count) {
            return false;
        }
        struct weir__pattern_link *link =
            weir__pattern_link_new(store, before > 0 ? link_at(links, before - 1) : NULL,
                                   (uint32_t)step, event_at(events, event));
        weir__vec_push(links, &link);
    }
    return !in->failed;
}

/* The step an attempt is in must fit to its place, or matching would look behind the last one. */
static bool fits(const struct weir__pattern_store *store, uint64_t step, uint8_t place)
{
    return step < store->step_count &&
           (place == WEIR__PATTERN_WAITS
                ? step > 0
                : place <= WEIR__PATTERN_SKIPS && store->steps[step].loop != WEIR_ONCE);
}

static bool decode_attempts(const struct weir__pattern_store *store, struct weir__reader *in,
                            const struct weir__vec *links, struct weir__pattern_cell *cell)
{
    for (uint64_t left = weir__read_varint(in); left > 0; left--) {
        uint64_t last = weir__read_varint(in);
        uint64_t step = weir__read_varint(in);
        uint8_t place = weir__read_u8(in);
        if (in->failed || last >= links->count || !fits(store, step, place)) {
            return false;
        }
        struct weir__attempt attempt = {.last = link_at(links, last),
                                        .step = (uint32_t)step,
                                        .place = (enum weir__pattern_place)place};
        attempt.last->refs++;
        const struct weir__pattern_link *first = attempt.last;
        while (first->before != NULL) {
            first = first->before;
        }
        attempt.start = first->event->timestamp;
        weir__vec_push(&cell->attempts, &attempt);
    }
    return !in->failed;
}

static enum weir_status decode(void *cell, const void *spec, struct weir__reader *in,
                               struct weir_error *error)
{
    struct weir__pattern_store *store = store_of(spec);
    struct weir__pattern_cell *self = cell;
    struct weir__vec links = WEIR__VEC_OF(struct weir__pattern_link *);
    struct weir__vec events = WEIR__VEC_OF(struct weir__pattern_event *);
    bool good = decode_events(store, in, &self->waiting) && decode_events(store, in, &events) &&
                decode_links(store, in, &events, &links) &&
                decode_attempts(store, in, &links, self);
    for (size_t i = 0; i < links.count; i++) {
        weir__pattern_link_unref(store, link_at(&links, i));
    }
    for (size_t i = 0; i < events.count; i++) {
        weir__pattern_event_unref(store, event_at(&events, i));
    }
    weir__vec_fini(&links);
    weir__vec_fini(&events);
    return good ? WEIR_OK
                : weir_error_set(error, WEIR_CORRUPT, NULL,
                                 "the snapshot of a pattern's partial matches is damaged");
}

const struct weir__cell_ops weir__pattern_cell_ops = {
    .init = init, .fini = fini, .encode = encode, .decode = decode};

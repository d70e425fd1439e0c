/*
 * Timers as bytes, by key group (types/key_groups.h).
 *
 *     timer := key, ns.a zigzag, ns.b zigzag, time zigzag, sequence varint
 */
#include "time/timers.h"
#include "time/timers_internal.h"
#include "types/key_groups.h"

/* The queue's items, or a copy of them that nobody changes. */
static void encode_items(const void *owner, const struct weir__pool *items, struct weir__buf *out)
{
    const struct weir__timers *timers = owner;
    struct weir__groups groups;
    weir__groups_init(&groups, timers->keys->max_parallelism);
    for (uint32_t i = weir__pool_next(items, 0); i != WEIR__POOL_NONE;
         i = weir__pool_next(items, i + 1)) {
        const struct weir__timer_item *item = weir__pool_at(items, i);
        const struct weir__timer *timer = &item->timer;
        struct weir__buf *bytes = weir__groups_entry(&groups, timer->key->group);
        weir__key_encode(&timer->key->key, bytes);
        weir__buf_put_zigzag(bytes, timer->ns.a);
        weir__buf_put_zigzag(bytes, timer->ns.b);
        weir__buf_put_zigzag(bytes, timer->time);
        weir__buf_put_varint(bytes, timer->sequence);
    }
    weir__groups_finish(&groups, out);
}

void weir__timers_snapshot(struct weir__timers *timers, struct weir__buf *out,
                           struct weir__vec *gaps)
{
    const struct weir__gap gap = {
        .frozen = &timers->frozen, .owner = timers, .encode = encode_items};
    if (!weir__gaps_add(gaps, &gap, &timers->pool, timers->keys, out)) {
        encode_items(timers, &timers->pool, out);
    }
}

static enum weir_status read_timer(struct weir__reader *in, void *self, struct weir_error *error)
{
    struct weir__timers *timers = self;
    struct weir__key key;
    struct weir__timer timer;
    if (!weir__key_decode(in, &key)) {
        return weir_error_set(error, WEIR_CORRUPT, NULL,
                              "a timer in the snapshot has no readable key");
    }
    timer.ns.a = weir__read_zigzag(in);
    timer.ns.b = weir__read_zigzag(in);
    timer.time = weir__read_zigzag(in);
    timer.sequence = weir__read_varint(in);
    if (!in->failed) {
        timer.key = weir__key_table_intern(timers->keys, &key);
        weir__timers_add(timers, timer);
    }
    return WEIR_OK;
}

enum weir_status weir__timers_restore(struct weir__timers *timers, struct weir__reader *in,
                                      int first_group, int last_group, struct weir_error *error)
{
    return weir__groups_read(in, first_group, last_group, read_timer, timers, error);
}

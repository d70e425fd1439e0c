/*
 * Timers as bytes, by key group (types/key_groups.h).
 *
 *     timer := key, ns.a zigzag, ns.b zigzag, time zigzag, sequence varint
 */
#include "base/mem.h"
#include "time/timers.h"
#include "time/timers_internal.h"
#include "types/key_groups.h"

/* Entry i of the snapshot is the timer in slot i of the heap. */
static const struct weir__timer *timer_in_slot(const struct weir__timers *timers, uint32_t slot)
{
    const struct weir__timer_item *item = weir__pool_at(&timers->pool, timers->heap[slot].item);
    return &item->timer;
}

static void write_timer(uint32_t slot, struct weir__buf *out, void *self)
{
    const struct weir__timer *timer = timer_in_slot(self, slot);
    weir__key_encode(&timer->key->key, out);
    weir__buf_put_zigzag(out, timer->ns.a);
    weir__buf_put_zigzag(out, timer->ns.b);
    weir__buf_put_zigzag(out, timer->time);
    weir__buf_put_varint(out, timer->sequence);
}

void weir__timers_snapshot(const struct weir__timers *timers, struct weir__buf *out)
{
    int32_t *group_of = weir__reallocarray(NULL, (size_t)timers->count + 1, sizeof(*group_of));
    for (uint32_t i = 0; i < timers->count; i++) {
        group_of[i] = timer_in_slot(timers, i)->key->group;
    }
    weir__groups_write(out, timers->keys->max_parallelism, group_of, timers->count, write_timer,
                       (void *)(uintptr_t)timers);
    weir__free(group_of);
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

/*
 * Keys, their windows and timers. A key's windows are a list by start and end, linked by index
 * through one array with holes; a search begins at the window that was touched last, which is
 * nearly always near.
 */
#include "base/hash.h"
#include "tables.h"

#include <weir/time.h>

enum { KEYS_MAX = 1 << 14, WINDOWS_MAX = 1 << 16, TIMERS_MAX = 1 << 16, GONE_KEPT = 24 };
enum { FIRST_SLOTS = 64 };

static struct viz_key *key_at(const struct viz_model *model, int32_t key)
{
    return weir__vec_at(&model->keys, (size_t)key);
}

static struct viz_window *window_at(const struct viz_model *model, int32_t window)
{
    return weir__vec_at(&model->windows, (size_t)window);
}

static void zero_items(struct weir__vec *vec, size_t count)
{
    weir__vec_reserve(vec, count);
    memset(vec->items, 0, count * vec->item_size);
    vec->count = count;
}

/* ---- keys ---- */

static uint64_t key_hash(int32_t op, int32_t sub, int32_t name)
{
    return weir__hash_join(weir__hash_u64((uint64_t)(uint32_t)op << 32 | (uint32_t)sub),
                           (uint64_t)(uint32_t)name);
}

static size_t find_key_slot(const struct viz_model *model, int32_t op, int32_t sub, int32_t name)
{
    const int32_t *slots = model->key_slots.items;
    size_t mask = model->key_slots.count - 1;
    size_t slot = (size_t)key_hash(op, sub, name) & mask;
    while (slots[slot] != 0) {
        const struct viz_key *key = key_at(model, slots[slot] - 1);
        if (key->op == op && key->sub == sub && key->name == name) {
            break;
        }
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void grow_key_slots(struct viz_model *model)
{
    size_t count = model->key_slots.count == 0 ? FIRST_SLOTS : model->key_slots.count * 2;
    zero_items(&model->key_slots, count);
    for (size_t i = 0; i < model->keys.count; i++) {
        const struct viz_key *key = weir__vec_at(&model->keys, i);
        size_t slot = find_key_slot(model, key->op, key->sub, key->name);
        ((int32_t *)model->key_slots.items)[slot] = (int32_t)i + 1;
    }
}

int32_t viz_model_key(const struct viz_model *model, int32_t op, int32_t sub, int32_t name)
{
    if (model->key_slots.count == 0) {
        return VIZ_NONE;
    }
    size_t slot = find_key_slot(model, op, sub, name);
    return ((int32_t *)model->key_slots.items)[slot] - 1;
}

int32_t viz_key_of(struct viz_model *model, int32_t op, int32_t sub, int32_t name)
{
    int32_t found = viz_model_key(model, op, sub, name);
    if (found != VIZ_NONE) {
        return found;
    }
    if (model->keys.count == KEYS_MAX) {
        model->left_out++;
        return VIZ_NONE;
    }
    if (model->keys.count * 2 >= model->key_slots.count) {
        grow_key_slots(model);
    }
    size_t slot = find_key_slot(model, op, sub, name);
    struct viz_key *key = weir__vec_add(&model->keys);
    *key = (struct viz_key){
        .op = op, .sub = sub, .name = name, .first = VIZ_NONE, .hint = VIZ_NONE, .last = VIZ_NONE};
    ((int32_t *)model->key_slots.items)[slot] = (int32_t)model->keys.count;
    return (int32_t)model->keys.count - 1;
}

/* ---- windows ---- */

/* <0, 0, >0: where the window stands to [start, end). */
static int compare(const struct viz_window *window, int64_t start, int64_t end)
{
    if (window->start != start) {
        return window->start < start ? -1 : 1;
    }
    return (window->end > end) - (window->end < end);
}

/* The last window of the list that is not behind [start, end); VIZ_NONE when all are. */
static int32_t find_place(const struct viz_model *model, const struct viz_key *key, int64_t start,
                          int64_t end)
{
    int32_t at = key->hint != VIZ_NONE ? key->hint : key->first;
    while (at != VIZ_NONE && compare(window_at(model, at), start, end) > 0) {
        at = window_at(model, at)->before;
    }
    while (at != VIZ_NONE) {
        int32_t next = window_at(model, at)->next;
        if (next == VIZ_NONE || compare(window_at(model, next), start, end) > 0) {
            break;
        }
        at = next;
    }
    return at;
}

struct viz_window *viz_window_find(struct viz_model *model, int32_t index, int64_t start,
                                   int64_t end)
{
    struct viz_key *key = key_at(model, index);
    int32_t place = find_place(model, key, start, end);
    if (place == VIZ_NONE || compare(window_at(model, place), start, end) != 0) {
        return NULL;
    }
    key->hint = place;
    return window_at(model, place);
}

const struct viz_window *viz_model_window(const struct viz_model *model, int32_t key, int64_t start,
                                          int64_t end)
{
    int32_t place = find_place(model, key_at(model, key), start, end);
    if (place == VIZ_NONE || compare(window_at(model, place), start, end) != 0) {
        return NULL;
    }
    return window_at(model, place);
}

static int32_t take_hole(struct viz_model *model)
{
    if (model->free_window != VIZ_NONE) {
        int32_t hole = model->free_window;
        model->free_window = window_at(model, hole)->next;
        return hole;
    }
    if (model->windows.count == WINDOWS_MAX) {
        model->left_out++;
        return VIZ_NONE;
    }
    weir__vec_add(&model->windows);
    return (int32_t)model->windows.count - 1;
}

struct viz_window *viz_window_of(struct viz_model *model, int32_t index, int64_t start, int64_t end)
{
    struct viz_window *found = viz_window_find(model, index, start, end);
    int32_t hole = found == NULL ? take_hole(model) : VIZ_NONE;
    if (hole == VIZ_NONE) {
        return found;
    }
    struct viz_key *key = key_at(model, index);
    int32_t before = find_place(model, key, start, end);
    int32_t next = before == VIZ_NONE ? key->first : window_at(model, before)->next;
    struct viz_window *window = window_at(model, hole);
    int64_t length = weir_time_sub(end, start);
    model->shortest = model->shortest == 0 || length < model->shortest ? length : model->shortest;
    memset(window, 0, sizeof *window);
    window->start = start;
    window->end = end;
    window->before = before;
    window->next = next;
    if (next != VIZ_NONE) {
        window_at(model, next)->before = hole;
    }
    if (before != VIZ_NONE) {
        window_at(model, before)->next = hole;
    } else {
        key->first = hole;
    }
    key->hint = hole;
    key->windows++;
    return window;
}

void viz_window_remove(struct viz_model *model, int32_t index, struct viz_window *window)
{
    struct viz_key *key = key_at(model, index);
    int32_t at = (int32_t)(window - (struct viz_window *)model->windows.items);
    if (window->next != VIZ_NONE) {
        window_at(model, window->next)->before = window->before;
    }
    if (window->before != VIZ_NONE) {
        window_at(model, window->before)->next = window->next;
    } else {
        key->first = window->next;
    }
    key->windows--;
    key->gone -= window->state == VIZ_WINDOW_PURGED;
    key->hint = key->first;
    memset(window, 0, sizeof *window);
    window->next = model->free_window;
    model->free_window = at;
}

void viz_windows_trim(struct viz_model *model, int32_t index)
{
    struct viz_key *key = key_at(model, index);
    int32_t share = (int32_t)(WINDOWS_MAX / 2 / model->keys.count);
    int32_t kept = share < GONE_KEPT ? share : GONE_KEPT;
    int32_t at = key->first;
    while (key->gone > kept && at != VIZ_NONE) {
        struct viz_window *window = window_at(model, at);
        at = window->next;
        if (window->state == VIZ_WINDOW_PURGED) {
            viz_window_remove(model, index, window);
        }
    }
}

/* ---- timers: an open-addressing set of (key, ts, domain) ---- */

static struct viz_timer *timer_slots(const struct viz_model *model)
{
    return model->timers.items;
}

static size_t timer_home(const struct viz_model *model, const struct viz_timer *timer)
{
    uint64_t hash = weir__hash_join(weir__hash_u64((uint64_t)timer->ts),
                                    (uint64_t)timer->key << 1 | (uint64_t)timer->processing);
    return (size_t)hash & (model->timers.count - 1);
}

/* The slot of the timer, or the free one where it belongs. */
static size_t find_timer(const struct viz_model *model, const struct viz_timer *wanted)
{
    size_t slot = timer_home(model, wanted);
    const struct viz_timer *timers = timer_slots(model);
    while (timers[slot].key != 0 && memcmp(&timers[slot], wanted, sizeof *wanted) != 0) {
        slot = (slot + 1) & (model->timers.count - 1);
    }
    return slot;
}

static void grow_timers(struct viz_model *model)
{
    struct weir__vec old = model->timers;
    model->timers = WEIR__VEC_OF(struct viz_timer);
    zero_items(&model->timers, old.count == 0 ? FIRST_SLOTS : old.count * 2);
    for (size_t i = 0; i < old.count; i++) {
        const struct viz_timer *timer = weir__vec_at(&old, i);
        if (timer->key != 0) {
            timer_slots(model)[find_timer(model, timer)] = *timer;
        }
    }
    weir__vec_fini(&old);
}

void viz_timer_add(struct viz_model *model, int32_t key, int64_t ts, bool processing)
{
    if (model->timer_count == TIMERS_MAX) {
        model->left_out++;
        return;
    }
    if ((size_t)model->timer_count * 2 >= model->timers.count) {
        grow_timers(model);
    }
    struct viz_timer timer = {.ts = ts, .key = key + 1, .processing = processing};
    struct viz_timer *slot = &timer_slots(model)[find_timer(model, &timer)];
    model->timer_count += slot->key == 0;
    *slot = timer;
}

/* Closes the hole: what follows moves up unless it is already as near to its home as it can be. */
void viz_timer_remove(struct viz_model *model, int32_t key, int64_t ts, bool processing)
{
    if (model->timer_count == 0) {
        return;
    }
    struct viz_timer wanted = {.ts = ts, .key = key + 1, .processing = processing};
    struct viz_timer *timers = timer_slots(model);
    size_t mask = model->timers.count - 1;
    size_t hole = find_timer(model, &wanted);
    if (timers[hole].key == 0) {
        return;
    }
    model->timer_count--;
    for (size_t at = (hole + 1) & mask; timers[at].key != 0; at = (at + 1) & mask) {
        size_t home = timer_home(model, &timers[at]);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            timers[hole] = timers[at];
            hole = at;
        }
    }
    timers[hole] = (struct viz_timer){.ts = 0};
}

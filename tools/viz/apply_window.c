/* Applying what window operators say: windows open, grow, fire, merge and go; results; timers. */
#include "apply.h"

#include <weir/time.h>

enum { PARTS_MAX = 1000000 };

static void note_window(struct viz_model *model, viz_event event, int32_t name)
{
    model->now.op = (int32_t)event->op;
    model->now.sub = (int32_t)event->sub;
    model->now.key = name;
    model->now.start = event->start;
    model->now.end = event->end;
    model->now.n = event->n;
    model->now.watermark = viz_watermark_of(model, event);
}

static void apply_add(struct viz_model *model, viz_event event, struct viz_key *key,
                      struct viz_window *window, bool new)
{
    bool counts = viz_is_action(event, "add");
    window->n = event->n;
    if (window->state == VIZ_WINDOW_PURGED) {
        window->state = VIZ_WINDOW_OPEN;
        key->gone--;
    }
    if (new) {
        viz_begin(model, VIZ_RECORD, event);
        model->now.id = model->record_id;
        note_window(model, event, key->name);
    }
    key->adds += counts;
    if (model->now.kind == VIZ_MERGE && viz_same_window(&model->now, event)) {
        model->now.n = event->n;
    }
    if (model->now.kind == VIZ_RECORD && counts) {
        if (model->now.windows++ == 0) {
            note_window(model, event, key->name);
        }
    }
}

static void apply_fire(struct viz_model *model, viz_event event, struct viz_key *key,
                       struct viz_window *window, bool new)
{
    bool again = viz_is_action(event, "late-fire");
    if (new) {
        viz_begin(model, again ? VIZ_LATE_FIRE : VIZ_FIRE, event);
        note_window(model, event, key->name);
        model->now.n_before =
            window->n == event->n && again ? weir_time_sub(window->n, 1) : window->n;
        viz_keep_text(model->now.value, sizeof model->now.value, event->value, false);
    }
    model->now.keys++;
    model->totals.fires += !again;
    model->totals.late_fires += again;
    if (window->fires++ == 0) {
        window->fired_at = viz_watermark_of(model, event);
    }
    window->state = VIZ_WINDOW_FIRED;
    window->n = event->n;
    viz_keep_text(window->value, sizeof window->value, event->value, true);
}

static void apply_purge(struct viz_model *model, viz_event event, int32_t index,
                        struct viz_window *window, bool new)
{
    struct viz_key *key = weir__vec_at(&model->keys, (size_t)index);
    if (new) {
        viz_begin(model, VIZ_PURGE, event);
        note_window(model, event, key->name);
        model->now.n = window->n;
    }
    if (model->now.kind == VIZ_PURGE) {
        model->now.windows++;
    }
    model->totals.purges++;
    key->gone += window->state != VIZ_WINDOW_PURGED;
    window->state = VIZ_WINDOW_PURGED;
    viz_windows_trim(model, index);
}

static void apply_merge(struct viz_model *model, viz_event event, int32_t index)
{
    struct viz_key *key = weir__vec_at(&model->keys, (size_t)index);
    viz_begin(model, VIZ_MERGE, event);
    model->now.id = model->record_id;
    note_window(model, event, key->name);
    model->totals.merges++;
    int64_t parts = 0;
    int32_t state = VIZ_WINDOW_OPEN;
    for (size_t i = 0; i < event->merged_count; i++) {
        int64_t start = event->merged[i][0];
        int64_t end = event->merged[i][1];
        if (model->now.pair_count < VIZ_PAIRS) {
            model->now.pairs[model->now.pair_count][0] = start;
            model->now.pairs[model->now.pair_count][1] = end;
        }
        model->now.pair_count++;
        struct viz_window *old = viz_window_find(model, index, start, end);
        parts += old != NULL && old->merged > 0 ? old->merged : 1;
        if (old != NULL && (start != event->start || end != event->end)) {
            viz_window_remove(model, index, old);
        }
    }
    struct viz_window *window = viz_window_of(model, index, event->start, event->end);
    if (window != NULL) {
        window->merged = parts < PARTS_MAX ? parts : PARTS_MAX;
        window->state = state;
        window->n = event->n;
    }
}

void viz_apply_window(struct viz_model *model, viz_event event, bool new)
{
    int32_t name = viz_name_of(model->names, event->key);
    int32_t index = viz_key_of(model, (int32_t)event->op, (int32_t)event->sub, name);
    if (index == VIZ_NONE) {
        return;
    }
    struct viz_key *key = weir__vec_at(&model->keys, (size_t)index);
    key->last = model->totals.events;
    if (viz_is_action(event, "merge")) {
        apply_merge(model, event, index);
        return;
    }
    struct viz_window *window = viz_window_of(model, index, event->start, event->end);
    if (window == NULL) {
        return;
    }
    if (viz_is_action(event, "fire") || viz_is_action(event, "late-fire")) {
        apply_fire(model, event, key, window, new);
    } else if (viz_is_action(event, "purge")) {
        apply_purge(model, event, index, window, new);
    } else {
        apply_add(model, event, key, window, new);
    }
}

/* The window of a key that ends just behind `ts` and has fired, at any of its operators; NULL. */
static struct viz_window *fired_window(struct viz_model *model, int32_t name, int64_t ts)
{
    for (size_t i = 0; i < model->tasks.count; i++) {
        const struct viz_task *task = weir__vec_at(&model->tasks, i);
        int32_t key = viz_model_key(model, task->op, task->sub, name);
        const struct viz_window *window =
            key != VIZ_NONE ? viz_model_first_window(model, weir__vec_at(&model->keys, (size_t)key))
                            : NULL;
        for (; window != NULL; window = viz_model_next_window(model, window)) {
            if (window->fires > 0 && weir_time_sub(window->end, 1) == ts) {
                return weir__vec_at(&model->windows,
                                    (size_t)(window - (struct viz_window *)model->windows.items));
            }
        }
    }
    return NULL;
}

/*
 * A result as an operator behind the window shows it. Usually it is the same text, or a shorter one
 * that was made for people: that is kept.
 */
void viz_apply_result(struct viz_model *model, viz_event event)
{
    struct viz_happening *now = &model->now;
    int32_t name = viz_name_of(model->names, event->key);
    model->totals.results++;
    if (weir_str_is_null(event->value) || event->value.len == 0 || event->value.data[0] == '{') {
        return;
    }
    bool fired = now->kind == VIZ_FIRE || now->kind == VIZ_LATE_FIRE;
    if (fired && now->key == name && weir_time_sub(now->end, 1) == event->ts) {
        viz_keep_text(now->value, sizeof now->value, event->value, false);
    }
    struct viz_window *window = fired_window(model, name, event->ts);
    if (window != NULL) {
        model->plain_results |= window->value[0] == '\0';
        viz_keep_text(window->value, sizeof window->value, event->value, true);
    }
}

void viz_apply_timer(struct viz_model *model, viz_event event)
{
    int32_t name = viz_name_of(model->names, event->key);
    int32_t key = viz_key_of(model, (int32_t)event->op, (int32_t)event->sub, name);
    bool processing = weir_str_equals(event->domain, "processing");
    if (key == VIZ_NONE) {
        return;
    }
    if (viz_is_action(event, "register")) {
        viz_timer_add(model, key, event->ts, processing);
    } else {
        viz_timer_remove(model, key, event->ts, processing);
    }
}

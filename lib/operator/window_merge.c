/*
 * Sessions that touch become one.
 *
 * In order: the trigger hears of the merged window, with the merged state of the old ones; each old
 * window's trigger state and timers are cleared; the contents are joined. A session that fired or
 * was purged still takes part until its clean-up. A new window inside one that is there changes
 * nothing. Flink loses contents when a new window equals one that merged before; here a window is
 * found by what it is, so nothing is lost. Source: semantics sheet, section 8.
 */
#include "operator/window_operator.h"
#include "trace/trace.h"

/* The merged pane's trigger state: the first state is copied, others are merged in. The old panes
 * keep theirs for their clear. */
static void merge_state(struct weir__window_operator *self, struct weir__pane *merged,
                        struct weir__pane *old)
{
    const struct weir_type *type = self->layout.state_type;
    if (!old->has_state) {
        return;
    }
    void *state = weir__pane_state(&self->layout, merged);
    const void *other = weir__pane_state(&self->layout, old);
    if (!merged->has_state) {
        weir_value_copy(type, state, other);
        merged->has_state = true;
    } else {
        self->trigger.ops.merge(state, other, self->trigger.user);
    }
}

static struct weir__pane *merge_run(struct weir__window_operator *self, uint32_t index,
                                    uint32_t run, struct weir_window window)
{
    struct weir__pane_set *set = self->set;
    struct weir__pane *merged = weir__pane_new(&self->layout, window);
    for (uint32_t i = 0; i < run; i++) {
        merge_state(self, merged, weir__pane_set_at(set, index + i));
    }
    struct weir_trigger_context context = weir__window_trigger_context(self, merged);
    weir__trigger_on_merge(&context);
    for (uint32_t i = 0; i < run; i++) {
        struct weir__pane *old = weir__pane_set_at(set, index + i);
        context = weir__window_trigger_context(self, old);
        weir__trigger_clear(&context);
        weir__window_delete_cleanup(self, old->window);
        weir__pane_merge(&self->layout, merged, old);
    }
    for (; run > 0; run--) {
        struct weir__pane *old = weir__pane_set_at(set, index);
        weir__pane_set_remove(set, old);
        weir__pane_free(&self->layout, old);
    }
    weir__pane_set_insert(set, merged);
    return merged;
}

struct weir__pane *weir__window_merge(struct weir__window_operator *self, struct weir_window window)
{
    uint32_t index = 0;
    uint32_t run = self->set != NULL ? weir__pane_set_touching(self->set, window, &index) : 0;
    if (run == 0) {
        return NULL;
    }
    struct weir__pane *first = weir__pane_set_at(self->set, index);
    const struct weir__pane *last = weir__pane_set_at(self->set, index + run - 1);
    struct weir_window merged = {
        first->window.start < window.start ? first->window.start : window.start,
        last->window.end > window.end ? last->window.end : window.end,
    };
    if (run == 1 && weir__window_equals(merged, first->window)) {
        return first;
    }
    if (weir__tracing(self->op.context->tracer)) {
        weir__window_trace_merge(self, index, run, window, merged);
    }
    return merge_run(self, index, run, merged);
}

/*
 * The fast path of the window operator: an element is added to its slice, and a window's result is
 * the merge of its slices.
 *
 * It gives what the general path gives, value by value and in the same order: windows fire by their
 * max timestamp, and the keys of one window in the order in which their first elements came. Three
 * kinds of windows are not for slices and go to the general path, window by window:
 *
 *   - windows whose bounds saturate at the ends of time;
 *   - windows that end at `cut` or before. After a restore the watermark is gone, so windows that
 * had fired, and been cleaned up, open again for new elements; their slices still hold old ones,
 * for later windows. Panes keep the two apart;
 *   - none else. Panes and slices never fire at the same time: the ends of panes lie before all
 * slices', or at the end of time.
 *
 * Slices live in memory; before a state backend outside of it, as long as they fit, and timelines
 * not at all (window_memory.c).
 *
 * Source: semantics sheet, sections 4 to 7.
 */
#include "base/mem.h"
#include "operator/window_operator.h"
#include "trace/trace.h"

static bool is_event_time_trigger(const struct weir_window_config *config)
{
    return weir__trigger_kind(&config->trigger, &config->assigner) == WEIR_TRIGGER_EVENT_TIME;
}

/* One slice is one window: nothing is ever merged. */
static bool is_tumbling(const struct weir_window_assigner *assigner)
{
    return assigner->kind == WEIR_ASSIGN_TUMBLING ||
           (assigner->kind == WEIR_ASSIGN_SLIDING && assigner->size_ms <= assigner->slide_ms);
}

static bool has_states(const struct weir_window_function *function)
{
    return function->clear != NULL ||
           (function->window_states != NULL && function->window_states[0] != NULL) ||
           (function->global_states != NULL && function->global_states[0] != NULL);
}

const char *weir__window_why_not_plain(const struct weir_window_config *config)
{
    if (!is_event_time_trigger(config) || config->trigger.purging) {
        return "windows in slices fire by the event-time trigger alone";
    }
    if (config->evictor.kind != WEIR_EVICT_NONE ||
        (config->aggregate == NULL && config->reduce == NULL)) {
        return "windows in slices need an aggregate, and no evictor: there is no list of elements";
    }
    if (config->process != NULL && has_states(config->process)) {
        return "windows in slices are not cleaned up one by one, as the states of a window "
               "function need";
    }
    return NULL;
}

const char *weir__window_why_not_slices(const struct weir_window_config *config)
{
    const struct weir_window_assigner *assigner = &config->assigner;
    if (assigner->processing_time ||
        (assigner->kind != WEIR_ASSIGN_TUMBLING && assigner->kind != WEIR_ASSIGN_SLIDING)) {
        return "only tumbling and sliding event-time windows can be computed in slices";
    }
    if (assigner->stagger != WEIR_STAGGER_ALIGNED) {
        return "windows in slices begin where the size says, not where the clock did";
    }
    const char *why_not = weir__window_why_not_plain(config);
    if (why_not == NULL && !is_tumbling(assigner) &&
        (config->aggregate == NULL || config->aggregate->merge == NULL ||
         config->aggregate->ordered)) {
        why_not = "sliding windows in slices need an aggregate that merges, in any order";
    }
    return why_not;
}

void weir__window_slices_open(struct weir__window_operator *self)
{
    const struct weir_window_config *config = self->config;
    bool wanted = config->path == WEIR_PATH_SLICES ||
                  (config->path == WEIR_PATH_AUTO && !weir__tracing(self->op.context->tracer));
    if (!wanted || weir__window_why_not_slices(config) != NULL || !weir__window_has_room(self)) {
        return;
    }
    self->sliced = WEIR__NEW(struct weir__window_slices);
    weir__slices_init(&self->sliced->slices, &config->assigner, config->aggregate);
    weir__waiting_init(&self->sliced->waiting, self->op.context->in_type);
    if (self->sliced->slices.in_timelines && self->room != SIZE_MAX) {
        weir__window_slices_close(self);
        return;
    }
    self->sliced->watermark = self->sliced->cut = self->sliced->floor = WEIR_TIME_MIN;
}

void weir__window_slices_close(struct weir__window_operator *self)
{
    if (self->sliced != NULL) {
        weir__slices_fini(&self->sliced->slices);
        weir__waiting_fini(&self->sliced->waiting);
        weir__free(self->sliced);
        self->sliced = NULL;
    }
}

/* ---- one element ---- */

/* The window that fires, for one key or for all. */
struct firing {
    struct weir__window_operator *self;
    struct weir_window window;
    bool late;
};

static bool fire_key(const struct weir__key *key, const void *accumulator, int64_t n, void *user)
{
    struct firing *firing = user;
    firing->self->keyed.key = *key;
    weir__window_emit(firing->self, firing->window, accumulator, n, firing->late);
    return !firing->self->op.context->failed;
}

static bool is_for_panes(const struct weir__window_slices *sliced, struct weir_window window)
{
    return weir__window_saturates(window) || window.end - 1 <= sliced->cut;
}

/* An element some of whose windows are late, over, or panes; or the first of its slice. */
static void process_by_window(struct weir__window_operator *self, const struct weir__record *record)
{
    struct weir__window_slices *sliced = self->sliced;
    const struct weir__operator_context *context = self->op.context;
    bool taken = false;
    bool added = false;
    struct weir__key key;
    weir__key_read(context->key, record->value, &key);
    weir__window_set_key(self, &key);
    if (!weir__window_assign(self, record)) {
        return;
    }
    for (size_t i = 0; i < self->windows.count && !context->failed; i++) {
        struct weir_window window = *(struct weir_window *)weir__vec_at(&self->windows, i);
        if (is_for_panes(sliced, window)) {
            taken |= weir__window_add(self, window, record);
            continue;
        }
        if (weir__window_is_late(&self->rules, window, context->watermark)) {
            continue;
        }
        if (!added) {
            weir__slice_add(&sliced->slices, weir__slices_at(&sliced->slices, record->timestamp),
                            &self->keyed.key, record->value, record->timestamp);
        }
        taken = added = true;
        if (window.end - 1 <= context->watermark) {
            struct firing firing = {self, window, true};
            weir__slices_visit_key(&sliced->slices, window, &key, fire_key, &firing);
        }
    }
    weir__window_account(self, record, taken);
}

void weir__window_slices_process(struct weir__window_operator *self,
                                 const struct weir__record *record)
{
    struct weir__window_slices *sliced = self->sliced;
    struct weir__slice *slice = weir__window_open_slice(sliced, record->timestamp);
    if (__builtin_expect(slice == NULL, 0)) {
        weir__window_slices_settle(self);
        process_by_window(self, record);
        return;
    }
    struct weir__key key;
    weir__key_read(self->op.context->key, record->value, &key);
    (*self->in_windows)++;
    if (sliced->waiting.possible &&
        weir__slice_bytes(&sliced->slices, slice) >= sliced->waiting.from) {
        weir__waiting_put(&sliced->waiting, record->value, record->timestamp, key.hash);
        if (weir__waiting_is_full(&sliced->waiting)) {
            weir__window_slices_settle(self);
        }
        return;
    }
    if (sliced->waiting.count > 0) {
        weir__window_slices_settle(self);
    }
    weir__slice_add(&sliced->slices, slice, &key, record->value, record->timestamp);
}

/* ---- time ---- */

/* No window that covers the slice can take or emit anything any more. */
static bool is_spent(const struct weir__window_operator *self, const struct weir__slice *slice)
{
    int64_t cleanup = weir_time_add(slice->newest_max, self->rules.lateness_ms);
    return slice->newest_max <= self->sliced->cut ||
           (cleanup != WEIR_TIME_MAX && cleanup <= self->sliced->watermark);
}

static void drop_spent(struct weir__window_operator *self)
{
    const struct weir__vec *live = &self->sliced->slices.live;
    size_t spent = 0;
    while (spent < live->count &&
           is_spent(self, *(struct weir__slice **)weir__vec_at(live, spent))) {
        spent++;
    }
    weir__slices_drop(&self->sliced->slices, spent);
}

void weir__window_slices_advance(struct weir__window_operator *self, int64_t watermark)
{
    struct weir__window_slices *sliced = self->sliced;
    struct firing firing = {.self = self};
    weir__window_slices_settle(self);
    self->by_clock = false;
    self->keyed.now_known = false;
    while (!self->op.context->failed &&
           weir__slices_next_window(&sliced->slices, sliced->floor, &firing.window) &&
           firing.window.end - 1 <= watermark) {
        sliced->floor = firing.window.end - 1;
        weir__slices_visit(&sliced->slices, firing.window, fire_key, &firing);
    }
    sliced->watermark = watermark;
    sliced->floor = watermark > sliced->cut ? watermark : sliced->cut;
    drop_spent(self);
}

/* ---- what the general path would hold ---- */

void weir__window_slices_holdings(const struct weir__window_operator *self,
                                  struct weir__holdings *out)
{
    struct weir__window_slices *sliced = self->sliced;
    struct weir_window window;
    int64_t after = sliced->cut;
    weir__window_slices_settle(self);
    while (weir__slices_next_window(&sliced->slices, after, &window)) {
        after = window.end - 1;
        int64_t cleanup = weir__window_cleanup_time(&self->rules, window);
        if (cleanup <= sliced->watermark && cleanup != WEIR_TIME_MAX) {
            continue;
        }
        int64_t keys = (int64_t)weir__slices_count_keys(&sliced->slices, window);
        bool fires = after > sliced->watermark;
        bool cleans = cleanup != WEIR_TIME_MAX && (cleanup != after || !fires);
        out->windows += keys;
        out->state_entries += keys;
        out->event_timers += keys * (fires + cleans);
    }
}

/*
 * One element, one timer, and the end of a window.
 *
 * For each window of an element, in order: merge (sessions), late? skip it, add, ask the trigger,
 * emit, purge, set the clean-up timer. An element that no window took is late, or lies in a gap
 * between windows. Source: semantics sheet, sections 4 to 7.
 */
#include "operator/trace_record.h"
#include "operator/window_operator.h"
#include "trace/trace.h"
#include "window/assigner.h"

/* ---- timers of the key in hand ---- */

static bool tracing(const struct weir__window_operator *self)
{
    return weir__tracing(self->op.context->tracer);
}

void weir__window_register_timer(struct weir__window_operator *self, enum weir__time_domain domain,
                                 struct weir_window window, int64_t time)
{
    bool is_new =
        weir__keyed_register_timer(&self->keyed, domain, weir__window_namespace(window), time);
    if (is_new && tracing(self)) {
        weir__trace_keyed_timer(self->op.context, &self->keyed, "register", time, domain);
    }
}

static void delete_timer(struct weir__window_operator *self, enum weir__time_domain domain,
                         struct weir_window window, int64_t time)
{
    bool was_there =
        weir__keyed_delete_timer(&self->keyed, domain, weir__window_namespace(window), time);
    if (was_there && tracing(self)) {
        weir__trace_keyed_timer(self->op.context, &self->keyed, "delete", time, domain);
    }
}

/* Windows end by the watermark or by the clock; the global window never does. */
static enum weir__time_domain cleanup_domain(const struct weir__window_operator *self)
{
    return self->rules.event_time ? WEIR__EVENT_TIME : WEIR__PROCESSING_TIME;
}

static void register_cleanup(struct weir__window_operator *self, struct weir__pane *pane)
{
    int64_t time = weir__window_cleanup_time(&self->rules, pane->window);
    if (pane->knows_cleanup || time == WEIR_TIME_MAX) {
        return;
    }
    weir__window_register_timer(self, cleanup_domain(self), pane->window, time);
    pane->knows_cleanup = true;
}

void weir__window_delete_cleanup(struct weir__window_operator *self, struct weir_window window)
{
    int64_t time = weir__window_cleanup_time(&self->rules, window);
    if (time != WEIR_TIME_MAX) {
        delete_timer(self, cleanup_domain(self), window, time);
    }
}

/* ---- the trigger ---- */

static void set_timer(struct weir_trigger_context *context, enum weir__time_domain domain,
                      int64_t time, bool set)
{
    struct weir__window_operator *self = context->host;
    struct weir__pane *pane = context->pane;
    if (!set) {
        pane->knows_timer = false;
        pane->knows_cleanup = false; /* it may be the same timer */
        delete_timer(self, domain, context->window, time);
        return;
    }
    if (domain == WEIR__EVENT_TIME) {
        if (pane->knows_timer && pane->known_timer == time) {
            return;
        }
        pane->knows_timer = true;
        pane->known_timer = time;
    }
    weir__window_register_timer(self, domain, context->window, time);
}

static int64_t now_ms(const struct weir_trigger_context *context)
{
    struct weir__window_operator *self = context->host;
    return weir__keyed_now(&self->keyed);
}

struct weir_trigger_context weir__window_trigger_context(struct weir__window_operator *self,
                                                         struct weir__pane *pane)
{
    return (struct weir_trigger_context){
        .trigger = &self->trigger,
        .pane = pane,
        .state = weir__pane_state(&self->layout, pane),
        .window = pane->window,
        .max_timestamp = weir__window_max_timestamp(&self->rules, pane->window),
        .watermark = self->op.context->watermark,
        .set_timer = set_timer,
        .now_ms = now_ms,
        .host = self,
    };
}

/* ---- panes of the key in hand ---- */

/* Nearly everything that happens to a key changes its panes: that it will is said here, once. */
static void find_set(struct weir__window_operator *self)
{
    struct weir__key_node *node = self->keyed.node;
    self->set = node != NULL ? self->table->ops->find(self->table, node, WEIR__NO_NAMESPACE) : NULL;
    if (self->set != NULL) {
        self->table->ops->changed(self->table, self->set);
    }
}

static struct weir__pane *find_pane(const struct weir__window_operator *self,
                                    struct weir_window window)
{
    return self->set != NULL ? weir__pane_set_find(self->set, window) : NULL;
}

struct weir__pane *weir__window_open(struct weir__window_operator *self, struct weir_window window)
{
    bool created;
    if (self->set == NULL) {
        self->set = self->table->ops->obtain(self->table, weir__keyed_node(&self->keyed),
                                             WEIR__NO_NAMESPACE, &created);
    }
    struct weir__pane *pane = weir__pane_new(&self->layout, window);
    weir__pane_set_insert(self->set, pane);
    return pane;
}

struct weir__pane *weir__window_obtain(struct weir__window_operator *self,
                                       struct weir_window window)
{
    struct weir__pane *pane = find_pane(self, window);
    if (pane == NULL) {
        pane = weir__window_open(self, window);
        if (tracing(self)) {
            weir__window_trace(self, "open", window, 0, NULL);
        }
    }
    return pane;
}

/* The pane goes; the key's entry with its last one. */
static void drop_pane(struct weir__window_operator *self, struct weir__pane *pane)
{
    weir__pane_set_remove(self->set, pane);
    weir__pane_free(&self->layout, pane);
    if (self->set->count == 0) {
        self->table->ops->remove(self->table, self->keyed.node, WEIR__NO_NAMESPACE);
        self->set = NULL;
    }
}

/* The window is over: contents, the states of trigger and function and its place go. Results given
 * before are not taken back. */
static void clean_up(struct weir__window_operator *self, struct weir__pane *pane)
{
    struct weir_trigger_context context = weir__window_trigger_context(self, pane);
    weir__trigger_clear(&context);
    weir__window_clear_function(self, pane->window);
    if (tracing(self)) {
        weir__window_trace(self, "purge", pane->window, pane->count, NULL);
    }
    drop_pane(self, pane);
}

/*
 * A pane that holds nothing and waits for no clean-up goes at once: else a global window would keep
 * every key that it ever saw. A session stays, empty as it is, for others to merge with.
 */
static void drop_if_spent(struct weir__window_operator *self, struct weir__pane *pane)
{
    if (pane->count == 0 && !pane->has_state && !self->rules.merging &&
        weir__window_cleanup_time(&self->rules, pane->window) == WEIR_TIME_MAX) {
        drop_pane(self, pane);
    }
}

static void act(struct weir__window_operator *self, struct weir__pane *pane,
                enum weir_trigger_result result, bool late)
{
    if (weir__fires(result)) {
        weir__window_fire(self, pane, late);
    }
    if (weir__purges(result) && pane->count > 0) {
        if (tracing(self)) {
            weir__window_trace(self, "purge", pane->window, pane->count, NULL);
        }
        weir__pane_purge(&self->layout, pane);
    }
}

/* ---- one element ---- */

static void add(struct weir__window_operator *self, struct weir__pane *pane,
                const struct weir__record *record)
{
    weir__pane_add(&self->layout, pane, record->value, record->timestamp, self->arrivals);
    if (tracing(self)) {
        weir__window_trace(self, "add", pane->window, pane->count, NULL);
    }
    struct weir_trigger_context context = weir__window_trigger_context(self, pane);
    enum weir_trigger_result result =
        weir__trigger_on_element(&context, record->value, record->timestamp);
    act(self, pane, result, self->rules.event_time && context.max_timestamp <= context.watermark);
    register_cleanup(self, pane);
    drop_if_spent(self, pane);
}

bool weir__window_add(struct weir__window_operator *self, struct weir_window window,
                      const struct weir__record *record)
{
    struct weir__pane *pane = NULL;
    if (self->rules.merging) {
        /* Before the late check: an old element is saved by a session that it touches. */
        pane = weir__window_merge(self, window);
        window = pane != NULL ? pane->window : window;
    }
    if (weir__window_is_late(&self->rules, window, self->op.context->watermark)) {
        return false;
    }
    add(self, pane != NULL ? pane : weir__window_obtain(self, window), record);
    return true;
}

bool weir__window_assign(struct weir__window_operator *self, const struct weir__record *record)
{
    struct weir_window_assigner *assigner = &self->rules.assigner;
    if (assigner->stagger != WEIR_STAGGER_ALIGNED &&
        (assigner->processing_time || record->timestamp != WEIR_TIME_MIN)) {
        weir__assigner_settle(assigner, weir__keyed_now(&self->keyed),
                              weir__operator_seed(self->op.context));
    }
    int64_t now = assigner->processing_time ? weir__keyed_now(&self->keyed) : 0;
    switch (weir__assign(assigner, record->value, record->timestamp, now, &self->windows)) {
    case WEIR__ASSIGNED:
        return true;
    case WEIR__ASSIGN_NO_TIMESTAMP:
        weir__operator_reject(&self->op, "the event has no timestamp; event-time windows need one: "
                                         "assign timestamps before the window");
        return false;
    case WEIR__ASSIGN_BAD_GAP:
        weir__operator_reject(&self->op, "the event's session gap is not above 0 ms");
        return false;
    }
    return false;
}

void weir__window_set_key(struct weir__window_operator *self, const struct weir__key *key)
{
    weir__keyed_set_key(&self->keyed, key);
    find_set(self);
    self->by_clock = false;
}

void weir__window_account(struct weir__window_operator *self, const struct weir__record *record,
                          bool taken)
{
    if (taken) {
        (*self->in_windows)++;
    } else if (weir__element_is_late(&self->rules, record->timestamp,
                                     self->op.context->watermark)) {
        weir__window_late(self, record);
    } else {
        (*self->in_no_window)++;
    }
}

void weir__window_process(struct weir__window_operator *self, const struct weir__record *record)
{
    const struct weir__operator_context *context = self->op.context;
    struct weir__key key;
    weir__key_read(context->key, record->value, &key);
    weir__window_set_key(self, &key);
    if (!weir__window_assign(self, record)) {
        return;
    }
    self->arrivals++;
    bool taken = false;
    for (size_t i = 0; i < self->windows.count && !context->failed; i++) {
        const struct weir_window *window = weir__vec_at(&self->windows, i);
        taken |= weir__window_add(self, *window, record);
    }
    weir__window_account(self, record, taken);
}

/* ---- one timer ---- */

void weir__window_timer(struct weir__window_operator *self, enum weir__time_domain domain,
                        const struct weir__timer *due)
{
    struct weir_window window = {due->ns.a, due->ns.b};
    if (tracing(self)) {
        weir__trace_keyed_timer(self->op.context, &self->keyed, "fire", due->time, domain);
    }
    find_set(self);
    self->by_clock = domain == WEIR__PROCESSING_TIME;
    struct weir__pane *pane = find_pane(self, window);
    if (pane == NULL && !self->rules.global) {
        return; /* left over from a window that is gone */
    }
    if (pane == NULL) {
        pane = weir__window_open(self, window);
    }
    pane->knows_timer = false;
    struct weir_trigger_context context = weir__window_trigger_context(self, pane);
    act(self, pane, weir__trigger_on_time(&context, domain, due->time), false);
    if (!self->rules.global && domain == cleanup_domain(self) &&
        due->time == weir__window_cleanup_time(&self->rules, window)) {
        clean_up(self, pane);
    } else {
        drop_if_spent(self, pane);
    }
}

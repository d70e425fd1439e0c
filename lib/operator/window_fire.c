/*
 * Firing: a pane's contents become results. And elements that come too late.
 *
 * A result carries the window's last millisecond as its timestamp. That of the global window is
 * WEIR_TIME_MAX, as in Flink; but none (WEIR_TIME_MIN) when the window or the firing goes by the
 * clock: such a result has no event time at all.
 *
 * Evictors run around the function, and what they evict is gone for good. When nothing is left
 * before the function, it is called all the same, with no element: an aggregate then gives the
 * result of nothing (a count of 0); a reduce has none, and nothing is emitted.
 *
 * A window function after an aggregate is given the one result. Its states live beside the panes,
 * those of a window under the window's namespace until its clean-up. Source: semantics sheet,
 * sections 1, 4, 5, 6, 9.
 */
#include "operator/window_operator.h"
#include "trace/trace.h"
#include "window/evictor.h"

static bool tracing(const struct weir__window_operator *self)
{
    return weir__tracing(self->op.context->tracer);
}

static struct weir__record result_record(const struct weir__window_operator *self,
                                         struct weir_window window)
{
    bool timeless = self->rules.global && (self->by_clock || self->rules.assigner.processing_time);
    return (struct weir__record){
        .timestamp = timeless ? WEIR_TIME_MIN : weir__window_max_timestamp(&self->rules, window),
        .split = WEIR__NO_SPLIT,
    };
}

static struct weir_window_context context_of(struct weir__window_operator *self,
                                             struct weir_window window)
{
    const struct weir__key *key = &self->keyed.key;
    return (struct weir_window_context){
        .window = window,
        .is_global = self->rules.global,
        .key_type = weir__key_type(key->kind),
        .key = weir__key_value(key),
        .watermark = self->op.context->watermark,
        .processing_time = weir__keyed_now(&self->keyed),
    };
}

static const char *action(bool late)
{
    return late ? "late-fire" : "fire";
}

/* ---- the window function ---- */

/* Prepares both contexts for a call about a window. */
static struct weir_window_context function_context(struct weir__window_operator *self,
                                                   struct weir_window window)
{
    struct weir_window_context context = context_of(self, window);
    self->functions.out.element = self->of_window.out.element = result_record(self, window);
    self->of_window.ns = weir__window_namespace(window);
    context.window_state = &self->of_window;
    context.global_state = &self->functions;
    return context;
}

static void call_function(struct weir__window_operator *self, struct weir_window window,
                          const struct weir_window_element *elements, size_t count, int64_t n,
                          bool late)
{
    const struct weir_window_function *function = self->config->process;
    struct weir_window_context context = function_context(self, window);
    if (tracing(self)) {
        weir__window_trace(self, action(late), window, n, NULL);
    }
    function->process(&context, elements, count, &self->functions.out, function->user);
}

void weir__window_clear_function(struct weir__window_operator *self, struct weir_window window)
{
    const struct weir_window_function *function = self->config->process;
    if (function == NULL) {
        return;
    }
    if (function->clear != NULL) {
        struct weir_window_context context = function_context(self, window);
        function->clear(&context, function->user);
    }
    self->keyed.ns = weir__window_namespace(window);
    for (const struct weir_state_descriptor *const *state = function->window_states;
         state != NULL && *state != NULL; state++) {
        weir__keyed_state_clear(&self->keyed, *state);
    }
}

/* ---- an aggregate ---- */

void weir__window_emit(struct weir__window_operator *self, struct weir_window window,
                       const void *accumulator, int64_t n, bool late)
{
    const struct weir_aggregate *aggregate = self->config->aggregate;
    struct weir_window_context context = context_of(self, window);
    weir_value_init(aggregate->out_type, self->result);
    aggregate->result(accumulator, &context, self->result, aggregate->user);
    if (self->config->process != NULL) {
        struct weir_window_element element = {self->result, WEIR_TIME_MIN};
        call_function(self, window, &element, 1, n, late);
        return;
    }
    struct weir__record record = result_record(self, window);
    record.value = self->result;
    if (tracing(self)) {
        weir__window_trace(self, action(late), window, n, self->result);
        weir__window_trace_result(self, &record);
    }
    weir__output_record(&self->op.context->main, &record);
}

/* ---- elements ---- */

static void view_elements(struct weir__window_operator *self, struct weir__pane *pane)
{
    weir__vec_clear(&self->view);
    weir__elements_view(weir__pane_elements(pane), self->op.context->in_type, &self->view);
}

static void evict(struct weir__window_operator *self, struct weir__pane *pane, bool after)
{
    const struct weir_evictor *evictor = &self->config->evictor;
    if (!weir__evicts(evictor, after)) {
        return;
    }
    weir__vec_reserve(&self->keep, self->view.count);
    struct weir_evictor_context context = {
        .window = pane->window,
        .watermark = self->op.context->watermark,
        .now_ms = weir__keyed_now(&self->keyed),
        .count = self->view.count,
        .keep = self->keep.items,
    };
    weir__evict(evictor, after, self->view.items, &context);
    if (context.kept < context.count) {
        weir__elements_filter(weir__pane_elements(pane), self->op.context->in_type, context.keep);
        view_elements(self, pane);
    }
}

/* The aggregate over all elements: with an evictor there is no accumulator to keep. */
static void aggregate_elements(struct weir__window_operator *self, const struct weir__pane *pane,
                               int64_t n, bool late)
{
    const struct weir_aggregate *aggregate = self->config->aggregate;
    weir_value_init(aggregate->accumulator_type, self->accumulator);
    if (aggregate->create != NULL) {
        aggregate->create(self->accumulator, aggregate->user);
    }
    for (size_t i = 0; i < self->view.count; i++) {
        const struct weir_window_element *element = weir__vec_at(&self->view, i);
        aggregate->add(self->accumulator, element->value, element->timestamp, aggregate->user);
    }
    weir__window_emit(self, pane->window, self->accumulator, n, late);
    weir_value_fini(aggregate->accumulator_type, self->accumulator);
}

static void fire_elements(struct weir__window_operator *self, struct weir__pane *pane, bool late)
{
    int64_t n = pane->count;
    view_elements(self, pane);
    evict(self, pane, false);
    bool nothing_to_reduce = self->config->reduce != NULL && self->view.count == 0;
    if (self->config->aggregate == NULL) {
        call_function(self, pane->window, self->view.items, self->view.count, n, late);
    } else if (!nothing_to_reduce) {
        aggregate_elements(self, pane, n, late);
    }
    evict(self, pane, true);
    pane->count = (int64_t)weir__pane_elements(pane)->count;
    if (pane->count == 0) {
        weir__elements_clear(weir__pane_elements(pane), self->op.context->in_type);
    }
}

void weir__window_fire(struct weir__window_operator *self, struct weir__pane *pane, bool late)
{
    if (pane->count == 0) {
        return; /* purged, and nothing came since: no result, not even an empty one */
    }
    if (self->layout.aggregate != NULL) {
        weir__window_emit(self, pane->window, weir__pane_accumulator(pane), pane->count, late);
    } else {
        fire_elements(self, pane, late);
    }
}

/* ---- late elements ---- */

void weir__window_late(struct weir__window_operator *self, const struct weir__record *record)
{
    if (tracing(self)) {
        weir__window_trace_late(self, record);
    }
    if (self->late != NULL) {
        weir__output_record(self->late, record);
    } else {
        (*self->late_dropped)++;
    }
}

/* ---- a window function's results, while tracing ---- */

static void tap_record(void *memory, const struct weir__record *record)
{
    struct weir__window_operator *self = memory;
    weir__window_trace_result(self, record);
    weir__output_record(&self->op.context->main, record);
}

static const struct weir__receiver_ops tap_ops = {.record = tap_record};

void weir__window_fire_init(struct weir__window_operator *self)
{
    struct weir__output *main = &self->op.context->main;
    self->tap_receiver = (struct weir__receiver){&tap_ops, self};
    self->tap = (struct weir__output){
        .type = main->type,
        .receivers = &self->tap_receiver,
        .receiver_count = 1,
        .records_out = &self->tap_records,
    };
    static const struct weir_state_descriptor *const none[] = {NULL};
    const struct weir_window_function *function = self->config->process;
    self->functions = (struct weir_context){
        .op = &self->op,
        .out.output = tracing(self) ? &self->tap : main,
        .keyed = &self->keyed,
        .listed =
            function != NULL && function->global_states != NULL ? function->global_states : none,
        .list = "global_states",
    };
    self->of_window = self->functions;
    self->of_window.listed =
        function != NULL && function->window_states != NULL ? function->window_states : none;
    self->of_window.list = "window_states";
}

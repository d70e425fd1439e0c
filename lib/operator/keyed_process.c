/*
 * The keyed process operator: a learner's function with state and timers of the key in hand. With
 * two inputs there is a function for each, over the same state and timers; and their keys may be
 * missing, then there are neither.
 *
 * On a watermark all event timers that are due fire in order of time, over all keys, and then the
 * watermark goes on: what they emit comes before it. A timer registered meanwhile at a time that is
 * due fires in the same advance. Output of an event timer carries the timer's time; of a processing
 * timer, none. Source: semantics sheet, section 10.
 */
#include "base/mem.h"
#include "operator/process.h"
#include "operator/trace_record.h"
#include "state/keyed.h"
#include "trace/trace.h"

static struct weir__keyed_process *self_of(struct weir__operator *op)
{
    return (struct weir__keyed_process *)op;
}

enum weir_status weir__keyed_process_open(struct weir__operator *op, struct weir_error *error)
{
    struct weir__keyed_process *self = self_of(op);
    enum weir_status status = weir__operator_keyed_init(op, &self->keyed, error);
    if (status != WEIR_OK) {
        return status;
    }
    self->open = true;
    self->context = (struct weir_context){.op = op, .out.output = &op->context->main};
    return weir__keyed_declare(&self->keyed, self->functions->states, error);
}

void weir__keyed_process_record(struct weir__operator *op, int input,
                                const struct weir__record *record)
{
    struct weir__keyed_process *self = self_of(op);
    const struct weir_field *field = weir__operator_input_key(op->context, input);
    self->context.keyed = NULL;
    if (field != NULL) {
        struct weir__key key;
        weir__key_read(field, record->value, &key);
        weir__keyed_set_key(&self->keyed, &key);
        self->context.keyed = &self->keyed;
    }
    self->context.out.element = *record;
    self->context.out.element.split = WEIR__NO_SPLIT; /* past key_by a split means nothing */
    self->functions->process[input](record->value, &self->context, &self->context.out,
                                    self->functions->user);
}

/* ---- timers ---- */

static void fire(struct weir__keyed_process *self, enum weir__time_domain domain, int64_t limit)
{
    struct weir__operator_context *context = self->op.context;
    bool event_time = domain == WEIR__EVENT_TIME;
    struct weir__timer due;
    self->context.keyed = &self->keyed;
    while (!context->failed && weir__keyed_next_timer(&self->keyed, domain, limit, &due)) {
        if (weir__tracing(context->tracer)) {
            weir__trace_keyed_timer(context, &self->keyed, "fire", due.time, domain);
        }
        self->context.out.element = weir__element_of_timer(event_time ? due.time : WEIR_TIME_MIN);
        if (self->functions->on_timer != NULL) {
            self->functions->on_timer(due.time, event_time, &self->context, &self->context.out,
                                      self->functions->user);
        }
    }
}

void weir__keyed_process_watermark(struct weir__operator *op, int64_t watermark)
{
    fire(self_of(op), WEIR__EVENT_TIME, watermark);
    if (!op->context->failed) {
        weir__operator_forward_watermark(op, watermark);
    }
}

int64_t weir__keyed_process_next_tick(const struct weir__operator *op)
{
    const struct weir__keyed_process *self = (const struct weir__keyed_process *)op;
    return weir__keyed_next_time(&self->keyed, WEIR__PROCESSING_TIME);
}

void weir__keyed_process_tick(struct weir__operator *op, int64_t now_ms)
{
    fire(self_of(op), WEIR__PROCESSING_TIME, now_ms);
}

/* ---- state ---- */

void weir__keyed_process_snapshot(struct weir__operator *op, struct weir__buf *out)
{
    weir__operator_keyed_snapshot(op, &self_of(op)->keyed, out);
}

enum weir_status weir__keyed_process_restore(struct weir__operator *op, struct weir_str bytes,
                                             struct weir_error *error)
{
    struct weir__reader in = weir__reader_of(bytes);
    return weir__operator_keyed_restore(op, &self_of(op)->keyed, &in, error);
}

void weir__count_entries(const struct weir__keyed *keyed, struct weir__holdings *out)
{
    for (size_t i = 0; i < keyed->tables.count; i++) {
        struct weir__table *const *table = weir__vec_at(&keyed->tables, i);
        out->state_entries += (int64_t)(*table)->ops->count(*table);
    }
}

void weir__keyed_process_holdings(const struct weir__operator *op, struct weir__holdings *out)
{
    const struct weir__keyed *keyed = &((const struct weir__keyed_process *)op)->keyed;
    weir__count_entries(keyed, out);
    out->event_timers += (int64_t)weir__keyed_timer_count(keyed, WEIR__EVENT_TIME);
    out->processing_timers += (int64_t)weir__keyed_timer_count(keyed, WEIR__PROCESSING_TIME);
}

void weir__keyed_process_free(struct weir__operator *op)
{
    struct weir__keyed_process *self = self_of(op);
    if (self->open) {
        weir__keyed_fini(&self->keyed);
    }
    weir__free(self);
}

/* ---- one input, with a key; two inputs, with keys or without ---- */

static const struct weir__operator_ops keyed_ops = {
    .kind = "KeyedProcess",
    .open = weir__keyed_process_open,
    .process = weir__keyed_process_record,
    .watermark = weir__keyed_process_watermark,
    .next_tick = weir__keyed_process_next_tick,
    .tick = weir__keyed_process_tick,
    .snapshot = weir__keyed_process_snapshot,
    .restore = weir__keyed_process_restore,
    .holdings = weir__keyed_process_holdings,
    .free = weir__keyed_process_free,
};

static const struct weir__operator_ops co_ops = {
    .kind = "CoProcess",
    .open = weir__keyed_process_open,
    .process = weir__keyed_process_record,
    .watermark = weir__keyed_process_watermark,
    .next_tick = weir__keyed_process_next_tick,
    .tick = weir__keyed_process_tick,
    .snapshot = weir__keyed_process_snapshot,
    .restore = weir__keyed_process_restore,
    .holdings = weir__keyed_process_holdings,
    .free = weir__keyed_process_free,
};

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    struct weir__keyed_process *self = WEIR__NEW(struct weir__keyed_process);
    self->op.ops = factory->ops;
    self->functions = weir__process_functions(factory);
    return &self->op;
}

struct weir__operator_factory *weir__keyed_process_factory(
    const struct weir_process_function *function)
{
    return weir__process_factory_new(&keyed_ops, create,
                                     &(struct weir__user_functions){
                                         .process = {function->process},
                                         .on_timer = function->on_timer,
                                         .states = function->states,
                                         .user = function->user,
                                     });
}

struct weir__operator_factory *weir__co_process_factory(
    const struct weir_co_process_function *function)
{
    return weir__process_factory_new(&co_ops, create,
                                     &(struct weir__user_functions){
                                         .process = {function->process1, function->process2},
                                         .on_timer = function->on_timer,
                                         .states = function->states,
                                         .user = function->user,
                                     });
}

/*
 * The keyed process operator: a learner's function with state and timers of the key in hand.
 *
 * On a watermark all event timers that are due fire in order of time, over all keys, and then the watermark goes on: what
 * they emit comes before it. A timer registered meanwhile at a time that is due fires in the same advance. Output of an
 * event timer carries the timer's time; of a processing timer, none. Source: semantics sheet, section 10.
 */
#include "base/mem.h"
#include "operator/process.h"
#include "operator/trace_record.h"
#include "state/keyed.h"
#include "trace/trace.h"

struct keyed_process {
    struct weir__operator op;
    const struct weir_process_function *function; /* the factory's copy */
    struct weir_context context;
    struct weir__keyed keyed;
    bool open;
};

static enum weir_status open_process(struct weir__operator *op, struct weir_error *error)
{
    struct keyed_process *self = (struct keyed_process *)op;
    const struct weir__operator_context *context = op->context;
    weir__keyed_init(&self->keyed, NULL, context->clock, context->subtask, context->parallelism,
                     context->max_parallelism);
    self->open = true;
    self->context =
        (struct weir_context){.op = op, .out.output = &context->main, .keyed = &self->keyed};
    return weir__keyed_declare(&self->keyed, self->function->states, error);
}

static void process(struct weir__operator *op, int input, const struct weir__record *record)
{
    (void)input;
    struct keyed_process *self = (struct keyed_process *)op;
    struct weir__key key;
    weir__key_read(op->context->key, record->value, &key);
    weir__keyed_set_key(&self->keyed, &key);
    self->context.out.element = *record;
    self->context.out.element.split = WEIR__NO_SPLIT; /* past key_by a split means nothing */
    self->function->process(record->value, &self->context, &self->context.out,
                            self->function->user);
}

/* ---- timers ---- */

static void fire(struct keyed_process *self, enum weir__time_domain domain, int64_t limit)
{
    struct weir__operator_context *context = self->op.context;
    bool event_time = domain == WEIR__EVENT_TIME;
    struct weir__timer due;
    while (!context->failed && weir__keyed_next_timer(&self->keyed, domain, limit, &due)) {
        if (weir__tracing(context->tracer)) {
            weir__trace_keyed_timer(context, &self->keyed, "fire", due.time, domain);
        }
        self->context.out.element = weir__element_of_timer(event_time ? due.time : WEIR_TIME_MIN);
        if (self->function->on_timer != NULL) {
            self->function->on_timer(due.time, event_time, &self->context, &self->context.out,
                                     self->function->user);
        }
    }
}

static void take_watermark(struct weir__operator *op, int64_t watermark)
{
    fire((struct keyed_process *)op, WEIR__EVENT_TIME, watermark);
    if (!op->context->failed) {
        weir__operator_forward_watermark(op, watermark);
    }
}

static int64_t next_tick(const struct weir__operator *op)
{
    return weir__keyed_next_time(&((const struct keyed_process *)op)->keyed, WEIR__PROCESSING_TIME);
}

static void tick(struct weir__operator *op, int64_t now_ms)
{
    fire((struct keyed_process *)op, WEIR__PROCESSING_TIME, now_ms);
}

/* ---- state ---- */

static void snapshot(struct weir__operator *op, struct weir__buf *out)
{
    weir__keyed_snapshot(&((struct keyed_process *)op)->keyed, out);
}

static enum weir_status restore(struct weir__operator *op, struct weir_str bytes,
                                struct weir_error *error)
{
    struct weir__reader in = weir__reader_of(bytes);
    return weir__keyed_restore(&((struct keyed_process *)op)->keyed, &in, error);
}

static void holdings(const struct weir__operator *op, struct weir__holdings *out)
{
    const struct weir__keyed *keyed = &((const struct keyed_process *)op)->keyed;
    for (size_t i = 0; i < keyed->tables.count; i++) {
        struct weir__table *const *table = weir__vec_at(&keyed->tables, i);
        out->state_entries += (int64_t)(*table)->ops->count(*table);
    }
    out->event_timers += (int64_t)weir__keyed_timer_count(keyed, WEIR__EVENT_TIME);
    out->processing_timers += (int64_t)weir__keyed_timer_count(keyed, WEIR__PROCESSING_TIME);
}

static void free_process(struct weir__operator *op)
{
    struct keyed_process *self = (struct keyed_process *)op;
    if (self->open) {
        weir__keyed_fini(&self->keyed);
    }
    weir__free(self);
}

static const struct weir__operator_ops ops = {
    .kind = "KeyedProcess",
    .open = open_process,
    .process = process,
    .watermark = take_watermark,
    .next_tick = next_tick,
    .tick = tick,
    .snapshot = snapshot,
    .restore = restore,
    .holdings = holdings,
    .free = free_process,
};

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    struct keyed_process *self = WEIR__NEW(struct keyed_process);
    self->op.ops = &ops;
    self->function = &((const struct weir__process_factory *)factory)->function;
    return &self->op;
}

struct weir__operator_factory *weir__keyed_process_factory(
    const struct weir_process_function *function)
{
    struct weir__process_factory *factory = WEIR__NEW(struct weir__process_factory);
    factory->factory = (struct weir__operator_factory){
        .ops = &ops, .create = create, .free = weir__factory_free_plain};
    factory->function = *function;
    return &factory->factory;
}

/*
 * The process operator without a key: a learner's function that sees timestamps and the watermark, and has side outputs.
 */
#include "operator/process.h"
#include "base/mem.h"

struct process {
    struct weir__operator op;
    const struct weir_process_function *function; /* the factory's copy */
    struct weir_context context;
};

static enum weir_status open_process(struct weir__operator *op, struct weir_error *error)
{
    (void)error;
    struct process *process = (struct process *)op;
    process->context = (struct weir_context){.op = op, .out.output = &op->context->main};
    return WEIR_OK;
}

static void process(struct weir__operator *op, int input, const struct weir__record *record)
{
    (void)input;
    struct process *self = (struct process *)op;
    self->context.out.element = *record;
    self->function->process(record->value, &self->context, &self->context.out,
                            self->function->user);
}

static const struct weir__operator_ops ops = {
    .kind = "Process",
    .open = open_process,
    .process = process,
    .free = weir__operator_free_plain,
};

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    struct process *process = WEIR__NEW(struct process);
    process->op.ops = &ops;
    process->function = &((const struct weir__process_factory *)factory)->function;
    return &process->op;
}

struct weir__operator_factory *weir__process_factory(const struct weir_process_function *function,
                                                     bool keyed)
{
    if (keyed) {
        return weir__keyed_process_factory(function);
    }
    struct weir__process_factory *factory = WEIR__NEW(struct weir__process_factory);
    factory->factory = (struct weir__operator_factory){
        .ops = &ops, .create = create, .free = weir__factory_free_plain};
    factory->function = *function;
    return &factory->factory;
}

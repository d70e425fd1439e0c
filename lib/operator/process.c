/*
 * The process operator without a key: a learner's function that sees timestamps and the watermark,
 * and has side outputs.
 */
#include "operator/process.h"
#include "base/mem.h"

struct process {
    struct weir__operator op;
    const struct weir__user_functions *functions; /* the factory's copy */
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
    struct process *self = (struct process *)op;
    self->context.out.element = *record;
    self->functions->process[input](record->value, &self->context, &self->context.out,
                                    self->functions->user);
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
    process->functions = weir__process_functions(factory);
    return &process->op;
}

struct weir__operator_factory *weir__process_factory_new(
    const struct weir__operator_ops *of,
    struct weir__operator *(*create_one)(const struct weir__operator_factory *factory),
    const struct weir__user_functions *functions)
{
    struct weir__process_factory *factory = WEIR__NEW(struct weir__process_factory);
    factory->factory = (struct weir__operator_factory){
        .ops = of, .create = create_one, .free = weir__factory_free_plain};
    factory->functions = *functions;
    return &factory->factory;
}

struct weir__operator_factory *weir__process_factory(const struct weir_process_function *function,
                                                     bool keyed)
{
    if (keyed) {
        return weir__keyed_process_factory(function);
    }
    return weir__process_factory_new(&ops, create,
                                     &(struct weir__user_functions){
                                         .process = {function->process},
                                         .user = function->user,
                                     });
}

/* Map: one value out for each one in. The result lives in the operator and may borrow from the
 * input while it is emitted. */
#include "base/mem.h"
#include "operator/factories.h"

struct map_factory {
    struct weir__operator_factory factory;
    void (*map)(const void *value, void *out, void *user);
    void *user;
};

struct map {
    struct weir__operator op;
    void (*map)(const void *value, void *out, void *user);
    void *user;
    void *result; /* of the output type */
};

static enum weir_status open_map(struct weir__operator *op, struct weir_error *error)
{
    (void)error;
    ((struct map *)op)->result = weir__alloc(op->context->out_type->size);
    return WEIR_OK;
}

static void process(struct weir__operator *op, int input, const struct weir__record *record)
{
    (void)input;
    struct map *map = (struct map *)op;
    weir_value_init(op->context->out_type, map->result);
    map->map(record->value, map->result, map->user);
    struct weir__record mapped = *record;
    mapped.value = map->result;
    weir__output_record(&op->context->main, &mapped);
}

static void free_map(struct weir__operator *op)
{
    weir__free(((struct map *)op)->result);
    weir__free(op);
}

static const struct weir__operator_ops ops = {
    .kind = "Map", .open = open_map, .process = process, .free = free_map};

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    const struct map_factory *from = (const struct map_factory *)factory;
    struct map *map = WEIR__NEW(struct map);
    *map = (struct map){.op.ops = &ops, .map = from->map, .user = from->user};
    return &map->op;
}

struct weir__operator_factory *weir__map_factory(void (*map)(const void *value, void *out,
                                                             void *user),
                                                 void *user)
{
    struct map_factory *factory = WEIR__NEW(struct map_factory);
    *factory = (struct map_factory){
        {.ops = &ops, .create = create, .free = weir__factory_free_plain}, map, user};
    return &factory->factory;
}

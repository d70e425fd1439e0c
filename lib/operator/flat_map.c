/* FlatMap: any number of values out for each one in, all with its timestamp. */
#include "base/mem.h"
#include "operator/context.h"
#include "operator/factories.h"

struct flat_map_factory {
    struct weir__operator_factory factory;
    void (*flat_map)(const void *value, weir_collector *out, void *user);
    void *user;
};

struct flat_map {
    struct weir__operator op;
    void (*flat_map)(const void *value, weir_collector *out, void *user);
    void *user;
};

static void process(struct weir__operator *op, int input, const struct weir__record *record)
{
    (void)input;
    const struct flat_map *flat_map = (const struct flat_map *)op;
    struct weir_collector out = {.output = &op->context->main, .element = *record};
    flat_map->flat_map(record->value, &out, flat_map->user);
}

static const struct weir__operator_ops ops = {
    .kind = "FlatMap", .process = process, .free = weir__operator_free_plain};

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    const struct flat_map_factory *from = (const struct flat_map_factory *)factory;
    struct flat_map *flat_map = WEIR__NEW(struct flat_map);
    *flat_map = (struct flat_map){.op.ops = &ops, .flat_map = from->flat_map, .user = from->user};
    return &flat_map->op;
}

struct weir__operator_factory *weir__flat_map_factory(
    void (*flat_map)(const void *value, weir_collector *out, void *user), void *user)
{
    struct flat_map_factory *factory = WEIR__NEW(struct flat_map_factory);
    *factory = (struct flat_map_factory){
        {.ops = &ops, .create = create, .free = weir__factory_free_plain}, flat_map, user};
    return &factory->factory;
}

/* Filter: passes the record itself on, or does not. */
#include "base/mem.h"
#include "operator/factories.h"

struct filter_factory {
    struct weir__operator_factory factory;
    bool (*predicate)(const void *value, void *user);
    void *user;
};

struct filter {
    struct weir__operator op;
    bool (*predicate)(const void *value, void *user);
    void *user;
};

static void process(struct weir__operator *op, int input, const struct weir__record *record)
{
    (void)input;
    const struct filter *filter = (const struct filter *)op;
    if (filter->predicate(record->value, filter->user)) {
        weir__output_record(&op->context->main, record);
    }
}

static const struct weir__operator_ops ops = {
    .kind = "Filter", .process = process, .free = weir__operator_free_plain};

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    const struct filter_factory *from = (const struct filter_factory *)factory;
    struct filter *filter = WEIR__NEW(struct filter);
    *filter = (struct filter){.op.ops = &ops, .predicate = from->predicate, .user = from->user};
    return &filter->op;
}

struct weir__operator_factory *weir__filter_factory(bool (*predicate)(const void *value,
                                                                      void *user),
                                                    void *user)
{
    struct filter_factory *factory = WEIR__NEW(struct filter_factory);
    *factory = (struct filter_factory){
        {.ops = &ops, .create = create, .free = weir__factory_free_plain}, predicate, user};
    return &factory->factory;
}

/*
 * A reduce as an aggregate. Source: Flink's ReduceFunction and ReducingState.
 */
#include "operator/window_reduce.h"

#include "types/layout.h"

#include <string.h>

static void *kept_of(const struct weir__reduce_aggregate *self, void *accumulator)
{
    return (char *)accumulator + self->fields[1].offset;
}

static const void *const_kept_of(const struct weir__reduce_aggregate *self, const void *accumulator)
{
    return (const char *)accumulator + self->fields[1].offset;
}

static void add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)timestamp;
    const struct weir__reduce_aggregate *self = user;
    bool *any = accumulator;
    if (*any) {
        self->reduce.reduce(kept_of(self, accumulator), value, self->reduce.user);
    } else {
        weir_value_copy(self->reduce.type, kept_of(self, accumulator), value);
        *any = true;
    }
}

static void merge(void *accumulator, const void *other, void *user)
{
    if (*(const bool *)other) {
        add(accumulator, const_kept_of(user, other), WEIR_TIME_MIN, user);
    }
}

/* Borrows what the accumulator owns. */
static void result(const void *accumulator, const struct weir_window_context *context, void *out,
                   void *user)
{
    (void)context;
    const struct weir__reduce_aggregate *self = user;
    memcpy(out, const_kept_of(self, accumulator), self->reduce.type->size);
}

void weir__reduce_aggregate_init(struct weir__reduce_aggregate *self,
                                 const struct weir_reduce *reduce)
{
    size_t end = 0;
    self->reduce = *reduce;
    self->fields[0] = weir__layout_field("any", &weir_bool_type, &end);
    self->fields[1] = weir__layout_field("kept", reduce->type, &end);
    self->type = (struct weir_type){
        .name = "reduced",
        .kind = WEIR_KIND_STRUCT,
        .size = end,
        .fields = self->fields,
        .field_count = 2,
    };
    self->aggregate = (struct weir_aggregate){
        .name = reduce->name,
        .in_type = reduce->type,
        .accumulator_type = &self->type,
        .out_type = reduce->type,
        .add = add,
        .merge = merge,
        .result = result,
        .ordered = true, /* associative is all that a reduce must be */
        .user = self,
    };
}

/*
 * The parts that an aggregate says it is made of.
 */
#include "window/parts.h"

#include "types/string_set.h"

static bool has_field(const struct weir_type *type, const struct weir_field *field,
                      enum weir_kind kind)
{
    return field != NULL && type != NULL && type->kind == WEIR_KIND_STRUCT && field->kind == kind &&
           field >= type->fields && field < type->fields + type->field_count;
}

/* Every field is one part, and no part is told twice. */
static bool covers_all_fields(const struct weir_aggregate *aggregate)
{
    const struct weir_type *type = aggregate->accumulator_type;
    for (size_t field = 0; field < type->field_count; field++) {
        size_t parts = 0;
        for (size_t i = 0; i < aggregate->part_count; i++) {
            parts += aggregate->parts[i].into == &type->fields[field];
        }
        if (parts != 1) {
            return false;
        }
    }
    return aggregate->part_count == type->field_count;
}

const char *weir__parts_check(const struct weir_aggregate *aggregate)
{
    size_t distinct = 0;
    for (size_t i = 0; i < aggregate->part_count; i++) {
        const struct weir_aggregate_part *part = &aggregate->parts[i];
        bool counts = part->kind == WEIR_PART_COUNT;
        if (!has_field(aggregate->accumulator_type, part->into,
                       counts ? WEIR_KIND_INT64 : WEIR_KIND_STRING_SET)) {
            return "a count is an int64 field of the accumulator, a distinct part a string_set "
                   "field";
        }
        if (!counts && !has_field(aggregate->in_type, part->of, WEIR_KIND_STRING)) {
            return "a distinct part is of a string field of the events";
        }
        distinct += !counts;
    }
    if (distinct > 1 || !covers_all_fields(aggregate)) {
        return "each field of the accumulator is one part, and at most one part is distinct";
    }
    return aggregate->create != NULL ? "an aggregate with parts begins with zero: it has no create"
                                     : NULL;
}

const struct weir_aggregate_part *weir__parts_distinct(const struct weir_aggregate *aggregate)
{
    for (size_t i = 0; i < aggregate->part_count; i++) {
        if (aggregate->parts[i].kind == WEIR_PART_DISTINCT) {
            return &aggregate->parts[i];
        }
    }
    return NULL;
}

void weir__parts_fill(const struct weir_aggregate *aggregate, void *accumulator, int64_t count,
                      int64_t distinct)
{
    for (size_t i = 0; i < aggregate->part_count; i++) {
        const struct weir_aggregate_part *part = &aggregate->parts[i];
        switch (part->kind) {
        case WEIR_PART_COUNT:
            *(int64_t *)weir__part_at(part, accumulator) = count;
            break;
        case WEIR_PART_DISTINCT:
            weir__string_set_fake(weir__part_at(part, accumulator), (uint32_t)distinct);
            break;
        }
    }
}

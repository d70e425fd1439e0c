/*
 * Writing values by their plan (see avro_scan.h). What the schema wants and the type has not is
 * written as the schema's default.
 */
#include "format/avro_scan.h"

static bool put_int(int64_t value, struct weir__buf *out)
{
    weir__avro_put_long(out, value);
    return value >= INT32_MIN && value <= INT32_MAX;
}

static bool put_string(struct weir_str str, struct weir__buf *out)
{
    weir__avro_put_long(out, str.len);
    weir__buf_put(out, str.data, str.len);
    return str.data != NULL;
}

static bool put_float(double value, struct weir__buf *out)
{
    float narrow = (float)value;
    weir__buf_put(out, &narrow, sizeof(narrow));
    return true;
}

static bool put_symbol(const struct weir__avro_node *node, struct weir_str str,
                       struct weir__buf *out)
{
    for (size_t i = 0; i < node->count; i++) {
        if (weir_str_equals(str, node->symbols[i])) {
            weir__avro_put_long(out, (int64_t)i);
            return true;
        }
    }
    return false;
}

static bool put_list(const struct weir__avro_plan *plan, const struct weir_list *list,
                     struct weir__buf *out)
{
    bool good = true;
    if (list->count > 0) {
        weir__avro_put_long(out, list->count);
    }
    for (uint32_t i = 0; good && i < list->count; i++) {
        good = weir__avro_write(plan->parts[0], weir_list_at(list, plan->type, i), out);
    }
    weir__avro_put_long(out, 0);
    return good;
}

static bool put_set(const struct weir__avro_plan *plan, const struct weir_string_set *set,
                    struct weir__buf *out)
{
    bool good = true;
    uint32_t size = weir_string_set_size(set);
    if (size > 0) {
        weir__avro_put_long(out, size);
    }
    for (uint32_t i = 0; good && i < size; i++) {
        struct weir_str member = weir_string_set_at(set, i, NULL);
        good = weir__avro_write(plan->parts[0], &member, out);
    }
    weir__avro_put_long(out, 0);
    return good;
}

static bool put_record(const struct weir__avro_plan *plan, const void *at, struct weir__buf *out)
{
    bool good = true;
    for (size_t i = 0; good && i < plan->count; i++) {
        const struct weir__avro_member *member = &plan->members[i];
        if (member->plan != NULL) {
            good = weir__avro_write(member->plan, (const char *)at + member->field->offset, out);
        } else {
            weir__buf_put(out, member->default_bytes.data, member->default_bytes.len);
            good = member->own->has_default;
        }
    }
    return good;
}

static bool is_text(const struct weir__avro_plan *plan)
{
    return plan->op == WEIR__AVRO_OP_STRING || plan->op == WEIR__AVRO_OP_SYMBOL;
}

/* A null string becomes the branch null; anything else the first branch that takes it. */
static bool put_branch(const struct weir__avro_plan *plan, const void *at, struct weir__buf *out)
{
    size_t begin = out->len;
    bool null = false;
    for (size_t i = 0; i < plan->count; i++) {
        null = null || (is_text(plan->parts[i]) && ((const struct weir_str *)at)->data == NULL);
    }
    for (size_t i = 0; i < plan->count; i++) {
        if ((plan->parts[i]->op == WEIR__AVRO_OP_ABSENT) != null) {
            continue;
        }
        weir__avro_put_long(out, (int64_t)i);
        if (weir__avro_write(plan->parts[i], at, out)) {
            return true;
        }
        out->len = begin;
    }
    return false;
}

bool weir__avro_write(const struct weir__avro_plan *plan, const void *at, struct weir__buf *out)
{
    switch (plan->op) {
    case WEIR__AVRO_OP_ABSENT:
        return true;
    case WEIR__AVRO_OP_BOOL:
        weir__buf_put_u8(out, *(const bool *)at);
        return true;
    case WEIR__AVRO_OP_INT:
        return put_int(*(const int64_t *)at, out);
    case WEIR__AVRO_OP_LONG:
        weir__avro_put_long(out, *(const int64_t *)at);
        return true;
    case WEIR__AVRO_OP_REAL_FROM_FLOAT:
        return put_float(*(const double *)at, out);
    case WEIR__AVRO_OP_DOUBLE:
        weir__buf_put(out, at, sizeof(double));
        return true;
    case WEIR__AVRO_OP_STRING:
        return put_string(*(const struct weir_str *)at, out);
    case WEIR__AVRO_OP_SYMBOL:
        return put_symbol(plan->node, *(const struct weir_str *)at, out);
    case WEIR__AVRO_OP_SET:
        return put_set(plan, at, out);
    case WEIR__AVRO_OP_LIST:
        return put_list(plan, at, out);
    case WEIR__AVRO_OP_RECORD:
        return put_record(plan, at, out);
    case WEIR__AVRO_OP_UNION:
        return put_branch(plan, at, out);
    case WEIR__AVRO_OP_REAL_FROM_INT:
    case WEIR__AVRO_OP_REAL_FROM_LONG:
    case WEIR__AVRO_OP_REFUSE:
        break;
    }
    return false;
}

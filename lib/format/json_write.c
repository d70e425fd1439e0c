/*
 * The JSON writer. Scalars and sets are printed as everywhere (types/json_print.h); objects get
 * their keys from the plan.
 */
#include "format/json_write.h"

#include "base/escape.h"
#include "types/json_print.h"

static void write_list(const struct weir_type *element, const struct weir__json_plan *plan,
                       const struct weir_list *list, struct weir__buf *out)
{
    weir__buf_put_u8(out, '[');
    for (uint32_t i = 0; i < list->count; i++) {
        if (i > 0) {
            weir__buf_put_u8(out, ',');
        }
        weir__json_write(weir__slot_of_type(element), plan, weir_list_at(list, element, i), out);
    }
    weir__buf_put_u8(out, ']');
}

/* Keys are short and padded: a copy of fixed size is quicker than one that must ask how much. */
static inline void put_key(struct weir__buf *out, const char *key, size_t len)
{
    weir__buf_reserve(out, len + WEIR__JSON_KEY_PADDING);
    memcpy(out->data + out->len, key, WEIR__JSON_KEY_PADDING);
    if (len > WEIR__JSON_KEY_PADDING) {
        memcpy(out->data + out->len, key, len);
    }
    out->len += len;
}

static void write_object(const struct weir__json_plan *plan, const void *at, struct weir__buf *out)
{
    weir__buf_put_u8(out, '{');
    for (uint32_t i = 0; i < plan->field_count; i++) {
        const struct weir__json_field *compiled = &plan->fields[i];
        /* The first goes without its comma. */
        put_key(out, compiled->key + (i == 0), (size_t)compiled->key_len + 1 + (i > 0));
        const void *member = (const char *)at + compiled->field->offset;
        if (compiled->field->kind == WEIR_KIND_STRING) { /* by far the most */
            weir__buf_put_json_string(out, *(const struct weir_str *)member);
        } else {
            weir__json_write(weir__slot_of_field(compiled->field), compiled->plan, member, out);
        }
    }
    weir__buf_put_u8(out, '}');
}

void weir__json_write(struct weir__slot slot, const struct weir__json_plan *plan, const void *at,
                      struct weir__buf *out)
{
    switch (slot.kind) {
    case WEIR_KIND_STRING:
        weir__buf_put_json_string(out, *(const struct weir_str *)at);
        break;
    case WEIR_KIND_INT64:
        weir__buf_put_decimal(out, *(const int64_t *)at);
        break;
    case WEIR_KIND_BOOL:
    case WEIR_KIND_DOUBLE:
    case WEIR_KIND_STRING_SET:
        weir__json_print(slot, at, out);
        break;
    case WEIR_KIND_LIST:
        write_list(slot.type, plan, at, out);
        break;
    case WEIR_KIND_STRUCT:
        write_object(plan, at, out);
        break;
    }
}

/*
 * Whole values by descriptor: copy, release, compare, hash.
 *
 * The bytes of a C struct are copied at once; then what its strings, lists and sets point to is
 * copied, slot by slot.
 */
#include <weir/type.h>

#include "base/hash.h"
#include "base/mem.h"
#include "types/slot.h"
#include "types/string_set.h"

void weir_value_init(const struct weir_type *type, void *value)
{
    memset(value, 0, type->size);
}

/* ---- copy ---- */

/* Replaces what the slot at `at` points to, so far shared with the source, by copies. */
static void own(struct weir__slot slot, void *at)
{
    switch (slot.kind) {
    case WEIR_KIND_BOOL:
    case WEIR_KIND_INT64:
    case WEIR_KIND_DOUBLE:
        break;
    case WEIR_KIND_STRING: {
        struct weir_str *str = at;
        str->data = str->data != NULL ? weir__memdup(str->data, str->len) : NULL;
        break;
    }
    case WEIR_KIND_STRING_SET: {
        struct weir_string_set *set = at;
        *set = weir__string_set_copy(set);
        break;
    }
    case WEIR_KIND_LIST: {
        struct weir_list *list = at;
        list->items =
            list->count > 0 ? weir__memdup(list->items, list->count * slot.type->size) : NULL;
        list->capacity = list->count;
        for (uint32_t i = 0; i < list->count; i++) {
            own(weir__slot_of_type(slot.type), weir_list_at(list, slot.type, i));
        }
        break;
    }
    case WEIR_KIND_STRUCT:
        for (size_t i = 0; i < slot.type->field_count; i++) {
            own(weir__slot_of_field(&slot.type->fields[i]),
                (char *)at + slot.type->fields[i].offset);
        }
        break;
    }
}

void weir_value_copy(const struct weir_type *type, void *copy, const void *value)
{
    memcpy(copy, value, type->size);
    own(weir__slot_of_type(type), copy);
}

/* ---- release ---- */

static void release(struct weir__slot slot, void *at)
{
    switch (slot.kind) {
    case WEIR_KIND_BOOL:
    case WEIR_KIND_INT64:
    case WEIR_KIND_DOUBLE:
        break;
    case WEIR_KIND_STRING:
        weir__free((char *)((struct weir_str *)at)->data);
        break;
    case WEIR_KIND_STRING_SET:
        weir_string_set_clear(at);
        break;
    case WEIR_KIND_LIST:
        weir_list_clear(at, slot.type);
        break;
    case WEIR_KIND_STRUCT:
        for (size_t i = 0; i < slot.type->field_count; i++) {
            release(weir__slot_of_field(&slot.type->fields[i]),
                    (char *)at + slot.type->fields[i].offset);
        }
        break;
    }
}

void weir_value_fini(const struct weir_type *type, void *owned)
{
    release(weir__slot_of_type(type), owned);
    memset(owned, 0, type->size);
}

/* ---- compare ---- */

/* As Java's Double.equals, except that 0 and -0 are equal. */
static bool double_equals(double a, double b)
{
    return a == b || (a != a && b != b);
}

static bool equals(struct weir__slot slot, const void *a, const void *b);

static bool list_equals(const struct weir_type *element, const struct weir_list *a,
                        const struct weir_list *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        if (!equals(weir__slot_of_type(element), weir_list_at(a, element, i),
                    weir_list_at(b, element, i))) {
            return false;
        }
    }
    return true;
}

static bool struct_equals(const struct weir_type *type, const void *a, const void *b)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct weir_field *field = &type->fields[i];
        if (!equals(weir__slot_of_field(field), (const char *)a + field->offset,
                    (const char *)b + field->offset)) {
            return false;
        }
    }
    return true;
}

static bool equals(struct weir__slot slot, const void *a, const void *b)
{
    switch (slot.kind) {
    case WEIR_KIND_BOOL:
        return *(const bool *)a == *(const bool *)b;
    case WEIR_KIND_INT64:
        return *(const int64_t *)a == *(const int64_t *)b;
    case WEIR_KIND_DOUBLE:
        return double_equals(*(const double *)a, *(const double *)b);
    case WEIR_KIND_STRING:
        return weir_str_same(*(const struct weir_str *)a, *(const struct weir_str *)b);
    case WEIR_KIND_STRING_SET:
        return weir__string_set_equals(a, b);
    case WEIR_KIND_LIST:
        return list_equals(slot.type, a, b);
    case WEIR_KIND_STRUCT:
        return struct_equals(slot.type, a, b);
    }
    return false;
}

bool weir_value_equals(const struct weir_type *type, const void *a, const void *b)
{
    return equals(weir__slot_of_type(type), a, b);
}

/* ---- hash ---- */

static uint64_t double_hash(double value)
{
    double canonical = value == 0 ? 0 : value; /* -0 becomes 0 */
    uint64_t bits = 0x7ff8000000000000u;       /* every NaN is the same one */
    if (value == value) {
        memcpy(&bits, &canonical, sizeof(bits));
    }
    return weir__hash_u64(bits);
}

static uint64_t hash(struct weir__slot slot, const void *at)
{
    switch (slot.kind) {
    case WEIR_KIND_BOOL:
        return weir__hash_u64(*(const bool *)at);
    case WEIR_KIND_INT64:
        return weir__hash_u64((uint64_t) * (const int64_t *)at);
    case WEIR_KIND_DOUBLE:
        return double_hash(*(const double *)at);
    case WEIR_KIND_STRING: {
        const struct weir_str *str = at;
        return str->data != NULL ? weir__hash_bytes(str->data, str->len) : 0;
    }
    case WEIR_KIND_STRING_SET:
        return weir__string_set_hash(at);
    case WEIR_KIND_LIST: {
        const struct weir_list *list = at;
        uint64_t sum = list->count;
        for (uint32_t i = 0; i < list->count; i++) {
            sum = weir__hash_join(
                sum, hash(weir__slot_of_type(slot.type), weir_list_at(list, slot.type, i)));
        }
        return sum;
    }
    case WEIR_KIND_STRUCT: {
        uint64_t sum = slot.type->field_count;
        for (size_t i = 0; i < slot.type->field_count; i++) {
            const struct weir_field *field = &slot.type->fields[i];
            sum = weir__hash_join(
                sum, hash(weir__slot_of_field(field), (const char *)at + field->offset));
        }
        return sum;
    }
    }
    return 0;
}

uint64_t weir_value_hash(const struct weir_type *type, const void *value)
{
    return hash(weir__slot_of_type(type), value);
}

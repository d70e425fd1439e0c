/*
 * Values by their descriptor. The hot path is scan_object: a key that was predicted costs one
 * comparison.
 */
#include "format/json_scan.h"

#include "base/mem.h"

#include <stdio.h>

static const char *scan_slot(struct weir__json_scan *scan, const char *at, struct weir__slot slot,
                             struct weir__json_plan *plan, void *out);

/* ---- keys ---- */

/* Equal bytes; keys are short, so two overlapping words do for most. */
static inline bool same_bytes(const char *a, const char *b, size_t len)
{
    if (len >= 8 && len <= 16) {
        return weir__load_u64(a) == weir__load_u64(b) &&
               weir__load_u64(a + len - 8) == weir__load_u64(b + len - 8);
    }
    return memcmp(a, b, len) == 0;
}

static bool is_key(const struct weir__json_scan *scan, const char *at,
                   const struct weir__json_field *field)
{
    return (size_t)(scan->end - at) > field->key_len &&
           same_bytes(at, field->key + 1, field->key_len);
}

/*
 * Reads a key and its colon; *index is the predicted field before, the one found (or
 * WEIR__JSON_NO_FIELD) after. Returns the position of the value.
 */
static const char *scan_key(struct weir__json_scan *scan, const char *at,
                            const struct weir__json_plan *plan, uint32_t *index)
{
    if (plan->field_count > 0 && is_key(scan, at, &plan->fields[*index])) {
        at += plan->fields[*index].key_len;
    } else {
        struct weir_str name;
        if (!weir__json_at(scan, at, '"')) {
            return weir__json_unexpected(scan, at, "a key in quotes");
        }
        at = weir__json_scan_string(scan, at + 1, &name);
        if (at == NULL) {
            return NULL;
        }
        *index = weir__json_plan_find(plan, name);
    }
    at = weir__json_skip_space(scan, at);
    if (!weir__json_at(scan, at, ':')) {
        return weir__json_unexpected(scan, at, "':' behind a key");
    }
    return weir__json_skip_space(scan, at + 1);
}

/* ---- objects ---- */

static inline const char *scan_member(struct weir__json_scan *scan, const char *at,
                                      const struct weir__json_field *compiled, void *out)
{
    const struct weir_field *field = compiled->field;
    if (field->kind == WEIR_KIND_STRING && weir__json_at(scan, at, '"')) { /* by far the most */
        return weir__json_scan_string(scan, at + 1,
                                      (struct weir_str *)((char *)out + field->offset));
    }
    if (weir__json_is_word(scan, at, "null", 4)) {
        if (!field->nullable) {
            return weir__json_fail(scan, WEIR_MISMATCH, at, "expected a value, got null");
        }
        return at + 4;
    }
    return scan_slot(scan, at, weir__slot_of_field(field), compiled->plan,
                     (char *)out + field->offset);
}

static const char *fail_missing(struct weir__json_scan *scan, const char *at,
                                const struct weir__json_plan *plan, uint64_t missing)
{
    const char *name = plan->fields[__builtin_ctzll(missing)].field->wire_name;
    return weir__json_fail(scan, WEIR_MISMATCH, at,
                           "expected a field \"%s\", got an object without it", name);
}

/* From behind '{' and space, at the first key. */
static const char *scan_members(struct weir__json_scan *scan, const char *at,
                                struct weir__json_plan *plan, void *out)
{
    uint64_t seen = 0;
    uint32_t *expected = &plan->first;
    for (;;) {
        const char *key = at;
        uint32_t index = *expected;
        at = scan_key(scan, at, plan, &index);
        if (at == NULL) {
            return NULL;
        }
        if (index == WEIR__JSON_NO_FIELD) {
            at = weir__json_skip(scan, at);
        } else {
            struct weir__json_field *compiled = &plan->fields[index];
            uint64_t bit = UINT64_C(1) << index;
            const struct weir_field *outer = scan->field;
            scan->field = compiled->field;
            if ((seen & bit) != 0) {
                return weir__json_fail(scan, WEIR_MALFORMED, key, "expected it once, got it again");
            }
            seen |= bit;
            *expected = index;
            expected = &compiled->next;
            at = scan_member(scan, at, compiled, out);
            scan->field = outer;
        }
        if (at == NULL) {
            return NULL;
        }
        at = weir__json_skip_space(scan, at);
        if (weir__json_at(scan, at, ',')) {
            at = weir__json_skip_space(scan, at + 1);
            continue;
        }
        if (!weir__json_at(scan, at, '}')) {
            return weir__json_unexpected(scan, at, "',' or '}'");
        }
        uint64_t missing = plan->required & ~seen;
        return missing == 0 ? at + 1 : fail_missing(scan, at, plan, missing);
    }
}

static const char *scan_object(struct weir__json_scan *scan, const char *at,
                               struct weir__json_plan *plan, void *out)
{
    if (!weir__json_at(scan, at, '{')) {
        return weir__json_mismatch(scan, at, "an object");
    }
    if (!weir__json_enter(scan, at)) {
        return NULL;
    }
    at = weir__json_skip_space(scan, at + 1);
    if (weir__json_at(scan, at, '}')) {
        at = plan->required == 0 ? at + 1 : fail_missing(scan, at, plan, plan->required);
    } else {
        at = scan_members(scan, at, plan, out);
    }
    scan->depth--;
    return at;
}

/* ---- lists and sets ---- */

/* Room for one more item; lists grow within the arena, and what they grow out of goes with it. */
static void *list_add(struct weir__json_scan *scan, struct weir__vec *items)
{
    if (items->count == items->capacity) {
        size_t capacity = items->capacity == 0 ? 4 : items->capacity * 2;
        void *larger = weir__arena_alloc(&scan->arena, capacity * items->item_size);
        if (items->count > 0) {
            memcpy(larger, items->items, items->count * items->item_size);
        }
        items->items = larger;
        items->capacity = capacity;
    }
    items->count++;
    void *item = weir__vec_last(items);
    memset(item, 0, items->item_size);
    return item;
}

/* What to do with the items of a list: they are collected, or they are members of a set. */
struct items {
    struct weir__slot slot;
    struct weir__json_plan *plan;
    struct weir__vec vec;        /* collected; unused for a set */
    struct weir_string_set *set; /* NULL: a list */
};

static const char *scan_item(struct weir__json_scan *scan, const char *at, struct items *items)
{
    if (weir__json_is_word(scan, at, "null", 4)) {
        return weir__json_fail(scan, WEIR_MISMATCH, at, "expected an element, got null");
    }
    if (items->set == NULL) {
        return scan_slot(scan, at, items->slot, items->plan, list_add(scan, &items->vec));
    }
    struct weir_str member = {NULL, 0};
    at = scan_slot(scan, at, items->slot, NULL, &member);
    if (at != NULL) {
        weir_string_set_add(items->set, member, 1);
    }
    return at;
}

static const char *scan_items(struct weir__json_scan *scan, const char *at, struct items *items)
{
    if (!weir__json_at(scan, at, '[')) {
        return weir__json_mismatch(scan, at, "a list");
    }
    if (!weir__json_enter(scan, at)) {
        return NULL;
    }
    at = weir__json_skip_space(scan, at + 1);
    bool empty = weir__json_at(scan, at, ']');
    while (!empty) {
        at = scan_item(scan, at, items);
        if (at == NULL) {
            return NULL;
        }
        at = weir__json_skip_space(scan, at);
        if (weir__json_at(scan, at, ']')) {
            break;
        }
        if (!weir__json_at(scan, at, ',')) {
            return weir__json_unexpected(scan, at, "',' or ']'");
        }
        at = weir__json_skip_space(scan, at + 1);
    }
    scan->depth--;
    return at + 1;
}

static const char *scan_list(struct weir__json_scan *scan, const char *at,
                             const struct weir_type *element, struct weir__json_plan *plan,
                             struct weir_list *out)
{
    struct items items = {
        .slot = weir__slot_of_type(element), .plan = plan, .vec = {.item_size = element->size}};
    at = scan_items(scan, at, &items);
    *out = (struct weir_list){items.vec.items, (uint32_t)items.vec.count, 0};
    return at;
}

static const char *scan_set(struct weir__json_scan *scan, const char *at,
                            struct weir_string_set *out)
{
    struct items items = {.slot = {WEIR_KIND_STRING, NULL}, .set = out};
    at = scan_items(scan, at, &items);
    if (out->table != NULL) {
        weir__vec_push(&scan->sets, out);
    }
    return at;
}

/* ---- any value ---- */

static const char *scan_bool(struct weir__json_scan *scan, const char *at, bool *out)
{
    *out = weir__json_is_word(scan, at, "true", 4);
    if (*out) {
        return at + 4;
    }
    return weir__json_is_word(scan, at, "false", 5)
               ? at + 5
               : weir__json_mismatch(scan, at, "true or false");
}

static const char *scan_slot(struct weir__json_scan *scan, const char *at, struct weir__slot slot,
                             struct weir__json_plan *plan, void *out)
{
    switch (slot.kind) {
    case WEIR_KIND_BOOL:
        return scan_bool(scan, at, out);
    case WEIR_KIND_INT64:
        return weir__json_scan_int64(scan, at, out);
    case WEIR_KIND_DOUBLE:
        return weir__json_scan_double(scan, at, out);
    case WEIR_KIND_STRING:
        return weir__json_at(scan, at, '"') ? weir__json_scan_string(scan, at + 1, out)
                                            : weir__json_mismatch(scan, at, "a string");
    case WEIR_KIND_STRING_SET:
        return scan_set(scan, at, out);
    case WEIR_KIND_LIST:
        return scan_list(scan, at, slot.type, plan, out);
    case WEIR_KIND_STRUCT:
        return scan_object(scan, at, plan, out);
    }
    return NULL;
}

enum weir_status weir__json_scan_message(struct weir__json_scan *scan, const struct weir_type *type,
                                         struct weir__json_plan *plan, void *out)
{
    weir_value_init(type, out);
    const char *at = weir__json_skip_space(scan, scan->begin);
    at = scan_slot(scan, at, weir__slot_of_type(type), plan, out);
    if (at != NULL) {
        at = weir__json_skip_space(scan, at);
        if (at < scan->end) {
            at = weir__json_unexpected(scan, at, "the end of the message");
        }
    }
    if (at == NULL) {
        weir_value_init(type, out);
        return scan->status;
    }
    return WEIR_OK;
}

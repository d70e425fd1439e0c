/*
 * Values by their plan (see avro_scan.h). The hot path is scan_record over strings and longs.
 */
#include "format/avro_scan.h"

#include "base/hash.h"
#include "base/utf8.h"

static const char *scan_value(struct weir__avro_scan *scan, const char *at,
                              const struct weir__avro_plan *plan, void *out);

/* ---- scalars ---- */

static const char *scan_int(struct weir__avro_scan *scan, const char *at, int64_t *out)
{
    const char *behind = weir__avro_scan_long(scan, at, out);
    if (behind != NULL && (*out < INT32_MIN || *out > INT32_MAX)) {
        return weir__avro_fail(scan, WEIR_MALFORMED, at,
                               "expected an int of at most 32 bits, got %lld", (long long)*out);
    }
    return behind;
}

static const char *scan_bool(struct weir__avro_scan *scan, const char *at, bool *out)
{
    if (at == scan->end || (uint8_t)*at > 1) {
        return weir__avro_fail(scan, WEIR_MALFORMED, at, "expected a byte 0 or 1, got %s",
                               at == scan->end ? "the end of the message" : "another");
    }
    *out = *at == 1;
    return at + 1;
}

static const char *scan_bytes(struct weir__avro_scan *scan, const char *at, void *out, size_t len)
{
    if ((size_t)(scan->end - at) < len) {
        return weir__avro_fail(scan, WEIR_MALFORMED, at,
                               "expected %zu bytes, got the end of the message", len);
    }
    memcpy(out, at, len);
    return at + len;
}

static const char *scan_real(struct weir__avro_scan *scan, const char *at, enum weir__avro_op op,
                             double *out)
{
    int64_t whole = 0;
    float narrow = 0;
    if (op == WEIR__AVRO_OP_REAL_FROM_FLOAT) {
        at = scan_bytes(scan, at, &narrow, sizeof(narrow));
        *out = (double)narrow;
        return at;
    }
    at = op == WEIR__AVRO_OP_REAL_FROM_INT ? scan_int(scan, at, &whole)
                                           : weir__avro_scan_long(scan, at, &whole);
    *out = (double)whole;
    return at;
}

/* Whether all bytes are below 0x80, which is nearly always so: in words that may overlap. */
static inline bool is_ascii(const char *at, size_t len)
{
    uint64_t bits = 0;
    if (len >= 8) {
        const char *last = at + len - 8;
        bits = weir__load_u64(last);
        for (; at < last; at += 8) {
            bits |= weir__load_u64(at);
        }
    } else {
        for (size_t i = 0; i < len; i++) {
            bits |= (uint8_t)at[i];
        }
    }
    return (bits & UINT64_C(0x8080808080808080)) == 0;
}

static inline const char *scan_string(struct weir__avro_scan *scan, const char *at,
                                      struct weir_str *out)
{
    size_t len = 0;
    if (at < scan->end && (uint8_t)*at < 0x80 && (*at & 1) == 0 &&
        (uint8_t)*at / 2 < scan->end - at) { /* below 64 bytes, which are there */
        len = (uint8_t)*at / 2;
        at++;
    } else {
        at = weir__avro_length(scan, at, &len);
        if (at == NULL) {
            return NULL;
        }
    }
    size_t valid = is_ascii(at, len) ? len : weir__utf8_check(at, len);
    if (valid < len) {
        return weir__avro_fail(scan, WEIR_MALFORMED, at + valid,
                               "expected UTF-8, got the invalid byte 0x%02x",
                               (unsigned)(uint8_t)at[valid]);
    }
    *out = (struct weir_str){at, (uint32_t)len};
    return at + len;
}

static const char *scan_symbol(struct weir__avro_scan *scan, const char *at,
                               const struct weir__avro_node *node, struct weir_str *out)
{
    size_t index = 0;
    at = weir__avro_index(scan, at, node->count, &index);
    *out = at != NULL ? weir_str_from(node->symbols[index]) : (struct weir_str){NULL, 0};
    return at;
}

/* ---- lists and sets ---- */

/* Room for `more` items; lists grow within the arena, and what they grow out of goes with it. */
static void reserve(struct weir__avro_scan *scan, struct weir_list *list, size_t size, size_t more)
{
    size_t needed = list->count + more;
    if (needed > list->capacity) {
        size_t capacity = needed > 2 * (size_t)list->capacity ? needed : 2 * list->capacity;
        void *larger = weir__arena_alloc(&scan->arena, capacity * size);
        if (list->count > 0) {
            memcpy(larger, list->items, list->count * size);
        }
        list->items = larger;
        list->capacity = (uint32_t)capacity;
    }
}

static const char *scan_list(struct weir__avro_scan *scan, const char *at,
                             const struct weir__avro_plan *plan, struct weir_list *out)
{
    enum { STEP = 256 }; /* items that are made room for at once, whatever the message promises */
    size_t left = 0;
    struct weir_list list = {NULL, 0, 0};
    while ((at = weir__avro_block(scan, at, &left)) != NULL && left > 0) {
        for (; left > 0; left--) {
            if (list.count == list.capacity) {
                reserve(scan, &list, plan->type->size, left < STEP ? left : STEP);
            }
            void *item = weir_list_at(&list, plan->type, list.count++);
            memset(item, 0, plan->type->size);
            at = scan_value(scan, at, plan->parts[0], item);
            if (at == NULL) {
                return NULL;
            }
        }
    }
    *out = (struct weir_list){list.items, list.count, 0};
    return at;
}

static const char *scan_set(struct weir__avro_scan *scan, const char *at,
                            const struct weir__avro_plan *plan, struct weir_string_set *out)
{
    size_t left = 0;
    while (at != NULL && (at = weir__avro_block(scan, at, &left)) != NULL && left > 0) {
        for (; at != NULL && left > 0; left--) {
            struct weir_str member = {NULL, 0};
            at = scan_value(scan, at, plan->parts[0], &member);
            if (at != NULL) {
                weir_string_set_add(out, member, 1);
            }
        }
    }
    if (out->table != NULL) {
        weir__vec_push(&scan->sets, out);
    }
    return at;
}

/* ---- records ---- */

/* Reads the defaults of what was not written, each as a message of its own. */
static bool scan_defaults(struct weir__avro_scan *scan, const char *at,
                          const struct weir__avro_plan *plan, void *out)
{
    const char *begin = scan->begin;
    const char *end = scan->end;
    const char *read = at;
    for (size_t i = 0; read != NULL && i < plan->default_count; i++) {
        const struct weir__avro_member *member = &plan->defaults[i];
        scan->field = member->field;
        scan->begin = member->default_bytes.data;
        scan->end = scan->begin + member->default_bytes.len;
        read = scan_value(scan, scan->begin, member->plan, (char *)out + member->field->offset);
    }
    scan->begin = begin;
    scan->end = end;
    return read != NULL;
}

/* What most members are, without a call: strings and longs, alone or in a union of few branches. */
static inline const char *scan_member(struct weir__avro_scan *scan, const char *at,
                                      const struct weir__avro_plan *plan, void *out)
{
    if (plan->op == WEIR__AVRO_OP_UNION && at < scan->end) {
        size_t twice = (uint8_t)*at; /* the index, zigzag */
        if (twice / 2 < plan->count && (twice & 0x81) == 0) {
            const struct weir__avro_plan *branch = plan->parts[twice / 2];
            if (branch->op != WEIR__AVRO_OP_REFUSE) {
                plan = branch;
                at++;
            }
        }
    }
    if (plan->op == WEIR__AVRO_OP_STRING) {
        return scan_string(scan, at, out);
    }
    if (plan->op == WEIR__AVRO_OP_LONG) {
        return weir__avro_scan_long(scan, at, out);
    }
    return plan->op == WEIR__AVRO_OP_ABSENT ? at : scan_value(scan, at, plan, out);
}

static const char *scan_record(struct weir__avro_scan *scan, const char *at,
                               const struct weir__avro_plan *plan, void *out)
{
    const struct weir_field *outer = scan->field;
    if (!weir__avro_enter(scan, at)) {
        return NULL;
    }
    for (size_t i = 0; i < plan->count; i++) {
        const struct weir__avro_member *member = &plan->members[i];
        scan->field = member->field;
        if (member->plan == NULL) {
            at = weir__avro_skip(scan, at, member->own->type);
        } else {
            at = scan_member(scan, at, member->plan, (char *)out + member->field->offset);
        }
        if (at == NULL) {
            return NULL;
        }
    }
    if (plan->default_count > 0 && !scan_defaults(scan, at, plan, out)) {
        return NULL;
    }
    scan->field = outer;
    scan->depth--;
    return at;
}

static const char *scan_union(struct weir__avro_scan *scan, const char *at,
                              const struct weir__avro_plan *plan, void *out)
{
    size_t branch = 0;
    const char *from = at;
    at = weir__avro_index(scan, at, plan->count, &branch);
    if (at == NULL) {
        return NULL;
    }
    if (plan->parts[branch]->op == WEIR__AVRO_OP_REFUSE) {
        return weir__avro_fail(scan, WEIR_MISMATCH, from,
                               "got a value of type %s, which it does "
                               "not take",
                               weir__avro_type_name(plan->parts[branch]->node->type));
    }
    return scan_value(scan, at, plan->parts[branch], out);
}

/* ---- any value ---- */

static const char *scan_nested(struct weir__avro_scan *scan, const char *at,
                               const struct weir__avro_plan *plan, void *out)
{
    if (!weir__avro_enter(scan, at)) {
        return NULL;
    }
    at = plan->op == WEIR__AVRO_OP_SET ? scan_set(scan, at, plan, out)
                                       : scan_list(scan, at, plan, out);
    scan->depth--;
    return at;
}

static const char *scan_value(struct weir__avro_scan *scan, const char *at,
                              const struct weir__avro_plan *plan, void *out)
{
    switch (plan->op) {
    case WEIR__AVRO_OP_STRING:
        return scan_string(scan, at, out);
    case WEIR__AVRO_OP_LONG:
        return weir__avro_scan_long(scan, at, out);
    case WEIR__AVRO_OP_INT:
        return scan_int(scan, at, out);
    case WEIR__AVRO_OP_DOUBLE:
        return scan_bytes(scan, at, out, sizeof(double));
    case WEIR__AVRO_OP_UNION:
        return scan_union(scan, at, plan, out);
    case WEIR__AVRO_OP_BOOL:
        return scan_bool(scan, at, out);
    case WEIR__AVRO_OP_REAL_FROM_INT:
    case WEIR__AVRO_OP_REAL_FROM_LONG:
    case WEIR__AVRO_OP_REAL_FROM_FLOAT:
        return scan_real(scan, at, plan->op, out);
    case WEIR__AVRO_OP_SYMBOL:
        return scan_symbol(scan, at, plan->node, out);
    case WEIR__AVRO_OP_SET:
    case WEIR__AVRO_OP_LIST:
        return scan_nested(scan, at, plan, out);
    case WEIR__AVRO_OP_RECORD:
        return scan_record(scan, at, plan, out);
    case WEIR__AVRO_OP_ABSENT:
    case WEIR__AVRO_OP_REFUSE:
        break;
    }
    return at;
}

void weir__avro_scan_forget(struct weir__avro_scan *scan)
{
    while (scan->sets.count > 0) {
        weir_string_set_clear(weir__vec_pop(&scan->sets));
    }
    weir__arena_reset(&scan->arena);
}

enum weir_status weir__avro_scan_message(struct weir__avro_scan *scan, const char *at,
                                         const struct weir_type *type,
                                         const struct weir__avro_plan *plan, void *out)
{
    weir_value_init(type, out);
    scan->depth = 0;
    scan->field = NULL;
    scan->status = WEIR_OK;
    at = scan_value(scan, at, plan, out);
    if (at != NULL && at < scan->end) {
        at = weir__avro_fail(scan, WEIR_MALFORMED, at,
                             "expected the end of the message, got %zu bytes more",
                             (size_t)(scan->end - at));
    }
    if (at == NULL) {
        weir_value_init(type, out);
        return scan->status;
    }
    return WEIR_OK;
}

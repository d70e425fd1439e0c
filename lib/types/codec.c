/*
 * The binary encoding of values. Decoding trusts nothing: counts are bounded by the bytes that are
 * left before anything is allocated, depth by WEIR__MAX_DEPTH, and a value that fails half-way is
 * released.
 */
#include "types/codec.h"

#include "base/mem.h"
#include "types/slot.h"

/*
 * A value that was read at the allowed depth may still have empty lists and absent structs in it.
 */
enum { MAX_ENCODED_DEPTH = 2 * WEIR__MAX_DEPTH };

static void encode(struct weir__slot slot, const void *at, struct weir__buf *out)
{
    switch (slot.kind) {
    case WEIR_KIND_BOOL:
        weir__buf_put_u8(out, *(const bool *)at);
        break;
    case WEIR_KIND_INT64:
        weir__buf_put_zigzag(out, *(const int64_t *)at);
        break;
    case WEIR_KIND_DOUBLE: {
        int64_t bits;
        memcpy(&bits, at, sizeof(bits));
        weir__buf_put_i64(out, bits);
        break;
    }
    case WEIR_KIND_STRING:
        weir__buf_put_str(out, *(const struct weir_str *)at);
        break;
    case WEIR_KIND_STRING_SET: {
        uint32_t size = weir_string_set_size(at);
        weir__buf_put_varint(out, size);
        for (uint32_t i = 0; i < size; i++) {
            int64_t times;
            weir__buf_put_str(out, weir_string_set_at(at, i, &times));
            weir__buf_put_varint(out, (uint64_t)times);
        }
        break;
    }
    case WEIR_KIND_LIST: {
        const struct weir_list *list = at;
        weir__buf_put_varint(out, list->count);
        for (uint32_t i = 0; i < list->count; i++) {
            encode(weir__slot_of_type(slot.type), weir_list_at(list, slot.type, i), out);
        }
        break;
    }
    case WEIR_KIND_STRUCT:
        for (size_t i = 0; i < slot.type->field_count; i++) {
            const struct weir_field *field = &slot.type->fields[i];
            encode(weir__slot_of_field(field), (const char *)at + field->offset, out);
        }
        break;
    }
}

void weir__encode(const struct weir_type *type, const void *value, struct weir__buf *out)
{
    encode(weir__slot_of_type(type), value, out);
}

/* ---- decoding: `at` is zeroed before; after a failure it holds what was decoded so far ---- */

struct decoding {
    struct weir__reader *in;
    bool view; /* strings point into the bytes */
    int depth;
};

static void decode(struct decoding *decoding, struct weir__slot slot, void *at);

static size_t bytes_left(const struct weir__reader *in)
{
    return (size_t)(in->end - in->at);
}

static void decode_string(struct decoding *decoding, struct weir_str *str)
{
    struct weir_str view = weir__read_str(decoding->in);
    *str = view;
    if (!decoding->view && view.data != NULL) {
        str->data = weir__memdup(view.data, view.len);
    }
}

static void decode_set(struct decoding *decoding, struct weir_string_set *set)
{
    struct weir__reader *in = decoding->in;
    uint64_t size = weir__read_varint(in);
    if (size > bytes_left(in) / 2) { /* a member takes two bytes at least */
        in->failed = true;
    }
    for (uint64_t i = 0; i < size && !in->failed; i++) {
        struct weir_str member = weir__read_str(in);
        uint64_t times = weir__read_varint(in);
        bool valid = !in->failed && member.data != NULL && times >= 1 && times <= INT64_MAX;
        if (!valid || weir_string_set_add(set, member, (int64_t)times) != (int64_t)times ||
            weir_string_set_size(set) != i + 1) { /* a member that came before */
            in->failed = true;
        }
    }
}

static void decode_list(struct decoding *decoding, const struct weir_type *element,
                        struct weir_list *list)
{
    struct weir__reader *in = decoding->in;
    uint64_t count = weir__read_varint(in);
    if (count > bytes_left(in) || count > UINT32_MAX) { /* an element takes a byte at least */
        in->failed = true;
    }
    if (in->failed || count == 0) {
        return;
    }
    list->items = weir__calloc((size_t)count, element->size);
    list->capacity = (uint32_t)count;
    while (list->count < count && !in->failed) {
        decode(decoding, weir__slot_of_type(element), weir_list_at(list, element, list->count));
        list->count++;
    }
}

static void decode(struct decoding *decoding, struct weir__slot slot, void *at)
{
    struct weir__reader *in = decoding->in;
    int nests = slot.kind == WEIR_KIND_LIST || slot.kind == WEIR_KIND_STRUCT;
    decoding->depth += nests;
    if (decoding->depth > MAX_ENCODED_DEPTH) {
        in->failed = true;
    }
    switch (slot.kind) {
    case WEIR_KIND_BOOL: {
        uint8_t byte = weir__read_u8(in);
        in->failed |= byte > 1;
        *(bool *)at = byte == 1;
        break;
    }
    case WEIR_KIND_INT64:
        *(int64_t *)at = weir__read_zigzag(in);
        break;
    case WEIR_KIND_DOUBLE: {
        int64_t bits = weir__read_i64(in);
        memcpy(at, &bits, sizeof(bits));
        break;
    }
    case WEIR_KIND_STRING:
        decode_string(decoding, at);
        break;
    case WEIR_KIND_STRING_SET:
        decode_set(decoding, at);
        break;
    case WEIR_KIND_LIST:
        decode_list(decoding, slot.type, at);
        break;
    case WEIR_KIND_STRUCT:
        for (size_t i = 0; i < slot.type->field_count && !in->failed; i++) {
            const struct weir_field *field = &slot.type->fields[i];
            decode(decoding, weir__slot_of_field(field), (char *)at + field->offset);
        }
        break;
    }
    decoding->depth -= nests;
}

enum weir_status weir__decode(const struct weir_type *type, struct weir__reader *in, void *value)
{
    struct decoding decoding = {.in = in, .view = false};
    weir_value_init(type, value);
    decode(&decoding, weir__slot_of_type(type), value);
    if (in->failed) {
        weir_value_fini(type, value);
        return WEIR_CORRUPT;
    }
    return WEIR_OK;
}

/* ---- views ---- */

static void release_view(struct weir__slot slot, void *at)
{
    switch (slot.kind) {
    case WEIR_KIND_BOOL:
    case WEIR_KIND_INT64:
    case WEIR_KIND_DOUBLE:
    case WEIR_KIND_STRING:
        break;
    case WEIR_KIND_STRING_SET:
        weir_string_set_clear(at);
        break;
    case WEIR_KIND_LIST: {
        struct weir_list *list = at;
        for (uint32_t i = 0; i < list->count; i++) {
            release_view(weir__slot_of_type(slot.type), weir_list_at(list, slot.type, i));
        }
        weir__free(list->items);
        *list = (struct weir_list){NULL, 0, 0};
        break;
    }
    case WEIR_KIND_STRUCT:
        for (size_t i = 0; i < slot.type->field_count; i++) {
            const struct weir_field *field = &slot.type->fields[i];
            release_view(weir__slot_of_field(field), (char *)at + field->offset);
        }
        break;
    }
}

void weir__view_fini(const struct weir_type *type, void *view)
{
    release_view(weir__slot_of_type(type), view);
    memset(view, 0, type->size);
}

enum weir_status weir__decode_view(const struct weir_type *type, struct weir__reader *in,
                                   void *value)
{
    struct decoding decoding = {.in = in, .view = true};
    weir_value_init(type, value);
    decode(&decoding, weir__slot_of_type(type), value);
    if (in->failed) {
        weir__view_fini(type, value);
        return WEIR_CORRUPT;
    }
    return WEIR_OK;
}

/* ---- what a type is made of ---- */

/* kinds: bits 1 << enum weir_kind. */
static bool has_any(const struct weir_type *type, unsigned kinds)
{
    if ((1u << type->kind & kinds) != 0) {
        return true;
    }
    /* A struct cannot contain itself but through a list, so this ends. */
    for (size_t i = 0; i < type->field_count; i++) {
        const struct weir_field *field = &type->fields[i];
        if ((1u << field->kind & kinds) != 0 ||
            (field->kind == WEIR_KIND_STRUCT && has_any(field->type, kinds))) {
            return true;
        }
    }
    return false;
}

#define CONTAINERS (1u << WEIR_KIND_LIST | 1u << WEIR_KIND_STRING_SET)

bool weir__type_is_flat(const struct weir_type *type)
{
    return !has_any(type, CONTAINERS);
}

bool weir__type_is_plain(const struct weir_type *type)
{
    return !has_any(type, CONTAINERS | 1u << WEIR_KIND_STRING);
}

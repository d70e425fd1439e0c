/*
 * Reading values that an earlier program wrote.
 *
 * The old type is built anew as descriptors; a value is decoded with them into memory of the old
 * shape, and what both types have is moved over. Restoring is rare, and this way there is one
 * decoder.
 */
#include "types/schema.h"

#include "base/mem.h"
#include "base/vec.h"
#include "types/codec.h"
#include "types/slot.h"

enum { MAX_STRUCTS = 1000, MAX_FIELDS = 10000 };

/* ---- writing ---- */

/* The number of a struct, from 1; it is added when it is new. */
static uint64_t number_of(struct weir__vec *structs, const struct weir_type *type)
{
    for (size_t i = 0; i < structs->count; i++) {
        if (*(const struct weir_type **)weir__vec_at(structs, i) == type) {
            return i + 1;
        }
    }
    weir__vec_push(structs, &type);
    return structs->count;
}

static bool is_struct(const struct weir_type *type)
{
    return type != NULL && type->kind == WEIR_KIND_STRUCT;
}

/* What a type is, beside its kind: of a list its elements. */
static void put_nested(struct weir__vec *structs, const struct weir_type *type,
                       struct weir__buf *out)
{
    weir__buf_put_u8(out, type != NULL ? (uint8_t)type->kind : 0);
    weir__buf_put_varint(out, is_struct(type) ? number_of(structs, type) : 0);
}

void weir__schema_write(const struct weir_type *type, struct weir__buf *out)
{
    struct weir__vec structs = WEIR__VEC_OF(const struct weir_type *);
    struct weir__buf body = {0};
    weir__buf_put_u8(out, (uint8_t)type->kind);
    put_nested(&structs, type->kind == WEIR_KIND_LIST ? type->element : type, out);
    for (size_t i = 0; i < structs.count; i++) { /* which grows meanwhile */
        const struct weir_type *one = *(const struct weir_type **)weir__vec_at(&structs, i);
        weir__buf_put_str(&body, weir_str_from(one->name));
        weir__buf_put_varint(&body, one->field_count);
        for (size_t j = 0; j < one->field_count; j++) {
            weir__buf_put_str(&body, weir_str_from(one->fields[j].name));
            weir__buf_put_u8(&body, (uint8_t)one->fields[j].kind);
            put_nested(&structs, one->fields[j].type, &body);
        }
    }
    weir__buf_put_varint(out, structs.count);
    weir__buf_put(out, body.data, body.len);
    weir__buf_fini(&body);
    weir__vec_fini(&structs);
}

/* ---- reading: descriptors of the old types ---- */

struct weir__schema {
    const struct weir_type *type; /* of today, borrowed */
    struct weir_type root;        /* a list, when the old type was one */
    const struct weir_type *old;  /* the old type: &root, one of structs, or a scalar type */
    struct weir_type *structs;    /* owned, with names and fields */
    size_t struct_count;
    void *scratch; /* a value of the old type */
};

static const struct weir_type *scalar_type(uint8_t kind)
{
    switch (kind) {
    case WEIR_KIND_BOOL:
        return &weir_bool_type;
    case WEIR_KIND_INT64:
        return &weir_int64_type;
    case WEIR_KIND_DOUBLE:
        return &weir_double_type;
    case WEIR_KIND_STRING:
        return &weir_string_type;
    default:
        return NULL;
    }
}

static size_t size_of(uint8_t kind, const struct weir_type *type)
{
    switch (kind) {
    case WEIR_KIND_BOOL:
        return sizeof(bool);
    case WEIR_KIND_STRING:
        return sizeof(struct weir_str);
    case WEIR_KIND_STRING_SET:
        return sizeof(struct weir_string_set);
    case WEIR_KIND_LIST:
        return sizeof(struct weir_list);
    case WEIR_KIND_STRUCT:
        return type->size;
    default:
        return sizeof(int64_t);
    }
}

/* A kind and a struct's number as a type; NULL when there is none such. */
static const struct weir_type *read_nested(struct weir__schema *schema, struct weir__reader *in)
{
    uint8_t kind = weir__read_u8(in);
    uint64_t number = weir__read_varint(in);
    if (kind != WEIR_KIND_STRUCT) {
        return scalar_type(kind);
    }
    if (number == 0 || number > schema->struct_count) {
        in->failed = true;
        return NULL;
    }
    return &schema->structs[number - 1];
}

static char *read_name(struct weir__reader *in)
{
    struct weir_str name = weir__read_str(in);
    char *copy = weir__alloc((size_t)name.len + 1);
    if (name.data != NULL) {
        memcpy(copy, name.data, name.len);
    }
    copy[name.len] = '\0';
    return copy;
}

static void read_struct(struct weir__schema *schema, struct weir_type *type,
                        struct weir__reader *in)
{
    type->name = read_name(in);
    uint64_t count = weir__read_varint(in);
    if (count > MAX_FIELDS) {
        in->failed = true;
    }
    struct weir_field *fields = weir__calloc(in->failed ? 1 : (size_t)count, sizeof(*fields));
    type->fields = fields;
    for (; type->field_count < count && !in->failed; type->field_count++) {
        struct weir_field *field = &fields[type->field_count];
        field->name = read_name(in);
        uint8_t kind = weir__read_u8(in);
        in->failed |= kind > WEIR_KIND_STRUCT;
        field->kind = (enum weir_kind)kind;
        field->type = read_nested(schema, in);
        in->failed |= kind == WEIR_KIND_LIST && field->type == NULL;
        in->failed |= kind == WEIR_KIND_STRUCT && !is_struct(field->type);
    }
}

#define BEING_LAID_OUT SIZE_MAX

/* Gives a struct its size and its fields their places; those that it holds come first. One that
 * holds itself, other than through a list, is refused. */
static bool lay_out(struct weir_type *type)
{
    size_t size = 0;
    if (type->size != 0) {
        return type->size != BEING_LAID_OUT;
    }
    type->size = BEING_LAID_OUT;
    for (size_t i = 0; i < type->field_count; i++) {
        struct weir_field *field = (struct weir_field *)&type->fields[i];
        if (field->kind == WEIR_KIND_STRUCT && !lay_out((struct weir_type *)field->type)) {
            return false;
        }
        field->offset = size;
        size += (size_of((uint8_t)field->kind, field->type) + 7) & ~(size_t)7;
    }
    type->size = size > 0 ? size : 8;
    return true;
}

static bool read_types(struct weir__schema *schema, struct weir__reader *in)
{
    uint8_t root = weir__read_u8(in);
    uint8_t nested = weir__read_u8(in);
    uint64_t number = weir__read_varint(in);
    uint64_t count = weir__read_varint(in);
    if (in->failed || count > MAX_STRUCTS || number > count) {
        return false;
    }
    schema->struct_count = (size_t)count;
    schema->structs = weir__calloc(count > 0 ? (size_t)count : 1, sizeof(*schema->structs));
    for (size_t i = 0; i < schema->struct_count; i++) {
        schema->structs[i].kind = WEIR_KIND_STRUCT;
    }
    for (size_t i = 0; i < schema->struct_count && !in->failed; i++) {
        read_struct(schema, &schema->structs[i], in);
    }
    for (size_t i = 0; i < schema->struct_count && !in->failed; i++) {
        in->failed = !lay_out(&schema->structs[i]);
    }
    const struct weir_type *inner = number > 0 ? &schema->structs[number - 1] : scalar_type(nested);
    schema->root =
        (struct weir_type){"list", WEIR_KIND_LIST, sizeof(struct weir_list), NULL, 0, inner};
    schema->old = root == WEIR_KIND_LIST ? &schema->root : inner;
    return !in->failed && in->at == in->end && inner != NULL &&
           (root == WEIR_KIND_LIST || root == nested);
}

/* ---- whether today's type fits ---- */

/* Pairs of types that were looked at, or are being: a type may hold itself through a list. */
struct pair {
    const struct weir_type *old;
    const struct weir_type *type;
};

static bool is_new(struct weir__vec *pairs, const struct weir_type *old,
                   const struct weir_type *type)
{
    for (size_t i = 0; i < pairs->count; i++) {
        const struct pair *pair = weir__vec_at(pairs, i);
        if (pair->old == old && pair->type == type) {
            return false;
        }
    }
    weir__vec_push(pairs, &(struct pair){old, type});
    return true;
}

static enum weir_status fit(struct weir__vec *pairs, const struct weir_type *old,
                            const struct weir_type *type, struct weir_error *error)
{
    if (old == NULL || type == NULL || !is_new(pairs, old, type)) {
        return WEIR_OK;
    }
    if (old->kind != type->kind) {
        return weir_error_set(error, WEIR_MISMATCH, type->name,
                              "its values were written as another kind of type");
    }
    enum weir_status status = fit(pairs, old->element, type->element, error);
    for (size_t i = 0; i < old->field_count && status == WEIR_OK; i++) {
        const struct weir_field *before = &old->fields[i];
        const struct weir_field *now = weir_type_field(type, before->name);
        if (now != NULL && now->kind != before->kind) {
            return weir_error_set(error, WEIR_MISMATCH, type->name,
                                  "field '%s' has another kind than in the snapshot: give the new "
                                  "one another name",
                                  before->name);
        }
        status = now != NULL ? fit(pairs, before->type, now->type, error) : WEIR_OK;
    }
    return status;
}

struct weir__schema *weir__schema_read(struct weir_str bytes, const struct weir_type *type,
                                       struct weir_error *error)
{
    struct weir__reader in = weir__reader_of(bytes);
    struct weir__schema *schema = WEIR__NEW(struct weir__schema);
    schema->type = type;
    enum weir_status status;
    if (!read_types(schema, &in)) {
        status = weir_error_set(error, WEIR_CORRUPT, type->name,
                                "the snapshot's schema of it is damaged");
    } else {
        struct weir__vec pairs = WEIR__VEC_OF(struct pair);
        status = fit(&pairs, schema->old, type, error);
        weir__vec_fini(&pairs);
    }
    if (status != WEIR_OK) {
        weir__schema_free(schema);
        return NULL;
    }
    schema->scratch = weir__calloc(1, schema->old->size);
    return schema;
}

void weir__schema_free(struct weir__schema *schema)
{
    if (schema == NULL) {
        return;
    }
    for (size_t i = 0; i < schema->struct_count; i++) {
        struct weir_type *type = &schema->structs[i];
        for (size_t j = 0; j < type->field_count; j++) {
            weir__free((char *)type->fields[j].name);
        }
        weir__free((void *)type->fields);
        weir__free((char *)type->name);
    }
    weir__free(schema->structs);
    weir__free(schema->scratch);
    weir__free(schema);
}

/* ---- values ---- */

static void move(struct weir__slot from, void *old, struct weir__slot to, void *value);

static void move_list(const struct weir_type *from, struct weir_list *old,
                      const struct weir_type *to, struct weir_list *list)
{
    *list = (struct weir_list){0};
    if (old->count == 0) {
        return;
    }
    list->items = weir__calloc(old->count, to->size);
    list->capacity = old->count;
    for (; list->count < old->count; list->count++) {
        move(weir__slot_of_type(from), weir_list_at(old, from, list->count), weir__slot_of_type(to),
             weir_list_at(list, to, list->count));
    }
}

/* Moves what `old` owns to `value`, of the same kind; what has no place there stays behind. */
static void move(struct weir__slot from, void *old, struct weir__slot to, void *value)
{
    if (from.kind == WEIR_KIND_LIST) {
        move_list(from.type, old, to.type, value);
        return;
    }
    if (from.kind != WEIR_KIND_STRUCT) {
        size_t size = size_of((uint8_t)from.kind, NULL);
        memcpy(value, old, size);
        memset(old, 0, size);
        return;
    }
    for (size_t i = 0; i < from.type->field_count; i++) {
        const struct weir_field *before = &from.type->fields[i];
        const struct weir_field *now = weir_type_field(to.type, before->name);
        if (now != NULL) {
            move(weir__slot_of_field(before), (char *)old + before->offset,
                 weir__slot_of_field(now), (char *)value + now->offset);
        }
    }
}

enum weir_status weir__schema_decode(const struct weir__schema *schema, struct weir__reader *in,
                                     void *value)
{
    weir_value_init(schema->type, value);
    enum weir_status status = weir__decode(schema->old, in, schema->scratch);
    if (status == WEIR_OK) {
        move(weir__slot_of_type(schema->old), schema->scratch, weir__slot_of_type(schema->type),
             value);
        weir_value_fini(schema->old, schema->scratch);
    }
    return status;
}

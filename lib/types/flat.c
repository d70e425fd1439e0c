/*
 * Flat values.
 */
#include "types/flat.h"

#include "base/mem.h"

/* Collects the offsets of all strings in a flat type, nested structs included. */
static void find_strings(struct weir__flat *flat, const struct weir_type *type, size_t base)
{
    if (type->kind == WEIR_KIND_STRING) {
        flat->strings =
            weir__reallocarray(flat->strings, flat->string_count + 1, sizeof(*flat->strings));
        flat->strings[flat->string_count++] = base;
    }
    for (size_t i = 0; i < type->field_count; i++) {
        const struct weir_field *field = &type->fields[i];
        if (field->kind == WEIR_KIND_STRING) {
            find_strings(flat, &weir_string_type, base + field->offset);
        } else if (field->kind == WEIR_KIND_STRUCT) {
            find_strings(flat, field->type, base + field->offset);
        }
    }
}

void weir__flat_init(struct weir__flat *flat, const struct weir_type *type)
{
    *flat = (struct weir__flat){.size = type->size};
    find_strings(flat, type, 0);
}

void weir__flat_fini(struct weir__flat *flat)
{
    weir__free(flat->strings);
}

static inline const struct weir_str *string_at(const void *value, size_t offset)
{
    return (const struct weir_str *)((const char *)value + offset);
}

/* Up to 16 bytes by two moves that may overlap; a call costs more. */
static inline void copy_bytes(char *to, const char *from, uint32_t len)
{
    if (len > 16) {
        memcpy(to, from, len);
    } else if (len >= 8) {
        memcpy(to, from, 8);
        memcpy(to + len - 8, from + len - 8, 8);
    } else if (len >= 4) {
        memcpy(to, from, 4);
        memcpy(to + len - 4, from + len - 4, 4);
    } else {
        for (uint32_t i = 0; i < len; i++) {
            to[i] = from[i];
        }
    }
}

void weir__flat_put(const struct weir__flat *flat, const void *value, struct weir__buf *out)
{
    size_t size = flat->size;
    size_t total = size;
    for (size_t i = 0; i < flat->string_count; i++) {
        const struct weir_str *string = string_at(value, flat->strings[i]);
        total += string->data != NULL ? string->len : 0;
    }
    weir__buf_reserve(out, total);
    char *at = out->data + out->len;
    memcpy(at, value, size);
    at += size;
    for (size_t i = 0; i < flat->string_count; i++) {
        const struct weir_str *string = string_at(value, flat->strings[i]);
        if (string->data != NULL && string->len > 0) {
            copy_bytes(at, string->data, string->len);
            at += string->len;
        }
    }
    out->len += total;
}

const void *weir__flat_get(const struct weir__flat *flat, char *bytes, size_t len)
{
    if (len < flat->size) {
        return NULL;
    }
    size_t left = len - flat->size;
    char *at = bytes + flat->size;
    for (size_t i = 0; i < flat->string_count; i++) {
        struct weir_str *string = (struct weir_str *)(bytes + flat->strings[i]);
        if (string->data == NULL) {
            continue; /* null stays null */
        }
        if (string->len > left) {
            return NULL;
        }
        string->data = at;
        at += string->len;
        left -= string->len;
    }
    return bytes;
}

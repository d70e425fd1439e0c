/*
 * Values in channel buffers.
 */
#include "runtime/transport.h"

#include "base/mem.h"
#include "types/codec.h"

/* Collects the offsets of all strings in a flat type, nested structs included. */
static void find_strings(struct weir__transport *transport, const struct weir_type *type,
                         size_t base)
{
    if (type->kind == WEIR_KIND_STRING) {
        transport->strings = weir__reallocarray(transport->strings, transport->string_count + 1,
                                                sizeof(*transport->strings));
        transport->strings[transport->string_count++] = base;
    }
    for (size_t i = 0; i < type->field_count; i++) {
        const struct weir_field *field = &type->fields[i];
        if (field->kind == WEIR_KIND_STRING) {
            find_strings(transport, &weir_string_type, base + field->offset);
        } else if (field->kind == WEIR_KIND_STRUCT) {
            find_strings(transport, field->type, base + field->offset);
        }
    }
}

void weir__transport_init(struct weir__transport *transport, const struct weir_type *type)
{
    *transport = (struct weir__transport){.type = type, .flat = weir__type_is_flat(type)};
    if (transport->flat) {
        find_strings(transport, type, 0);
    }
}

void weir__transport_fini(struct weir__transport *transport)
{
    weir__free(transport->strings);
    weir__free(transport->value);
}

/* ---- flat values ---- */

static inline const struct weir_str *string_at(const void *value, size_t offset)
{
    return (const struct weir_str *)((const char *)value + offset);
}

static void put_flat(const struct weir__transport *transport, const void *value,
                     struct weir__buf *out)
{
    size_t size = transport->type->size;
    size_t total = size;
    for (size_t i = 0; i < transport->string_count; i++) {
        const struct weir_str *string = string_at(value, transport->strings[i]);
        total += string->data != NULL ? string->len : 0;
    }
    weir__buf_reserve(out, total);
    char *at = out->data + out->len;
    memcpy(at, value, size);
    at += size;
    for (size_t i = 0; i < transport->string_count; i++) {
        const struct weir_str *string = string_at(value, transport->strings[i]);
        if (string->data != NULL && string->len > 0) {
            memcpy(at, string->data, string->len);
            at += string->len;
        }
    }
    out->len += total;
}

static const void *get_flat(const struct weir__transport *transport, char *bytes, size_t len)
{
    if (len < transport->type->size) {
        return NULL;
    }
    size_t left = len - transport->type->size;
    char *at = bytes + transport->type->size;
    for (size_t i = 0; i < transport->string_count; i++) {
        struct weir_str *string = (struct weir_str *)(bytes + transport->strings[i]);
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

/* ---- any value ---- */

void weir__transport_put(const struct weir__transport *transport, const void *value,
                         struct weir__buf *out)
{
    if (transport->flat) {
        put_flat(transport, value, out);
    } else {
        weir__encode(transport->type, value, out);
    }
}

const void *weir__transport_get(struct weir__transport *transport, char *bytes, size_t len)
{
    if (transport->flat) {
        return get_flat(transport, bytes, len);
    }
    if (transport->value == NULL) {
        transport->value = weir__calloc(1, transport->type->size);
    }
    struct weir__reader in = {bytes, bytes + len, false};
    enum weir_status status = weir__decode_view(transport->type, &in, transport->value);
    return status == WEIR_OK ? transport->value : NULL;
}

void weir__transport_release(struct weir__transport *transport)
{
    if (!transport->flat) {
        weir__view_fini(transport->type, transport->value);
    }
}

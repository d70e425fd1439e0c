/*
 * Values in buffers.
 */
#include "types/transport.h"

#include "base/mem.h"
#include "types/codec.h"

void weir__transport_init(struct weir__transport *transport, const struct weir_type *type)
{
    *transport = (struct weir__transport){.type = type, .is_flat = weir__type_is_flat(type)};
    if (transport->is_flat) {
        weir__flat_init(&transport->flat, type);
    }
}

void weir__transport_fini(struct weir__transport *transport)
{
    weir__flat_fini(&transport->flat);
    weir__free(transport->value);
}

void weir__transport_put(const struct weir__transport *transport, const void *value,
                         struct weir__buf *out)
{
    if (transport->is_flat) {
        weir__flat_put(&transport->flat, value, out);
    } else {
        weir__encode(transport->type, value, out);
    }
}

const void *weir__transport_get(struct weir__transport *transport, char *bytes, size_t len)
{
    if (transport->is_flat) {
        return weir__flat_get(&transport->flat, bytes, len);
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
    if (!transport->is_flat) {
        weir__view_fini(transport->type, transport->value);
    }
}

/*
 * Fingerprints of types.
 */
#include "state/fingerprint.h"

#include "base/hash.h"

#define DEPTH 4

static uint64_t fold(uint64_t hash, const struct weir_type *type, int depth)
{
    hash = weir__hash_join(hash, type->kind);
    if (depth == 0) {
        return hash;
    }
    if (type->element != NULL) {
        hash = fold(hash, type->element, depth - 1);
    }
    for (size_t i = 0; i < type->field_count; i++) {
        const struct weir_field *field = &type->fields[i];
        hash = weir__hash_join(hash, weir__hash_bytes(field->name, strlen(field->name)));
        hash = weir__hash_join(hash, field->kind);
        if (field->type != NULL) {
            hash = fold(hash, field->type, depth - 1);
        }
    }
    return hash;
}

uint64_t weir__type_fingerprint(const struct weir_type *type)
{
    return type != NULL ? fold(1, type, DEPTH) : 0;
}

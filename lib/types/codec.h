/*
 * The binary encoding of values, driven by the descriptor: what channels, state and snapshots hold.
 *
 *     bool        u8
 *     int64       zigzag varint
 *     double      8 bytes
 *     string      length + 1 as varint (0: null), bytes
 *     string_set  size, then (string, times as varint) in insertion order
 *     list        count, elements
 *     struct      fields in declared order
 *
 * What nests more than twice WEIR__MAX_DEPTH levels (types/slot.h) does not decode.
 */
#ifndef WEIR__TYPES_CODEC_H
#define WEIR__TYPES_CODEC_H

#include "base/buf.h"

#include <weir/type.h>

void weir__encode(const struct weir_type *type, const void *value, struct weir__buf *out);

/*
 * Decodes into *value. Owned: strings, lists and sets are copies, release with weir_value_fini.
 * Errors: WEIR_CORRUPT; *value then owns nothing.
 */
WEIR_MUST_USE enum weir_status weir__decode(const struct weir_type *type, struct weir__reader *in,
                                            void *value);

/*
 * Decodes a view: strings point into the reader's bytes. Lists and string sets are built in owned
 * memory all the same, so a view is released with weir__view_fini, which is free of cost for types
 * without them (weir__type_is_flat).
 */
WEIR_MUST_USE enum weir_status weir__decode_view(const struct weir_type *type,
                                                 struct weir__reader *in, void *value);
void weir__view_fini(const struct weir_type *type, void *view);
bool weir__type_is_flat(const struct weir_type *type);
/* The bytes of its struct are all there is of a value: it may be copied, and encoded, without the
 * original. */
bool weir__type_is_plain(const struct weir_type *type);

#endif

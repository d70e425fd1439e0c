/*
 * Whole string sets, for the functions that walk a value.
 */
#ifndef WEIR__TYPES_STRING_SET_H
#define WEIR__TYPES_STRING_SET_H

#include <weir/type.h>

struct weir_string_set weir__string_set_copy(const struct weir_string_set *set);
/* The same members, each as often; their order does not matter. */
bool weir__string_set_equals(const struct weir_string_set *a, const struct weir_string_set *b);
/* Makes an empty set, or one made so before, pretend to a size. It has no members to look at. */
void weir__string_set_fake(struct weir_string_set *owned, uint32_t size);
uint64_t weir__string_set_hash(const struct weir_string_set *set);

#endif

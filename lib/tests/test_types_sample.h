/*
 * Types that the tests of types and formats share: every kind, nested, nullable, recursive; and a
 * generator of random values.
 */
#ifndef WEIR__TEST_TYPES_SAMPLE_H
#define WEIR__TEST_TYPES_SAMPLE_H

#include "base/rand.h"

#include <weir/type.h>

#define POINT_FIELDS(F, T)                                                                         \
    F(T, real, x, "x", required)                                                                   \
    F(T, real, y, "y", nullable)                                                                   \
    F(T, string, label, "label", nullable)
WEIR_DECLARE_TYPE(point, POINT_FIELDS);

#define SAMPLE_FIELDS(F, T)                                                                        \
    F(T, string, name, "name", required)                                                           \
    F(T, string, note, "note", nullable)                                                           \
    F(T, int64, number, "number", required)                                                        \
    F(T, boolean, flag, "flag", required)                                                          \
    F(T, real, ratio, "ratio", required)                                                           \
    F(T, string_set, users, "users", nullable)                                                     \
    F(T, list, points, "points", nullable, point)                                                  \
    F(T, list, tags, "tags", nullable, weir_string)                                                \
    F(T, structure, home, "home", required, point)
WEIR_DECLARE_TYPE(sample, SAMPLE_FIELDS);

/* A tree: a list of its own type. */
#define NODE_FIELDS(F, T)                                                                          \
    F(T, int64, id, "id", nullable)                                                                \
    F(T, list, children, "children", nullable, node)
WEIR_DECLARE_TYPE(node, NODE_FIELDS);

/*
 * An owned random value: release with weir_value_fini. Strings are valid UTF-8, sets count every
 * member once.
 */
void sample_random(struct weir__rand *rand, struct sample *owned);

/*
 * Valid UTF-8 of up to 40 characters, control characters and NUL among them; written into `text`.
 */
struct weir_str sample_random_text(struct weir__rand *rand, char text[160]);

#endif

/*
 * Interned keys: each key that an operator remembers something about exists once, as a node that
 * owns its text and knows its key group. State and timers hold the node, so they compare keys by
 * address and hash them without reading them.
 *
 * A node lives as long as somebody refers to it. One thread a table; but while it is pinned,
 * another thread may read `key` and `group` of the nodes that it knows: those that nobody refers to
 * any more stay until the pin has gone.
 */
#ifndef WEIR__TYPES_KEY_TABLE_H
#define WEIR__TYPES_KEY_TABLE_H

#include "base/buf.h"
#include "base/index.h"
#include "base/pool.h"
#include "base/vec.h"
#include "types/key.h"

#include <stdatomic.h>

struct weir__key_node {
    struct weir__key key; /* owns its string */
    uint32_t refs;
    uint32_t number; /* of the node in its table */
    int32_t group;   /* key group: 0 … max parallelism - 1 */
};

struct weir__key_table {
    struct weir__index index;
    struct weir__pool nodes;
    int max_parallelism;
    struct weir__vec leaving; /* uint32_t: nodes without a reference that a pin holds */
    /* atomic */
    _Atomic uint32_t pins;
};

void weir__key_table_init(struct weir__key_table *table, int max_parallelism);
/* Frees all nodes, referred to or not. */
void weir__key_table_fini(struct weir__key_table *table);

/* NULL when there is none. Borrowed: take a reference to keep it. */
struct weir__key_node *weir__key_table_find(const struct weir__key_table *table,
                                            const struct weir__key *key);
/* Finds or adds. A node added here has no reference yet: its caller takes one. */
struct weir__key_node *weir__key_table_intern(struct weir__key_table *table,
                                              const struct weir__key *key);

static inline void weir__key_ref(struct weir__key_node *node)
{
    node->refs++;
}
/* The last reference frees the node. */
void weir__key_unref(struct weir__key_table *table, struct weir__key_node *node);

/* The table's thread pins, any thread unpins. */
static inline void weir__key_table_pin(struct weir__key_table *table)
{
    atomic_fetch_add_explicit(&table->pins, 1, memory_order_relaxed);
}
static inline void weir__key_table_unpin(struct weir__key_table *table)
{
    atomic_fetch_sub_explicit(&table->pins, 1, memory_order_release);
}

/* A key as bytes: kind, then its text or zigzag integer. */
void weir__key_encode(const struct weir__key *key, struct weir__buf *out);
/* Borrows a string from the reader's bytes. False when the bytes are not a key. */
bool weir__key_decode(struct weir__reader *in, struct weir__key *key);

#endif

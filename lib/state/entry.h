/*
 * An entry of a table as bytes, the same in every backend, so that a snapshot of one can be
 * restored into another.
 *
 *     entry := key (types/key_table.h), namespace a, b zigzag, cell
 */
#ifndef WEIR__STATE_ENTRY_H
#define WEIR__STATE_ENTRY_H

#include "state/backend.h"

/* What stands before the cell. */
void weir__entry_put_key(const struct weir__key *key, struct weir__namespace ns,
                         struct weir__buf *out);
/* The key borrows from the reader's bytes. False when the bytes are no key. */
bool weir__entry_read_key(struct weir__reader *in, struct weir__key *key,
                          struct weir__namespace *ns);
/* Reads an entry into a new cell. Errors: WEIR_CORRUPT. */
WEIR_MUST_USE enum weir_status weir__entry_restore(struct weir__table *table,
                                                   struct weir__key_table *keys,
                                                   struct weir__reader *in, void **cell,
                                                   struct weir_error *error);

#endif

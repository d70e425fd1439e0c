/*
 * The SQL of the SQLite sink, made from a type's descriptor.
 *
 *     table            a column for each field, named as on the wire; primary key: the key fields
 *     table__pending   the same columns, for what no checkpoint has completed yet, and
 *                        weir_writer   which life of a subtask wrote the row
 *                        weir_after    the checkpoint that was prepared last before it
 *
 * int64 and bool are INTEGER, double is REAL, everything else TEXT: lists, sets and structs as
 * JSON.
 */
#ifndef WEIR__CONNECTOR_SQLITE_STATEMENTS_H
#define WEIR__CONNECTOR_SQLITE_STATEMENTS_H

#include "base/buf.h"

#include <weir/type.h>

enum { WEIR__SQLITE_MOST_KEYS = 4 };

struct weir__sqlite_table {
    char *name;
    const struct weir_type *type;
    const struct weir_field *key[WEIR__SQLITE_MOST_KEYS]; /* NULL behind the last */
};

/* Each writes its statements into *out (emptied before), NUL-terminated. */
void weir__sqlite_create(const struct weir__sqlite_table *table, struct weir__buf *out);
/* Parameters: the fields. A row with the same key takes the old one's place. */
void weir__sqlite_upsert(const struct weir__sqlite_table *table, struct weir__buf *out);
/* Parameters: weir_writer, weir_after, the fields. */
void weir__sqlite_stage(const struct weir__sqlite_table *table, struct weir__buf *out);
/* Parameters: weir_writer, checkpoint: the rows of all checkpoints up to this one. */
void weir__sqlite_publish(const struct weir__sqlite_table *table, struct weir__buf *out);
/* The same parameters: the rows that were published. */
void weir__sqlite_forget(const struct weir__sqlite_table *table, struct weir__buf *out);
/* Parameter: weir_writer; the rows of all writers before it. */
void weir__sqlite_sweep(const struct weir__sqlite_table *table, struct weir__buf *out);

#endif

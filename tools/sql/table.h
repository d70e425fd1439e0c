/*
 * The rows of a query, as an aligned table, as JSON lines, or as CSV.
 */
#ifndef WEIR_TOOLS_SQL_TABLE_H
#define WEIR_TOOLS_SQL_TABLE_H

#include "base/buf.h"
#include "base/vec.h"

#include <stdio.h>

enum table_form { TABLE_ALIGNED, TABLE_JSON, TABLE_CSV };

enum cell_kind { CELL_NULL, CELL_NUMBER, CELL_TEXT };

/* Rows are written as they come, but for the aligned table, which must know its widest cells. */
struct table {
    enum table_form form;
    FILE *out;
    int columns;
    struct weir__buf *names; /* of the columns */
    struct weir__vec cells;  /* struct cell; aligned: all so far */
    struct weir__buf line;
    int column; /* of the next cell */
    int64_t rows;
};

void table_init(struct table *table, enum table_form form, FILE *out);
/* A query begins, with so many columns; name them before the first row. */
void table_begin(struct table *table, int columns);
void table_name(struct table *table, int column, struct weir_str name);
/* The next cell, from left to right; a row ends with its last. False: too many rows to align. */
bool table_cell(struct table *table, enum cell_kind kind, struct weir_str text);
/* The query ends: writes what is left. */
void table_end(struct table *table);
void table_fini(struct table *table);

#endif

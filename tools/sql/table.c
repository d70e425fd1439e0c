/*
 * Rows in three forms (see table.h).
 */
#include "sql/table.h"

#include "base/escape.h"
#include "base/mem.h"

enum { MOST_ALIGNED_CELLS = 2000000 };

struct cell {
    enum cell_kind kind;
    char *text; /* printable */
    int width;  /* characters */
};

void table_init(struct table *table, enum table_form form, FILE *out)
{
    *table = (struct table){.form = form, .out = out, .cells = WEIR__VEC_OF(struct cell)};
}

void table_begin(struct table *table, int columns)
{
    table->columns = columns;
    table->names = weir__calloc((size_t)columns, sizeof *table->names);
    table->rows = 0;
}

void table_name(struct table *table, int column, struct weir_str name)
{
    weir__buf_put(&table->names[column], name.data, name.len);
}

static struct weir_str name_of(const struct table *table, int column)
{
    const struct weir__buf *name = &table->names[column];
    return (struct weir_str){name->data != NULL ? name->data : "", (uint32_t)name->len};
}

/* ---- JSON and CSV: a line a row ---- */

static void put_json(struct table *table, int column, enum cell_kind kind, struct weir_str text)
{
    weir__buf_put_u8(&table->line, column == 0 ? '{' : ',');
    weir__buf_put_json_string(&table->line, name_of(table, column));
    weir__buf_put_u8(&table->line, ':');
    if (kind == CELL_NULL) {
        weir__buf_put(&table->line, "null", 4);
    } else if (kind == CELL_NUMBER) {
        weir__buf_put(&table->line, text.data, text.len);
    } else {
        weir__buf_put_json_string(&table->line, text);
    }
    if (column + 1 == table->columns) {
        weir__buf_put_u8(&table->line, '}');
    }
}

/* Null is nothing, an empty text is "". */
static void put_csv(struct table *table, int column, enum cell_kind kind, struct weir_str text)
{
    bool quote = kind == CELL_TEXT && text.len == 0;
    for (uint32_t i = 0; i < text.len && !quote; i++) {
        quote = memchr(",\"\r\n", text.data[i], 4) != NULL;
    }
    if (column > 0) {
        weir__buf_put_u8(&table->line, ',');
    }
    if (!quote) {
        weir__buf_put(&table->line, text.data, text.len);
        return;
    }
    weir__buf_put_u8(&table->line, '"');
    for (uint32_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"') {
            weir__buf_put_u8(&table->line, '"');
        }
        weir__buf_put_u8(&table->line, (uint8_t)text.data[i]);
    }
    weir__buf_put_u8(&table->line, '"');
}

static void end_line(struct table *table)
{
    weir__buf_put_u8(&table->line, '\n');
    (void)fwrite(table->line.data, 1, table->line.len, table->out);
    table->line.len = 0;
}

static void put_csv_heading(struct table *table)
{
    for (int i = 0; i < table->columns; i++) {
        put_csv(table, i, CELL_TEXT, name_of(table, i));
    }
    end_line(table);
}

/* ---- aligned ---- */

static int width_of(const char *text)
{
    int width = 0;
    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80; /* whole characters */
    }
    return width;
}

static struct cell cell_of(enum cell_kind kind, struct weir_str text)
{
    struct weir__buf shown = {0};
    weir__buf_put_printable(&shown, kind == CELL_NULL ? WEIR_STR("-") : text);
    weir__buf_put_u8(&shown, '\0');
    return (struct cell){.kind = kind, .text = shown.data, .width = width_of(shown.data)};
}

static void put_cell(struct table *table, const struct cell *cell, int width, bool last)
{
    int padding = width - cell->width;
    bool right = cell->kind == CELL_NUMBER;
    fprintf(table->out, "%*s%s%*s%s", right ? padding : 0, "", cell->text,
            right || last ? 0 : padding, "", last ? "\n" : "  ");
}

static const struct cell *cell_at(const struct table *table, int64_t row, int column)
{
    return weir__vec_at(&table->cells, (size_t)row * (size_t)table->columns + (size_t)column);
}

/* The heading of a column of numbers stands over their ends. */
static void put_heading(struct table *table, const int *widths)
{
    for (int i = 0; i < table->columns; i++) {
        struct cell name = cell_of(CELL_TEXT, name_of(table, i));
        if (table->rows > 0 && cell_at(table, 0, i)->kind == CELL_NUMBER) {
            name.kind = CELL_NUMBER;
        }
        put_cell(table, &name, widths[i], i + 1 == table->columns);
        weir__free(name.text);
    }
}

static void print_aligned(struct table *table)
{
    int *widths = weir__calloc((size_t)table->columns, sizeof *widths);
    for (int i = 0; i < table->columns; i++) {
        struct cell name = cell_of(CELL_TEXT, name_of(table, i));
        widths[i] = name.width;
        weir__free(name.text);
        for (int64_t row = 0; row < table->rows; row++) {
            int width = cell_at(table, row, i)->width;
            widths[i] = width > widths[i] ? width : widths[i];
        }
    }
    put_heading(table, widths);
    for (int64_t row = 0; row < table->rows; row++) {
        for (int i = 0; i < table->columns; i++) {
            put_cell(table, cell_at(table, row, i), widths[i], i + 1 == table->columns);
        }
    }
    weir__free(widths);
}

/* ---- all forms ---- */

bool table_cell(struct table *table, enum cell_kind kind, struct weir_str text)
{
    int column = table->column;
    if (table->form == TABLE_ALIGNED) {
        if (table->cells.count == MOST_ALIGNED_CELLS) {
            return false;
        }
        struct cell cell = cell_of(kind, text);
        weir__vec_push(&table->cells, &cell);
    } else if (table->form == TABLE_JSON) {
        put_json(table, column, kind, text);
    } else {
        if (table->rows == 0 && column == 0) {
            put_csv_heading(table);
        }
        put_csv(table, column, kind, text);
    }
    table->column = (column + 1) % table->columns;
    if (table->column == 0) {
        table->rows++;
        if (table->form != TABLE_ALIGNED) {
            end_line(table);
        }
    }
    return true;
}

void table_end(struct table *table)
{
    if (table->form == TABLE_ALIGNED) {
        print_aligned(table);
    } else if (table->form == TABLE_CSV && table->rows == 0) {
        put_csv_heading(table);
    }
    while (table->cells.count > 0) {
        weir__free(((struct cell *)weir__vec_pop(&table->cells))->text);
    }
    for (int i = 0; i < table->columns; i++) {
        weir__buf_fini(&table->names[i]);
    }
    weir__free(table->names);
    table->names = NULL;
    table->columns = 0;
}

void table_fini(struct table *table)
{
    weir__vec_fini(&table->cells);
    weir__buf_fini(&table->line);
}

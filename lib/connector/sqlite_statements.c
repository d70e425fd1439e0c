/*
 * The SQLite sink's SQL (see sqlite_statements.h).
 */
#include "connector/sqlite_statements.h"

static void put(struct weir__buf *out, const char *text)
{
    weir__buf_put(out, text, strlen(text));
}

/* "name", with quotes in it doubled. */
static void put_name(struct weir__buf *out, const char *name, const char *behind)
{
    weir__buf_put_u8(out, '"');
    for (; *name != '\0'; name++) {
        if (*name == '"') {
            weir__buf_put_u8(out, '"');
        }
        weir__buf_put_u8(out, (uint8_t)*name);
    }
    put(out, behind);
    weir__buf_put_u8(out, '"');
}

static void put_table(struct weir__buf *out, const struct weir__sqlite_table *table, bool pending)
{
    put_name(out, table->name, pending ? "__pending" : "");
}

static void end(struct weir__buf *out)
{
    weir__buf_reserve(out, 1);
    out->data[out->len] = '\0';
}

static const char *type_of(const struct weir_field *field)
{
    switch (field->kind) {
    case WEIR_KIND_BOOL:
    case WEIR_KIND_INT64:
        return " INTEGER";
    case WEIR_KIND_DOUBLE:
        return " REAL";
    case WEIR_KIND_STRING:
    case WEIR_KIND_STRING_SET:
    case WEIR_KIND_LIST:
    case WEIR_KIND_STRUCT:
        break;
    }
    return " TEXT";
}

static void put_columns(struct weir__buf *out, const struct weir__sqlite_table *table,
                        bool with_types)
{
    for (size_t i = 0; i < table->type->field_count; i++) {
        put(out, i > 0 ? ", " : "");
        put_name(out, table->type->fields[i].wire_name, "");
        put(out, with_types ? type_of(&table->type->fields[i]) : "");
    }
}

static void put_keys(struct weir__buf *out, const struct weir__sqlite_table *table)
{
    for (int i = 0; i < WEIR__SQLITE_MOST_KEYS && table->key[i] != NULL; i++) {
        put(out, i > 0 ? ", " : "");
        put_name(out, table->key[i]->wire_name, "");
    }
}

static bool is_key(const struct weir__sqlite_table *table, const struct weir_field *field)
{
    for (int i = 0; i < WEIR__SQLITE_MOST_KEYS && table->key[i] != NULL; i++) {
        if (strcmp(table->key[i]->wire_name, field->wire_name) == 0) {
            return true;
        }
    }
    return false;
}

void weir__sqlite_create(const struct weir__sqlite_table *table, struct weir__buf *out)
{
    out->len = 0;
    put(out, "CREATE TABLE IF NOT EXISTS ");
    put_table(out, table, false);
    put(out, " (");
    put_columns(out, table, true);
    if (table->key[0] != NULL) {
        put(out, ", PRIMARY KEY (");
        put_keys(out, table);
        put(out, ")");
    }
    put(out, ");\nCREATE TABLE IF NOT EXISTS ");
    put_table(out, table, true);
    put(out, " (weir_writer INTEGER NOT NULL, weir_after INTEGER NOT NULL, ");
    put_columns(out, table, true);
    put(out, ");\nCREATE TABLE IF NOT EXISTS weir_writers (id INTEGER PRIMARY KEY AUTOINCREMENT, "
             "job TEXT);");
    end(out);
}

static void put_parameters(struct weir__buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put(out, i > 0 ? ", ?" : "?");
    }
}

/* " ON CONFLICT (keys) DO UPDATE SET …": nothing when there is no key. */
static void put_conflict(struct weir__buf *out, const struct weir__sqlite_table *table)
{
    bool first = true;
    if (table->key[0] == NULL) {
        return;
    }
    put(out, " ON CONFLICT (");
    put_keys(out, table);
    put(out, ") DO ");
    for (size_t i = 0; i < table->type->field_count; i++) {
        const struct weir_field *field = &table->type->fields[i];
        if (!is_key(table, field)) {
            put(out, first ? "UPDATE SET " : ", ");
            put_name(out, field->wire_name, "");
            put(out, " = excluded.");
            put_name(out, field->wire_name, "");
            first = false;
        }
    }
    put(out, first ? "NOTHING" : "");
}

void weir__sqlite_upsert(const struct weir__sqlite_table *table, struct weir__buf *out)
{
    out->len = 0;
    put(out, "INSERT INTO ");
    put_table(out, table, false);
    put(out, " (");
    put_columns(out, table, false);
    put(out, ") VALUES (");
    put_parameters(out, table->type->field_count);
    put(out, ")");
    put_conflict(out, table);
    end(out);
}

void weir__sqlite_stage(const struct weir__sqlite_table *table, struct weir__buf *out)
{
    out->len = 0;
    put(out, "INSERT INTO ");
    put_table(out, table, true);
    put(out, " (weir_writer, weir_after, ");
    put_columns(out, table, false);
    put(out, ") VALUES (");
    put_parameters(out, table->type->field_count + 2);
    put(out, ")");
    end(out);
}

void weir__sqlite_publish(const struct weir__sqlite_table *table, struct weir__buf *out)
{
    out->len = 0;
    put(out, "INSERT INTO ");
    put_table(out, table, false);
    put(out, " (");
    put_columns(out, table, false);
    put(out, ") SELECT ");
    put_columns(out, table, false);
    put(out, " FROM ");
    put_table(out, table, true);
    put(out, " WHERE weir_writer = ? AND weir_after < ? ORDER BY rowid");
    put_conflict(out, table);
    end(out);
}

void weir__sqlite_forget(const struct weir__sqlite_table *table, struct weir__buf *out)
{
    out->len = 0;
    put(out, "DELETE FROM ");
    put_table(out, table, true);
    put(out, " WHERE weir_writer = ? AND weir_after < ?");
    end(out);
}

void weir__sqlite_sweep(const struct weir__sqlite_table *table, struct weir__buf *out)
{
    out->len = 0;
    put(out, "DELETE FROM ");
    put_table(out, table, true);
    put(out, " WHERE weir_writer < ?");
    end(out);
}

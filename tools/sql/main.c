/*
 * `weir sql`: questions to what the SQLite sink wrote. The file is opened to be read only, so a job
 * may go on writing beside it.
 */
#include "commands.h"
#include "sql/table.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { FAILURE = 1, MISUSE = 2 };

static const char usage[] =
    "Usage: weir sql FILE.db QUERY [--json | --csv]\n\n"
    "Asks a SQLite database, such as weir_sqlite_sink writes, and prints the rows. It is only "
    "read.\n"
    "QUERY may be several statements with ';' between them; '-' reads them from standard input.\n\n"
    "      --json  a JSON object a line\n"
    "      --csv   comma-separated, with a heading\n"
    "  -h, --help  this text\n\n"
    "Exit status: 0 done, 1 no such file or a mistake in the query, 2 misuse.\n\n"
    "Example: weir sql sessions.db 'SELECT ip, SUM(longest) AS seconds FROM (SELECT ip, "
    "MAX(duration) AS\n"
    "         longest FROM sessionized GROUP BY ip, sessionId) GROUP BY ip ORDER BY seconds DESC "
    "LIMIT 10'\n";

static const struct option options[] = {
    {"json", no_argument, NULL, 'j'},
    {"csv", no_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

#ifdef WEIR_HAVE_SQLITE3

#include <sqlite3.h>

enum { BUSY_MS = 5000 };

static bool print_cell(struct table *table, sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    struct weir_str cell = {text, (uint32_t)sqlite3_column_bytes(statement, column)};
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
        return table_cell(table, CELL_NULL, (struct weir_str){NULL, 0});
    case SQLITE_INTEGER:
        return table_cell(table, CELL_NUMBER, cell);
    case SQLITE_FLOAT: /* infinity has no form in JSON */
        return table_cell(table, strchr(text, 'I') == NULL ? CELL_NUMBER : CELL_TEXT, cell);
    default:
        return table_cell(table, CELL_TEXT, cell);
    }
}

/* Returns SQLITE_DONE, an error of SQLite, or SQLITE_TOOBIG for too many rows. */
static int print_rows(struct table *table, sqlite3_stmt *statement)
{
    int columns = sqlite3_column_count(statement);
    int step;
    if (columns == 0) {
        return sqlite3_step(statement);
    }
    table_begin(table, columns);
    for (int i = 0; i < columns; i++) {
        table_name(table, i, weir_str_from(sqlite3_column_name(statement, i)));
    }
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < columns && step == SQLITE_ROW; i++) {
            step = print_cell(table, statement, i) ? SQLITE_ROW : SQLITE_TOOBIG;
        }
        if (step == SQLITE_TOOBIG) {
            break;
        }
    }
    table_end(table);
    return step;
}

static int tell(sqlite3 *db, const char *path, int code)
{
    if (code == SQLITE_TOOBIG) {
        fprintf(stderr, "weir sql: more than two million cells cannot be aligned; take --csv or "
                        "--json\n");
    } else {
        fprintf(stderr, "weir sql: %s: %s\n", path,
                db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(code));
    }
    return FAILURE;
}

static int ask(sqlite3 *db, const char *path, const char *query, struct table *table)
{
    while (*query != '\0') {
        sqlite3_stmt *statement = NULL;
        const char *rest = NULL;
        int code = sqlite3_prepare_v2(db, query, -1, &statement, &rest);
        if (code != SQLITE_OK) {
            return tell(db, path, code);
        }
        if (statement != NULL) { /* NULL: space or a comment */
            code = print_rows(table, statement);
            if (code != SQLITE_DONE) {
                int result = tell(db, path, code);
                (void)sqlite3_finalize(statement);
                return result;
            }
        }
        (void)sqlite3_finalize(statement);
        query = rest;
    }
    return EXIT_SUCCESS;
}

static int run(const char *path, const char *query, enum table_form form)
{
    struct table table;
    sqlite3 *db = NULL;
    int result;
    table_init(&table, form, stdout);
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
    if (code == SQLITE_OK) {
        (void)sqlite3_busy_timeout(db, BUSY_MS);
        result = ask(db, path, query, &table);
    } else {
        result = tell(db, path, code);
    }
    (void)sqlite3_close(db);
    table_fini(&table);
    if (fflush(stdout) != 0 && result == EXIT_SUCCESS) {
        perror("weir sql: cannot write");
        result = FAILURE;
    }
    return result;
}

#else

static int run(const char *path, const char *query, enum table_form form)
{
    (void)path, (void)query, (void)form;
    fprintf(stderr, "weir sql: this build has no SQLite, because it was not found: install it "
                    "(tools/setup), remove build/config.mk, and run make again\n");
    return FAILURE;
}

#endif

/* All of standard input, NUL-terminated. */
static char *read_input(void)
{
    struct weir__buf text = {0};
    char chunk[4096];
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, stdin)) > 0) {
        weir__buf_put(&text, chunk, got);
    }
    weir__buf_put_u8(&text, '\0');
    return text.data;
}

int weir_sql_main(int argc, char **argv)
{
    enum table_form form = TABLE_ALIGNED;
    int letter;
    while ((letter = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (letter) {
        case 'j':
            form = TABLE_JSON;
            break;
        case 'c':
            form = TABLE_CSV;
            break;
        case 'h':
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        default:
            fprintf(stderr, "`weir sql --help` lists the options.\n");
            return MISUSE;
        }
    }
    if (argc - optind != 2) {
        fprintf(stderr, "weir sql: expected a file and a query. `weir sql --help` explains.\n");
        return MISUSE;
    }
    if (strcmp(argv[optind + 1], "-") != 0) {
        return run(argv[optind], argv[optind + 1], form);
    }
    char *query = read_input();
    int result = run(argv[optind], query, form);
    free(query);
    return result;
}

/*
 * The SQLite sink: rows in a table, by key the newest (see <weir/connectors.h>).
 *
 * A job without checkpoints writes rows into the table as they come, in batches. With checkpoints
 * it is exactly-once: rows wait in a table of their own, table__pending, and go into the table, in
 * one transaction, when the checkpoint that they belong to is complete:
 *
 *     write        INSERT INTO table__pending (writer, last prepared checkpoint, row)
 *     prepare(7)   the batch is written; the state is (writer, 7)
 *     commit(7)    BEGIN; INSERT INTO table SELECT rows before 7; DELETE these; COMMIT
 *     restore      the same for the writer of the state, then its later rows are dropped
 *
 * A commit that comes twice finds nothing to do. Each life of a subtask is a writer with a number
 * of its own, so what a dead one left is never taken for a living one's; what no checkpoint knows
 * of is swept at the first commit.
 *
 * Several subtasks write to one file, each by its own connection; SQLite lets them take turns, and
 * a batch waits for its turn.
 */
#include "base/mem.h"
#include "base/vec.h"
#include "connector/sqlite_statements.h"
#include "types/json_print.h"

#include <weir/connectors.h>

#include <assert.h>

#ifdef WEIR_HAVE_SQLITE3

#include <pthread.h>
#include <sqlite3.h>

#define BATCH_MS 1000

enum { BATCH_ROWS = 100, BUSY_MS = 20000, STATE_BYTES = 16 };

struct config {
    char *path;
    struct weir__sqlite_table table;
    pthread_mutex_t lock;
    /* under lock */
    int open_writers;
    int64_t first_writer; /* of this attempt of the job */
    bool swept;
};

enum statement { UPSERT, STAGE, PUBLISH, FORGET, SWEEP, STATEMENTS };

struct writer {
    struct config *config;
    const struct weir_clock *clock;
    bool staging; /* the job takes checkpoints */
    bool opened;
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    int64_t number;
    int64_t after;          /* the checkpoint prepared last */
    struct weir__vec batch; /* owned values, one behind the other */
    int64_t batch_begun_ms;
    struct weir__buf text;
    struct weir__buf state;
};

static enum weir_status fail(const struct writer *writer, struct weir_error *error)
{
    char where[160];
    snprintf(where, sizeof where, "%.100s, table %.40s", writer->config->path,
             writer->config->table.name);
    return weir_error_set(error, WEIR_IO, where, "SQLite: %s",
                          writer->db != NULL ? sqlite3_errmsg(writer->db) : "out of memory");
}

static enum weir_status execute(const struct writer *writer, const char *sql,
                                struct weir_error *error)
{
    return sqlite3_exec(writer->db, sql, NULL, NULL, NULL) == SQLITE_OK ? WEIR_OK
                                                                        : fail(writer, error);
}

/* Runs a statement whose parameters are bound. */
static enum weir_status run(const struct writer *writer, enum statement which,
                            struct weir_error *error)
{
    sqlite3_stmt *statement = writer->statements[which];
    enum weir_status status =
        sqlite3_step(statement) == SQLITE_DONE ? WEIR_OK : fail(writer, error);
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
    return status;
}

/* Ends a transaction: as a whole, or not at all. */
static enum weir_status finish(const struct writer *writer, enum weir_status status,
                               struct weir_error *error)
{
    if (status == WEIR_OK) {
        status = execute(writer, "COMMIT", error);
    }
    if (status != WEIR_OK) {
        (void)sqlite3_exec(writer->db, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}

/* ---- opening ---- */

static void *writer_new(const void *config)
{
    struct writer *writer = WEIR__NEW(struct writer);
    writer->config = (struct config *)config; /* what writers share is in it, under its lock */
    writer->batch = (struct weir__vec){.item_size = writer->config->table.type->size};
    return writer;
}

static enum weir_status prepare_statements(struct writer *writer, struct weir_error *error)
{
    static void (*const makers[STATEMENTS])(const struct weir__sqlite_table *,
                                            struct weir__buf *) = {
        [UPSERT] = weir__sqlite_upsert,   [STAGE] = weir__sqlite_stage,
        [PUBLISH] = weir__sqlite_publish, [FORGET] = weir__sqlite_forget,
        [SWEEP] = weir__sqlite_sweep,
    };
    for (int i = 0; i < STATEMENTS; i++) {
        makers[i](&writer->config->table, &writer->text);
        if (sqlite3_prepare_v2(writer->db, writer->text.data, -1, &writer->statements[i], NULL) !=
            SQLITE_OK) {
            return fail(writer, error);
        }
    }
    return WEIR_OK;
}

/* A number that no writer had before. */
static enum weir_status take_number(struct writer *writer, struct weir_error *error)
{
    struct config *config = writer->config;
    enum weir_status status =
        execute(writer, "INSERT INTO weir_writers (job) VALUES (NULL)", error);
    writer->number = sqlite3_last_insert_rowid(writer->db);
    pthread_mutex_lock(&config->lock);
    if (config->open_writers++ == 0) {
        config->first_writer = writer->number;
        config->swept = false;
    } else if (writer->number < config->first_writer) {
        config->first_writer = writer->number;
    }
    pthread_mutex_unlock(&config->lock);
    writer->opened = true;
    return status;
}

static enum weir_status writer_open(void *self, const struct weir_sink_context *context,
                                    struct weir_error *error)
{
    struct writer *writer = self;
    writer->clock = context->clock;
    writer->staging = context->checkpoint_interval_ms > 0;
    if (sqlite3_open(writer->config->path, &writer->db) != SQLITE_OK) {
        return fail(writer, error);
    }
    (void)sqlite3_busy_timeout(writer->db, BUSY_MS);
    enum weir_status status =
        execute(writer, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", error);
    if (status == WEIR_OK) {
        status = execute(writer, "BEGIN IMMEDIATE", error);
    }
    if (status == WEIR_OK) {
        weir__sqlite_create(&writer->config->table, &writer->text);
        status = execute(writer, writer->text.data, error);
        if (status == WEIR_OK) {
            status = take_number(writer, error);
        }
        status = finish(writer, status, error);
    }
    return status == WEIR_OK ? prepare_statements(writer, error) : status;
}

/* ---- rows ---- */

/* A field as a parameter; lists, sets and structs as JSON. */
static void bind_field(struct writer *writer, sqlite3_stmt *statement, int index,
                       const struct weir_field *field, const void *value)
{
    const void *at = (const char *)value + field->offset;
    switch (field->kind) {
    case WEIR_KIND_BOOL:
        (void)sqlite3_bind_int(statement, index, *(const bool *)at);
        return;
    case WEIR_KIND_INT64:
        (void)sqlite3_bind_int64(statement, index, *(const int64_t *)at);
        return;
    case WEIR_KIND_DOUBLE:
        (void)sqlite3_bind_double(statement, index, *(const double *)at);
        return;
    case WEIR_KIND_STRING: {
        const struct weir_str *str = at; /* a NULL pointer binds NULL */
        (void)sqlite3_bind_text(statement, index, str->data, (int)str->len, SQLITE_STATIC);
        return;
    }
    case WEIR_KIND_STRING_SET:
    case WEIR_KIND_LIST:
    case WEIR_KIND_STRUCT:
        break;
    }
    writer->text.len = 0;
    weir__json_print(weir__slot_of_field(field), at, &writer->text);
    (void)sqlite3_bind_text(statement, index, writer->text.data, (int)writer->text.len,
                            SQLITE_TRANSIENT);
}

static enum weir_status write_row(struct writer *writer, const void *value,
                                  struct weir_error *error)
{
    enum statement which = writer->staging ? STAGE : UPSERT;
    sqlite3_stmt *statement = writer->statements[which];
    const struct weir_type *type = writer->config->table.type;
    int index = 1;
    if (writer->staging) {
        (void)sqlite3_bind_int64(statement, index++, writer->number);
        (void)sqlite3_bind_int64(statement, index++, writer->after);
    }
    for (size_t i = 0; i < type->field_count; i++) {
        bind_field(writer, statement, index++, &type->fields[i], value);
    }
    return run(writer, which, error);
}

static enum weir_status write_batch(struct writer *writer, struct weir_error *error)
{
    if (writer->batch.count == 0) {
        return WEIR_OK;
    }
    enum weir_status status = execute(writer, "BEGIN IMMEDIATE", error);
    if (status != WEIR_OK) {
        return status;
    }
    for (size_t i = 0; i < writer->batch.count && status == WEIR_OK; i++) {
        status = write_row(writer, weir__vec_at(&writer->batch, i), error);
    }
    status = finish(writer, status, error);
    while (status == WEIR_OK && writer->batch.count > 0) {
        weir_value_fini(writer->config->table.type, weir__vec_pop(&writer->batch));
    }
    return status;
}

static enum weir_status writer_write(void *self, const void *value, int64_t timestamp,
                                     struct weir_error *error)
{
    struct writer *writer = self;
    int64_t now_ms = weir_clock_ns(writer->clock) / 1000000;
    (void)timestamp;
    if (writer->batch.count == 0) {
        writer->batch_begun_ms = now_ms;
    }
    weir_value_copy(writer->config->table.type, weir__vec_add(&writer->batch), value);
    return writer->batch.count >= BATCH_ROWS || now_ms - writer->batch_begun_ms >= BATCH_MS
               ? write_batch(writer, error)
               : WEIR_OK;
}

static enum weir_status writer_idle(void *self, struct weir_error *error)
{
    return write_batch(self, error);
}

/* ---- checkpoints ---- */

static enum weir_status writer_prepare(void *self, int64_t checkpoint, struct weir_str *state,
                                       struct weir_error *error)
{
    struct writer *writer = self;
    enum weir_status status = write_batch(writer, error);
    writer->state.len = 0;
    weir__buf_put_i64(&writer->state, writer->number);
    weir__buf_put_i64(&writer->state, checkpoint);
    *state = (struct weir_str){writer->state.data, (uint32_t)writer->state.len};
    writer->after = checkpoint;
    return status;
}

/* A statement about a writer's rows before a checkpoint. */
static enum weir_status run_for(const struct writer *writer, enum statement which, int64_t number,
                                int64_t checkpoint, struct weir_error *error)
{
    (void)sqlite3_bind_int64(writer->statements[which], 1, number);
    (void)sqlite3_bind_int64(writer->statements[which], 2, checkpoint);
    return run(writer, which, error);
}

/* Moves rows into the table; those before the checkpoint `dropped` go. */
static enum weir_status publish(const struct writer *writer, int64_t number, int64_t checkpoint,
                                int64_t dropped, struct weir_error *error)
{
    enum weir_status status = execute(writer, "BEGIN IMMEDIATE", error);
    if (status != WEIR_OK) {
        return status;
    }
    status = run_for(writer, PUBLISH, number, checkpoint, error);
    if (status == WEIR_OK) {
        status = run_for(writer, FORGET, number, dropped, error);
    }
    return finish(writer, status, error);
}

/* By now every state of an older life has been restored: what is left of those lives is nobody's.
 */
static enum weir_status sweep_once(const struct writer *writer, struct weir_error *error)
{
    struct config *config = writer->config;
    pthread_mutex_lock(&config->lock);
    bool due = !config->swept;
    config->swept = true;
    int64_t first = config->first_writer;
    pthread_mutex_unlock(&config->lock);
    if (!due) {
        return WEIR_OK;
    }
    (void)sqlite3_bind_int64(writer->statements[SWEEP], 1, first);
    return run(writer, SWEEP, error);
}

static enum weir_status writer_commit(void *self, const struct weir_sink_commit *commit,
                                      struct weir_error *error)
{
    struct writer *writer = self;
    if (!writer->staging) {
        return WEIR_OK;
    }
    enum weir_status status =
        publish(writer, writer->number, commit->checkpoint, commit->checkpoint, error);
    return status == WEIR_OK ? sweep_once(writer, error) : status;
}

static enum weir_status writer_restore(void *self, struct weir_str state, struct weir_error *error)
{
    struct writer *writer = self;
    struct weir__reader in = weir__reader_of(state);
    int64_t number = weir__read_i64(&in);
    int64_t checkpoint = weir__read_i64(&in);
    if (in.failed || state.len != STATE_BYTES) {
        return weir_error_set(error, WEIR_CORRUPT, writer->config->path,
                              "expected a state of the SQLite sink of 16 bytes, got %u",
                              (unsigned)state.len);
    }
    return publish(writer, number, checkpoint, INT64_MAX, error);
}

/* ---- the end ---- */

static void writer_free(void *self)
{
    struct writer *writer = self;
    if (writer->opened) {
        pthread_mutex_lock(&writer->config->lock);
        writer->config->open_writers--;
        pthread_mutex_unlock(&writer->config->lock);
    }
    while (writer->batch.count > 0) {
        weir_value_fini(writer->config->table.type, weir__vec_pop(&writer->batch));
    }
    weir__vec_fini(&writer->batch);
    for (int i = 0; i < STATEMENTS; i++) {
        (void)sqlite3_finalize(writer->statements[i]);
    }
    (void)sqlite3_close(writer->db);
    weir__buf_fini(&writer->text);
    weir__buf_fini(&writer->state);
    weir__free(writer);
}

static void config_free(void *self)
{
    struct config *config = self;
    pthread_mutex_destroy(&config->lock);
    weir__free(config->path);
    weir__free(config->table.name);
    weir__free(config);
}

static const struct weir_sink_ops sqlite_ops = {
    .kind = "SQLite",
    .writer_new = writer_new,
    .open = writer_open,
    .write = writer_write,
    .idle = writer_idle,
    .prepare = writer_prepare,
    .commit = writer_commit,
    .restore = writer_restore,
    .writer_free = writer_free,
    .config_free = config_free,
};

static void *config_new(const struct weir_sqlite_sink_config *given)
{
    struct config *config = WEIR__NEW(struct config);
    config->path = weir__strdup(given->path);
    config->table.name = weir__strdup(given->table);
    config->table.type = given->type;
    memcpy(config->table.key, given->key, sizeof config->table.key);
    pthread_mutex_init(&config->lock, NULL);
    return config;
}

#else

static void *writer_new(const void *config)
{
    (void)config;
    return weir__calloc(1, 1);
}

static enum weir_status writer_open(void *self, const struct weir_sink_context *context,
                                    struct weir_error *error)
{
    (void)self;
    return weir_error_set(error, WEIR_UNSUPPORTED, context->operator_name,
                          "this build has no SQLite, because it was not found: install it "
                          "(tools/setup), remove build/config.mk, and run make again");
}

static enum weir_status writer_write(void *self, const void *value, int64_t timestamp,
                                     struct weir_error *error)
{
    (void)self, (void)value, (void)timestamp;
    return weir_error_set(error, WEIR_UNSUPPORTED, NULL, "this build has no SQLite");
}

static const struct weir_sink_ops sqlite_ops = {
    .kind = "SQLite",
    .writer_new = writer_new,
    .open = writer_open,
    .write = writer_write,
    .writer_free = weir__free,
};

static void *config_new(const struct weir_sqlite_sink_config *given)
{
    (void)given;
    return NULL;
}

#endif

weir_sink *weir_sqlite_sink(const struct weir_sqlite_sink_config *config)
{
    static_assert(WEIR__SQLITE_MOST_KEYS == WEIR_SQLITE_KEYS,
                  "as many keys as the public header says");
    assert(config->path != NULL && config->table != NULL && config->type != NULL);
    return weir_sink_new(&sqlite_ops, "SQLite", config->type, config_new(config));
}

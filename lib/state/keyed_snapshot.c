/*
 * All states and timers of an operator as bytes.
 *
 *     keyed := version u8, tables varint, table…, event timers, processing timers
 *     table := name, fingerprint i64, schema of the values str (types/schema.h; null where it may not
 *              change), entries by key group (types/key_groups.h)
 *
 * With files the version is another one, and the name of the folder, heads of the tables, what the
 * backend says of its files, and the timers follow.
 */
#include "base/mem.h"
#include "state/keyed.h"

#include <string.h>

/* Versions; 2 had files whose keys stood in another order. */
enum { IN_BYTES = 1, IN_FILES = 3 };

static struct weir__table *table_at(const struct weir__keyed *keyed, size_t index)
{
    return *(struct weir__table **)weir__vec_at(&keyed->tables, index);
}

/* Of the table's values; null where their type may not change. The caller's to release. */
static struct weir__buf schema_of(const struct weir__table *table)
{
    struct weir__buf schema = {0};
    if (table->config.type != NULL) {
        weir__schema_write(table->config.type, &schema);
    }
    return schema;
}

static void put_head(const struct weir__table *table, struct weir__buf *out)
{
    struct weir__buf schema = schema_of(table);
    weir__buf_put_str(out, weir_str_from(table->config.name));
    weir__buf_put_i64(out, (int64_t)table->config.fingerprint);
    weir__buf_put_str(out, (struct weir_str){schema.data, (uint32_t)schema.len});
    weir__buf_fini(&schema);
}

static void put_timers(struct weir__keyed *keyed, struct weir__buf *out, struct weir__vec *gaps)
{
    weir__timers_snapshot(&keyed->timers[WEIR__EVENT_TIME], out, gaps);
    weir__timers_snapshot(&keyed->timers[WEIR__PROCESSING_TIME], out, gaps);
}

void weir__keyed_freeze(struct weir__keyed *keyed, struct weir__buf *out, struct weir__vec *gaps)
{
    weir__buf_put_u8(out, IN_BYTES);
    weir__buf_put_varint(out, keyed->tables.count);
    for (size_t i = 0; i < keyed->tables.count; i++) {
        struct weir__table *table = table_at(keyed, i);
        put_head(table, out);
        table->ops->snapshot(table, out, gaps);
    }
    put_timers(keyed, out, gaps);
}

void weir__keyed_snapshot(struct weir__keyed *keyed, struct weir__buf *out)
{
    weir__keyed_freeze(keyed, out, NULL);
}

/* ---- restoring ---- */

static struct weir__table *table_named(const struct weir__keyed *keyed, struct weir_str name)
{
    for (size_t i = 0; i < keyed->tables.count; i++) {
        if (weir_str_equals(name, table_at(keyed, i)->config.name)) {
            return table_at(keyed, i);
        }
    }
    return NULL;
}

static bool is_schema_of(struct weir_str bytes, const struct weir__table *table)
{
    struct weir__buf schema = schema_of(table);
    bool same =
        bytes.len == schema.len && memcmp(bytes.data != NULL ? bytes.data : "",
                                          schema.data != NULL ? schema.data : "", schema.len) == 0;
    weir__buf_fini(&schema);
    return same;
}

/* Sets what the cells that follow were written with; forget_schema when they are read. */
static enum weir_status read_schema(struct weir__table *table, struct weir_str bytes,
                                    struct weir_error *error)
{
    const struct weir__table_config *config = &table->config;
    if (is_schema_of(bytes, table)) {
        return WEIR_OK;
    }
    if (config->type == NULL || bytes.data == NULL) {
        return weir_error_set(error, WEIR_CORRUPT, NULL, "state '%s' has no schema that fits it",
                              config->name);
    }
    struct weir_error why = {0};
    *config->written = weir__schema_read(bytes, config->type, &why);
    return *config->written != NULL
               ? WEIR_OK
               : weir_error_set(error, why.code, NULL, "state '%s' of type %s: %s", config->name,
                                why.where, why.message);
}

static void forget_schema(struct weir__table *table)
{
    if (table->config.written != NULL) {
        weir__schema_free(*table->config.written);
        *table->config.written = NULL;
    }
}

/* The table that a head is of; it must be what it was, but for fields of its values. */
static enum weir_status read_head(const struct weir__keyed *keyed, struct weir__reader *in,
                                  struct weir__table **out, struct weir_error *error)
{
    struct weir_str name = weir__read_str(in);
    uint64_t fingerprint = (uint64_t)weir__read_i64(in);
    struct weir_str schema = weir__read_str(in);
    if (in->failed) {
        return weir_error_set(error, WEIR_CORRUPT, NULL,
                              "the snapshot of the keyed state ends early");
    }
    *out = table_named(keyed, name);
    if (*out == NULL) {
        return weir_error_set(
            error, WEIR_MISMATCH, NULL,
            "the snapshot holds a state '%.*s' that this operator does not declare; "
            "declare it again, or start without the snapshot",
            WEIR_STR_ARG(name));
    }
    if ((*out)->config.fingerprint != fingerprint) {
        return weir_error_set(
            error, WEIR_MISMATCH, NULL,
            "state '%.*s' has another kind, key type or TTL setting than in the snapshot; "
            "change it back, or give the state a new name",
            WEIR_STR_ARG(name));
    }
    return read_schema(*out, schema, error);
}

static enum weir_status restore_timers(struct weir__keyed *keyed, struct weir__reader *in,
                                       struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    for (int domain = WEIR__EVENT_TIME; domain <= WEIR__PROCESSING_TIME && status == WEIR_OK;
         domain++) {
        status = weir__timers_restore(&keyed->timers[domain], in, keyed->first_group,
                                      keyed->last_group, error);
    }
    return status;
}

static enum weir_status restore_bytes(struct weir__keyed *keyed, struct weir__reader *in,
                                      struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    for (uint64_t left = weir__read_varint(in); left > 0 && status == WEIR_OK; left--) {
        struct weir__table *table = NULL;
        status = read_head(keyed, in, &table, error);
        if (status == WEIR_OK && table != NULL) {
            status = table->ops->restore(table, in, keyed->first_group, keyed->last_group, error);
            forget_schema(table);
        }
    }
    return status;
}

/* ---- with files ---- */

enum weir_status weir__keyed_checkpoint(struct weir__keyed *keyed, const char *directory,
                                        const char *name, struct weir__buf *out,
                                        struct weir_error *error)
{
    const struct weir__backend_ops *ops = keyed->backend->ops;
    if (ops->checkpoint == NULL) {
        return weir_error_set(error, WEIR_UNSUPPORTED, NULL,
                              "the state backend '%s' has no native checkpoints", ops->name);
    }
    size_t before = out->len;
    weir__buf_put_u8(out, IN_FILES);
    weir__buf_put_str(out, weir_str_from(name));
    weir__buf_put_varint(out, keyed->tables.count);
    for (size_t i = 0; i < keyed->tables.count; i++) {
        put_head(table_at(keyed, i), out);
    }
    char *path = weir__asprintf("%s/%s", directory, name);
    enum weir_status status =
        ops->checkpoint(keyed->backend, path, keyed->first_group, keyed->last_group, out, error);
    weir__free(path);
    if (status == WEIR_OK) {
        put_timers(keyed, out, NULL);
    } else {
        out->len = before;
    }
    return status;
}

static enum weir_status restore_folder(struct weir__keyed *keyed, const char *path,
                                       struct weir__reader *in, struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    for (uint64_t left = weir__read_varint(in); left > 0 && status == WEIR_OK; left--) {
        struct weir__table *table = NULL;
        status = read_head(keyed, in, &table, error);
        if (status == WEIR_OK && table != NULL && table->config.written != NULL &&
            *table->config.written != NULL) {
            forget_schema(table);
            status = weir_error_set(error, WEIR_MISMATCH, path,
                                    "the values of state '%s' have other fields than in these "
                                    "files; take a savepoint with the program that made them, and "
                                    "begin with that",
                                    table->config.name);
        }
    }
    return status == WEIR_OK
               ? keyed->backend->ops->restore_from(keyed->backend, path, in, keyed->first_group,
                                                   keyed->last_group, error)
               : status;
}

/* A name that leads out of the directory is none of ours. */
static bool is_plain_name(struct weir_str name)
{
    return name.len > 0 && memchr(name.data, '/', name.len) == NULL && name.data[0] != '.';
}

static enum weir_status restore_files(struct weir__keyed *keyed, const char *directory,
                                      struct weir__reader *in, struct weir_error *error)
{
    struct weir_str name = weir__read_str(in);
    const struct weir__backend_ops *ops = keyed->backend->ops;
    if (in->failed || !is_plain_name(name)) {
        return weir_error_set(error, WEIR_CORRUPT, directory,
                              "the snapshot of the keyed state names no folder of files");
    }
    if (ops->restore_from == NULL || directory == NULL) {
        return weir_error_set(error, WEIR_MISMATCH, directory,
                              "this checkpoint holds files of another state backend than '%s'; "
                              "start with the one that made it, and take a savepoint to change it",
                              ops->name);
    }
    char *path = weir__asprintf("%s/%.*s", directory, WEIR_STR_ARG(name));
    enum weir_status status = restore_folder(keyed, path, in, error);
    weir__free(path);
    return status;
}

enum weir_status weir__keyed_restore_from(struct weir__keyed *keyed, const char *directory,
                                          struct weir__reader *in, struct weir_error *error)
{
    uint8_t version = weir__read_u8(in);
    if (in->failed || (version != IN_BYTES && version != IN_FILES)) {
        return weir_error_set(error, WEIR_CORRUPT, directory,
                              "the snapshot of the keyed state has version %u, expected %u or %u",
                              version, IN_BYTES, IN_FILES);
    }
    enum weir_status status = version == IN_BYTES ? restore_bytes(keyed, in, error)
                                                  : restore_files(keyed, directory, in, error);
    return status == WEIR_OK ? restore_timers(keyed, in, error) : status;
}

enum weir_status weir__keyed_restore(struct weir__keyed *keyed, struct weir__reader *in,
                                     struct weir_error *error)
{
    return weir__keyed_restore_from(keyed, NULL, in, error);
}

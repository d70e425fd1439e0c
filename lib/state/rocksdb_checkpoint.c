/*
 * Native checkpoints: the database's files, and what must be known of them.
 *
 *     description := first group, last group varint, tables varint, table…
 *     table       := name, id varint, cells varint
 *
 * Into an empty backend the first checkpoint is adopted: its files become the database, so it takes
 * no longer for more cells, and what belongs to other subtasks is deleted as a range. Further ones
 * (the job had more subtasks) are read key group by key group.
 */
#include "base/mem.h"
#include "state/rocksdb_backend.h"

#include <stdio.h>
#include <string.h>

enum { MAX_TABLES = UINT16_MAX, BATCH = 4096 /* entries */ };

/* ---- writing ---- */

enum weir_status weir__rocksdb_checkpoint(struct weir__backend *backend, const char *directory,
                                          int first_group, int last_group, struct weir__buf *out,
                                          struct weir_error *error)
{
    struct weir__rocksdb *self = weir__rocksdb_of(backend);
    weir__rocksdb_flush(self);
    if (self->failed) {
        return weir_error_set(error, WEIR_IO, directory, "the state could not be written before");
    }
    weir__buf_put_varint(out, (uint64_t)first_group);
    weir__buf_put_varint(out, (uint64_t)last_group);
    weir__buf_put_varint(out, self->tables.count);
    for (size_t i = 0; i < self->tables.count; i++) {
        const struct weir__rocksdb_table *table = weir__rocksdb_table_at(self, i);
        weir__buf_put_str(out, weir_str_from(table->table.config.name));
        weir__buf_put_varint(out, table->id);
        weir__buf_put_varint(out, table->live);
    }
    return weir__store_checkpoint(self->store, directory, error);
}

/* ---- what a checkpoint says of itself ---- */

struct part {
    struct weir__rocksdb_table *table;
    uint16_t id; /* in the checkpoint */
    uint64_t cells;
};

struct description {
    int first_group;
    int last_group;
    struct weir__vec parts; /* struct part */
};

static struct weir__rocksdb_table *table_named(const struct weir__rocksdb *self,
                                               struct weir_str name)
{
    for (size_t i = 0; i < self->tables.count; i++) {
        struct weir__rocksdb_table *table = weir__rocksdb_table_at(self, i);
        if (weir_str_equals(name, table->table.config.name)) {
            return table;
        }
    }
    return NULL;
}

static enum weir_status read_part(const struct weir__rocksdb *self, struct weir__reader *in,
                                  struct description *description, struct weir_error *error)
{
    struct weir_str name = weir__read_str(in);
    uint64_t id = weir__read_varint(in);
    struct part part = {.id = (uint16_t)id, .cells = weir__read_varint(in)};
    if (in->failed || id > MAX_TABLES) {
        return weir_error_set(error, WEIR_CORRUPT, NULL,
                              "the description of a native checkpoint is damaged");
    }
    part.table = table_named(self, name);
    if (part.table == NULL) {
        return weir_error_set(error, WEIR_MISMATCH, NULL,
                              "the checkpoint holds a state '%.*s' that is not declared",
                              WEIR_STR_ARG(name));
    }
    weir__vec_push(&description->parts, &part);
    return WEIR_OK;
}

static enum weir_status read_description(const struct weir__rocksdb *self, struct weir__reader *in,
                                         struct description *out, struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    out->first_group = (int)weir__read_varint(in);
    out->last_group = (int)weir__read_varint(in);
    for (uint64_t left = weir__read_varint(in); left > 0 && status == WEIR_OK; left--) {
        status = read_part(self, in, out, error);
    }
    return status == WEIR_OK && in->failed
               ? weir_error_set(error, WEIR_CORRUPT, NULL,
                                "the description of a native checkpoint ends early")
               : status;
}

/* ---- the first: adopted ---- */

static bool is_empty(const struct weir__rocksdb *self)
{
    for (size_t i = 0; i < self->tables.count; i++) {
        const struct weir__rocksdb_table *table = weir__rocksdb_table_at(self, i);
        if (table->live > 0 || table->entries.count > 0) {
            return false;
        }
    }
    return true;
}

/* Tables keep the ids that they have in the checkpoint; others get ids that are free. */
static void take_ids(struct weir__rocksdb *self, const struct description *description)
{
    uint16_t next = 0;
    for (size_t i = 0; i < description->parts.count; i++) {
        const struct part *part = weir__vec_at(&description->parts, i);
        next = part->id >= next ? (uint16_t)(part->id + 1) : next;
    }
    for (size_t i = 0; i < self->tables.count; i++) {
        weir__rocksdb_table_at(self, i)->id = next++;
    }
    for (size_t i = 0; i < description->parts.count; i++) {
        const struct part *part = weir__vec_at(&description->parts, i);
        part->table->id = part->id;
    }
}

static bool count_entry(struct weir_str key, struct weir_str value, void *user)
{
    (void)value;
    struct weir__rocksdb *self = user;
    for (size_t i = 0; i < self->tables.count; i++) {
        struct weir__rocksdb_table *table = weir__rocksdb_table_at(self, i);
        if (key.len >= WEIR__ROCKSDB_PREFIX && weir__rocksdb_table_of(key) == table->id) {
            table->live++;
            table->absent++;
        }
    }
    return true;
}

static enum weir_status delete_groups(struct weir__rocksdb *self, int first, int last,
                                      struct weir_error *error)
{
    if (first > last) {
        return WEIR_OK;
    }
    char from[2] = {(char)(first >> 8), (char)first};
    char to[2] = {(char)((last + 1) >> 8), (char)(last + 1)};
    return weir__store_delete_range(self->store, (struct weir_str){from, sizeof(from)},
                                    (struct weir_str){to, sizeof(to)}, error);
}

static enum weir_status adopt(struct weir__rocksdb *self, const char *directory,
                              const struct description *description, int first_group,
                              int last_group, struct weir_error *error)
{
    enum weir_status status = weir__store_adopt(self->store, directory, error);
    if (status != WEIR_OK) {
        return status;
    }
    take_ids(self, description);
    if (first_group <= description->first_group && last_group >= description->last_group) {
        for (size_t i = 0; i < description->parts.count; i++) {
            const struct part *part = weir__vec_at(&description->parts, i);
            part->table->live = part->table->absent = (size_t)part->cells;
        }
        return WEIR_OK;
    }
    status = delete_groups(self, description->first_group, first_group - 1, error);
    if (status == WEIR_OK) {
        status = delete_groups(self, last_group + 1, description->last_group, error);
    }
    if (status == WEIR_OK) {
        status = weir__store_scan(self->store, WEIR_STR(""), count_entry, self, error);
    }
    return status;
}

/* ---- more: read ---- */

struct copy {
    struct weir__rocksdb *self;
    const struct part *part;
    uint32_t copied;
};

static bool copy_entry(struct weir_str key, struct weir_str value, void *user)
{
    struct copy *copy = user;
    struct weir__rocksdb *self = copy->self;
    weir__rocksdb_prefix(self, weir__rocksdb_group_of(key), copy->part->table->id);
    weir__buf_put(&self->key, key.data + WEIR__ROCKSDB_PREFIX, key.len - WEIR__ROCKSDB_PREFIX);
    weir__store_put(self->store, (struct weir_str){self->key.data, (uint32_t)self->key.len}, value);
    copy->part->table->live++;
    copy->part->table->absent++;
    if (++copy->copied % BATCH == 0) {
        weir__rocksdb_commit(self);
    }
    return !self->failed;
}

static enum weir_status copy_groups(struct weir__rocksdb *self, struct weir__store *from,
                                    const struct description *description, int first_group,
                                    int last_group, struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    for (size_t i = 0; i < description->parts.count; i++) {
        struct copy copy = {.self = self, .part = weir__vec_at(&description->parts, i)};
        for (int group = first_group; group <= last_group && status == WEIR_OK; group++) {
            char prefix[WEIR__ROCKSDB_PREFIX];
            memcpy(prefix, weir__rocksdb_prefix(self, group, copy.part->id).data, sizeof(prefix));
            status = weir__store_scan(from, (struct weir_str){prefix, sizeof(prefix)}, copy_entry,
                                      &copy, error);
        }
    }
    weir__rocksdb_commit(self);
    return status == WEIR_OK && self->failed
               ? weir_error_set(error, WEIR_IO, NULL, "the state could not be written")
               : status;
}

static enum weir_status read_in(struct weir__rocksdb *self, const char *directory,
                                const struct description *description, int first_group,
                                int last_group, struct weir_error *error)
{
    struct weir__store *from = NULL;
    enum weir_status status = weir__store_open(&self->config, &self->store_memory, &from, error);
    if (status == WEIR_OK) {
        status = weir__store_adopt(from, directory, error);
    }
    int first = first_group > description->first_group ? first_group : description->first_group;
    int last = last_group < description->last_group ? last_group : description->last_group;
    if (status == WEIR_OK) {
        status = copy_groups(self, from, description, first, last, error);
    }
    weir__store_close(from);
    return status;
}

enum weir_status weir__rocksdb_restore_from(struct weir__backend *backend, const char *directory,
                                            struct weir__reader *in, int first_group,
                                            int last_group, struct weir_error *error)
{
    struct weir__rocksdb *self = weir__rocksdb_of(backend);
    struct description description = {.parts = WEIR__VEC_OF(struct part)};
    enum weir_status status = read_description(self, in, &description, error);
    if (status == WEIR_OK && first_group <= description.last_group &&
        last_group >= description.first_group) {
        status = is_empty(self)
                     ? adopt(self, directory, &description, first_group, last_group, error)
                     : read_in(self, directory, &description, first_group, last_group, error);
    }
    weir__vec_fini(&description.parts);
    return status;
}

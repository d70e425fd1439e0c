/*
 * The collection source: values from memory, for tests and first steps. One split, read by subtask
 * 0.
 *
 * The config owns deep copies of the values; readers borrow from it. Position: the index of the
 * next value.
 */
#include "base/buf.h"
#include "base/mem.h"

#include <weir/connectors.h>

struct collection {
    const struct weir_type *type;
    char *values;
    size_t count;
};

struct reader {
    const struct collection *collection;
    size_t next;
    bool mine; /* this subtask reads the split */
    bool announced;
    struct weir__buf position;
};

static void *reader_new(const void *config)
{
    struct reader *reader = WEIR__NEW(struct reader);
    reader->collection = config;
    return reader;
}

static enum weir_status reader_open(void *self, const struct weir_source_context *context,
                                    struct weir_error *error)
{
    struct reader *reader = self;
    (void)error;
    reader->mine = context->subtask == 0;
    return WEIR_OK;
}

static enum weir_poll reader_poll(void *self, weir_source_output *out, int budget,
                                  struct weir_error *error)
{
    struct reader *reader = self;
    const struct collection *collection = reader->collection;
    (void)error;
    if (!reader->mine) {
        return WEIR_POLL_END;
    }
    if (!reader->announced) {
        reader->announced = true;
        weir_source_split_added(out, 0);
    }
    for (; budget > 0 && reader->next < collection->count; budget--) {
        const void *value = collection->values + reader->next * collection->type->size;
        reader->next++; /* first: a snapshot taken downstream counts this value as emitted */
        weir_source_emit(out, 0, value, WEIR_TIME_MIN);
    }
    if (reader->next < collection->count) {
        return WEIR_POLL_MORE;
    }
    weir_source_split_finished(out, 0);
    return WEIR_POLL_END;
}

static struct weir_str reader_snapshot(void *self)
{
    struct reader *reader = self;
    reader->position.len = 0;
    weir__buf_put_varint(&reader->position, reader->next);
    return (struct weir_str){reader->position.data, (uint32_t)reader->position.len};
}

static enum weir_status reader_restore(void *self, struct weir_str position,
                                       struct weir_error *error)
{
    struct reader *reader = self;
    struct weir__reader in = weir__reader_of(position);
    uint64_t next = weir__read_varint(&in);
    if (in.failed || next > reader->collection->count) {
        return weir_error_set(error, WEIR_CORRUPT, "collection source",
                              "the position is not one of this collection's");
    }
    if (next > reader->next) { /* subtasks that own no split say 0 */
        reader->next = (size_t)next;
    }
    return WEIR_OK;
}

static void reader_free(void *self)
{
    struct reader *reader = self;
    weir__buf_fini(&reader->position);
    weir__free(reader);
}

static void config_free(void *self)
{
    struct collection *collection = self;
    for (size_t i = 0; i < collection->count; i++) {
        weir_value_fini(collection->type, collection->values + i * collection->type->size);
    }
    weir__free(collection->values);
    weir__free(collection);
}

static const struct weir_source_ops collection_ops = {
    .kind = "Collection",
    .reader_new = reader_new,
    .open = reader_open,
    .poll = reader_poll,
    .snapshot = reader_snapshot,
    .restore = reader_restore,
    .reader_free = reader_free,
    .config_free = config_free,
};

weir_source *weir_collection_source(const struct weir_type *type, const void *values, size_t count)
{
    struct collection *collection = WEIR__NEW(struct collection);
    collection->type = type;
    collection->count = count;
    collection->values = weir__calloc(count > 0 ? count : 1, type->size);
    for (size_t i = 0; i < count; i++) {
        weir_value_copy(type, collection->values + i * type->size,
                        (const char *)values + i * type->size);
    }
    return weir_source_new(&collection_ops, "Collection", type, collection);
}

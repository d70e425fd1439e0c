/*
 * The accumulators of one slice of time: adding, clearing.
 */
#include "window/slice_table.h"

#include "base/mem.h"

#include <assert.h>
#include <stddef.h>

#define BLOCK_BYTES 65536u
#define LINE_BYTES  64u
#define SLAB_CHUNKS 64u

/* A piece of memory that long keys are cut from. */
struct weir__text_block {
    struct weir__text_block *older;
    size_t used;
    size_t size;
    char bytes[];
};

static const char *keep_text(struct weir__slice_table *table, struct weir_str text)
{
    struct weir__text_block *block = table->blocks;
    if (block == NULL || block->size - block->used < text.len) {
        size_t size = text.len > BLOCK_BYTES ? text.len : BLOCK_BYTES;
        block = weir__alloc(sizeof(*block) + size);
        *block = (struct weir__text_block){.older = table->blocks, .size = size};
        table->blocks = block;
    }
    char *copy = block->bytes + block->used;
    memcpy(copy, text.data, text.len);
    block->used += text.len;
    table->text_bytes += text.len;
    return copy;
}

static void free_blocks(struct weir__text_block *block)
{
    while (block != NULL) {
        struct weir__text_block *older = block->older;
        weir__free(block);
        block = older;
    }
}

/* All blocks but the newest, which stays for what comes. */
static void drop_blocks(struct weir__slice_table *table)
{
    if (table->blocks != NULL) {
        free_blocks(table->blocks->older);
        table->blocks->older = NULL;
        table->blocks->used = 0;
    }
}

static void free_chunks(struct weir__slice_table *table)
{
    for (uint32_t i = 0; i < table->chunk_count; i++) {
        if (i < SLAB_CHUNKS || i % SLAB_CHUNKS == 0) {
            weir__free(table->chunks[i]);
        }
    }
    weir__free(table->chunks);
}

void weir__slice_table_init(struct weir__slice_table *table, size_t accumulator_size)
{
    size_t bytes = sizeof(struct weir__slice_entry) + accumulator_size;
    *table = (struct weir__slice_table){
        .stride = (bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES,
    };
}

void weir__slice_table_clear(struct weir__slice_table *table)
{
    weir__index_clear(&table->index);
    drop_blocks(table);
    table->count = 0;
    table->text_bytes = 0;
}

void weir__slice_table_fini(struct weir__slice_table *table)
{
    free_chunks(table);
    weir__index_fini(&table->index);
    free_blocks(table->blocks);
}

static void keep_key(struct weir__slice_table *table, struct weir__slice_entry *entry,
                     const struct weir__key *key)
{
    table->kind = key->kind;
    if (key->kind != WEIR_KIND_STRING) {
        entry->integer = key->integer;
        return;
    }
    entry->len = key->string.len;
    if (entry->len > WEIR__SHORT_KEY) {
        entry->data = keep_text(table, key->string);
    } else if (entry->len > 0) {
        memcpy(entry->text, key->string.data, entry->len);
    }
}

/* The first chunks come one by one; a large table's by the slab, which fills large pages. */
static void add_chunks(struct weir__slice_table *table)
{
    uint32_t count = table->chunk_count < SLAB_CHUNKS ? 1 : SLAB_CHUNKS;
    size_t bytes = WEIR__SLICE_CHUNK * table->stride;
    char *memory = weir__alloc_lines(count * bytes);
    table->chunks =
        weir__reallocarray(table->chunks, table->chunk_count + count, sizeof(*table->chunks));
    for (uint32_t i = 0; i < count; i++) {
        table->chunks[table->chunk_count++] = memory + i * bytes;
    }
}

struct weir__slice_entry *weir__slice_table_add(struct weir__slice_table *table,
                                                const struct weir__key *key, uint64_t sequence)
{
    assert(sequence > 0);
    uint32_t number = table->count++;
    if (number / WEIR__SLICE_CHUNK == table->chunk_count) {
        add_chunks(table);
    }
    struct weir__slice_entry *entry = weir__slice_table_at(table, number);
    memset(entry, 0, table->stride);
    entry->hash = key->hash;
    entry->sequence = sequence;
    keep_key(table, entry, key);
    weir__index_put(&table->index, key->hash, number);
    return entry;
}

void weir__slice_table_keep(struct weir__slice_table *table)
{
    struct weir__slice_table old = *table;
    *table = (struct weir__slice_table){.stride = old.stride, .kind = old.kind};
    for (uint32_t number = 0; number < old.count; number++) {
        const struct weir__slice_entry *entry = weir__slice_table_at(&old, number);
        if (entry->count > 0) {
            struct weir__key key = weir__slice_entry_key(&old, entry);
            struct weir__slice_entry *copy = weir__slice_table_add(table, &key, entry->sequence);
            copy->count = entry->count;
            memcpy(copy->accumulator, entry->accumulator,
                   table->stride - offsetof(struct weir__slice_entry, accumulator));
        }
    }
    weir__slice_table_fini(&old);
}

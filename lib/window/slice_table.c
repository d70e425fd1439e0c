/*
 * The accumulators of one slice of time: adding, clearing.
 */
#include "window/slice_table.h"

#include "base/mem.h"

#define BLOCK_BYTES 65536u

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
    return copy;
}

/* All blocks but the newest, which stays for what comes. */
static void drop_blocks(struct weir__slice_table *table)
{
    struct weir__text_block *block = table->blocks;
    if (block == NULL) {
        return;
    }
    while (block->older != NULL) {
        struct weir__text_block *older = block->older;
        block->older = older->older;
        weir__free(older);
    }
    block->used = 0;
}

void weir__slice_table_init(struct weir__slice_table *table, size_t accumulator_size)
{
    *table = (struct weir__slice_table){
        .stride = (sizeof(struct weir__slice_entry) + accumulator_size + 7) & ~(size_t)7,
    };
}

void weir__slice_table_clear(struct weir__slice_table *table)
{
    weir__index_clear(&table->index);
    drop_blocks(table);
    table->count = 0;
}

void weir__slice_table_fini(struct weir__slice_table *table)
{
    drop_blocks(table);
    weir__free(table->blocks);
    weir__free(table->entries);
    weir__index_fini(&table->index);
}

struct weir__slice_entry *weir__slice_table_add(struct weir__slice_table *table,
                                                const struct weir__key *key, uint64_t sequence)
{
    if (table->count == table->capacity) {
        table->capacity = table->capacity == 0 ? 16 : table->capacity * 2;
        table->entries = weir__reallocarray(table->entries, table->capacity, table->stride);
    }
    struct weir__slice_entry *entry = weir__slice_table_at(table, table->count);
    memset(entry, 0, table->stride);
    entry->hash = key->hash;
    entry->sequence = sequence;
    table->kind = key->kind;
    if (key->kind != WEIR_KIND_STRING) {
        entry->integer = key->integer;
    } else {
        entry->len = key->string.len;
        if (entry->len > WEIR__SHORT_KEY) {
            entry->data = keep_text(table, key->string);
        } else if (entry->len > 0) {
            memcpy(entry->text, key->string.data, entry->len);
        }
    }
    weir__index_put(&table->index, key->hash, table->count++);
    return entry;
}

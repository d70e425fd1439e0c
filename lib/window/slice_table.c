/*
 * The accumulators of one slice of time: adding, clearing.
 */
#include "window/slice_table.h"

#include "base/mem.h"

#include <assert.h>
#include <stddef.h>

#define BLOCK_BYTES 65536u
#define LINE_BYTES  64u
#define FIRST_SLOTS 16u

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

/* Zeroed slots, aligned to a cache line, and room for the order of those that may be used. */
static void make_slots(struct weir__slice_table *table, uint32_t count)
{
    size_t bytes = (size_t)count * table->stride;
    table->memory = weir__calloc(bytes + LINE_BYTES, 1);
    uintptr_t address = (uintptr_t)table->memory;
    table->slots = (char *)table->memory + (LINE_BYTES - address % LINE_BYTES) % LINE_BYTES;
    table->order = weir__reallocarray(table->order, count, sizeof(*table->order));
    table->mask = count - 1;
}

static uint32_t free_slot(const struct weir__slice_table *table, uint64_t hash)
{
    uint32_t slot = (uint32_t)hash & table->mask;
    while (weir__slice_table_slot(table, slot)->sequence != 0) {
        slot = (slot + 1) & table->mask;
    }
    return slot;
}

/* Entries move as bytes; what they point to stays where it is. */
static void grow(struct weir__slice_table *table)
{
    struct weir__slice_table old = *table;
    make_slots(table, (old.mask + 1) * 2);
    for (uint32_t number = 0; number < table->count; number++) {
        const struct weir__slice_entry *entry = weir__slice_table_slot(&old, table->order[number]);
        uint32_t slot = free_slot(table, entry->hash);
        memcpy(weir__slice_table_slot(table, slot), entry, table->stride);
        table->order[number] = slot;
    }
    weir__free(old.memory);
}

void weir__slice_table_init(struct weir__slice_table *table, size_t accumulator_size)
{
    size_t bytes = sizeof(struct weir__slice_entry) + accumulator_size;
    *table = (struct weir__slice_table){
        .stride = bytes <= LINE_BYTES ? LINE_BYTES : (bytes + 15) & ~(size_t)15,
    };
    make_slots(table, FIRST_SLOTS);
}

void weir__slice_table_clear(struct weir__slice_table *table)
{
    if (table->count > table->mask / 8) {
        memset(table->slots, 0, ((size_t)table->mask + 1) * table->stride);
    } else {
        for (uint32_t number = 0; number < table->count; number++) {
            weir__slice_table_at(table, number)->sequence = 0;
        }
    }
    drop_blocks(table);
    table->count = 0;
}

void weir__slice_table_fini(struct weir__slice_table *table)
{
    free_blocks(table->blocks);
    weir__free(table->order);
    weir__free(table->memory);
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

struct weir__slice_entry *weir__slice_table_add(struct weir__slice_table *table,
                                                const struct weir__key *key, uint64_t sequence)
{
    assert(sequence > 0);
    /* At most half full: most look-ups end at the first slot, which the processor learns to expect.
     */
    if (table->count > table->mask / 2) {
        grow(table);
    }
    uint32_t slot = free_slot(table, key->hash);
    struct weir__slice_entry *entry = weir__slice_table_slot(table, slot);
    memset(entry, 0, table->stride);
    entry->hash = key->hash;
    entry->sequence = sequence;
    keep_key(table, entry, key);
    table->order[table->count++] = slot;
    return entry;
}

void weir__slice_table_keep(struct weir__slice_table *table)
{
    struct weir__slice_table old = *table;
    uint32_t kept = 0;
    for (uint32_t number = 0; number < old.count; number++) {
        kept += weir__slice_table_at(&old, number)->count > 0;
    }
    uint32_t slots = FIRST_SLOTS;
    while (slots / 2 <= kept) {
        slots *= 2;
    }
    *table = (struct weir__slice_table){.stride = old.stride, .kind = old.kind};
    make_slots(table, slots);
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
    free_blocks(old.blocks);
    weir__free(old.order);
    weir__free(old.memory);
}

/*
 * Interned keys.
 */
#include "types/key_table.h"

#include "base/mem.h"

#include <assert.h>

void weir__key_table_init(struct weir__key_table *table, int max_parallelism)
{
    *table = (struct weir__key_table){
        .nodes = WEIR__POOL_OF(sizeof(struct weir__key_node)),
        .max_parallelism = max_parallelism,
        .leaving = WEIR__VEC_OF(uint32_t),
    };
}

static void free_text(struct weir__key_node *node)
{
    if (node->key.kind == WEIR_KIND_STRING) {
        weir__free((void *)(uintptr_t)node->key.string.data);
    }
}

void weir__key_table_fini(struct weir__key_table *table)
{
    assert(atomic_load(&table->pins) == 0);
    for (uint32_t i = weir__pool_next(&table->nodes, 0); i != WEIR__POOL_NONE;
         i = weir__pool_next(&table->nodes, i + 1)) {
        free_text(weir__pool_at(&table->nodes, i));
    }
    weir__pool_fini(&table->nodes);
    weir__index_fini(&table->index);
    weir__vec_fini(&table->leaving);
}

struct weir__key_node *weir__key_table_find(const struct weir__key_table *table,
                                            const struct weir__key *key)
{
    struct weir__index_cursor at = weir__index_find(&table->index, key->hash);
    for (uint32_t entry; (entry = weir__index_next(&table->index, &at)) != WEIR__INDEX_NONE;) {
        struct weir__key_node *node = weir__pool_at(&table->nodes, entry);
        if (node->key.hash == key->hash && weir__key_equals(&node->key, key)) {
            return node;
        }
    }
    return NULL;
}

struct weir__key_node *weir__key_table_intern(struct weir__key_table *table,
                                              const struct weir__key *key)
{
    struct weir__key_node *node = weir__key_table_find(table, key);
    if (node != NULL) {
        return node;
    }
    uint32_t number = weir__pool_take(&table->nodes);
    node = weir__pool_at(&table->nodes, number);
    node->key = *key;
    if (key->kind == WEIR_KIND_STRING) {
        node->key.string.data =
            key->string.len > 0 ? weir__memdup(key->string.data, key->string.len) : weir__alloc(1);
    }
    node->number = number;
    node->group = weir__key_group(key, table->max_parallelism);
    weir__index_put(&table->index, key->hash, number);
    return node;
}

static void free_node(struct weir__key_table *table, struct weir__key_node *node)
{
    free_text(node);
    weir__pool_give(&table->nodes, node->number);
}

static void free_leaving(struct weir__key_table *table)
{
    while (table->leaving.count > 0) {
        uint32_t number = *(uint32_t *)weir__vec_pop(&table->leaving);
        free_node(table, weir__pool_at(&table->nodes, number));
    }
}

void weir__key_unref(struct weir__key_table *table, struct weir__key_node *node)
{
    assert(node->refs > 0);
    if (--node->refs > 0) {
        return;
    }
    weir__index_remove(&table->index, node->key.hash, node->number);
    if (atomic_load_explicit(&table->pins, memory_order_acquire) > 0) {
        weir__vec_push(&table->leaving, &node->number);
        return;
    }
    free_leaving(table);
    free_node(table, node);
}

void weir__key_encode(const struct weir__key *key, struct weir__buf *out)
{
    weir__buf_put_u8(out, (uint8_t)key->kind);
    if (key->kind == WEIR_KIND_STRING) {
        weir__buf_put_str(out, key->string);
    } else {
        weir__buf_put_zigzag(out, key->integer);
    }
}

bool weir__key_decode(struct weir__reader *in, struct weir__key *key)
{
    uint8_t kind = weir__read_u8(in);
    if (kind == WEIR_KIND_STRING) {
        *key = weir__key_string(weir__read_str(in));
    } else if (kind == WEIR_KIND_INT64 || kind == WEIR_KIND_BOOL) {
        *key = weir__key_integer((enum weir_kind)kind, weir__read_zigzag(in));
    } else {
        return false;
    }
    return !in->failed;
}

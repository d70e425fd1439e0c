/*
 * Documents that wait (see opensearch_batch.h).
 */
#include "connector/opensearch_batch.h"

#include "base/escape.h"
#include "base/hash.h"

#include <assert.h>

/* {"index":{"_id":""}} and two newlines */
enum { ACTION_BYTES = 22 };

struct item {
    size_t at; /* of the id in the batch's text; the document is behind it */
    uint32_t id_len;
    uint32_t document_len;
    bool has_id;
    bool settled;
};

void weir__search_batch_init(struct weir__search_batch *batch)
{
    *batch = (struct weir__search_batch){.items = WEIR__VEC_OF(struct item),
                                         .sent = WEIR__VEC_OF(size_t)};
}

void weir__search_batch_fini(struct weir__search_batch *batch)
{
    weir__buf_fini(&batch->text);
    weir__vec_fini(&batch->items);
    weir__vec_fini(&batch->sent);
    weir__index_fini(&batch->by_id);
}

static struct weir_str id_of(const struct weir__search_batch *batch, const struct item *item)
{
    return item->has_id ? (struct weir_str){batch->text.data + item->at, item->id_len}
                        : (struct weir_str){NULL, 0};
}

static struct weir_str document_of(const struct weir__search_batch *batch, const struct item *item)
{
    assert(batch->text.data != NULL); /* there is an item */
    return (struct weir_str){batch->text.data + item->at + item->id_len, item->document_len};
}

static size_t bytes_of(const struct item *item)
{
    return ACTION_BYTES + (size_t)item->id_len + item->document_len;
}

static void settle(struct weir__search_batch *batch, struct item *item)
{
    assert(!item->settled);
    item->settled = true;
    batch->open--;
    batch->bytes -= bytes_of(item);
}

/* The open item with this id gives way to the one with number `newer`. */
static void replace(struct weir__search_batch *batch, struct weir_str id, uint32_t newer)
{
    uint64_t hash = weir__hash_bytes(id.data, id.len);
    struct weir__index_cursor at = weir__index_find(&batch->by_id, hash);
    for (uint32_t i; (i = weir__index_next(&batch->by_id, &at)) != WEIR__INDEX_NONE;) {
        struct item *item = weir__vec_at(&batch->items, i);
        if (!item->settled && weir_str_same(id_of(batch, item), id)) {
            settle(batch, item);
            weir__index_remove(&batch->by_id, hash, i);
            break;
        }
    }
    weir__index_put(&batch->by_id, hash, newer);
}

void weir__search_batch_add(struct weir__search_batch *batch, struct weir_str id,
                            struct weir_str document)
{
    struct item item = {.at = batch->text.len,
                        .id_len = id.len,
                        .document_len = document.len,
                        .has_id = !weir_str_is_null(id)};
    if (item.has_id) {
        replace(batch, id, (uint32_t)batch->items.count);
    }
    weir__buf_put(&batch->text, id.data, id.len);
    weir__buf_put(&batch->text, document.data, document.len);
    weir__vec_push(&batch->items, &item);
    batch->open++;
    batch->bytes += bytes_of(&item);
}

static void put(struct weir__buf *body, struct weir_str text)
{
    weir__buf_put(body, text.data, text.len);
}

static void put_action(struct weir__buf *body, struct weir_str id)
{
    put(body, WEIR_STR("{\"index\":{"));
    if (!weir_str_is_null(id)) {
        put(body, WEIR_STR("\"_id\":"));
        weir__buf_put_json_string(body, id);
    }
    put(body, WEIR_STR("}}\n"));
}

void weir__search_batch_put(struct weir__search_batch *batch, size_t most, struct weir__buf *body)
{
    body->len = 0;
    weir__vec_clear(&batch->sent);
    for (size_t i = 0; i < batch->items.count && batch->sent.count < most; i++) {
        const struct item *item = weir__vec_at(&batch->items, i);
        if (item->settled) {
            continue;
        }
        put_action(body, id_of(batch, item));
        put(body, document_of(batch, item));
        put(body, WEIR_STR("\n"));
        weir__vec_push(&batch->sent, &i);
    }
}

static struct item *sent_item(const struct weir__search_batch *batch, size_t sent)
{
    return weir__vec_at(&batch->items, *(const size_t *)weir__vec_at(&batch->sent, sent));
}

struct weir_str weir__search_batch_id(const struct weir__search_batch *batch, size_t sent)
{
    return id_of(batch, sent_item(batch, sent));
}

struct weir_str weir__search_batch_document(const struct weir__search_batch *batch, size_t sent)
{
    return document_of(batch, sent_item(batch, sent));
}

void weir__search_batch_settle(struct weir__search_batch *batch, size_t sent)
{
    settle(batch, sent_item(batch, sent));
}

void weir__search_batch_clear(struct weir__search_batch *batch)
{
    batch->text.len = 0;
    weir__vec_clear(&batch->items);
    weir__vec_clear(&batch->sent);
    weir__index_clear(&batch->by_id);
    batch->open = 0;
    batch->bytes = 0;
}

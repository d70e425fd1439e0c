/*
 * Documents that wait to be sent to a search engine, or to be sent again.
 *
 *     add … add ─▶ put: the lines of a request ─▶ the answer ─▶ settle each that is done with
 *                   ▲                                              │
 *                   └──────────── those that are left ◀────────────┘
 *
 * Invariant: of the open documents no two have the same id. A document takes the place of an older
 * open one with its id; so whatever is sent again cannot replace something newer. One thread.
 */
#ifndef WEIR__CONNECTOR_OPENSEARCH_BATCH_H
#define WEIR__CONNECTOR_OPENSEARCH_BATCH_H

#include "base/buf.h"
#include "base/index.h"
#include "base/vec.h"

struct weir__search_batch {
    struct weir__buf text;    /* ids and documents, one behind the other */
    struct weir__vec items;   /* all since the last clear, in order of arrival */
    struct weir__vec sent;    /* size_t: which of them were in the last request, in its order */
    struct weir__index by_id; /* items, by the hash of their id */
    size_t open;              /* items that are not settled */
    size_t bytes;             /* about, of a request with all of them */
};

void weir__search_batch_init(struct weir__search_batch *batch);
void weir__search_batch_fini(struct weir__search_batch *batch);

/* Adds a document (JSON, without a newline), copied; a null id: it has none. */
void weir__search_batch_add(struct weir__search_batch *batch, struct weir_str id,
                            struct weir_str document);

/*
 * Writes the lines of a request for the first `most` (>= 1) open documents to *body, emptied
 * before:
 *
 *     {"index":{"_id":"cameras/1598849570000"}}
 *     {"departmentName":"cameras",…}
 */
void weir__search_batch_put(struct weir__search_batch *batch, size_t most, struct weir__buf *body);

/* How many documents the last request had. */
static inline size_t weir__search_batch_sent(const struct weir__search_batch *batch)
{
    return batch->sent.count;
}

/* Id (null: none) and text of a document of the last request, borrowed until the next add or clear.
 */
struct weir_str weir__search_batch_id(const struct weir__search_batch *batch, size_t sent);
struct weir_str weir__search_batch_document(const struct weir__search_batch *batch, size_t sent);

/* A document of the last request is done with: taken, or refused for good. */
void weir__search_batch_settle(struct weir__search_batch *batch, size_t sent);

/* Forgets everything, keeps the memory. */
void weir__search_batch_clear(struct weir__search_batch *batch);

#endif

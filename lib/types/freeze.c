/*
 * Copies of entries, and the gaps that they will fill.
 */
#include "types/freeze.h"

#include <assert.h>

void weir__frozen_fini(struct weir__frozen *frozen)
{
    assert(!atomic_load(&frozen->out));
    weir__pool_fini(&frozen->entries);
}

bool weir__gaps_add(struct weir__vec *gaps, const struct weir__gap *gap,
                    const struct weir__pool *entries, struct weir__key_table *keys,
                    const struct weir__buf *out)
{
    struct weir__frozen *frozen = gap->frozen;
    if (gaps == NULL || atomic_load_explicit(&frozen->out, memory_order_acquire)) {
        return false;
    }
    weir__pool_copy(&frozen->entries, entries);
    frozen->keys = keys;
    if (keys != NULL) {
        weir__key_table_pin(keys);
    }
    atomic_store_explicit(&frozen->out, true, memory_order_relaxed);
    struct weir__gap *added = weir__vec_add(gaps);
    *added = *gap;
    added->at = out->len;
    return true;
}

static void give_back(struct weir__vec *gaps)
{
    for (size_t i = 0; i < gaps->count; i++) {
        struct weir__frozen *frozen = ((struct weir__gap *)weir__vec_at(gaps, i))->frozen;
        if (frozen->keys != NULL) {
            weir__key_table_unpin(frozen->keys);
        }
        atomic_store_explicit(&frozen->out, false, memory_order_release);
    }
    weir__vec_clear(gaps);
}

void weir__gaps_fill(struct weir__vec *gaps, struct weir__buf *bytes)
{
    if (gaps->count == 0) {
        return;
    }
    struct weir__buf whole = {0};
    size_t at = 0;
    for (size_t i = 0; i < gaps->count; i++) {
        const struct weir__gap *gap = weir__vec_at(gaps, i);
        weir__buf_put(&whole, bytes->data + at, gap->at - at);
        gap->encode(gap->owner, &gap->frozen->entries, &whole);
        at = gap->at;
    }
    weir__buf_put(&whole, bytes->data + at, bytes->len - at);
    weir__buf_fini(bytes);
    *bytes = whole;
    give_back(gaps);
}

void weir__gaps_fini(struct weir__vec *gaps)
{
    give_back(gaps);
    weir__vec_fini(gaps);
}

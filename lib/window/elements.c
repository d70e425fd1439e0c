/*
 * The elements of a window.
 */
#include "window/elements.h"

#include "base/mem.h"
#include "types/codec.h"

#include <string.h>

struct item {
    int64_t timestamp;
    uint64_t arrival;
    char value[];
};

static size_t stride(const struct weir_type *type)
{
    return sizeof(struct item) + ((type->size + 7) & ~(size_t)7);
}

static struct item *item_at(const struct weir__elements *elements, const struct weir_type *type,
                            size_t index)
{
    return (struct item *)(void *)(elements->items + index * stride(type));
}

static struct item *append(struct weir__elements *elements, const struct weir_type *type)
{
    if (elements->count == elements->capacity) {
        elements->capacity = elements->capacity == 0 ? 4 : elements->capacity * 2;
        elements->items = weir__reallocarray(elements->items, elements->capacity, stride(type));
    }
    return item_at(elements, type, elements->count++);
}

void weir__elements_add(struct weir__elements *elements, const struct weir_type *type,
                        const void *value, int64_t timestamp, uint64_t arrival)
{
    struct item *item = append(elements, type);
    item->timestamp = timestamp;
    item->arrival = arrival;
    weir_value_copy(type, item->value, value);
}

void weir__elements_clear(struct weir__elements *elements, const struct weir_type *type)
{
    for (size_t i = 0; i < elements->count; i++) {
        weir_value_fini(type, item_at(elements, type, i)->value);
    }
    weir__free(elements->items);
    *elements = (struct weir__elements){0};
}

void weir__elements_merge(struct weir__elements *elements, struct weir__elements *other,
                          const struct weir_type *type)
{
    size_t total = elements->count + other->count;
    char *merged = weir__reallocarray(NULL, total > 0 ? total : 1, stride(type));
    size_t mine = 0;
    size_t theirs = 0;
    for (size_t i = 0; i < total; i++) {
        bool take_mine = theirs == other->count ||
                         (mine < elements->count && item_at(elements, type, mine)->arrival <=
                                                        item_at(other, type, theirs)->arrival);
        const struct item *from =
            take_mine ? item_at(elements, type, mine++) : item_at(other, type, theirs++);
        memcpy(merged + i * stride(type), from, stride(type));
    }
    weir__free(elements->items);
    weir__free(other->items);
    *elements = (struct weir__elements){merged, total, total > 0 ? total : 1};
    *other = (struct weir__elements){0};
}

void weir__elements_view(const struct weir__elements *elements, const struct weir_type *type,
                         struct weir__vec *view)
{
    for (size_t i = 0; i < elements->count; i++) {
        const struct item *item = item_at(elements, type, i);
        *(struct weir_window_element *)weir__vec_add(view) =
            (struct weir_window_element){item->value, item->timestamp};
    }
}

void weir__elements_filter(struct weir__elements *elements, const struct weir_type *type,
                           const bool *keep)
{
    size_t kept = 0;
    for (size_t i = 0; i < elements->count; i++) {
        if (!keep[i]) {
            weir_value_fini(type, item_at(elements, type, i)->value);
            continue;
        }
        if (kept < i) {
            memcpy(item_at(elements, type, kept), item_at(elements, type, i), stride(type));
        }
        kept++;
    }
    elements->count = kept;
}

void weir__elements_encode(const struct weir__elements *elements, const struct weir_type *type,
                           struct weir__buf *out)
{
    weir__buf_put_varint(out, elements->count);
    for (size_t i = 0; i < elements->count; i++) {
        const struct item *item = item_at(elements, type, i);
        weir__buf_put_zigzag(out, item->timestamp);
        weir__buf_put_varint(out, item->arrival);
        weir__encode(type, item->value, out);
    }
}

enum weir_status weir__elements_decode(struct weir__elements *elements,
                                       const struct weir_type *type, struct weir__reader *in)
{
    for (uint64_t left = weir__read_varint(in); left > 0; left--) {
        int64_t timestamp = weir__read_zigzag(in);
        uint64_t arrival = weir__read_varint(in);
        if (in->failed) {
            return WEIR_CORRUPT;
        }
        struct item *item = append(elements, type);
        item->timestamp = timestamp;
        item->arrival = arrival;
        if (weir__decode(type, in, item->value) != WEIR_OK) {
            elements->count--;
            return WEIR_CORRUPT;
        }
    }
    return in->failed ? WEIR_CORRUPT : WEIR_OK;
}

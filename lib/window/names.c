/*
 * Names.
 */
#include "window/names.h"

#include "base/hash.h"
#include "base/mem.h"

#include <assert.h>

void weir__names_init(struct weir__names *names)
{
    *names = (struct weir__names){.pool = WEIR__POOL_OF(sizeof(struct weir__name))};
}

static struct weir__name *name_at(const struct weir__names *names, uint32_t number)
{
    return weir__pool_at(&names->pool, number);
}

static const char *text_of(const struct weir__name *name)
{
    return name->len <= sizeof(name->text) ? name->text : name->data;
}

static bool is(const struct weir__name *name, struct weir_str text)
{
    if (name->len != text.len) {
        return false;
    }
    return text.len <= sizeof(name->text) ? weir__short_equals(name->text, text.data, text.len)
                                          : memcmp(name->data, text.data, text.len) == 0;
}

static uint32_t add(struct weir__names *names, struct weir_str text, uint64_t hash)
{
    uint32_t number = weir__pool_take(&names->pool);
    struct weir__name *name = name_at(names, number);
    name->number = number;
    name->len = text.len;
    name->refs = 1;
    if (text.len > sizeof(name->text)) {
        name->data = weir__memdup(text.data, text.len);
    } else if (text.len > 0) {
        memcpy(name->text, text.data, text.len);
    }
    weir__index_put(&names->index, hash, number);
    return number;
}

/* The number of a string that is there; else WEIR__INDEX_NONE. */
static uint32_t find(const struct weir__names *names, struct weir_str text, uint64_t hash)
{
    struct weir__index_cursor at = weir__index_find(&names->index, hash);
    uint32_t number;
    while ((number = weir__index_next(&names->index, &at)) != WEIR__INDEX_NONE) {
        if (is(name_at(names, number), text)) {
            return number;
        }
    }
    return WEIR__INDEX_NONE;
}

uint32_t weir__names_take(struct weir__names *names, struct weir_str text, uint64_t hash)
{
    uint32_t number = find(names, text, hash);
    if (number == WEIR__INDEX_NONE) {
        return add(names, text, hash);
    }
    name_at(names, number)->refs++;
    return number;
}

static void free_text(const struct weir__name *name)
{
    if (name->len > sizeof(name->text)) {
        weir__free(name->data);
    }
}

void weir__names_give(struct weir__names *names, uint32_t number)
{
    struct weir__name *name = name_at(names, number);
    assert(name->refs > 0);
    if (--name->refs == 0) {
        weir__index_remove(&names->index, weir__hash_bytes(text_of(name), name->len), number);
        free_text(name);
        weir__pool_give(&names->pool, number);
    }
}

struct weir_str weir__names_text(const struct weir__names *names, uint32_t number)
{
    const struct weir__name *name = name_at(names, number);
    return (struct weir_str){text_of(name), name->len};
}

void weir__names_fini(struct weir__names *names)
{
    for (uint32_t i = weir__pool_next(&names->pool, 0); i != WEIR__POOL_NONE;
         i = weir__pool_next(&names->pool, i + 1)) {
        free_text(name_at(names, i));
    }
    weir__pool_fini(&names->pool);
    weir__index_fini(&names->index);
}

/*
 * The dense index: growth, adding and removal.
 */
#include "base/dense_index.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

#define BEYOND WEIR__DENSE_CELLS

void weir__dense_fini(struct weir__dense_index *index)
{
    weir__free(index->lines);
    *index = (struct weir__dense_index){0};
}

void weir__dense_grow(struct weir__dense_index *index)
{
    size_t count = index->lines != NULL ? ((size_t)index->line_mask + 1) * 2 : 1;
    weir__free(index->lines);
    *index = (struct weir__dense_index){
        .lines = weir__alloc_lines(count * sizeof(*index->lines)),
        .line_mask = (uint32_t)(count - 1),
        .number_mask = (uint32_t)(count * (WEIR__DENSE_CELLS + 1) - 1),
    };
    memset(index->lines, 0xff, count * sizeof(*index->lines));
    for (size_t i = 0; i < count; i++) {
        index->lines[i].words[BEYOND] = 0;
    }
}

static struct weir__dense_line *home_of(const struct weir__dense_index *index, uint64_t hash)
{
    return &index->lines[(uint32_t)hash & index->line_mask];
}

static struct weir__dense_line *next_of(const struct weir__dense_index *index,
                                        struct weir__dense_line *line)
{
    return line < index->lines + index->line_mask ? line + 1 : index->lines;
}

static uint32_t cell_of(const struct weir__dense_index *index, uint64_t hash, uint32_t entry)
{
    return ((uint32_t)(hash >> 32) & ~index->number_mask) | entry;
}

void weir__dense_put(struct weir__dense_index *index, uint64_t hash, uint32_t entry)
{
    assert(!weir__dense_is_full(index) && entry < index->number_mask);
    struct weir__dense_line *line = home_of(index, hash);
    uint32_t room;
    while ((room = weir__dense_hits(line, WEIR__DENSE_NONE, UINT32_MAX)) == 0) {
        line->words[BEYOND]++;
        line = next_of(index, line);
    }
    line->words[__builtin_ctz(room)] = cell_of(index, hash, entry);
    index->used++;
}

void weir__dense_remove(struct weir__dense_index *index, uint64_t hash, uint32_t entry)
{
    struct weir__dense_line *line = home_of(index, hash);
    uint32_t cell = cell_of(index, hash, entry);
    uint32_t hit;
    while ((hit = weir__dense_hits(line, cell, UINT32_MAX)) == 0) {
        assert(line->words[BEYOND] > 0);
        line->words[BEYOND]--;
        line = next_of(index, line);
    }
    line->words[__builtin_ctz(hit)] = WEIR__DENSE_NONE;
    index->used--;
}

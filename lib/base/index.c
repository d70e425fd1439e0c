/*
 * The hash index: growth and removal.
 */
#include "base/index.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

#define FIRST_CELLS 16u

static void place(struct weir__index *index, struct weir__index_cell cell)
{
    uint32_t at = cell.tag & index->mask;
    while (index->cells[at].entry != WEIR__INDEX_NONE) {
        at = (at + 1) & index->mask;
    }
    index->cells[at] = cell;
}

static void resize(struct weir__index *index, size_t count)
{
    struct weir__index_cell *old = index->cells;
    size_t old_count = old != NULL ? (size_t)index->mask + 1 : 0;
    index->cells = weir__alloc_lines(count * sizeof(*index->cells));
    index->mask = (uint32_t)(count - 1);
    memset(index->cells, 0xff, count * sizeof(*index->cells));
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].entry != WEIR__INDEX_NONE) {
            place(index, old[i]);
        }
    }
    weir__free(old);
}

void weir__index_fini(struct weir__index *index)
{
    weir__free(index->cells);
    *index = (struct weir__index){0};
}

void weir__index_clear(struct weir__index *index)
{
    if (index->cells != NULL && index->used > 0) {
        memset(index->cells, 0xff, ((size_t)index->mask + 1) * sizeof(*index->cells));
    }
    index->used = 0;
}

void weir__index_put(struct weir__index *index, uint64_t hash, uint32_t entry)
{
    assert(entry != WEIR__INDEX_NONE);
    /* At most two thirds full: linear probing gets slow beyond. */
    if (index->cells == NULL) {
        resize(index, FIRST_CELLS);
    } else if ((uint64_t)index->used * 3 >= ((uint64_t)index->mask + 1) * 2) {
        resize(index, ((size_t)index->mask + 1) * 2);
    }
    place(index, (struct weir__index_cell){weir__index_tag(hash), entry});
    index->used++;
}

void weir__index_remove(struct weir__index *index, uint64_t hash, uint32_t entry)
{
    struct weir__index_cell *cells = index->cells;
    uint32_t mask = index->mask;
    uint32_t hole = weir__index_tag(hash) & mask;
    while (cells[hole].entry != entry) {
        assert(cells[hole].entry != WEIR__INDEX_NONE);
        hole = (hole + 1) & mask;
    }
    /* A follower moves into the hole unless its home lies behind the hole. */
    for (uint32_t at = (hole + 1) & mask; cells[at].entry != WEIR__INDEX_NONE;
         at = (at + 1) & mask) {
        uint32_t from_home = (at - (cells[at].tag & mask)) & mask;
        uint32_t from_hole = (at - hole) & mask;
        if (from_home >= from_hole) {
            cells[hole] = cells[at];
            hole = at;
        }
    }
    cells[hole].entry = WEIR__INDEX_NONE;
    index->used--;
}

/*
 * The skew table: keys with their counts, in a table with open addressing that doubles when it is
 * half full.
 */
#include <clickstream/skew.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { SUBTASKS = 128, FIRST_SIZE = 64 };

struct entry {
    int64_t key;
    int64_t events; /* 0: the entry is free */
    int64_t subtask;
};

struct skew_table {
    struct entry *entries;
    size_t size; /* a power of two */
    size_t used;
    int64_t events;
};

static struct entry *new_entries(size_t size)
{
    struct entry *entries = calloc(size, sizeof *entries);
    if (entries == NULL) {
        abort();
    }
    return entries;
}

/* The key's entry, or the free one where it belongs. */
static struct entry *find(const struct skew_table *skew, int64_t key)
{
    size_t at = (size_t)((uint64_t)key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (skew->size - 1);
    while (skew->entries[at].events != 0 && skew->entries[at].key != key) {
        at = (at + 1) & (skew->size - 1);
    }
    return &skew->entries[at];
}

static void grow(struct skew_table *skew)
{
    struct skew_table larger = {.entries = new_entries(skew->size * 2), .size = skew->size * 2};
    for (size_t i = 0; i < skew->size; i++) {
        if (skew->entries[i].events != 0) {
            *find(&larger, skew->entries[i].key) = skew->entries[i];
        }
    }
    free(skew->entries);
    skew->entries = larger.entries;
    skew->size = larger.size;
}

skew_table *skew_new(void)
{
    struct skew_table *skew = calloc(1, sizeof *skew);
    if (skew == NULL) {
        abort();
    }
    skew->size = FIRST_SIZE;
    skew->entries = new_entries(skew->size);
    return skew;
}

void skew_free(skew_table *skew)
{
    free(skew->entries);
    free(skew);
}

void skew_add(skew_table *skew, int64_t key, int64_t subtask)
{
    assert(subtask >= 0 && subtask < SUBTASKS);
    struct entry *entry = find(skew, key);
    if (entry->events == 0) {
        *entry = (struct entry){.key = key, .subtask = subtask};
        skew->used++;
    }
    entry->events++;
    skew->events++;
    if (skew->used * 2 > skew->size) {
        grow(skew);
    }
}

int64_t skew_events(const skew_table *skew)
{
    return skew->events;
}

/* A subtask's row. Of equally busy keys the smallest is shown. */
struct row {
    int64_t keys;
    int64_t events;
    struct entry busiest;
};

static void add_to_row(struct row *row, const struct entry *entry)
{
    const struct entry *best = &row->busiest;
    row->keys++;
    row->events += entry->events;
    if (entry->events > best->events || (entry->events == best->events && entry->key < best->key)) {
        row->busiest = *entry;
    }
}

void skew_print(const skew_table *skew)
{
    struct row rows[SUBTASKS] = {{0}};
    for (size_t i = 0; i < skew->size; i++) {
        if (skew->entries[i].events > 0) {
            add_to_row(&rows[skew->entries[i].subtask], &skew->entries[i]);
        }
    }
    if (skew->events > 0) {
        printf("\nSUBTASK    KEYS    EVENTS   SHARE   ITS BUSIEST KEY\n");
    }
    for (int i = 0; i < SUBTASKS; i++) {
        if (rows[i].events > 0) {
            printf("%7d %7lld %9lld %6lld%%   %lld with %lld\n", i, (long long)rows[i].keys,
                   (long long)rows[i].events, (long long)(rows[i].events * 100 / skew->events),
                   (long long)rows[i].busiest.key, (long long)rows[i].busiest.events);
        }
    }
}

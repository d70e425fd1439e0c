/*
 * String sets: members in order of first addition, and an open-addressing index over them.
 *
 *     bytes    "u1u2u17…"                          all members' text, one behind the other
 *     members  [{offset, len, hash, times}, …]     in order of addition
 *     slots    [0, 2, 0, 1, …]                     member number + 1, 0 free; linear probing
 *
 * Up to SMALL members there are no slots: a scan of the hashes is as fast, and most sets are small.
 * Invariant: no two members are equal; slot_count is 0 or a power of two, at most 3/4 of it full.
 */
#include "types/string_set.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"

#include <assert.h>

enum { SMALL = 8 };

struct member {
    uint64_t hash;
    int64_t times;
    size_t offset;
    uint32_t len;
};

struct weir__string_table {
    struct weir__buf bytes;
    struct member *members;
    uint32_t *slots;
    uint32_t size;
    uint32_t capacity; /* of members */
    uint32_t slot_count;
};

static const uint32_t NO_MEMBER = UINT32_MAX;

static bool member_is(const struct weir__string_table *table, uint32_t index, uint64_t hash,
                      struct weir_str text)
{
    const struct member *member = &table->members[index];
    return member->hash == hash && member->len == text.len &&
           (text.len == 0 || memcmp(table->bytes.data + member->offset, text.data, text.len) == 0);
}

static uint32_t find(const struct weir__string_table *table, uint64_t hash, struct weir_str text)
{
    if (table->slot_count == 0) {
        for (uint32_t i = 0; i < table->size; i++) {
            if (member_is(table, i, hash, text)) {
                return i;
            }
        }
        return NO_MEMBER;
    }
    uint32_t mask = table->slot_count - 1;
    for (uint32_t at = (uint32_t)hash & mask; table->slots[at] != 0; at = (at + 1) & mask) {
        if (member_is(table, table->slots[at] - 1, hash, text)) {
            return table->slots[at] - 1;
        }
    }
    return NO_MEMBER;
}

static void insert_slot(struct weir__string_table *table, uint32_t index)
{
    uint32_t mask = table->slot_count - 1;
    uint32_t at = (uint32_t)table->members[index].hash & mask;
    while (table->slots[at] != 0) {
        at = (at + 1) & mask;
    }
    table->slots[at] = index + 1;
}

static void rebuild_slots(struct weir__string_table *table, uint32_t slot_count)
{
    weir__free(table->slots);
    table->slots = weir__calloc(slot_count, sizeof(table->slots[0]));
    table->slot_count = slot_count;
    for (uint32_t i = 0; i < table->size; i++) {
        insert_slot(table, i);
    }
}

/*
 * Copies the text behind the others. The text may be a piece of them, and so move while room is
 * made.
 */
static size_t store_text(struct weir__string_table *table, struct weir_str text)
{
    uintptr_t inside = (uintptr_t)text.data - (uintptr_t)table->bytes.data;
    bool is_inside = table->bytes.data != NULL && inside < table->bytes.len;
    weir__buf_reserve(&table->bytes, text.len);
    size_t offset = table->bytes.len;
    weir__buf_put(&table->bytes, is_inside ? table->bytes.data + inside : text.data, text.len);
    return offset;
}

static void add_member(struct weir__string_table *table, uint64_t hash, struct weir_str text,
                       int64_t times)
{
    if (table->size == table->capacity) {
        table->capacity = table->capacity == 0 ? 4 : table->capacity * 2;
        table->members =
            weir__reallocarray(table->members, table->capacity, sizeof(table->members[0]));
    }
    size_t offset = store_text(table, text);
    table->members[table->size++] = (struct member){hash, times, offset, text.len};
    if (table->slot_count > 0 && table->size <= table->slot_count / 4 * 3) {
        insert_slot(table, table->size - 1);
    } else if (table->size > SMALL) {
        rebuild_slots(table, table->slot_count == 0 ? 4 * SMALL : table->slot_count * 2);
    }
}

static uint64_t hash_of(struct weir_str text)
{
    return weir__hash_bytes(text.data, text.len);
}

int64_t weir_string_set_add(struct weir_string_set *owned, struct weir_str member, int64_t times)
{
    assert(times >= 1);
    if (member.data == NULL) {
        return 0;
    }
    if (owned->table == NULL) {
        owned->table = WEIR__NEW(struct weir__string_table);
    }
    uint64_t hash = hash_of(member);
    uint32_t index = find(owned->table, hash, member);
    if (index == NO_MEMBER) {
        add_member(owned->table, hash, member, times);
        return times;
    }
    int64_t *sum = &owned->table->members[index].times;
    if (__builtin_add_overflow(*sum, times, sum)) {
        *sum = INT64_MAX;
    }
    return *sum;
}

int64_t weir_string_set_count(const struct weir_string_set *set, struct weir_str member)
{
    if (set->table == NULL || member.data == NULL) {
        return 0;
    }
    uint32_t index = find(set->table, hash_of(member), member);
    return index == NO_MEMBER ? 0 : set->table->members[index].times;
}

void weir__string_set_fake(struct weir_string_set *owned, uint32_t size)
{
    if (owned->table == NULL) {
        owned->table = WEIR__NEW(struct weir__string_table);
    }
    assert(owned->table->members == NULL);
    owned->table->size = size;
}

uint32_t weir_string_set_size(const struct weir_string_set *set)
{
    return set->table != NULL ? set->table->size : 0;
}

struct weir_str weir_string_set_at(const struct weir_string_set *set, uint32_t index,
                                   int64_t *times)
{
    assert(index < weir_string_set_size(set));
    assert(set->table->members != NULL); /* else an aggregate broke the promise of its parts */
    const struct member *member = &set->table->members[index];
    if (times != NULL) {
        *times = member->times;
    }
    /* A set of the empty string alone has no bytes; its member is still not null. */
    return (struct weir_str){member->len > 0 ? set->table->bytes.data + member->offset : "",
                             member->len};
}

void weir_string_set_merge(struct weir_string_set *owned, const struct weir_string_set *other)
{
    uint32_t size = weir_string_set_size(other);
    for (uint32_t i = 0; i < size; i++) {
        int64_t times;
        struct weir_str member = weir_string_set_at(other, i, &times);
        weir_string_set_add(owned, member, times);
    }
}

void weir_string_set_clear(struct weir_string_set *owned)
{
    struct weir__string_table *table = owned->table;
    if (table != NULL) {
        weir__buf_fini(&table->bytes);
        weir__free(table->members);
        weir__free(table->slots);
        weir__free(table);
        owned->table = NULL;
    }
}

struct weir_string_set weir__string_set_copy(const struct weir_string_set *set)
{
    const struct weir__string_table *from = set->table;
    if (from == NULL || from->size == 0) {
        return (struct weir_string_set){NULL};
    }
    struct weir__string_table *copy = weir__memdup(from, sizeof(*from));
    copy->bytes = (struct weir__buf){NULL, 0, 0};
    weir__buf_put(&copy->bytes, from->bytes.data, from->bytes.len);
    copy->members = weir__memdup(from->members, from->size * sizeof(from->members[0]));
    copy->capacity = from->size;
    copy->slots = from->slot_count > 0
                      ? weir__memdup(from->slots, from->slot_count * sizeof(from->slots[0]))
                      : NULL;
    return (struct weir_string_set){copy};
}

bool weir__string_set_equals(const struct weir_string_set *a, const struct weir_string_set *b)
{
    uint32_t size = weir_string_set_size(a);
    if (size != weir_string_set_size(b)) {
        return false;
    }
    for (uint32_t i = 0; i < size; i++) {
        int64_t times;
        struct weir_str member = weir_string_set_at(a, i, &times);
        if (weir_string_set_count(b, member) != times) {
            return false;
        }
    }
    return true;
}

uint64_t weir__string_set_hash(const struct weir_string_set *set)
{
    uint64_t sum = 0; /* commutative: order is not part of equality */
    uint32_t size = weir_string_set_size(set);
    for (uint32_t i = 0; i < size; i++) {
        sum += weir__hash_join(set->table->members[i].hash, (uint64_t)set->table->members[i].times);
    }
    return weir__hash_join(size, sum);
}

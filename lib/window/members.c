/*
 * Which strings occurred in which slices.
 */
#include "window/members.h"

#include "base/hash.h"
#include "base/mem.h"

#include <string.h>

#define TEXT_BYTES  16u
#define SHORT_TEXT  15u /* bytes */
#define LONG_TEXT   0xff
#define FIRST_SLOTS 8u

/* A string that does not fit into a member. */
struct long_text {
    uint32_t len;
    char bytes[];
};

/*
 * text: the bytes of a short string, zeroes, and in the last byte its length; or the address of a
 * long one, zeroes, and LONG_TEXT. So two short strings compare as two words.
 */
struct weir__member {
    char text[TEXT_BYTES];
    int64_t block;
    uint64_t mask; /* 0: the slot is free */
};

struct key {
    struct weir_str str;
    uint64_t hash;
    char text[TEXT_BYTES]; /* of a short string */
};

static bool is_long(const char text[TEXT_BYTES])
{
    return (uint8_t)text[SHORT_TEXT] == LONG_TEXT;
}

/* memcpy of up to 15 bytes by moves that may overlap. */
static void copy_short(char *to, const char *from, uint32_t len)
{
    if (len >= 8) {
        memcpy(to, from, 8);
        memcpy(to + len - 8, from + len - 8, 8);
    } else if (len >= 4) {
        memcpy(to, from, 4);
        memcpy(to + len - 4, from + len - 4, 4);
    } else {
        for (uint32_t i = 0; i < len; i++) {
            to[i] = from[i];
        }
    }
}

static struct key key_of(struct weir_str str)
{
    struct key key = {.str = str, .hash = weir__hash_bytes(str.data, str.len)};
    if (str.len <= SHORT_TEXT) {
        copy_short(key.text, str.data, str.len);
        key.text[SHORT_TEXT] = (char)str.len;
    } else {
        key.text[SHORT_TEXT] = (char)LONG_TEXT;
    }
    return key;
}

static struct long_text *long_text_of(const struct weir__member *member)
{
    struct long_text *text;
    memcpy(&text, member->text, sizeof(text));
    return text;
}

static struct weir_str str_of(const struct weir__member *member)
{
    if (is_long(member->text)) {
        return (struct weir_str){long_text_of(member)->bytes, long_text_of(member)->len};
    }
    return (struct weir_str){member->text, (uint8_t)member->text[SHORT_TEXT]};
}

static bool is(const struct weir__member *member, const struct key *key)
{
    if (!is_long(key->text)) {
        return memcmp(member->text, key->text, TEXT_BYTES) == 0;
    }
    return is_long(member->text) && weir_str_same(str_of(member), key->str);
}

/* Floor, also for negative slices. */
static int64_t block_of(int64_t slice)
{
    return slice >> 6;
}

/*
 * The member of a string and a block, or the free slot where it would be. All blocks of a string
 * have one home: neighbours in memory.
 */
static struct weir__member *look_up(const struct weir__members *members, const struct key *key,
                                    int64_t block)
{
    uint32_t at = (uint32_t)key->hash & members->mask;
    for (;; at = (at + 1) & members->mask) {
        struct weir__member *member = &members->slots[at];
        if (member->mask == 0 || (member->block == block && is(member, key))) {
            return member;
        }
    }
}

static void release(struct weir__member *member)
{
    if (is_long(member->text)) {
        weir__free(long_text_of(member));
    }
}

void weir__members_fini(struct weir__members *members)
{
    for (uint32_t i = 0; members->slots != NULL && i <= members->mask; i++) {
        if (members->slots[i].mask != 0) {
            release(&members->slots[i]);
        }
    }
    weir__free(members->slots);
    *members = (struct weir__members){0};
}

/* Moves all members that are still of use into a table of `count` slots. */
static void rebuild(struct weir__members *members, uint32_t count, int64_t oldest)
{
    struct weir__members old = *members;
    size_t bytes = count * sizeof(*members->slots);
    members->slots = memset(weir__alloc_lines(bytes), 0, bytes);
    members->mask = count - 1;
    members->used = 0;
    members->oldest = block_of(oldest);
    for (uint32_t i = 0; old.slots != NULL && i <= old.mask; i++) {
        struct weir__member *member = &old.slots[i];
        if (member->mask == 0) {
            continue;
        }
        if (member->block < block_of(oldest)) {
            release(member);
            continue;
        }
        struct weir_str str = str_of(member);
        uint32_t at = (uint32_t)weir__hash_bytes(str.data, str.len) & members->mask;
        while (members->slots[at].mask != 0) {
            at = (at + 1) & members->mask;
        }
        members->slots[at] = *member;
        members->used++;
    }
    weir__free(old.slots);
}

/* Members that are of no use any more go first; the table doubles when it is still half full then.
 */
static void make_room(struct weir__members *members, int64_t oldest)
{
    uint32_t count = members->slots != NULL ? members->mask + 1 : 0;
    if (count > 0 && members->used < count / 8 * 5) {
        return;
    }
    bool all_live = members->oldest >= block_of(oldest);
    uint32_t live = all_live ? members->used : 0;
    for (uint32_t i = 0; i < count && !all_live; i++) {
        live += members->slots[i].mask != 0 && members->slots[i].block >= block_of(oldest);
    }
    rebuild(members, count == 0 ? FIRST_SLOTS : live >= count / 2 ? count * 2 : count, oldest);
}

/* What the chain of slots from a string's home says about the blocks around a slice. */
struct neighbours {
    struct weir__member *here; /* of the slice's block, or the free slot at the chain's end */
    uint64_t before;           /* the masks of the blocks next to it */
    uint64_t after;
};

/* One walk for all three; false, at once, when the slice is marked already. */
static bool look_around(const struct weir__members *members, const struct key *key, int64_t slice,
                        struct neighbours *out)
{
    int64_t block = block_of(slice);
    uint32_t at = (uint32_t)key->hash & members->mask;
    *out = (struct neighbours){0};
    for (;; at = (at + 1) & members->mask) {
        struct weir__member *member = &members->slots[at];
        if (member->mask == 0) {
            out->here = out->here != NULL ? out->here : member;
            return true;
        }
        if (!is(member, key)) {
            continue;
        }
        if (member->block == block) {
            out->here = member;
            if (member->mask >> (slice & 63) & 1) {
                return false;
            }
        } else if (member->block == block - 1) {
            out->before = member->mask;
        } else if (member->block == block + 1) {
            out->after = member->mask;
        }
    }
}

static int64_t nearest_before(const struct weir__members *members, const struct key *key,
                              const struct neighbours *around, int64_t slice, int64_t reach)
{
    int64_t block = block_of(slice);
    int64_t oldest = block_of(weir_time_sub(slice, reach));
    uint64_t lower = around->here->mask & ((UINT64_C(1) << (slice & 63)) - 1);
    if (lower == 0 && block > oldest) {
        lower = around->before;
        block--;
    }
    while (lower == 0 && block > oldest) {
        lower = look_up(members, key, --block)->mask;
    }
    int64_t found = lower != 0 ? block * 64 + 63 - __builtin_clzll(lower) : WEIR__NO_SLICE;
    return lower != 0 && slice - found <= reach ? found : WEIR__NO_SLICE;
}

static int64_t nearest_after(const struct weir__members *members, const struct key *key,
                             const struct neighbours *around, int64_t slice, int64_t reach)
{
    int64_t block = block_of(slice);
    int64_t newest = block_of(weir_time_add(slice, reach));
    uint64_t higher = around->here->mask & ~((UINT64_C(2) << (slice & 63)) - 1);
    if (higher == 0 && block < newest) {
        higher = around->after;
        block++;
    }
    while (higher == 0 && block < newest) {
        higher = look_up(members, key, ++block)->mask;
    }
    int64_t found = higher != 0 ? block * 64 + __builtin_ctzll(higher) : WEIR__NO_SLICE;
    return higher != 0 && found - slice <= reach ? found : WEIR__NO_SLICE;
}

static void keep_text(struct weir__member *member, const struct key *key)
{
    memcpy(member->text, key->text, TEXT_BYTES);
    if (is_long(key->text)) {
        struct long_text *text = weir__alloc(sizeof(*text) + key->str.len);
        text->len = key->str.len;
        memcpy(text->bytes, key->str.data, key->str.len);
        memcpy(member->text, &text, sizeof(text));
    }
}

size_t weir__members_bytes(uint32_t slots)
{
    return slots * sizeof(struct weir__member);
}

const void *weir__members_place(const struct weir__members *members, struct weir_str text)
{
    if (members->slots == NULL) {
        return NULL;
    }
    return &members->slots[(uint32_t)weir__hash_bytes(text.data, text.len) & members->mask];
}

bool weir__members_mark(struct weir__members *members, struct weir_str text, int64_t slice,
                        int64_t reach, int64_t oldest, int64_t *before, int64_t *after)
{
    struct key key = key_of(text);
    uint64_t bit = UINT64_C(1) << (slice & 63);
    make_room(members, oldest);
    struct neighbours around;
    if (!look_around(members, &key, slice, &around)) {
        return false;
    }
    struct weir__member *member = around.here;
    *before = nearest_before(members, &key, &around, slice, reach);
    *after = WEIR__NO_SLICE;
    if (slice < members->newest) {
        *after = nearest_after(members, &key, &around, slice, reach);
    } else {
        members->newest = slice;
    }
    if (member->mask == 0) {
        keep_text(member, &key);
        member->block = block_of(slice);
        members->used++;
        members->oldest = member->block < members->oldest ? member->block : members->oldest;
    }
    member->mask |= bit;
    return true;
}

void weir__members_each(const struct weir__members *members, int64_t from,
                        void (*visit)(struct weir_str text, int64_t slice, void *user), void *user)
{
    for (uint32_t i = 0; members->slots != NULL && i <= members->mask; i++) {
        const struct weir__member *member = &members->slots[i];
        for (uint64_t left = member->mask; left != 0; left &= left - 1) {
            int64_t slice = member->block * 64 + __builtin_ctzll(left);
            if (slice >= from) {
                visit(str_of(member), slice, user);
            }
        }
    }
}

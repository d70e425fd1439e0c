/*
 * Which strings occurred in which slices: a set whose members carry a bit for each slice.
 *
 *     member := text (up to 15 bytes lie here), block, mask        bit b of the mask: slice 64 * block + b
 *
 * A string that is seen in slices of several blocks has a member for each. Open addressing, 32
 * bytes a slot. Zeroed is empty. One thread.
 */
#ifndef WEIR__WINDOW_MEMBERS_H
#define WEIR__WINDOW_MEMBERS_H

#include <weir/str.h>
#include <weir/time.h>

#include <stdbool.h>
#include <stdint.h>

#define WEIR__NO_SLICE INT64_MIN

struct weir__members {
    struct weir__member *slots;
    uint32_t mask;
    uint32_t used;
    int64_t oldest; /* no member is of a block before this one */
    int64_t newest; /* no string has been seen after this slice */
};

void weir__members_fini(struct weir__members *members);

/*
 * Marks a string as seen in a slice. Returns true when it was not yet. Then *before and *after are
 * the nearest other slices, at most `reach` away, in which it has been seen: WEIR__NO_SLICE where
 * there is none.
 *
 * oldest: members seen only before this slice may be forgotten when room is needed.
 */
bool weir__members_mark(struct weir__members *members, struct weir_str text, int64_t slice,
                        int64_t reach, int64_t oldest, int64_t *before, int64_t *after);

/* Where marking the string will look first; NULL: nowhere yet. */
const void *weir__members_place(const struct weir__members *members, struct weir_str text);
/* Of so many slots. */
size_t weir__members_bytes(uint32_t slots);

/* Calls `visit` for each string and each slice >= `from` in which it has been seen. */
void weir__members_each(const struct weir__members *members, int64_t from,
                        void (*visit)(struct weir_str text, int64_t slice, void *user), void *user);

#endif

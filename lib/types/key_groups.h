/*
 * A part of a snapshot: entries sorted by key group, so that a snapshot can be spread over another
 * number of subtasks.
 *
 *     entries := groups varint, group…
 *     group   := key group varint, entries varint, length of what follows u32, entry…
 */
#ifndef WEIR__TYPES_KEY_GROUPS_H
#define WEIR__TYPES_KEY_GROUPS_H

#include "base/buf.h"

#include <weir/status.h>

/*
 * Writes it: each entry goes to the end of its group's bytes, so that whoever has them may walk
 * through its memory in the order in which it lies.
 *
 *     weir__groups_init(&groups, max_parallelism);
 *     for each entry: struct weir__buf *bytes = weir__groups_entry(&groups, its group); put … bytes
 *     weir__groups_finish(&groups, out);
 *
 * Within a group the entries keep their order.
 */
struct weir__groups {
    struct weir__buf *bytes; /* one a group, 0 … count - 1 */
    uint32_t *entries;
    int count;
};

void weir__groups_init(struct weir__groups *groups, int max_parallelism);
static inline struct weir__buf *weir__groups_entry(struct weir__groups *groups, int group)
{
    groups->entries[group]++;
    return &groups->bytes[group];
}
/* Appends all of it to `out`, and releases the rest. */
void weir__groups_finish(struct weir__groups *groups, struct weir__buf *out);

/*
 * Reads what was written so: `read` is called for each entry of a group in first … last
 * and consumes exactly it; other groups are skipped. Errors: WEIR_CORRUPT, and what `read` answers.
 */
WEIR_MUST_USE enum weir_status weir__groups_read(struct weir__reader *in, int first, int last,
                                                 enum weir_status (*read)(struct weir__reader *in,
                                                                          void *self,
                                                                          struct weir_error *error),
                                                 void *self, struct weir_error *error);

#endif

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
 * Appends entries 0 … count - 1. group_of[i]: the key group of entry i, 0 … max_parallelism - 1;
 * write appends one entry. Within a group the entries keep their order.
 */
void weir__groups_write(struct weir__buf *out, int max_parallelism, const int32_t *group_of,
                        uint32_t count,
                        void (*write)(uint32_t entry, struct weir__buf *out, void *self),
                        void *self);

/*
 * The same, group by group, for one who has the entries in that order already:
 * begin, add for each group, end. `out` must not be used in between.
 */
struct weir__groups {
    struct weir__buf *out;
    struct weir__buf body;
    uint32_t used; /* groups in body */
};
void weir__groups_begin(struct weir__groups *groups, struct weir__buf *out);
/* bytes: its entries, one after the other; nothing is added when there is none. */
void weir__groups_add(struct weir__groups *groups, int group, uint32_t entries,
                      struct weir_str bytes);
void weir__groups_end(struct weir__groups *groups);

/*
 * Reads what weir__groups_write wrote: `read` is called for each entry of a group in first … last
 * and consumes exactly it; other groups are skipped. Errors: WEIR_CORRUPT, and what `read` answers.
 */
WEIR_MUST_USE enum weir_status weir__groups_read(struct weir__reader *in, int first, int last,
                                                 enum weir_status (*read)(struct weir__reader *in,
                                                                          void *self,
                                                                          struct weir_error *error),
                                                 void *self, struct weir_error *error);

#endif

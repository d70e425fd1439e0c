/*
 * What the store and its writers share.
 */
#ifndef WEIR__RUNTIME_CHECKPOINT_STORE_INTERNAL_H
#define WEIR__RUNTIME_CHECKPOINT_STORE_INTERNAL_H

#include "runtime/checkpoint_store.h"

#define WEIR__PART_SUFFIX ".part" /* of what is not complete */

/* An attachment of the last checkpoint. */
struct weir__attached {
    char *name;
    struct weir__file_info info;
    uint32_t checksum;
};
void weir__attached_fini(struct weir__vec *attached);

struct weir__checkpoint_store {
    struct weir__files *files;
    char *directory;
    int64_t next_id;
    struct weir__vec attached; /* of struct weir__attached */
};

#endif

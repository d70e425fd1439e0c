/*
 * Names as small numbers: each distinct text (a key, a partition, an node) is kept once and
 * gets the next number, 0, 1, 2 …; number 0 is the null text. Append-only, so models that share it
 * can be copied and thrown away.
 */
#ifndef WEIR_VIZ_NAMES_H
#define WEIR_VIZ_NAMES_H

#include <weir/str.h>

struct viz_names {
    struct weir_str *texts; /* owned bytes */
    int32_t count;
    int32_t capacity;
    int32_t *slots; /* open addressing: number + 1, 0 is free */
    uint32_t slot_count;
};

void viz_names_init(struct viz_names *names);
void viz_names_fini(struct viz_names *names);
int32_t viz_name_of(struct viz_names *names, struct weir_str text);
/* Borrowed until fini. */
struct weir_str viz_name(const struct viz_names *names, int32_t number);

#endif

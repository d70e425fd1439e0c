/*
 * The plan: a struct type compiled for reading and writing JSON objects. One decoder or encoder
 * has its own, since reading adapts it: producers write the fields of an object in the same order
 * each time, so every field remembers which one came behind it last, and the reader tries that one
 * first, with a single comparison.
 */
#ifndef WEIR__FORMAT_JSON_PLAN_H
#define WEIR__FORMAT_JSON_PLAN_H

#include "types/slot.h"

/* A set of fields is a 64-bit mask. */
enum { WEIR__JSON_MAX_FIELDS = 64 };

/* So many bytes may be read from a key or from behind its first byte, whatever its length. */
enum { WEIR__JSON_KEY_PADDING = 16 };

#define WEIR__JSON_NO_FIELD UINT32_MAX

struct weir__json_plan;

struct weir__json_field {
    char *key;         /* ,"userId": — as it is written */
    uint32_t key_len;  /* of the quoted name alone, from key + 1 */
    uint32_t name_len; /* of the name without quotes */
    uint32_t next;     /* the field expected behind this one */
    const struct weir_field *field;
    struct weir__json_plan *plan; /* of the struct that this is, or a list of; else NULL */
};

struct weir__json_plan {
    const struct weir_type *type;
    uint64_t required; /* mask of the fields that must be there */
    uint32_t first;    /* the field expected first */
    uint32_t field_count;
    struct weir__json_field *fields;
    struct weir__json_plan *other; /* the plans of one decoder are a list, owned by its head */
};

/*
 * The plan of `type`, or of the struct at the bottom of lists; NULL when there is none. A struct
 * has at most 64 fields.
 */
struct weir__json_plan *weir__json_plan_new(const struct weir_type *type);
void weir__json_plan_free(struct weir__json_plan *plan);

/* The field of that name, or WEIR__JSON_NO_FIELD. */
uint32_t weir__json_plan_find(const struct weir__json_plan *plan, struct weir_str name);

#endif

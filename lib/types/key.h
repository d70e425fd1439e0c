/*
 * Keys: the scalar by which a keyed stream is partitioned, with its hashes.
 *
 * group = murmur(Java hashCode of the key) % max_parallelism, and subtask = group * parallelism /
 * max_parallelism, so a key lands on the subtask it would have in Flink. `hash` is our own 64-bit
 * hash, for tables. Source: semantics sheet, section 16.
 */
#ifndef WEIR__TYPES_KEY_H
#define WEIR__TYPES_KEY_H

#include "base/hash.h"

#include <weir/type.h>

#define WEIR__DEFAULT_MAX_PARALLELISM 128

/* A key's value, borrowed from the event. boolean keys use integer 0 and 1. */
struct weir__key {
    enum weir_kind kind; /* WEIR_KIND_STRING, WEIR_KIND_INT64, WEIR_KIND_BOOL */
    union {
        struct weir_str string;
        int64_t integer;
    };
    uint64_t hash;
};

struct weir__key weir__key_integer(enum weir_kind kind, int64_t integer);
/* A null string is the empty string. */
static inline struct weir__key weir__key_string(struct weir_str string)
{
    struct weir_str text = string.data != NULL ? string : WEIR_STR("");
    return (struct weir__key){
        .kind = WEIR_KIND_STRING, .string = text, .hash = weir__hash_bytes(text.data, text.len)};
}
/* The key of `value` at `field`: a string, an int64 or a bool. */
void weir__key_read_scalar(const struct weir_field *field, const void *value,
                           struct weir__key *key);
static inline void weir__key_read(const struct weir_field *field, const void *value,
                                  struct weir__key *key)
{
    if (field->kind == WEIR_KIND_STRING) {
        *key = weir__key_string(
            *(const struct weir_str *)(const void *)((const char *)value + field->offset));
    } else {
        weir__key_read_scalar(field, value, key);
    }
}
/* The same, when its hash is known. */
static inline void weir__key_read_hashed(const struct weir_field *field, const void *value,
                                         uint64_t hash, struct weir__key *key)
{
    if (field->kind == WEIR_KIND_STRING) {
        struct weir_str text =
            *(const struct weir_str *)(const void *)((const char *)value + field->offset);
        *key = (struct weir__key){.kind = WEIR_KIND_STRING,
                                  .string = text.data != NULL ? text : WEIR_STR(""),
                                  .hash = hash};
    } else {
        weir__key_read_scalar(field, value, key);
    }
}
bool weir__key_equals(const struct weir__key *a, const struct weir__key *b);
/* The scalar type of keys of that kind: weir_string_type, … */
const struct weir_type *weir__key_type(enum weir_kind kind);
/*
 * The key as a value of that type: struct weir_str *, int64_t *, bool *. Borrowed from the key (a
 * bool: static).
 */
const void *weir__key_value(const struct weir__key *key);
/* Short text for traces and messages; an integer is written into `text`, a string is borrowed. */
struct weir_str weir__key_text(const struct weir__key *key, char text[24]);

int32_t weir__java_hash(const struct weir__key *key);
int32_t weir__murmur(int32_t hash); /* >= 0 */
int weir__key_group(const struct weir__key *key, int max_parallelism);
int weir__key_group_subtask(int group, int max_parallelism, int parallelism);
/* The groups of a subtask, both inclusive. */
void weir__key_group_range(int subtask, int max_parallelism, int parallelism, int *first,
                           int *last);
int weir__default_max_parallelism(int parallelism);

#endif

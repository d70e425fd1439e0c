/*
 * Keys and key groups. Source: semantics sheet, section 16.
 */
#include "types/key.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

struct weir__key weir__key_integer(enum weir_kind kind, int64_t integer)
{
    return (struct weir__key){
        .kind = kind, .integer = integer, .hash = weir__hash_u64((uint64_t)integer)};
}

void weir__key_read_scalar(const struct weir_field *field, const void *value, struct weir__key *key)
{
    const void *at = (const char *)value + field->offset;
    switch (field->kind) {
    case WEIR_KIND_INT64:
        *key = weir__key_integer(WEIR_KIND_INT64, *(const int64_t *)at);
        return;
    case WEIR_KIND_BOOL:
        *key = weir__key_integer(WEIR_KIND_BOOL, *(const bool *)at);
        return;
    case WEIR_KIND_STRING: /* weir__key_read */
    case WEIR_KIND_DOUBLE:
    case WEIR_KIND_STRING_SET:
    case WEIR_KIND_LIST:
    case WEIR_KIND_STRUCT:
        break;
    }
    assert(!"the graph admits strings, integers and booleans as keys");
}

bool weir__key_equals(const struct weir__key *a, const struct weir__key *b)
{
    if (a->kind != b->kind || a->hash != b->hash) {
        return false;
    }
    return a->kind == WEIR_KIND_STRING ? weir_str_same(a->string, b->string)
                                       : a->integer == b->integer;
}

const struct weir_type *weir__key_type(enum weir_kind kind)
{
    switch (kind) {
    case WEIR_KIND_STRING:
        return &weir_string_type;
    case WEIR_KIND_INT64:
        return &weir_int64_type;
    case WEIR_KIND_BOOL:
        return &weir_bool_type;
    case WEIR_KIND_DOUBLE:
    case WEIR_KIND_STRING_SET:
    case WEIR_KIND_LIST:
    case WEIR_KIND_STRUCT:
        break;
    }
    return NULL;
}

const void *weir__key_value(const struct weir__key *key)
{
    static const bool values[2] = {false, true};
    if (key->kind == WEIR_KIND_STRING) {
        return &key->string;
    }
    return key->kind == WEIR_KIND_BOOL ? (const void *)&values[key->integer != 0] : &key->integer;
}

struct weir_str weir__key_text(const struct weir__key *key, char text[24])
{
    if (key->kind == WEIR_KIND_STRING) {
        return key->string;
    }
    if (key->kind == WEIR_KIND_BOOL) {
        return weir_str_from(key->integer != 0 ? "true" : "false");
    }
    int len = snprintf(text, 24, "%" PRId64, key->integer);
    return (struct weir_str){text, (uint32_t)len};
}

/* ---- Java's hashes ---- */

/*
 * h = 31 h + unit over UTF-16 units. A byte that is not UTF-8 counts as the replacement character.
 */
int32_t weir_str_java_hash(struct weir_str text)
{
    uint32_t hash = 0;
    for (size_t at = 0; at < text.len;) {
        uint32_t code_point = (uint8_t)text.data[at];
        int len = 1;
        if (code_point >= 0x80) {
            len = weir__utf8_decode(text.data + at, text.len - at, &code_point);
            if (len == 0) {
                len = 1;
                code_point = 0xfffd;
            }
        }
        if (code_point >= 0x10000) { /* a surrogate pair */
            hash = 31 * hash + (0xd800 + ((code_point - 0x10000) >> 10));
            code_point = 0xdc00 + ((code_point - 0x10000) & 0x3ff);
        }
        hash = 31 * hash + code_point;
        at += (size_t)len;
    }
    return (int32_t)hash;
}

int32_t weir__java_hash(const struct weir__key *key)
{
    uint64_t bits = (uint64_t)key->integer;
    switch (key->kind) {
    case WEIR_KIND_STRING:
        return weir_str_java_hash(key->string);
    case WEIR_KIND_BOOL:
        return key->integer != 0 ? 1231 : 1237; /* java.lang.Boolean */
    case WEIR_KIND_INT64:
    case WEIR_KIND_DOUBLE:
    case WEIR_KIND_STRING_SET:
    case WEIR_KIND_LIST:
    case WEIR_KIND_STRUCT:
        break;
    }
    return (int32_t)(uint32_t)(bits ^ bits >> 32); /* java.lang.Long */
}

static uint32_t rotate_left(uint32_t value, int bits)
{
    return value << bits | value >> (32 - bits);
}

/* The murmur finaliser of Flink's MathUtils: never negative. */
int32_t weir__murmur(int32_t hash)
{
    uint32_t code = (uint32_t)hash;
    code *= 0xcc9e2d51u;
    code = rotate_left(code, 15);
    code *= 0x1b873593u;
    code = rotate_left(code, 13);
    code = code * 5 + 0xe6546b64u;
    code ^= 4;
    code ^= code >> 16;
    code *= 0x85ebca6bu;
    code ^= code >> 13;
    code *= 0xc2b2ae35u;
    code ^= code >> 16;
    int32_t result = (int32_t)code;
    if (result >= 0) {
        return result;
    }
    return result == INT32_MIN ? 0 : -result;
}

/* ---- key groups ---- */

int weir__key_group(const struct weir__key *key, int max_parallelism)
{
    assert(max_parallelism >= 1);
    return weir__murmur(weir__java_hash(key)) % max_parallelism;
}

int weir__key_group_subtask(int group, int max_parallelism, int parallelism)
{
    assert(group >= 0 && group < max_parallelism && parallelism <= max_parallelism);
    return (int)((int64_t)group * parallelism / max_parallelism);
}

void weir__key_group_range(int subtask, int max_parallelism, int parallelism, int *first, int *last)
{
    assert(subtask >= 0 && subtask < parallelism && parallelism <= max_parallelism);
    *first = (int)(((int64_t)subtask * max_parallelism + parallelism - 1) / parallelism);
    *last = (int)((((int64_t)subtask + 1) * max_parallelism - 1) / parallelism);
}

int weir__default_max_parallelism(int parallelism)
{
    int64_t wanted = (int64_t)parallelism + parallelism / 2;
    int max = WEIR__DEFAULT_MAX_PARALLELISM;
    while (max < wanted && max < 32768) {
        max *= 2;
    }
    return max;
}

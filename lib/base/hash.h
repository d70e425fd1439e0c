/*
 * A fast 64-bit hash for tables: 16 bytes a step, each folded by a 64x64->128 bit multiplication
 * whose halves are xored (the idea of wyhash). The same on every machine and in every run, so
 * results that depend on table order repeat. Not for hostile keys in unbounded tables, not for
 * secrets. Partitioning does not use it: see types/key.h.
 */
#ifndef WEIR__BASE_HASH_H
#define WEIR__BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 weir__u128;

#define WEIR__HASH_A 0xa0761d6478bd642fu
#define WEIR__HASH_B 0xe7037ed1a0b428dbu

static inline uint64_t weir__hash_fold(uint64_t a, uint64_t b)
{
    weir__u128 product = (weir__u128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t weir__load_u64(const char *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof(value));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

static inline uint64_t weir__load_u32(const char *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof(value));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap32(value);
#endif
    return value;
}

static inline uint64_t weir__hash_u64(uint64_t value)
{
    return weir__hash_fold(value ^ WEIR__HASH_A, value + WEIR__HASH_B);
}

/* Joins two hashes; the order matters. */
static inline uint64_t weir__hash_join(uint64_t first, uint64_t second)
{
    return weir__hash_fold(first ^ WEIR__HASH_A, second ^ WEIR__HASH_B);
}

/* A number below `count`, evenly, by the low 32 bits of a hash; the larger they, the larger it. */
static inline uint32_t weir__hash_scale(uint64_t hash, uint32_t count)
{
    return (uint32_t)((hash & UINT32_MAX) * count >> 32);
}

static inline uint64_t weir__hash_bytes(const void *data, size_t len)
{
    const char *at = data;
    uint64_t hash = weir__hash_fold(len ^ WEIR__HASH_A, WEIR__HASH_B);
    size_t rest = len;
    for (; rest > 16; rest -= 16, at += 16) {
        hash = weir__hash_fold(weir__load_u64(at) ^ WEIR__HASH_B, weir__load_u64(at + 8) ^ hash);
    }
    uint64_t low = 0;
    uint64_t high = 0;
    /* The last 0 to 16 bytes, by two loads that may overlap. */
    if (rest >= 8) {
        low = weir__load_u64(at);
        high = weir__load_u64(at + rest - 8);
    } else if (rest >= 4) {
        low = weir__load_u32(at);
        high = weir__load_u32(at + rest - 4);
    } else if (rest > 0) {
        low = (uint64_t)(uint8_t)at[0] << 16 | (uint64_t)(uint8_t)at[rest / 2] << 8 |
              (uint8_t)at[rest - 1];
    }
    return weir__hash_fold(weir__hash_fold(low ^ WEIR__HASH_B, high ^ hash), WEIR__HASH_A);
}

#endif

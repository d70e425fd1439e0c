/*
 * xoshiro256**.
 */
#include "base/rand.h"

#include <assert.h>

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void weir__rand_init(struct weir__rand *rand, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        rand->state[i] = splitmix(&seed);
    }
}

static uint64_t rotate_left(uint64_t value, int bits)
{
    return value << bits | value >> (64 - bits);
}

uint64_t weir__rand_next(struct weir__rand *rand)
{
    uint64_t *s = rand->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t weir__rand_below(struct weir__rand *rand, uint64_t n)
{
    assert(n >= 1);
    /*
     * The lowest (2^64 mod n) values would make some results more frequent than others: draw
     * again.
     */
    uint64_t rejected = (0 - n) % n;
    uint64_t value;
    do {
        value = weir__rand_next(rand);
    } while (value < rejected);
    return value % n;
}

int64_t weir__rand_between(struct weir__rand *rand, int64_t low, int64_t high)
{
    assert(low <= high);
    uint64_t span = (uint64_t)high - (uint64_t)low + 1; /* 0: the full range */
    uint64_t offset = span == 0 ? weir__rand_next(rand) : weir__rand_below(rand, span);
    return (int64_t)((uint64_t)low + offset);
}

double weir__rand_unit(struct weir__rand *rand)
{
    return (double)(weir__rand_next(rand) >> 11) * 0x1.0p-53;
}

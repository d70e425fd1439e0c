/*
 * Seeded pseudo-random numbers: xoshiro256** (Blackman, Vigna, 2018), seeded through splitmix64.
 * Every random choice in the library comes from one of these, so that a run repeats from its seed,
 * on every machine. Not for secrets. One thread an instance.
 */
#ifndef WEIR__BASE_RAND_H
#define WEIR__BASE_RAND_H

#include <stdint.h>

struct weir__rand {
    uint64_t state[4];
};

void weir__rand_init(struct weir__rand *rand, uint64_t seed);
uint64_t weir__rand_next(struct weir__rand *rand);
/* Uniform in 0 … n - 1, without bias; n >= 1. */
uint64_t weir__rand_below(struct weir__rand *rand, uint64_t n);
/* Uniform in low … high, both inclusive; low <= high. */
int64_t weir__rand_between(struct weir__rand *rand, int64_t low, int64_t high);
/* Uniform in [0, 1), 53 bits. */
double weir__rand_unit(struct weir__rand *rand);

#endif

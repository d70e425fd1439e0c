/*
 * Draws for the generators: each number depends on nothing but its arguments.
 */
#ifndef CLICKSTREAM_DRAW_H
#define CLICKSTREAM_DRAW_H

#include <clickstream/generator.h>

/* 0 … n - 1. The bias of the remainder is below n / 2^64. */
static inline uint64_t draw_below(uint64_t seed, uint64_t index, uint64_t purpose, uint64_t n)
{
    return click_generator_draw(seed, index, purpose) % n;
}

/* 0 … 1, without 1 */
static inline double draw_unit(uint64_t seed, uint64_t index, uint64_t purpose)
{
    return (double)(click_generator_draw(seed, index, purpose) >> 11) * 0x1.0p-53;
}

#endif

/*
 * Counts beyond the largest number.
 *
 * in: add
 * points: 0
 * text: signed integer overflow
 */
#include <limits.h>

static volatile int number = INT_MAX;

static void attack(void)
{
    number++;
}

/*
 * Writes behind what it allocated.
 *
 * in: add
 * points: 0
 * text: Your code reads or writes past the end of a piece of memory (heap-buffer-overflow)
 */
#include <stdlib.h>

static void attack(void)
{
    volatile char *memory = malloc(8);
    memory[8] = 1;
    free((void *)memory);
}

/*
 * Writes through a pointer that points nowhere.
 *
 * in: add
 * points: 0
 * text: Your code uses a null pointer or one that points nowhere (segmentation fault)
 */
#include <stdint.h>

static volatile uintptr_t nowhere = 64;

static void attack(void)
{
    *(volatile char *)nowhere = 1;
}

/*
 * Prints what it likes: no result, and no harm.
 *
 * in: add
 * points: 20
 * text:
 */
#include <stdio.h>

static void attack(void)
{
    puts("not ok 1 - everything failed");
    fputs("ERROR: AddressSanitizer: only joking\n", stderr);
}

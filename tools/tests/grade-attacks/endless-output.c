/*
 * Prints without end.
 *
 * in: add
 * points: 0
 * text: Your code printed more than 1024 KiB: printing in a loop?
 */
#include <stdio.h>

static void attack(void)
{
    for (;;) {
        puts("and another line");
    }
}

/*
 * Waits for what never comes.
 *
 * in: add
 * points: 0
 * seconds: 1
 * text: Your code did not finish within 2 s: does it wait for something, or loop for ever?
 */
#include <unistd.h>

static void attack(void)
{
    for (;;) {
        pause();
    }
}

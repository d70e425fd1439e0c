/*
 * Waits for what never comes.
 *
 * in: add
 * points: 0
 * seconds: 1
 * text: Your code did not finish within
 */
#include <unistd.h>

static void attack(void)
{
    for (;;) {
        pause();
    }
}

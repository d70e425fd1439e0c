/*
 * Multiplies, each process in a session of its own so that no signal to a group finds it. At most
 * 256, whatever the limits do.
 *
 * in: add
 * points: 0
 * seconds: 1
 * text: Your code did not finish within
 */
#include <unistd.h>

static void attack(void)
{
    for (int i = 0; i < 8; i++) {
        if (fork() == 0) {
            setsid();
        }
    }
    for (;;) {
        pause();
    }
}

/*
 * Adds results of its own to those of the runner, and goes on.
 *
 * in: add
 * points: 0
 * text: Your code wrote into the grader's own channel.
 */
#include <string.h>
#include <unistd.h>

static const char forged[] = "result 00\n";

static void attack(void)
{
    for (int fd = 3; fd < 64; fd++) {
        if (write(fd, forged, strlen(forged)) < 0) {
            continue;
        }
    }
}

/*
 * Becomes another program, one that succeeds.
 *
 * in: add
 * points: 0
 * text: Your code ended the program itself, with exit status 0, in the middle of the test.
 */
#include <unistd.h>

static void attack(void)
{
    execlp("true", "true", (char *)NULL);
    execl("/bin/true", "true", (char *)NULL);
}

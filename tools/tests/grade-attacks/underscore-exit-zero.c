/*
 * Ends the process without handlers and without the leak check.
 *
 * in: add
 * points: 0
 * text: Your code ended the program itself, with exit status 0, in the middle of the test.
 */
#include <unistd.h>

static void attack(void)
{
    _exit(0);
}

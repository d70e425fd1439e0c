/*
 * Ends the process before main.
 *
 * in: none
 * points: 0
 * text: Your code ended the program itself, with exit status 0, in the middle of the test.
 */
#include <unistd.h>

__attribute__((constructor)) static void attack(void)
{
    _exit(0);
}

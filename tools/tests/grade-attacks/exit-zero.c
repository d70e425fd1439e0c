/*
 * Ends the process as if all were well.
 *
 * in: add
 * points: 0
 * text: Your code ended the program itself, with exit status 0, in the middle of the test.
 */
#include <stdlib.h>

static void attack(void)
{
    exit(0);
}

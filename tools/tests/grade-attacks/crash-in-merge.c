/*
 * Only merging is broken: what does not need it keeps its points.
 *
 * in: merge
 * points: 14
 * text: Your code ended the program itself, with exit status 3, in the middle of the test.
 */
#include <stdlib.h>

static void attack(void)
{
    exit(3);
}

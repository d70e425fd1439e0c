/*
 * Stops at an assertion of its own.
 *
 * in: add
 * points: 0
 * text: Your code crashed with SIGABRT
 */
#include <assert.h>
#include <stdlib.h>

static void attack(void)
{
    assert(getenv("HOME") != NULL);
}

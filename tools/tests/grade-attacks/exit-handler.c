/*
 * Hides leaks behind a handler that ends the process before they are looked for.
 *
 * in: none
 * points: 0
 * text: Every result was right, but the program did not end well.
 */
#include <stdlib.h>
#include <unistd.h>

static void leave(void)
{
    _exit(0);
}

__attribute__((constructor)) static void attack(void)
{
    atexit(leave);
}

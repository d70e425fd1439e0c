/*
 * Ends by a signal that no sanitizer explains.
 *
 * in: add
 * points: 0
 * text: Your code crashed with SIGILL
 */
#include <signal.h>

static void attack(void)
{
    raise(SIGILL);
}

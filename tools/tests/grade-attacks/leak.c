/*
 * Never frees what it allocates.
 *
 * in: add
 * points: 0
 * text: Your code leaks memory:
 */
#include <stdlib.h>
#include <string.h>

static void attack(void)
{
    char *memory = malloc(24);
    memset(memory, 1, 24);
    memory = NULL;
}

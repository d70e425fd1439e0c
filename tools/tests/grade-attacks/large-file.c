/*
 * Fills the disk.
 *
 * in: add
 * points: 0
 * text: wrote a file of more than 1 MiB
 */
#include <stdio.h>

static void attack(void)
{
    FILE *file = tmpfile();
    static const char block[65536];
    for (int i = 0; file != NULL && i < 64; i++) {
        fwrite(block, sizeof block, 1, file);
        fflush(file);
    }
}

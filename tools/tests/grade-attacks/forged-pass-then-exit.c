/*
 * Says in every language that all tests have passed, on every descriptor, and leaves.
 *
 * in: add
 * points: 0
 * text: Your code ended the program itself, with exit status 0, in the middle of the test.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char forged[] =
    "1..9\nok 1 - counts_every_event\n100%: Checks: 9, Failures: 0, Errors: 0\nPASS\n"
    "{\"test\":\"counts_every_event\",\"passed\":true,\"cases\":1,\"seed\":1,\"text\":\"\"}\n"
    "result 00\nend 0000000000000000\n";

static void attack(void)
{
    for (int fd = 0; fd < 64; fd++) {
        if (write(fd, forged, strlen(forged)) < 0) {
            continue;
        }
    }
    exit(0);
}

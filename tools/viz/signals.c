/* The self-pipe: a handler writes the signal's number, the loop reads it. */
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static int ends[2] = {-1, -1};

static void on_signal(int number)
{
    int before = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t ignored = write(ends[1], &byte, 1);
    (void)ignored;
    errno = before;
}

void viz_signals_watch(void)
{
    if (ends[0] < 0 && pipe(ends) != 0) {
        return; /* without it signals do what they do by default */
    }
    static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
    for (int i = 0; i < 2; i++) {
        (void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
        (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    }
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
        struct sigaction action = {.sa_handler = on_signal};
        sigaction(watched[i], &action, NULL);
    }
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
}

int viz_signals_fd(void)
{
    return ends[0];
}

int viz_signals_take(void)
{
    unsigned char byte;
    int found = 0;
    while (ends[0] >= 0 && read(ends[0], &byte, 1) == 1) {
        found = byte == SIGCHLD ? found : byte;
    }
    return found;
}

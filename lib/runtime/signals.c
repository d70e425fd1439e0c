/*
 * Signal handlers. They only touch atomics, write(2) and _exit(2).
 */
#include "runtime/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct weir__control *_Atomic target; /* NULL: nobody listens */
static atomic_int seen;                      /* the first signal that came */
static struct sigaction old_int;
static struct sigaction old_term;

static void on_signal(int number)
{
    int saved = errno;
    int none = 0;
    if (!atomic_compare_exchange_strong(&seen, &none, number)) {
        _exit(128 + number);
    }
    static const char text[] = "weir: stopping the sources; the same again ends at once\n";
    ssize_t written = write(STDERR_FILENO, text, sizeof(text) - 1);
    (void)written;
    weir__control_stop(atomic_load(&target));
    errno = saved;
}

bool weir__signals_catch(struct weir__control *control)
{
    struct weir__control *nobody = NULL;
    if (!atomic_compare_exchange_strong(&target, &nobody, control)) {
        return false;
    }
    atomic_store(&seen, 0);
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &old_int);
    sigaction(SIGTERM, &action, &old_term);
    return true;
}

int weir__signals_release(void)
{
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGTERM, &old_term, NULL);
    atomic_store(&target, NULL);
    return atomic_load(&seen);
}

/*
 * Signal handlers. They only touch atomics, write(2) and _exit(2).
 */
#include "runtime/signals.h"

#include "base/log.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { CAUGHT = 3 };

static const int numbers[CAUGHT] = {SIGINT, SIGTERM, SIGUSR1};
static struct sigaction old[CAUGHT];
static struct weir__control *_Atomic target;         /* NULL: nobody listens */
static struct weir__coordinator *_Atomic savepoints; /* NULL: there are none */
static atomic_int seen;                              /* the first signal that came */
static atomic_int handling; /* handlers that run now, on whatever thread the signal came to */

/* A line in the log's format, without what a handler may not do: no time, and nothing is escaped.
 */
static void say(const char *message)
{
    bool json = weir__log_is_json();
    const char *const parts[] = {json ? "{\"level\":\"info\",\"message\":\"" : "weir: ", message,
                                 json ? "\"}\n" : "\n"};
    char line[160];
    size_t len = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        size_t part = strlen(parts[i]);
        part = part < sizeof(line) - len ? part : sizeof(line) - len;
        memcpy(line + len, parts[i], part);
        len += part;
    }
    ssize_t written = write(STDERR_FILENO, line, len);
    (void)written;
}

static void answer(int number, struct weir__control *control, struct weir__coordinator *coordinator)
{
    int none = 0;
    if (number == SIGUSR1 && coordinator == NULL) {
        say("no savepoint: the job keeps no checkpoints (--checkpoint-interval 10s)");
    } else if (!atomic_compare_exchange_strong(&seen, &none, number)) {
        if (number != SIGUSR1) {
            _exit(128 + number);
        }
    } else if (coordinator != NULL) {
        say("stopping with a savepoint; an interrupt ends at once");
        weir__coordinator_stop_with_savepoint(coordinator);
    } else {
        say("stopping the sources; the same again ends at once");
        weir__control_stop(control);
    }
}

static void on_signal(int number)
{
    int saved = errno;
    atomic_fetch_add(&handling, 1);
    struct weir__control *control = atomic_load(&target);
    if (control != NULL) { /* else the attempt has just ended */
        answer(number, control, atomic_load(&savepoints));
    }
    atomic_fetch_sub(&handling, 1);
    errno = saved;
}

bool weir__signals_catch(struct weir__control *control, struct weir__coordinator *coordinator)
{
    struct weir__control *nobody = NULL;
    if (!atomic_compare_exchange_strong(&target, &nobody, control)) {
        return false;
    }
    /* No handler is installed yet, so nobody has looked at these. */
    atomic_store(&savepoints, coordinator);
    atomic_store(&seen, 0);
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < CAUGHT; i++) {
        sigaction(numbers[i], &action, &old[i]);
    }
    return true;
}

int weir__signals_release(void)
{
    for (int i = 0; i < CAUGHT; i++) {
        sigaction(numbers[i], &old[i], NULL);
    }
    atomic_store(&target, NULL);
    while (atomic_load(&handling) > 0) {
        sched_yield(); /* a handler on another thread still uses what will be freed */
    }
    atomic_store(&savepoints, NULL);
    return atomic_load(&seen);
}

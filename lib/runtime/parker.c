/*
 * Parking on an eventfd.
 */
#include "runtime/parker.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum weir_status weir__parker_init(struct weir__parker *parker, struct weir_error *error)
{
    atomic_init(&parker->announced, false);
    parker->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (parker->fd < 0) {
        return weir_error_set(error, WEIR_IO, NULL, "cannot make an eventfd: %s", strerror(errno));
    }
    return WEIR_OK;
}

void weir__parker_fini(struct weir__parker *parker)
{
    if (parker->fd >= 0) {
        close(parker->fd);
    }
    parker->fd = -1;
}

void weir__parker_announce(struct weir__parker *parker)
{
    atomic_store(&parker->announced, true);
}

void weir__parker_cancel(struct weir__parker *parker)
{
    atomic_store(&parker->announced, false);
}

void weir__parker_sleep(struct weir__parker *parker, int64_t timeout_ms)
{
    struct pollfd pollfd = {.fd = parker->fd, .events = POLLIN};
    int timeout = timeout_ms < 0 ? -1 : timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;
    /*
     * An interruption by a signal is a wake-up like any other: the caller looks at everything
     * again.
     */
    if (poll(&pollfd, 1, timeout) > 0) {
        uint64_t count;
        ssize_t got = read(parker->fd, &count, sizeof(count));
        (void)got; /* not blocking; whether it was there does not matter */
    }
    weir__parker_cancel(parker);
}

void weir__parker_wake(struct weir__parker *parker)
{
    if (parker == NULL || !atomic_load(&parker->announced) ||
        !atomic_exchange(&parker->announced, false)) {
        return;
    }
    uint64_t one = 1;
    ssize_t put = write(parker->fd, &one, sizeof(one));
    (void)put; /* fails only when the counter is full, and then it is readable */
}

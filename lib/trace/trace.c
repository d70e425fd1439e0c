/*
 * The tracers of a job and the thread that writes what they say.
 *
 *     task thread ─▶ tracer's ring ─┐
 *     task thread ─▶ tracer's ring ─┴▶ writer: merges by ticket ─▶ JSON ─▶ target
 *
 * Order: each event draws a ticket from one counter. The writer reads the counter first and the
 * rings after it, and writes what has a lower ticket, lowest first. What caused an event was in its
 * ring before the event drew its ticket, so causes are always written before effects, whatever the
 * clock says and however many threads there are.
 *
 * Loss: a full ring drops the event and counts it. Rings are large, because jobs that read a file
 * say all they have in one burst; memory that is never reached is never taken from the system. The
 * count so far travels with every event, so the gap is written where it belongs.
 *
 * Threads: the functions of a tracer belong to its task's thread; the writer owns everything that
 * says so below.
 */
#include "trace/trace.h"

#include "base/mem.h"
#include "trace/event.h"
#include "trace/ring.h"
#include "trace/target.h"
#include "trace/tracer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum { RING_BYTES = 1 << 24, DRAIN_MS = 20, WRITE_BYTES = 1 << 16 };

struct weir__tracer {
    struct weir__trace *trace;
    struct weir__tracer *next; /* fixed once the tracer is in the list */
    struct weir__trace_ring ring;
    /* the task's thread */
    struct weir__buf scratch;
    _Atomic uint64_t dropped; /* so far; read by the writer */
    /* the writer */
    uint64_t reported; /* drops written as gaps */
    uint64_t front;    /* ticket of the ring's oldest event, when it has one */
    bool waiting;      /* the ring has one that may be written */
};

struct weir__trace {
    const struct weir_clock *clock;
    int64_t started_ns;
    _Atomic uint64_t tickets;
    _Atomic int64_t ids;
    atomic_bool asked; /* a byte is in the pipe */
    atomic_bool closing;
    int pipe[2];
    pthread_t writer;
    /* under lock */
    pthread_mutex_t lock;
    struct weir__tracer *tracers;
    /* the writer */
    struct weir__trace_target target;
    struct weir__buf out;
    struct weir__buf taken;
    int64_t seq;
    int64_t last_at;
};

/* ---- the writer thread ---- */

static void flush(struct weir__trace *trace)
{
    weir__trace_target_write(&trace->target, trace->out.data, trace->out.len, &trace->closing);
    trace->out.len = 0;
}

static void write_event(struct weir__trace *trace, struct weir__trace_event *event)
{
    event->seq = trace->seq++;
    /* Tickets and clocks of different threads may disagree by nanoseconds; a reader's time line
     * should not run backwards. */
    event->at = event->at > trace->last_at ? event->at : trace->last_at;
    trace->last_at = event->at;
    weir__trace_write_json(&trace->out, event);
    if (trace->out.len >= WRITE_BYTES) {
        flush(trace);
    }
}

static void write_gap(struct weir__trace *trace, struct weir__tracer *tracer, uint64_t dropped)
{
    if (dropped == tracer->reported) {
        return;
    }
    struct weir__trace_event gap = {.type = WEIR__TRACE_GAP_EVENT,
                                    .at = trace->last_at,
                                    .dropped = (int64_t)(dropped - tracer->reported)};
    tracer->reported = dropped;
    write_event(trace, &gap);
}

static void write_front(struct weir__trace *trace, struct weir__tracer *tracer)
{
    weir__trace_ring_take(&tracer->ring, &trace->taken);
    struct weir__reader reader =
        weir__reader_of((struct weir_str){trace->taken.data, (uint32_t)trace->taken.len});
    int64_t at = weir__read_i64(&reader);
    uint64_t dropped = weir__read_varint(&reader);
    struct weir__trace_event event;
    bool whole = weir__trace_decode(
        (struct weir_str){reader.at, (uint32_t)(reader.end - reader.at)}, &event);
    assert(whole && !reader.failed);
    (void)whole;
    write_gap(trace, tracer, dropped);
    event.at = at;
    write_event(trace, &event);
}

static struct weir__tracer *first_tracer(struct weir__trace *trace)
{
    pthread_mutex_lock(&trace->lock);
    struct weir__tracer *first = trace->tracers;
    pthread_mutex_unlock(&trace->lock);
    return first;
}

static void look_at(struct weir__tracer *tracer, uint64_t limit)
{
    tracer->waiting = weir__trace_ring_peek(&tracer->ring, &tracer->front) && tracer->front < limit;
}

static struct weir__tracer *lowest(struct weir__tracer *first)
{
    struct weir__tracer *found = NULL;
    for (struct weir__tracer *tracer = first; tracer != NULL; tracer = tracer->next) {
        if (tracer->waiting && (found == NULL || tracer->front < found->front)) {
            found = tracer;
        }
    }
    return found;
}

/* Writes what is in the rings, lowest ticket first. */
static void drain(struct weir__trace *trace)
{
    atomic_store(&trace->asked, false);
    uint64_t limit = atomic_load_explicit(&trace->tickets, memory_order_acquire);
    struct weir__tracer *first = first_tracer(trace);
    for (struct weir__tracer *tracer = first; tracer != NULL; tracer = tracer->next) {
        look_at(tracer, limit);
    }
    struct weir__tracer *tracer;
    while ((tracer = lowest(first)) != NULL) {
        write_front(trace, tracer);
        look_at(tracer, limit);
    }
    for (tracer = first; tracer != NULL; tracer = tracer->next) {
        uint64_t ticket;
        uint64_t dropped = atomic_load(&tracer->dropped);
        if (!weir__trace_ring_peek(&tracer->ring, &ticket)) {
            write_gap(trace, tracer, dropped);
        }
    }
    flush(trace);
}

/* Until the next turn is due or a ring is half full. */
static void rest(struct weir__trace *trace)
{
    struct pollfd poller = {.fd = trace->pipe[0], .events = POLLIN};
    if (poll(&poller, 1, DRAIN_MS) > 0) {
        char bytes[64];
        ssize_t ignored = read(trace->pipe[0], bytes, sizeof(bytes));
        (void)ignored;
    }
}

static void *run_writer(void *user)
{
    struct weir__trace *trace = user;
    bool last;
    do {
        last = atomic_load(&trace->closing);
        drain(trace);
        if (!last) {
            rest(trace);
        }
    } while (!last);
    return NULL;
}

/* ---- opening and closing ---- */

/* Signals are the job's business; and a reader that went away must be an error of write, not
 * SIGPIPE. */
static int start_writer(struct weir__trace *trace)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&trace->writer, NULL, run_writer, trace);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static bool open_pipe(struct weir__trace *trace)
{
    if (pipe(trace->pipe) != 0) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        (void)fcntl(trace->pipe[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(trace->pipe[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

static void free_tracer(struct weir__tracer *tracer)
{
    weir__trace_ring_fini(&tracer->ring);
    weir__buf_fini(&tracer->scratch);
    weir__free(tracer);
}

static void free_trace(struct weir__trace *trace)
{
    while (trace->tracers != NULL) {
        struct weir__tracer *next = trace->tracers->next;
        free_tracer(trace->tracers);
        trace->tracers = next;
    }
    for (int i = 0; i < 2; i++) {
        if (trace->pipe[i] >= 0) {
            close(trace->pipe[i]);
        }
    }
    weir__trace_target_close(&trace->target);
    weir__buf_fini(&trace->out);
    weir__buf_fini(&trace->taken);
    pthread_mutex_destroy(&trace->lock);
    weir__free(trace);
}

enum weir_status weir__trace_open(const char *target, const struct weir_clock *clock,
                                  struct weir__trace **result, struct weir_error *error)
{
    struct weir__trace *trace = WEIR__NEW(struct weir__trace);
    trace->clock = clock;
    trace->started_ns = weir_clock_ns(clock);
    atomic_init(&trace->ids, 1);
    trace->pipe[0] = trace->pipe[1] = -1;
    trace->target.fd = -1;
    pthread_mutex_init(&trace->lock, NULL);

    enum weir_status status = weir__trace_target_open(&trace->target, target, error);
    if (status == WEIR_OK && (!open_pipe(trace) || start_writer(trace) != 0)) {
        status = weir_error_set(error, WEIR_IO, target, "cannot start the trace's writer: %s",
                                strerror(errno));
    }
    if (status != WEIR_OK) {
        free_trace(trace);
        return status;
    }
    *result = trace;
    return WEIR_OK;
}

struct weir__tracer *weir__trace_tracer(struct weir__trace *trace)
{
    struct weir__tracer *tracer = WEIR__NEW(struct weir__tracer);
    tracer->trace = trace;
    weir__trace_ring_init(&tracer->ring, RING_BYTES);
    pthread_mutex_lock(&trace->lock);
    tracer->next = trace->tracers;
    trace->tracers = tracer;
    pthread_mutex_unlock(&trace->lock);
    return tracer;
}

static void wake_writer(struct weir__trace *trace)
{
    if (!atomic_exchange(&trace->asked, true)) {
        ssize_t ignored = write(trace->pipe[1], "", 1);
        (void)ignored;
    }
}

void weir__trace_close(struct weir__trace *trace)
{
    if (trace == NULL) {
        return;
    }
    atomic_store(&trace->closing, true);
    wake_writer(trace);
    pthread_join(trace->writer, NULL);
    free_trace(trace);
}

/* ---- a task says something ---- */

void weir__tracer_say(struct weir__tracer *tracer, const struct weir__trace_event *event)
{
    struct weir__trace *trace = tracer->trace;
    uint64_t dropped = atomic_load_explicit(&tracer->dropped, memory_order_relaxed);
    tracer->scratch.len = 0;
    weir__buf_put_i64(&tracer->scratch, weir_clock_ns(trace->clock) - trace->started_ns);
    weir__buf_put_varint(&tracer->scratch, dropped);
    weir__trace_encode(&tracer->scratch, event);
    if (!weir__trace_ring_fits(&tracer->ring, tracer->scratch.len)) {
        atomic_store(&tracer->dropped, dropped + 1);
        wake_writer(trace);
        return;
    }
    uint64_t ticket = atomic_fetch_add_explicit(&trace->tickets, 1, memory_order_acq_rel);
    weir__trace_ring_put(&tracer->ring, ticket,
                         (struct weir_str){tracer->scratch.data, (uint32_t)tracer->scratch.len});
    if (weir__trace_ring_used(&tracer->ring) > RING_BYTES / 2) {
        wake_writer(trace);
    }
}

int64_t weir__trace_next_id(struct weir__tracer *tracer)
{
    return atomic_fetch_add_explicit(&tracer->trace->ids, 1, memory_order_relaxed);
}

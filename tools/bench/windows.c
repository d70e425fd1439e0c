/*
 * The window operator alone: decoded events in, results into a checksum. Each pair of rows is the
 * general path, as the reference, and the fast one; both get the same events, and their results are
 * compared before any time counts.
 *
 * Events are spread evenly over keys in a random order, which is the worst case for caches; event
 * time advances by a given number of events a second; a watermark follows every thousand events.
 * They come as a task reads them from the buffer of a channel: several at once.
 */
#include "bench.h"

#include "base/mem.h"
#include "base/prefetch.h"
#include "base/rand.h"
#include "metrics/metrics.h"
#include "operator/factories.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define HIT_FIELDS(F, T)                                                                           \
    F(T, string, page, "page", required)                                                           \
    F(T, string, user, "user", required)
WEIR_DECLARE_TYPE(hit, HIT_FIELDS);
WEIR_DEFINE_TYPE(hit, HIT_FIELDS);

#define HITS_FIELDS(F, T)                                                                          \
    F(T, int64, count, "count", required)                                                          \
    F(T, string_set, users, "users", required)
WEIR_DECLARE_TYPE(hits, HITS_FIELDS);
WEIR_DEFINE_TYPE(hits, HITS_FIELDS);

enum {
    EVENTS = 1 << 22,
    CHECKED = 1 << 19, /* events whose results are compared */
    NAME_SIZE = 16,
    WATERMARK_EVERY = 1000,
    AHEAD = 2 * WEIR__BATCH_MAX, /* events that are fetched before their turn */
    RUNS = 5,
};

/* ---- aggregates: count; count and distinct users ---- */

static void count_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)value;
    (void)timestamp;
    (void)user;
    ++*(int64_t *)accumulator;
}

static void count_merge(void *accumulator, const void *other, void *user)
{
    (void)user;
    *(int64_t *)accumulator += *(const int64_t *)other;
}

static void count_result(const void *accumulator, const struct weir_window_context *context,
                         void *out, void *user)
{
    (void)context;
    (void)user;
    *(int64_t *)out = *(const int64_t *)accumulator;
}

static const struct weir_aggregate count = {
    .name = "count",
    .in_type = &hit_type,
    .accumulator_type = &weir_int64_type,
    .out_type = &weir_int64_type,
    .add = count_add,
    .merge = count_merge,
    .result = count_result,
};

static void users_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    struct hits *hits = accumulator;
    (void)timestamp;
    (void)user;
    hits->count++;
    weir_string_set_add(&hits->users, ((const struct hit *)value)->user, 1);
}

static void users_merge(void *accumulator, const void *other, void *user)
{
    struct hits *hits = accumulator;
    (void)user;
    hits->count += ((const struct hits *)other)->count;
    weir_string_set_merge(&hits->users, &((const struct hits *)other)->users);
}

static void users_result(const void *accumulator, const struct weir_window_context *context,
                         void *out, void *user)
{
    const struct hits *hits = accumulator;
    (void)context;
    (void)user;
    *(int64_t *)out = hits->count * 1000003 + weir_string_set_size(&hits->users);
}

static const struct weir_aggregate count_and_users = {
    .name = "count and users",
    .in_type = &hit_type,
    .accumulator_type = &hits_type,
    .out_type = &weir_int64_type,
    .add = users_add,
    .merge = users_merge,
    .result = users_result,
};

/* The same, saying what it is made of. */
static const struct weir_aggregate_part parts[] = {
    {.kind = WEIR_PART_COUNT, .into = WEIR_FIELD(hits, count)},
    {.kind = WEIR_PART_DISTINCT, .into = WEIR_FIELD(hits, users), .of = WEIR_FIELD(hit, user)},
};

static const struct weir_aggregate count_and_users_by_parts = {
    .name = "count and users",
    .in_type = &hit_type,
    .accumulator_type = &hits_type,
    .out_type = &weir_int64_type,
    .add = users_add,
    .merge = users_merge,
    .result = users_result,
    .parts = parts,
    .part_count = 2,
};

/* ---- events and the operator ---- */

/* A decoded event with its strings: a cache line. */
struct event {
    struct hit hit;
    char page[NAME_SIZE];
    char user[NAME_SIZE];
};
_Static_assert(sizeof(struct event) == 64, "a cache line");

/*
 * A task finds its input in the caches, where the source has just left it. So events are fetched
 * from the large array below some time before their turn.
 */
struct stream {
    struct event *events;      /* EVENTS of them, over and over */
    int64_t events_per_second; /* of event time */
    int64_t next;              /* number of the next event */
    int64_t timestamp;         /* of the next event */
    int64_t rest;              /* of the division, in events a second */
};

struct run {
    struct stream *stream;
    struct weir__operator *op;
    struct weir__operator_context context;
    struct weir__receiver receiver;
    int64_t events; /* a call of the benchmark */
    uint64_t sum;
};

static void stream_init(struct stream *stream, int pages, int users, int64_t events_per_second)
{
    struct weir__rand rand;
    weir__rand_init(&rand, 42);
    *stream = (struct stream){.events_per_second = events_per_second};
    stream->events = weir__alloc_lines(EVENTS * sizeof(*stream->events));
    for (int i = 0; i < EVENTS; i++) {
        struct event *event = &stream->events[i];
        snprintf(event->page, NAME_SIZE, "/page/%d", (int)weir__rand_below(&rand, (uint64_t)pages));
        snprintf(event->user, NAME_SIZE, "user_%d", (int)weir__rand_below(&rand, (uint64_t)users));
        event->hit = (struct hit){weir_str_from(event->page), weir_str_from(event->user)};
    }
}

static void stream_fini(struct stream *stream)
{
    weir__free(stream->events);
}

static void on_record(void *self, const struct weir__record *record)
{
    struct run *run = self;
    run->sum += (uint64_t)(*(const int64_t *)record->value) * (uint64_t)(record->timestamp | 1);
}

static void on_watermark(void *self, int64_t watermark)
{
    (void)self;
    (void)watermark;
}

static const struct weir__receiver_ops receiver_ops = {.record = on_record,
                                                       .watermark = on_watermark};

/* Up to the next watermark, and no more than fit into a batch. */
static void deliver(const struct run *run, int64_t end)
{
    struct stream *stream = run->stream;
    struct weir__record records[WEIR__BATCH_MAX];
    int64_t due = WATERMARK_EVERY - stream->next % WATERMARK_EVERY;
    due = due < end - stream->next ? due : end - stream->next;
    due = due < WEIR__BATCH_MAX ? due : WEIR__BATCH_MAX;
    for (int64_t i = 0; i < due; i++) {
        weir__prefetch(&stream->events[(stream->next + i + AHEAD) & (EVENTS - 1)]);
        records[i] = (struct weir__record){
            .value = &stream->events[(stream->next + i) & (EVENTS - 1)].hit,
            .timestamp = stream->timestamp,
            .split = WEIR__NO_SPLIT,
        };
        /* next * 1000 / events_per_second, without dividing. */
        for (stream->rest += 1000; stream->rest >= stream->events_per_second;
             stream->rest -= stream->events_per_second) {
            stream->timestamp++;
        }
    }
    stream->next += due;
    weir__operator_receive_batch(run->op, records, (size_t)due);
    if (stream->next % WATERMARK_EVERY == 0) {
        weir__operator_advance(run->op, records[due - 1].timestamp - 1);
    }
}

static void work(void *user)
{
    struct run *run = user;
    int64_t end = run->stream->next + run->events;
    while (run->stream->next < end) {
        deliver(run, end);
    }
}

static struct run *open_run(struct stream *stream, const struct weir_window_config *config)
{
    struct run *run = weir__calloc(1, sizeof(*run));
    struct weir__operator_factory *factory = weir__window_factory(config);
    run->stream = stream;
    run->receiver = (struct weir__receiver){&receiver_ops, run};
    run->context = (struct weir__operator_context){
        .name = "bench",
        .parallelism = 1,
        .max_parallelism = 128,
        .in_type = &hit_type,
        .out_type = &weir_int64_type,
        .key = WEIR_FIELD(hit, page),
        .clock = &weir_system_clock,
        .main = {&weir_int64_type, NULL, &run->receiver, 1, &run->context.records_out},
        .watermark = WEIR_TIME_MIN,
        .metrics = weir__metric_group_new(),
    };
    run->op = factory->create(factory);
    run->op->context = &run->context;
    if (run->op->ops->open(run->op, NULL) != WEIR_OK) {
        abort();
    }
    stream->next = stream->timestamp = stream->rest = 0;
    return run;
}

static void close_run(struct run *run)
{
    run->op->ops->free(run->op);
    weir__metric_group_free(run->context.metrics);
    weir__free(run);
}

static uint64_t checksum(struct stream *stream, const struct weir_window_config *config)
{
    struct run *run = open_run(stream, config);
    run->events = CHECKED;
    work(run);
    weir__operator_advance(run->op, WEIR_TIME_MAX);
    uint64_t sum = run->sum;
    close_run(run);
    return sum;
}

/* warm_up: events before the first that is measured, so that tables have grown to their size. */
static double time_of(struct stream *stream, const struct weir_window_config *config,
                      int64_t warm_up, int64_t events)
{
    struct run *run = open_run(stream, config);
    run->events = warm_up;
    work(run);
    run->events = events;
    double ns = bench_ns_per_item(work, run, events, RUNS);
    close_run(run);
    return ns;
}

/* ---- pairs of rows ---- */

struct pair {
    const char *what;
    const char *goal;
    int keys;
    int users;
    int64_t events_per_second;
    struct weir_window_config slow;
    struct weir_window_config fast;
    int64_t warm_up;
    int64_t events;     /* a run of the fast one */
    const char *limits; /* what keeps the fast one from being faster */
};

static void measure(const struct pair *pair, const char *slow, const char *fast)
{
    char text[80];
    struct stream stream;
    if (!bench_row(pair->what, pair->goal)) {
        return;
    }
    stream_init(&stream, pair->keys, pair->users, pair->events_per_second);
    if (checksum(&stream, &pair->slow) != checksum(&stream, &pair->fast)) {
        bench_note("%s: the results differ: no figures", pair->what);
    } else {
        double reference = time_of(&stream, &pair->slow, CHECKED / 2, CHECKED / 4);
        snprintf(text, sizeof(text), "%s: %s", pair->what, slow);
        bench_report(text, reference, 0, NULL);
        double ns = time_of(&stream, &pair->fast, pair->warm_up, pair->events);
        snprintf(text, sizeof(text), "%s: %s", pair->what, fast);
        bench_report(text, ns, reference, pair->goal);
        bench_note("limited by %s", pair->limits);
    }
    stream_fini(&stream);
}

void bench_tumbling(void)
{
    struct weir_window_config fast = {.assigner = weir_tumbling_event_time(10000),
                                      .aggregate = &count};
    struct weir_window_config slow = fast;
    slow.path = WEIR_PATH_GENERAL;
    measure(&(struct pair){.what = "10 s, count, 10k keys",
                           .goal = ">= 40 M/s",
                           .keys = 10000,
                           .users = 1,
                           .events_per_second = 100000,
                           .slow = slow,
                           .fast = fast,
                           .warm_up = EVENTS / 2,
                           .events = EVENTS / 2,
                           .limits = "instructions: hash, compare, call add; all lies in caches"},
            "panes", "slices");
    measure(&(struct pair){.what = "10 s, count, 1M keys",
                           .goal = ">= 18 M/s",
                           .keys = 1000000,
                           .users = 1,
                           .events_per_second = 400000,
                           .slow = slow,
                           .fast = fast,
                           .warm_up = 2 * EVENTS,
                           .events = EVENTS,
                           .limits = "memory: two lines an event, of the index and the entry"},
            "panes", "slices");
}

void bench_sliding(void)
{
    struct pair pair = {
        .what = "5 min / 10 s, count, 1k keys",
        .keys = 1000,
        .users = 100000,
        .events_per_second = 5000,
        .slow = {.assigner = weir_sliding_event_time(300000, 10000),
                 .aggregate = &count,
                 .path = WEIR_PATH_GENERAL},
        .fast = {.assigner = weir_sliding_event_time(300000, 10000), .aggregate = &count},
        .warm_up = EVENTS / 2,
        .events = EVENTS / 4,
        .limits = "instructions, as tumbling windows are"};
    measure(&pair, "panes", "slices");
    pair.what = "5 min / 10 s, + distinct of 100k users";
    pair.goal = ">= 14 M/s";
    pair.slow.aggregate = &count_and_users;
    pair.slow.path = WEIR_PATH_SLICES;
    pair.fast.aggregate = &count_and_users_by_parts;
    pair.limits = "memory: each event is a new pair, in a line of its own of 18 MB, beside its "
                  "string's line of 4 MB";
    measure(&pair, "merged sets", "parts");
}

#ifdef __GLIBC__
static size_t heap_bytes(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* Each key once, within the gap. */
static void measure_memory(const struct weir_window_config *config)
{
    struct stream stream;
    if (!bench_row("memory of an open session, 1M keys of up to 16 bytes", "<= 64 bytes")) {
        return;
    }
    stream_init(&stream, 1000000, 1, 1000000);
    size_t before = heap_bytes();
    struct run *run = open_run(&stream, config);
    run->events = EVENTS;
    work(run);
    struct weir__holdings held = {0};
    run->op->ops->holdings(run->op, &held);
    double bytes = (double)(heap_bytes() - before) / (double)held.windows;
    bench_note("%" PRId64 " open sessions: %.1f bytes each   goal <= 64", held.windows, bytes);
    bench_note("48 are the cell, of which 16 the key; the rest index and tickets");
    close_run(run);
    stream_fini(&stream);
}
#endif

void bench_sessions(void)
{
    struct pair pair = {.what = "1M keys, sessions stay open",
                        .goal = ">= 10 M/s",
                        .keys = 1000000,
                        .users = 1,
                        .events_per_second = 1000000,
                        .slow = {.assigner = weir_session_event_time(60000),
                                 .aggregate = &count,
                                 .path = WEIR_PATH_GENERAL},
                        .fast = {.assigner = weir_session_event_time(60000), .aggregate = &count},
                        .warm_up = EVENTS,
                        .events = EVENTS / 2,
                        .limits = "memory: two or three lines an event, of the index and the cell"};
    measure(&pair, "panes and timers", "cells");
    pair.what = "1M keys, sessions come and go";
    pair.goal = ">= 3 M/s";
    pair.slow.assigner = pair.fast.assigner = weir_session_event_time(500);
    pair.limits = "memory: most events make a cell, most watermarks remove some, in random places";
    measure(&pair, "panes and timers", "cells");
#ifdef __GLIBC__
    pair.fast.assigner = weir_session_event_time(60000);
    measure_memory(&pair.fast);
#endif
}

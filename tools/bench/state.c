/*
 * State backends: a million sessions on the heap, and in RocksDB written back and written through,
 * with memory for all of them and for a few; and what a snapshot of them costs. All see the same
 * events, and the results of a shorter stream are compared.
 */
#include "bench.h"

#include "base/mem.h"
#include "base/rand.h"
#include "metrics/metrics.h"
#include "operator/factories.h"
#ifdef WEIR_HAVE_ROCKSDB
#include "state/rocksdb_store.h"
#endif
#include "types/freeze.h"
#include "types/key.h"

#include <weir/state_backend.h>

#include <stdio.h>
#include <stdlib.h>

#define VISIT_FIELDS(F, T) F(T, string, user, "user", required)
WEIR_DECLARE_TYPE(visit, VISIT_FIELDS);
WEIR_DEFINE_TYPE(visit, VISIT_FIELDS);

enum {
    KEYS = 1000000,
    EVENTS = 1 << 20, /* over and over */
    NAME_SIZE = 16,
    WATERMARK_EVERY = 1000,
    RUNS = 5,
};

static void add_one(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)value;
    (void)timestamp;
    (void)user;
    ++*(int64_t *)accumulator;
}

static void add_up(void *accumulator, const void *other, void *user)
{
    (void)user;
    *(int64_t *)accumulator += *(const int64_t *)other;
}

static void give(const void *accumulator, const struct weir_window_context *context, void *out,
                 void *user)
{
    (void)context;
    (void)user;
    *(int64_t *)out = *(const int64_t *)accumulator;
}

static const struct weir_aggregate count = {
    .name = "count",
    .in_type = &visit_type,
    .accumulator_type = &weir_int64_type,
    .out_type = &weir_int64_type,
    .add = add_one,
    .merge = add_up,
    .result = give,
};

struct run {
    const struct visit *visits;
    struct weir__operator *op;
    struct weir__operator_context context;
    struct weir__receiver receiver;
    int64_t next;
    int64_t events; /* a call of the benchmark */
    uint64_t sum;
};

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

static struct visit *new_visits(char (**names)[NAME_SIZE])
{
    struct weir__rand rand;
    struct visit *visits = weir__calloc(EVENTS, sizeof(*visits));
    weir__rand_init(&rand, 42);
    *names = weir__calloc(EVENTS, NAME_SIZE);
    for (int i = 0; i < EVENTS; i++) {
        snprintf((*names)[i], NAME_SIZE, "user_%d", (int)weir__rand_below(&rand, KEYS));
        visits[i].user = weir_str_from((*names)[i]);
    }
    return visits;
}

/* A million events are a second of event time. */
static void work(void *user)
{
    struct run *run = user;
    for (int64_t i = 0; i < run->events; i++, run->next++) {
        struct weir__record record = {.value = &run->visits[run->next & (EVENTS - 1)],
                                      .timestamp = run->next / 1000,
                                      .split = WEIR__NO_SPLIT};
        weir__operator_receive(run->op, 0, &record);
        if (run->next % WATERMARK_EVERY == 0) {
            weir__operator_advance(run->op, record.timestamp - 1);
        }
    }
}

static void stop_on_failure(const struct run *run, const struct weir_error *error)
{
    if (error->code != WEIR_OK || run->context.failed) {
        fprintf(stderr, "weir-bench: %s\n",
                error->code != WEIR_OK ? error->message : run->context.failure.message);
        exit(1);
    }
}

static struct run *open_run(const struct visit *visits, struct weir__operator_factory *factory,
                            const struct weir_state_backend_config *backend)
{
    struct run *run = calloc(1, sizeof(*run));
    struct weir_error error = {0};
    run->visits = visits;
    run->receiver = (struct weir__receiver){&receiver_ops, run};
    run->context = (struct weir__operator_context){
        .name = "bench",
        .parallelism = 1,
        .max_parallelism = 128,
        .in_type = &visit_type,
        .out_type = &weir_int64_type,
        .key = WEIR_FIELD(visit, user),
        .clock = &weir_system_clock,
        .state_backend = backend,
        .main = {&weir_int64_type, NULL, &run->receiver, 1, &run->context.records_out},
        .watermark = WEIR_TIME_MIN,
        .metrics = weir__metric_group_new(),
    };
    run->op = factory->create(factory);
    run->op->context = &run->context;
    if (run->op->ops->open(run->op, &error) != WEIR_OK) {
        stop_on_failure(run, &error);
    }
    return run;
}

enum { BETWEEN_SNAPSHOTS = 10000 /* events: a database may keep a scan while nothing changes */ };

/* What a job's thread does for one, ms of CPU time: some is encoded later (types/freeze.h). */
static double at_barrier(struct run *run)
{
    run->events = BETWEEN_SNAPSHOTS;
    work(run);
    struct weir__buf bytes = {0};
    struct weir__vec gaps = WEIR__GAPS;
    run->context.gaps = &gaps;
    int64_t begin = bench_cpu_ns();
    run->op->ops->snapshot(run->op, &bytes);
    double ms = (double)(bench_cpu_ns() - begin) / 1e6;
    run->context.gaps = NULL;
    weir__gaps_fini(&gaps);
    weir__buf_fini(&bytes);
    return ms;
}

static void report_snapshot(struct run *run)
{
    struct weir__buf bytes = {0};
    int64_t begin = bench_cpu_ns();
    run->op->ops->snapshot(run->op, &bytes);
    double ms = (double)(bench_cpu_ns() - begin) / 1e6;
    at_barrier(run); /* the first takes memory for its copy */
    bench_note("a snapshot then takes %.0f ms of CPU time, %.0f MB; of that at the barrier %.0f ms",
               ms, (double)bytes.len / 1e6, at_barrier(run));
    weir__buf_fini(&bytes);
}

/* One row; the same number of events in all, whatever a run is. */
static double row(const char *what, const struct visit *visits,
                  const struct weir_state_backend_config *backend, int64_t events, double baseline,
                  const char *goal)
{
    struct weir__operator_factory *factory = weir__window_factory(&(struct weir_window_config){
        .assigner = weir_session_event_time(60000), .aggregate = &count});
    struct run *run = open_run(visits, factory, backend);
    run->events = events;
    double ns = bench_ns_per_item(work, run, events, RUNS);
    stop_on_failure(run, &(struct weir_error){0});
    bench_report(what, ns, baseline, goal);
    report_snapshot(run);
    run->op->ops->free(run->op);
    weir__metric_group_free(run->context.metrics);
    factory->free(factory);
    free(run);
    return ns;
}

#ifdef WEIR_HAVE_ROCKSDB

/* ---- the database alone: what write-through cannot be faster than ---- */

enum { VALUE_SIZE = 40 };

struct floor {
    const struct visit *visits;
    struct weir__store *store;
    int64_t next;
    int64_t events;
};

/* As the state backend has them: a prefix from the hash, and the name. */
static struct weir_str key_of(const struct visit *visit, char key[WEIR__STORE_PREFIX + NAME_SIZE])
{
    uint64_t hash = weir__key_string(visit->user).hash;
    char prefix[WEIR__STORE_PREFIX] = {0, (char)(hash % 128), 0,
                                       0, (char)(hash >> 62), (char)(hash >> 54)};
    memcpy(key, prefix, sizeof(prefix));
    memcpy(key + sizeof(prefix), visit->user.data, visit->user.len);
    return (struct weir_str){key, (uint32_t)sizeof(prefix) + visit->user.len};
}

static void get_and_put(void *user)
{
    struct floor *floor = user;
    struct weir_error error = {0};
    char value[VALUE_SIZE] = {0};
    char text[WEIR__STORE_PREFIX + NAME_SIZE];
    for (int64_t i = 0; i < floor->events; i++, floor->next++) {
        struct weir_str key = key_of(&floor->visits[floor->next & (EVENTS - 1)], text);
        struct weir_str found;
        enum weir_status status = weir__store_get(floor->store, key, &found, &error);
        value[0] = status == WEIR_OK ? found.data[0] : 1;
        weir__store_put(floor->store, key, (struct weir_str){value, sizeof(value)});
        if (weir__store_commit(floor->store, &error) != WEIR_OK) {
            fprintf(stderr, "weir-bench: %s\n", error.message);
            exit(1);
        }
    }
}

static void database_alone(const struct visit *visits,
                           const struct weir_state_backend_config *config, int64_t events)
{
    struct weir_error error = {0};
    struct floor floor = {.visits = visits, .events = events};
    struct weir__store_memory memory = {(size_t)config->fixed_per_slot_bytes / 8,
                                        (size_t)config->fixed_per_slot_bytes / 4};
    if (weir__store_open(config, &memory, &floor.store, &error) != WEIR_OK) {
        fprintf(stderr, "weir-bench: %s\n", error.message);
        exit(1);
    }
    double ns = bench_ns_per_item(get_and_put, &floor, events, RUNS);
    bench_report("RocksDB alone, a get and a put an event", ns, 0, NULL);
    weir__store_close(floor.store);
}

/* The results of a shorter stream, all sessions closed. */
static uint64_t results(const struct visit *visits, const struct weir_state_backend_config *backend)
{
    struct weir__operator_factory *factory = weir__window_factory(
        &(struct weir_window_config){.assigner = weir_session_event_time(20), .aggregate = &count});
    struct run *run = open_run(visits, factory, backend);
    run->events = EVENTS / 10;
    work(run);
    weir__operator_advance(run->op, WEIR_TIME_MAX);
    uint64_t sum = run->sum;
    run->op->ops->free(run->op);
    weir__metric_group_free(run->context.metrics);
    factory->free(factory);
    free(run);
    return sum;
}

/* Both ways in so much memory. limit: what limits write-back. */
static void both(const struct visit *visits, const char *memory, int64_t bytes, int64_t events,
                 const char *goal_through, const char *goal_back, const char *limit)
{
    char text[80];
    snprintf(text, sizeof(text), "RocksDB, %s, write-through and write-back", memory);
    if (!bench_row(text, NULL)) {
        return;
    }
    struct weir_state_backend_config config = {
        .type = WEIR_STATE_BACKEND_ROCKSDB, .fixed_per_slot_bytes = bytes, .write_through = true};
    database_alone(visits, &config, events / 8);
    uint64_t sum = results(visits, &(struct weir_state_backend_config){0});
    bool differ = results(visits, &config) != sum;
    snprintf(text, sizeof(text), "RocksDB, %s, write-through", memory);
    double ns = row(text, visits, &config, events / 8, 0, goal_through);
    bench_note("limited by the database: a get and a put of each event, and its timer's move; the "
               "snapshot sorts the write buffer");
    config.write_through = false;
    snprintf(text, sizeof(text), "RocksDB, %s, write-back", memory);
    row(text, visits, &config, events, ns, goal_back);
    bench_note("%s", limit);
    if (differ || results(visits, &config) != sum) {
        bench_note("the results differ");
    }
}

#endif

void bench_state(void)
{
    char(*names)[NAME_SIZE];
    struct visit *visits = new_visits(&names);
    if (bench_row("heap", NULL)) {
        row("heap", visits, &(struct weir_state_backend_config){0}, EVENTS, 0, NULL);
    }
#ifdef WEIR_HAVE_ROCKSDB
    both(visits, "1 GiB", (int64_t)1 << 30, EVENTS, ">= 110 k/s", ">= 3 M/s",
         "limited by memory, as the heap: what fits into it is not written");
    both(visits, "64 MiB", 64 << 20, EVENTS / 4, NULL, NULL,
         "limited by the database: most cells are not in memory, and are read and evicted");
#else
    bench_note("RocksDB is not in this build");
#endif
    weir__free(visits);
    weir__free(names);
}

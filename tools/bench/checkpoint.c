/*
 * What checkpoints cost: a job that counts a million keys, without and with a checkpoint each
 * second, in turn. Both give the same counts, or no time is shown.
 *
 * Measured is the time from the first event to the last, so neither the start nor the checkpoint
 * that ends a job weighs anything. Elapsed time, because what matters is what the job loses: by
 * standing still for the copy, by caches that the copy empties, and by memory that the writer's
 * thread keeps busy. On a machine with other work elapsed time means little; the CPU time of the
 * job's thread, which has all but the writer in it, is shown beside it.
 */
#include "bench.h"

#include <weir/weir.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ARRIVAL_FIELDS(F, T)                                                                       \
    F(T, int64, user, "user", required)                                                            \
    F(T, int64, count, "count", required)
WEIR_DECLARE_TYPE(arrival, ARRIVAL_FIELDS);
WEIR_DEFINE_TYPE(arrival, ARRIVAL_FIELDS);

enum { EVENTS = 8000000, KEYS = 1000000, ROUNDS = 5 };

/* Clocks at the first and the last event. */
struct span {
    int64_t elapsed_ns[2];
    int64_t cpu_ns[2]; /* of the thread that the source runs in, as all of the job does */
};

static void stamp(struct span *span, int which)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    span->cpu_ns[which] = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    span->elapsed_ns[which] = weir_clock_ns(&weir_system_clock);
}

static bool make_arrival(int64_t index, void *value, int64_t *timestamp, void *user)
{
    if (index == 0 || index == EVENTS - 1) {
        stamp(user, index != 0);
    }
    ((struct arrival *)value)->user = (int64_t)((uint64_t)index * 0x9e3779b97f4a7c15u >> 20) % KEYS;
    *timestamp = index / 1000;
    return true;
}

static const struct weir_state_descriptor count_state = {
    .name = "count", .kind = WEIR_STATE_VALUE, .type = &weir_int64_type};
static const struct weir_state_descriptor *const states[] = {&count_state, NULL};

/* Every twentieth event of a key is passed on. */
static void count_arrival(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    int64_t *count = weir_value_state_edit(context, &count_state);
    if (++*count % 20 == 0) {
        struct arrival hit = *(const struct arrival *)value;
        hit.count = *count;
        weir_emit(out, &hit);
    }
}

static const struct weir_process_function counter = {.name = "count",
                                                     .in_type = &arrival_type,
                                                     .out_type = &arrival_type,
                                                     .process = count_arrival,
                                                     .states = states};

static void add_arrival(const void *value, int64_t timestamp, void *user)
{
    const struct arrival *hit = value;
    (void)timestamp;
    *(int64_t *)user += hit->user * 31 + hit->count;
}

struct outcome {
    double elapsed_s, cpu_s;
    int64_t sum;
    int64_t checkpoints, stall_us, bytes;
};

static struct outcome run_job(const char *interval, const char *folder)
{
    struct outcome outcome = {0};
    struct span span = {0};
    char *argv[] = {(char *)"bench",  (char *)"--checkpoint-interval",
                    (char *)interval, (char *)"--checkpoint-dir",
                    (char *)folder,   NULL};
    weir_env *env = weir_env_new("bench", 5, argv);
    weir_stream *hits = weir_from_source(
        env, weir_generator_source(&(struct weir_generator_source_config){
                 .type = &arrival_type, .next = make_arrival, .user = &span, .count = EVENTS}));
    weir_sink_to(weir_keyed_process(weir_key_by(hits, WEIR_FIELD(arrival, user)), &counter),
                 weir_collect(add_arrival, &outcome.sum));
    if (weir_execute(env) != 0) {
        exit(1);
    }
    outcome.elapsed_s = (double)(span.elapsed_ns[1] - span.elapsed_ns[0]) / 1e9;
    outcome.cpu_s = (double)(span.cpu_ns[1] - span.cpu_ns[0]) / 1e9;
    outcome.checkpoints = weir_metric(env, NULL, "numberOfCompletedCheckpoints");
    outcome.stall_us = weir_metric(env, NULL, "lastCheckpointStall");
    outcome.bytes = weir_metric(env, NULL, "lastCheckpointSize");
    weir_env_free(env);
    return outcome;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof(values[0]), compare);
    return values[ROUNDS / 2];
}

static void report(const struct outcome *without, const struct outcome *with)
{
    double elapsed[ROUNDS];
    double cpu[ROUNDS];
    double ns[ROUNDS];
    double stall_ms[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        elapsed[i] = (with[i].elapsed_s / without[i].elapsed_s - 1) * 100;
        cpu[i] = (with[i].cpu_s / without[i].cpu_s - 1) * 100;
        ns[i] = without[i].elapsed_s / EVENTS * 1e9;
        stall_ms[i] = (double)with[i].stall_us / 1000;
    }
    bench_report("keyed count, 1M keys, no checkpoints", median(ns), 0, NULL);
    bench_note(
        "with a checkpoint each second %+.1f %% of the time, %+.1f %% of the CPU time of the "
        "job's thread",
        median(elapsed), median(cpu));
    bench_note("at the barrier of the last it stood still for %.1f ms (goal <= 8 ms); %lld "
               "checkpoints of %.0f MB a run",
               median(stall_ms), (long long)with[0].checkpoints, (double)with[0].bytes / 1e6);
}

void bench_checkpoints(void)
{
    char folder[] = "/tmp/weir-bench-XXXXXX";
    if (!bench_row("1M keys, a checkpoint each second", "<= 3 % of the time") ||
        mkdtemp(folder) == NULL) {
        return;
    }
    struct outcome without[ROUNDS];
    struct outcome with[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        without[i] = run_job("0", folder);
        with[i] = run_job("1s", folder);
        if (with[i].sum != without[i].sum) {
            printf("  the results differ: %lld and %lld\n", (long long)with[i].sum,
                   (long long)without[i].sum);
            return;
        }
    }
    report(without, with);
}

/*
 * What checkpoints cost: a job that counts a million keys, without and with a checkpoint each
 * second, in turn. Both give the same counts, or no time is shown.
 *
 * Elapsed time, not CPU time: the writer has a thread of its own, and what matters is what the
 * job's thread loses, by standing still for the copy and by caches that the copy empties.
 */
#include "bench.h"

#include <weir/weir.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRIVAL_FIELDS(F, T)                                                                       \
    F(T, int64, user, "user", required)                                                            \
    F(T, int64, count, "count", required)
WEIR_DECLARE_TYPE(arrival, ARRIVAL_FIELDS);
WEIR_DEFINE_TYPE(arrival, ARRIVAL_FIELDS);

enum { EVENTS = 6000000, KEYS = 1000000, ROUNDS = 3 };

static bool make_arrival(int64_t index, void *value, int64_t *timestamp, void *user)
{
    (void)user;
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
    double seconds;
    int64_t sum;
    int64_t checkpoints, stall_us, bytes;
};

static struct outcome run_job(const char *interval, const char *folder)
{
    struct outcome outcome = {0};
    char *argv[] = {(char *)"bench",  (char *)"--checkpoint-interval",
                    (char *)interval, (char *)"--checkpoint-dir",
                    (char *)folder,   NULL};
    weir_env *env = weir_env_new("bench", 5, argv);
    weir_stream *hits =
        weir_from_source(env, weir_generator_source(&(struct weir_generator_source_config){
                                  .type = &arrival_type, .next = make_arrival, .count = EVENTS}));
    weir_sink_to(weir_keyed_process(weir_key_by(hits, WEIR_FIELD(arrival, user)), &counter),
                 weir_collect(add_arrival, &outcome.sum));
    int64_t begin_ns = weir_clock_ns(&weir_system_clock);
    if (weir_execute(env) != 0) {
        exit(1);
    }
    outcome.seconds = (double)(weir_clock_ns(&weir_system_clock) - begin_ns) / 1e9;
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

static void report(const double *ratios, const struct outcome *without, const struct outcome *with)
{
    static const char without_text[] = "keyed count, 1M keys, no checkpoints";
    bench_report(without_text, without->seconds / EVENTS * 1e9, 0, NULL);
    bench_note(
        "with a checkpoint each second %+.1f %% of the time; the last of %lld stood still for "
        "%.1f ms, and has %.0f MB",
        (ratios[ROUNDS / 2] - 1) * 100, (long long)with->checkpoints, (double)with->stall_us / 1000,
        (double)with->bytes / 1e6);
}

void bench_checkpoints(void)
{
    char folder[] = "/tmp/weir-bench-XXXXXX";
    if (!bench_row("1M keys, a checkpoint each second", "<= 3 % of the time") ||
        mkdtemp(folder) == NULL) {
        return;
    }
    double ratios[ROUNDS];
    struct outcome without = {0};
    struct outcome with = {0};
    for (int i = 0; i < ROUNDS; i++) {
        without = run_job("0", folder);
        with = run_job("1s", folder);
        ratios[i] = with.seconds / without.seconds;
        if (with.sum != without.sum) {
            printf("  the results differ: %lld and %lld\n", (long long)with.sum,
                   (long long)without.sum);
            return;
        }
    }
    qsort(ratios, ROUNDS, sizeof(ratios[0]), compare);
    report(ratios, &without, &with);
}

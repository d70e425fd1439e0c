/*
 * The run times: all of them, sorted when the table is printed.
 */
#include <clickstream/run_times.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <weir/clock.h>

struct run_times {
    int64_t *took_ms; /* of each result */
    size_t count;
    size_t room;
    uint64_t sum; /* of the results' hashes: their order does not matter */
    clock_t cpu_start;
    int64_t start_ns;
    double cpu_seconds;
    double seconds;
};

run_times *run_times_new(void)
{
    run_times *times = calloc(1, sizeof *times);
    if (times == NULL) {
        abort();
    }
    return times;
}

void run_times_free(run_times *times)
{
    if (times != NULL) {
        free(times->took_ms);
        free(times);
    }
}

void run_times_start(run_times *times)
{
    times->cpu_start = clock();
    times->start_ns = weir_clock_ns(&weir_system_clock);
}

void run_times_stop(run_times *times)
{
    times->cpu_seconds = (double)(clock() - times->cpu_start) / CLOCKS_PER_SEC;
    times->seconds = (double)(weir_clock_ns(&weir_system_clock) - times->start_ns) / 1e9;
}

/* FNV-1a of the key, which begins with the value. */
static uint64_t hash_of(struct weir_str key, int64_t value)
{
    uint64_t hash = UINT64_C(14695981039346656037) + (uint64_t)value;
    for (uint32_t i = 0; i < key.len; i++) {
        hash = (hash ^ (uint8_t)key.data[i]) * UINT64_C(1099511628211);
    }
    return hash;
}

void run_times_add(run_times *times, int64_t took_ms, struct weir_str key, int64_t value)
{
    if (times->count == times->room) {
        times->room = times->room > 0 ? times->room * 2 : 1024;
        times->took_ms = realloc(times->took_ms, times->room * sizeof *times->took_ms);
        if (times->took_ms == NULL) {
            abort();
        }
    }
    times->took_ms[times->count++] = took_ms;
    times->sum += hash_of(key, value);
}

bool run_times_same_results(const run_times *left, const run_times *right)
{
    return left->count == right->count && left->sum == right->sum;
}

void run_times_print_head(void)
{
    printf("%-18s %8s %7s %7s %7s %7s %7s %8s %8s\n", "MODE", "RESULTS", "MEAN", "P50", "P95",
           "P99", "MAX", "CPU s", "RUN s");
}

static int by_size(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

void run_times_print(run_times *times, const char *mode)
{
    size_t n = times->count;
    int64_t *took = times->took_ms;
    int64_t sum = 0;
    printf("%-18s %8zu", mode, n);
    if (n > 0) {
        qsort(took, n, sizeof *took, by_size);
        for (size_t i = 0; i < n; i++) {
            sum += took[i];
        }
        printf(" %7" PRId64 " %7" PRId64 " %7" PRId64 " %7" PRId64 " %7" PRId64, sum / (int64_t)n,
               took[n / 2], took[n * 95 / 100], took[n * 99 / 100], took[n - 1]);
    }
    printf(" %8.2f %8.1f\n", times->cpu_seconds, times->seconds);
}

/*
 * The helpers of all benchmarks.
 */
#include "bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_RUNS = 99 };

int64_t bench_cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

double bench_ns_per_item(void (*work)(void *user), void *user, int64_t items, int runs)
{
    double times[MOST_RUNS] = {0};
    if (runs > MOST_RUNS) {
        runs = MOST_RUNS;
    }
    work(user);
    for (int i = 0; i < runs; i++) {
        int64_t start = bench_cpu_ns();
        work(user);
        times[i] = (double)(bench_cpu_ns() - start) / (double)items;
    }
    qsort(times, (size_t)runs, sizeof(times[0]), compare);
    return times[runs / 2];
}

bool bench_row(const char *what, const char *goal)
{
    if (bench_selection.listing) {
        printf("    %-54s %s%s\n", what, goal != NULL ? "goal " : "", goal != NULL ? goal : "");
        return false;
    }
    bool wanted = bench_selection.whole;
    for (int i = 0; i < bench_selection.count && !wanted; i++) {
        wanted = strstr(what, bench_selection.names[i]) != NULL;
    }
    if (wanted && bench_selection.title != NULL) {
        printf("\n%s\n", bench_selection.title);
        bench_selection.title = NULL;
    }
    return wanted;
}

void bench_report(const char *what, double ns_per_event, double reference_ns, const char *goal)
{
    printf("  %-56s %8.2f M/s %9.1f ns", what, 1e3 / ns_per_event, ns_per_event);
    if (reference_ns > 0) {
        printf("  %6.1fx", reference_ns / ns_per_event);
    } else if (goal != NULL) {
        printf("  %7s", "");
    }
    if (goal != NULL) {
        printf("   goal %s", goal);
    }
    printf("\n");
    fflush(stdout);
}

void bench_note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("    ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    fflush(stdout);
}

struct triad {
    double *a, *b, *c;
    size_t count;
};

static void triad_pass(void *user)
{
    struct triad *triad = user;
    for (size_t i = 0; i < triad->count; i++) {
        triad->a[i] = triad->b[i] + 3.0 * triad->c[i];
    }
    bench_keep(triad->a);
}

double bench_memory_triad(void)
{
    struct triad triad = {.count = 4 << 20}; /* three times 32 MiB */
    triad.a = calloc(triad.count, sizeof(double));
    triad.b = calloc(triad.count, sizeof(double));
    triad.c = calloc(triad.count, sizeof(double));
    double gigabytes = 0;
    if (triad.a != NULL && triad.b != NULL && triad.c != NULL) {
        for (size_t i = 0; i < triad.count; i++) {
            triad.b[i] = (double)i;
            triad.c[i] = 1;
        }
        double ns = bench_ns_per_item(triad_pass, &triad, (int64_t)triad.count, 5);
        gigabytes = 3 * sizeof(double) / ns;
    }
    free(triad.a);
    free(triad.b);
    free(triad.c);
    return gigabytes;
}

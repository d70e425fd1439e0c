/*
 * weir-bench: runs the benchmarks named on the command line, or all of them.
 *
 * Figures are CPU time of one core, medians of at least five runs; ratios compare within this run
 * only.
 */
#include "bench.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct benchmark {
    const char *name;
    const char *title;
    void (*run)(void);
} benchmarks[] = {
    {"decode", "JSON click events to and from structs", bench_decode},
    {"avro", "Avro click events to and from structs", bench_avro},
    {"tumbling", "tumbling windows, the operator alone", bench_tumbling},
    {"sliding", "sliding windows, the operator alone", bench_sliding},
    {"sessions", "session windows, the operator alone", bench_sessions},
    {"pipeline", "a job: generator, filter, key_by, tumbling count of 10k keys", bench_pipeline},
};
enum { BENCHMARK_COUNT = sizeof(benchmarks) / sizeof(benchmarks[0]) };

static bool is_wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return true;
        }
    }
    return argc == 1;
}

static bool is_known(const char *name)
{
    for (size_t i = 0; i < BENCHMARK_COUNT; i++) {
        if (strcmp(benchmarks[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void print_usage(FILE *to)
{
    fprintf(to, "usage: weir-bench [BENCHMARK…]\n\n");
    for (size_t i = 0; i < BENCHMARK_COUNT; i++) {
        fprintf(to, "  %-10s %s\n", benchmarks[i].name, benchmarks[i].title);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        bool help = strcmp(argv[i], "--help") == 0;
        if (help || !is_known(argv[i])) {
            if (!help) {
                fprintf(stderr, "weir-bench: expected the name of a benchmark, got \"%s\"\n",
                        argv[i]);
            }
            print_usage(help ? stdout : stderr);
            return help ? 0 : 2;
        }
    }
    printf("memory triad of this machine: %.1f GB/s on one core\n", bench_memory_triad());
    for (size_t i = 0; i < BENCHMARK_COUNT; i++) {
        if (is_wanted(benchmarks[i].name, argc, argv)) {
            printf("\n%s\n", benchmarks[i].title);
            benchmarks[i].run();
        }
    }
    return 0;
}

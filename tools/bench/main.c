/*
 * weir-bench: runs the benchmarks, or the rows, named on the command line; or all of them.
 *
 * Figures are CPU time of one core, medians of several runs; ratios compare within this run only. A
 * goal is what a core should do in release mode on a quiet machine; nothing fails below it. Each
 * row's results are compared with its reference's before its time counts.
 */
#include "bench.h"

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
    {"state", "a million sessions by state backend, the operator alone", bench_state},
    {"pipeline", "whole jobs: generator, filter, key_by, window, sink", bench_pipeline},
    {"checkpoints", "what checkpoints cost a job, elapsed time", bench_checkpoints},
};
enum { BENCHMARK_COUNT = sizeof(benchmarks) / sizeof(benchmarks[0]) };

struct bench_selection bench_selection;

static bool is_named(const char *name)
{
    for (int i = 0; i < bench_selection.count; i++) {
        if (strcmp(bench_selection.names[i], name) == 0) {
            return true;
        }
    }
    return bench_selection.count == 0;
}

/* Its rows decide themselves whether they are wanted: a name may be a part of theirs. */
static void run(const struct benchmark *benchmark)
{
    bench_selection.whole = is_named(benchmark->name);
    if (bench_selection.listing) {
        printf("\n  %-10s %s\n", benchmark->name, benchmark->title);
    } else {
        bench_selection.title = benchmark->title;
    }
    benchmark->run();
}

int main(int argc, char **argv)
{
    bench_selection = (struct bench_selection){.names = argv + 1, .count = argc - 1};
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        bench_selection.listing = true;
        printf("usage: weir-bench [BENCHMARK or part of a row's name]…\n");
    } else if (argc > 1 && argv[1][0] == '-') {
        fprintf(stderr, "weir-bench: expected --help or a name, got \"%s\"\n", argv[1]);
        return 2;
    } else {
        printf("memory triad of this machine: %.1f GB/s on one core\n", bench_memory_triad());
    }
    for (size_t i = 0; i < BENCHMARK_COUNT; i++) {
        run(&benchmarks[i]);
    }
    return 0;
}

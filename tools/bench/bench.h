/*
 * Measuring: CPU time of this process, the median of several runs, and how fast the memory of this
 * machine is in the same run, so that figures from different machines can be set side by side. A
 * benchmark reports; it never fails for being slow.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CPU nanoseconds that this process has used, all threads together. */
int64_t bench_cpu_ns(void);

/*
 * Runs `work` once to warm up, then `runs` times (odd, 5 to 99), and returns the median of CPU
 * nanoseconds for one of its `items`.
 */
double bench_ns_per_item(void (*work)(void *user), void *user, int64_t items, int runs);

/*
 * Whether a row, or a pair of rows, is to be run: what the command line names. With --help the row
 * is listed, and not run. goal: as bench_report prints it; NULL: none.
 */
bool bench_row(const char *what, const char *goal);
/*
 * One aligned line: what, events a second a core, ns an event; ratio to the reference of the same
 * run (0: none), and the goal (NULL: none).
 */
void bench_report(const char *what, double ns_per_event, double reference_ns, const char *goal);

/* Prints a remark under a row. */
void bench_note(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));

/* Bytes a second, in GB, of a[i] = b[i] + x * c[i] over arrays far larger than the caches. */
double bench_memory_triad(void);

/* Keeps a result alive that the compiler would otherwise find unused. */
static inline void bench_keep(const void *result)
{
    __asm__ volatile("" : : "r"(result) : "memory");
}

/* ---- main.c ---- */

/* What the command line asks for: all rows when it names none. */
struct bench_selection {
    bool listing;
    bool whole;        /* the benchmark at hand was named itself, or nothing was */
    const char *title; /* of it, to be printed before its first row; NULL: it has been */
    char **names;
    int count;
};
extern struct bench_selection bench_selection;

/* ---- the benchmarks: one line in main.c's table each ---- */

void bench_decode(void);
void bench_avro(void);
void bench_tumbling(void);
void bench_sliding(void);
void bench_sessions(void);
void bench_state(void);
void bench_pipeline(void);
void bench_checkpoints(void);

#endif

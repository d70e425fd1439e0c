/*
 * Run times: how long the results of a run took, to compare it with another run.
 *
 *     MODE                RESULTS    MEAN     P50     P95     P99     MAX    CPU s    RUN s
 *     each as it comes       2000       5       5      10      10      14     0.02      2.0
 *     batches of 500ms       2000     235     233     470     496     508     0.02      2.0
 *
 * Threads: start, stop and what asks, from one; add, from the thread of a collecting sink.
 */
#ifndef CLICKSTREAM_RUN_TIMES_H
#define CLICKSTREAM_RUN_TIMES_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/str.h>

typedef struct run_times run_times;

run_times *run_times_new(void);
void run_times_free(run_times *times); /* may be NULL */

/* The run begins, and is over: the processor's time and the elapsed time between are its own. */
void run_times_start(run_times *times);
void run_times_stop(run_times *times);

/* A result, a key and its value, that was there so many ms after its event was made. */
void run_times_add(run_times *times, int64_t took_ms, struct weir_str key, int64_t value);

/* Whether both have the same results, in whatever order. */
bool run_times_same_results(const run_times *left, const run_times *right);

/* The table's head, and a row, on stdout. */
void run_times_print_head(void);
void run_times_print(run_times *times, const char *mode);

#endif

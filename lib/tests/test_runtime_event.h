/*
 * What tests of the graph and the runtime share: an event type, sources and functions over it, and
 * a sink that remembers.
 */
#ifndef WEIR__TEST_RUNTIME_EVENT_H
#define WEIR__TEST_RUNTIME_EVENT_H

#include <weir/weir.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_FIELDS(F, T)                                                                         \
    F(T, string, key, "key", required)                                                             \
    F(T, int64, number, "number", required)                                                        \
    F(T, int64, time, "time", required)
WEIR_DECLARE_TYPE(event, EVENT_FIELDS);

/* Another type with fields of the same names. */
#define OTHER_FIELDS(F, T)                                                                         \
    F(T, string, key, "key", required)                                                             \
    F(T, real, ratio, "ratio", required)
WEIR_DECLARE_TYPE(other, OTHER_FIELDS);

/*
 * `count` events in `splits` splits: number is the index, time the index in ms, keys k0 …
 * k<user> (user: int *, NULL: 10).
 */
weir_source *event_source(int64_t count, int splits, const int *keys);
bool event_make(int64_t index, void *value, int64_t *timestamp, void *user);

/* Results as lines "key number timestamp", sortable: one a call of weir_collect. */
struct lines {
    char **items;
    size_t count;
};
void lines_collect(const void *value, int64_t timestamp, void *user); /* user: struct lines * */
void lines_sort(struct lines *lines);
void lines_clear(struct lines *lines);
/* Sorted lines joined by '\n', on the heap. */
char *lines_join(struct lines *lines);
void lines_assert_same(struct lines *a, struct lines *b);

/*
 * A keyed function: at the end of the stream, one event a key with the sum of its numbers and,
 * as time, their count.
 */
extern const struct weir_process_function event_sum;
/* The same of a window, mergeable; the result's timestamp is the window's. */
extern const struct weir_aggregate event_sum_of_window;

/*
 * An env with these arguments (NULL-terminated, not the program's name). argv lives until the
 * next call.
 */
weir_env *event_env(const char *const *args);

/* Errors that a test provokes stay off its output. */
void event_quiet(void);

#endif

/*
 * The same tests for every state backend: main runs the suite once for each of state_backends, and
 * the fixture opens keyed state in the one that is at hand.
 *
 *     heap                        cells in memory
 *     rocksdb                     write-back, with memory for everything
 *     rocksdb, little memory      write-back, with memory for a handful of cells
 *     rocksdb, write-through      no cell stays in memory between two keys
 */
#ifndef WEIR__TESTS_STATE_BACKENDS_H
#define WEIR__TESTS_STATE_BACKENDS_H

#include "scratch.h"
#include "state/keyed.h"

#include <check.h>
#include <unistd.h>

struct state_backend {
    const char *name;
    struct weir_state_backend_config config;
};

static const struct state_backend state_backends[] = {
    {"heap", {.type = WEIR_STATE_BACKEND_HASHMAP}},
#ifdef WEIR_HAVE_ROCKSDB
    {"rocksdb", {.type = WEIR_STATE_BACKEND_ROCKSDB, .fixed_per_slot_bytes = 16 << 20}},
    {"rocksdb, little memory",
     {.type = WEIR_STATE_BACKEND_ROCKSDB, .fixed_per_slot_bytes = 2 << 10}},
    {"rocksdb, write-through",
     {.type = WEIR_STATE_BACKEND_ROCKSDB, .write_through = true, .fixed_per_slot_bytes = 16 << 20}},
#endif
};

enum { STATE_BACKENDS = sizeof(state_backends) / sizeof(state_backends[0]) };

static const struct state_backend *state_backend = &state_backends[0]; /* at hand */

static inline bool state_backend_is_heap(void)
{
    return state_backend == &state_backends[0];
}

/* Whether cells stay in memory. */
static inline bool state_backend_keeps_cells(void)
{
    return state_backend <= &state_backends[1];
}

/* Opening a database syncs files. */
static inline struct weir_state_backend_config state_config(const struct state_backend *backend)
{
    struct weir_state_backend_config config = backend->config;
    config.local_directory = scratch_root();
    return config;
}

static inline void keyed_init_part(struct weir__keyed *keyed, const struct weir_clock *clock,
                                   int subtask, int parallelism)
{
    struct weir_error error = {0};
    struct weir__backend *backend = NULL;
    struct weir_state_backend_config config = state_config(state_backend);
    enum weir_status status = weir__backend_new(&config, 1, &backend, &error);
    ck_assert_msg(status == WEIR_OK, "%s", error.message);
    weir__keyed_init(keyed, backend, clock, subtask, parallelism, WEIR__DEFAULT_MAX_PARALLELISM);
}

static inline void keyed_init(struct weir__keyed *keyed, const struct weir_clock *clock)
{
    keyed_init_part(keyed, clock, 0, 1);
}

/* How many cells there are, in all tables. */
static inline size_t cell_count(const struct weir__keyed *keyed)
{
    size_t count = 0;
    for (size_t i = 0; i < keyed->tables.count; i++) {
        struct weir__table *const *table = weir__vec_at(&keyed->tables, i);
        count += (*table)->ops->count(*table);
    }
    return count;
}

/* The number of failed tests. */
static inline int run_for_state_backends(Suite *(*make)(const char *name))
{
    int failed = 0;
    for (int i = 0; i < STATE_BACKENDS; i++) {
        state_backend = &state_backends[i];
        SRunner *runner = srunner_create(make(state_backend->name));
        srunner_run_all(runner, CK_ENV);
        failed += srunner_ntests_failed(runner);
        srunner_free(runner);
    }
    return failed;
}

#endif

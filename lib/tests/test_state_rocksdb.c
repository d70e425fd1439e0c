/*
 * The RocksDB backend where it differs from the heap: state larger than memory, native checkpoints,
 * compactions that drop what has expired, a disk that fails; and random work with restarts, in
 * which every backend must agree with a plain array.
 *
 * What both backends have in common is tested in test_state_keyed.c and test_state_ttl.c.
 */
#include "state_backends.h"

#include "base/files.h"
#include "base/mem.h"
#include "base/rand.h"
#include "random_cases.h"
#ifdef WEIR_HAVE_ROCKSDB
#include "state/rocksdb_backend.h"
#endif

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const struct weir_state_descriptor total = {.name = "total", .type = &weir_int64_type};
static const struct weir_state_descriptor texts = {
    .name = "texts", .kind = WEIR_STATE_LIST, .type = &weir_string_type};
static const struct weir_state_descriptor brief = {
    .name = "brief", .type = &weir_int64_type, .ttl = {.ttl_ms = 100}};
static const struct weir_state_descriptor *const states[] = {&total, &texts, &brief, NULL};

static struct weir_manual_clock manual;

static void open_part(struct weir__keyed *keyed, int subtask, int parallelism)
{
    keyed_init_part(keyed, &manual.clock, subtask, parallelism);
    ck_assert_int_eq(weir__keyed_declare(keyed, states, NULL), WEIR_OK);
}

static void open_keyed(struct weir__keyed *keyed)
{
    open_part(keyed, 0, 1);
}

static void set_key(struct weir__keyed *keyed, int64_t number)
{
    struct weir__key key = weir__key_integer(WEIR_KIND_INT64, number);
    weir__keyed_set_key(keyed, &key);
}

static void put(struct weir__keyed *keyed, int64_t key, int64_t value)
{
    set_key(keyed, key);
    weir__keyed_value_set(keyed, &total, &value);
}

static int64_t get(struct weir__keyed *keyed, int64_t key)
{
    set_key(keyed, key);
    const int64_t *value = weir__keyed_value_get(keyed, &total);
    return value != NULL ? *value : -1;
}

/* ---- snapshots between backends ---- */

static void restore_bytes(struct weir__keyed *keyed, const struct weir__buf *bytes)
{
    struct weir__reader in = {bytes->data, bytes->data + bytes->len, false};
    struct weir_error error = {0};
    ck_assert_msg(weir__keyed_restore(keyed, &in, &error) == WEIR_OK, "%s", error.message);
    ck_assert(in.at == in.end);
}

START_TEST(a_snapshot_moves_from_every_backend_to_every_other)
{
    for (int from = 0; from < STATE_BACKENDS; from++) {
        for (int to = 0; to < STATE_BACKENDS; to++) {
            struct weir__keyed keyed;
            struct weir__buf bytes = {0};
            state_backend = &state_backends[from];
            open_keyed(&keyed);
            for (int64_t key = 0; key < 50; key++) {
                put(&keyed, key, key * 3);
            }
            weir__keyed_snapshot(&keyed, &bytes);
            weir__keyed_fini(&keyed);
            state_backend = &state_backends[to];
            open_keyed(&keyed);
            restore_bytes(&keyed, &bytes);
            for (int64_t key = 0; key < 50; key++) {
                ck_assert_int_eq(get(&keyed, key), key * 3);
            }
            ck_assert_uint_eq(cell_count(&keyed), 50);
            weir__keyed_fini(&keyed);
            weir__buf_fini(&bytes);
        }
    }
}
END_TEST

/* ---- random work ---- */

enum { KEYS = 40, STEPS = 400 };

struct model {
    int64_t totals[KEYS]; /* -1: none */
    size_t texts[KEYS];
};

static void add_text(struct weir__keyed *keyed, struct model *model, int64_t key)
{
    char text[32];
    snprintf(text, sizeof(text), "%lld/%zu", (long long)key, model->texts[key]++);
    struct weir_str string = weir_str_from(text);
    weir__keyed_list_add(keyed, &texts, &string);
}

static void check_key(struct weir__keyed *keyed, const struct model *model, int64_t key,
                      uint64_t seed)
{
    ck_assert_msg(get(keyed, key) == model->totals[key], "%s, seed %llu: a value is wrong",
                  state_backend->name, (unsigned long long)seed);
    ck_assert_msg(weir__keyed_list_count(keyed, &texts) == model->texts[key],
                  "%s, seed %llu: a list is wrong", state_backend->name, (unsigned long long)seed);
    if (model->texts[key] > 0) {
        char text[32];
        size_t last = model->texts[key] - 1;
        snprintf(text, sizeof(text), "%lld/%zu", (long long)key, last);
        ck_assert(weir_str_equals(
            *(const struct weir_str *)weir__keyed_list_at(keyed, &texts, last), text));
    }
}

static void check_all(struct weir__keyed *keyed, const struct model *model, uint64_t seed)
{
    size_t cells = 0;
    for (int64_t key = 0; key < KEYS; key++) {
        check_key(keyed, model, key, seed);
        cells += (model->totals[key] >= 0) + (model->texts[key] > 0);
    }
    ck_assert_uint_eq(cell_count(keyed), cells);
}

static void restart(struct weir__keyed *keyed)
{
    struct weir__buf bytes = {0};
    weir__keyed_snapshot(keyed, &bytes);
    weir__keyed_fini(keyed);
    open_keyed(keyed);
    restore_bytes(keyed, &bytes);
    weir__buf_fini(&bytes);
}

static void one_step(struct weir__keyed *keyed, struct model *model, struct weir__rand *rand,
                     uint64_t seed)
{
    int64_t key = (int64_t)weir__rand_below(rand, KEYS);
    switch (weir__rand_below(rand, 10)) {
    case 0:
    case 1:
    case 2:
        model->totals[key] = (int64_t)weir__rand_below(rand, 1000);
        put(keyed, key, model->totals[key]);
        break;
    case 3:
        set_key(keyed, key);
        *(int64_t *)weir__keyed_value_edit(keyed, &total) += 7;
        model->totals[key] = (model->totals[key] < 0 ? 0 : model->totals[key]) + 7;
        break;
    case 4:
        set_key(keyed, key);
        weir__keyed_state_clear(keyed, &total);
        model->totals[key] = -1;
        break;
    case 5:
        set_key(keyed, key);
        weir__keyed_state_clear(keyed, &texts);
        model->texts[key] = 0;
        break;
    case 6:
    case 7:
    case 8:
        set_key(keyed, key);
        add_text(keyed, model, key);
        break;
    default:
        check_key(keyed, model, key, seed);
    }
}

static void random_work(uint64_t seed)
{
    struct weir__keyed keyed;
    struct model model = {{0}, {0}};
    struct weir__rand rand;
    weir__rand_init(&rand, seed);
    for (int key = 0; key < KEYS; key++) {
        model.totals[key] = -1;
    }
    open_keyed(&keyed);
    for (int step = 0; step < STEPS; step++) {
        if (weir__rand_below(&rand, 100) == 0) {
            restart(&keyed);
        }
        one_step(&keyed, &model, &rand, seed);
    }
    check_all(&keyed, &model, seed);
    weir__keyed_fini(&keyed);
}

START_TEST(random_work_with_restarts_agrees_with_a_plain_array)
{
    struct random_cases cases = random_cases("random work", 12);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        for (int i = 0; i < STATE_BACKENDS; i++) {
            state_backend = &state_backends[i];
            random_work(seed);
        }
    }
}
END_TEST

#ifdef WEIR_HAVE_ROCKSDB

/* ---- memory ---- */

static struct weir__rocksdb *rocksdb(const struct weir__keyed *keyed)
{
    return weir__rocksdb_of(keyed->backend);
}

START_TEST(a_state_larger_than_memory_is_kept)
{
    enum { MANY = 20000, LIMIT = 64 << 10 };
    static const struct state_backend small = {
        "64 KiB", {.type = WEIR_STATE_BACKEND_ROCKSDB, .fixed_per_slot_bytes = 2 * LIMIT}};
    struct weir__keyed keyed;
    state_backend = &small;
    open_keyed(&keyed);
    for (int64_t key = 0; key < MANY; key++) {
        put(&keyed, key, key);
        set_key(&keyed, key); /* settles */
        ck_assert_uint_le(rocksdb(&keyed)->memory_bytes, LIMIT);
    }
    ck_assert_uint_le(keyed.keys.nodes.count, LIMIT / 64); /* keys are forgotten too */
    for (int64_t key = 0; key < MANY; key += 97) {
        ck_assert_int_eq(get(&keyed, key), key);
    }
    ck_assert_int_eq(get(&keyed, MANY), -1);
    ck_assert_uint_eq(cell_count(&keyed), MANY);
    weir__keyed_fini(&keyed);
}
END_TEST

START_TEST(a_list_that_grows_is_noticed)
{
    struct weir__keyed keyed;
    struct weir_str text = WEIR_STR("sixteen bytes ab");
    state_backend = &state_backends[1];
    open_keyed(&keyed);
    set_key(&keyed, 1);
    for (int i = 0; i < 4096; i++) {
        weir__keyed_list_add(&keyed, &texts, &text);
    }
    ck_assert_uint_ge(rocksdb(&keyed)->memory_bytes, 16 * 4096 / 2);
    weir__keyed_fini(&keyed);
}
END_TEST

START_TEST(what_fits_in_memory_is_looked_up_nowhere_else)
{
    struct weir__keyed keyed;
    struct weir__buf bytes = {0};
    state_backend = &state_backends[1];
    open_keyed(&keyed);
    for (int64_t key = 0; key < 100; key++) {
        put(&keyed, key, key);
    }
    weir__keyed_snapshot(&keyed, &bytes);
    const struct weir__rocksdb_table *table = weir__rocksdb_table_at(rocksdb(&keyed), 0);
    ck_assert_uint_eq(table->absent, 0);
    ck_assert_uint_eq(table->dirty.count, 0);
    put(&keyed, 7, 70);
    ck_assert_uint_eq(table->dirty.count, 1);
    weir__buf_fini(&bytes);
    weir__keyed_fini(&keyed);
}
END_TEST

/* ---- time to live ---- */

START_TEST(a_compaction_drops_what_has_expired)
{
    struct weir__keyed keyed;
    state_backend = &state_backends[3]; /* write-through: everything is on the disk */
    weir_manual_clock_init(&manual, 0);
    open_keyed(&keyed);
    for (int64_t key = 0; key < 50; key++) {
        weir_manual_clock_set(&manual, key < 25 ? 0 : 50);
        set_key(&keyed, key);
        weir__keyed_value_set(&keyed, &brief, &key);
        weir__keyed_value_set(&keyed, &total, &key); /* no TTL: stays */
    }
    weir_manual_clock_set(&manual, 100);
    set_key(&keyed, 1000);
    ck_assert_ptr_null(weir__keyed_value_get(&keyed, &brief)); /* tells the time */
    ck_assert_uint_eq(cell_count(&keyed), 100);
    weir__store_compact(rocksdb(&keyed)->store);
    ck_assert_uint_eq(cell_count(&keyed), 75);
    set_key(&keyed, 30);
    ck_assert_int_eq(*(const int64_t *)weir__keyed_value_get(&keyed, &brief), 30);
    weir__keyed_fini(&keyed);
}
END_TEST

/* ---- native checkpoints ---- */

static bool is_home(int64_t number, int subtask, int parallelism)
{
    struct weir__key key = weir__key_integer(WEIR_KIND_INT64, number);
    int group = weir__key_group(&key, WEIR__DEFAULT_MAX_PARALLELISM);
    return weir__key_group_subtask(group, WEIR__DEFAULT_MAX_PARALLELISM, parallelism) == subtask;
}

struct checkpoint {
    char directory[SCRATCH_PATH];
    struct weir__buf bytes;
};

static struct checkpoint checkpoint_of(struct weir__keyed *keyed)
{
    struct checkpoint checkpoint = {0};
    struct weir_error error = {0};
    scratch_make(checkpoint.directory, "rocksdb");
    ck_assert_msg(weir__keyed_checkpoint(keyed, checkpoint.directory, "state", &checkpoint.bytes,
                                         &error) == WEIR_OK,
                  "%s", error.message);
    return checkpoint;
}

static void add_checkpoint(struct weir__keyed *keyed, const struct checkpoint *checkpoint)
{
    struct weir_error error = {0};
    struct weir__reader in = {checkpoint->bytes.data,
                              checkpoint->bytes.data + checkpoint->bytes.len, false};
    ck_assert_msg(weir__keyed_restore_from(keyed, checkpoint->directory, &in, &error) == WEIR_OK,
                  "%s", error.message);
    ck_assert(in.at == in.end);
}

static void free_checkpoint(struct checkpoint *checkpoint)
{
    ck_assert_int_eq(weir__files_remove_tree(&weir__real_files, checkpoint->directory, NULL),
                     WEIR_OK);
    weir__buf_fini(&checkpoint->bytes);
}

START_TEST(a_checkpoint_is_what_was_there_when_it_was_made)
{
    for (int i = 1; i < STATE_BACKENDS; i++) {
        struct weir__keyed keyed;
        state_backend = &state_backends[i];
        open_keyed(&keyed);
        for (int64_t key = 0; key < 200; key++) {
            put(&keyed, key, key);
        }
        weir__keyed_register_timer(&keyed, WEIR__EVENT_TIME, WEIR__NO_NAMESPACE, 77);
        struct checkpoint first = checkpoint_of(&keyed);
        put(&keyed, 5, 500);
        set_key(&keyed, 6);
        weir__keyed_state_clear(&keyed, &total);
        struct checkpoint second = checkpoint_of(&keyed);
        weir__keyed_fini(&keyed);
        open_keyed(&keyed);
        add_checkpoint(&keyed, &first);
        ck_assert_int_eq(get(&keyed, 5), 5);
        ck_assert_int_eq(get(&keyed, 6), 6);
        ck_assert_uint_eq(cell_count(&keyed), 200);
        ck_assert_int_eq(weir__keyed_next_time(&keyed, WEIR__EVENT_TIME), 77);
        weir__keyed_fini(&keyed);
        open_keyed(&keyed);
        add_checkpoint(&keyed, &second);
        ck_assert_int_eq(get(&keyed, 5), 500);
        ck_assert_int_eq(get(&keyed, 6), -1);
        ck_assert_uint_eq(cell_count(&keyed), 199);
        weir__keyed_fini(&keyed);
        free_checkpoint(&first);
        free_checkpoint(&second);
    }
}
END_TEST

START_TEST(checkpoints_are_restored_at_another_parallelism)
{
    enum { MANY = 500, BEFORE = 3 };
    static const int after[] = {1, 2, 3, 5};
    struct checkpoint checkpoints[BEFORE];
    state_backend = &state_backends[2];
    for (int subtask = 0; subtask < BEFORE; subtask++) {
        struct weir__keyed keyed;
        open_part(&keyed, subtask, BEFORE);
        for (int64_t key = 0; key < MANY; key++) {
            if (is_home(key, subtask, BEFORE)) {
                put(&keyed, key, key + 1);
            }
        }
        checkpoints[subtask] = checkpoint_of(&keyed);
        weir__keyed_fini(&keyed);
    }
    for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
        size_t cells = 0;
        for (int subtask = 0; subtask < after[i]; subtask++) {
            struct weir__keyed keyed;
            open_part(&keyed, subtask, after[i]);
            for (int part = 0; part < BEFORE; part++) {
                add_checkpoint(&keyed, &checkpoints[part]);
            }
            for (int64_t key = 0; key < MANY; key++) {
                if (is_home(key, subtask, after[i])) {
                    ck_assert_int_eq(get(&keyed, key), key + 1);
                }
            }
            cells += cell_count(&keyed);
            weir__keyed_fini(&keyed);
        }
        ck_assert_uint_eq(cells, MANY);
    }
    for (int part = 0; part < BEFORE; part++) {
        free_checkpoint(&checkpoints[part]);
    }
}
END_TEST

START_TEST(tables_declared_in_another_order_find_their_cells)
{
    static const struct weir_state_descriptor *const other[] = {&brief, &texts, &total, NULL};
    struct weir__keyed keyed;
    struct weir_str text = WEIR_STR("here");
    state_backend = &state_backends[2];
    open_keyed(&keyed);
    put(&keyed, 1, 11);
    weir__keyed_list_add(&keyed, &texts, &text);
    struct checkpoint checkpoint = checkpoint_of(&keyed);
    weir__keyed_fini(&keyed);
    keyed_init(&keyed, &manual.clock);
    ck_assert_int_eq(weir__keyed_declare(&keyed, other, NULL), WEIR_OK);
    add_checkpoint(&keyed, &checkpoint);
    ck_assert_int_eq(get(&keyed, 1), 11);
    ck_assert_uint_eq(weir__keyed_list_count(&keyed, &texts), 1);
    weir__keyed_fini(&keyed);
    free_checkpoint(&checkpoint);
}
END_TEST

START_TEST(the_heap_has_no_files_refuses_others_and_says_what_to_do)
{
    struct weir__keyed keyed;
    struct weir_error error = {0};
    struct weir__buf nothing = {0};
    state_backend = &state_backends[1];
    open_keyed(&keyed);
    put(&keyed, 1, 11);
    struct checkpoint checkpoint = checkpoint_of(&keyed);
    weir__keyed_fini(&keyed);
    state_backend = &state_backends[0];
    open_keyed(&keyed);
    struct weir__reader in = {checkpoint.bytes.data, checkpoint.bytes.data + checkpoint.bytes.len,
                              false};
    ck_assert_int_eq(weir__keyed_restore_from(&keyed, checkpoint.directory, &in, &error),
                     WEIR_MISMATCH);
    ck_assert_ptr_nonnull(strstr(error.message, "savepoint"));
    ck_assert_int_eq(weir__keyed_checkpoint(&keyed, "/tmp", "state", &nothing, NULL),
                     WEIR_UNSUPPORTED);
    ck_assert_uint_eq(nothing.len, 0);
    weir__keyed_fini(&keyed);
    free_checkpoint(&checkpoint);
}
END_TEST

START_TEST(a_damaged_checkpoint_is_refused)
{
    struct weir__keyed keyed;
    struct weir_error error = {0};
    state_backend = &state_backends[1];
    open_keyed(&keyed);
    put(&keyed, 1, 11);
    struct checkpoint checkpoint = checkpoint_of(&keyed);
    weir__keyed_fini(&keyed);
    char *current = weir__asprintf("%s/state/CURRENT", checkpoint.directory);
    ck_assert_int_eq(weir__files_unlink(&weir__real_files, current, &error), WEIR_OK);
    weir__free(current);
    for (size_t len = 0; len < 10; len += 3) {
        struct weir__reader in = {checkpoint.bytes.data, checkpoint.bytes.data + len, false};
        open_keyed(&keyed);
        ck_assert_int_ne(weir__keyed_restore_from(&keyed, checkpoint.directory, &in, &error),
                         WEIR_OK);
        weir__keyed_fini(&keyed);
    }
    free_checkpoint(&checkpoint);
}
END_TEST

/* ---- the disk ---- */

START_TEST(a_folder_that_is_not_there_is_named)
{
    struct weir_state_backend_config config = {.type = WEIR_STATE_BACKEND_ROCKSDB,
                                               .local_directory = "/nowhere/at/all"};
    struct weir__backend *backend = NULL;
    struct weir_error error = {0};
    ck_assert_int_eq(weir__backend_new(&config, 1, &backend, &error), WEIR_IO);
    ck_assert_str_eq(error.where, "/nowhere/at/all");
    ck_assert_ptr_null(backend);
}
END_TEST

static void note_failure(void *host, const struct weir_error *error)
{
    *(struct weir_error *)host = *error;
}

/* A database whose process was killed: its folder, with a lock of this age that nobody holds. */
static void leave_folder(const char *parent, const char *name, time_t age_s, char path[96])
{
    char lock[128];
    snprintf(path, 96, "%s/weir-rocksdb-%s", parent, name);
    snprintf(lock, sizeof lock, "%s/LOCK", path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    int fd = open(lock, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    struct stat info;
    ck_assert(fd >= 0 && fstat(fd, &info) == 0);
    const struct timespec times[2] = {{.tv_sec = info.st_mtime - age_s},
                                      {.tv_sec = info.st_mtime - age_s}};
    ck_assert_int_eq(futimens(fd, times), 0);
    close(fd);
}

START_TEST(folders_of_killed_processes_are_removed_and_no_others)
{
    char parent[SCRATCH_PATH];
    char killed[96];
    char young[96];
    char own[96];
    char name[32];
    struct weir_error error = {0};
    struct weir__backend *backend = NULL;
    scratch_make(parent, "abandoned");
    leave_folder(parent, "1-killed", 3600, killed);
    leave_folder(parent, "1-young", 1, young);
    snprintf(name, sizeof name, "%ld-own", (long)getpid());
    leave_folder(parent, name, 3600, own);
    struct weir_state_backend_config config = state_config(&state_backends[1]);
    config.local_directory = parent;
    ck_assert_int_eq(weir__backend_new(&config, 1, &backend, &error), WEIR_OK);
    backend->ops->free(backend);
    ck_assert_int_ne(access(killed, F_OK), 0);
    ck_assert_int_eq(access(young, F_OK), 0);
    ck_assert_int_eq(access(own, F_OK), 0);
    ck_assert_int_eq(weir__files_remove_tree(&weir__real_files, parent, &error), WEIR_OK);
}
END_TEST

START_TEST(a_cell_that_is_damaged_on_the_disk_fails_the_operator)
{
    struct weir__keyed keyed;
    struct weir_error error = {0};
    state_backend = &state_backends[3];
    open_keyed(&keyed);
    keyed.backend->failed = note_failure;
    keyed.backend->host = &error;
    put(&keyed, 1, 11);
    put(&keyed, 2, 22); /* 1 is written */
    struct weir__rocksdb *self = rocksdb(&keyed);
    struct weir__key key = weir__key_integer(WEIR_KIND_INT64, 1);
    weir__rocksdb_prefix(self, weir__key_group(&key, WEIR__DEFAULT_MAX_PARALLELISM), 0);
    weir__rocksdb_put_hash(self, &key);
    weir__key_encode(&key, &self->key);
    weir__buf_put_zigzag(&self->key, 0);
    weir__buf_put_zigzag(&self->key, 0);
    weir__store_put(self->store, (struct weir_str){self->key.data, (uint32_t)self->key.len},
                    WEIR_STR("\377\377\377\377\377\377\377\177"));
    weir__rocksdb_commit(self);
    ck_assert_int_eq(get(&keyed, 1), -1);
    ck_assert_int_eq(error.code, WEIR_CORRUPT);
    ck_assert_str_eq(error.where, "total");
    weir__keyed_fini(&keyed);
}
END_TEST

#endif

int main(void)
{
    weir_manual_clock_init(&manual, 0);
    Suite *suite = suite_create("state rocksdb");
    TCase *tests = tcase_create("rocksdb");
    tcase_set_timeout(tests, 100);
    tcase_add_test(tests, a_snapshot_moves_from_every_backend_to_every_other);
    tcase_add_test(tests, random_work_with_restarts_agrees_with_a_plain_array);
#ifdef WEIR_HAVE_ROCKSDB
    tcase_add_test(tests, a_state_larger_than_memory_is_kept);
    tcase_add_test(tests, a_list_that_grows_is_noticed);
    tcase_add_test(tests, what_fits_in_memory_is_looked_up_nowhere_else);
    tcase_add_test(tests, a_compaction_drops_what_has_expired);
    tcase_add_test(tests, a_checkpoint_is_what_was_there_when_it_was_made);
    tcase_add_test(tests, checkpoints_are_restored_at_another_parallelism);
    tcase_add_test(tests, tables_declared_in_another_order_find_their_cells);
    tcase_add_test(tests, the_heap_has_no_files_refuses_others_and_says_what_to_do);
    tcase_add_test(tests, a_damaged_checkpoint_is_refused);
    tcase_add_test(tests, a_folder_that_is_not_there_is_named);
    tcase_add_test(tests, folders_of_killed_processes_are_removed_and_no_others);
    tcase_add_test(tests, a_cell_that_is_damaged_on_the_disk_fails_the_operator);
#endif
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

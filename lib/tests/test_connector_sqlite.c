/*
 * The SQLite sink: rows, keys, and what of them is seen when, with and without checkpoints.
 */
#include <stdio.h>

#ifndef WEIR_HAVE_SQLITE3
int main(void)
{
    puts("# SKIP SQLite is not installed");
    return 0;
}
#else

#include "base/buf.h"
#include "base/mem.h"
#include "scratch.h"

#include <weir/connectors.h>

#include <check.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#define ROW_FIELDS(F, T)                                                                           \
    F(T, string, ip, "ip", required)                                                               \
    F(T, string, session, "sessionId", nullable)                                                   \
    F(T, int64, ts, "ts", required)                                                                \
    F(T, real, duration, "duration \"s\"", required)                                               \
    F(T, boolean, open, "open", required)                                                          \
    F(T, list, tags, "tags", nullable, weir_string)
WEIR_DECLARE_TYPE(row, ROW_FIELDS);
WEIR_DEFINE_TYPE(row, ROW_FIELDS);

static char directory[SCRATCH_PATH];
static char path[96];
static struct weir_error error;
static weir_sink *sink;
static struct weir_manual_clock the_clock;

static void set_up(void)
{
    scratch_make(directory, "sqlite");
    snprintf(path, sizeof path, "%s/rows.db", directory);
    weir_manual_clock_init(&the_clock, 0);
    error = (struct weir_error){0};
}

static void tear_down(void)
{
    static const char *const names[] = {"rows.db", "rows.db-wal", "rows.db-shm"};
    if (sink != NULL) {
        sink->ops->config_free(sink->config);
        weir__free(sink);
    }
    for (int i = 0; i < 3; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s/%s", directory, names[i]);
        unlink(name);
    }
    rmdir(directory);
}

static void use_sink(bool keyed)
{
    struct weir_sqlite_sink_config config = {.path = path, .table = "rows", .type = &row_type};
    if (keyed) {
        config.key[0] = WEIR_FIELD(row, ip);
        config.key[1] = WEIR_FIELD(row, ts);
    }
    sink = weir_sqlite_sink(&config);
}

static void *open_writer(int64_t checkpoint_interval_ms)
{
    struct weir_sink_context context = {.parallelism = 1,
                                        .type = &row_type,
                                        .clock = &the_clock.clock,
                                        .checkpoint_interval_ms = checkpoint_interval_ms};
    void *writer = sink->ops->writer_new(sink->config);
    ck_assert_msg(sink->ops->open(writer, &context, &error) == WEIR_OK, "%s: %s", error.where,
                  error.message);
    return writer;
}

static void put(void *writer, const char *ip, int64_t ts, double duration)
{
    struct row row = {.ip = weir_str_from(ip), .ts = ts, .duration = duration};
    ck_assert_msg(sink->ops->write(writer, &row, ts, &error) == WEIR_OK, "%s", error.message);
}

/* Returns the state, to be freed. */
static struct weir_str prepare(void *writer, int64_t checkpoint)
{
    struct weir_str state;
    struct weir_str copy = {NULL, 0};
    ck_assert_msg(sink->ops->prepare(writer, checkpoint, &state, &error) == WEIR_OK, "%s",
                  error.message);
    weir_str_set(&copy, state);
    return copy;
}

static void commit(void *writer, int64_t checkpoint)
{
    ck_assert_msg(sink->ops->commit(writer, &(struct weir_sink_commit){.checkpoint = checkpoint},
                                    &error) == WEIR_OK,
                  "%s", error.message);
}

static void restore(void *writer, struct weir_str state)
{
    ck_assert_msg(sink->ops->restore(writer, state, &error) == WEIR_OK, "%s", error.message);
}

/* The answer to a query, its rows one behind the other: "a|b;c|d;". */
static void expect(const char *query, const char *expected)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    struct weir__buf text = {0};
    weir__buf_printf(&text, "%s", "");
    ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_msg(sqlite3_prepare_v2(db, query, -1, &statement, NULL) == SQLITE_OK, "%s",
                  sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *cell = (const char *)sqlite3_column_text(statement, i);
            weir__buf_printf(&text, "%s%s", i > 0 ? "|" : "", cell != NULL ? cell : "null");
        }
        weir__buf_printf(&text, ";");
    }
    ck_assert_str_eq(text.data, expected);
    weir__buf_fini(&text);
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

#define ROWS "SELECT ip, ts, \"duration \"\"s\"\"\" FROM rows ORDER BY ip, ts"

/* ---- without checkpoints ---- */

START_TEST(every_kind_has_its_column)
{
    struct weir_str tags[] = {WEIR_STR("a"), WEIR_STR("b\"")};
    struct row row = {.ip = WEIR_STR("1.2.3.4"), .ts = INT64_MIN, .duration = 0.5, .open = true};
    row.tags = (struct weir_list){tags, 2, 0};
    use_sink(false);
    void *writer = open_writer(0);
    ck_assert_int_eq(sink->ops->write(writer, &row, 0, &error), WEIR_OK);
    ck_assert_int_eq(sink->ops->idle(writer, &error), WEIR_OK);
    expect("SELECT * FROM rows", "1.2.3.4|null|-9223372036854775808|0.5|1|[\"a\",\"b\\\"\"];");
    sink->ops->writer_free(writer);
}
END_TEST

START_TEST(row_with_the_same_key_takes_the_old_ones_place)
{
    use_sink(true);
    void *writer = open_writer(0);
    put(writer, "a", 1, 0.5);
    put(writer, "a", 2, 0.5);
    put(writer, "a", 1, 7.5);
    ck_assert_int_eq(sink->ops->idle(writer, &error), WEIR_OK);
    expect(ROWS, "a|1|7.5;a|2|0.5;");
    sink->ops->writer_free(writer);
}
END_TEST

START_TEST(without_a_key_every_row_stays)
{
    use_sink(false);
    void *writer = open_writer(0);
    put(writer, "a", 1, 0.5);
    put(writer, "a", 1, 0.5);
    ck_assert_int_eq(sink->ops->idle(writer, &error), WEIR_OK);
    expect(ROWS, "a|1|0.5;a|1|0.5;");
    sink->ops->writer_free(writer);
}
END_TEST

START_TEST(batch_goes_out_when_it_is_full_or_a_second_old)
{
    use_sink(false);
    void *writer = open_writer(0);
    for (int i = 0; i < 150; i++) {
        put(writer, "a", i, 0);
    }
    expect("SELECT COUNT(*) FROM rows", "100;");
    weir_manual_clock_set(&the_clock, 1000);
    put(writer, "a", 150, 0);
    expect("SELECT COUNT(*) FROM rows", "151;");
    sink->ops->writer_free(writer);
}
END_TEST

START_TEST(the_end_writes_the_rest)
{
    use_sink(false);
    void *writer = open_writer(0);
    put(writer, "a", 1, 0.5);
    struct weir_str state = prepare(writer, 0);
    commit(writer, 0);
    expect(ROWS, "a|1|0.5;");
    weir_str_clear(&state);
    sink->ops->writer_free(writer);
}
END_TEST

/* ---- with checkpoints ---- */

START_TEST(rows_are_seen_when_their_checkpoint_is_complete)
{
    use_sink(true);
    void *writer = open_writer(1000);
    put(writer, "a", 1, 0.5);
    struct weir_str state = prepare(writer, 7);
    put(writer, "b", 2, 0.5);
    ck_assert_int_eq(sink->ops->idle(writer, &error), WEIR_OK);
    expect(ROWS, "");
    commit(writer, 7);
    expect(ROWS, "a|1|0.5;");
    commit(writer, 7); /* twice does no harm */
    expect(ROWS, "a|1|0.5;");
    weir_str_clear(&state);
    sink->ops->writer_free(writer);
}
END_TEST

START_TEST(failed_checkpoints_rows_come_with_the_next)
{
    use_sink(true);
    void *writer = open_writer(1000);
    put(writer, "a", 1, 0.5);
    struct weir_str first = prepare(writer, 7);
    put(writer, "b", 2, 0.5);
    struct weir_str second = prepare(writer, 8);
    commit(writer, 8);
    expect(ROWS, "a|1|0.5;b|2|0.5;");
    weir_str_clear(&first);
    weir_str_clear(&second);
    sink->ops->writer_free(writer);
}
END_TEST

/* A life that ends at any moment, and one that goes on from its checkpoint. */
START_TEST(after_a_crash_each_row_is_there_once)
{
    use_sink(false); /* without a key, so that a double would show */
    void *writer = open_writer(1000);
    put(writer, "a", 1, 0.5);
    struct weir_str state = prepare(writer, 7);
    if (_i == 1) {
        commit(writer, 7); /* the crash comes after it, and nobody knows */
    }
    put(writer, "b", 2, 0.5); /* will be written again */
    ck_assert_int_eq(sink->ops->idle(writer, &error), WEIR_OK);
    sink->ops->writer_free(writer);

    writer = open_writer(1000);
    restore(writer, state);
    expect(ROWS, "a|1|0.5;");
    put(writer, "b", 2, 0.5);
    weir_str_clear(&state);
    state = prepare(writer, 8);
    commit(writer, 8);
    expect(ROWS, "a|1|0.5;b|2|0.5;");
    expect("SELECT COUNT(*) FROM rows__pending", "0;");
    weir_str_clear(&state);
    sink->ops->writer_free(writer);
}
END_TEST

START_TEST(what_no_checkpoint_knows_of_is_swept)
{
    use_sink(false);
    void *dead = open_writer(1000);
    put(dead, "x", 1, 0);
    ck_assert_int_eq(sink->ops->idle(dead, &error), WEIR_OK);
    sink->ops->writer_free(dead);
    expect("SELECT COUNT(*) FROM rows__pending", "1;");
    void *writer = open_writer(1000);
    struct weir_str state = prepare(writer, 1);
    commit(writer, 1);
    expect("SELECT COUNT(*) FROM rows__pending", "0;");
    expect("SELECT COUNT(*) FROM rows", "0;");
    weir_str_clear(&state);
    sink->ops->writer_free(writer);
}
END_TEST

/* Two subtasks become one. */
START_TEST(one_writer_takes_over_the_states_of_two)
{
    use_sink(false);
    void *first = open_writer(1000);
    void *second = open_writer(1000);
    put(first, "a", 1, 0);
    put(second, "b", 1, 0);
    struct weir_str states[] = {prepare(first, 7), prepare(second, 7)};
    sink->ops->writer_free(first);
    sink->ops->writer_free(second);
    void *writer = open_writer(1000);
    restore(writer, states[0]);
    restore(writer, states[1]);
    expect(ROWS, "a|1|0.0;b|1|0.0;");
    weir_str_clear(&states[0]);
    weir_str_clear(&states[1]);
    sink->ops->writer_free(writer);
}
END_TEST

/* ---- several threads ---- */

enum { WRITERS = 4, EACH = 500 };

static void *write_many(void *user)
{
    void *writer = open_writer(0);
    for (int i = 0; i < EACH; i++) {
        put(writer, user, i, 0);
    }
    struct weir_str state = prepare(writer, 0);
    weir_str_clear(&state);
    sink->ops->writer_free(writer);
    return NULL;
}

START_TEST(several_subtasks_write_to_one_file)
{
    static char names[WRITERS][2] = {"a", "b", "c", "d"};
    pthread_t threads[WRITERS];
    use_sink(true);
    for (int i = 0; i < WRITERS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, write_many, names[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
    }
    expect("SELECT ip, COUNT(*) FROM rows GROUP BY ip ORDER BY ip", "a|500;b|500;c|500;d|500;");
}
END_TEST

/* ---- refusals ---- */

START_TEST(file_that_cannot_be_opened_is_named)
{
    snprintf(path, sizeof path, "/no/such/directory/rows.db");
    use_sink(false);
    struct weir_sink_context context = {.type = &row_type, .clock = &the_clock.clock};
    void *writer = sink->ops->writer_new(sink->config);
    ck_assert_int_eq(sink->ops->open(writer, &context, &error), WEIR_IO);
    ck_assert_ptr_nonnull(strstr(error.where, "/no/such/directory/rows.db"));
    sink->ops->writer_free(writer);
}
END_TEST

START_TEST(table_of_another_shape_is_refused)
{
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "CREATE TABLE rows (other TEXT)", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    use_sink(false);
    struct weir_sink_context context = {.type = &row_type, .clock = &the_clock.clock};
    void *writer = sink->ops->writer_new(sink->config);
    ck_assert_int_eq(sink->ops->open(writer, &context, &error), WEIR_IO);
    ck_assert_ptr_nonnull(strstr(error.message, "no column named ip"));
    sink->ops->writer_free(writer);
}
END_TEST

START_TEST(state_that_is_none_is_corrupt)
{
    use_sink(false);
    void *writer = open_writer(1000);
    ck_assert_int_eq(sink->ops->restore(writer, WEIR_STR("short"), &error), WEIR_CORRUPT);
    sink->ops->writer_free(writer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connector sqlite");
    TCase *tests = tcase_create("sqlite");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, every_kind_has_its_column);
    tcase_add_test(tests, row_with_the_same_key_takes_the_old_ones_place);
    tcase_add_test(tests, without_a_key_every_row_stays);
    tcase_add_test(tests, batch_goes_out_when_it_is_full_or_a_second_old);
    tcase_add_test(tests, the_end_writes_the_rest);
    tcase_add_test(tests, rows_are_seen_when_their_checkpoint_is_complete);
    tcase_add_test(tests, failed_checkpoints_rows_come_with_the_next);
    tcase_add_loop_test(tests, after_a_crash_each_row_is_there_once, 0, 2);
    tcase_add_test(tests, what_no_checkpoint_knows_of_is_swept);
    tcase_add_test(tests, one_writer_takes_over_the_states_of_two);
    tcase_add_test(tests, several_subtasks_write_to_one_file);
    tcase_add_test(tests, file_that_cannot_be_opened_is_named);
    tcase_add_test(tests, table_of_another_shape_is_refused);
    tcase_add_test(tests, state_that_is_none_is_corrupt);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
#endif

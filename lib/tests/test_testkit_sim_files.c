/*
 * The disk in memory: what was synced survives a crash, what was not may be gone; faults come where
 * they are ordered, and the same seed gives the same run.
 */
#include "base/mem.h"
#include "testkit/sim_files.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEEDS = 200 };

static struct weir__sim_files *sim;
static struct weir__files *files;

static void start(uint64_t seed)
{
    sim = weir__sim_files_new(seed);
    files = weir__sim_files_table(sim);
}

static void stop(void)
{
    weir__sim_files_free(sim);
    sim = NULL;
}

static void put(const char *path, const char *text, bool sync)
{
    struct weir__file file;
    ck_assert_int_eq(weir__file_append(files, path, &file, NULL), WEIR_OK);
    ck_assert_int_eq(weir__file_write(&file, text, strlen(text), NULL), WEIR_OK);
    if (sync) {
        ck_assert_int_eq(weir__file_sync(&file, NULL), WEIR_OK);
    }
    ck_assert_int_eq(weir__file_close(&file, NULL), WEIR_OK);
}

static void sync_directory(const char *path)
{
    ck_assert_int_eq(weir__files_sync_directory(files, path, NULL), WEIR_OK);
}

static void crash_and_restart(void)
{
    weir__sim_files_crash(sim);
    weir__sim_files_restart(sim);
}

/* What a file holds; "-" when there is none. Owned by the caller. */
static char *content(const char *path)
{
    struct weir__buf buf = {0};
    if (weir__files_read(files, path, 1000, &buf, NULL) != WEIR_OK) {
        return weir__strdup("-");
    }
    char *text = weir__asprintf("%.*s", (int)buf.len, buf.data);
    weir__buf_fini(&buf);
    return text;
}

static void expect(const char *path, const char *expected)
{
    char *text = content(path);
    ck_assert_str_eq(text, expected);
    weir__free(text);
}

START_TEST(without_a_crash_it_is_a_file_system)
{
    start(1);
    ck_assert_int_eq(weir__files_make_directory(files, "a/b", NULL), WEIR_OK);
    put("a/b/c", "one", false);
    put("/a/b/c", "two", false);
    expect("a/./b/c", "onetwo");
    ck_assert_int_eq(weir__files_rename(files, "a/b/c", "a/d", NULL), WEIR_OK);
    expect("a/b/c", "-");
    ck_assert_int_eq(weir__files_truncate(files, "a/d", 4, NULL), WEIR_OK);
    expect("a/d", "onet");
    ck_assert_int_eq(weir__files_remove_tree(files, "a", NULL), WEIR_OK);
    ck_assert(!weir__files_exist(files, "a"));
    stop();
}
END_TEST

START_TEST(errors_are_those_of_the_system)
{
    struct weir__file file;
    start(1);
    put("f", "", false);
    ck_assert_int_eq(weir__files_make_directory(files, "d", NULL), WEIR_OK);
    put("d/x", "", false);
    ck_assert_int_eq(weir__file_open(files, "none", &file, NULL), WEIR_NOT_FOUND);
    ck_assert(files->ops->unlink(files, "d") < 0 && errno == EISDIR);
    ck_assert(files->ops->remove_directory(files, "d") < 0 && errno == ENOTEMPTY);
    ck_assert(files->ops->remove_directory(files, "f") < 0 && errno == ENOTDIR);
    ck_assert(files->ops->make_directory(files, "f") < 0 && errno == EEXIST);
    ck_assert(files->ops->open(files, "f/x", WEIR__FILE_READ) < 0 && errno == ENOTDIR);
    ck_assert(files->ops->rename(files, "none", "x") < 0 && errno == ENOENT);
    stop();
}
END_TEST

START_TEST(what_is_synced_with_its_name_survives)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        start(seed);
        put("f", "synced", true);
        sync_directory(".");
        crash_and_restart();
        expect("f", "synced");
        stop();
    }
}
END_TEST

/* Without the sync of the directory the name may be lost, and must be for some seed. */
START_TEST(a_name_that_is_not_synced_may_be_lost)
{
    int lost = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        start(seed);
        put("f", "synced", true);
        crash_and_restart();
        lost += !weir__files_exist(files, "f");
        stop();
    }
    ck_assert(lost > 0 && lost < SEEDS);
}
END_TEST

START_TEST(bytes_that_are_not_synced_may_be_lost_or_cut)
{
    int lost = 0;
    int cut = 0;
    int whole = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        start(seed);
        put("f", "1234", true);
        sync_directory(".");
        put("f", "56789", false);
        crash_and_restart();
        char *text = content("f");
        ck_assert(strncmp(text, "1234", 4) == 0);
        lost += strlen(text) == 4;
        cut += strlen(text) > 4 && strlen(text) < 9;
        whole += strlen(text) == 9;
        weir__free(text);
        stop();
    }
    ck_assert(lost > 0 && cut > 0 && whole > 0);
}
END_TEST

START_TEST(a_rename_is_there_or_not_and_never_half)
{
    int old = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        start(seed);
        put("a", "x", true);
        sync_directory(".");
        ck_assert_int_eq(weir__files_rename(files, "a", "b", NULL), WEIR_OK);
        crash_and_restart();
        ck_assert(weir__files_exist(files, "a") != weir__files_exist(files, "b"));
        old += weir__files_exist(files, "a");
        stop();
    }
    ck_assert(old > 0 && old < SEEDS);
}
END_TEST

START_TEST(a_failed_sync_is_not_made_good_by_the_next_one)
{
    int lost = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct weir__file file;
        start(seed);
        ck_assert_int_eq(weir__file_create(files, "f", &file, NULL), WEIR_OK);
        sync_directory(".");
        ck_assert_int_eq(weir__file_write(&file, "x", 1, NULL), WEIR_OK);
        weir__sim_files_fail_at(sim, weir__sim_files_count(sim) + 1, WEIR__SIM_IO_ERROR);
        ck_assert_int_eq(weir__file_sync(&file, NULL), WEIR_IO);
        ck_assert_int_eq(weir__file_sync(&file, NULL), WEIR_OK);
        ck_assert_int_eq(weir__file_close(&file, NULL), WEIR_OK);
        crash_and_restart();
        char *text = content("f");
        lost += strcmp(text, "") == 0;
        weir__free(text);
        stop();
    }
    ck_assert_int_gt(lost, 0);
}
END_TEST

START_TEST(after_a_crash_nothing_works_until_the_restart)
{
    struct weir__file file;
    start(1);
    ck_assert_int_eq(weir__file_create(files, "f", &file, NULL), WEIR_OK);
    weir__sim_files_fail_at(sim, 2, WEIR__SIM_CRASH);
    ck_assert_int_eq(weir__file_write(&file, "x", 1, NULL), WEIR_IO);
    ck_assert(weir__sim_files_crashed(sim));
    ck_assert(!weir__files_exist(files, "."));
    weir__sim_files_restart(sim);
    ck_assert(weir__files_exist(files, "."));
    /* A file that was open then is none that is open now. */
    put("g", "y", false);
    ck_assert_int_eq(weir__file_write(&file, "x", 1, NULL), WEIR_IO);
    weir__file_discard(&file);
    expect("g", "y");
    stop();
}
END_TEST

START_TEST(faults_come_where_they_are_ordered)
{
    struct weir_error error = {0};
    struct weir__file file;
    start(1);
    weir__sim_files_fail_at(sim, 2, WEIR__SIM_NO_SPACE);
    ck_assert_int_eq(weir__file_create(files, "f", &file, NULL), WEIR_OK);
    ck_assert_int_eq(weir__file_write(&file, "x", 1, &error), WEIR_IO);
    ck_assert(strstr(error.message, "No space left on device") != NULL);
    ck_assert_str_eq(weir__sim_files_hit(sim), "2 write ");
    ck_assert_int_eq(weir__file_write(&file, "x", 1, NULL), WEIR_OK);
    weir__sim_files_set_full(sim, true);
    ck_assert_int_eq(weir__file_write(&file, "x", 1, NULL), WEIR_IO);
    weir__sim_files_set_full(sim, false);
    ck_assert_int_eq(weir__file_write(&file, "y", 1, NULL), WEIR_OK);
    weir__file_discard(&file);
    expect("f", "xy");
    stop();
}
END_TEST

START_TEST(interruptions_and_short_writes_are_not_noticed)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        start(seed);
        weir__sim_files_set_chances(sim, &(struct weir__sim_chances){.nuisance = 2});
        ck_assert_int_eq(weir__files_make_directory(files, "a/b", NULL), WEIR_OK);
        put("a/b/f", "a longer text", true);
        sync_directory("a/b");
        expect("a/b/f", "a longer text");
        stop();
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("testkit sim files");
    TCase *tests = tcase_create("sim files");
    tcase_add_test(tests, without_a_crash_it_is_a_file_system);
    tcase_add_test(tests, errors_are_those_of_the_system);
    tcase_add_test(tests, what_is_synced_with_its_name_survives);
    tcase_add_test(tests, a_name_that_is_not_synced_may_be_lost);
    tcase_add_test(tests, bytes_that_are_not_synced_may_be_lost_or_cut);
    tcase_add_test(tests, a_rename_is_there_or_not_and_never_half);
    tcase_add_test(tests, a_failed_sync_is_not_made_good_by_the_next_one);
    tcase_add_test(tests, after_a_crash_nothing_works_until_the_restart);
    tcase_add_test(tests, faults_come_where_they_are_ordered);
    tcase_add_test(tests, interruptions_and_short_writes_are_not_noticed);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

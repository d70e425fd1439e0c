/*
 * The store of checkpoints on the system's files: what was written is loaded, what is unfinished
 * goes, what is old is removed.
 */
#include "base/mem.h"
#include "runtime/checkpoint_store.h"
#include "scratch.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct weir__files *const files = &weir__real_files;
static char root[SCRATCH_PATH];
static struct weir__checkpoint_store *store;

static const struct weir__checkpoint_job job = {
    .name = "page-views", .id = "0123abcd", .timestamp_ms = 1700000000123, .exactly_once = true};
static const struct weir__checkpoint_entry entries[] = {
    {"clicks", "Source: clicks", 0, 1, 128, WEIR_STR("offset 42"), 0},
    {"counts", "page views", 0, 2, 128, WEIR_STR("a\0b"), 0},
    {"counts", "page views", 1, 2, 128, WEIR_STR(""), 0},
};
enum { ENTRIES = sizeof(entries) / sizeof(entries[0]) };

static void open_store(void)
{
    struct weir_error error = {0};
    ck_assert_msg(weir__checkpoint_store_open(files, root, &store, &error) == WEIR_OK, "%s: %s",
                  error.where, error.message);
}

static void setup(void)
{
    scratch_make(root, "store");
    open_store();
}

static void teardown(void)
{
    weir__checkpoint_store_close(store);
    ck_assert_int_eq(weir__files_remove_tree(files, root, NULL), WEIR_OK);
}

static void reopen(void)
{
    weir__checkpoint_store_close(store);
    open_store();
}

static struct weir__checkpoint_writer *begin(int64_t id)
{
    struct weir__checkpoint_writer *writer;
    ck_assert_int_eq(weir__checkpoint_begin(store, id, WEIR__CHECKPOINT, NULL, &writer, NULL),
                     WEIR_OK);
    for (int i = 0; i < ENTRIES; i++) {
        ck_assert_int_eq(weir__checkpoint_add(writer, &entries[i], NULL), WEIR_OK);
    }
    return writer;
}

static void finish(struct weir__checkpoint_writer *writer)
{
    struct weir_error error = {0};
    ck_assert_msg(weir__checkpoint_finish(writer, &job, NULL, NULL, &error) == WEIR_OK, "%s: %s",
                  error.where, error.message);
}

static void write_checkpoint(int64_t id)
{
    finish(begin(id));
}

static void write_savepoint(int64_t id, const char *target, const char *expected)
{
    struct weir__checkpoint_writer *writer;
    char *path = NULL;
    ck_assert_int_eq(weir__checkpoint_begin(store, id, WEIR__SAVEPOINT, target, &writer, NULL),
                     WEIR_OK);
    ck_assert_int_eq(weir__checkpoint_finish(writer, &job, &path, NULL, NULL), WEIR_OK);
    ck_assert_str_eq(path + strlen(root), expected);
    weir__free(path);
}

static void put_file(const char *directory, const char *name, const char *text)
{
    char *path = weir__asprintf("%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    weir__free(path);
}

/* "chk-1 chk-2": what a list shows. */
static void expect_list(const char *expected)
{
    struct weir__vec places;
    struct weir__buf text = {0};
    ck_assert_int_eq(weir__checkpoint_list(files, root, &places, NULL), WEIR_OK);
    weir__buf_printf(&text, "%s", "");
    for (size_t i = 0; i < places.count; i++) {
        const struct weir__checkpoint_place *place = weir__vec_at(&places, i);
        weir__buf_printf(&text, "%s%s", i > 0 ? " " : "", place->path + strlen(root) + 1);
    }
    ck_assert_str_eq(text.data, expected);
    weir__buf_fini(&text);
    weir__checkpoint_list_fini(&places);
}

static void load(int64_t id, struct weir__checkpoint *checkpoint)
{
    struct weir_error error = {0};
    char *path = weir__checkpoint_store_path(store, id);
    ck_assert_msg(weir__checkpoint_load(files, path, checkpoint, &error) == WEIR_OK, "%s: %s",
                  error.where, error.message);
    weir__free(path);
}

START_TEST(what_was_written_is_loaded)
{
    struct weir__checkpoint checkpoint;
    write_checkpoint(1);
    load(1, &checkpoint);
    ck_assert_int_eq(checkpoint.id, 1);
    ck_assert_int_eq(checkpoint.kind, WEIR__CHECKPOINT);
    ck_assert_str_eq(checkpoint.job.name, job.name);
    ck_assert_str_eq(checkpoint.job.id, job.id);
    ck_assert_int_eq(checkpoint.job.timestamp_ms, job.timestamp_ms);
    ck_assert(checkpoint.job.exactly_once);
    ck_assert_uint_eq(checkpoint.entries.count, ENTRIES);
    for (int i = 0; i < ENTRIES; i++) {
        const struct weir__checkpoint_entry *entry = weir__checkpoint_entry(&checkpoint, (size_t)i);
        ck_assert_str_eq(entry->operator_id, entries[i].operator_id);
        ck_assert_str_eq(entry->operator_name, entries[i].operator_name);
        ck_assert_int_eq(entry->subtask, entries[i].subtask);
        ck_assert_int_eq(entry->parallelism, entries[i].parallelism);
        ck_assert_int_eq(entry->max_parallelism, entries[i].max_parallelism);
        ck_assert(weir_str_same(entry->bytes, entries[i].bytes));
    }
    ck_assert_int_eq(weir__checkpoint_size(&checkpoint), 12);
    weir__checkpoint_fini(&checkpoint);
}
END_TEST

START_TEST(metadata_alone_tells_lengths)
{
    struct weir__checkpoint checkpoint;
    write_checkpoint(1);
    char *path = weir__checkpoint_store_path(store, 1);
    ck_assert_int_eq(weir__checkpoint_load_metadata(files, path, &checkpoint, NULL), WEIR_OK);
    ck_assert_int_eq(weir__checkpoint_entry(&checkpoint, 0)->bytes.len, 9);
    ck_assert_ptr_null(weir__checkpoint_entry(&checkpoint, 0)->bytes.data);
    weir__checkpoint_fini(&checkpoint);
    weir__free(path);
}
END_TEST

START_TEST(ids_go_on_above_what_is_there_or_was_begun)
{
    ck_assert_int_eq(weir__checkpoint_store_next_id(store), 1);
    write_checkpoint(1);
    ck_assert_int_eq(weir__checkpoint_store_next_id(store), 2);
    struct weir__checkpoint_writer *writer = begin(7);
    struct weir__checkpoint_store *crashed = store;
    open_store(); /* as after a crash: 7 was never finished */
    ck_assert_int_eq(weir__checkpoint_store_next_id(store), 8);
    expect_list("chk-1");
    weir__checkpoint_abandon(writer);
    weir__checkpoint_store_close(crashed);
}
END_TEST

START_TEST(an_unfinished_checkpoint_is_removed_when_the_store_is_opened)
{
    char *part = weir__asprintf("%s/chk-3.part/deep", root);
    ck_assert_int_eq(weir__files_make_directory(files, part, NULL), WEIR_OK);
    put_file(part, "file", "x");
    put_file(root, "notes.part", "a user's own");
    reopen();
    ck_assert(!weir__files_exist(files, part));
    weir__free(part);
    part = weir__asprintf("%s/notes.part", root);
    ck_assert(weir__files_exist(files, part));
    weir__free(part);
}
END_TEST

START_TEST(an_unfinished_checkpoint_is_in_no_list)
{
    write_checkpoint(1);
    struct weir__checkpoint_writer *writer = begin(2);
    expect_list("chk-1");
    finish(writer);
    expect_list("chk-1 chk-2");
}
END_TEST

START_TEST(an_abandoned_checkpoint_leaves_nothing)
{
    struct weir__checkpoint_writer *writer = begin(1);
    char *part = weir__strdup(weir__checkpoint_writer_path(writer));
    ck_assert(weir__files_exist(files, part));
    weir__checkpoint_abandon(writer);
    ck_assert(!weir__files_exist(files, part));
    weir__free(part);
}
END_TEST

START_TEST(latest_is_the_highest_number_and_no_savepoint)
{
    char *path = NULL;
    ck_assert_int_eq(weir__checkpoint_store_latest(store, &path, NULL), WEIR_OK);
    ck_assert_ptr_null(path);
    for (int64_t id = 1; id <= 10; id++) {
        write_checkpoint(id);
    }
    write_savepoint(11, root, "/savepoint-11");
    ck_assert_int_eq(weir__checkpoint_store_latest(store, &path, NULL), WEIR_OK);
    ck_assert_str_eq(path + strlen(root), "/chk-10");
    weir__free(path);
}
END_TEST

START_TEST(retain_keeps_the_last_ones)
{
    for (int64_t id = 1; id <= 5; id++) {
        write_checkpoint(id);
    }
    ck_assert_int_eq(weir__checkpoint_store_retain(store, 3, NULL, NULL, NULL), WEIR_OK);
    expect_list("chk-3 chk-4 chk-5");
    ck_assert_int_eq(weir__checkpoint_store_retain(store, 0, NULL, NULL, NULL), WEIR_OK);
    expect_list("chk-5");
}
END_TEST

static bool is_two(void *user, int64_t id)
{
    (void)user;
    return id == 2;
}

START_TEST(retain_keeps_what_somebody_needs)
{
    for (int64_t id = 1; id <= 5; id++) {
        write_checkpoint(id);
    }
    ck_assert_int_eq(weir__checkpoint_store_retain(store, 1, is_two, NULL, NULL), WEIR_OK);
    expect_list("chk-2 chk-5");
}
END_TEST

START_TEST(retain_leaves_savepoints_alone)
{
    write_savepoint(1, root, "/savepoint-1");
    write_checkpoint(2);
    write_checkpoint(3);
    ck_assert_int_eq(weir__checkpoint_store_retain(store, 1, NULL, NULL, NULL), WEIR_OK);
    expect_list("savepoint-1 chk-3");
}
END_TEST

START_TEST(a_savepoint_lies_in_its_own_directory_and_never_replaces_one)
{
    char *target = weir__asprintf("%s/keep", root);
    write_savepoint(4, target, "/keep/savepoint-4");
    write_savepoint(4, target, "/keep/savepoint-4-2");
    char *path = weir__asprintf("%s/savepoint-4-2", target);
    struct weir__checkpoint checkpoint;
    ck_assert_int_eq(weir__checkpoint_load(files, path, &checkpoint, NULL), WEIR_OK);
    ck_assert_int_eq(checkpoint.kind, WEIR__SAVEPOINT);
    weir__checkpoint_fini(&checkpoint);
    weir__free(path);
    weir__free(target);
}
END_TEST

START_TEST(attachments_are_part_of_the_checkpoint)
{
    struct weir__checkpoint checkpoint;
    struct weir__checkpoint_writer *writer = begin(1);
    char *inner = weir__asprintf("%s/rocks/counts-0", weir__checkpoint_writer_path(writer));
    ck_assert_int_eq(weir__files_make_directory(files, inner, NULL), WEIR_OK);
    put_file(inner, "000012.sst", "sorted strings");
    weir__free(inner);
    finish(writer);
    load(1, &checkpoint);
    ck_assert_uint_eq(checkpoint.attachments.count, 1);
    ck_assert_str_eq(weir__checkpoint_attachment(&checkpoint, 0)->name,
                     "rocks/counts-0/000012.sst");
    ck_assert_int_eq(weir__checkpoint_attachment(&checkpoint, 0)->size, 14);
    ck_assert_int_eq(weir__checkpoint_size(&checkpoint), 12 + 14);
    weir__checkpoint_fini(&checkpoint);
}
END_TEST

START_TEST(a_linked_attachment_is_known_from_the_checkpoint_before)
{
    struct weir__checkpoint checkpoint;
    struct weir__checkpoint_writer *first = begin(1);
    put_file(weir__checkpoint_writer_path(first), "sst", "sorted strings");
    finish(first);
    struct weir__checkpoint_writer *second = begin(2);
    char *from = weir__asprintf("%s/chk-1/sst", root);
    char *to = weir__asprintf("%s/sst", weir__checkpoint_writer_path(second));
    ck_assert_int_eq(link(from, to), 0);
    put_file(weir__checkpoint_writer_path(second), "other", "another one");
    finish(second);
    load(2, &checkpoint);
    ck_assert_uint_eq(checkpoint.attachments.count, 2);
    weir__checkpoint_fini(&checkpoint);
    weir__free(from);
    weir__free(to);
}
END_TEST

START_TEST(what_is_no_checkpoint_is_not_found)
{
    struct weir_error error = {0};
    struct weir__checkpoint checkpoint;
    char *path = weir__checkpoint_store_path(store, 9);
    ck_assert_int_eq(weir__checkpoint_load(files, path, &checkpoint, &error), WEIR_NOT_FOUND);
    ck_assert_str_eq(error.where, path);
    ck_assert_str_eq(error.message, "expected the directory of a checkpoint, found nothing. `weir "
                                    "checkpoint list DIR` shows those of DIR");
    weir__free(path);
}
END_TEST

START_TEST(an_entry_that_could_not_be_read_back_is_not_published)
{
    struct weir_error error = {0};
    struct weir__checkpoint_writer *writer = begin(1);
    struct weir__checkpoint_entry wrong = {"id", "name", 3, 2, 128, WEIR_STR("x"), 0};
    ck_assert_int_eq(weir__checkpoint_add(writer, &wrong, NULL), WEIR_OK);
    ck_assert_int_eq(weir__checkpoint_finish(writer, &job, NULL, NULL, &error), WEIR_LIMIT);
    expect_list("");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime checkpoint store");
    TCase *tests = tcase_create("store");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, what_was_written_is_loaded);
    tcase_add_test(tests, metadata_alone_tells_lengths);
    tcase_add_test(tests, ids_go_on_above_what_is_there_or_was_begun);
    tcase_add_test(tests, an_unfinished_checkpoint_is_removed_when_the_store_is_opened);
    tcase_add_test(tests, an_unfinished_checkpoint_is_in_no_list);
    tcase_add_test(tests, an_abandoned_checkpoint_leaves_nothing);
    tcase_add_test(tests, latest_is_the_highest_number_and_no_savepoint);
    tcase_add_test(tests, retain_keeps_the_last_ones);
    tcase_add_test(tests, retain_keeps_what_somebody_needs);
    tcase_add_test(tests, retain_leaves_savepoints_alone);
    tcase_add_test(tests, a_savepoint_lies_in_its_own_directory_and_never_replaces_one);
    tcase_add_test(tests, attachments_are_part_of_the_checkpoint);
    tcase_add_test(tests, a_linked_attachment_is_known_from_the_checkpoint_before);
    tcase_add_test(tests, what_is_no_checkpoint_is_not_found);
    tcase_add_test(tests, an_entry_that_could_not_be_read_back_is_not_published);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

/*
 * The system's files: what is written is there, errors name the path and say what to do.
 */
#include "base/files.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct weir__files *const files = &weir__real_files;
static char root[] = "/tmp/weir-test-files-XXXXXX";

static void make_root(void)
{
    ck_assert_ptr_nonnull(mkdtemp(root));
}

static void remove_root(void)
{
    ck_assert_int_eq(weir__files_remove_tree(files, root, NULL), WEIR_OK);
}

/* Valid until the next but one call. */
static const char *in_root(const char *name)
{
    static char paths[2][200];
    static int turn;
    turn = !turn;
    snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", root, name);
    return paths[turn];
}

static void put(const char *name, const char *text)
{
    struct weir__file file;
    ck_assert_int_eq(weir__file_create(files, in_root(name), &file, NULL), WEIR_OK);
    ck_assert_int_eq(weir__file_write(&file, text, strlen(text), NULL), WEIR_OK);
    ck_assert_int_eq(weir__file_sync(&file, NULL), WEIR_OK);
    ck_assert_int_eq(weir__file_close(&file, NULL), WEIR_OK);
}

static void expect(const char *name, const char *text)
{
    struct weir__buf buf = {0};
    ck_assert_int_eq(weir__files_read(files, in_root(name), 1000, &buf, NULL), WEIR_OK);
    ck_assert(weir_str_equals((struct weir_str){buf.data, (uint32_t)buf.len}, text));
    weir__buf_fini(&buf);
}

START_TEST(what_is_written_is_read_back)
{
    put("a", "first");
    put("a", "second");
    expect("a", "second");
    put("empty", "");
    expect("empty", "");
}
END_TEST

START_TEST(append_adds_and_truncate_cuts)
{
    struct weir__file file;
    put("a", "one");
    ck_assert_int_eq(weir__file_append(files, in_root("a"), &file, NULL), WEIR_OK);
    ck_assert_int_eq(weir__file_write(&file, "two", 3, NULL), WEIR_OK);
    ck_assert_int_eq(weir__file_close(&file, NULL), WEIR_OK);
    expect("a", "onetwo");
    ck_assert_int_eq(weir__files_truncate(files, in_root("a"), 2, NULL), WEIR_OK);
    expect("a", "on");
}
END_TEST

START_TEST(rename_replaces_what_has_the_name)
{
    put("a", "new");
    put("b", "old");
    ck_assert_int_eq(weir__files_rename(files, in_root("a"), in_root("b"), NULL), WEIR_OK);
    expect("b", "new");
    ck_assert(!weir__files_exist(files, in_root("a")));
}
END_TEST

START_TEST(directories_are_made_with_those_above_and_listed_by_name)
{
    struct weir__vec entries;
    ck_assert_int_eq(weir__files_make_directory(files, in_root("x/y/z"), NULL), WEIR_OK);
    ck_assert_int_eq(weir__files_make_directory(files, in_root("x/y/z"), NULL), WEIR_OK);
    put("x/b", "12345");
    put("x/a", "");
    ck_assert_int_eq(weir__files_list(files, in_root("x"), &entries, NULL), WEIR_OK);
    ck_assert_uint_eq(entries.count, 3);
    const struct weir__files_entry *entry = entries.items;
    ck_assert_str_eq(entry[0].name, "a");
    ck_assert_str_eq(entry[1].name, "b");
    ck_assert_int_eq(entry[1].info.size, 5);
    ck_assert(!entry[1].info.directory);
    ck_assert(entry[2].info.directory);
    weir__files_list_fini(&entries);
}
END_TEST

START_TEST(a_relative_path_has_the_working_directory_as_parent)
{
    ck_assert_int_eq(chdir(root), 0);
    ck_assert_int_eq(weir__files_make_directory(files, "p/q/", NULL), WEIR_OK);
    ck_assert_int_eq(weir__files_sync_parent(files, "p", NULL), WEIR_OK);
    ck_assert(weir__files_exist(files, in_root("p/q")));
    ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(a_link_is_removed_and_not_followed)
{
    ck_assert_int_eq(weir__files_make_directory(files, in_root("kept"), NULL), WEIR_OK);
    ck_assert_int_eq(weir__files_make_directory(files, in_root("gone"), NULL), WEIR_OK);
    put("kept/a", "a");
    ck_assert_int_eq(symlink(in_root("kept"), in_root("gone/link")), 0);
    ck_assert_int_eq(weir__files_remove_tree(files, in_root("gone"), NULL), WEIR_OK);
    ck_assert(!weir__files_exist(files, in_root("gone")));
    expect("kept/a", "a");
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
    struct weir__file file;
    struct weir__vec entries;
    struct weir__buf buf = {0};
    const char *path = in_root("none");
    ck_assert_int_eq(weir__file_open(files, path, &file, NULL), WEIR_NOT_FOUND);
    ck_assert_int_eq(weir__files_read(files, path, 10, &buf, NULL), WEIR_NOT_FOUND);
    ck_assert_int_eq(weir__files_list(files, path, &entries, NULL), WEIR_NOT_FOUND);
    ck_assert_uint_eq(entries.count, 0);
    ck_assert_int_eq(weir__files_remove_tree(files, path, NULL), WEIR_NOT_FOUND);
    ck_assert_int_eq(weir__files_unlink(files, path, NULL), WEIR_NOT_FOUND);
}
END_TEST

START_TEST(an_error_names_the_path_and_says_what_to_do)
{
    struct weir_error error = {0};
    put("file", "");
    ck_assert_int_eq(weir__files_make_directory(files, in_root("file/inside"), &error), WEIR_IO);
    ck_assert_str_eq(error.where, in_root("file"));
    ck_assert_str_eq(error.message, "cannot make the directory: File exists; a file has this name, "
                                    "choose another");
}
END_TEST

START_TEST(a_full_device_is_told_with_what_to_do)
{
    struct weir_error error = {0};
    struct weir__file file;
    ck_assert_int_eq(weir__file_append(files, "/dev/full", &file, NULL), WEIR_OK);
    ck_assert_int_eq(weir__file_write(&file, "x", 1, &error), WEIR_IO);
    ck_assert_str_eq(error.where, "/dev/full");
    ck_assert_str_eq(error.message, "cannot write: No space left on device; free some space, or "
                                    "choose a directory on another disk");
    weir__file_discard(&file);
}
END_TEST

START_TEST(a_file_above_the_limit_is_not_read)
{
    struct weir__buf buf = {0};
    struct weir_error error = {0};
    put("a", "12345");
    ck_assert_int_eq(weir__files_read(files, in_root("a"), 4, &buf, &error), WEIR_LIMIT);
    ck_assert_str_eq(error.message, "expected a file of at most 4 bytes, found 5");
    ck_assert_ptr_null(buf.data);
    ck_assert_int_eq(weir__files_read(files, in_root("a"), 5, &buf, NULL), WEIR_OK);
    weir__buf_fini(&buf);
}
END_TEST

START_TEST(two_names_of_one_file_have_the_same_identity)
{
    struct weir__file_info a;
    struct weir__file_info b;
    put("a", "a");
    put("c", "a");
    ck_assert_int_eq(link(in_root("a"), in_root("b")), 0);
    ck_assert_int_eq(weir__files_info(files, in_root("a"), &a, NULL), WEIR_OK);
    ck_assert_int_eq(weir__files_info(files, in_root("b"), &b, NULL), WEIR_OK);
    ck_assert(a.identity == b.identity);
    ck_assert_int_eq(weir__files_info(files, in_root("c"), &b, NULL), WEIR_OK);
    ck_assert(a.identity != b.identity);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base files");
    TCase *tests = tcase_create("files");
    tcase_add_checked_fixture(tests, make_root, remove_root);
    tcase_add_test(tests, what_is_written_is_read_back);
    tcase_add_test(tests, append_adds_and_truncate_cuts);
    tcase_add_test(tests, rename_replaces_what_has_the_name);
    tcase_add_test(tests, directories_are_made_with_those_above_and_listed_by_name);
    tcase_add_test(tests, a_relative_path_has_the_working_directory_as_parent);
    tcase_add_test(tests, a_link_is_removed_and_not_followed);
    tcase_add_test(tests, what_is_not_there_is_not_found);
    tcase_add_test(tests, an_error_names_the_path_and_says_what_to_do);
    tcase_add_test(tests, a_full_device_is_told_with_what_to_do);
    tcase_add_test(tests, a_file_above_the_limit_is_not_read);
    tcase_add_test(tests, two_names_of_one_file_have_the_same_identity);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

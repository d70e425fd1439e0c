/*
 * `weir checkpoint`: what it shows of whole and damaged checkpoints, and how it ends.
 */
#include "base/mem.h"
#include "commands.h"
#include "runtime/checkpoint_store.h"
#include "tests/scratch.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct weir__files *const files = &weir__real_files;
static char root[SCRATCH_PATH];
static char outputs[SCRATCH_PATH];
static struct weir__buf out; /* what the last call printed, NUL-terminated */
static struct weir__buf err;

static void write_one(struct weir__checkpoint_store *store, int64_t id,
                      enum weir__checkpoint_kind kind)
{
    struct weir__checkpoint_job job = {"page-views", "0af3", 1700000000000 + id, true};
    static const struct weir__checkpoint_entry entries[] = {
        {"clicks", "Source: clicks", 0, 1, 128, WEIR_STR("offset 42"), 0},
        {"counts", "page \x1b[31mviews", 0, 2, 128, WEIR_STR("abc"), 0},
        {"counts", "page \x1b[31mviews", 1, 2, 128, WEIR_STR("de"), 0},
    };
    struct weir__checkpoint_writer *writer;
    ck_assert_int_eq(weir__checkpoint_begin(store, id, kind, kind == WEIR__SAVEPOINT ? root : NULL,
                                            &writer, NULL),
                     WEIR_OK);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(weir__checkpoint_add(writer, &entries[i], NULL), WEIR_OK);
    }
    ck_assert_int_eq(weir__checkpoint_finish(writer, &job, NULL, NULL, NULL), WEIR_OK);
}

static void setup(void)
{
    struct weir__checkpoint_store *store;
    scratch_make(root, "checkpoint");
    scratch_make(outputs, "outputs");
    ck_assert_int_eq(weir__checkpoint_store_open(files, root, &store, NULL), WEIR_OK);
    write_one(store, 6, WEIR__CHECKPOINT);
    write_one(store, 7, WEIR__SAVEPOINT);
    write_one(store, 8, WEIR__CHECKPOINT);
    weir__checkpoint_store_close(store);
}

static void teardown(void)
{
    ck_assert_int_eq(weir__files_remove_tree(files, root, NULL), WEIR_OK);
    ck_assert_int_eq(weir__files_remove_tree(files, outputs, NULL), WEIR_OK);
    weir__buf_fini(&out);
    weir__buf_fini(&err);
}

static void read_output(const char *name, struct weir__buf *buf)
{
    char *path = weir__asprintf("%s/%s", outputs, name);
    buf->len = 0;
    ck_assert_int_eq(weir__files_read(files, path, 100000, buf, NULL), WEIR_OK);
    weir__buf_put_u8(buf, 0);
    weir__free(path);
}

/* Points a standard stream at a file; returns what it was. */
static int redirect(FILE *stream, const char *name)
{
    char *path = weir__asprintf("%s/%s", outputs, name);
    fflush(stream);
    int before = dup(fileno(stream));
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    dup2(fileno(file), fileno(stream));
    fclose(file);
    weir__free(path);
    return before;
}

static void restore(FILE *stream, int before)
{
    fflush(stream);
    dup2(before, fileno(stream));
    close(before);
}

/* Calls it with up to three arguments, NULL after the last; `below` is appended to the root. */
static int call(const char *action, const char *option, const char *below)
{
    char *directory = weir__asprintf("%s%s", root, below);
    char *arguments[] = {"weir checkpoint", (char *)action, directory, (char *)option, NULL};
    int old_out = redirect(stdout, "out");
    int old_err = redirect(stderr, "err");
    int status = weir_checkpoint_main(option != NULL ? 4 : 3, arguments);
    restore(stdout, old_out);
    restore(stderr, old_err);
    read_output("out", &out);
    read_output("err", &err);
    weir__free(directory);
    return status;
}

/* The text with "ROOT" for the directory, which has another name each time. */
static void expect(const struct weir__buf *shown, const char *expected)
{
    struct weir__buf text = {0};
    for (const char *at = shown->data; *at != '\0';) {
        bool here = strncmp(at, root, strlen(root)) == 0;
        weir__buf_put(&text, here ? "ROOT" : at, here ? 4 : 1);
        at += here ? strlen(root) : 1;
    }
    weir__buf_put_u8(&text, 0);
    ck_assert_str_eq(text.data, expected);
    weir__buf_fini(&text);
}

static void damage(const char *name)
{
    char *path = weir__asprintf("%s/%s", root, name);
    ck_assert_int_eq(weir__files_truncate(files, path, 12, NULL), WEIR_OK);
    weir__free(path);
}

START_TEST(list_shows_a_line_each)
{
    damage("chk-6/state");
    damage("chk-8/_metadata");
    ck_assert_int_eq(call("list", NULL, ""), 0);
    expect(&out,
           "    ID  KIND        TIME                      OPERATORS         BYTES  STATE    PATH\n"
           "     6  checkpoint  2023-11-14T22:13:20.006Z          2            14  damaged  "
           "ROOT/chk-6\n"
           "     7  savepoint   2023-11-14T22:13:20.007Z          2            14  ok       "
           "ROOT/savepoint-7\n"
           "     8  checkpoint  -                                 -             -  damaged  "
           "ROOT/chk-8\n");
}
END_TEST

START_TEST(list_as_json)
{
    ck_assert_int_eq(call("list", "--json", "/chk-6"), 0);
    expect(&out, "{\"checkpoints\":[{\"id\":6,\"kind\":\"checkpoint\",\"path\":\"ROOT/chk-6\","
                 "\"state\":\"ok\",\"file\":null,\"damage\":null,\"job\":\"page-views\","
                 "\"job_id\":\"0af3\",\"timestamp\":1700000000006,\"exactly_once\":true,"
                 "\"operators\":2,\"bytes\":14}]}\n");
}
END_TEST

START_TEST(show_shows_the_newest_in_full_and_nothing_raw)
{
    ck_assert_int_eq(call("show", NULL, ""), 0);
    expect(&out, "checkpoint 8\n"
                 "  path       ROOT/chk-8\n"
                 "  job        page-views (0af3)\n"
                 "  time       2023-11-14T22:13:20.008Z\n"
                 "  mode       exactly once\n"
                 "  operators  2\n"
                 "  bytes      14\n"
                 "  state      ok\n"
                 "\n"
                 "  SUBTASK  KEY GROUPS         BYTES  CHECKSUM  OPERATOR\n"
                 "   0 of 1         128             9  e8b8de36  Source: clicks (clicks)\n"
                 "   0 of 2         128             3  352441c2  page \\x1b[31mviews (counts)\n"
                 "   1 of 2         128             2  7d90298b  page \\x1b[31mviews (counts)\n");
    expect(&err, "");
}
END_TEST

START_TEST(show_as_json_has_entries_and_attachments)
{
    ck_assert_int_eq(call("show", "--json", "/savepoint-7"), 0);
    ck_assert_ptr_nonnull(strstr(out.data, "{\"checkpoint\":{\"id\":7,\"kind\":\"savepoint\","));
    ck_assert_ptr_nonnull(strstr(out.data,
                                 "\"entries\":[{\"operator_id\":\"clicks\",\"name\":\"Source: "
                                 "clicks\",\"subtask\":0,\"parallelism\":1,\"max_parallelism\":128,"
                                 "\"bytes\":9,\"checksum\":"));
    ck_assert_ptr_nonnull(strstr(out.data, "\"attachments\":[]}\n"));
}
END_TEST

START_TEST(verify_of_whole_ones_succeeds)
{
    ck_assert_int_eq(call("verify", NULL, ""), 0);
    expect(&out, "ROOT/chk-6: ok\nROOT/savepoint-7: ok\nROOT/chk-8: ok\n");
    expect(&err, "");
}
END_TEST

START_TEST(verify_of_a_damaged_one_fails_and_says_which_file)
{
    damage("chk-8/state");
    ck_assert_int_eq(call("verify", NULL, ""), 1);
    expect(&out, "ROOT/chk-6: ok\nROOT/savepoint-7: ok\nROOT/chk-8: damaged\n");
    expect(&err,
           "weir checkpoint: ROOT/chk-8/state: the checkpoint is damaged: expected 22 bytes, "
           "found 12. To start from an older one, add --from DIR/chk-N; `weir checkpoint list "
           "ROOT` says which are whole\n");
}
END_TEST

START_TEST(show_of_a_damaged_one_fails)
{
    damage("chk-8/_metadata");
    ck_assert_int_eq(call("show", NULL, "/chk-8"), 1);
    ck_assert_ptr_nonnull(strstr(out.data, "  state      damaged\n"));
    ck_assert_ptr_nonnull(strstr(err.data, "chk-8/_metadata: the checkpoint is damaged: it is cut "
                                           "short"));
}
END_TEST

START_TEST(a_directory_without_checkpoints_is_a_failure)
{
    ck_assert_int_eq(call("list", NULL, "/none"), 1);
    expect(&err, "weir checkpoint: ROOT/none: cannot list the directory: No such file or "
                 "directory\n");
    ck_assert_int_eq(call("verify", NULL, "/../"), 1);
    ck_assert_ptr_nonnull(strstr(err.data, "expected chk-N or savepoint-N in it, found none"));
}
END_TEST

START_TEST(an_unknown_action_is_misuse)
{
    ck_assert_int_eq(call("remove", NULL, ""), 2);
    ck_assert_ptr_nonnull(strstr(err.data, "expected list, show or verify"));
    ck_assert_int_eq(call("list", "--nonsense", ""), 2);
    ck_assert_int_eq(call("list", "two", ""), 2);
}
END_TEST

START_TEST(help_succeeds)
{
    ck_assert_int_eq(call("list", "--help", ""), 0);
    ck_assert_ptr_nonnull(strstr(out.data, "Usage: weir checkpoint list|show|verify"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checkpoint command");
    TCase *tests = tcase_create("checkpoint");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, list_shows_a_line_each);
    tcase_add_test(tests, list_as_json);
    tcase_add_test(tests, show_shows_the_newest_in_full_and_nothing_raw);
    tcase_add_test(tests, show_as_json_has_entries_and_attachments);
    tcase_add_test(tests, verify_of_whole_ones_succeeds);
    tcase_add_test(tests, verify_of_a_damaged_one_fails_and_says_which_file);
    tcase_add_test(tests, show_of_a_damaged_one_fails);
    tcase_add_test(tests, a_directory_without_checkpoints_is_a_failure);
    tcase_add_test(tests, an_unknown_action_is_misuse);
    tcase_add_test(tests, help_succeeds);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

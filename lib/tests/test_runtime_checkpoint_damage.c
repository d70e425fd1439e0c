/*
 * A damaged checkpoint (FAULTS.md, row 2): cut at any byte, or with any bit flipped, in any of its
 * files, it is refused by name, with what to do. Metadata that a checksum cannot find wrong,
 * because somebody forged it, allocates nothing that is not there.
 */
#include "base/checksum.h"
#include "base/mem.h"
#include "base/rand.h"
#include "random_cases.h"
#include "runtime/checkpoint_store.h"
#include "testkit/sim_files.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct weir__sim_files *sim;
static struct weir__files *files;
static const char path[] = "jobs/chk-1";
static const char *const names[] = {"_metadata", "state", "db/sst"};

static void write_file(const char *name, const char *bytes, size_t len)
{
    struct weir__file file;
    ck_assert_int_eq(weir__file_create(files, name, &file, NULL), WEIR_OK);
    ck_assert_int_eq(weir__file_write(&file, bytes, len, NULL), WEIR_OK);
    ck_assert_int_eq(weir__file_close(&file, NULL), WEIR_OK);
}

static void add_attachment(const struct weir__checkpoint_writer *writer)
{
    char *directory = weir__asprintf("%s/db", weir__checkpoint_writer_path(writer));
    char *name = weir__asprintf("%s/sst", directory);
    ck_assert_int_eq(weir__files_make_directory(files, directory, NULL), WEIR_OK);
    write_file(name, "rows", 4);
    weir__free(name);
    weir__free(directory);
}

static void setup(void)
{
    static const struct weir__checkpoint_job job = {"views", "a1", 1700000000000, true};
    static const struct weir__checkpoint_entry entries[] = {
        {"src", "clicks", 0, 1, 4, WEIR_STR("at 7"), 0},
        {"cnt", "counts", 0, 2, 4, WEIR_STR("{a:1}"), 0},
        {"cnt", "counts", 1, 2, 4, WEIR_STR(""), 0},
    };
    struct weir__checkpoint_store *store;
    struct weir__checkpoint_writer *writer;
    sim = weir__sim_files_new(1);
    files = weir__sim_files_table(sim);
    ck_assert_int_eq(weir__checkpoint_store_open(files, "jobs", &store, NULL), WEIR_OK);
    ck_assert_int_eq(weir__checkpoint_begin(store, 1, WEIR__CHECKPOINT, NULL, &writer, NULL),
                     WEIR_OK);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(weir__checkpoint_add(writer, &entries[i], NULL), WEIR_OK);
    }
    add_attachment(writer);
    ck_assert_int_eq(weir__checkpoint_finish(writer, &job, NULL, NULL, NULL), WEIR_OK);
    weir__checkpoint_store_close(store);
}

static void teardown(void)
{
    weir__sim_files_free(sim);
}

/* One of the checkpoint's files. Owned by the caller. */
static char *file_name(size_t i)
{
    return weir__asprintf("%s/%s", path, names[i]);
}

static struct weir__buf read_file(const char *name)
{
    struct weir__buf bytes = {0};
    ck_assert_int_eq(weir__files_read(files, name, 100000, &bytes, NULL), WEIR_OK);
    return bytes;
}

static void expect_refusal(const char *name, const char *what, size_t at)
{
    struct weir__checkpoint checkpoint;
    struct weir_error error = {0};
    ck_assert_msg(weir__checkpoint_load(files, path, &checkpoint, &error) == WEIR_CORRUPT,
                  "%s, %s at %zu: not found", name, what, at);
    ck_assert_msg(strcmp(error.where, name) == 0, "%s, %s at %zu: blames %s", name, what, at,
                  error.where);
    ck_assert_ptr_eq(strstr(error.message, "the checkpoint is damaged: "), error.message);
    ck_assert_ptr_nonnull(strstr(error.message, "`weir checkpoint list jobs`"));
    ck_assert_ptr_nonnull(strstr(error.message, "--from DIR/chk-N"));
    ck_assert_uint_eq(checkpoint.entries.count, 0);
    ck_assert_int_eq(weir__checkpoint_verify(files, path, &error), WEIR_CORRUPT);
}

START_TEST(an_undamaged_one_is_loaded)
{
    struct weir__checkpoint checkpoint;
    ck_assert_int_eq(weir__checkpoint_load(files, path, &checkpoint, NULL), WEIR_OK);
    ck_assert_int_eq(weir__checkpoint_verify(files, path, NULL), WEIR_OK);
    weir__checkpoint_fini(&checkpoint);
}
END_TEST

START_TEST(faults_row_2_a_file_cut_at_any_byte_is_refused_by_name)
{
    char *name = file_name((size_t)_i);
    struct weir__buf bytes = read_file(name);
    for (size_t len = 0; len < bytes.len; len++) {
        write_file(name, bytes.data, len);
        expect_refusal(name, "cut", len);
    }
    weir__buf_fini(&bytes);
    weir__free(name);
}
END_TEST

START_TEST(faults_row_2_any_flipped_bit_is_refused_by_name)
{
    char *name = file_name((size_t)_i);
    struct weir__buf bytes = read_file(name);
    for (size_t bit = 0; bit < bytes.len * 8; bit++) {
        bytes.data[bit / 8] ^= (char)(1 << (bit % 8));
        write_file(name, bytes.data, bytes.len);
        expect_refusal(name, "bit flipped", bit);
        bytes.data[bit / 8] ^= (char)(1 << (bit % 8));
    }
    weir__buf_fini(&bytes);
    weir__free(name);
}
END_TEST

START_TEST(faults_row_2_a_file_with_something_behind_it_is_refused_by_name)
{
    char *name = file_name((size_t)_i);
    struct weir__buf bytes = read_file(name);
    weir__buf_put_u8(&bytes, 0);
    write_file(name, bytes.data, bytes.len);
    expect_refusal(name, "a byte more", bytes.len);
    weir__buf_fini(&bytes);
    weir__free(name);
}
END_TEST

START_TEST(faults_row_2_a_missing_file_is_refused_by_name)
{
    char *name = file_name((size_t)_i);
    ck_assert_int_eq(weir__files_unlink(files, name, NULL), WEIR_OK);
    expect_refusal(name, "missing", 0);
    weir__free(name);
}
END_TEST

/* Puts the right checksum at the end: only what it says can be wrong then. */
static void forge(struct weir__buf *bytes)
{
    bytes->len -= 4;
    weir__buf_put_u32(bytes, weir__checksum(0, bytes->data, bytes->len));
}

START_TEST(another_version_is_not_called_damage)
{
    struct weir_error error = {0};
    char *name = file_name(0);
    struct weir__buf bytes = read_file(name);
    bytes.data[8] = 2;
    forge(&bytes);
    write_file(name, bytes.data, bytes.len);
    ck_assert_int_eq(weir__checkpoint_verify(files, path, &error), WEIR_UNSUPPORTED);
    ck_assert_str_eq(error.where, name);
    ck_assert_str_eq(error.message, "it has format version 2, and this program reads version 1; "
                                    "use the program that wrote it, or a newer one");
    weir__buf_fini(&bytes);
    weir__free(name);
}
END_TEST

/* Changes some bytes; under a sanitizer nothing may happen but a refusal, or a load. */
START_TEST(forged_metadata_is_read_safely)
{
    char *name = file_name(0);
    struct weir__buf bytes = read_file(name);
    struct random_cases cases = random_cases("forged metadata", 3000);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct weir__rand rand;
        struct weir__checkpoint checkpoint = {0};
        struct weir__buf forged = {0};
        weir__rand_init(&rand, seed);
        weir__buf_put(&forged, bytes.data, bytes.len);
        for (uint64_t n = 1 + weir__rand_below(&rand, 4); n > 0; n--) {
            size_t at = 16 + weir__rand_below(&rand, forged.len - 20);
            forged.data[at] = (char)weir__rand_next(&rand);
        }
        forge(&forged);
        enum weir_status status = weir__checkpoint_decode(
            (struct weir_str){forged.data, (uint32_t)forged.len}, &checkpoint, NULL);
        ck_assert(status == WEIR_OK || status == WEIR_CORRUPT);
        for (size_t i = 0; status == WEIR_OK && i < checkpoint.attachments.count; i++) {
            const char *attachment = weir__checkpoint_attachment(&checkpoint, i)->name;
            ck_assert_msg(attachment[0] != '/' && strstr(attachment, "../") == NULL,
                          "seed %llu: %s", (unsigned long long)seed, attachment);
        }
        weir__checkpoint_fini(&checkpoint);
        weir__buf_fini(&forged);
    }
    weir__buf_fini(&bytes);
    weir__free(name);
}
END_TEST

/* An entry of 4 GiB that is not there: told by the length of the file, before any allocation. */
START_TEST(a_forged_length_allocates_nothing)
{
    struct weir__checkpoint checkpoint = {.id = 1,
                                          .job = {"views", "a1", 0, true},
                                          .entries = WEIR__VEC_OF(struct weir__checkpoint_entry),
                                          .attachments = WEIR__VEC_OF(int)};
    struct weir__checkpoint_entry huge = {"src", "clicks", 0, 1, 4, {NULL, UINT32_MAX}, 0};
    struct weir__buf bytes = {0};
    char *name = file_name(0);
    char *state = file_name(1);
    for (int i = 0; i < 1000; i++) {
        weir__vec_push(&checkpoint.entries, &huge);
    }
    weir__checkpoint_encode(&checkpoint, &bytes);
    write_file(name, bytes.data, bytes.len);
    expect_refusal(state, "too short", 0);
    weir__vec_fini(&checkpoint.entries);
    weir__buf_fini(&bytes);
    weir__free(name);
    weir__free(state);
}
END_TEST

int main(void)
{
    enum { FILES = sizeof(names) / sizeof(names[0]) };
    Suite *suite = suite_create("runtime checkpoint damage");
    TCase *tests = tcase_create("damage");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, an_undamaged_one_is_loaded);
    tcase_add_loop_test(tests, faults_row_2_a_file_cut_at_any_byte_is_refused_by_name, 0, FILES);
    tcase_add_loop_test(tests, faults_row_2_any_flipped_bit_is_refused_by_name, 0, FILES);
    tcase_add_loop_test(tests, faults_row_2_a_file_with_something_behind_it_is_refused_by_name, 0,
                        FILES);
    tcase_add_loop_test(tests, faults_row_2_a_missing_file_is_refused_by_name, 0, FILES);
    tcase_add_test(tests, another_version_is_not_called_damage);
    tcase_add_test(tests, forged_metadata_is_read_safely);
    tcase_add_test(tests, a_forged_length_allocates_nothing);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

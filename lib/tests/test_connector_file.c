/*
 * The file source: lines, byte ranges, bad lines, positions, pipes.
 */
#include "source_output.h"

#include "base/rand.h"
#include "connector/line_reader.h"

#include <weir/connectors.h>

#include <check.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define POINT_FIELDS(F, T)                                                                         \
    F(T, string, name, "name", required)                                                           \
    F(T, int64, x, "x", required)
WEIR_DECLARE_TYPE(point, POINT_FIELDS);
WEIR_DEFINE_TYPE(point, POINT_FIELDS);

static const struct weir_source_context alone = {.parallelism = 1, .clock = &weir_system_clock};
static char path[] = "/tmp/weir-test-file-XXXXXX";

static void write_file(const char *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(len > 0 ? fwrite(bytes, 1, len, file) : 0, len);
    ck_assert_int_eq(fclose(file), 0);
}

static void make_file(void)
{
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void remove_file(void)
{
    unlink(path);
}

static weir_source *text_file(int splits)
{
    return weir_file_source(
        &(struct weir_file_source_config){.path = path, .format = weir_text(), .splits = splits});
}

static void expect_lines(const char *content, const char *expected)
{
    write_file(content, strlen(content));
    weir_source *source = text_file(1);
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = source_reader_open(source, &alone);
    ck_assert_int_eq(source_reader_drain(&reader, &out, 2), WEIR_POLL_END);
    ck_assert_str_eq(out.log.data, expected);
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}

START_TEST(lines_come_in_order)
{
    expect_lines("one\ntwo\nthree\n", "+0 0:\"one\" 0:\"two\" 0:\"three\" -0 ");
}
END_TEST

START_TEST(last_line_needs_no_newline)
{
    expect_lines("one\ntwo", "+0 0:\"one\" 0:\"two\" -0 ");
}
END_TEST

START_TEST(carriage_return_before_newline_is_not_part_of_the_line)
{
    expect_lines("one\r\nt\rwo\r\n", "+0 0:\"one\" 0:\"t\\rwo\" -0 ");
}
END_TEST

START_TEST(empty_lines_are_lines)
{
    expect_lines("\n\na\n", "+0 0:\"\" 0:\"\" 0:\"a\" -0 ");
}
END_TEST

START_TEST(empty_file_ends_at_once)
{
    expect_lines("", "+0 -0 ");
}
END_TEST

/* ---- byte ranges ---- */

/* Lines 0, 1, 2, … of random length, so that every line is known by its number. */
static int write_numbered_lines(struct weir__rand *rand)
{
    struct weir__buf content = {0};
    int lines = (int)weir__rand_below(rand, 40);
    for (int i = 0; i < lines; i++) {
        weir__buf_printf(&content, "%d", i);
        for (uint64_t n = weir__rand_below(rand, 30); n > 0; n--) {
            weir__buf_put_u8(&content, 'x');
        }
        bool last = i == lines - 1;
        if (!last || weir__rand_below(rand, 2) == 0) {
            weir__buf_put_u8(&content, '\n');
        }
    }
    write_file(content.data, content.len);
    weir__buf_fini(&content);
    return lines;
}

static void count_lines(const weir_source_output *out, int *seen, int lines)
{
    for (const char *at = out->values.data; at != NULL && *at != '\0'; at = strchr(at, '\n') + 1) {
        int number = (int)strtol(at + 1, NULL, 10);
        ck_assert_int_lt(number, lines);
        seen[number]++;
    }
}

START_TEST(ranges_together_give_every_line_once)
{
    uint64_t seed = 20240607;
    struct weir__rand rand;
    weir__rand_init(&rand, seed);
    printf("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 300; round++) {
        int seen[40] = {0};
        int lines = write_numbered_lines(&rand);
        int splits = 1 + (int)weir__rand_below(&rand, 12);
        int parallelism = 1 + (int)weir__rand_below(&rand, 4);
        weir_source *source = text_file(splits);
        for (int s = 0; s < parallelism; s++) {
            weir_source_output out = {.type = &weir_string_type};
            struct source_reader reader = source_reader_open(
                source, &(struct weir_source_context){.subtask = s, .parallelism = parallelism});
            ck_assert_int_eq(source_reader_drain(&reader, &out, 3), WEIR_POLL_END);
            count_lines(&out, seen, lines);
            source_reader_close(&reader);
            source_output_fini(&out);
        }
        for (int i = 0; i < lines; i++) {
            ck_assert_msg(seen[i] == 1, "round %d, %d splits: line %d came %d times", round, splits,
                          i, seen[i]);
        }
        source_free(source);
    }
}
END_TEST

START_TEST(reading_resumes_behind_any_line)
{
    weir_source *source;
    write_file("a\nbb\nccc\ndddd\ne\n", 16);
    source = text_file(3);
    for (int before = 0; before <= 8; before++) {
        weir_source_output out = {.type = &weir_string_type};
        struct source_reader first = source_reader_open(source, &alone);
        struct source_reader second = source_reader_open(source, &alone);
        (void)source_reader_poll(&first, &out, before);
        struct weir_str position = source->ops->snapshot(first.reader);
        ck_assert_int_eq(source->ops->restore(second.reader, position, &second.error), WEIR_OK);
        source_reader_drain(&second, &out, 100);
        ck_assert_str_eq(out.values.data, "\"a\"\n\"bb\"\n\"ccc\"\n\"dddd\"\n\"e\"\n");
        source_reader_close(&first);
        source_reader_close(&second);
        source_output_fini(&out);
    }
    source_free(source);
}
END_TEST

/* ---- bad lines ---- */

START_TEST(bad_line_is_a_dead_letter_with_its_place)
{
    const char content[] =
        "{\"name\":\"a\",\"x\":1}\n{\"name\":\"b\",\"x\":true}\n{\"name\":\"c\",\"x\":3}\n";
    char expected[80];
    write_file(content, strlen(content));
    weir_source *source = weir_file_source(
        &(struct weir_file_source_config){.path = path, .format = weir_json(&point_type)});
    weir_source_output out = {.type = &point_type};
    struct source_reader reader = source_reader_open(source, &alone);
    ck_assert_int_eq(source_reader_drain(&reader, &out, 10), WEIR_POLL_END);
    ck_assert_int_eq(out.events, 2);
    ck_assert_int_eq(out.dead_letters, 1);
    ck_assert_int_eq(out.last_reason.code, WEIR_MISMATCH);
    snprintf(expected, sizeof expected, "%s:2:", path);
    ck_assert_msg(strncmp(out.last_reason.where, expected, strlen(expected)) == 0, "where: %s",
                  out.last_reason.where);
    ck_assert_uint_eq(out.last_payload, strlen("{\"name\":\"b\",\"x\":true}"));
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

static long peak_kib(void)
{
    struct rusage usage;
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

/* Fault list, row 10: a message of 100 MB is rejected by name of the limit, and never held. */
START_TEST(a_line_of_100_MB_is_rejected_without_holding_it)
{
    enum { MB = 1000 * 1000 };
    weir_source_output out = {.type = &weir_string_type};
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 100L * MB, SEEK_SET), 0); /* a hole, which reads as zeros */
    ck_assert_int_gt(fprintf(file, "\nafter\n"), 0);
    ck_assert_int_eq(fclose(file), 0);
    long before_kib = peak_kib();
    weir_source *source = text_file(1);
    struct source_reader reader = source_reader_open(source, &alone);
    ck_assert_int_eq(source_reader_drain(&reader, &out, 10), WEIR_POLL_END);
    ck_assert_int_lt(peak_kib() - before_kib, 50L * 1024);
    ck_assert_str_eq(out.values.data, "\"after\"\n");
    ck_assert_int_eq(out.dead_letters, 1);
    ck_assert_int_eq(out.last_reason.code, WEIR_LIMIT);
    ck_assert_ptr_nonnull(strstr(out.last_reason.message, "1048576"));
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

/* Fault list, row 10: too large a message is rejected by name of the limit, and what follows is
 * read. */
START_TEST(too_long_line_is_a_dead_letter_and_the_next_is_read)
{
    for (int range = 0; range < 2; range++) {
        struct weir__buf content = {0};
        weir__buf_printf(&content, "before\n");
        for (int i = 0; i < 3 * WEIR__LINE_LIMIT; i += 16) {
            weir__buf_put(&content, "0123456789abcdef", 16);
        }
        weir__buf_printf(&content, "\nafter\n");
        write_file(content.data, content.len);
        weir_source *source = text_file(range == 0 ? 1 : 4); /* a line longer than whole ranges */
        weir_source_output out = {.type = &weir_string_type};
        struct source_reader reader = source_reader_open(source, &alone);
        ck_assert_int_eq(source_reader_drain(&reader, &out, 10), WEIR_POLL_END);
        ck_assert_str_eq(out.values.data, "\"before\"\n\"after\"\n");
        ck_assert_int_eq(out.dead_letters, 1);
        ck_assert_int_eq(out.last_reason.code, WEIR_LIMIT);
        ck_assert_ptr_nonnull(strstr(out.last_reason.message, "1048576"));
        source_reader_close(&reader);
        source_free(source);
        source_output_fini(&out);
        weir__buf_fini(&content);
    }
}
END_TEST

START_TEST(missing_file_is_named)
{
    weir_source *source = weir_file_source(
        &(struct weir_file_source_config){.path = "/no/such/file", .format = weir_text()});
    struct source_reader reader = source_reader_open(source, &alone);
    ck_assert_int_eq(reader.error.code, WEIR_NOT_FOUND);
    ck_assert_str_eq(reader.error.where, "/no/such/file");
    source_reader_close(&reader);
    source_free(source);
}
END_TEST

START_TEST(directory_fails_when_it_is_read)
{
    weir_source *source =
        weir_file_source(&(struct weir_file_source_config){.path = "/tmp", .format = weir_text()});
    weir_source_output out = {.type = &weir_string_type};
    struct source_reader reader = source_reader_open(source, &alone);
    ck_assert_int_eq(source_reader_drain(&reader, &out, 10), WEIR_POLL_FAILED);
    ck_assert_int_eq(reader.error.code, WEIR_IO);
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

/* ---- a recording that plays in its own time ---- */

static weir_source *recording(const struct weir_field *paced_by)
{
    static const char content[] = "{\"name\":\"a\",\"x\":1000}\n{\"name\":\"b\",\"x\":2000}\nbad\n"
                                  "{\"name\":\"c\",\"x\":1500}\n{\"name\":\"d\",\"x\":3000}\n";
    write_file(content, strlen(content));
    return weir_file_source(&(struct weir_file_source_config){
        .path = path, .format = weir_json(&point_type), .paced_by = paced_by});
}

static void expect_names(weir_source_output *out, const char *expected)
{
    char names[8] = "";
    const char *rest = out->values.data != NULL ? out->values.data : "";
    for (const char *at = strstr(rest, "name\":\""); at != NULL; at = strstr(at, "name\":\"")) {
        at += strlen("name\":\"");
        strncat(names, at, 1);
    }
    ck_assert_str_eq(names, expected);
}

START_TEST(paced_value_waits_for_its_time)
{
    struct weir_manual_clock clock;
    weir_manual_clock_init(&clock, 999);
    weir_source *source = recording(WEIR_FIELD(point, x));
    weir_source_output out = {.type = &point_type};
    struct source_reader reader = source_reader_open(
        source, &(struct weir_source_context){.parallelism = 1, .clock = &clock.clock});
    ck_assert_int_eq(source_reader_drain(&reader, &out, 10), WEIR_POLL_NOTHING);
    expect_names(&out, "");
    weir_manual_clock_set(&clock, 1000);
    ck_assert_int_eq(source_reader_drain(&reader, &out, 10), WEIR_POLL_NOTHING);
    expect_names(&out, "a");
    weir_manual_clock_set(&clock, 2000); /* c is due already, but b was in front of it */
    ck_assert_int_eq(source_reader_drain(&reader, &out, 10), WEIR_POLL_NOTHING);
    expect_names(&out, "abc");
    ck_assert_int_eq(out.dead_letters, 1);
    weir_manual_clock_set(&clock, 9000);
    ck_assert_int_eq(source_reader_drain(&reader, &out, 10), WEIR_POLL_END);
    expect_names(&out, "abcd");
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(value_that_waits_is_read_again_after_a_restore)
{
    struct weir_manual_clock clock;
    weir_manual_clock_init(&clock, 1999);
    const struct weir_source_context context = {.parallelism = 1, .clock = &clock.clock};
    weir_source *source = recording(WEIR_FIELD(point, x));
    weir_source_output out = {.type = &point_type};
    struct source_reader first = source_reader_open(source, &context);
    struct source_reader second = source_reader_open(source, &context);
    ck_assert_int_eq(source_reader_drain(&first, &out, 10), WEIR_POLL_NOTHING);
    expect_names(&out, "a");
    struct weir_str position = source->ops->snapshot(first.reader);
    ck_assert_int_eq(source->ops->restore(second.reader, position, &second.error), WEIR_OK);
    weir_manual_clock_set(&clock, 9000);
    ck_assert_int_eq(source_reader_drain(&second, &out, 10), WEIR_POLL_END);
    expect_names(&out, "abcd");
    source_reader_close(&first);
    source_reader_close(&second);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

START_TEST(pace_must_be_an_int64_field_of_the_type)
{
    weir_source *source = recording(WEIR_FIELD(point, name));
    struct source_reader reader = source_reader_open(source, &alone);
    ck_assert_int_eq(reader.error.code, WEIR_MISMATCH);
    ck_assert_ptr_nonnull(strstr(reader.error.message, "int64 field"));
    source_reader_close(&reader);
    source_free(source);
}
END_TEST

/* ---- standard input ---- */

START_TEST(pipe_is_read_as_bytes_come_and_never_waits)
{
    int ends[2];
    weir_source *source =
        weir_file_source(&(struct weir_file_source_config){.path = "-", .format = weir_text()});
    weir_source_output out = {.type = &weir_string_type};
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    struct source_reader reader = source_reader_open(source, &alone);
    ck_assert_int_eq(source_reader_drain(&reader, &out, 10), WEIR_POLL_NOTHING);
    ck_assert_int_eq(write(ends[1], "one\ntw", 6), 6);
    ck_assert_int_eq(source_reader_drain(&reader, &out, 10), WEIR_POLL_NOTHING);
    ck_assert_str_eq(out.values.data, "\"one\"\n");
    ck_assert_int_eq(write(ends[1], "o\n", 2), 2);
    close(ends[1]);
    ck_assert_int_eq(source_reader_drain(&reader, &out, 10), WEIR_POLL_END);
    ck_assert_str_eq(out.values.data, "\"one\"\n\"two\"\n");
    source_reader_close(&reader);
    source_free(source);
    source_output_fini(&out);
    close(ends[0]);
}
END_TEST

START_TEST(pipe_cannot_be_read_again)
{
    int ends[2];
    weir_source *source =
        weir_file_source(&(struct weir_file_source_config){.path = "-", .format = weir_text()});
    weir_source_output out = {.type = &weir_string_type};
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    ck_assert_int_eq(write(ends[1], "one\n", 4), 4);
    struct source_reader first = source_reader_open(source, &alone);
    struct source_reader second = source_reader_open(source, &alone);
    source_reader_drain(&first, &out, 10);
    struct weir_str position = source->ops->snapshot(first.reader);
    ck_assert_int_eq(source->ops->restore(second.reader, position, &second.error),
                     WEIR_UNSUPPORTED);
    source_reader_close(&first);
    source_reader_close(&second);
    source_free(source);
    source_output_fini(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connector file");
    TCase *tests = tcase_create("file");
    tcase_add_checked_fixture(tests, make_file, remove_file);
    tcase_add_test(tests, lines_come_in_order);
    tcase_add_test(tests, last_line_needs_no_newline);
    tcase_add_test(tests, carriage_return_before_newline_is_not_part_of_the_line);
    tcase_add_test(tests, empty_lines_are_lines);
    tcase_add_test(tests, empty_file_ends_at_once);
    tcase_add_test(tests, ranges_together_give_every_line_once);
    tcase_add_test(tests, reading_resumes_behind_any_line);
    tcase_add_test(tests, bad_line_is_a_dead_letter_with_its_place);
    tcase_add_test(tests, a_line_of_100_MB_is_rejected_without_holding_it);
    tcase_add_test(tests, too_long_line_is_a_dead_letter_and_the_next_is_read);
    tcase_add_test(tests, missing_file_is_named);
    tcase_add_test(tests, directory_fails_when_it_is_read);
    tcase_add_test(tests, paced_value_waits_for_its_time);
    tcase_add_test(tests, value_that_waits_is_read_again_after_a_restore);
    tcase_add_test(tests, pace_must_be_an_int64_field_of_the_type);
    tcase_add_test(tests, pipe_is_read_as_bytes_come_and_never_waits);
    tcase_add_test(tests, pipe_cannot_be_read_again);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

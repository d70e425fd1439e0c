/*
 * The file sink: names, buckets, rolling to the byte and the millisecond, and every line exactly
 * once, whenever the machine crashes. Semantics sheet, section 20.
 */
#include "base/log.h"
#include "base/mem.h"
#include "connector/file_sink.h"
#include "random_cases.h"
#include "testkit/sim_files.h"

#include <check.h>

#define POINT_FIELDS(F, T) F(T, int64, x, "x", required)
WEIR_DECLARE_TYPE(point, POINT_FIELDS);
WEIR_DEFINE_TYPE(point, POINT_FIELDS);

enum { MINUTE = 60000, HOUR = 3600000 };

/* ---- a folder, a sink, its writers ---- */

enum { MAX_WRITERS = 2 };

static const char folder[] = "parts";
static struct weir__sim_files *sim; /* the disk */
static struct weir__files *disk;
static struct weir_manual_clock now;
static weir_sink *sink;
static void *writers[MAX_WRITERS];
static char log_text[512];

static void keep_log(enum weir__log_level level, const char *line, void *user)
{
    (void)level;
    (void)user;
    snprintf(log_text, sizeof(log_text), "%s", line);
}

/* A disk with an empty folder. */
static void new_disk(uint64_t seed)
{
    struct weir_error error = {0};
    weir_manual_clock_init(&now, 1729630800000); /* 2024-10-22T21:00:00Z */
    sim = weir__sim_files_new(seed);
    disk = weir__sim_files_table(sim);
    ck_assert_int_eq(weir__files_make_directory(disk, folder, &error), WEIR_OK);
}

static void set_up(void)
{
    setenv("TZ", "UTC", 1);
    new_disk(1);
    weir__log_set_writer(keep_log, NULL);
}

/* The writers' life ends: in order, unless the machine has crashed, which then starts again. */
static void end_life(void)
{
    for (int i = 0; i < MAX_WRITERS; i++) {
        if (writers[i] != NULL) {
            sink->ops->writer_free(writers[i]);
            writers[i] = NULL;
        }
    }
    if (weir__sim_files_crashed(sim)) {
        weir__sim_files_restart(sim);
    }
}

/* What is not on the disk is lost, or half there. */
static void kill_writers(void)
{
    weir__sim_files_crash(sim);
    end_life();
}

static void free_sink(void)
{
    kill_writers();
    if (sink != NULL) {
        sink->ops->config_free(sink->config);
        weir__free(sink);
        sink = NULL;
    }
}

static void tear_down(void)
{
    free_sink();
    weir__sim_files_free(sim);
    log_text[0] = '\0';
    weir__log_set_writer(NULL, NULL);
}

/* Fields of the config; path and format are set here. */
static void make_sink(struct weir_file_sink_config config)
{
    config.path = folder;
    config.format = weir_json(&point_type);
    sink = weir__file_sink(&config, disk);
}

static enum weir_status start_of(int subtask, int parallelism, struct weir_error *error)
{
    struct weir_sink_context context = {
        .subtask = subtask, .parallelism = parallelism, .type = &point_type, .clock = &now.clock};
    writers[subtask] = sink->ops->writer_new(sink->config);
    return sink->ops->open(writers[subtask], &context, error);
}

static void start(void)
{
    struct weir_error error = {0};
    ck_assert_msg(start_of(0, 1, &error) == WEIR_OK, "%s", error.message);
}

static void put_to(int subtask, int64_t x, int64_t timestamp)
{
    struct weir_error error = {0};
    struct point point = {.x = x};
    ck_assert_msg(sink->ops->write(writers[subtask], &point, timestamp, &error) == WEIR_OK, "%s",
                  error.message);
}
static void put(int64_t x)
{
    put_to(0, x, 0);
}

/* A copy of the state; freed with weir__free. */
static struct weir_str prepare_of(int subtask, int64_t checkpoint)
{
    struct weir_error error = {0};
    struct weir_str state = {NULL, 0};
    ck_assert_msg(sink->ops->prepare(writers[subtask], checkpoint, &state, &error) == WEIR_OK, "%s",
                  error.message);
    return (struct weir_str){weir__memdup(state.data, state.len), state.len};
}

static void commit_of(int subtask, int64_t checkpoint)
{
    struct weir_error error = {0};
    ck_assert_msg(sink->ops->commit(writers[subtask],
                                    &(struct weir_sink_commit){.checkpoint = checkpoint},
                                    &error) == WEIR_OK,
                  "%s", error.message);
}

/* A checkpoint that nobody restores. */
static void checkpoint(int64_t id)
{
    weir__free((char *)prepare_of(0, id).data);
    commit_of(0, id);
}

static void restore_to(int subtask, struct weir_str state)
{
    struct weir_error error = {0};
    ck_assert_msg(sink->ops->restore(writers[subtask], state, &error) == WEIR_OK, "%s: %s",
                  error.where, error.message);
}

static void tick(void)
{
    struct weir_error error = {0};
    int64_t again_ms = 0;
    ck_assert_int_eq(sink->ops->tick(writers[0], &again_ms, &error), WEIR_OK);
    ck_assert_int_gt(again_ms, 0);
}

static void end_input(void)
{
    struct weir_error error = {0};
    ck_assert_int_eq(sink->ops->finish(writers[0], &error), WEIR_OK);
}

/* ---- what is in the folder ---- */

static void put_content(const char *path, struct weir__buf *out)
{
    struct weir_error error = {0};
    size_t at = out->len;
    ck_assert_int_eq(weir__files_read(disk, path, 1 << 20, out, &error), WEIR_OK);
    for (; at < out->len; at++) {
        out->data[at] = out->data[at] == '\n' ? ' ' : out->data[at];
    }
}

/* "21/part-0-0: {"x":1} {"x":2} \n": hidden files by their name up to ".inprogress". */
static void put_folder(const char *bucket, bool hidden, struct weir__buf *out)
{
    struct weir__vec entries;
    struct weir_error error = {0};
    char *path = weir__asprintf("%s%s", folder, bucket);
    ck_assert_int_eq(weir__files_list(disk, path, &entries, &error), WEIR_OK);
    for (size_t i = 0; i < entries.count; i++) {
        const struct weir__files_entry *entry = weir__vec_at(&entries, i);
        char *inner = weir__asprintf("%s/%s", bucket, entry->name);
        char *full = weir__asprintf("%s%s", folder, inner);
        const char *mark = strstr(inner, ".inprogress.");
        if (entry->info.directory) {
            put_folder(inner, hidden, out);
        } else if ((entry->name[0] == '.') == hidden) {
            weir__buf_printf(out, "%.*s: ", (int)(mark != NULL ? mark - inner - 1 : 999),
                             inner + 1);
            put_content(full, out);
            weir__buf_put_u8(out, '\n');
        }
        weir__free(full);
        weir__free(inner);
    }
    weir__files_list_fini(&entries);
    weir__free(path);
}

static void expect(bool hidden, const char *expected)
{
    struct weir__buf out = {0};
    put_folder("", hidden, &out);
    weir__buf_put_u8(&out, '\0');
    ck_assert_str_eq(out.data, expected);
    weir__buf_fini(&out);
}
static void expect_visible(const char *expected)
{
    expect(false, expected);
}
static void expect_hidden(const char *expected)
{
    expect(true, expected);
}

/* ---- life of a part ---- */

START_TEST(a_part_is_hidden_until_its_checkpoint_is_complete)
{
    make_sink((struct weir_file_sink_config){.roll_on_checkpoint = true, .suffix = ".jsonl"});
    start();
    put(1);
    put(2);
    weir__free((char *)prepare_of(0, 1).data);
    expect_visible("");
    expect_hidden("2024-10-22--21/.part-0-0.jsonl: {\"x\":1} {\"x\":2} \n");
    commit_of(0, 1);
    expect_visible("2024-10-22--21/part-0-0.jsonl: {\"x\":1} {\"x\":2} \n");
    expect_hidden("");
    put(3);
    checkpoint(2);
    expect_visible("2024-10-22--21/part-0-0.jsonl: {\"x\":1} {\"x\":2} \n"
                   "2024-10-22--21/part-0-1.jsonl: {\"x\":3} \n");
}
END_TEST

START_TEST(hidden_names_are_those_of_flink)
{
    make_sink((struct weir_file_sink_config){.bucket = "", .prefix = "clicks"});
    start();
    put(1);
    struct weir__vec entries;
    struct weir_error error = {0};
    ck_assert_int_eq(weir__files_list(disk, folder, &entries, &error), WEIR_OK);
    ck_assert_uint_eq(entries.count, 1);
    const char *name = ((struct weir__files_entry *)weir__vec_at(&entries, 0))->name;
    unsigned parts[5];
    unsigned long long last;
    int end = 0;
    ck_assert_int_eq(sscanf(name, ".clicks-0-0.inprogress.%8x-%4x-%4x-%4x-%12llx%n", &parts[0],
                            &parts[1], &parts[2], &parts[3], &last, &end),
                     5);
    ck_assert_str_eq(name + end, "");
    ck_assert_uint_eq(strlen(name), strlen(".clicks-0-0.inprogress.") + 36);
    weir__files_list_fini(&entries);
}
END_TEST

START_TEST(an_open_part_grows_over_checkpoints)
{
    make_sink((struct weir_file_sink_config){.bucket = ""});
    start();
    put(1);
    checkpoint(1);
    put(2);
    checkpoint(2);
    expect_visible("");
    expect_hidden(".part-0-0: {\"x\":1} {\"x\":2} \n");
}
END_TEST

START_TEST(the_end_of_input_rolls_everything)
{
    make_sink((struct weir_file_sink_config){.bucket = ""});
    start();
    put(1);
    end_input();
    checkpoint(0); /* a job without checkpoints has this one */
    expect_visible("part-0-0: {\"x\":1} \n");
    expect_hidden("");
}
END_TEST

/* Fault list, row 8. */
START_TEST(commit_shows_what_was_prepared_up_to_its_checkpoint_and_nothing_else)
{
    make_sink((struct weir_file_sink_config){.bucket = "", .roll_on_checkpoint = true});
    start();
    put(1);
    weir__free((char *)prepare_of(0, 1).data);
    put(2);
    weir__free((char *)prepare_of(0, 2).data); /* of 1 nothing was heard */
    put(3);
    weir__free((char *)prepare_of(0, 3).data);
    commit_of(0, 2);
    expect_visible("part-0-0: {\"x\":1} \npart-0-1: {\"x\":2} \n");
    commit_of(0, 2);
    expect_visible("part-0-0: {\"x\":1} \npart-0-1: {\"x\":2} \n");
    commit_of(0, 4);
    expect_visible("part-0-0: {\"x\":1} \npart-0-1: {\"x\":2} \npart-0-2: {\"x\":3} \n");
}
END_TEST

START_TEST(a_part_rolled_after_the_barrier_waits_for_the_next_checkpoint)
{
    make_sink((struct weir_file_sink_config){.bucket = "", .max_part_bytes = 1});
    start();
    put(1);
    weir__free((char *)prepare_of(0, 1).data); /* rolls the part of 1, which is too large */
    put(2);
    put(3); /* rolls that of 2 */
    commit_of(0, 1);
    expect_visible("part-0-0: {\"x\":1} \n");
    checkpoint(2);
    expect_visible("part-0-0: {\"x\":1} \npart-0-1: {\"x\":2} \npart-0-2: {\"x\":3} \n");
}
END_TEST

/* ---- rolling ---- */

/* {"x":1} and a newline are 8 bytes. */
START_TEST(size_is_checked_before_a_write_and_must_be_exceeded)
{
    make_sink((struct weir_file_sink_config){.bucket = "", .max_part_bytes = 16});
    start();
    for (int x = 1; x <= 4; x++) {
        put(x); /* at 16 bytes a third line still goes in */
    }
    checkpoint(1);
    expect_visible("part-0-0: {\"x\":1} {\"x\":2} {\"x\":3} \n");
    expect_hidden(".part-0-1: {\"x\":4} \n");
}
END_TEST

START_TEST(size_is_checked_at_a_checkpoint_too)
{
    make_sink((struct weir_file_sink_config){.bucket = "", .max_part_bytes = 8});
    start();
    put(1);
    checkpoint(1);
    expect_visible("");
    put(2);
    checkpoint(2);
    expect_visible("part-0-0: {\"x\":1} {\"x\":2} \n");
}
END_TEST

START_TEST(a_part_is_rolled_a_minute_after_it_was_begun_inclusive)
{
    make_sink((struct weir_file_sink_config){.bucket = ""});
    int64_t begin = now.ms;
    start();
    put(1);
    for (int64_t age = 0; age < MINUTE; age += 10000) {
        weir_manual_clock_set(&now, begin + age);
        put(2);
    }
    weir_manual_clock_set(&now, begin + MINUTE - 1);
    tick();
    checkpoint(1);
    expect_visible("");
    weir_manual_clock_set(&now, begin + MINUTE);
    tick();
    checkpoint(2);
    expect_hidden("");
}
END_TEST

START_TEST(a_part_is_rolled_when_nothing_came_for_a_minute_inclusive)
{
    make_sink((struct weir_file_sink_config){.bucket = "", .rollover_ms = HOUR});
    int64_t begin = now.ms;
    start();
    put(1);
    weir_manual_clock_set(&now, begin + 30000);
    put(2);
    weir_manual_clock_set(&now, begin + 30000 + MINUTE - 1);
    tick();
    checkpoint(1);
    expect_visible("");
    weir_manual_clock_set(&now, begin + 30000 + MINUTE);
    tick();
    checkpoint(2);
    expect_visible("part-0-0: {\"x\":1} {\"x\":2} \n");
}
END_TEST

START_TEST(without_a_tick_the_clock_rolls_nothing)
{
    make_sink((struct weir_file_sink_config){.bucket = ""});
    start();
    put(1);
    weir_manual_clock_set(&now, now.ms + HOUR);
    put(2);
    checkpoint(1);
    expect_visible("");
}
END_TEST

/* ---- buckets ---- */

START_TEST(each_bucket_has_a_part_of_its_own_and_numbers_go_on)
{
    make_sink((struct weir_file_sink_config){.roll_on_checkpoint = true});
    start();
    put(1);
    weir_manual_clock_set(&now, now.ms + HOUR - 1);
    put(2);
    weir_manual_clock_set(&now, now.ms + 1);
    put(3);
    checkpoint(1);
    expect_visible("2024-10-22--21/part-0-0: {\"x\":1} {\"x\":2} \n"
                   "2024-10-22--22/part-0-1: {\"x\":3} \n");
}
END_TEST

START_TEST(buckets_can_follow_event_time)
{
    make_sink((struct weir_file_sink_config){.roll_on_checkpoint = true,
                                             .bucket = "day=%Y-%m-%d/%H.%M",
                                             .bucket_time = WEIR_BUCKET_EVENT_TIME,
                                             .bucket_utc = true});
    start();
    put_to(0, 1, 59999);
    put_to(0, 2, 60000);
    put_to(0, 3, -1);
    put_to(0, 4, WEIR_TIME_MIN);
    put_to(0, 5, WEIR_TIME_MAX);
    checkpoint(1);
    expect_visible("day=1969-12-31/23.59/part-0-2: {\"x\":3} \n"
                   "day=1970-01-01/00.00/part-0-0: {\"x\":1} \n"
                   "day=1970-01-01/00.01/part-0-1: {\"x\":2} \n"
                   "day=292278994-08-17/07.12/part-0-4: {\"x\":5} \n"
                   "no-time/part-0-3: {\"x\":4} \n");
}
END_TEST

START_TEST(a_bucket_with_seconds_changes_with_them)
{
    make_sink((struct weir_file_sink_config){
        .roll_on_checkpoint = true, .bucket = "%H%M%S", .bucket_time = WEIR_BUCKET_EVENT_TIME});
    start();
    put_to(0, 1, 1999);
    put_to(0, 2, 2000);
    checkpoint(1);
    expect_visible("000001/part-0-0: {\"x\":1} \n000002/part-0-1: {\"x\":2} \n");
}
END_TEST

START_TEST(buckets_follow_the_systems_zone)
{
    setenv("TZ", "XYZ-5:30", 1);
    tzset();
    make_sink((struct weir_file_sink_config){.roll_on_checkpoint = true, .bucket = "%H:%M"});
    start();
    put(1);
    checkpoint(1);
    expect_visible("02:30/part-0-0: {\"x\":1} \n");
    setenv("TZ", "UTC", 1);
    tzset();
}
END_TEST

static void bucket_by_value(const void *value, int64_t timestamp, char *name, size_t size,
                            void *user)
{
    const struct point *point = value;
    (void)timestamp;
    snprintf(name, size, "%s", ((const char *const *)user)[point->x]);
}

START_TEST(a_function_can_choose_the_bucket_but_not_leave_the_folder)
{
    static const char *names[] = {"a", "b/c", "", "../../etc/.x", "//d//", "e\n\x1b[31m", "a"};
    make_sink((struct weir_file_sink_config){
        .roll_on_checkpoint = true, .bucket_of = bucket_by_value, .user = names});
    start();
    for (int x = 0; x < 7; x++) {
        put(x);
    }
    checkpoint(1);
    expect_visible("_./_./etc/_x/part-0-3: {\"x\":3} \n"
                   "a/part-0-0: {\"x\":0} {\"x\":6} \n"
                   "b/c/part-0-1: {\"x\":1} \n"
                   "d/part-0-4: {\"x\":4} \n"
                   "e__[31m/part-0-5: {\"x\":5} \n"
                   "part-0-2: {\"x\":2} \n");
}
END_TEST

/* ---- restore ---- */

START_TEST(restore_goes_on_in_the_open_part_and_undoes_what_came_after)
{
    make_sink((struct weir_file_sink_config){.bucket = ""});
    start();
    put(1);
    struct weir_str state = prepare_of(0, 1);
    put(2);
    weir__free((char *)prepare_of(0, 2).data); /* on the disk, but this one is never complete */
    kill_writers();
    expect_hidden(".part-0-0: {\"x\":1} {\"x\":2} \n");
    start();
    restore_to(0, state);
    expect_hidden(".part-0-0: {\"x\":1} \n");
    put(3);
    end_input();
    checkpoint(2);
    expect_visible("part-0-0: {\"x\":1} {\"x\":3} \n");
    expect_hidden("");
    weir__free((char *)state.data);
}
END_TEST

/* Fault list, row 8. */
START_TEST(restore_shows_what_the_checkpoint_has_prepared_once)
{
    make_sink((struct weir_file_sink_config){.bucket = "", .roll_on_checkpoint = true});
    start();
    put(1);
    struct weir_str state = prepare_of(0, 1);
    for (int life = 0; life < 3; life++) {
        kill_writers();
        start();
        restore_to(0, state);
        expect_visible("part-0-0: {\"x\":1} \n");
        expect_hidden("");
    }
    weir__free((char *)state.data);
}
END_TEST

START_TEST(hidden_parts_begun_after_the_checkpoint_are_removed)
{
    make_sink((struct weir_file_sink_config){.roll_on_checkpoint = true});
    start();
    put(1);
    struct weir_str state = prepare_of(0, 1);
    commit_of(0, 1);
    for (int life = 0; life < 3; life++) {
        weir_manual_clock_set(&now, now.ms + HOUR);
        put(2 + life);
        weir__free((char *)prepare_of(0, 2).data);
        kill_writers();
        start();
        restore_to(0, state);
    }
    tick();
    expect_hidden("");
    expect_visible("2024-10-22--21/part-0-0: {\"x\":1} \n");
    weir__free((char *)state.data);
}
END_TEST

START_TEST(hidden_parts_of_other_jobs_are_left_alone)
{
    make_sink((struct weir_file_sink_config){.bucket = ""});
    start();
    put(1);
    struct weir_str state = prepare_of(0, 1);
    kill_writers();
    weir_manual_clock_set(&now, now.ms + 5);
    start(); /* not a restore: another run in the same folder */
    put(2);
    end_input();
    checkpoint(1);
    expect_visible("part-0-0: {\"x\":2} \n");
    expect_hidden(".part-0-0: {\"x\":1} \n");
    kill_writers();
    start();
    restore_to(0, state);
    put(3);
    end_input();
    checkpoint(2);
    expect_visible("part-0-0: {\"x\":2} \npart-0-1: {\"x\":1} {\"x\":3} \n");
    weir__free((char *)state.data);
}
END_TEST

START_TEST(a_new_run_adds_to_the_parts_that_are_there)
{
    make_sink((struct weir_file_sink_config){.bucket = ""});
    for (int run = 0; run < 3; run++) {
        start();
        put(run);
        end_input();
        checkpoint(0);
        kill_writers();
    }
    expect_visible("part-0-0: {\"x\":0} \npart-0-1: {\"x\":1} \npart-0-2: {\"x\":2} \n");
}
END_TEST

START_TEST(numbers_go_on_when_readers_move_finished_parts_away)
{
    struct weir_error error = {0};
    make_sink((struct weir_file_sink_config){.bucket = "", .roll_on_checkpoint = true});
    start();
    put(1);
    struct weir_str state = prepare_of(0, 1);
    commit_of(0, 1);
    ck_assert_int_eq(weir__files_unlink(disk, "parts/part-0-0", &error), WEIR_OK);
    ck_assert_int_eq(weir__files_sync_directory(disk, "parts", &error), WEIR_OK);
    kill_writers();
    log_text[0] = '\0';
    start();
    restore_to(0, state);
    ck_assert_ptr_nonnull(strstr(log_text, "part-0-0: this finished part is no longer there"));
    put(2);
    checkpoint(2);
    expect_visible("part-0-1: {\"x\":2} \n");
    weir__free((char *)state.data);
}
END_TEST

START_TEST(a_failed_attempt_leaves_nothing_that_no_checkpoint_knows)
{
    make_sink((struct weir_file_sink_config){.bucket = ""});
    start();
    put(1);
    end_life();
    expect_hidden("");
}
END_TEST

START_TEST(the_age_of_a_part_counts_from_its_beginning_in_an_earlier_life)
{
    make_sink((struct weir_file_sink_config){.bucket = ""});
    start();
    put(1);
    struct weir_str state = prepare_of(0, 1);
    kill_writers();
    weir_manual_clock_set(&now, now.ms + MINUTE - 1);
    start();
    restore_to(0, state);
    put(2);
    tick();
    checkpoint(2);
    expect_visible("");
    weir_manual_clock_set(&now, now.ms + 1);
    tick();
    checkpoint(3);
    expect_visible("part-0-0: {\"x\":1} {\"x\":2} \n");
    weir__free((char *)state.data);
}
END_TEST

/* From two writers to one, and back. */
START_TEST(parts_survive_a_change_of_parallelism)
{
    struct weir_error error = {0};
    struct weir_str states[2];
    make_sink((struct weir_file_sink_config){.bucket = ""});
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(start_of(i, 2, &error), WEIR_OK);
        put_to(i, 10 + i, 0);
        states[i] = prepare_of(i, 1);
        put_to(i, 99, 0);
        weir__free((char *)prepare_of(i, 2).data); /* not complete */
    }
    kill_writers();
    for (int life = 0; life < 2; life++) { /* twice, as the first one dies at once */
        kill_writers();
        start();
        restore_to(0, states[0]);
        restore_to(0, states[1]);
        tick();
    }
    put(20);
    struct weir_str state = prepare_of(0, 2);
    commit_of(0, 2);
    expect_visible("part-1-0: {\"x\":11} \n");
    kill_writers();
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(start_of(i, 2, &error), WEIR_OK);
    }
    restore_to(0, state);
    for (int i = 0; i < 2; i++) {
        put_to(i, 30 + i, 0);
        ck_assert_int_eq(sink->ops->finish(writers[i], &error), WEIR_OK);
        weir__free((char *)prepare_of(i, 3).data);
        commit_of(i, 3);
        weir__free((char *)states[i].data);
    }
    expect_visible("part-0-0: {\"x\":10} {\"x\":20} {\"x\":30} \n"
                   "part-1-0: {\"x\":11} \n"
                   "part-1-1: {\"x\":31} \n");
    expect_hidden("");
    weir__free((char *)state.data);
}
END_TEST

START_TEST(a_part_that_was_cut_or_removed_is_refused_in_words)
{
    struct weir_error error = {0};
    make_sink((struct weir_file_sink_config){.bucket = ""});
    start();
    put(1);
    struct weir_str state = prepare_of(0, 1);
    struct weir__vec entries;
    ck_assert_int_eq(weir__files_list(disk, folder, &entries, &error), WEIR_OK);
    char *path = weir__asprintf("%s/%s", folder,
                                ((struct weir__files_entry *)weir__vec_at(&entries, 0))->name);
    kill_writers();
    ck_assert_int_eq(weir__files_truncate(disk, path, 3, &error), WEIR_OK);
    start();
    ck_assert_int_eq(sink->ops->restore(writers[0], state, &error), WEIR_CORRUPT);
    ck_assert_str_eq(error.where, path);
    ck_assert_str_eq(error.message,
                     "the checkpoint knows 8 bytes of this part, but the file has 3: it was "
                     "changed; restore another checkpoint (--from), or start anew in another "
                     "folder");
    kill_writers();
    ck_assert_int_eq(weir__files_unlink(disk, path, &error), WEIR_OK);
    start();
    ck_assert_int_eq(sink->ops->restore(writers[0], state, &error), WEIR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.message, "but the file is gone"));
    weir__files_list_fini(&entries);
    weir__free(path);
    weir__free((char *)state.data);
}
END_TEST

START_TEST(a_damaged_state_is_refused)
{
    make_sink((struct weir_file_sink_config){.bucket = "", .roll_on_checkpoint = true});
    start();
    put(1);
    struct weir_str state = prepare_of(0, 1);
    for (uint32_t len = 1; len < state.len; len++) {
        struct weir_error error = {0};
        kill_writers();
        start();
        ck_assert_int_eq(sink->ops->restore(writers[0], (struct weir_str){state.data, len}, &error),
                         WEIR_CORRUPT);
    }
    expect_visible("");
    weir__free((char *)state.data);
}
END_TEST

/* ---- the machine crashes at any one of its file operations ---- */

enum { VALUES = 12 };

/* What the job's coordinator knows: the last complete checkpoint, and where its source stood. */
struct saved {
    struct weir_str state; /* owned; empty: none yet */
    int64_t next;          /* the first value after it */
    int64_t checkpoint;
    int64_t operations; /* of the last life */
};

/* The value, or what comes instead of the last one: the end. Then, maybe, a checkpoint. */
static enum weir_status go_on(struct saved *saved, int64_t x, struct weir_error *error)
{
    struct point point = {.x = x};
    weir_manual_clock_set(&now, now.ms + (int64_t)17 * MINUTE);
    enum weir_status status = x < VALUES ? sink->ops->write(writers[0], &point, 0, error)
                                         : sink->ops->finish(writers[0], error);
    if (status != WEIR_OK || (x % 3 != 2 && x < VALUES)) {
        return status;
    }
    struct weir_str state = {NULL, 0};
    int64_t id = saved->checkpoint + 1;
    status = sink->ops->prepare(writers[0], id, &state, error);
    if (status == WEIR_OK) {
        weir__free((char *)saved->state.data);
        *saved = (struct saved){
            .state = {weir__memdup(state.data, state.len), state.len},
            .next = x + 1,
            .checkpoint = id,
        };
        status = sink->ops->commit(writers[0], &(struct weir_sink_commit){.checkpoint = id}, error);
    }
    return status;
}

/* From the last checkpoint to the end, one checkpoint every third value. False: it died. */
static bool live(struct saved *saved, uint64_t seed)
{
    struct weir_error error = {0};
    start();
    enum weir_status status =
        saved->state.len > 0 ? sink->ops->restore(writers[0], saved->state, &error) : WEIR_OK;
    int64_t again_ms = 0;
    if (status == WEIR_OK) {
        status = sink->ops->tick(writers[0], &again_ms, &error);
    }
    for (int64_t x = saved->next; status == WEIR_OK && x <= VALUES; x++) {
        status = go_on(saved, x, &error);
    }
    saved->operations = weir__sim_files_count(sim);
    if (status == WEIR_OK) {
        kill_writers(); /* what is finished is on the disk */
    } else {
        ck_assert_msg(error.code != WEIR_CORRUPT, "SEED=%" PRIu64 ": %s: %s", seed, error.where,
                      error.message);
        end_life();
    }
    return status == WEIR_OK;
}

/* A job that has no checkpoint begins anew, in an empty folder. */
static void empty_folder(void)
{
    struct weir_error error = {0};
    weir__sim_files_set_chances(sim, &(struct weir__sim_chances){0});
    ck_assert_int_eq(weir__files_remove_tree(disk, folder, &error), WEIR_OK);
    ck_assert_int_eq(weir__files_make_directory(disk, folder, &error), WEIR_OK);
}

static void expect_each_value_once(uint64_t seed)
{
    struct weir__buf out = {0};
    put_folder("", false, &out);
    weir__buf_put_u8(&out, '\0');
    int found = 0;
    for (const char *at = out.data; (at = strstr(at, "{\"x\":")) != NULL; at++) {
        found++;
    }
    for (int x = 0; x < VALUES; x++) {
        char line[24];
        snprintf(line, sizeof(line), "{\"x\":%d} ", x);
        ck_assert_msg(strstr(out.data, line) != NULL, "SEED=%" PRIu64 ": %d is missing in\n%s\n%s",
                      seed, x, out.data, weir__sim_files_hit(sim));
    }
    ck_assert_msg(found == VALUES, "SEED=%" PRIu64 ": %d lines in\n%s\n%s", seed, found, out.data,
                  weir__sim_files_hit(sim));
    weir__buf_fini(&out);
    expect_hidden("");
}

/* Crashes at operation `first` of the first life, and at `second` of the next; 0: not. Returns the
 * operations of the first life. */
static int64_t crash_and_recover(const struct weir_file_sink_config *config, uint64_t seed,
                                 int64_t first, int64_t second)
{
    struct saved saved = {.state = {NULL, 0}};
    free_sink();
    weir__sim_files_free(sim);
    new_disk(seed);
    weir__sim_files_restart(sim); /* counts from here */
    make_sink(*config);
    weir__sim_files_fail_at(sim, first, WEIR__SIM_CRASH);
    bool done = live(&saved, seed);
    int64_t operations = saved.operations;
    if (!done && second > 0 && saved.state.len > 0) {
        weir__sim_files_fail_at(sim, second, WEIR__SIM_CRASH);
        done = live(&saved, seed);
    }
    if (!done && saved.state.len == 0) {
        empty_folder();
    }
    ck_assert(done || live(&saved, seed));
    expect_each_value_once(seed);
    weir__free((char *)saved.state.data);
    return operations;
}

enum { DISKS = 5 }; /* each keeps something else of what was not synced */

/* Fault list, row 1. */
START_TEST(a_crash_at_any_operation_loses_and_doubles_nothing)
{
    struct weir_file_sink_config config = {.bucket = "%H", .roll_on_checkpoint = _i == 1};
    int64_t operations = crash_and_recover(&config, 1, 0, 0);
    ck_assert_int_gt(operations, 60);
    for (int64_t at = 1; at <= operations; at++) {
        for (uint64_t seed = 0; seed < DISKS; seed++) {
            crash_and_recover(&config, seed, at, 0);
        }
    }
}
END_TEST

START_TEST(a_crash_while_recovering_from_a_crash_changes_nothing)
{
    struct weir_file_sink_config config = {.bucket = "%H", .max_part_bytes = 8};
    int64_t operations = crash_and_recover(&config, 1, 0, 0);
    for (int64_t at = 30; at <= operations; at++) {
        for (int64_t second = 1; second < 20; second++) {
            crash_and_recover(&config, (uint64_t)(at * 20 + second), at, second);
        }
    }
}
END_TEST

/* Full disks, errors, crashes, short and interrupted calls, as they come. */
START_TEST(lives_with_faults_at_random_end_with_each_value_once)
{
    struct random_cases cases = random_cases("faults", 300);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct saved saved = {.state = {NULL, 0}};
        free_sink();
        weir__sim_files_free(sim);
        new_disk(seed);
        make_sink((struct weir_file_sink_config){.bucket = "%H",
                                                 .max_part_bytes = seed % 3 == 0 ? 8 : 0,
                                                 .roll_on_checkpoint = seed % 3 == 1});
        bool done = false;
        for (int life = 0; !done && life < 100; life++) {
            const struct weir__sim_chances chances = {.crash = 50, .failure = 50, .nuisance = 5};
            weir__sim_files_set_chances(sim, life < 99 ? &chances : &(struct weir__sim_chances){0});
            done = live(&saved, seed);
            if (!done && saved.state.len == 0) {
                empty_folder();
            }
        }
        /* What a life could not tidy up because the disk refused, the next one does; and once more
         * what had no name any more, and comes back when that crashes. */
        weir__sim_files_set_chances(sim, &(struct weir__sim_chances){0});
        ck_assert(done && live(&saved, seed) && live(&saved, seed));
        expect_each_value_once(seed);
        weir__free((char *)saved.state.data);
    }
}
END_TEST

START_TEST(wrong_settings_are_refused_in_words)
{
    struct weir_error error = {0};
    make_sink((struct weir_file_sink_config){.prefix = "a/b"});
    ck_assert_int_eq(start_of(0, 1, &error), WEIR_INVALID);
    ck_assert_str_eq(error.message,
                     "the prefix and suffix of parts must not have a \"/\", nor the prefix a "
                     "leading dot, got \"a/b\" and \"\"");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("file sink");
    TCase *tests = tcase_create("section 20");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_part_is_hidden_until_its_checkpoint_is_complete);
    tcase_add_test(tests, hidden_names_are_those_of_flink);
    tcase_add_test(tests, an_open_part_grows_over_checkpoints);
    tcase_add_test(tests, the_end_of_input_rolls_everything);
    tcase_add_test(tests, commit_shows_what_was_prepared_up_to_its_checkpoint_and_nothing_else);
    tcase_add_test(tests, a_part_rolled_after_the_barrier_waits_for_the_next_checkpoint);
    tcase_add_test(tests, size_is_checked_before_a_write_and_must_be_exceeded);
    tcase_add_test(tests, size_is_checked_at_a_checkpoint_too);
    tcase_add_test(tests, a_part_is_rolled_a_minute_after_it_was_begun_inclusive);
    tcase_add_test(tests, a_part_is_rolled_when_nothing_came_for_a_minute_inclusive);
    tcase_add_test(tests, without_a_tick_the_clock_rolls_nothing);
    tcase_add_test(tests, each_bucket_has_a_part_of_its_own_and_numbers_go_on);
    tcase_add_test(tests, buckets_can_follow_event_time);
    tcase_add_test(tests, a_bucket_with_seconds_changes_with_them);
    tcase_add_test(tests, buckets_follow_the_systems_zone);
    tcase_add_test(tests, a_function_can_choose_the_bucket_but_not_leave_the_folder);
    tcase_add_test(tests, restore_goes_on_in_the_open_part_and_undoes_what_came_after);
    tcase_add_test(tests, restore_shows_what_the_checkpoint_has_prepared_once);
    tcase_add_test(tests, hidden_parts_begun_after_the_checkpoint_are_removed);
    tcase_add_test(tests, hidden_parts_of_other_jobs_are_left_alone);
    tcase_add_test(tests, a_new_run_adds_to_the_parts_that_are_there);
    tcase_add_test(tests, numbers_go_on_when_readers_move_finished_parts_away);
    tcase_add_test(tests, a_failed_attempt_leaves_nothing_that_no_checkpoint_knows);
    tcase_add_test(tests, the_age_of_a_part_counts_from_its_beginning_in_an_earlier_life);
    tcase_add_test(tests, parts_survive_a_change_of_parallelism);
    tcase_add_test(tests, a_part_that_was_cut_or_removed_is_refused_in_words);
    tcase_add_test(tests, a_damaged_state_is_refused);
    tcase_add_loop_test(tests, a_crash_at_any_operation_loses_and_doubles_nothing, 0, 2);
    tcase_add_test(tests, a_crash_while_recovering_from_a_crash_changes_nothing);
    tcase_add_test(tests, lives_with_faults_at_random_end_with_each_value_once);
    tcase_add_test(tests, wrong_settings_are_refused_in_words);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

/*
 * The file sink after a failure: what a restore goes on with, cuts, shows and removes, and every
 * line exactly once, whenever the machine crashes. Semantics sheet, section 20.
 */
#include "file_sink_folder.inc"
#include "random_cases.h"

#include <inttypes.h>

static void restore_to(int subtask, struct weir_str state)
{
    struct weir_error error = {0};
    ck_assert_msg(sink->ops->restore(writers[subtask], state, &error) == WEIR_OK, "%s: %s",
                  error.where, error.message);
}

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

int main(void)
{
    Suite *suite = suite_create("file sink recovery");
    TCase *tests = tcase_create("section 20");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
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
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

/*
 * Faults while checkpoints are written (FAULTS.md, rows 1, 3 and 4): a crash at every operation, a
 * full or failing disk at every operation, no memory at every allocation. Whatever happens, there
 * is a complete checkpoint, and it is the last one that was reported or a later one.
 */
#include "base/mem.h"
#include "random_cases.h"
#include "runtime/checkpoint_store.h"
#include "scratch.h"
#include "testkit/sim_files.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEEDS = 20, SUBTASKS = 3, BEFORE = 3, KEPT = 2 };

/* ---- checkpoints whose contents follow from their id ---- */

struct life { /* of a job: from one start to the next */
    struct weir__files *files;
    const char *directory;
    struct weir__checkpoint_store *store;
    int64_t reported; /* id of the last checkpoint that was said to be complete */
    int64_t loaded;   /* id from which it started; 0: from nothing */
    struct weir_error error;
};

static char *state_of(int64_t id, int subtask)
{
    return weir__asprintf("state of %d at %" PRId64 " %s", subtask, id,
                          subtask == 1 ? "" : "with a longer text behind it");
}

static enum weir_status add_subtask(struct weir__checkpoint_writer *writer, int64_t id, int subtask,
                                    struct weir_error *error)
{
    char *state = state_of(id, subtask);
    struct weir__checkpoint_entry entry = {"counts", "page views",         subtask, SUBTASKS,
                                           128,      weir_str_from(state), 0};
    enum weir_status status = weir__checkpoint_add(writer, &entry, error);
    weir__free(state);
    return status;
}

static enum weir_status add_attachment(struct life *life, struct weir__checkpoint_writer *writer,
                                       int64_t id)
{
    struct weir__file file;
    char *directory = weir__asprintf("%s/db", weir__checkpoint_writer_path(writer));
    char *path = weir__asprintf("%s/sst", directory);
    enum weir_status status = weir__files_make_directory(life->files, directory, &life->error);
    if (status == WEIR_OK) {
        status = weir__file_create(life->files, path, &file, &life->error);
    }
    if (status == WEIR_OK) {
        status = weir__file_write(&file, &id, sizeof(id), &life->error);
        weir__file_discard(&file);
    }
    weir__free(directory);
    weir__free(path);
    return status;
}

/* One checkpoint, and then those that are too old go. */
static enum weir_status take_checkpoint(struct life *life)
{
    static const struct weir__checkpoint_job job = {"job", "id", 1, true};
    struct weir__checkpoint_writer *writer = NULL;
    int64_t id = weir__checkpoint_store_next_id(life->store);
    enum weir_status status =
        weir__checkpoint_begin(life->store, id, WEIR__CHECKPOINT, NULL, &writer, &life->error);
    for (int i = 0; i < SUBTASKS && status == WEIR_OK; i++) {
        status = add_subtask(writer, id, i, &life->error);
    }
    if (status == WEIR_OK) {
        status = add_attachment(life, writer, id);
    }
    if (status != WEIR_OK && writer != NULL) {
        weir__checkpoint_abandon(writer);
    }
    if (status == WEIR_OK) {
        status = weir__checkpoint_finish(writer, &job, NULL, NULL, &life->error);
    }
    if (status == WEIR_OK) {
        life->reported = id;
        status = weir__checkpoint_store_retain(life->store, KEPT, NULL, NULL, &life->error);
    }
    return status;
}

/* Loads one, which must hold what belongs to its id. */
static enum weir_status load_one(struct life *life, const char *path)
{
    struct weir__checkpoint checkpoint;
    enum weir_status status = weir__checkpoint_load(life->files, path, &checkpoint, &life->error);
    if (status != WEIR_OK) {
        return status;
    }
    ck_assert_uint_eq(checkpoint.entries.count, SUBTASKS);
    ck_assert_uint_eq(checkpoint.attachments.count, 1);
    for (int i = 0; i < SUBTASKS; i++) {
        char *expected = state_of(checkpoint.id, i);
        ck_assert(weir_str_equals(weir__checkpoint_entry(&checkpoint, (size_t)i)->bytes, expected));
        weir__free(expected);
    }
    life->loaded = checkpoint.id;
    weir__checkpoint_fini(&checkpoint);
    return WEIR_OK;
}

static enum weir_status start(struct life *life)
{
    char *path = NULL;
    life->loaded = 0;
    enum weir_status status =
        weir__checkpoint_store_open(life->files, life->directory, &life->store, &life->error);
    if (status == WEIR_OK) {
        status = weir__checkpoint_store_latest(life->store, &path, &life->error);
    }
    if (status == WEIR_OK && path != NULL) {
        status = load_one(life, path);
    }
    weir__free(path);
    return status;
}

static void end(struct life *life)
{
    weir__checkpoint_store_close(life->store);
    life->store = NULL;
}

#define MUST(call, life, sim)                                                                      \
    ck_assert_msg((call) == WEIR_OK, "%s: %s (fault at: %s)", (life)->error.where,                 \
                  (life)->error.message, (sim) != NULL ? weir__sim_files_hit(sim) : "-")

/* A machine on whose disk some checkpoints lie. */
static struct weir__sim_files *prepare(uint64_t seed, struct life *life)
{
    struct weir__sim_files *sim = weir__sim_files_new(seed);
    *life = (struct life){.files = weir__sim_files_table(sim), .directory = "jobs/checkpoints"};
    MUST(start(life), life, sim);
    for (int i = 0; i < BEFORE; i++) {
        MUST(take_checkpoint(life), life, sim);
    }
    end(life);
    weir__sim_files_crash(sim);
    weir__sim_files_restart(sim);
    return sim;
}

/* Every complete one that is left can be loaded, not the latest alone. */
static void load_all(struct life *life, struct weir__sim_files *sim)
{
    struct weir__vec places;
    MUST(weir__checkpoint_list(life->files, life->directory, &places, &life->error), life, sim);
    for (size_t i = 0; i < places.count; i++) {
        const struct weir__checkpoint_place *place = weir__vec_at(&places, i);
        MUST(load_one(life, place->path), life, sim);
        ck_assert_int_eq(life->loaded, place->id);
    }
    weir__checkpoint_list_fini(&places);
}

/* ---- row 1 ---- */

/* False: it came to its end before operation n. */
static bool crash_at(uint64_t seed, int64_t n)
{
    struct life life;
    struct weir__sim_files *sim = prepare(seed, &life);
    weir__sim_files_fail_at(sim, n, WEIR__SIM_CRASH);
    enum weir_status status = start(&life);
    if (status == WEIR_OK) {
        status = take_checkpoint(&life);
    }
    bool crashed = weir__sim_files_crashed(sim);
    ck_assert(crashed || status == WEIR_OK);
    end(&life);

    weir__sim_files_restart(sim);
    MUST(start(&life), &life, sim);
    ck_assert_msg(life.loaded >= life.reported && life.loaded <= BEFORE + 1,
                  "seed %" PRIu64 ": %" PRId64 " was complete, %" PRId64 " was found, crash at %s",
                  seed, life.reported, life.loaded, weir__sim_files_hit(sim));
    load_all(&life, sim);
    MUST(take_checkpoint(&life), &life, sim);
    end(&life);
    weir__sim_files_free(sim);
    return crashed;
}

START_TEST(faults_row_1_a_crash_at_every_operation_leaves_the_old_or_the_new_checkpoint)
{
    for (uint64_t seed = 1; seed <= random_cases_affordable(SEEDS); seed++) {
        int64_t n = 1;
        while (crash_at(seed, n)) {
            n++;
        }
        ck_assert_int_gt(n, 30); /* so many operations make a checkpoint, at least */
    }
}
END_TEST

START_TEST(faults_row_1_a_crash_while_recovering_from_a_crash_changes_nothing)
{
    for (uint64_t seed = 1; seed <= random_cases_affordable(SEEDS * 10); seed++) {
        struct life life;
        struct weir__sim_files *sim = prepare(seed, &life);
        weir__sim_files_set_chances(sim, &(struct weir__sim_chances){.crash = 25, .nuisance = 10});
        for (int restarts = 0; restarts < 30 && life.reported < BEFORE + 3; restarts++) {
            enum weir_status status = start(&life);
            ck_assert(status == WEIR_OK || weir__sim_files_crashed(sim));
            ck_assert(status != WEIR_OK || life.loaded >= life.reported);
            while (status == WEIR_OK && life.reported < BEFORE + 3) {
                status = take_checkpoint(&life);
            }
            end(&life);
            weir__sim_files_restart(sim);
        }
        weir__sim_files_set_chances(sim, &(struct weir__sim_chances){0});
        MUST(start(&life), &life, sim);
        ck_assert_int_ge(life.loaded, life.reported);
        load_all(&life, sim);
        end(&life);
        weir__sim_files_free(sim);
    }
}
END_TEST

/* ---- row 3 ---- */

/* False: it came to its end before operation n. */
static bool fail_at(uint64_t seed, int64_t n, enum weir__sim_fault fault, bool noticed)
{
    struct life life;
    struct weir__sim_files *sim = prepare(seed, &life);
    MUST(start(&life), &life, sim);
    int64_t begin = weir__sim_files_count(sim);
    weir__sim_files_fail_at(sim, begin + n, fault);
    enum weir_status status = take_checkpoint(&life);
    bool reached = weir__sim_files_count(sim) >= begin + n;
    if (status != WEIR_OK) {
        ck_assert_msg(noticed, "%s: %s", life.error.where, life.error.message);
        ck_assert_ptr_nonnull(strstr(life.error.message, "cannot "));
        ck_assert_str_ne(life.error.where, "");
    }
    /* The job goes on, and its next checkpoint is as good as any. */
    weir__sim_files_fail_at(sim, 0, WEIR__SIM_NO_FAULT);
    MUST(take_checkpoint(&life), &life, sim);
    end(&life);
    weir__sim_files_restart(sim);
    MUST(start(&life), &life, sim);
    ck_assert_int_eq(life.loaded, life.reported);
    load_all(&life, sim);
    end(&life);
    weir__sim_files_free(sim);
    return reached;
}

static void fail_everywhere(enum weir__sim_fault fault, bool noticed)
{
    for (uint64_t seed = 1; seed <= random_cases_affordable(SEEDS); seed++) {
        int64_t n = 1;
        while (fail_at(seed, n, fault, noticed)) {
            n++;
        }
        ck_assert_int_gt(n, 20);
    }
}

START_TEST(faults_row_3_a_full_disk_at_any_call_fails_the_checkpoint_alone)
{
    fail_everywhere(WEIR__SIM_NO_SPACE, true);
}
END_TEST

START_TEST(faults_row_3_an_error_at_any_call_fails_the_checkpoint_alone)
{
    fail_everywhere(WEIR__SIM_IO_ERROR, true);
}
END_TEST

/* False: it came to its end before operation n. */
static bool fail_at_and_crash(uint64_t seed, int64_t n)
{
    struct life life;
    struct weir__sim_files *sim = prepare(seed, &life);
    MUST(start(&life), &life, sim);
    int64_t begin = weir__sim_files_count(sim);
    weir__sim_files_fail_at(sim, begin + n, WEIR__SIM_IO_ERROR);
    enum weir_status status = take_checkpoint(&life);
    ck_assert(status == WEIR_OK || life.error.code == status);
    bool reached = weir__sim_files_count(sim) >= begin + n;
    end(&life);
    weir__sim_files_restart(sim);
    MUST(start(&life), &life, sim);
    ck_assert_int_ge(life.loaded, life.reported);
    load_all(&life, sim);
    end(&life);
    weir__sim_files_free(sim);
    return reached;
}

START_TEST(faults_row_3_an_error_at_any_call_and_then_a_crash_leave_nothing_damaged)
{
    for (uint64_t seed = 1; seed <= random_cases_affordable(SEEDS * 5); seed++) {
        int64_t n = 1;
        while (fail_at_and_crash(seed, n)) {
            n++;
        }
        ck_assert_int_gt(n, 20);
    }
}
END_TEST

START_TEST(faults_row_3_a_short_write_at_any_call_is_continued)
{
    fail_everywhere(WEIR__SIM_SHORT, false);
}
END_TEST

START_TEST(faults_row_3_an_interruption_of_any_call_is_continued)
{
    fail_everywhere(WEIR__SIM_INTERRUPTED, false);
}
END_TEST

START_TEST(faults_row_3_a_full_disk_is_told_with_what_to_do)
{
    struct life life;
    struct weir__sim_files *sim = prepare(1, &life);
    MUST(start(&life), &life, sim);
    weir__sim_files_set_full(sim, true);
    ck_assert_int_eq(take_checkpoint(&life), WEIR_IO);
    ck_assert_str_eq(life.error.where, "jobs/checkpoints/chk-4.part");
    ck_assert_str_eq(life.error.message,
                     "cannot make the directory: No space left on device; free some space, or "
                     "choose a directory on another disk");
    end(&life);
    weir__sim_files_free(sim);
}
END_TEST

/* ---- row 4 ---- */

/* In a child, with no memory at its n-th allocation. True: it stopped there, in clean words. */
static bool child_stops(const char *directory, int64_t n)
{
    int says[2];
    char text[400];
    int status = 0;
    ck_assert_int_eq(pipe(says), 0);
    fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct life life = {.files = &weir__real_files, .directory = directory};
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        dup2(says[1], STDERR_FILENO);
        weir__mem_fail_at(n);
        _exit(start(&life) == WEIR_OK && take_checkpoint(&life) == WEIR_OK ? 0 : 1);
    }
    close(says[1]);
    ssize_t len = read(says[0], text, sizeof(text) - 1);
    text[len > 0 ? len : 0] = '\0';
    close(says[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) {
        ck_assert_int_eq(WEXITSTATUS(status), 0);
        return false;
    }
    ck_assert_int_eq(WTERMSIG(status), SIGABRT);
    ck_assert_msg(strncmp(text, "weir: out of memory; stopping.", 30) == 0, "said: %s", text);
    return true;
}

START_TEST(faults_row_4_no_memory_at_any_allocation_stops_in_clean_words_and_leaves_a_checkpoint)
{
    char root[SCRATCH_PATH];
    scratch_make(root, "memory");
    struct life life = {.files = &weir__real_files, .directory = root};
    MUST(start(&life), &life, (struct weir__sim_files *)NULL);
    MUST(take_checkpoint(&life), &life, (struct weir__sim_files *)NULL);
    int64_t n = 1;
    while (child_stops(root, n)) {
        end(&life);
        MUST(start(&life), &life, (struct weir__sim_files *)NULL);
        ck_assert_int_ge(life.loaded, life.reported);
        life.reported = life.loaded;
        load_all(&life, NULL);
        ck_assert_int_eq(weir__checkpoint_store_retain(life.store, 1, NULL, NULL, NULL), WEIR_OK);
        n++;
    }
    ck_assert_int_gt(n, 20);
    end(&life);
    ck_assert_int_eq(weir__files_remove_tree(&weir__real_files, root, NULL), WEIR_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime checkpoint faults");
    TCase *tests = tcase_create("faults");
    tcase_add_test(tests,
                   faults_row_1_a_crash_at_every_operation_leaves_the_old_or_the_new_checkpoint);
    tcase_add_test(tests, faults_row_1_a_crash_while_recovering_from_a_crash_changes_nothing);
    tcase_add_test(tests, faults_row_3_a_full_disk_at_any_call_fails_the_checkpoint_alone);
    tcase_add_test(tests, faults_row_3_an_error_at_any_call_fails_the_checkpoint_alone);
    tcase_add_test(tests, faults_row_3_an_error_at_any_call_and_then_a_crash_leave_nothing_damaged);
    tcase_add_test(tests, faults_row_3_a_short_write_at_any_call_is_continued);
    tcase_add_test(tests, faults_row_3_an_interruption_of_any_call_is_continued);
    tcase_add_test(tests, faults_row_3_a_full_disk_is_told_with_what_to_do);
    tcase_add_test(
        tests,
        faults_row_4_no_memory_at_any_allocation_stops_in_clean_words_and_leaves_a_checkpoint);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

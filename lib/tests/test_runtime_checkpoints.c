/*
 * Jobs that fail, are killed, are stopped, and go on: what the outside sees is what an undisturbed
 * run shows, once each. Semantics sheet, sections 18 and 19.
 */
#include "graph/env.h"
#include "random_cases.h"
#include "scratch.h"
#include "state_backends.h"
#include "test_runtime_world.inc"

#include "base/files.h"
#include "runtime/checkpoint_store.h"

#include <signal.h>
#include <unistd.h>

enum { EVENTS = 4000, SEEDS = 20 };

static char directory[SCRATCH_PATH];
static struct world world;
static struct weir_state_backend_config backend; /* of the next run; zero: the heap */

static void setup(void)
{
    scratch_make(directory, "checkpoints");
    world_init(&world);
    event_quiet();
}

static void teardown(void)
{
    struct weir_error error;
    ck_assert_int_eq(weir__files_remove_tree(&weir__real_files, directory, &error), WEIR_OK);
    world_fini(&world);
}

/* ---- the job: sums a key in windows, and single events beside them ---- */

/* How many more events may pass before the map fails; negative: it never does. */
static atomic_long until_failure;

static bool pass(const void *value, void *user)
{
    (void)value;
    (void)user;
    return true;
}

static void fragile(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    if (atomic_fetch_sub(&until_failure, 1) == 0) {
        weir_fail(context, "no more");
        return;
    }
    weir_emit(out, value);
}

static const struct weir_process_function fragile_function = {
    .name = "fragile", .in_type = &event_type, .out_type = &event_type, .process = fragile};

static void build(weir_env *env)
{
    weir_stream *events =
        weir_filter(weir_from_source(env, event_source(EVENTS, 4, NULL)), "pass", pass, NULL);
    weir_stream *timed =
        weir_assign_watermarks(weir_process(events, &fragile_function),
                               weir_bounded_out_of_orderness(1000), WEIR_FIELD(event, time));
    weir_keyed_stream *keyed = weir_key_by(timed, WEIR_FIELD(event, key));
    weir_stream *sums =
        weir_window_aggregate(keyed, weir_tumbling_event_time(100), &event_sum_of_window);
    weir_sink_to(weir_union(sums, weir_keyed_process(keyed, &event_sum)), world_sink(&world));
}

/* Runs it with arguments of the test's own; returns the exit code. */
static int run_with(bool (*dies)(void *user), void *user, const char *const *more,
                    int64_t *restarts, int64_t *completed)
{
    const char *args[14] = {"--checkpoint-dir", directory};
    int count = 2;
    for (; *more != NULL; more++) {
        args[count++] = *more;
    }
    weir_env *env = event_env(args);
    env->settings.dies = dies;
    env->settings.dies_user = user;
    env->settings.channel_buffers = 1;
    env->settings.buffer_bytes = 256;
    weir_env_set_state_backend(env, &backend);
    build(env);
    int code = weir_execute(env);
    if (restarts != NULL) {
        *restarts = weir_metric(env, NULL, "numRestarts");
    }
    if (completed != NULL) {
        *completed = weir_metric(env, NULL, "numberOfCompletedCheckpoints");
    }
    weir_env_free(env);
    return code;
}

#define RUN(...) run_with(NULL, NULL, (const char *const[]){__VA_ARGS__, NULL}, NULL, NULL)

/* What an undisturbed job shows. */
static char *expected_text(void)
{
    atomic_store(&until_failure, -1);
    ck_assert_int_eq(RUN("-p", "1", "--from", "none"), 0);
    char *text = world_text(&world);
    world_fini(&world);
    world_init(&world);
    ck_assert_ptr_nonnull(strchr(text, '\n'));
    return text;
}

static void assert_shown(const char *expected, uint64_t seed)
{
    char *text = world_text(&world);
    ck_assert_msg(strcmp(text, expected) == 0, "SEED=%llu: other results than without a failure",
                  (unsigned long long)seed);
    free(text);
}

static void begin_anew(void)
{
    teardown();
    setup();
}

/* ---- failures ---- */

START_TEST(job_that_fails_goes_on_from_its_checkpoint_and_doubles_nothing)
{
    char *expected = expected_text();
    struct random_cases cases = random_seeds("failures", SEEDS);
    int64_t all_restarts = 0;
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        begin_anew();
        char seed_text[24];
        char parallelism[12];
        snprintf(seed_text, sizeof(seed_text), "%" PRIu64, seed);
        snprintf(parallelism, sizeof(parallelism), "%d", 1 + (int)(seed % 4));
        atomic_store(&until_failure, (long)(seed * 37 % EVENTS));
        int64_t restarts = 0;
        const char *args[] = {"--scheduler=simulation",
                              "--seed",
                              seed_text,
                              "-p",
                              parallelism,
                              "--checkpoint-interval",
                              "5ms",
                              "--restart",
                              "fixed-delay:3,10s",
                              NULL};
        ck_assert_int_eq(run_with(NULL, NULL, args, &restarts, NULL), 0);
        all_restarts += restarts;
        assert_shown(expected, seed);
    }
    ck_assert_int_ge(all_restarts, (int64_t)(cases.end - cases.first));
    free(expected);
}
END_TEST

START_TEST(threads_go_on_from_a_checkpoint_too)
{
    char *expected = expected_text();
    for (int parallelism = 1; parallelism <= 4; parallelism += 3) {
        begin_anew();
        atomic_store(&until_failure, 3000);
        int64_t restarts = 0;
        const char *args[] = {"-p",
                              parallelism == 1 ? "1" : "4",
                              "--checkpoint-interval",
                              "1ms",
                              "--restart",
                              "fixed-delay:1,1ms",
                              NULL};
        ck_assert_int_eq(run_with(NULL, NULL, args, &restarts, NULL), 0);
        ck_assert_int_eq(restarts, 1);
        assert_shown(expected, 0);
    }
    free(expected);
}
END_TEST

START_TEST(without_a_restart_strategy_the_first_failure_ends_the_job)
{
    atomic_store(&until_failure, 100);
    ck_assert_int_eq(RUN("--restart", "none"), 1);
    atomic_store(&until_failure, 100);
    ck_assert_int_eq(RUN("--checkpoint-interval", "10s", "--restart", "none"), 1);
}
END_TEST

/* ---- kill -9, in simulation ---- */

static bool dies_after(void *user)
{
    int64_t *steps = user;
    return (*steps)-- == 0;
}

static void kill_and_go_on(const char *what, uint64_t seeds)
{
    begin_anew();
    char *expected = expected_text();
    struct random_cases cases = random_seeds(what, seeds);
    int64_t kills = 0;
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        begin_anew();
        int code = 1;
        for (uint64_t life = 0; code != 0; life++) {
            char seed_text[24];
            char parallelism[12];
            snprintf(seed_text, sizeof(seed_text), "%" PRIu64, seed * 100 + life);
            snprintf(parallelism, sizeof(parallelism), "%d", 1 + (int)((seed + life) % 4));
            int64_t steps = life < 6 ? (int64_t)(50 + seed * 131 % 400) : -1;
            const char *args[] = {
                "--scheduler=simulation", "--seed", seed_text, "-p",     parallelism,
                "--checkpoint-interval",  "2ms",    "--from",  "latest", NULL};
            code = run_with(dies_after, &steps, args, NULL, NULL);
            kills += code != 0;
            ck_assert_uint_lt(life, 10);
        }
        assert_shown(expected, seed);
    }
    ck_assert_int_gt(kills, (int64_t)(cases.end - cases.first));
    free(expected);
}

/* Fault list, row 19: another parallelism. */
START_TEST(killed_job_goes_on_with_from_latest_at_any_parallelism)
{
    kill_and_go_on("kills", SEEDS);
}
END_TEST

static bool holds_files(const char *checkpoint)
{
    char path[256];
    struct weir__vec entries;
    bool found = false;
    snprintf(path, sizeof(path), "%s/%s", directory, checkpoint);
    ck_assert_int_eq(weir__files_list(&weir__real_files, path, &entries, NULL), WEIR_OK);
    for (size_t i = 0; i < entries.count; i++) {
        const struct weir__files_entry *entry = weir__vec_at(&entries, i);
        found |= entry->info.directory && strncmp(entry->name, "keyed-", 6) == 0;
    }
    weir__files_list_fini(&entries);
    return found;
}

static size_t checkpoints_with_files(void)
{
    size_t count = 0;
    struct weir__vec entries;
    ck_assert_int_eq(weir__files_list(&weir__real_files, directory, &entries, NULL), WEIR_OK);
    for (size_t i = 0; i < entries.count; i++) {
        const struct weir__files_entry *entry = weir__vec_at(&entries, i);
        count += entry->info.directory && holds_files(entry->name);
    }
    weir__files_list_fini(&entries);
    return count;
}

/* With RocksDB's files beside the bytes. */
START_TEST(so_it_does_with_incremental_checkpoints)
{
    for (int i = 1; i < STATE_BACKENDS; i++) {
        backend = state_config(&state_backends[i]);
        backend.incremental = true;
        kill_and_go_on(state_backends[i].name, 3);
        ck_assert_uint_gt(checkpoints_with_files(), 0);
    }
}
END_TEST

/* ---- savepoints ---- */

static bool stops_after(void *user)
{
    int64_t *steps = user;
    if ((*steps)-- == 0) {
        raise(SIGTERM);
    }
    return false;
}

static void stop_and_go_on(const char *what, uint64_t seeds,
                           const struct weir_state_backend_config *before,
                           const struct weir_state_backend_config *after)
{
    begin_anew();
    char *expected = expected_text();
    struct random_cases cases = random_seeds(what, seeds);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        begin_anew();
        char seed_text[24];
        char parallelism[12];
        snprintf(seed_text, sizeof(seed_text), "%" PRIu64, seed);
        int64_t steps = (int64_t)(100 + seed * 17 % 100);
        snprintf(parallelism, sizeof(parallelism), "%d", 1 + (int)(seed % 4));
        const char *first[] = {"--scheduler=simulation", "--seed", seed_text, "-p", "2",
                               "--checkpoint-interval",  "3ms",    NULL};
        backend = *before;
        ck_assert_int_eq(run_with(stops_after, &steps, first, NULL, NULL), 128 + SIGTERM);
        backend = *after;
        ck_assert_int_eq(RUN("--scheduler=simulation", "-p", parallelism, "--from", "latest"), 0);
        assert_shown(expected, seed);
    }
    free(expected);
}

START_TEST(sigterm_stops_with_a_savepoint_and_the_job_goes_on_from_it)
{
    stop_and_go_on("savepoints", SEEDS, &backend, &backend);
}
END_TEST

START_TEST(a_savepoint_moves_between_state_backends)
{
    const struct weir_state_backend_config heap = {0};
    for (int i = 1; i < STATE_BACKENDS; i++) {
        struct weir_state_backend_config other = state_config(&state_backends[i]);
        other.incremental = true; /* of checkpoints, not of savepoints */
        stop_and_go_on(state_backends[i].name, 2, &other, &heap);
        stop_and_go_on(state_backends[i].name, 2, &heap, &other);
    }
}
END_TEST

/* ---- what does not fit ---- */

static struct weir_error restore_into(void (*build_other)(weir_env *env), const char *const *more)
{
    const char *args[12] = {"--checkpoint-dir", directory, "--from", "latest"};
    for (int count = 4; *more != NULL; more++) {
        args[count++] = *more;
    }
    weir_env *env = event_env(args);
    build_other(env);
    (void)weir_execute(env);
    struct weir_error error = *weir_env_error(env);
    weir_env_free(env);
    return error;
}

static void build_without_windows(weir_env *env)
{
    weir_stream *events = weir_from_source(env, event_source(EVENTS, 4, NULL));
    weir_stream *sums = weir_keyed_process(weir_key_by(events, WEIR_FIELD(event, key)), &event_sum);
    weir_sink_to(sums, world_sink(&world));
}

static void kill_in_the_middle(void)
{
    int64_t steps = 150;
    atomic_store(&until_failure, -1);
    const char *args[] = {"--scheduler=simulation", "--checkpoint-interval", "2ms", NULL};
    ck_assert_int_eq(run_with(dies_after, &steps, args, NULL, NULL), 1);
}

/* Fault list, row 19: an operator removed. */
START_TEST(state_of_a_removed_operator_is_refused_unless_allowed)
{
    kill_in_the_middle();
    const char *const none[] = {NULL};
    struct weir_error error = restore_into(build_without_windows, none);
    ck_assert_int_eq(error.code, WEIR_MISMATCH);
    ck_assert_ptr_nonnull(strstr(error.message, "\"sums\""));
    ck_assert_ptr_nonnull(strstr(error.message, "--allow-non-restored-state"));
    const char *const allow[] = {"--allow-non-restored-state", NULL};
    error = restore_into(build_without_windows, allow);
    ck_assert_int_eq(error.code, WEIR_OK);
}
END_TEST

START_TEST(from_a_path_that_is_not_there_says_so)
{
    ck_assert_int_eq(RUN("--from", "/nowhere/chk-1"), 1);
}
END_TEST

/* ---- failed checkpoints ---- */

START_TEST(checkpoint_that_takes_too_long_fails_and_the_job_goes_on)
{
    atomic_store(&until_failure, -1);
    const char *args[] = {"--scheduler=simulation",
                          "--checkpoint-interval",
                          "1ms",
                          "--checkpoint-timeout",
                          "1ms",
                          NULL};
    weir_env *env =
        event_env((const char *const[]){"--checkpoint-dir", directory, args[0], args[1], args[2],
                                        args[3], args[4], "--seed", "7", NULL});
    build(env);
    ck_assert_int_eq(weir_execute(env), 0);
    ck_assert_int_gt(weir_metric(env, NULL, "numberOfFailedCheckpoints"), 0);
    weir_env_free(env);
}
END_TEST

START_TEST(more_failed_checkpoints_than_are_tolerated_fail_the_job)
{
    atomic_store(&until_failure, -1);
    ck_assert_int_eq(RUN("--scheduler=simulation", "--seed", "7", "--checkpoint-interval", "1ms",
                         "--checkpoint-timeout", "1ms", "--tolerable-failed-checkpoints", "0",
                         "--restart", "none"),
                     1);
}
END_TEST

/* ---- when ---- */

START_TEST(defaults_are_those_of_flink_but_for_failures_which_are_tolerated)
{
    weir_env *env = event_env((const char *const[]){NULL});
    const struct weir__checkpoint_options *options = &env->settings.checkpoints;
    ck_assert_int_eq(options->interval_ms, 0);
    ck_assert_int_eq(options->timeout_ms, 600000);
    ck_assert_int_eq(options->min_pause_ms, 0);
    ck_assert_int_eq(options->keep, 3);
    ck_assert_int_eq(options->tolerable_failures, -1);
    ck_assert(!options->at_least_once);
    weir_env_free(env);
}
END_TEST

static int64_t completed_with(const char *pause)
{
    int64_t completed = 0;
    atomic_store(&until_failure, -1);
    const char *args[] = {"--scheduler=simulation", "--seed", "7", "--checkpoint-interval", "2ms",
                          "--checkpoint-min-pause", pause,    NULL};
    ck_assert_int_eq(run_with(NULL, NULL, args, NULL, &completed), 0);
    return completed;
}

START_TEST(pause_keeps_checkpoints_apart)
{
    int64_t without = completed_with("0");
    begin_anew();
    int64_t with = completed_with("50ms");
    ck_assert_int_gt(without, with);
    ck_assert_int_ge(with, 1); /* that of the end */
}
END_TEST

START_TEST(last_checkpoints_stay_and_older_ones_go)
{
    struct weir__vec places;
    struct weir_error error;
    atomic_store(&until_failure, -1);
    ck_assert_int_eq(
        RUN("--scheduler=simulation", "--checkpoint-interval", "1ms", "--checkpoint-keep", "2"), 0);
    ck_assert_int_eq(weir__checkpoint_list(&weir__real_files, directory, &places, &error), WEIR_OK);
    ck_assert_uint_eq(places.count, 2);
    weir__checkpoint_list_fini(&places);
}
END_TEST

START_TEST(program_sets_checkpoints_and_the_user_wins)
{
    const char *args[] = {"--checkpoint-interval", "7s", NULL};
    weir_env *env = event_env(args);
    weir_env_set_checkpoints(env, &(struct weir_checkpoint_config){.interval_ms = 1000,
                                                                   .min_pause_ms = 5,
                                                                   .timeout_ms = 2000,
                                                                   .keep = 9,
                                                                   .limits_failures = true});
    ck_assert_int_eq(env->settings.checkpoints.interval_ms, 7000);
    ck_assert_int_eq(env->settings.checkpoints.min_pause_ms, 5);
    ck_assert_int_eq(env->settings.checkpoints.timeout_ms, 2000);
    ck_assert_int_eq(env->settings.checkpoints.keep, 9);
    ck_assert_int_eq(env->settings.checkpoints.tolerable_failures, 0);
    weir_env_free(env);
}
END_TEST

START_TEST(job_without_checkpoints_commits_at_its_end)
{
    atomic_store(&until_failure, -1);
    ck_assert_int_eq(RUN("-p", "2"), 0);
    ck_assert_int_eq(world.commits, 2);
    ck_assert_uint_gt(world.shown.len, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checkpoints of jobs");
    TCase *tcase = tcase_create("sections 18 and 19");
    tcase_set_timeout(tcase, 0);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, job_that_fails_goes_on_from_its_checkpoint_and_doubles_nothing);
    tcase_add_test(tcase, threads_go_on_from_a_checkpoint_too);
    tcase_add_test(tcase, without_a_restart_strategy_the_first_failure_ends_the_job);
    tcase_add_test(tcase, killed_job_goes_on_with_from_latest_at_any_parallelism);
    tcase_add_test(tcase, so_it_does_with_incremental_checkpoints);
    tcase_add_test(tcase, sigterm_stops_with_a_savepoint_and_the_job_goes_on_from_it);
    tcase_add_test(tcase, a_savepoint_moves_between_state_backends);
    tcase_add_test(tcase, state_of_a_removed_operator_is_refused_unless_allowed);
    tcase_add_test(tcase, from_a_path_that_is_not_there_says_so);
    tcase_add_test(tcase, checkpoint_that_takes_too_long_fails_and_the_job_goes_on);
    tcase_add_test(tcase, more_failed_checkpoints_than_are_tolerated_fail_the_job);
    tcase_add_test(tcase, defaults_are_those_of_flink_but_for_failures_which_are_tolerated);
    tcase_add_test(tcase, pause_keeps_checkpoints_apart);
    tcase_add_test(tcase, last_checkpoints_stay_and_older_ones_go);
    tcase_add_test(tcase, program_sets_checkpoints_and_the_user_wins);
    tcase_add_test(tcase, job_without_checkpoints_commits_at_its_end);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

/*
 * Random jobs on a machine that crashes at random points, whose disk forgets what was not synced,
 * fills up and fails; each life goes on from the latest checkpoint, at another parallelism. When a
 * life has come to its end, the ledger counts what the files show: nothing lost, nothing doubled,
 * nothing invented. And that it would notice: mutants of the engine turn it red.
 *
 * `make soak T=crashes SEEDS=10000` runs it at length; SEED=n repeats a job with all its crashes.
 */
#include "crash_job.inc"
#include "random_cases.h"

#include "base/log.h"
#include "testkit/sim_files.h"

#include <weir/ledger.h>

#include <check.h>
#include <stdlib.h>

enum {
    JOBS = 60,
    MOST_CRASHES = 8, /* a job; then it is left in peace */
    MUTANT_JOBS = 300,
};

struct machine {
    struct crash_job job;
    struct weir__sim_files *sim;
    struct weir__rand rand;         /* of the lives */
    struct weir_manual_clock clock; /* a life begins later than the one before */
    int lives;
    int crashes;
    int64_t steps_to_live; /* -1: for ever */
    enum weir__checkpoint_mutant mutant;
    bool unaligned;
};

/* ---- one life ---- */

static bool dies(void *user)
{
    struct machine *machine = user;
    if (machine->steps_to_live > 0 && --machine->steps_to_live == 0) {
        weir__sim_files_crash(machine->sim);
    }
    return weir__sim_files_crashed(machine->sim);
}

/* What may happen to the machine in this life. */
static void choose_fate(struct machine *machine)
{
    struct weir__rand *rand = &machine->rand;
    struct weir__sim_chances chances = {0};
    machine->steps_to_live = -1;
    if (machine->crashes < MOST_CRASHES && machine->lives < 3 * MOST_CRASHES) {
        switch (weir__rand_below(rand, 3)) {
        case 0:
            machine->steps_to_live = 1 + (int64_t)weir__rand_below(rand, 400);
            break;
        case 1:
            chances.crash = 20 + weir__rand_below(rand, 400);
            break;
        default:
            weir__sim_files_fail_at(machine->sim, 1 + (int64_t)weir__rand_below(rand, 300),
                                    WEIR__SIM_CRASH);
            break;
        }
        chances.failure = weir__rand_below(rand, 3) == 0 ? 200 : 0;
        chances.nuisance = weir__rand_below(rand, 2) == 0 ? 10 : 0;
    }
    weir__sim_files_set_chances(machine->sim, &chances);
}

/* True: the job has come to its end. */
static bool live(struct machine *machine)
{
    struct weir__rand *rand = &machine->rand;
    char seed[32];
    char parallelism[48];
    char interval[48];
    char batch[48];
    snprintf(seed, sizeof(seed), "--seed=%" PRIu64, weir__rand_below(rand, 1000000000));
    snprintf(parallelism, sizeof(parallelism), "--parallelism=%d",
             1 + (int)weir__rand_below(rand, 4));
    snprintf(interval, sizeof(interval), "--checkpoint-interval=%dms",
             1 + (int)weir__rand_below(rand, 20));
    snprintf(batch, sizeof(batch), "--micro-batch=%dms",
             weir__rand_below(rand, 3) == 0 ? 1 + (int)weir__rand_below(rand, 50) : 0);
    char *argv[] = {
        (char *)"job",
        (char *)"--scheduler=simulation",
        seed,
        parallelism,
        interval,
        batch,
        (char *)"--checkpoint-dir=checkpoints",
        (char *)"--from=latest",
        (char *)(weir__rand_below(rand, 3) == 0 ? "--restart=fixed-delay:2,1ms" : "--restart=none"),
        (char *)(machine->unaligned ? "--at-least-once" : NULL),
        NULL};
    weir_env *env = weir_env_new("crashes", machine->unaligned ? 10 : 9, argv);
    weir_manual_clock_set(&machine->clock, machine->clock.ms + weir_minutes(1));
    weir_env_set_clock(env, &machine->clock.clock);
    env->settings.checkpoints.files = weir__sim_files_table(machine->sim);
    env->settings.checkpoints.mutant = machine->mutant;
    env->settings.dies = dies;
    env->settings.dies_user = machine;
    env->settings.buffer_bytes = (size_t)1 << weir__rand_below(rand, 12);
    env->settings.channel_buffers = (size_t)1 << weir__rand_below(rand, 3);
    choose_fate(machine);
    crash_job_build(&machine->job, env, weir__sim_files_table(machine->sim), rand);
    bool finished = weir_execute(env) == 0;
    weir_env_free(env);
    machine->lives++;
    bool crashed = weir__sim_files_crashed(machine->sim);
    machine->crashes += crashed;
    if (crashed) {
        weir__sim_files_restart(machine->sim);
    }
    return finished && !crashed;
}

/* ---- what the world sees ---- */

struct reading {
    weir_ledger *ledger;
    const struct crash_job *job;
    int64_t counted; /* events in windows */
    int64_t late;
    int64_t dead;
    int64_t torn;                  /* lines that are none */
    struct weir__vec windows;      /* of struct crash_result, keys as in the job */
    struct weir__vec late_numbers; /* of int64_t: see number_of */
};

static void read_part(struct weir__files *files, const char *path, const struct weir_type *type,
                      void (*see)(struct reading *reading, const void *value),
                      struct reading *reading)
{
    struct weir__buf bytes = {0};
    void *value = weir__calloc(1, type->size);
    weir_decoder *decoder = weir_decoder_new(weir_json(type));
    ck_assert_int_eq(weir__files_read(files, path, 1 << 20, &bytes, NULL), WEIR_OK);
    const char *end = bytes.data + bytes.len;
    for (const char *at = bytes.data; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline != NULL ? newline : end) - at);
        bool whole =
            newline != NULL && weir_decoder_decode(decoder, at, len, value, NULL) == WEIR_OK;
        if (whole) {
            see(reading, value);
        } else {
            reading->torn++;
        }
        at += len + 1;
    }
    weir_decoder_free(decoder);
    weir__free(value);
    weir__buf_fini(&bytes);
}

/* All visible parts of a folder. One that is not there shows nothing. */
static void read_folder(struct weir__files *files, const char *folder, const struct weir_type *type,
                        void (*see)(struct reading *reading, const void *value),
                        struct reading *reading)
{
    struct weir__vec entries;
    enum weir_status status = weir__files_list(files, folder, &entries, NULL);
    ck_assert(status == WEIR_OK || status == WEIR_NOT_FOUND);
    for (size_t i = 0; i < entries.count; i++) {
        const struct weir__files_entry *entry = weir__vec_at(&entries, i);
        if (entry->name[0] != '.') {
            char *path = weir__asprintf("%s/%s", folder, entry->name);
            read_part(files, path, type, see, reading);
            weir__free(path);
        }
    }
    weir__files_list_fini(&entries);
}

static int64_t number_of(const struct crash_event *event)
{
    return event->producer << 32 | event->sequence;
}

static void line(weir_ledger *ledger, bool expected, const char *what, const char *content)
{
    (expected ? weir_ledger_expect : weir_ledger_saw)(ledger, weir_str_from(what),
                                                      weir_str_from(content));
}

static void event_line(weir_ledger *ledger, bool expected, const struct crash_event *event)
{
    char what[64];
    char content[96];
    snprintf(what, sizeof(what), "event %" PRId64 ":%" PRId64, event->producer, event->sequence);
    snprintf(content, sizeof(content), "%.*s %" PRId64 " %" PRId64, WEIR_STR_ARG(event->key),
             event->time, event->value);
    line(ledger, expected, what, content);
}

static void total_line(weir_ledger *ledger, bool expected, const struct crash_result *total)
{
    char what[64];
    char content[64];
    snprintf(what, sizeof(what), "total of %.*s", WEIR_STR_ARG(total->key));
    snprintf(content, sizeof(content), "%" PRId64 " events, sum %" PRId64, total->count,
             total->sum);
    line(ledger, expected, what, content);
}

static void see_echo(struct reading *reading, const void *value)
{
    event_line(reading->ledger, false, value);
}

static void see_dead(struct reading *reading, const void *value)
{
    const struct weir_dead_letter *letter = value;
    reading->dead++;
    weir_ledger_saw(reading->ledger, letter->payload, WEIR_STR("dead"));
}

static void see_late(struct reading *reading, const void *value)
{
    int64_t number = number_of(value);
    reading->late++;
    weir__vec_push(&reading->late_numbers, &number);
}

static void see_total(struct reading *reading, const void *value)
{
    total_line(reading->ledger, false, value);
}

/* Watermarks are not state: after a restore a window that has fired may be opened anew by an event
 * that was late before, and fire for it alone. So where events are late, results of a window add
 * up; where none is, there is one. */
static void see_window(struct reading *reading, const void *value)
{
    const struct crash_result *result = value;
    reading->counted += result->count;
    for (size_t i = 0; reading->job->late && i < reading->windows.count; i++) {
        struct crash_result *known = weir__vec_at(&reading->windows, i);
        if (known->start == result->start && weir_str_same(known->key, result->key)) {
            window_merge(known, result, NULL);
            return;
        }
    }
    struct crash_result *added = weir__vec_add(&reading->windows);
    *added = *result;
    added->key = (struct weir_str){NULL, 0};
    weir_str_set(&added->key, result->key);
}

static bool was_late(const struct reading *reading, const struct crash_event *event)
{
    for (size_t i = 0; i < reading->late_numbers.count; i++) {
        if (*(int64_t *)weir__vec_at(&reading->late_numbers, i) == number_of(event)) {
            return true;
        }
    }
    return false;
}

/* ---- what it must see ---- */

static void expect_event(struct reading *reading, int64_t producer, int64_t sequence,
                         struct crash_result *totals_of_keys)
{
    struct crash_event event;
    if (!crash_event_make(reading->job, producer, sequence, &event)) {
        char what[64];
        snprintf(what, sizeof(what), "%" PRId64 ":%" PRId64, producer, sequence);
        line(reading->ledger, true, what, "dead");
        return;
    }
    event_line(reading->ledger, true, &event);
    struct crash_result *total = &totals_of_keys[event.key.data[0] - 'a'];
    total->key = event.key;
    window_add(total, &event, 0, NULL);
    if (!was_late(reading, &event)) {
        weir_ledger_event(reading->ledger, &(struct weir_ledger_event){.producer = producer,
                                                                       .sequence = sequence,
                                                                       .key = event.key,
                                                                       .timestamp = event.time,
                                                                       .value = event.value});
    }
}

static void expect_all(struct reading *reading)
{
    struct crash_result totals_of_keys[KEYS] = {0};
    for (int64_t producer = 0; producer < reading->job->producers; producer++) {
        for (int64_t sequence = 0; sequence < reading->job->events; sequence++) {
            expect_event(reading, producer, sequence, totals_of_keys);
        }
    }
    weir_ledger_expect_windows(reading->ledger, reading->job->window_ms);
    for (int i = 0; i < KEYS; i++) {
        if (totals_of_keys[i].count > 0) {
            total_line(reading->ledger, true, &totals_of_keys[i]);
        }
    }
}

static void see_all(struct reading *reading, struct weir__files *files)
{
    read_folder(files, "out/echo", &crash_event_type, see_echo, reading);
    read_folder(files, "out/dead", &weir_dead_letter_type, see_dead, reading);
    read_folder(files, "out/late", &crash_event_type, see_late, reading);
    read_folder(files, "out/totals", &crash_result_type, see_total, reading);
    read_folder(files, "out/windows", &crash_result_type, see_window, reading);
    for (size_t i = 0; i < reading->windows.count; i++) {
        struct crash_result *window = weir__vec_at(&reading->windows, i);
        weir_ledger_saw_window(reading->ledger, window->key, window->start, window->end,
                               window->count, window->sum);
        weir_str_clear(&window->key);
    }
}

/* Compares. *why, owned by the caller, says what is wrong. In = counted + late + dead letters. */
static bool is_exactly_once(struct machine *machine, char **why)
{
    struct reading reading = {.ledger = weir_ledger_new(),
                              .job = &machine->job,
                              .windows = WEIR__VEC_OF(struct crash_result),
                              .late_numbers = WEIR__VEC_OF(int64_t)};
    see_all(&reading, weir__sim_files_table(machine->sim));
    expect_all(&reading);
    const struct weir_ledger_verdict *verdict = weir_ledger_check(reading.ledger);
    int64_t in = machine->job.producers * machine->job.events;
    int64_t out = reading.counted + reading.late + reading.dead;
    bool ok =
        verdict->ok && in == out && reading.torn == 0 && (machine->job.late || reading.late == 0);
    *why = weir__asprintf("%s\n%" PRId64 " in, %" PRId64 " counted + %" PRId64 " late + %" PRId64
                          " dead letters, %" PRId64 " torn lines; %d lives, %d crashes",
                          verdict->text, in, reading.counted, reading.late, reading.dead,
                          reading.torn, machine->lives, machine->crashes);
    weir_ledger_free(reading.ledger);
    weir__vec_fini(&reading.windows);
    weir__vec_fini(&reading.late_numbers);
    return ok;
}

/* ---- jobs ---- */

static void drop_line(enum weir__log_level level, const char *text, void *user)
{
    (void)level;
    (void)text;
    (void)user;
}

static struct machine machine_of(uint64_t seed)
{
    struct machine machine = {.job = crash_job_of(seed), .sim = weir__sim_files_new(seed)};
    weir__rand_init(&machine.rand, seed + 2);
    weir_manual_clock_init(&machine.clock, INT64_C(1700000000000));
    return machine;
}

/* Lives until the job has ended; then the machine crashes once more, and what is there is counted.
 * False: it is wrong, or the job does not come to an end. */
static bool run_to_the_end(struct machine *machine, char **why)
{
    bool finished = false;
    while (!finished && machine->lives < 5 * MOST_CRASHES) {
        finished = live(machine);
    }
    weir__sim_files_set_chances(machine->sim, &(struct weir__sim_chances){0});
    weir__sim_files_restart(machine->sim);
    if (!finished) {
        *why = weir__asprintf("it never ended, in %d lives", machine->lives);
        return false;
    }
    return is_exactly_once(machine, why);
}

START_TEST(crashes_restores_and_rescales_lose_nothing_and_double_nothing)
{
    struct random_cases cases = random_seeds("crashing jobs", JOBS);
    int64_t crashes = 0;
    weir__log_set_writer(drop_line, NULL);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct machine machine = machine_of(seed);
        char *why = NULL;
        bool ok = run_to_the_end(&machine, &why);
        ck_assert_msg(ok, "SEED=%" PRIu64 ": %s", seed, why);
        crashes += machine.crashes;
        weir__free(why);
        weir__sim_files_free(machine.sim);
    }
    printf("%" PRIu64 " jobs, %" PRId64 " crashes\n", cases.end - cases.first, crashes);
    ck_assert(cases.end - cases.first < JOBS || crashes > (int64_t)(cases.end - cases.first));
}
END_TEST

/* ---- the same with a broken engine ---- */

static void expect_red(enum weir__checkpoint_mutant mutant, bool unaligned, bool syncs)
{
    int wrong = 0;
    weir__log_set_writer(drop_line, NULL);
    for (uint64_t seed = 1; seed <= MUTANT_JOBS && wrong == 0; seed++) {
        struct machine machine = machine_of(seed);
        char *why = NULL;
        machine.mutant = mutant;
        machine.unaligned = unaligned;
        weir__sim_files_set_syncing(machine.sim, syncs);
        wrong += !run_to_the_end(&machine, &why);
        weir__free(why);
        weir__sim_files_free(machine.sim);
    }
    ck_assert_int_gt(wrong, 0);
}

START_TEST(an_engine_that_does_not_sync_is_found)
{
    expect_red(WEIR__NO_MUTANT, false, false);
}
END_TEST

START_TEST(an_engine_that_commits_before_the_metadata_is_durable_is_found)
{
    expect_red(WEIR__MUTANT_COMMITS_EARLY, false, true);
}
END_TEST

START_TEST(an_engine_that_completes_without_the_last_snapshot_is_found)
{
    expect_red(WEIR__MUTANT_FORGETS_A_SNAPSHOT, false, true);
}
END_TEST

START_TEST(an_engine_that_does_not_align_barriers_is_found)
{
    expect_red(WEIR__NO_MUTANT, true, true);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime crashes");
    TCase *tests = tcase_create("crashes");
    tcase_add_test(tests, crashes_restores_and_rescales_lose_nothing_and_double_nothing);
    tcase_add_test(tests, an_engine_that_does_not_sync_is_found);
    tcase_add_test(tests, an_engine_that_commits_before_the_metadata_is_durable_is_found);
    tcase_add_test(tests, an_engine_that_completes_without_the_last_snapshot_is_found);
    tcase_add_test(tests, an_engine_that_does_not_align_barriers_is_found);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

/*
 * The metrics of a task: where its time goes, and what its operators count, under a manual clock.
 */
#include "runtime/task_metrics.h"
#include "test_runtime_event.inc"

struct fixture {
    struct weir_manual_clock clock;
    weir_env *env;
    struct weir__host *host;
    struct weir__task_metrics *metrics;
    bool could_go_on; /* says the task */
};

static bool all(const void *value, void *user)
{
    (void)value, (void)user;
    return true;
}

/* One filter, at 1000 ms. */
static void set_up(struct fixture *f)
{
    f->could_go_on = false;
    weir_manual_clock_init(&f->clock, 1000);
    f->env = weir_env_new("test", 0, NULL);
    weir_stream *stream =
        weir_filter(weir_from_source(f->env, event_source(1, 1, NULL)), "all", all, NULL);
    const struct weir__surroundings surroundings = {.clock = &f->clock.clock};
    f->host = weir__host_new(weir__stream_transformation(stream), &surroundings, 0, 1);
    f->metrics = weir__task_metrics_new(&f->host, 1, &f->clock.clock);
}

static void tear_down(struct fixture *f)
{
    weir__task_metrics_free(f->metrics);
    weir__host_free(f->host);
    weir_env_free(f->env);
}

/* A step that begins at ms, and takes so many. */
static void long_step(struct fixture *f, int64_t ms, int64_t takes_ms, enum weir_step result)
{
    weir_manual_clock_set(&f->clock, ms);
    weir__task_metrics_begin_step(f->metrics, ms);
    weir_manual_clock_set(&f->clock, ms + takes_ms);
    weir__task_metrics_end_step(f->metrics, result, f->could_go_on);
}

static void step(struct fixture *f, int64_t ms, enum weir_step result)
{
    long_step(f, ms, 0, result);
}

struct wanted {
    const char *name;
    double value;
    bool found;
};

static void compare_name(const struct weir__metric_reading *reading, void *user)
{
    struct wanted *wanted = user;
    if (strcmp(reading->name, wanted->name) == 0) {
        wanted->value = reading->value;
        wanted->found = true;
    }
}

static struct wanted published(const struct weir__metric_group *group, const char *name)
{
    struct wanted wanted = {.name = name};
    weir__metric_read(group, compare_name, &wanted);
    return wanted;
}

static double of_task(const struct fixture *f, const char *name)
{
    return published(weir__task_metrics_group(f->metrics), name).value;
}

static double of_operator(const struct fixture *f, const char *name)
{
    return published(f->host->context.metrics, name).value;
}

static void check_times(const struct fixture *f, double busy, double idle, double back_pressured)
{
    ck_assert_double_eq(of_task(f, "busyTimeMsPerSecond"), busy);
    ck_assert_double_eq(of_task(f, "idleTimeMsPerSecond"), idle);
    ck_assert_double_eq(of_task(f, "backPressuredTimeMsPerSecond"), back_pressured);
}

START_TEST(time_after_a_step_belongs_to_what_the_step_came_to)
{
    struct fixture f;
    set_up(&f);
    long_step(&f, 1000, 300, WEIR_STEP_BLOCKED_ON_INPUT);
    step(&f, 1500, WEIR_STEP_BLOCKED_ON_OUTPUT);
    check_times(&f, 600, 400, 0);
    step(&f, 3000, WEIR_STEP_PROGRESS);
    check_times(&f, 150, 100, 750);
    tear_down(&f);
}
END_TEST

START_TEST(a_task_that_waits_for_its_turn_without_work_is_idle)
{
    struct fixture f;
    set_up(&f);
    long_step(&f, 1000, 400, WEIR_STEP_PROGRESS);
    step(&f, 2000, WEIR_STEP_PROGRESS);
    check_times(&f, 400, 600, 0);
    tear_down(&f);
}
END_TEST

START_TEST(a_task_that_waits_for_its_turn_and_could_go_on_is_back_pressured)
{
    struct fixture f;
    set_up(&f);
    f.could_go_on = true;
    long_step(&f, 1000, 400, WEIR_STEP_PROGRESS);
    step(&f, 2000, WEIR_STEP_PROGRESS);
    check_times(&f, 400, 0, 600);
    tear_down(&f);
}
END_TEST

START_TEST(usage_of_a_pool_is_the_share_of_its_buffers_that_is_full)
{
    struct fixture f;
    set_up(&f);
    step(&f, 1000, WEIR_STEP_PROGRESS);
    ck_assert_double_eq(of_task(&f, "inPoolUsage"), 0);
    weir__task_metrics_set_usage(f.metrics, (struct weir__channel_usage){4, 16},
                                 (struct weir__channel_usage){8, 8});
    step(&f, 2000, WEIR_STEP_PROGRESS);
    ck_assert_double_eq(of_task(&f, "inPoolUsage"), 0.25);
    ck_assert_double_eq(of_task(&f, "outPoolUsage"), 1);
    tear_down(&f);
}
END_TEST

START_TEST(values_are_published_twice_a_second_and_the_deadline_says_when)
{
    struct fixture f;
    set_up(&f);
    step(&f, 1000, WEIR_STEP_PROGRESS);
    ck_assert_int_eq(weir__task_metrics_deadline(f.metrics), 1500);
    f.host->context.records_in = 70;
    step(&f, 1499, WEIR_STEP_PROGRESS);
    ck_assert_double_eq(of_operator(&f, "numRecordsIn"), 0);
    step(&f, 1500, WEIR_STEP_PROGRESS);
    ck_assert_double_eq(of_operator(&f, "numRecordsIn"), 70);
    ck_assert_double_eq(of_operator(&f, "numRecordsInPerSecond"), 140);
    ck_assert_int_eq(weir__task_metrics_deadline(f.metrics), 2000);
    tear_down(&f);
}
END_TEST

START_TEST(last_values_are_published_when_the_task_is_done)
{
    struct fixture f;
    set_up(&f);
    step(&f, 1000, WEIR_STEP_PROGRESS);
    f.host->context.records_in = 5;
    step(&f, 1001, WEIR_STEP_DONE);
    ck_assert_double_eq(of_operator(&f, "numRecordsIn"), 5);
    ck_assert_double_eq(of_task(&f, "numRecordsIn"), 5);
    tear_down(&f);
}
END_TEST

START_TEST(watermark_lags_behind_the_clock_once_there_is_one)
{
    struct fixture f;
    set_up(&f);
    step(&f, 1000, WEIR_STEP_PROGRESS);
    ck_assert_double_eq(of_operator(&f, "currentInputWatermark"), (double)WEIR_TIME_MIN);
    ck_assert(!published(f.host->context.metrics, "watermarkLag").found);
    f.host->context.watermark = 800;
    step(&f, 2000, WEIR_STEP_PROGRESS);
    ck_assert_double_eq(of_operator(&f, "currentInputWatermark"), 800);
    ck_assert_double_eq(of_operator(&f, "watermarkLag"), 1200);
    tear_down(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("task metrics");
    TCase *tcase = tcase_create("measuring");
    tcase_add_test(tcase, time_after_a_step_belongs_to_what_the_step_came_to);
    tcase_add_test(tcase, a_task_that_waits_for_its_turn_without_work_is_idle);
    tcase_add_test(tcase, a_task_that_waits_for_its_turn_and_could_go_on_is_back_pressured);
    tcase_add_test(tcase, usage_of_a_pool_is_the_share_of_its_buffers_that_is_full);
    tcase_add_test(tcase, values_are_published_twice_a_second_and_the_deadline_says_when);
    tcase_add_test(tcase, last_values_are_published_when_the_task_is_done);
    tcase_add_test(tcase, watermark_lags_behind_the_clock_once_there_is_one);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

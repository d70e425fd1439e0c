/*
 * Latency markers through a job: every operator behind the source hears of each, under both
 * schedulers, and nobody pays when they are off.
 */
#include "test_runtime_event.inc"

enum { EVENTS = 1000, SEEDS = 10 };

static bool keep(const void *value, void *user)
{
    (void)value, (void)user;
    return true;
}

/* events ─▶ keep ─key by─▶ sum ─▶ end; the number of markers that reached the end. */
static int64_t run(const char *const *args)
{
    struct lines lines = {NULL, 0};
    weir_env *env = event_env(args);
    weir_stream *events = weir_from_source(env, event_source(EVENTS, 2, NULL));
    weir_stream *kept = weir_filter(events, "keep", keep, NULL);
    weir_stream *sums = weir_keyed_process(weir_key_by(kept, WEIR_FIELD(event, key)), &event_sum);
    weir_sink_to(sums, weir_collect(lines_collect, &lines));
    ck_assert_int_eq(weir_execute(env), 0);
    ck_assert_uint_eq(lines.count, 10);
    ck_assert_int_eq(weir_metric(env, "keep", "numRecordsIn"), EVENTS);
    ck_assert_int_eq(weir_metric(env, "events", "latency"), 0);
    int64_t markers = weir_metric(env, "keep", "latency");
    ck_assert_int_eq(weir_metric(env, "sum", "latency"), markers);
    ck_assert_int_eq(weir_metric(env, "Collect", "latency"), markers);
    lines_clear(&lines);
    weir_env_free(env);
    return markers;
}

START_TEST(no_marker_is_sent_unless_asked_for)
{
    ck_assert_int_eq(run((const char *const[]){"--scheduler", "simulation", NULL}), 0);
    ck_assert_int_eq(run((const char *const[]){"-p", "2", NULL}), 0);
}
END_TEST

START_TEST(every_marker_reaches_one_subtask_of_each_operator_in_simulation)
{
    for (int seed = 1; seed <= SEEDS; seed++) {
        char text[12];
        snprintf(text, sizeof(text), "%d", seed);
        int64_t markers = run((const char *const[]){"--scheduler", "simulation", "--seed", text,
                                                    "-p", "3", "--latency-interval", "1", NULL});
        ck_assert_int_ge(markers, 2); /* two splits: two subtasks have something to send */
    }
}
END_TEST

START_TEST(every_marker_reaches_one_subtask_of_each_operator_in_threads)
{
    ck_assert_int_ge(run((const char *const[]){"-p", "3", "--latency-interval", "1", NULL}), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime latency");
    TCase *tcase = tcase_create("markers");
    tcase_add_test(tcase, no_marker_is_sent_unless_asked_for);
    tcase_add_test(tcase, every_marker_reaches_one_subtask_of_each_operator_in_simulation);
    tcase_add_test(tcase, every_marker_reaches_one_subtask_of_each_operator_in_threads);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

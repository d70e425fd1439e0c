/*
 * Building the graph: mistakes are kept with the operator's name, the first one only, and never
 * crash later calls.
 */
#include "graph/graph.h"
#include "test_runtime_event.inc"

static bool is_any(const void *value, void *user)
{
    (void)value;
    (void)user;
    return true;
}

static void copy_event(const void *value, void *out, void *user)
{
    (void)user;
    *(struct event *)out = *(const struct event *)value;
}

static void ignore(const void *value, int64_t timestamp, void *user)
{
    (void)value;
    (void)timestamp;
    (void)user;
}

static const struct weir_output_tag late = {"late", &event_type};
static const struct weir_output_tag unknown = {"unknown", &event_type};
static const struct weir_output_tag mistyped = {"late", &other_type};

static void pass_on(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)context;
    (void)user;
    weir_emit(out, value);
}

static const struct weir_output_tag *const late_only[] = {&late, NULL};
static const struct weir_process_function splitter = {.name = "splitter",
                                                      .in_type = &event_type,
                                                      .out_type = &event_type,
                                                      .process = pass_on,
                                                      .side_outputs = late_only};
static const struct weir_process_function of_others = {
    .name = "others", .in_type = &other_type, .out_type = &other_type, .process = pass_on};

static weir_env *new_env(void)
{
    return weir_env_new("test", 0, NULL);
}

static weir_stream *events(weir_env *env)
{
    return weir_from_source(env, event_source(3, 1, NULL));
}

/*
 * Ends the graph in a sink, executes it, and expects exit 2 with this operator and message.
 * Frees the env.
 */
static void expect_mistake(weir_env *env, weir_stream *stream, const char *where,
                           const char *message)
{
    weir_sink_to(stream, weir_collect(ignore, NULL));
    ck_assert_int_eq(weir_execute(env), 2);
    ck_assert_str_eq(weir_env_error(env)->where, where);
    ck_assert_str_eq(weir_env_error(env)->message, message);
    weir_env_free(env);
}

START_TEST(null_stream_is_kept_with_the_operators_name)
{
    weir_env *env = new_env();
    events(env);
    weir_stream *broken = weir_filter(NULL, "views", is_any, NULL);
    expect_mistake(env, broken, "views", "its input stream is NULL");
}
END_TEST

START_TEST(type_that_does_not_match_names_both_types)
{
    weir_env *env = new_env();
    weir_stream *broken = weir_process(events(env), &of_others);
    expect_mistake(env, broken, "others", "it takes other, but its input is a stream of event");
    env = new_env();
    broken = weir_keyed_process(weir_key_by(events(env), WEIR_FIELD(event, key)), &of_others);
    expect_mistake(env, broken, "others", "it takes other, but its input is a stream of event");
}
END_TEST

START_TEST(setting_that_a_source_cannot_have_is_a_mistake)
{
    char *arguments[] = {"test", "-X", "scan.startup.timestamp-millis=7", NULL};
    weir_env *env = weir_env_new("test", 3, arguments);
    weir_source *source = weir_kafka_source(
        &(struct weir_kafka_source_config){.topic = "clicks", .format = weir_json(&event_type)});
    expect_mistake(env, weir_from_source(env, source), "Kafka",
                   "scan.startup.timestamp-millis: goes with scan.startup.mode=timestamp, and the "
                   "mode here is group-offsets");
}
END_TEST

START_TEST(sink_of_another_type_is_a_mistake)
{
    weir_env *env = new_env();
    weir_stream *stream = events(env);
    weir_sink_to(stream, weir_jsonl_sink("-", &other_type));
    ck_assert_int_eq(weir_execute(env), 2);
    ck_assert_str_eq(weir_env_error(env)->message,
                     "it takes other, but its input is a stream of event");
    weir_env_free(env);
}
END_TEST

START_TEST(first_mistake_is_reported_and_later_calls_are_harmless)
{
    weir_env *env = new_env();
    weir_stream *dead = weir_map(events(env), "first", NULL, copy_event, NULL);
    weir_keyed_stream *keyed = weir_key_by(dead, WEIR_FIELD(event, key));
    weir_stream *later = weir_keyed_process(keyed, &event_sum);
    later = weir_side_output(later, &late);
    later = weir_union(later, weir_rebalance(dead));
    later = weir_assign_watermarks(later, weir_monotonous_timestamps(), NULL);
    later = weir_set_name(
        weir_set_uid(weir_set_parallelism(weir_disable_chaining(later), 0), "uid"), "name");
    expect_mistake(env, later, "first", "its output type is NULL: say which type it emits");
}
END_TEST

START_TEST(functions_must_be_there)
{
    weir_env *env = new_env();
    expect_mistake(env, weir_filter(events(env), NULL, NULL, NULL), "Filter",
                   "its predicate is NULL");
    env = new_env();
    expect_mistake(env, weir_process(events(env), NULL), "Process", "its process function is NULL");
    env = new_env();
    expect_mistake(env, weir_window(weir_key_by(events(env), WEIR_FIELD(event, key)), NULL),
                   "Window", "its configuration is NULL");
}
END_TEST

START_TEST(key_must_be_a_scalar_field_of_the_streams_type)
{
    weir_env *env = new_env();
    weir_stream *broken =
        weir_keyed_process(weir_key_by(events(env), WEIR_FIELD(other, key)), &event_sum);
    expect_mistake(env, broken, "key_by", "the key field key is not one of event, which comes in");

    static const struct other nothing[1];
    env = new_env();
    weir_stream *others = weir_from_source(env, weir_collection_source(&other_type, nothing, 1));
    broken = weir_keyed_process(weir_key_by(others, WEIR_FIELD(other, ratio)), &event_sum);
    expect_mistake(env, broken, "key_by",
                   "the key other.ratio must be a string, an int64 or a boolean");

    env = new_env();
    broken = weir_keyed_process(weir_key_by(events(env), NULL), &event_sum);
    expect_mistake(env, broken, "key_by", "its key field is NULL: say which field of event");
}
END_TEST

START_TEST(timestamp_must_be_an_integer_field_of_the_streams_type)
{
    weir_env *env = new_env();
    weir_stream *broken =
        weir_assign_watermarks(events(env), weir_monotonous_timestamps(), WEIR_FIELD(event, key));
    expect_mistake(env, broken, "Watermarks",
                   "the timestamp field event.key must be an int64 (epoch ms)");
    env = new_env();
    broken = weir_assign_watermarks(events(env), weir_bounded_out_of_orderness(-1),
                                    WEIR_FIELD(event, time));
    expect_mistake(env, broken, "Watermarks", "the bound must not be negative");
    env = new_env();
    broken = weir_assign_watermarks(events(env), weir_ingestion_time(), WEIR_FIELD(event, time));
    expect_mistake(env, broken, "Watermarks",
                   "ingestion time comes from the clock, not from the field time: give NULL");
}
END_TEST

static int to_first(const void *value, int subtasks, void *user)
{
    (void)value;
    (void)subtasks;
    (void)user;
    return 0;
}

START_TEST(partitioners_take_any_type_and_keep_it)
{
    for (int i = 0; i < 4; i++) {
        weir_env *env = new_env();
        weir_stream *in = events(env);
        weir_stream *spread = i == 0   ? weir_rebalance(in)
                              : i == 1 ? weir_broadcast(in)
                              : i == 2 ? weir_rescale(in)
                                       : weir_partition_custom(in, to_first, NULL);
        expect_mistake(env, weir_process(spread, &of_others), "others",
                       "it takes other, but its input is a stream of event");
    }
}
END_TEST

static void explode(const void *value, weir_collector *out, void *user)
{
    (void)user;
    weir_emit(out, value);
}

START_TEST(filter_map_and_flat_map_take_any_type_and_say_which_they_emit)
{
    weir_env *env = new_env();
    weir_stream *in = weir_filter(events(env), NULL, is_any, NULL);
    expect_mistake(env, weir_process(in, &of_others), "others",
                   "it takes other, but its input is a stream of event");
    env = new_env();
    in = weir_map(events(env), NULL, &event_type, copy_event, NULL);
    expect_mistake(env, weir_process(in, &of_others), "others",
                   "it takes other, but its input is a stream of event");
    env = new_env();
    in = weir_flat_map(events(env), NULL, &event_type, explode, NULL);
    expect_mistake(env, weir_process(in, &of_others), "others",
                   "it takes other, but its input is a stream of event");
}
END_TEST

START_TEST(union_needs_equal_types_and_one_job)
{
    static const struct other nothing[1];
    weir_env *env = new_env();
    weir_stream *others = weir_from_source(env, weir_collection_source(&other_type, nothing, 1));
    expect_mistake(env, weir_union(events(env), others), "union",
                   "its streams have different types: event and other");

    weir_env *second = new_env();
    env = new_env();
    expect_mistake(env, weir_union(events(env), events(second)), "union",
                   "its streams belong to two different jobs");
    weir_env_free(second);
}
END_TEST

START_TEST(side_output_must_be_declared_with_its_type)
{
    weir_env *env = new_env();
    weir_stream *broken = weir_side_output(weir_process(events(env), &splitter), &unknown);
    expect_mistake(env, broken, "splitter", "it has no side output \"unknown\"; it has \"late\"");
    env = new_env();
    broken = weir_side_output(weir_process(events(env), &splitter), &mistyped);
    expect_mistake(env, broken, "splitter", "its side output \"late\" carries event, not other");
    env = new_env();
    broken = weir_side_output(weir_process(events(env), &splitter), NULL);
    expect_mistake(env, broken, "side output", "its tag is NULL, or has no name or no type");
    env = new_env();
    weir_stream *stream = events(env);
    expect_mistake(
        env, weir_side_output(weir_union(stream, stream), &late), "side output",
        "\"late\" was asked of a union, which has no side outputs: ask the operators before it");
}
END_TEST

START_TEST(states_need_a_key)
{
    weir_env *env = new_env();
    expect_mistake(env, weir_process(events(env), &event_sum), "sum",
                   "states need a key: use weir_keyed_process on a stream from weir_key_by");
}
END_TEST

static void count_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)value;
    (void)timestamp;
    (void)user;
    ++*(int64_t *)accumulator;
}

static void count_result(const void *accumulator, const struct weir_window_context *context,
                         void *out, void *user)
{
    (void)context;
    (void)user;
    ((struct event *)out)->number = *(const int64_t *)accumulator;
}

static const struct weir_aggregate counts = {.name = "counts",
                                             .in_type = &event_type,
                                             .accumulator_type = &weir_int64_type,
                                             .out_type = &event_type,
                                             .add = count_add,
                                             .result = count_result};

START_TEST(window_of_size_0_is_a_mistake)
{
    weir_env *env = new_env();
    weir_keyed_stream *keyed = weir_key_by(events(env), WEIR_FIELD(event, key));
    weir_sink_to(weir_window_aggregate(keyed, weir_tumbling_event_time(0), &counts),
                 weir_collect(ignore, NULL));
    ck_assert_int_eq(weir_execute(env), 2);
    ck_assert_str_eq(weir_env_error(env)->where, "counts");
    ck_assert_ptr_nonnull(strstr(weir_env_error(env)->message, "size"));
    weir_env_free(env);
}
END_TEST

START_TEST(window_needs_an_aggregate_or_a_function_of_the_right_type)
{
    static const struct other nothing[1];
    weir_env *env = new_env();
    weir_keyed_stream *keyed = weir_key_by(events(env), WEIR_FIELD(event, key));
    expect_mistake(env, weir_window(keyed, &(struct weir_window_config){.name = "views"}), "views",
                   "it needs an aggregate, a reduce or a window function");
    env = new_env();
    weir_stream *others = weir_from_source(env, weir_collection_source(&other_type, nothing, 1));
    keyed = weir_key_by(others, WEIR_FIELD(other, key));
    expect_mistake(env, weir_window_aggregate(keyed, weir_tumbling_event_time(5), &counts),
                   "counts", "it takes event, but its input is a stream of other");
}
END_TEST

START_TEST(uids_must_differ)
{
    weir_env *env = new_env();
    weir_stream *one = weir_set_uid(weir_filter(events(env), "one", is_any, NULL), "same");
    weir_stream *two = weir_set_uid(weir_filter(one, "two", is_any, NULL), "same");
    expect_mistake(env, two, "two",
                   "its uid \"same\" is already the one of \"one\": uids must differ");
}
END_TEST

START_TEST(parallelism_has_bounds)
{
    weir_env *env = new_env();
    expect_mistake(env, weir_set_parallelism(events(env), 129), "events",
                   "its parallelism must be 1 to 128, got 129");
    env = new_env();
    weir_env_set_parallelism(env, 0);
    expect_mistake(env, events(env), "", "the job's parallelism must be 1 to 128, got 0");
}
END_TEST

START_TEST(job_without_sink_or_source_is_refused)
{
    weir_env *env = new_env();
    events(env);
    ck_assert_int_eq(weir_execute(env), 2);
    ck_assert_str_eq(weir_env_error(env)->message,
                     "the job has no sink: end a stream with weir_sink_to");
    weir_env_free(env);
    env = new_env();
    ck_assert_int_eq(weir_execute(env), 2);
    ck_assert_str_eq(weir_env_error(env)->message,
                     "the job has no source: begin with weir_from_source");
    weir_env_free(env);
}
END_TEST

START_TEST(stream_that_ends_nowhere_is_fine)
{
    weir_env *env = new_env();
    weir_stream *stream = events(env);
    weir_filter(stream, "nobody reads this", is_any, NULL);
    weir_sink_to(stream, weir_collect(ignore, NULL));
    ck_assert_int_eq(weir_execute(env), 0);
    weir_env_free(env);
}
END_TEST

START_TEST(stream_knows_the_operator_that_made_it)
{
    weir_env *env = new_env();
    weir_stream *stream = weir_filter(events(env), "views", is_any, NULL);
    ck_assert_str_eq(weir__stream_transformation(stream)->name, "views");
    weir_keyed_stream *keyed = weir_key_by(stream, WEIR_FIELD(event, key));
    ck_assert_ptr_eq(weir__keyed_stream_transformation(keyed), weir__stream_transformation(stream));
    ck_assert_ptr_null(weir__stream_transformation(weir_union(stream, stream)));
    weir_env_free(env);
}
END_TEST

int main(void)
{
    event_quiet();
    Suite *suite = suite_create("graph stream");
    TCase *tests = tcase_create("stream");
    tcase_add_test(tests, null_stream_is_kept_with_the_operators_name);
    tcase_add_test(tests, type_that_does_not_match_names_both_types);
    tcase_add_test(tests, setting_that_a_source_cannot_have_is_a_mistake);
    tcase_add_test(tests, sink_of_another_type_is_a_mistake);
    tcase_add_test(tests, first_mistake_is_reported_and_later_calls_are_harmless);
    tcase_add_test(tests, functions_must_be_there);
    tcase_add_test(tests, key_must_be_a_scalar_field_of_the_streams_type);
    tcase_add_test(tests, timestamp_must_be_an_integer_field_of_the_streams_type);
    tcase_add_test(tests, partitioners_take_any_type_and_keep_it);
    tcase_add_test(tests, filter_map_and_flat_map_take_any_type_and_say_which_they_emit);
    tcase_add_test(tests, union_needs_equal_types_and_one_job);
    tcase_add_test(tests, side_output_must_be_declared_with_its_type);
    tcase_add_test(tests, states_need_a_key);
    tcase_add_test(tests, window_of_size_0_is_a_mistake);
    tcase_add_test(tests, window_needs_an_aggregate_or_a_function_of_the_right_type);
    tcase_add_test(tests, uids_must_differ);
    tcase_add_test(tests, parallelism_has_bounds);
    tcase_add_test(tests, job_without_sink_or_source_is_refused);
    tcase_add_test(tests, stream_that_ends_nowhere_is_fine);
    tcase_add_test(tests, stream_knows_the_operator_that_made_it);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

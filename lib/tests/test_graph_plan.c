/*
 * The plan: what is chained and what is not, and how it looks.
 */
#include "graph/plan.h"
#include "test_runtime_event.inc"

static bool is_any(const void *value, void *user)
{
    (void)value;
    (void)user;
    return true;
}

static void ignore(const void *value, int64_t timestamp, void *user)
{
    (void)value;
    (void)timestamp;
    (void)user;
}

static weir_env *env_of(int parallelism)
{
    weir_env *env = weir_env_new("test", 0, NULL);
    weir_env_set_parallelism(env, parallelism);
    return env;
}

static weir_stream *filter(weir_stream *in, const char *name)
{
    return weir_filter(in, name, is_any, NULL);
}

static void sink(weir_stream *in)
{
    weir_sink_to(in, weir_collect(ignore, NULL));
}

/* The chains as text, "events,a | b,Collect", and the links, "2>3 hash"; frees the env. */
static void expect_plan(weir_env *env, const char *chains, const char *links)
{
    struct weir__plan *plan = weir__plan_new(env);
    ck_assert_msg(plan != NULL, "%s", env->error.message);
    struct weir__buf out = {0};
    for (size_t i = 0; i < plan->vertices.count; i++) {
        const struct weir__vertex *vertex = weir__plan_vertex(plan, i);
        for (size_t j = 0; j < vertex->operators.count; j++) {
            weir__buf_printf(&out, "%s%s",
                             j > 0   ? ","
                             : i > 0 ? " | "
                                     : "",
                             weir__vertex_operator(vertex, j)->name);
        }
    }
    ck_assert_str_eq(out.data, chains);
    out.len = 0;
    weir__buf_printf(&out, "%s", "");
    for (size_t i = 0; i < plan->links.count; i++) {
        const struct weir__link *link = weir__plan_link(plan, i);
        weir__buf_printf(&out, "%s%d>%d %s", i > 0 ? ", " : "", link->from->id, link->to->id,
                         weir__partition_name(link->partition));
    }
    ck_assert_str_eq(out.data, links);
    weir__buf_fini(&out);
    weir__plan_free(plan);
    weir_env_free(env);
}

START_TEST(forward_edges_of_equal_parallelism_are_chained)
{
    weir_env *env = env_of(2);
    sink(filter(filter(weir_from_source(env, event_source(1, 2, NULL)), "a"), "b"));
    expect_plan(env, "events,a,b,Collect", "");
}
END_TEST

START_TEST(key_by_breaks_the_chain_when_there_are_several_subtasks)
{
    weir_env *env = env_of(2);
    weir_stream *stream = filter(weir_from_source(env, event_source(1, 2, NULL)), "a");
    sink(weir_keyed_process(weir_key_by(stream, WEIR_FIELD(event, key)), &event_sum));
    expect_plan(env, "events,a | sum,Collect", "1>2 hash");
}
END_TEST

START_TEST(key_by_is_a_direct_call_when_there_is_one_subtask)
{
    weir_env *env = env_of(1);
    weir_stream *stream = filter(weir_from_source(env, event_source(1, 2, NULL)), "a");
    sink(weir_keyed_process(weir_key_by(stream, WEIR_FIELD(event, key)), &event_sum));
    expect_plan(env, "events,a,sum,Collect", "");
}
END_TEST

START_TEST(different_parallelism_makes_a_forward_edge_a_rebalance)
{
    weir_env *env = env_of(2);
    weir_stream *stream = weir_set_parallelism(weir_from_source(env, event_source(1, 1, NULL)), 1);
    sink(filter(stream, "a"));
    expect_plan(env, "events | a,Collect", "1>2 rebalance");
}
END_TEST

START_TEST(rebalance_and_disabled_chaining_break_the_chain)
{
    weir_env *env = env_of(1);
    weir_stream *stream = weir_rebalance(weir_from_source(env, event_source(1, 1, NULL)));
    stream = weir_disable_chaining(filter(stream, "a"));
    sink(filter(stream, "b"));
    expect_plan(env, "events | a | b,Collect", "1>2 rebalance, 2>3 forward");
}
END_TEST

START_TEST(several_inputs_break_the_chain_and_branches_do_not)
{
    weir_env *env = env_of(1);
    weir_stream *stream = weir_from_source(env, event_source(1, 1, NULL));
    weir_stream *left = filter(stream, "left");
    weir_stream *right = filter(stream, "right");
    sink(filter(weir_union(left, right), "both"));
    expect_plan(env, "events,left,right | both,Collect", "1>2 forward, 1>2 forward");
}
END_TEST

START_TEST(source_that_cannot_be_split_stays_alone)
{
    weir_env *env = env_of(4);
    static const struct event one[1];
    weir_source *source = weir_collection_source(&event_type, one, 1);
    source->max_parallelism = 1;
    sink(filter(weir_from_source(env, source), "a"));
    expect_plan(env, "Collection | a,Collect", "1>2 rebalance");
}
END_TEST

/* A plan with everything that its renderings show. */
static struct weir__plan *rich_plan(weir_env *env)
{
    weir_stream *stream = weir_from_source(env, event_source(1, 2, NULL));
    weir_stream *timed = weir_assign_watermarks(
        filter(stream, "say \"a\""), weir_bounded_out_of_orderness(30000), WEIR_FIELD(event, time));
    sink(weir_keyed_process(weir_key_by(timed, WEIR_FIELD(event, key)), &event_sum));
    weir_sink_to(weir_side_output(stream, &weir_dead_letters), weir_collect(ignore, NULL));
    struct weir__plan *plan = weir__plan_new(env);
    ck_assert_msg(plan != NULL, "%s", env->error.message);
    return plan;
}

static void expect_rendering(int parallelism,
                             void (*render)(const struct weir__plan *plan, struct weir__buf *out),
                             const char *expected)
{
    weir_env *env = env_of(parallelism);
    struct weir__plan *plan = rich_plan(env);
    struct weir__buf out = {0};
    render(plan, &out);
    weir__buf_put_u8(&out, '\0');
    ck_assert_str_eq(out.data, expected);
    weir__buf_fini(&out);
    weir__plan_free(plan);
    weir_env_free(env);
}

START_TEST(text_shows_tasks_calls_and_links)
{
    expect_rendering(2, weir__plan_text,
                     "Job test: 2 tasks, 6 operators, 2 slots\n"
                     "\n"
                     "task 1, parallelism 2: events -> say \"a\" -> Watermarks -> Collect\n"
                     "    Watermarks: bounded 30s, time from time\n"
                     "    Collect reads events, side output dead-letters\n"
                     "    Watermarks -> task 2 by hash of key\n"
                     "\n"
                     "task 2, parallelism 2: sum -> Collect\n");
    expect_rendering(
        1, weir__plan_text,
        "Job test: 1 task, 6 operators, 1 slot\n"
        "\n"
        "task 1, parallelism 1: events -> say \"a\" -> Watermarks -> sum -> Collect -> Collect\n"
        "    Watermarks: bounded 30s, time from time\n"
        "    sum reads Watermarks, by key key (direct calls: there is one subtask)\n"
        "    Collect reads events, side output dead-letters\n");
}
END_TEST

START_TEST(plan_says_where_time_comes_from)
{
    weir_env *env = env_of(1);
    weir_stream *stream = weir_from_source(env, event_source(1, 2, NULL));
    sink(weir_assign_watermarks(stream, weir_ingestion_time(), NULL));
    struct weir__plan *plan = weir__plan_new(env);
    struct weir__buf out = {0};
    weir__plan_text(plan, &out);
    weir__buf_put_u8(&out, '\0');
    ck_assert_ptr_nonnull(strstr(out.data, "Watermarks: ingestion, time from the clock\n"));
    weir__buf_fini(&out);
    weir__plan_free(plan);
    weir_env_free(env);
}
END_TEST

START_TEST(dot_quotes_names)
{
    expect_rendering(2, weir__plan_dot,
                     "digraph \"test\" {\n"
                     "  rankdir=LR;\n"
                     "  node [shape=box];\n"
                     "  subgraph cluster_1 {\n"
                     "    label=\"task 1 x2\";\n"
                     "    op1 [label=\"events\"];\n"
                     "    op2 [label=\"say \\\"a\\\"\"];\n"
                     "    op1 -> op2;\n"
                     "    op3 [label=\"Watermarks\"];\n"
                     "    op2 -> op3;\n"
                     "    op6 [label=\"Collect\"];\n"
                     "    op1 -> op6;\n"
                     "  }\n"
                     "  subgraph cluster_2 {\n"
                     "    label=\"task 2 x2\";\n"
                     "    op4 [label=\"sum\"];\n"
                     "    op5 [label=\"Collect\"];\n"
                     "    op4 -> op5;\n"
                     "  }\n"
                     "  op3 -> op4 [label=\"hash of key\"];\n"
                     "}\n");
}
END_TEST

START_TEST(json_has_the_shape_of_flinks_plan)
{
    expect_rendering(2, weir__plan_json,
                     "{\"name\":\"test\",\"type\":\"STREAMING\",\"nodes\":["
                     "{\"id\":\"1\",\"parallelism\":2,\"description\":\"events -> say \\\"a\\\" -> "
                     "Watermarks -> Collect\","
                     "\"inputs\":[]},"
                     "{\"id\":\"2\",\"parallelism\":2,\"description\":\"sum -> "
                     "Collect\",\"inputs\":[{\"num\":0,\"id\":\"1\","
                     "\"ship_strategy\":\"HASH\",\"exchange\":\"pipelined_bounded\"}]}]}\n");
}
END_TEST

START_TEST(trace_gets_operators_with_inputs_and_settings)
{
    weir_env *env = env_of(2);
    struct weir__plan *plan = rich_plan(env);
    struct weir__buf out = {0};
    weir__plan_trace(plan, &env->settings, &out);
    weir__buf_put_u8(&out, '\0');
    ck_assert_ptr_nonnull(
        strstr(out.data, "{\"id\":4,\"name\":\"sum\",\"kind\":\"KeyedProcess\",\"parallelism\":2,"
                         "\"task\":2,\"inputs\":[{\"from\":3,\"partition\":\"hash\"}]"));
    ck_assert_ptr_nonnull(strstr(
        out.data, "\"inputs\":[{\"from\":1,\"partition\":\"forward\",\"side\":\"dead-letters\"}]"));
    ck_assert_ptr_nonnull(
        strstr(out.data, "\"settings\":{\"watermark\":\"bounded\",\"bound\":30000"));
    weir__buf_fini(&out);
    weir__plan_free(plan);
    weir_env_free(env);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph plan");
    TCase *tests = tcase_create("plan");
    tcase_add_test(tests, forward_edges_of_equal_parallelism_are_chained);
    tcase_add_test(tests, key_by_breaks_the_chain_when_there_are_several_subtasks);
    tcase_add_test(tests, key_by_is_a_direct_call_when_there_is_one_subtask);
    tcase_add_test(tests, different_parallelism_makes_a_forward_edge_a_rebalance);
    tcase_add_test(tests, rebalance_and_disabled_chaining_break_the_chain);
    tcase_add_test(tests, several_inputs_break_the_chain_and_branches_do_not);
    tcase_add_test(tests, source_that_cannot_be_split_stays_alone);
    tcase_add_test(tests, text_shows_tasks_calls_and_links);
    tcase_add_test(tests, plan_says_where_time_comes_from);
    tcase_add_test(tests, dot_quotes_names);
    tcase_add_test(tests, json_has_the_shape_of_flinks_plan);
    tcase_add_test(tests, trace_gets_operators_with_inputs_and_settings);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

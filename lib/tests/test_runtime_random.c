/*
 * Random graphs: whatever operators, unions, branches, parallelisms and chains, the results are
 * those of the same graph with one subtask.
 */
#include "base/rand.h"
#include "graph/env.h"
#include "random_cases.h"
#include "test_runtime_event.inc"

enum { GRAPHS = 40, STEPS = 10, MOST_RESULTS = 20000 };

static bool divides(const void *value, void *user)
{
    const int64_t *divisor = user;
    return ((const struct event *)value)->number % *divisor != 0;
}

static void add_one(const void *value, void *out, void *user)
{
    (void)user;
    struct event *event = out;
    *event = *(const struct event *)value;
    event->number++;
}

static const struct weir_output_tag fives = {"fives", &event_type};
static const struct weir_output_tag *const tags[] = {&fives, NULL};

static void split(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    if (((const struct event *)value)->number % 5 == 0) {
        weir_side_emit(context, &fives, value);
    } else {
        weir_emit(out, value);
    }
}

static const struct weir_process_function splitter = {.name = "split",
                                                      .in_type = &event_type,
                                                      .out_type = &event_type,
                                                      .process = split,
                                                      .side_outputs = tags};

/* The graph that a seed stands for, with what is random about its execution drawn from another. */
struct drawing {
    struct weir__rand graph;
    struct weir__rand execution;
    bool plain; /* one subtask everywhere, and everything chained */
    struct lines *lines;
    weir_stream *streams[STEPS + 1];
    size_t count;
};

static weir_stream *pick(struct drawing *drawing)
{
    return drawing->streams[weir__rand_below(&drawing->graph, drawing->count)];
}

static weir_stream *one_step(struct drawing *drawing)
{
    static int64_t three = 3;
    weir_stream *in = pick(drawing);
    switch (weir__rand_below(&drawing->graph, 6)) {
    case 0:
        return weir_filter(in, NULL, divides, &three);
    case 1:
        return weir_map(in, NULL, &event_type, add_one, NULL);
    case 2:
        return weir_side_output(weir_process(in, &splitter), &fives);
    case 3:
        return weir_map(weir_union(in, pick(drawing)), NULL, &event_type, add_one, NULL);
    case 4:
        return weir_keyed_process(weir_key_by(in, WEIR_FIELD(event, key)), &event_sum);
    default:
        return weir_map(weir_rebalance(in), NULL, &event_type, add_one, NULL);
    }
}

/* Parallelism and chaining of the operator behind a stream. */
static weir_stream *vary(struct drawing *drawing, weir_stream *stream)
{
    uint64_t parallelism = 1 + weir__rand_below(&drawing->execution, 4);
    bool alone = weir__rand_below(&drawing->execution, 3) == 0;
    if (!drawing->plain) {
        weir_set_parallelism(stream, (int)parallelism);
        if (alone) {
            weir_disable_chaining(stream);
        }
    }
    return stream;
}

static void draw(struct drawing *drawing, weir_env *env)
{
    drawing->streams[drawing->count++] =
        vary(drawing, weir_from_source(env, event_source(200, 3, NULL)));
    for (int i = 0; i < STEPS; i++) {
        drawing->streams[drawing->count++] = vary(drawing, one_step(drawing));
    }
    weir_sink_to(drawing->streams[drawing->count - 1], weir_collect(lines_collect, drawing->lines));
    weir_sink_to(pick(drawing), weir_collect(lines_collect, drawing->lines));
}

static void run_graph(uint64_t seed, bool plain, bool simulated, struct lines *lines)
{
    char text[24];
    snprintf(text, sizeof(text), "--seed=%llu", (unsigned long long)seed);
    weir_env *env = event_env((const char *const[]){
        text, simulated ? "--scheduler=simulation" : "--scheduler=threads", NULL});
    struct drawing drawing = {.plain = plain, .lines = lines};
    weir__rand_init(&drawing.graph, seed);
    weir__rand_init(&drawing.execution, seed + 1000);
    env->settings.buffer_bytes = plain ? 0 : (size_t)1 << weir__rand_below(&drawing.execution, 12);
    env->settings.channel_buffers =
        plain ? 0 : (size_t)1 << weir__rand_below(&drawing.execution, 3);
    draw(&drawing, env);
    ck_assert_msg(weir_execute(env) == 0, "seed %llu", (unsigned long long)seed);
    weir_env_free(env);
}

/* All operators here are indifferent to the order of their input. */
START_TEST(random_graphs_give_the_same_results_however_they_run)
{
    size_t results = 0;
    struct random_cases cases = random_seeds("graphs", GRAPHS);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct lines expected = {0};
        struct lines threads = {0};
        struct lines simulation = {0};
        run_graph(seed, true, false, &expected);
        run_graph(seed, false, false, &threads);
        run_graph(seed, false, true, &simulation);
        ck_assert_uint_le(expected.count, MOST_RESULTS);
        ck_assert_msg(threads.count == expected.count && simulation.count == expected.count,
                      "seed %llu: %zu results expected, %zu by threads, %zu by simulation",
                      (unsigned long long)seed, expected.count, threads.count, simulation.count);
        results += expected.count;
        lines_assert_same(&threads, &expected);
        lines_assert_same(&simulation, &expected);
        lines_clear(&expected);
        lines_clear(&threads);
        lines_clear(&simulation);
    }
    uint64_t count = cases.end - cases.first;
    ck_assert(count < GRAPHS || results > count);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime random");
    TCase *tests = tcase_create("random");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, random_graphs_give_the_same_results_however_they_run);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

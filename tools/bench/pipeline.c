/*
 * A whole job: generator, filter, key_by, tumbling count over 10 000 keys. With one subtask the
 * chain is direct calls from the source to the sink; with two, every record crosses a channel
 * between two threads. CPU time of all threads, so figures are for a core. Sources produce a
 * million events a second of event time; what the windows hold is compared before any time counts.
 */
#include "bench.h"

#include <weir/weir.h>

#include <stdio.h>
#include <stdlib.h>

#define VIEW_FIELDS(F, T)                                                                          \
    F(T, string, page, "page", required)                                                           \
    F(T, int64, user, "user", required)                                                            \
    F(T, int64, time, "time", required)
WEIR_DECLARE_TYPE(view, VIEW_FIELDS);
WEIR_DEFINE_TYPE(view, VIEW_FIELDS);

enum { EVENTS = 4000000, KEYS = 10000, NAME_SIZE = 24, RUNS = 5 };

struct pages {
    char names[KEYS][NAME_SIZE];
    uint32_t lens[KEYS];
};

static bool make_view(int64_t index, void *value, int64_t *timestamp, void *user)
{
    const struct pages *pages = user;
    struct view *view = value;
    uint32_t page = (uint32_t)((uint64_t)index * 0x9e3779b97f4a7c15u >> 40) % KEYS;
    view->page = (struct weir_str){pages->names[page], pages->lens[page]};
    view->user = index;
    view->time = index / 1000;
    *timestamp = view->time;
    return true;
}

static bool is_wanted(const void *value, void *user)
{
    (void)user;
    return ((const struct view *)value)->user % 8 != 0;
}

static void count_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)value;
    (void)timestamp;
    (void)user;
    ++*(int64_t *)accumulator;
}

static void count_merge(void *accumulator, const void *other, void *user)
{
    (void)user;
    *(int64_t *)accumulator += *(const int64_t *)other;
}

static void count_result(const void *accumulator, const struct weir_window_context *context,
                         void *out, void *user)
{
    (void)user;
    struct view *view = out;
    view->page = *(const struct weir_str *)context->key;
    view->user = *(const int64_t *)accumulator;
    view->time = context->window.start;
}

static const struct weir_aggregate count_views = {
    .name = "count",
    .in_type = &view_type,
    .accumulator_type = &weir_int64_type,
    .out_type = &view_type,
    .add = count_add,
    .merge = count_merge,
    .result = count_result,
};

/* Adds up the results, whatever their order. */
static void add_result(const void *value, int64_t timestamp, void *user)
{
    int64_t *sum = user;
    const struct view *view = value;
    *sum += view->user * (timestamp + view->page.len);
}

struct job {
    struct pages *pages;
    const char *parallelism;
    bool windows; /* else: the source and the filter alone, as the baseline */
    int64_t sum;
};

static void run_job(void *user)
{
    struct job *job = user;
    char *argv[] = {(char *)"bench", (char *)"-p", (char *)job->parallelism, NULL};
    weir_env *env = weir_env_new("bench", 3, argv);
    weir_stream *views = weir_from_source(
        env, weir_generator_source(&(struct weir_generator_source_config){.type = &view_type,
                                                                          .next = make_view,
                                                                          .user = job->pages,
                                                                          .count = EVENTS,
                                                                          .splits = 4}));
    weir_stream *wanted = weir_filter(views, "wanted", is_wanted, NULL);
    job->sum = 0;
    if (job->windows) {
        weir_stream *timed = weir_assign_watermarks(wanted, weir_bounded_out_of_orderness(100),
                                                    WEIR_FIELD(view, time));
        weir_stream *counts = weir_window_aggregate(weir_key_by(timed, WEIR_FIELD(view, page)),
                                                    weir_tumbling_event_time(1000), &count_views);
        weir_sink_to(counts, weir_collect(add_result, &job->sum));
    } else {
        weir_sink_to(wanted, weir_collect(add_result, &job->sum));
    }
    if (weir_execute(env) != 0) {
        exit(1);
    }
    weir_env_free(env);
}

static double measure(struct job *job, const char *what, double baseline)
{
    double ns = bench_ns_per_item(run_job, job, EVENTS, RUNS);
    bench_report(what, ns, baseline);
    return ns;
}

void bench_pipeline(void)
{
    struct pages *pages = calloc(1, sizeof(*pages));
    if (pages == NULL) {
        return;
    }
    for (int i = 0; i < KEYS; i++) {
        pages->lens[i] = (uint32_t)snprintf(pages->names[i], NAME_SIZE, "/products/%05d", i);
    }
    struct job source = {.pages = pages, .parallelism = "1"};
    struct job one = {.pages = pages, .parallelism = "1", .windows = true};
    struct job two = {.pages = pages, .parallelism = "2", .windows = true};
    measure(&source, "generator, filter, sink", 0);
    double chained = measure(&one, "+ key_by, tumbling count: 1 subtask, direct calls", 0);
    measure(&two, "+ the same: 2 subtasks, channels", chained);
    if (one.sum != two.sum) {
        printf("  the results differ: %lld and %lld\n", (long long)one.sum, (long long)two.sum);
    }
    free(pages);
}

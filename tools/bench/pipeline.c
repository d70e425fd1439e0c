/*
 * Whole jobs: generator, filter, key_by, window, sink. With one subtask the chain is direct calls
 * from the source to the sink; with two, every record crosses a channel between two threads. CPU
 * time of all threads, so figures are for a core. Sources produce a million events a second of
 * event time. The reference of a row is the same job without key_by and window; what its windows
 * give is compared with what the general path gives before any time counts.
 */
#include "bench.h"

#include "base/mem.h"

#include <weir/weir.h>

#include <stdio.h>
#include <stdlib.h>

#define VIEW_FIELDS(F, T)                                                                          \
    F(T, string, page, "page", required)                                                           \
    F(T, int64, user, "user", required)                                                            \
    F(T, int64, time, "time", required)
WEIR_DECLARE_TYPE(view, VIEW_FIELDS);
WEIR_DEFINE_TYPE(view, VIEW_FIELDS);

enum { EVENTS = 2000000, CHECKED = 300000, NAME_SIZE = 24, NAME_LEN = 17, RUNS = 5 };

struct pages {
    char (*names)[NAME_SIZE];
    uint32_t count;
};

static bool make_view(int64_t index, void *value, int64_t *timestamp, void *user)
{
    const struct pages *pages = user;
    struct view *view = value;
    uint64_t random = (uint64_t)index * 0x9e3779b97f4a7c15u;
    const char *name = pages->names[(random >> 40) % pages->count];
    view->page = (struct weir_str){name, NAME_LEN};
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
    const char *what;
    const char *parallelism;
    struct pages *pages;
    struct weir_window_assigner assigner;
    enum weir_window_path path;
    bool windows; /* else: the source and the filter alone, as the reference */
    int64_t events;
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
                                                                          .count = job->events,
                                                                          .splits = 4}));
    weir_stream *wanted = weir_filter(views, "wanted", is_wanted, NULL);
    job->sum = 0;
    if (job->windows) {
        weir_stream *timed = weir_assign_watermarks(wanted, weir_bounded_out_of_orderness(100),
                                                    WEIR_FIELD(view, time));
        weir_stream *counts = weir_window(weir_key_by(timed, WEIR_FIELD(view, page)),
                                          &(struct weir_window_config){.assigner = job->assigner,
                                                                       .aggregate = &count_views,
                                                                       .path = job->path});
        weir_sink_to(counts, weir_collect(add_result, &job->sum));
    } else {
        weir_sink_to(wanted, weir_collect(add_result, &job->sum));
    }
    if (weir_execute(env) != 0) {
        exit(1);
    }
    weir_env_free(env);
}

static int64_t checksum(struct job job, enum weir_window_path path, const char *parallelism)
{
    job.path = path;
    job.parallelism = parallelism;
    job.events = CHECKED;
    run_job(&job);
    return job.sum;
}

static void measure(struct job job)
{
    if (!bench_row(job.what, NULL)) {
        return;
    }
    struct pages pages = *job.pages;
    pages.names = weir__calloc(pages.count, NAME_SIZE);
    for (uint32_t i = 0; i < pages.count; i++) {
        snprintf(pages.names[i], NAME_SIZE, "/products/%07u", i);
    }
    job.pages = &pages;
    if (checksum(job, WEIR_PATH_GENERAL, "1") != checksum(job, WEIR_PATH_AUTO, job.parallelism)) {
        bench_note("%s: the results differ: no figures", job.what);
    } else {
        struct job source = job;
        source.windows = false;
        double reference = bench_ns_per_item(run_job, &source, EVENTS, RUNS);
        double ns = bench_ns_per_item(run_job, &job, EVENTS, RUNS);
        bench_report(job.what, ns, reference, NULL);
        bench_note("of these %.1f ns are generator, filter and sink", reference);
    }
    weir__free(pages.names);
}

void bench_pipeline(void)
{
    struct pages few = {.count = 10000};
    struct pages many = {.count = 1000000};
    struct job job = {.parallelism = "1", .pages = &few, .windows = true, .events = EVENTS};
    job.what = "tumbling 1 s, 10k keys, 1 subtask: direct calls";
    job.assigner = weir_tumbling_event_time(1000);
    measure(job);
    job.what = "tumbling 1 s, 10k keys, 2 subtasks: channels";
    job.parallelism = "2";
    measure(job);
    job.parallelism = "1";
    job.what = "sliding 1 s / 100 ms, 10k keys, 1 subtask";
    job.assigner = weir_sliding_event_time(1000, 100);
    measure(job);
    job.what = "sessions of 500 ms, 1M keys, 1 subtask";
    job.pages = &many;
    job.assigner = weir_session_event_time(500);
    measure(job);
}

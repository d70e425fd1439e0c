/*
 * Lesson 6: the same job twice, with each click as it comes, and a batch of clicks at a time.
 *
 *     clicks ─▶ by page ─▶ count ─▶ results: a page, how often it was seen, how long that took
 *
 * Clicks come at a steady rate, whoever reads them. What is measured is what a user would feel: the
 * time from when a click was made to when its result is there.
 */
#include <clickstream/generator.h>
#include <weir/weir.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PAGE_SEEN_FIELDS(F, T)                                                                     \
    F(T, string, page_url, "pageUrl", required)                                                    \
    F(T, int64, times, "times", required)                                                          \
    F(T, int64, took_ms, "tookMs", required)
WEIR_DECLARE_TYPE(page_seen, PAGE_SEEN_FIELDS);
WEIR_DEFINE_TYPE(page_seen, PAGE_SEEN_FIELDS);

struct settings {
    int64_t clicks;
    int64_t per_second;
    int64_t batch_ms;
};

/* What one of the two runs came to. */
struct outcome {
    struct settings settings;
    struct click_generator generator;
    int64_t start_ms;
    int64_t *took_ms; /* of each result */
    int64_t results;
    uint64_t sum; /* of all results, whatever their order */
    double cpu_seconds;
    double seconds;
    bool finished;
};

/* Click i is made i / rate after the first one, also when nobody comes to fetch it then. */
static bool next_click(int64_t index, void *value, int64_t *timestamp, void *user)
{
    struct outcome *outcome = user;
    if (index == 0) {
        outcome->start_ms = weir_clock_ms(&weir_system_clock);
    }
    *timestamp = outcome->start_ms + index * 1000 / outcome->settings.per_second;
    click_generator_event(&outcome->generator, (uint64_t)index, *timestamp, value);
    return true;
}

static const struct weir_state_descriptor times_state = {
    .name = "times", .kind = WEIR_STATE_VALUE, .type = &weir_int64_type};
static const struct weir_state_descriptor *const states[] = {&times_state, NULL};

static void count(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct click_event *click = value;
    int64_t *times = weir_value_state_edit(context, &times_state);
    (void)user;
    weir_emit(out, &(struct page_seen){
                       .page_url = click->page_url,
                       .times = ++*times,
                       .took_ms = weir_current_processing_time(context) - click->timestamp,
                   });
}

static void keep(const void *value, int64_t timestamp, void *user)
{
    const struct page_seen *seen = value;
    struct outcome *outcome = user;
    uint64_t hash = UINT64_C(14695981039346656037) + (uint64_t)seen->times; /* FNV-1a */
    (void)timestamp;
    for (uint32_t i = 0; i < seen->page_url.len; i++) {
        hash = (hash ^ (uint8_t)seen->page_url.data[i]) * UINT64_C(1099511628211);
    }
    outcome->sum += hash;
    outcome->took_ms[outcome->results++] = seen->took_ms;
}

static void note_end(weir_env *env, void *user)
{
    (void)env;
    ((struct outcome *)user)->finished = true;
}

static struct settings read_options(weir_env *env)
{
    weir_env_about(env, "Counts clicks by page, each as it comes and a batch at a time; compares.");
    weir_env_example(env, "batch-or-stream --batch 30s --clicks 90000");
    return (struct settings){
        .clicks = weir_option_int(env, "clicks", 6000, 1, 10000000, "how many, each time"),
        .per_second = weir_option_int(env, "rate", 1000, 1, 1000000, "clicks a second"),
        .batch_ms = weir_option_duration(env, "batch", weir_seconds(2), "length of a batch"),
    };
}

static int run(struct outcome *outcome, bool in_batches, int argc, char **argv)
{
    weir_env *env = weir_env_new("batch-or-stream", argc, argv);
    *outcome = (struct outcome){.settings = read_options(env), .generator = click_generator_of(1)};
    outcome->took_ms = calloc((size_t)outcome->settings.clicks, sizeof(*outcome->took_ms));
    weir_env_set_micro_batch(env, in_batches ? outcome->settings.batch_ms : 0);

    weir_stream *clicks =
        weir_from_source(env, weir_generator_source(&(struct weir_generator_source_config){
                                  .type = &click_event_type,
                                  .next = next_click,
                                  .user = outcome,
                                  .count = outcome->settings.clicks,
                                  .per_second = outcome->settings.per_second}));
    weir_stream *counts = weir_keyed_process(weir_key_by(clicks, WEIR_FIELD(click_event, page_url)),
                                             &(struct weir_process_function){
                                                 .name = "count",
                                                 .in_type = &click_event_type,
                                                 .out_type = &page_seen_type,
                                                 .process = count,
                                                 .states = states,
                                             });
    weir_sink_to(counts, weir_collect(keep, outcome));
    weir_env_on_finish(env, note_end, outcome);

    clock_t cpu = clock();
    int64_t start_ns = weir_clock_ns(&weir_system_clock);
    int code = weir_execute(env);
    outcome->cpu_seconds = (double)(clock() - cpu) / CLOCKS_PER_SEC;
    outcome->seconds = (double)(weir_clock_ns(&weir_system_clock) - start_ns) / 1e9;
    weir_env_free(env);
    return code;
}

static int by_size(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static void print_outcome(const char *mode, struct outcome *outcome)
{
    int64_t n = outcome->results;
    int64_t sum = 0;
    qsort(outcome->took_ms, (size_t)n, sizeof(*outcome->took_ms), by_size);
    for (int64_t i = 0; i < n; i++) {
        sum += outcome->took_ms[i];
    }
    printf("%-18s %8lld", mode, (long long)n);
    if (n > 0) {
        const int64_t *took = outcome->took_ms;
        printf(" %7lld %7lld %7lld %7lld %7lld", (long long)(sum / n), (long long)took[n / 2],
               (long long)took[n * 95 / 100], (long long)took[n * 99 / 100],
               (long long)took[n - 1]);
    }
    printf(" %8.2f %8.1f\n", outcome->cpu_seconds, outcome->seconds);
}

static int compare(struct outcome *stream, struct outcome *batch)
{
    char length[24];
    char mode[40];
    weir_duration_format(batch->settings.batch_ms, length, sizeof(length));
    snprintf(mode, sizeof(mode), "batches of %s", length);
    printf("from a click to its result, in ms, at %lld clicks a second\n\n",
           (long long)stream->settings.per_second);
    printf("%-18s %8s %7s %7s %7s %7s %7s %8s %8s\n", "MODE", "RESULTS", "MEAN", "P50", "P95",
           "P99", "MAX", "CPU s", "RUN s");
    print_outcome("each as it comes", stream);
    print_outcome(mode, batch);
    bool same = stream->results == batch->results && stream->sum == batch->sum;
    printf("\nthe results are %s\n", same ? "the same" : "DIFFERENT");
    return same ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct outcome stream;
    struct outcome batch = {.took_ms = NULL};
    int code = run(&stream, false, argc, argv);
    if (code == 0 && stream.finished) { /* else it was --help, or an error */
        code = run(&batch, true, argc, argv);
    }
    if (code == 0 && batch.finished) {
        code = compare(&stream, &batch);
    }
    free(stream.took_ms);
    free(batch.took_ms);
    return code;
}

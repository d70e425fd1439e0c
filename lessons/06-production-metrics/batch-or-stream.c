/*
 * Lesson 6: the same job twice, with each click as it comes, and a batch of clicks at a time.
 *
 *     clicks ─▶ by page ─▶ count ─▶ results: a page, how often it was seen, how long that took
 *
 * Clicks come at a steady rate, whoever reads them. Measured is the time from when a click was made
 * to when its result is there.
 */
#include <clickstream/generator.h>
#include <clickstream/run_times.h>
#include <weir/weir.h>

#include <stdio.h>

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

/* One of the two runs. */
struct outcome {
    struct settings settings;
    struct click_generator generator;
    int64_t start_ms;
    run_times *times;
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
    (void)timestamp;
    run_times_add(((struct outcome *)user)->times, seen->took_ms, seen->page_url, seen->times);
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
    *outcome = (struct outcome){.settings = read_options(env),
                                .generator = click_generator_of(1),
                                .times = run_times_new()};
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
    run_times_start(outcome->times);
    int code = weir_execute(env);
    run_times_stop(outcome->times);
    weir_env_free(env);
    return code;
}

static int compare(const struct outcome *stream, const struct outcome *batch)
{
    char length[24];
    char mode[40];
    weir_duration_format(batch->settings.batch_ms, length, sizeof(length));
    snprintf(mode, sizeof(mode), "batches of %s", length);
    printf("from a click to its result, in ms, at %lld clicks a second\n\n",
           (long long)stream->settings.per_second);
    run_times_print_head();
    run_times_print(stream->times, "each as it comes");
    run_times_print(batch->times, mode);
    bool same = run_times_same_results(stream->times, batch->times);
    printf("\nthe results are %s\n", same ? "the same" : "DIFFERENT");
    return same ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct outcome stream;
    struct outcome batch = {.times = NULL};
    int code = run(&stream, false, argc, argv);
    if (code == 0 && stream.finished) { /* else it was --help, or an error */
        code = run(&batch, true, argc, argv);
    }
    if (code == 0 && batch.finished) {
        code = compare(&stream, &batch);
    }
    run_times_free(stream.times);
    run_times_free(batch.times);
    return code;
}

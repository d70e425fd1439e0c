/*
 * Lesson 3: which pages are seen, and by how many people?
 *
 *     clicks ─▶ views only ─▶ watermarks ─▶ by page ─▶ sliding windows ─▶ a line a window
 *                                                            └─▶ late events, counted
 *
 * Counts page views and distinct users in windows of event time. At the end it proves that no event
 * was lost: every event that came in was no view, or is in a window, or was too late, or could not
 * be read.
 */
#include <clickstream/balance.h>
#include <clickstream/click_event.h>
#include <clickstream/page_view_count.h>
#include <weir/weir.h>

#include <stdio.h>

/* What the program was asked for, and what it found out. */
struct experiment {
    int64_t size;
    int64_t slide;
    int64_t bound;
    int64_t lateness;
    const char *topic;
    const char *input; /* a file of JSON lines instead of Kafka; NULL: Kafka */
    int64_t late;
};

static struct experiment read_options(weir_env *env)
{
    weir_env_about(env, "Counts page views and distinct users in sliding windows of event time.");
    weir_env_example(env, "page-views --size 1m --slide 30s --stop-idle 10s");
    weir_env_example(env, "page-views --input clicks.jsonl --bound 5s -p 4");
    return (struct experiment){
        .size = weir_option_duration(env, "size", weir_minutes(5), "length of a window"),
        .slide = weir_option_duration(env, "slide", weir_seconds(10), "a window begins every D"),
        .bound = weir_option_duration(env, "bound", weir_seconds(30),
                                      "how far out of order events may come"),
        .lateness = weir_option_duration(env, "lateness", 0,
                                         "how long a window takes late events after it fired"),
        .topic = weir_option_string(env, "topic", "click-stream", "Kafka topic"),
        .input = weir_option_string(env, "input", NULL, "JSON lines instead of Kafka; - is stdin"),
    };
}

static weir_source *open_source(const struct experiment *experiment)
{
    struct weir_format format = weir_json(&click_event_type);
    if (experiment->input != NULL) {
        return weir_file_source(
            &(struct weir_file_source_config){.path = experiment->input, .format = format});
    }
    return weir_kafka_source(&(struct weir_kafka_source_config){
        .topic = experiment->topic, .group_id = "lesson-03", .format = format});
}

/* A file gives the same watermarks every time; Kafka may fall silent, and may hold a date from the
 * year 3000. */
static struct weir_watermark_strategy watermarks(const struct experiment *experiment)
{
    struct weir_watermark_strategy strategy = weir_bounded_out_of_orderness(experiment->bound);
    if (experiment->input != NULL) {
        return weir_with_interval(strategy, -1);
    }
    return weir_with_max_future_skew(weir_with_idleness(strategy, weir_seconds(5)), weir_hours(1));
}

/* A file is read by one subtask, which keeps its order; a topic by as many as there are. */
static weir_stream *in_order(weir_stream *stream, const struct experiment *experiment)
{
    return experiment->input != NULL ? weir_set_parallelism(stream, 1) : stream;
}

static bool is_view(const void *value, void *user)
{
    const struct click_event *event = value;
    (void)user;
    return weir_str_equals(event->event_type, "VIEW");
}

static void count_late(const void *value, int64_t timestamp, void *user)
{
    int64_t *late = user;
    (void)value;
    (void)timestamp;
    ++*late;
}

/* Every number is counted where it happens; only their sum can show that nothing fell through. */
static void print_summary(weir_env *env, void *user)
{
    struct experiment *experiment = user;
    int64_t dead = weir_metric(env, "clicks", "numDeadLetters");
    int64_t views = weir_metric(env, "views", "numRecordsOut");
    int64_t lost = weir_metric(env, "clicks", "numLostMessages");
    const struct balance_line lines[] = {
        {"not a view", weir_metric(env, "views", "numRecordsIn") - views, false},
        {"in windows", weir_metric(env, "windows", "numRecordsInWindows"), false},
        {"late", experiment->late, false},
        {"dead letters", dead, false},
        {"between windows", weir_metric(env, "windows", "numRecordsInNoWindow"), true},
        {"without a valid time", weir_metric(env, "windows", "numRecordsRejected"), true},
        {0},
    };
    balance_print(env, weir_metric(env, "clicks", "numRecordsOut") + dead, lines);
    if (lost > 0) {
        printf("lost by the broker     %9lld\n", (long long)lost);
    }
}

int main(int argc, char **argv)
{
    static const struct weir_output_tag too_late = {"late", &click_event_type};
    weir_env *env = weir_env_new("page-views", argc, argv);
    struct experiment experiment = read_options(env);

    weir_stream *clicks = weir_set_name(weir_from_source(env, open_source(&experiment)), "clicks");
    weir_stream *views = weir_filter(in_order(clicks, &experiment), "views", is_view, NULL);
    weir_stream *timed = weir_assign_watermarks(
        in_order(views, &experiment), watermarks(&experiment), WEIR_FIELD(click_event, timestamp));
    weir_stream *counts =
        weir_window(weir_key_by(in_order(timed, &experiment), WEIR_FIELD(click_event, page_url)),
                    &(struct weir_window_config){
                        .name = "windows",
                        .assigner = weir_sliding_event_time(experiment.size, experiment.slide),
                        .allowed_lateness_ms = experiment.lateness,
                        .late_output = &too_late,
                        .aggregate = &page_view_count_aggregate,
                    });
    weir_sink_to(counts, weir_print_lines(&(struct weir_print_config){
                             .heading = page_view_count_heading, .write = page_view_count_line}));
    weir_sink_to(weir_side_output(counts, &too_late), weir_collect(count_late, &experiment.late));

    weir_env_on_finish(env, print_summary, &experiment);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

/*
 * Lesson 3: every event is told which five minutes it belongs to.
 *
 *     clickstream ─▶ valid ─▶ watermarks ─▶ by user ─▶ tumbling windows ─▶ part files of JSON lines
 *          └─▶ dead letters ─▶ clickstream-dlq              └─▶ each event, with its window's bounds
 *
 * A window need not summarize: this one gives every event back, and adds when it happened and when
 * its window begins and ends. Exactly once: a checkpoint every 30 seconds makes the part files
 * visible that were finished before it, in a folder or in a bucket of S3.
 */
#include <clickstream/balance.h>
#include <clickstream/cart_event.h>
#include <clickstream/input.h>
#include <weir/weir.h>

enum { ISO_TIME = 40 }; /* bytes for "2024-10-22T21:00:00Z" and its fraction */

/* An event of the input, and what is added to it. */
#define ENRICHED_EVENT_FIELDS(F, T)                                                                \
    CART_EVENT_FIELDS(F, T)                                                                        \
    F(T, string, event_timestamp, "event_timestamp", required)                                     \
    F(T, string, event_timestamp_start, "event_timestamp_start", required)                         \
    F(T, string, event_timestamp_end, "event_timestamp_end", required)
WEIR_DECLARE_TYPE(enriched_event, ENRICHED_EVENT_FIELDS);
WEIR_DEFINE_TYPE(enriched_event, ENRICHED_EVENT_FIELDS);

static void keep_valid(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct cart_event *event = value;
    (void)user;
    if (event->event_id.len > 0 && event->user_id.len > 0 && event->timestamp > 0) {
        weir_emit(out, event);
    } else {
        weir_count(context, "numInvalid", 1);
    }
}

/* The strings are borrowed: from the event, and from the three texts. */
static struct enriched_event enriched(const struct cart_event *event, const char *at,
                                      const char *start, const char *end)
{
#define COPY(T, kind, field, ...) .field = event->field,
    return (struct enriched_event){CART_EVENT_FIELDS(COPY, ~).event_timestamp = weir_str_from(at),
                                   .event_timestamp_start = weir_str_from(start),
                                   .event_timestamp_end = weir_str_from(end)};
#undef COPY
}

/* The window is over: its events, in the order in which they came. */
static void enrich(const struct weir_window_context *context,
                   const struct weir_window_element *elements, size_t count, weir_collector *out,
                   void *user)
{
    char start[ISO_TIME];
    char end[ISO_TIME];
    (void)user;
    weir_time_format(context->window.start, start, sizeof start);
    weir_time_format(context->window.end, end, sizeof end);
    for (size_t i = 0; i < count; i++) {
        const struct cart_event *event = elements[i].value;
        char at[ISO_TIME];
        weir_time_format(event->timestamp, at, sizeof at);
        const struct enriched_event result = enriched(event, at, start, end);
        weir_emit(out, &result);
    }
}

/* --dlq, or the input's own kind of place: a topic, or lines on the screen. */
static weir_sink *dead_letters(const char *to, const struct clickstream_input *input)
{
    if (to == NULL && input->path != NULL) {
        return weir_print("DEAD-LETTER");
    }
    return weir_dead_letter_sink(to != NULL ? to : "kafka:clickstream-dlq");
}

static void print_summary(weir_env *env, void *user)
{
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    const struct balance_line lines[] = {
        {"enriched", weir_metric(env, "Files", "numRecordsIn"), false},
        {"invalid", weir_metric(env, "valid", "numInvalid"), false},
        {"late", weir_metric(env, "enrich", "numLateRecordsDropped"), false},
        {"dead letters", dead, false},
        {0},
    };
    (void)user;
    balance_print(env, weir_metric(env, "valid", "numRecordsIn") + dead, lines);
}

int main(int argc, char **argv)
{
    static const struct weir_process_function filter = {.name = "valid",
                                                        .in_type = &cart_event_type,
                                                        .out_type = &cart_event_type,
                                                        .process = keep_valid};
    static const struct weir_window_function function = {
        .in_type = &cart_event_type, .out_type = &enriched_event_type, .process = enrich};
    weir_env *env = weir_env_new("enrichment", argc, argv);
    weir_env_about(env, "Gives every event the bounds of its window, in part files of JSON lines.");
    weir_env_example(env, "enrichment --input cart.jsonl --out enriched");
    weir_env_example(env, "enrichment --duration 10m --out s3://lakehouse/clickstream-events");
    weir_env_set_checkpoints(env,
                             &(struct weir_checkpoint_config){.interval_ms = weir_seconds(30)});
    weir_env_set_restart(env, weir_fixed_delay_restart(3, weir_seconds(10)));
    int64_t size = weir_option_duration(env, "size", weir_minutes(5), "length of a window");
    const char *dlq =
        weir_option_string(env, "dlq", NULL, "kafka:TOPIC or a file for dead letters");
    const char *out = weir_option_string(env, "out", "clickstream-events",
                                         "folder for the part files, or s3://BUCKET/PREFIX");
    struct clickstream_input input = clickstream_input(env, "clickstream", weir_minutes(10));

    weir_stream *events = clickstream_read(env, &input, weir_json(&cart_event_type));
    weir_stream *valid = clickstream_in_order(weir_process(events, &filter), &input);
    weir_stream *timed = clickstream_timed(valid, &input, WEIR_FIELD(cart_event, timestamp));
    weir_stream *results = weir_window(
        weir_key_by(timed, WEIR_FIELD(cart_event, user_id)),
        &(struct weir_window_config){
            .name = "enrich", .assigner = weir_tumbling_event_time(size), .process = &function});
    weir_sink_to(results,
                 weir_file_sink(&(struct weir_file_sink_config){
                     .path = out, .format = weir_json(&enriched_event_type), .suffix = ".jsonl"}));
    weir_sink_to(weir_side_output(events, &weir_dead_letters), dead_letters(dlq, &input));

    weir_env_on_finish(env, print_summary, NULL);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

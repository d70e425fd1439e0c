/*
 * Lesson 4: one operator, several outputs, several sinks.
 *
 *                               ┌─▶ every click ─────▶ counted
 *     clicks ─▶ by user ─▶ classify ─▶ "purchases" ──▶ a file, or a line each
 *        │                      └─▶ "high-value" ────▶ a line each
 *        └─▶ dead letters ────────────────────────────▶ a line each, a file, or a topic
 *
 * A high-value user is one who does many things in a short time: --events events, of which the last
 * is at most --within after the first. Then the counting begins anew.
 */
#include <clickstream/balance.h>
#include <clickstream/click_event.h>
#include <clickstream/input.h>
#include <weir/weir.h>

#define HIGH_VALUE_FIELDS(F, T)                                                                    \
    F(T, string, user_id, "userId", required)                                                      \
    F(T, int64, events, "events", required)                                                        \
    F(T, int64, first, "first", required)                                                          \
    F(T, int64, last, "last", required)
WEIR_DECLARE_TYPE(high_value, HIGH_VALUE_FIELDS);
WEIR_DEFINE_TYPE(high_value, HIGH_VALUE_FIELDS);

static const struct weir_output_tag purchases_tag = {"purchases", &click_event_type};
static const struct weir_output_tag high_value_tag = {"high-value", &high_value_type};

/* What the operator remembers of the user whose click it sees. */
#define BURST_FIELDS(F, T)                                                                         \
    F(T, int64, events, "events", required)                                                        \
    F(T, int64, first, "first", required)
WEIR_DECLARE_TYPE(burst, BURST_FIELDS);
WEIR_DEFINE_TYPE(burst, BURST_FIELDS);

static const struct weir_state_descriptor burst_state = {
    .name = "burst", .kind = WEIR_STATE_VALUE, .type = &burst_type};

struct rule {
    int64_t events;
    int64_t within_ms;
};

static void watch_user(const struct click_event *click, weir_context *context,
                       const struct rule *rule)
{
    struct burst *burst = weir_value_state_edit(context, &burst_state);
    if (burst->events == 0 || weir_time_sub(click->timestamp, burst->first) > rule->within_ms) {
        *burst = (struct burst){.first = click->timestamp};
    }
    burst->events++;
    if (burst->events == rule->events) {
        const struct high_value found = {click->user_id, burst->events, burst->first,
                                         click->timestamp};
        weir_side_emit(context, &high_value_tag, &found);
        weir_state_clear(context, &burst_state);
    }
}

static void classify(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct click_event *click = value;
    weir_emit(out, click);
    if (weir_str_equals(click->event_type, "PURCHASE")) {
        weir_side_emit(context, &purchases_tag, click);
    }
    watch_user(click, context, user);
}

static void count_one(const void *value, int64_t timestamp, void *user)
{
    int64_t *count = user;
    (void)value;
    (void)timestamp;
    ++*count;
}

static void print_summary(weir_env *env, void *user)
{
    const int64_t *clicks = user; /* that came out of the main output */
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    const struct balance_line lines[] = {
        {"main output", *clicks, false},
        {"dead letters", dead, false},
        {0},
    };
    balance_print(env, weir_metric(env, "classify", "numRecordsIn") + dead, lines);
}

int main(int argc, char **argv)
{
    static const struct weir_output_tag *const tags[] = {&purchases_tag, &high_value_tag, NULL};
    static const struct weir_state_descriptor *const states[] = {&burst_state, NULL};
    int64_t clicks_out = 0;
    weir_env *env = weir_env_new("classify", argc, argv);
    weir_env_about(env, "Sorts clicks into outputs: purchases, and users who do much at once.");
    weir_env_example(env, "classify --input clicks.jsonl --purchases purchases.jsonl");
    struct rule rule = {
        .events = weir_option_int(env, "events", 5, 1, 1000000, "how many are much"),
        .within_ms = weir_option_duration(env, "within", weir_minutes(1), "how short is short"),
    };
    const char *file = weir_option_string(env, "purchases", NULL, "a file for the purchases");
    const char *letters =
        weir_option_string(env, "dead-letters", NULL, "kafka:TOPIC or a file for them");
    struct clickstream_input input = clickstream_input(env, "click-stream", 0);

    weir_stream *clicks = clickstream_read(env, &input, weir_json(&click_event_type));
    weir_stream *sorted =
        weir_keyed_process(weir_key_by(clicks, WEIR_FIELD(click_event, user_id)),
                           &(struct weir_process_function){.name = "classify",
                                                           .in_type = &click_event_type,
                                                           .out_type = &click_event_type,
                                                           .process = classify,
                                                           .states = states,
                                                           .side_outputs = tags,
                                                           .user = &rule});
    weir_sink_to(sorted, weir_collect(count_one, &clicks_out));
    weir_sink_to(weir_side_output(sorted, &purchases_tag),
                 file != NULL ? weir_jsonl_sink(file, &click_event_type) : weir_print("PURCHASE"));
    weir_sink_to(weir_side_output(sorted, &high_value_tag), weir_print("HIGH-VALUE"));
    weir_sink_to(weir_side_output(clicks, &weir_dead_letters),
                 letters != NULL ? weir_dead_letter_sink(letters) : weir_print("DEAD-LETTER"));

    weir_env_on_finish(env, print_summary, &clicks_out);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

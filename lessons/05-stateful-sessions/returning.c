/*
 * Lesson 5: who is new here? State that expires.
 *
 *     events ─▶ by user ─▶ have we seen this user? ─▶ a line each
 *                          (a state that lives for --ttl after the last event)
 *
 * Whoever stays away for so long is forgotten, and is new again. The time to live is counted by the
 * clock: with --scheduler simulation a virtual one, which a file moves as it plays.
 */
#include <clickstream/balance.h>
#include <clickstream/input.h>
#include <clickstream/output.h>
#include <clickstream/page_event.h>
#include <weir/weir.h>

/* visit: 1 is a new user's. */
#define VISITOR_FIELDS(F, T)                                                                       \
    F(T, string, user_id, "userId", required)                                                      \
    F(T, int64, timestamp, "timestamp", required)                                                  \
    F(T, int64, visit, "visit", required)
WEIR_DECLARE_TYPE(visitor, VISITOR_FIELDS);
WEIR_DEFINE_TYPE(visitor, VISITOR_FIELDS);

static void look(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct page_event *event = value;
    const struct weir_state_descriptor *visits = user;
    int64_t *visit = weir_value_state_edit(context, visits); /* writes: it lives on */
    ++*visit;
    weir_count(context, *visit == 1 ? "new" : "known", 1);
    weir_emit(out, &(struct visitor){event->user_id, event->timestamp, *visit});
}

static void print_summary(weir_env *env, void *user)
{
    (void)user;
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    const struct balance_line lines[] = {
        {"of new users", weir_metric(env, "visitors", "new"), false},
        {"of known users", weir_metric(env, "visitors", "known"), false},
        {"dead letters", dead, false},
        {0},
    };
    balance_print(env, weir_metric(env, "events", "numRecordsOut") + dead, lines);
}

int main(int argc, char **argv)
{
    weir_env *env = weir_env_new("returning", argc, argv);
    weir_env_about(env, "Says which visitors are new, and forgets those who stay away.");
    struct weir_state_descriptor visits = {
        .name = "visits",
        .kind = WEIR_STATE_VALUE,
        .type = &weir_int64_type,
        .ttl = {.ttl_ms = weir_option_duration(env, "ttl", weir_hours(12),
                                               "who stays away longer "
                                               "is forgotten")}};
    const struct weir_state_descriptor *const states[] = {&visits, NULL};
    struct clickstream_input input = clickstream_input(env, "raw-events", -1);
    input.paced_by = WEIR_FIELD(page_event, timestamp);

    weir_stream *events = clickstream_read(env, &input, weir_json(&page_event_type));
    weir_stream *visitors =
        weir_keyed_process(weir_key_by(events, WEIR_FIELD(page_event, user_id)),
                           &(struct weir_process_function){.name = "visitors",
                                                           .in_type = &page_event_type,
                                                           .out_type = &visitor_type,
                                                           .process = look,
                                                           .states = states,
                                                           .user = &visits});
    weir_sink_to(visitors,
                 clickstream_output(env, "VISITOR", &visitor_type, WEIR_FIELD(visitor, user_id)));

    weir_env_on_finish(env, print_summary, NULL);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

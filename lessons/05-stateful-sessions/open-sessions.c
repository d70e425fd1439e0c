/*
 * Lesson 5: sessions that can be seen while they are open.
 *
 *     events ─▶ by user ─▶ a session in keyed state ─▶ every minute: the session so far, OPEN
 *                          (clock, not event time)     after 30 minutes of silence: once, CLOSED
 *
 * A session's first event starts a timer of the clock, set anew at every tick. At a tick a session
 * is CLOSED if now - lastEventTimestamp >= --gap, else shown as OPEN. An event of --gap after the
 * last one may come before that tick: it closes the session and begins another.
 */
#include <clickstream/balance.h>
#include <clickstream/input.h>
#include <clickstream/output.h>
#include <clickstream/session.h>
#include <weir/weir.h>

/* What is remembered of a user: the session so far, of how many events, and when it is shown next.
 */
#define MEMORY_FIELDS(F, T)                                                                        \
    F(T, structure, session, "session", required, session)                                         \
    F(T, int64, count, "count", required)                                                          \
    F(T, int64, tick, "tick", required)
WEIR_DECLARE_TYPE(memory, MEMORY_FIELDS);
WEIR_DEFINE_TYPE(memory, MEMORY_FIELDS);

static const struct weir_state_descriptor memory_state = {
    .name = "session", .kind = WEIR_STATE_VALUE, .type = &memory_type};

struct settings {
    int64_t gap_ms;
    int64_t tick_ms;
    bool delta;
};

static void show(struct session *session, const char *status, bool delta, weir_collector *out)
{
    struct session line = *session;
    line.status = weir_str_from(status);
    weir_emit(out, &line);
    if (delta) {
        weir_list_clear(&session->events, &page_event_type);
    }
}

static bool is_over(const struct memory *memory, int64_t now, int64_t gap_ms)
{
    return memory->count > 0 && weir_time_sub(now, memory->session.last_event_timestamp) >= gap_ms;
}

/* Shows the session for the last time, and forgets it with its timers. */
static void end_session(struct memory *memory, const char *status, const char *metric,
                        weir_context *context, weir_collector *out)
{
    show(&memory->session, status, false, out);
    weir_count(context, metric, memory->count);
    weir_delete_processing_timer(context, memory->tick);
    weir_delete_event_timer(context, WEIR_TIME_MAX);
    weir_state_clear(context, &memory_state);
}

static void on_event(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct page_event *event = value;
    const struct settings *settings = user;
    struct memory *memory = weir_value_state_edit(context, &memory_state);
    if (is_over(memory, event->timestamp, settings->gap_ms)) {
        end_session(memory, "CLOSED", "eventsClosed", context, out);
        memory = weir_value_state_edit(context, &memory_state);
    }
    struct session *session = &memory->session;
    if (memory->count == 0) {
        session_name(session, event);
        session->last_event_timestamp = event->timestamp;
        memory->tick = weir_current_processing_time(context) + settings->tick_ms;
        weir_register_processing_timer(context, memory->tick);
        weir_register_event_timer(context, WEIR_TIME_MAX); /* the end of the input */
    }
    memory->count++;
    weir_list_append(&session->events, &page_event_type, event);
    if (event->timestamp > session->last_event_timestamp) {
        session->last_event_timestamp = event->timestamp;
    }
}

static void on_timer(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                     void *user)
{
    const struct settings *settings = user;
    struct memory *memory = weir_value_state_edit(context, &memory_state);
    (void)time;
    if (event_time) { /* the input has ended, and this session is still open */
        end_session(memory, "OPEN", "eventsOpen", context, out);
    } else if (is_over(memory, weir_current_processing_time(context), settings->gap_ms)) {
        end_session(memory, "CLOSED", "eventsClosed", context, out);
    } else {
        if (!settings->delta || memory->session.events.count > 0) {
            show(&memory->session, "OPEN", settings->delta, out);
        }
        memory->tick = weir_current_processing_time(context) + settings->tick_ms;
        weir_register_processing_timer(context, memory->tick);
    }
}

static weir_stream *find_sessions(weir_stream *events, struct settings *settings)
{
    static const struct weir_state_descriptor *const states[] = {&memory_state, NULL};
    const struct weir_process_function function = {.name = "sessions",
                                                   .in_type = &page_event_type,
                                                   .out_type = &session_type,
                                                   .process = on_event,
                                                   .on_timer = on_timer,
                                                   .states = states,
                                                   .user = settings};
    return weir_keyed_process(weir_key_by(events, WEIR_FIELD(page_event, user_id)), &function);
}

static void print_summary(weir_env *env, void *user)
{
    (void)user;
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    const struct balance_line lines[] = {
        {"in closed sessions", weir_metric(env, "sessions", "eventsClosed"), false},
        {"in open sessions", weir_metric(env, "sessions", "eventsOpen"), false},
        {"dead letters", dead, false},
        {0},
    };
    balance_print(env, weir_metric(env, "events", "numRecordsOut") + dead, lines);
}

int main(int argc, char **argv)
{
    weir_env *env = weir_env_new("open-sessions", argc, argv);
    weir_env_about(env, "Shows open sessions every minute, closed ones once.");
    struct settings settings = {
        .gap_ms = weir_option_duration(env, "gap", weir_minutes(30), "silence that closes"),
        .tick_ms = weir_option_duration(env, "every", weir_minutes(1), "shows open ones every D"),
        .delta = weir_option_flag(env, "delta", "shows only what is new"),
    };
    struct clickstream_input input = clickstream_input(env, "raw-events", -1);
    input.paced_by = WEIR_FIELD(page_event, timestamp);

    weir_stream *events = clickstream_read(env, &input, weir_json(&page_event_type));
    weir_sink_to(find_sessions(events, &settings),
                 clickstream_output(env, NULL, &session_type, WEIR_FIELD(session, id)));

    weir_env_on_finish(env, print_summary, NULL);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

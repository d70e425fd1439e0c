/*
 * Lesson 5: the sessions of each user, by a function of our own.
 *
 *     clicks ─▶ by user ─▶ a session in keyed state, and a timer for its end ─▶ a line a session
 *                                   └─▶ late clicks: a line each
 *
 * A session ends when the user was silent for --gap. Whoever moves a timer must delete the old one:
 * without it a long session has a timer for each of its clicks, and the first of them ends it.
 */
#include <clickstream/balance.h>
#include <clickstream/click_event.h>
#include <clickstream/input.h>
#include <clickstream/output.h>
#include <weir/weir.h>

#define USER_SESSION_FIELDS(F, T)                                                                  \
    F(T, string, user_id, "userId", required)                                                      \
    F(T, int64, start, "start", required)                                                          \
    F(T, int64, last, "last", required)                                                            \
    F(T, int64, events, "events", required)                                                        \
    F(T, int64, purchases, "purchases", required)                                                  \
    F(T, string_set, pages, "pages", required)
WEIR_DECLARE_TYPE(user_session, USER_SESSION_FIELDS);
WEIR_DEFINE_TYPE(user_session, USER_SESSION_FIELDS);

static const struct weir_state_descriptor session_state = {
    .name = "session", .kind = WEIR_STATE_VALUE, .type = &user_session_type};
static const struct weir_output_tag late_tag = {"late", &click_event_type};

/* When the session ends; sums of times from outside must not overflow. */
static int64_t end_of(const struct user_session *session, int64_t gap)
{
    return weir_time_add(session->last, gap);
}

static void end_session(weir_context *context, weir_collector *out)
{
    const struct user_session *session = weir_value_state_get(context, &session_state);
    weir_emit(out, session);
    weir_count(context, "eventsInSessions", session->events);
    weir_state_clear(context, &session_state);
}

static void add_click(struct user_session *session, const struct click_event *click)
{
    if (session->events == 0) {
        weir_str_set(&session->user_id, click->user_id);
        session->start = session->last = click->timestamp;
    }
    session->start = click->timestamp < session->start ? click->timestamp : session->start;
    session->last = click->timestamp > session->last ? click->timestamp : session->last;
    session->events++;
    session->purchases += weir_str_equals(click->event_type, "PURCHASE");
    weir_string_set_add(&session->pages, click->page_url, 1);
}

static void on_click(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct click_event *click = value;
    const int64_t gap = *(const int64_t *)user;
    const struct user_session *open = weir_value_state_get(context, &session_state);
    if (open != NULL && click->timestamp > end_of(open, gap)) {
        /* It is over, although its timer has not fired yet: the watermark lags behind. */
        weir_delete_event_timer(context, end_of(open, gap));
        end_session(context, out);
        open = NULL;
    }
    if (open != NULL ? click->timestamp < weir_time_sub(open->start, gap)
                     : weir_time_add(click->timestamp, gap) <= weir_current_watermark(context)) {
        weir_side_emit(context, &late_tag, click); /* of a session that is gone */
        weir_count(context, "eventsLate", 1);
        return;
    }
    if (open != NULL) {
        weir_delete_event_timer(context, end_of(open, gap));
    }
    struct user_session *session = weir_value_state_edit(context, &session_state);
    add_click(session, click);
    weir_register_event_timer(context, end_of(session, gap));
}

static void on_silence(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                       void *user)
{
    (void)time;
    (void)event_time;
    (void)user;
    end_session(context, out);
}

/* The operator; gap in ms, borrowed until the job has ended. */
static weir_stream *find_sessions(weir_stream *clicks, int64_t *gap)
{
    static const struct weir_state_descriptor *const states[] = {&session_state, NULL};
    static const struct weir_output_tag *const tags[] = {&late_tag, NULL};
    return weir_keyed_process(weir_key_by(clicks, WEIR_FIELD(click_event, user_id)),
                              &(struct weir_process_function){.name = "sessions",
                                                              .in_type = &click_event_type,
                                                              .out_type = &user_session_type,
                                                              .process = on_click,
                                                              .on_timer = on_silence,
                                                              .states = states,
                                                              .side_outputs = tags,
                                                              .user = gap});
}

static void print_summary(weir_env *env, void *user)
{
    (void)user;
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    const struct balance_line lines[] = {
        {"in sessions", weir_metric(env, "sessions", "eventsInSessions"), false},
        {"late", weir_metric(env, "sessions", "eventsLate"), false},
        {"dead letters", dead, false},
        {0},
    };
    balance_print(env, weir_metric(env, "events", "numRecordsOut") + dead, lines);
}

int main(int argc, char **argv)
{
    weir_env *env = weir_env_new("user-sessions", argc, argv);
    weir_env_about(env, "Finds the sessions of each user, in event time.");
    weir_env_example(env, "user-sessions --input clicks.jsonl --gap 5m");
    int64_t gap = weir_option_duration(env, "gap", weir_minutes(15), "silence that ends a session");
    struct clickstream_input input = clickstream_input(env, "click-stream", weir_seconds(30));

    weir_stream *clicks = clickstream_read(env, &input, weir_json(&click_event_type));
    weir_stream *timed = clickstream_timed(clicks, &input, WEIR_FIELD(click_event, timestamp));
    weir_stream *sessions = find_sessions(timed, &gap);
    weir_sink_to(sessions, clickstream_output(env, "SESSION", &user_session_type,
                                              WEIR_FIELD(user_session, user_id)));
    weir_sink_to(weir_side_output(sessions, &late_tag), weir_print("LATE"));

    weir_env_on_finish(env, print_summary, NULL);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

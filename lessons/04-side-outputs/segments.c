/*
 * Lesson 4: who is new, who comes back, and who is here all the time?
 *
 *     clicks ─▶ by user ─▶ tumbling windows ─▶ by user ─▶ a segment ─▶ by segment ─▶ the same windows
 *                          (what each did)     (a state remembers)                   (a line each)
 *
 * A user who does something in a window is in one segment of it: "new" in the first such window;
 * after that "power" with at least --power events, and "returning" with fewer. So the segments
 * together have all users and all events of the window.
 */
#include <clickstream/balance.h>
#include <clickstream/click_event.h>
#include <clickstream/input.h>
#include <clickstream/user_activity.h>
#include <weir/weir.h>

/* A user of a window, and which segment that is. */
#define MEMBER_FIELDS(F, T)                                                                        \
    F(T, string, segment, "segment", required)                                                     \
    F(T, int64, events, "events", required)                                                        \
    F(T, int64, purchases, "purchases", required)
WEIR_DECLARE_TYPE(member, MEMBER_FIELDS);
WEIR_DEFINE_TYPE(member, MEMBER_FIELDS);

#define SEGMENT_FIELDS(F, T)                                                                       \
    F(T, string, name, "segment", required)                                                        \
    F(T, int64, users, "users", required)                                                          \
    F(T, int64, events, "events", required)                                                        \
    F(T, int64, purchases, "purchases", required)                                                  \
    F(T, real, events_a_user, "eventsPerUser", required)                                           \
    F(T, int64, window_start, "windowStart", required)                                             \
    F(T, int64, window_end, "windowEnd", required)
WEIR_DECLARE_TYPE(segment, SEGMENT_FIELDS);
WEIR_DEFINE_TYPE(segment, SEGMENT_FIELDS);

/* In how many windows a user was seen. */
static const struct weir_state_descriptor seen_state = {
    .name = "seen", .kind = WEIR_STATE_VALUE, .type = &weir_int64_type};

static void find_segment(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct user_activity *activity = value;
    const int64_t *power = user;
    int64_t *seen = weir_value_state_edit(context, &seen_state);
    const char *segment = "returning";
    if (*seen == 0) {
        segment = "new";
    } else if (activity->events >= *power) {
        segment = "power";
    }
    ++*seen;
    const struct member member = {.segment = weir_str_from(segment),
                                  .events = activity->events,
                                  .purchases = activity->purchases};
    weir_count(context, segment, member.events);
    weir_emit(out, &member);
}

static void add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    struct segment *segment = accumulator;
    const struct member *member = value;
    (void)timestamp;
    (void)user;
    segment->users++;
    segment->events += member->events;
    segment->purchases += member->purchases;
}

static void result(const void *accumulator, const struct weir_window_context *context, void *out,
                   void *user)
{
    struct segment *segment = out;
    (void)user;
    *segment = *(const struct segment *)accumulator;
    segment->name = *(const struct weir_str *)context->key;
    segment->events_a_user = (double)segment->events / (double)segment->users;
    segment->window_start = context->window.start;
    segment->window_end = context->window.end;
}

static const struct weir_aggregate segment_aggregate = {.name = "Segment",
                                                        .in_type = &member_type,
                                                        .accumulator_type = &segment_type,
                                                        .out_type = &segment_type,
                                                        .add = add,
                                                        .result = result};

static void print_summary(weir_env *env, void *user)
{
    (void)user;
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    const struct balance_line lines[] = {
        {"of new users", weir_metric(env, "segments", "new"), false},
        {"of returning users", weir_metric(env, "segments", "returning"), false},
        {"of power users", weir_metric(env, "segments", "power"), false},
        {"late", weir_metric(env, "activity", "numLateRecordsDropped"), false},
        {"dead letters", dead, false},
        {"without a valid time", weir_metric(env, "activity", "numRecordsRejected"), true},
        {0},
    };
    balance_print(env, weir_metric(env, "events", "numRecordsOut") + dead, lines);
}

int main(int argc, char **argv)
{
    static const struct weir_state_descriptor *const states[] = {&seen_state, NULL};
    weir_env *env = weir_env_new("segments", argc, argv);
    weir_env_about(env, "Counts new, returning and power users, and what they do.");
    weir_env_example(env, "segments --input clicks.jsonl --every 10m");
    int64_t every = weir_option_duration(env, "every", weir_minutes(1), "length of a window");
    int64_t power = weir_option_int(env, "power", 20, 1, 1000000, "events that make a power user");
    struct clickstream_input input = clickstream_input(env, "click-stream", weir_seconds(30));

    weir_stream *clicks = clickstream_read(env, &input, weir_json(&click_event_type));
    weir_stream *timed = clickstream_timed(clicks, &input, WEIR_FIELD(click_event, timestamp));
    weir_stream *activity =
        weir_window(weir_key_by(timed, WEIR_FIELD(click_event, user_id)),
                    &(struct weir_window_config){.name = "activity",
                                                 .assigner = weir_tumbling_event_time(every),
                                                 .aggregate = &user_activity_aggregate});
    weir_stream *members =
        weir_keyed_process(weir_key_by(activity, WEIR_FIELD(user_activity, user_id)),
                           &(struct weir_process_function){.name = "segments",
                                                           .in_type = &user_activity_type,
                                                           .out_type = &member_type,
                                                           .process = find_segment,
                                                           .states = states,
                                                           .user = &power});
    weir_stream *segments =
        weir_window_aggregate(weir_key_by(members, WEIR_FIELD(member, segment)),
                              weir_tumbling_event_time(every), &segment_aggregate);
    weir_sink_to(segments, weir_print("SEGMENT"));

    weir_env_on_finish(env, print_summary, NULL);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

/*
 * Lesson 5: a session id for every request, at once.
 *
 *     access log ─▶ by bucket of the address ─▶ wait for the watermark ─▶ sort ─▶ session ids
 *                                                └─▶ late requests: a line each
 *
 * No window: a request gets its session's id, and the duration so far, as soon as its turn has
 * come. A session ends after a silence of more than --gap, before its request number --most, and
 * when it would last longer than --longest.
 */
#include <clickstream/balance.h>
#include <clickstream/elb_request.h>
#include <clickstream/input.h>
#include <clickstream/output.h>
#include <clickstream/sessionized.h>
#include <clickstream/skew.h>
#include <weir/weir.h>

/* What is known of a session, by its client's address. */
#define ONGOING_FIELDS(F, T)                                                                       \
    F(T, int64, first, "first", required)                                                          \
    F(T, int64, previous, "previous", required)                                                    \
    F(T, int64, requests, "requests", required)
WEIR_DECLARE_TYPE(ongoing, ONGOING_FIELDS);
WEIR_DEFINE_TYPE(ongoing, ONGOING_FIELDS);

/* Of a bucket: the requests that wait, by place; the sessions, by address. */
static const struct weir_state_descriptor waiting_state = {.name = "waiting",
                                                           .kind = WEIR_STATE_MAP,
                                                           .type = &request_type,
                                                           .key_type = &request_place_type};
static const struct weir_state_descriptor sessions_state = {.name = "sessions",
                                                            .kind = WEIR_STATE_MAP,
                                                            .type = &ongoing_type,
                                                            .key_type = &weir_string_type,
                                                            .ttl = {.ttl_ms = weir_hours(12)}};
static const struct weir_state_descriptor *const states[] = {&waiting_state, &sessions_state, NULL};
static const struct weir_output_tag late_tag = {"late", &request_type};
static const struct weir_output_tag *const tags[] = {&late_tag, NULL};

struct limits {
    int64_t gap_ms, most, longest_ms;
};

static void on_request(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct request *request = value;
    struct request_place place = {.ts = request->ts};
    (void)out;
    (void)user;
    if (request->ts <= weir_current_watermark(context)) {
        weir_side_emit(context, &late_tag, request);
        weir_count(context, "requestsLate", 1);
        return;
    }
    while (weir_map_state_get(context, &waiting_state, &place) != NULL) {
        place.number++;
    }
    weir_map_state_put(context, &waiting_state, &place, request);
    weir_register_event_timer(context, place.ts);
}

static bool is_cut(const struct ongoing *session, int64_t ts, const struct limits *limits)
{
    return weir_time_sub(ts, session->previous) > limits->gap_ms ||
           session->requests + 1 >= limits->most ||
           weir_time_sub(ts, session->first) > limits->longest_ms;
}

static void assign(struct request request, weir_context *context, weir_collector *out,
                   const struct limits *limits)
{
    const struct ongoing *before = weir_map_state_get(context, &sessions_state, &request.ip);
    struct ongoing session = {.first = request.ts};
    if (before != NULL && !is_cut(before, request.ts, limits)) {
        session = *before;
    }
    session.previous = request.ts;
    session.requests++;
    weir_map_state_put(context, &sessions_state, &request.ip, &session);
    request.first = session.first;
    request.subtask = weir_subtask_index(context);
    weir_emit(out, &request);
}

/* The watermark has reached this time: nothing earlier can come any more. */
static void on_time(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                    void *user)
{
    const struct request *request;
    struct request_place place = {.ts = time};
    (void)event_time;
    while ((request = weir_map_state_get(context, &waiting_state, &place)) != NULL) {
        assign(*request, context, out, user);
        weir_map_state_remove(context, &waiting_state, &place);
        place.number++;
    }
}

static void print_summary(weir_env *env, void *user)
{
    const skew_table *skew = user;
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    const struct balance_line lines[] = {
        {"with a session", skew_events(skew), false},
        {"late", weir_metric(env, "sessions", "requestsLate"), false},
        {"dead letters", dead, false},
        {0},
    };
    balance_print(env, weir_metric(env, "events", "numRecordsOut") + dead, lines);
    skew_print(skew);
}

int main(int argc, char **argv)
{
    skew_table *skew = skew_new();
    weir_env *env = weir_env_new("session-ids", argc, argv);
    weir_env_about(env, "Gives every request of an access log the id of its session.");
    struct limits limits = {
        .gap_ms = weir_option_duration(env, "gap", weir_minutes(30), "longer: a new session"),
        .most = weir_option_int(env, "most", 1500, 2, 1000000, "so many: a new session"),
        .longest_ms = weir_option_duration(env, "longest", weir_hours(12), "a session"),
    };
    bool urls = weir_option_flag(env, "urls", "lines have the request's URL, too");
    struct clickstream_input input = clickstream_input(env, "raw", weir_seconds(60));
    weir_stream *lines = clickstream_read(env, &input, weir_elb(&elb_request_type));
    weir_stream *timed = clickstream_timed(lines, &input, WEIR_FIELD(elb_request, timestamp));
    weir_stream *requests = clickstream_in_order(
        weir_map(timed, "requests", &request_type, request_of_elb, &urls), &input);
    weir_stream *sessions =
        weir_keyed_process(weir_key_by(requests, WEIR_FIELD(request, bucket)),
                           &(struct weir_process_function){.name = "sessions",
                                                           .in_type = &request_type,
                                                           .out_type = &request_type,
                                                           .process = on_request,
                                                           .on_timer = on_time,
                                                           .states = states,
                                                           .side_outputs = tags,
                                                           .user = &limits});
    const struct weir_type *type = urls ? &sessionized_url_type : &sessionized_type;
    weir_sink_to(weir_flat_map(sessions, "lines", type, request_sessionized, &urls),
                 clickstream_output(env, NULL, type, weir_type_field(type, "ip")));
    weir_sink_to(weir_side_output(sessions, &late_tag), weir_print("LATE"));
    weir_sink_to(sessions, weir_collect(request_add_to_skew, skew));
    weir_env_on_finish(env, print_summary, skew);
    int code = weir_execute(env);
    weir_env_free(env);
    skew_free(skew);
    return code;
}

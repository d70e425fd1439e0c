/*
 * Lesson 4: how far do visits get on the way to a purchase?
 *
 *     clicks ─▶ by user ─▶ session windows ─┬─▶ all together ─▶ tumbling windows ─▶ a line each
 *                          (a visit each:   └─▶ left a full cart? ─▶ a line each (--carts)
 *                           how far it got)
 *
 * The steps are VIEW, CLICK, ADD_TO_CART, PURCHASE, in this order of event time; other events may
 * lie between them. A visit is over when its user was silent for --gap.
 */
#include <clickstream/balance.h>
#include <clickstream/click_event.h>
#include <clickstream/funnel.h>
#include <clickstream/generator.h>
#include <clickstream/input.h>
#include <weir/weir.h>

/* The earliest event of a type that comes after another one (NULL: any) by time, and by arrival
 * where times are equal; NULL when there is none. */
static const struct weir_window_element *next_of_type(const struct weir_window_element *elements,
                                                      size_t count,
                                                      const struct weir_window_element *after,
                                                      enum click_type type)
{
    const struct weir_window_element *found = NULL;
    for (const struct weir_window_element *at = elements; at < elements + count; at++) {
        const struct click_event *click = at->value;
        bool later = after == NULL || at->timestamp > after->timestamp ||
                     (at->timestamp == after->timestamp && at > after);
        bool earlier = found == NULL || at->timestamp < found->timestamp;
        if (later && earlier && weir_str_equals(click->event_type, click_type_names[type])) {
            found = at;
        }
    }
    return found;
}

static void walk(const struct weir_window_context *context,
                 const struct weir_window_element *elements, size_t count, weir_collector *out,
                 void *user)
{
    const struct click_event *first = elements[0].value;
    struct visit visit = {
        .user_id = first->user_id, .events = (int64_t)count, .start = context->window.start};
    const struct weir_window_element *at = NULL;
    (void)user;
    for (int step = CLICK_VIEW; step < CLICK_TYPES; step++) {
        at = next_of_type(elements, count, at, (enum click_type)step);
        if (at == NULL) {
            break;
        }
        visit.reached = step + 1;
    }
    weir_emit(out, &visit);
}

static bool left_a_full_cart(const void *value, void *user)
{
    const struct visit *visit = value;
    (void)user;
    return visit->reached == CLICK_ADD_TO_CART + 1;
}

static void count_events(const void *value, int64_t timestamp, void *user)
{
    const struct visit *visit = value;
    int64_t *events = user;
    (void)timestamp;
    *events += visit->events;
}

static void print_summary(weir_env *env, void *user)
{
    const int64_t *in_visits = user;
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    const struct balance_line lines[] = {
        {"in visits", *in_visits, false},
        {"late", weir_metric(env, "visits", "numLateRecordsDropped"), false},
        {"dead letters", dead, false},
        {"without a valid time", weir_metric(env, "visits", "numRecordsRejected"), true},
        {0},
    };
    balance_print(env, weir_metric(env, "events", "numRecordsOut") + dead, lines);
}

int main(int argc, char **argv)
{
    static const struct weir_window_function one_visit = {
        .in_type = &click_event_type, .out_type = &visit_type, .process = walk};
    int64_t in_visits = 0;
    weir_env *env = weir_env_new("funnel", argc, argv);
    weir_env_about(env, "Counts how far visits get on the way to a purchase.");
    weir_env_example(env, "funnel --input clicks.jsonl --every 10m");
    int64_t gap = weir_option_duration(env, "gap", weir_minutes(30), "silence that ends a visit");
    int64_t every = weir_option_duration(env, "every", weir_hours(1), "a funnel every D");
    bool by_session = weir_option_flag(env, "by-session", "a visit is a sessionId, not a user's");
    bool carts = weir_option_flag(env, "carts", "also prints visits that leave a full cart");
    struct clickstream_input input = clickstream_input(env, "click-stream", weir_seconds(30));

    weir_stream *clicks = clickstream_read(env, &input, weir_json(&click_event_type));
    weir_stream *timed = clickstream_timed(clicks, &input, WEIR_FIELD(click_event, timestamp));
    weir_stream *visits = weir_window(
        weir_key_by(timed, by_session ? WEIR_FIELD(click_event, session_id)
                                      : WEIR_FIELD(click_event, user_id)),
        &(struct weir_window_config){
            .name = "visits", .assigner = weir_session_event_time(gap), .process = &one_visit});
    weir_stream *funnels =
        weir_window_aggregate(weir_key_by(visits, WEIR_FIELD(visit, shop)),
                              weir_tumbling_event_time(every), &funnel_aggregate);
    weir_sink_to(funnels, weir_print_lines(&(struct weir_print_config){.heading = funnel_heading,
                                                                       .write = funnel_line}));
    if (carts) {
        weir_sink_to(weir_filter(visits, "full carts", left_a_full_cart, NULL), weir_print("CART"));
    }
    weir_sink_to(visits, weir_collect(count_events, &in_visits));

    weir_env_on_finish(env, print_summary, &in_visits);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

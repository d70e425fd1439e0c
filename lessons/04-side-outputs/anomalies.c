/*
 * Lesson 4: which page has much more traffic than it usually has?
 *
 *     views ─▶ by page ─▶ tumbling windows ─▶ by page ─▶ compare with what is usual ─▶ an alert each
 *                         (a count each)                 (a state remembers)
 *
 * Usual is the mean of all windows of the page before this one, also of those in which nobody came.
 * A window is an anomaly when it has more than --times as many views, and not when it has just so
 * many. During the first --warm-up windows of a page nothing is known yet, so nothing is said.
 */
#include <clickstream/balance.h>
#include <clickstream/click_event.h>
#include <clickstream/input.h>
#include <clickstream/page_view_count.h>
#include <weir/weir.h>

#define ALERT_FIELDS(F, T)                                                                         \
    F(T, string, page_url, "pageUrl", required)                                                    \
    F(T, int64, views, "views", required)                                                          \
    F(T, real, baseline, "baseline", required)                                                     \
    F(T, real, times, "times", required)                                                           \
    F(T, int64, window_start, "windowStart", required)                                             \
    F(T, int64, window_end, "windowEnd", required)
WEIR_DECLARE_TYPE(alert, ALERT_FIELDS);
WEIR_DEFINE_TYPE(alert, ALERT_FIELDS);

/* Of a page: when its first window began, and all views since. */
#define USUAL_FIELDS(F, T)                                                                         \
    F(T, int64, first, "first", required)                                                          \
    F(T, int64, views, "views", required)
WEIR_DECLARE_TYPE(usual, USUAL_FIELDS);
WEIR_DEFINE_TYPE(usual, USUAL_FIELDS);

static const struct weir_state_descriptor usual_state = {
    .name = "usual", .kind = WEIR_STATE_VALUE, .type = &usual_type};

struct rule {
    int64_t size_ms, times, warm_up;
};

static void compare(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct page_view_count *now = value;
    const struct rule *rule = user;
    struct usual *usual = weir_value_state_edit(context, &usual_state);
    if (usual->views == 0) {
        usual->first = now->window_start;
    }
    /* Windows without a view give no result, but they count: by the time that has passed. */
    int64_t windows = weir_time_sub(now->window_start, usual->first) / rule->size_ms;
    if (windows >= rule->warm_up &&
        (double)now->count * (double)windows > (double)rule->times * (double)usual->views) {
        double baseline = (double)usual->views / (double)windows;
        const struct alert alert = {.page_url = now->page_url,
                                    .views = now->count,
                                    .baseline = baseline,
                                    .times = (double)now->count / baseline,
                                    .window_start = now->window_start,
                                    .window_end = now->window_end};
        weir_emit(out, &alert);
    }
    usual->views += now->count; /* behind the comparison: no window is measured against itself */
}

static bool is_view(const void *value, void *user)
{
    const struct click_event *click = value;
    (void)user;
    return weir_str_equals(click->event_type, "VIEW");
}

static void print_summary(weir_env *env, void *user)
{
    (void)user;
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    int64_t views = weir_metric(env, "views", "numRecordsOut");
    const struct balance_line lines[] = {
        {"not a view", weir_metric(env, "views", "numRecordsIn") - views, false},
        {"in windows", weir_metric(env, "counts", "numRecordsInWindows"), false},
        {"late", weir_metric(env, "counts", "numLateRecordsDropped"), false},
        {"dead letters", dead, false},
        {"without a valid time", weir_metric(env, "counts", "numRecordsRejected"), true},
        {0},
    };
    balance_print(env, weir_metric(env, "events", "numRecordsOut") + dead, lines);
}

int main(int argc, char **argv)
{
    static const struct weir_state_descriptor *const states[] = {&usual_state, NULL};
    weir_env *env = weir_env_new("anomalies", argc, argv);
    weir_env_about(env, "Finds pages that suddenly have much more views than usual.");
    weir_env_example(env, "anomalies --input clicks.jsonl --times 3");
    struct rule rule = {
        .size_ms = weir_option_duration(env, "size", weir_minutes(1), "length of a window"),
        .times = weir_option_int(env, "times", 2, 1, 1000, "how much more than usual is too much"),
        .warm_up = weir_option_int(env, "warm-up", 3, 1, 1000, "windows until something is usual"),
    };
    struct clickstream_input input = clickstream_input(env, "click-stream", weir_seconds(30));

    weir_stream *clicks = clickstream_read(env, &input, weir_json(&click_event_type));
    weir_stream *views = clickstream_in_order(weir_filter(clicks, "views", is_view, NULL), &input);
    weir_stream *timed = clickstream_timed(views, &input, WEIR_FIELD(click_event, timestamp));
    weir_stream *counts =
        weir_window(weir_key_by(timed, WEIR_FIELD(click_event, page_url)),
                    &(struct weir_window_config){.name = "counts",
                                                 .assigner = weir_tumbling_event_time(rule.size_ms),
                                                 .aggregate = &page_view_count_aggregate});
    weir_stream *alerts =
        weir_keyed_process(weir_key_by(counts, WEIR_FIELD(page_view_count, page_url)),
                           &(struct weir_process_function){.name = "usual",
                                                           .in_type = &page_view_count_type,
                                                           .out_type = &alert_type,
                                                           .process = compare,
                                                           .states = states,
                                                           .user = &rule});
    weir_sink_to(alerts, weir_print("ALERT"));

    weir_env_on_finish(env, print_summary, NULL);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

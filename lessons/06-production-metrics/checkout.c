/*
 * Lesson 6: a job to be watched, killed, moved and loaded.
 *
 *     clicks ─▶ purchases ─▶ by user ─▶ checkout ─┬─▶ by page ──▶ a minute ─▶ lines, part files
 *                                       (metrics) └─▶ together ─▶ watch ────▶ alerts
 *
 * The checkout takes its time, --slow for each purchase, and measures how old it is when it is
 * done. The watch says when purchases are too old, and when they no longer are: after --patience in
 * a row.
 */
#include <clickstream/alarm.h>
#include <clickstream/balance.h>
#include <clickstream/click_event.h>
#include <clickstream/input.h>
#include <clickstream/output.h>
#include <clickstream/sales.h>
#include <weir/weir.h>

#include <time.h>

struct settings {
    int64_t slow_ms;
    const char *poison; /* nobody can check out this user */
    int64_t limit_ms;   /* of a purchase's age */
    int64_t patience;
    int64_t in_results; /* purchases that the results speak of */
};

static bool is_purchase(const void *value, void *user)
{
    (void)user;
    return weir_str_equals(((const struct click_event *)value)->event_type, "PURCHASE");
}

static void check_out(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct click_event *click = value;
    const struct settings *settings = user;
    const struct timespec work = {.tv_sec = settings->slow_ms / 1000,
                                  .tv_nsec = settings->slow_ms % 1000 * 1000000};
    if (weir_str_equals(click->user_id, settings->poison)) {
        weir_fail(context, "cannot check out %.*s", WEIR_STR_ARG(click->user_id));
        return;
    }
    if (settings->slow_ms > 0) {
        nanosleep(&work, NULL);
    }
    int64_t lag = weir_time_sub(weir_current_processing_time(context), click->timestamp);
    weir_count(context, "purchases", 1);
    weir_meter(context, "purchasesPerSecond", 1);
    weir_histogram(context, "lag", (double)lag);
    weir_emit(out, &(struct purchase){.page_url = click->page_url, .lag = lag});
}

static const struct weir_state_descriptor alarm_state = {
    .name = "alarm", .kind = WEIR_STATE_VALUE, .type = &alarm_type};
static const struct weir_state_descriptor *const states[] = {&alarm_state, NULL};

static void watch(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct purchase *done = value;
    const struct settings *settings = user;
    struct alarm *alarm = weir_value_state_edit(context, &alarm_state);
    if (alarm_judge(alarm, done->lag > settings->limit_ms, settings->patience)) {
        const char *what = alarm->firing ? "FIRING" : "CLEARED";
        weir_emit(out, &(struct alert){weir_str_from(what), done->lag, weir_timestamp(context)});
    }
    weir_gauge(context, "alertIsFiring", alarm->firing);
}

static void count_sales(const void *value, int64_t timestamp, void *user)
{
    const struct sales *sales = value;
    int64_t *purchases = user;
    (void)timestamp;
    *purchases += sales->purchases;
}

static void print_summary(weir_env *env, void *user)
{
    const struct settings *settings = user;
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    int64_t kept = weir_metric(env, "purchases", "numRecordsOut");
    const struct balance_line lines[] = {
        {"not a purchase", weir_metric(env, "purchases", "numRecordsIn") - kept, false},
        {"in results", settings->in_results, false},
        {"late", weir_metric(env, "Sales", "numLateRecordsDropped"), false},
        {"dead letters", dead, false},
        {"without a valid time", weir_metric(env, "Sales", "numRecordsRejected"), true},
        {0},
    };
    balance_print(env, weir_metric(env, "events", "numRecordsOut") + dead, lines);
}

static struct settings read_options(weir_env *env)
{
    weir_env_about(env, "Checks purchases out, counts them by page and minute, and is watched.");
    weir_env_example(env, "checkout --slow 20ms --rest --checkpoint-interval 1s --cluster");
    return (struct settings){
        .slow_ms = weir_option_duration(env, "slow", 0, "how long a checkout takes"),
        .poison = weir_option_string(env, "poison", "", "a user whose checkout fails"),
        .limit_ms = weir_option_duration(env, "limit", weir_seconds(10), "older is too old"),
        .patience = weir_option_int(env, "patience", 3, 1, 1000000, "so many change the alert"),
    };
}

int main(int argc, char **argv)
{
    weir_env *env = weir_env_new("checkout", argc, argv);
    struct settings settings = read_options(env);
    weir_sink *once = clickstream_output_once(env, &sales_type, WEIR_FIELD(sales, page_url));
    struct clickstream_input input = clickstream_input(env, "click-stream", weir_seconds(30));
    weir_env_set_checkpoints(env, &(struct weir_checkpoint_config){.interval_ms = 30000});
    weir_env_set_restart(env, weir_failure_rate_restart(3, weir_minutes(5), weir_seconds(1)));

    weir_stream *clicks = clickstream_read(env, &input, weir_json(&click_event_type));
    weir_stream *bought =
        clickstream_in_order(weir_filter(clicks, "purchases", is_purchase, NULL), &input);
    weir_stream *timed = clickstream_timed(bought, &input, WEIR_FIELD(click_event, timestamp));
    weir_stream *done = weir_keyed_process(weir_key_by(timed, WEIR_FIELD(click_event, user_id)),
                                           &(struct weir_process_function){
                                               .name = "checkout",
                                               .in_type = &click_event_type,
                                               .out_type = &purchase_type,
                                               .process = check_out,
                                               .user = &settings,
                                           });
    weir_stream *sales =
        weir_window_aggregate(weir_key_by(done, WEIR_FIELD(purchase, page_url)),
                              weir_tumbling_event_time(weir_minutes(1)), &sales_aggregate);
    weir_stream *alerts = weir_keyed_process(weir_key_by(done, WEIR_FIELD(purchase, together)),
                                             &(struct weir_process_function){
                                                 .name = "watch",
                                                 .in_type = &purchase_type,
                                                 .out_type = &alert_type,
                                                 .process = watch,
                                                 .states = states,
                                                 .user = &settings,
                                             });
    weir_sink_to(sales, weir_print("SALES"));
    weir_sink_to(sales, weir_collect(count_sales, &settings.in_results));
    weir_sink_to(alerts, weir_print("ALERT"));
    if (once != NULL) {
        weir_sink_to(sales, once);
    }
    weir_env_on_finish(env, print_summary, &settings);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

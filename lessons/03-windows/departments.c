/*
 * Lesson 3: which departments do visitors see, and how many of them buy?
 *
 *     events ─▶ by user ─▶ session windows ─┬─▶ its departments ─▶ by department ─▶ 10 s ─▶ a line each
 *                          (a visit each)   ├─▶ all together ─▶ 10 s ─▶ a line
 *                                           └─▶ buyers only ─▶ a line each
 *
 * Windows over the results of windows: sessions end whenever they end, and are counted in the ten
 * seconds in which they did. With --kafka the lines go to topics of these names.
 */
#include <clickstream/balance.h>
#include <clickstream/input.h>
#include <clickstream/shop_event.h>
#include <clickstream/shop_session.h>
#include <weir/weir.h>

static const char departments_topic[] = "Departments_Agg";
static const char totals_topic[] = "ClickEvents_UserId_Agg_Result";
static const char buyers_topic[] = "User_Sessions_Aggregates_With_Order_Checkout";

static bool has_bought(const void *value, void *user)
{
    const struct shop_session *session = value;
    (void)user;
    return session->checkouts > 0;
}

static weir_sink *sink_of(const char *topic, const struct weir_type *type, bool kafka)
{
    return kafka ? weir_kafka_sink(
                       &(struct weir_kafka_sink_config){.topic = topic, .format = weir_json(type)})
                 : weir_print(topic);
}

static void print_summary(weir_env *env, void *user)
{
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    const struct balance_line lines[] = {
        {"in sessions", weir_metric(env, "sessions", "numRecordsInWindows"), false},
        {"late", weir_metric(env, "sessions", "numLateRecordsDropped"), false},
        {"dead letters", dead, false},
        {"without a valid time", weir_metric(env, "sessions", "numRecordsRejected"), true},
        {0},
    };
    (void)user;
    balance_print(env, weir_metric(env, "events", "numRecordsOut") + dead, lines);
}

int main(int argc, char **argv)
{
    weir_env *env = weir_env_new("departments", argc, argv);
    weir_env_about(env, "Counts visits by department, and those that buy, every ten seconds.");
    weir_env_example(env, "departments --input shop.jsonl --every 1m");
    int64_t gap = weir_option_duration(env, "gap", weir_seconds(1), "silence that ends a visit");
    int64_t every = weir_option_duration(env, "every", weir_seconds(10), "counts every D");
    bool kafka = weir_option_flag(env, "kafka", "writes to Kafka topics");
    struct clickstream_input input = clickstream_input(env, "ExampleTopic", weir_seconds(5));

    weir_stream *events = clickstream_read(env, &input, weir_json(&shop_event_type));
    weir_stream *timed = clickstream_timed(events, &input, WEIR_FIELD(shop_event, event_timestamp));
    weir_stream *sessions =
        weir_window(weir_key_by(timed, WEIR_FIELD(shop_event, user_id)),
                    &(struct weir_window_config){.name = "sessions",
                                                 .assigner = weir_session_event_time(gap),
                                                 .aggregate = &shop_session_aggregate});
    weir_stream *visits = weir_flat_map(sessions, "visits by department", &department_count_type,
                                        shop_session_departments, NULL);
    weir_stream *departments =
        weir_window_aggregate(weir_key_by(visits, WEIR_FIELD(department_count, department)),
                              weir_tumbling_event_time(every), &department_count_aggregate);
    weir_stream *totals =
        weir_window_aggregate(weir_key_by(sessions, WEIR_FIELD(shop_session, everybody)),
                              weir_tumbling_event_time(every), &shop_totals_aggregate);
    weir_stream *buyers = weir_filter(sessions, "buyers", has_bought, NULL);

    weir_sink_to(departments, sink_of(departments_topic, &department_count_type, kafka));
    weir_sink_to(totals, sink_of(totals_topic, &shop_totals_type, kafka));
    weir_sink_to(buyers, sink_of(buyers_topic, &shop_session_type, kafka));

    weir_env_on_finish(env, print_summary, NULL);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

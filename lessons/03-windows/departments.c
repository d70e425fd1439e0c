/*
 * Lesson 3: which departments do visitors see, and how many of them buy?
 *
 *     events ─▶ by user ─▶ session windows ─┬─▶ its departments ─▶ by department ─▶ 10 s ─▶ a line each
 *                          (a visit each)   ├─▶ all together ─▶ 10 s ─▶ a line
 *                                           └─▶ buyers only ─▶ a line each
 *
 * Windows over the results of windows: sessions end whenever they end, and are counted in the ten
 * seconds in which they did. With --kafka the lines go to topics of these names; with --search they
 * are documents of a search engine, too.
 */
#include <clickstream/balance.h>
#include <clickstream/input.h>
#include <clickstream/shop_event.h>
#include <clickstream/shop_session.h>
#include <weir/weir.h>

/* One of the three results: a topic, and an index in which key and window are a document's id. */
struct output {
    const char *topic;
    const char *index;
    const struct weir_type *type;
    const struct weir_field *end; /* of the window: the document's time */
    const struct weir_field *key; /* NULL: one result a window */
};

static const struct output departments_output = {
    "Departments_Agg", "departments_count", &department_count_type,
    WEIR_FIELD(department_count, window_end), WEIR_FIELD(department_count, department)};
static const struct output totals_output = {"ClickEvents_UserId_Agg_Result", "user_session_counts",
                                            &shop_totals_type, WEIR_FIELD(shop_totals, window_end),
                                            NULL};
static const struct output buyers_output = {
    "User_Sessions_Aggregates_With_Order_Checkout", "user_session_details", &shop_session_type,
    WEIR_FIELD(shop_session, window_end), WEIR_FIELD(shop_session, user_id)};

struct target {
    bool kafka;
    const char *search; /* URL; NULL: none */
};

static bool has_bought(const void *value, void *user)
{
    const struct shop_session *session = value;
    (void)user;
    return session->checkouts > 0;
}

static void put(weir_stream *results, const struct output *output, const struct target *to)
{
    weir_sink_to(results, to->kafka
                              ? weir_kafka_sink(&(struct weir_kafka_sink_config){
                                    .topic = output->topic, .format = weir_json(output->type)})
                              : weir_print(output->topic));
    if (to->search != NULL) {
        weir_sink_to(results, weir_opensearch_sink(&(struct weir_opensearch_sink_config){
                                  .url = to->search,
                                  .index = output->index,
                                  .type = output->type,
                                  .id = {output->end, output->key},
                                  .time = output->end}));
    }
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
    const struct target to = {
        .kafka = weir_option_flag(env, "kafka", "writes to Kafka topics"),
        .search =
            weir_option_string(env, "search", NULL, "also writes to this search engine, a URL"),
    };
    const char *schemas =
        weir_option_string(env, "registry", NULL, "reads Avro, with the schemas there");
    weir_schema_registry *registry =
        weir_schema_registry_new(&(struct weir_schema_registry_config){.url = schemas});
    const struct weir_avro_config avro = {.type = &shop_event_type,
                                          .schema = shop_event_schema,
                                          .schemas = weir_schema_registry_store(registry)};
    struct clickstream_input input = clickstream_input(env, "ExampleTopic", weir_seconds(5));

    weir_stream *events = clickstream_read(
        env, &input, schemas != NULL ? weir_avro_with(&avro) : weir_json(&shop_event_type));
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

    put(departments, &departments_output, &to);
    put(totals, &totals_output, &to);
    put(buyers, &buyers_output, &to);

    weir_env_on_finish(env, print_summary, NULL);
    int code = weir_execute(env);
    weir_env_free(env);
    weir_schema_registry_free(registry);
    return code;
}

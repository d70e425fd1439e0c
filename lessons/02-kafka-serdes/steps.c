/*
 * Lesson 2: reads Avro that others write, with a schema of our own that is newer than theirs.
 *
 *     ExampleTopic ─▶ decode: their schema by the message's id, ours from here ─┬─▶ a line each
 *          │                                                                    └─▶ a topic (--to)
 *          └─▶ dead letters ─▶ a line each, a file, or a topic
 *
 * Ours takes three of their eight fields, gives one another name, makes an int a long, and has one
 * that they never heard of.
 */
#include <clickstream/balance.h>
#include <weir/avro.h>
#include <weir/schema_registry.h>
#include <weir/weir.h>

#include <stdio.h>

/* page: what they call event_type. country: new. */
#define STEP_FIELDS(F, T)                                                                          \
    F(T, int64, user_id, "userid", required)                                                       \
    F(T, string, page, "page", nullable)                                                           \
    F(T, string, country, "country", required)                                                     \
    F(T, int64, at, "eventtimestamp", required)
WEIR_DECLARE_TYPE(step, STEP_FIELDS);
WEIR_DEFINE_TYPE(step, STEP_FIELDS);

static const char step_schema[] =
    "{\"type\":\"record\",\"name\":\"ClickEvent\",\"namespace\":\"samples.clickstream.avro\","
    "\"fields\":["
    "{\"name\":\"userid\",\"type\":\"long\"},"
    "{\"name\":\"page\",\"aliases\":[\"event_type\"],\"type\":[\"string\",\"null\"]},"
    "{\"name\":\"country\",\"type\":\"string\",\"default\":\"unknown\"},"
    "{\"name\":\"eventtimestamp\",\"type\":\"long\"}]}";

static void count_one(const void *value, int64_t timestamp, void *user)
{
    int64_t *count = user;
    (void)value;
    (void)timestamp;
    ++*count;
}

static void print_summary(weir_env *env, void *user)
{
    const int64_t *steps = user;
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    const struct balance_line lines[] = {
        {"steps", *steps, false},
        {"dead letters", dead, false},
        {0},
    };
    /* The dead letters are an output, and so are among what came out. */
    balance_print(env, weir_metric(env, "events", "numRecordsOut"), lines);
}

/* The id of our schema under the topic's subject; 0 when the registry refuses it. */
static int32_t registered(weir_schema_registry *registry, const char *topic)
{
    char subject[300];
    int32_t id = 0;
    struct weir_error error = {0};
    snprintf(subject, sizeof subject, "%s-value", topic);
    if (weir_schema_registry_register(registry, subject, step_schema, &id, &error) != WEIR_OK) {
        fprintf(stderr, "steps: %s: %s\n", subject, error.message);
        return 0;
    }
    return id;
}

int main(int argc, char **argv)
{
    int64_t steps = 0;
    int code = 1;
    weir_env *env = weir_env_new("steps", argc, argv);
    weir_env_about(env, "Reads the shop's Avro events with a newer schema.");
    weir_env_example(env, "steps --to Steps --stop-idle 2s");
    const char *topic = weir_option_string(env, "topic", "ExampleTopic", "Kafka topic");
    const char *to = weir_option_string(env, "to", NULL, "a topic for what was read, as Avro");
    const char *letters =
        weir_option_string(env, "dead-letters", NULL, "kafka:TOPIC or a file for them");
    weir_schema_registry *registry = weir_schema_registry_new(&(struct weir_schema_registry_config){
        .url = weir_option_string(env, "registry", WEIR_SCHEMA_REGISTRY_URL, "its URL")});
    struct weir_avro_config avro = {
        .type = &step_type, .schema = step_schema, .schemas = weir_schema_registry_store(registry)};
    if (to != NULL && (avro.schema_id = registered(registry, to)) == 0) {
        goto end;
    }

    weir_stream *events =
        weir_set_name(weir_from_source(env, weir_kafka_source(&(struct weir_kafka_source_config){
                                                .topic = topic, .format = weir_avro_with(&avro)})),
                      "events");
    weir_sink_to(events, weir_print("STEP"));
    weir_sink_to(events, weir_collect(count_one, &steps));
    if (to != NULL) {
        weir_sink_to(
            events,
            weir_kafka_sink(&(struct weir_kafka_sink_config){
                .topic = to, .format = weir_avro_with(&avro), .key = WEIR_FIELD(step, user_id)}));
    }
    weir_sink_to(weir_side_output(events, &weir_dead_letters),
                 letters != NULL ? weir_dead_letter_sink(letters) : weir_print("DEAD-LETTER"));

    weir_env_on_finish(env, print_summary, &steps);
    code = weir_execute(env);
end:
    weir_env_free(env);
    weir_schema_registry_free(registry);
    return code;
}

/*
 * Which Kafka broker answers. First a plain TCP connection to each address, because it says in a
 * second whether anything listens; then the cluster's metadata, through the client that jobs use
 * and with the properties that they take.
 */
#include "connector/kafka_advice.h"
#include "connector/kafka_reach.h"
#include "doctor/doctor.h"

/* Something listens, and the cluster does not answer: what is known of why, and what would help. */
static void explain_silence(struct weir__kafka_client *client, struct finding *finding)
{
    char why[160];
    weir__kafka_client_failure(client, why, sizeof why);
    const char *advice = weir__kafka_advice(why);
    finding->state = FINDING_NOTE;
    if (advice != NULL) {
        snprintf(finding->found, sizeof finding->found, "%.60s does not take this client (%.70s)",
                 client->brokers, why);
        snprintf(finding->fix, sizeof finding->fix, "%.130s (-F FILE, or -X key=value)", advice);
    } else {
        snprintf(finding->found, sizeof finding->found,
                 "something listens at %.60s but does not talk Kafka (%.50s)", client->brokers,
                 why[0] != '\0' ? why : "no answer");
        snprintf(finding->fix, sizeof finding->fix, "check KAFKA_BROKERS or -b, and -X or -F");
    }
}

/* Fills the finding with what the cluster says of itself, or with why it does not. */
static void ask_cluster(struct weir__kafka_client *client, struct finding *finding)
{
    const struct rd_kafka_metadata *metadata = NULL;
    if (weir__kafka_reach(client, NULL, WEIR__KAFKA_PATIENCE_MS, &metadata, NULL) != WEIR_OK) {
        explain_silence(client, finding);
        return;
    }
    snprintf(finding->found, sizeof finding->found, "%.60s: %d broker%s, %d topic%s%s",
             client->brokers, metadata->broker_cnt, metadata->broker_cnt == 1 ? "" : "s",
             metadata->topic_cnt, metadata->topic_cnt == 1 ? "" : "s",
             weir__kafka_client_is_embedded(client) ? "; the embedded broker of `weir broker`"
                                                    : "; a real Kafka");
    rd_kafka_metadata_destroy(metadata);
}

enum weir_status examine_broker(struct report *report, const char *brokers,
                                const char *const *properties, struct weir_error *error)
{
    const struct weir__kafka_setting none[] = {{NULL, NULL}};
    const char *given = weir__kafka_property(properties, "bootstrap.servers"); /* it wins */
    struct weir__kafka_client client;
    weir__kafka_client_init(&client, given != NULL ? given : brokers);
    enum weir_status status =
        weir__kafka_client_open(&client, RD_KAFKA_PRODUCER, none, properties, NULL, NULL, error);
    if (status == WEIR_OK) {
        struct finding *finding = report_add(report, "Kafka", "broker", FINDING_OK);
        if (weir__kafka_listens(client.brokers)) {
            ask_cluster(&client, finding);
        } else {
            finding->state = FINDING_NOTE;
            snprintf(finding->found, sizeof finding->found, "none answers at %.100s",
                     client.brokers);
            snprintf(finding->fix, sizeof finding->fix,
                     "start one: build/bin/weir broker, or a real one: tools/kafka up");
        }
    }
    weir__kafka_client_fini(&client);
    return status;
}

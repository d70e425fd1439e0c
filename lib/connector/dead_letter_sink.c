/*
 * Where dead letters go: a Kafka topic or a file, as JSON.
 */
#include <weir/connectors.h>

weir_sink *weir_dead_letter_sink(const char *to)
{
    static const char kafka[] = "kafka:";
    if (strncmp(to, kafka, sizeof(kafka) - 1) == 0) {
        return weir_kafka_sink(&(struct weir_kafka_sink_config){
            .topic = to + sizeof(kafka) - 1, .format = weir_json(&weir_dead_letter_type)});
    }
    return weir_jsonl_sink(to, &weir_dead_letter_type);
}

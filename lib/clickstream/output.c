/*
 * A program's output (see <clickstream/output.h>).
 */
#include <clickstream/output.h>

#include <weir/file_sink.h>

weir_sink *clickstream_output(weir_env *env, const char *label, const struct weir_type *type,
                              const struct weir_field *key)
{
    const char *path =
        weir_option_string(env, "out", NULL, "writes JSON lines to this file; - is stdout");
    const char *topic = weir_option_string(env, "to", NULL, "writes to this Kafka topic");
    const char *db = weir_option_string(env, "db", NULL, "writes to a table of this SQLite file");
    if (path != NULL) {
        return weir_jsonl_sink(path, type);
    }
    if (topic != NULL) {
        return weir_kafka_sink(&(struct weir_kafka_sink_config){
            .topic = topic, .format = weir_json(type), .key = key});
    }
    if (db != NULL) {
        return weir_sqlite_sink(
            &(struct weir_sqlite_sink_config){.path = db, .table = type->name, .type = type});
    }
    return weir_print(label);
}

weir_sink *clickstream_output_once(weir_env *env, const struct weir_type *type,
                                   const struct weir_field *key)
{
    const char *folder = weir_option_string(env, "out", NULL, "part files in this folder");
    const char *topic = weir_option_string(env, "to", NULL, "transactions to this Kafka topic");
    if (folder != NULL) {
        return weir_file_sink(&(struct weir_file_sink_config){
            .path = folder, .format = weir_json(type), .bucket = "", .suffix = ".jsonl"});
    }
    if (topic != NULL) {
        return weir_kafka_sink(&(struct weir_kafka_sink_config){
            .topic = topic, .format = weir_json(type), .key = key, .delivery = WEIR_EXACTLY_ONCE});
    }
    return NULL;
}

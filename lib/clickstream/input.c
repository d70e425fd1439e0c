/*
 * A program's input (see <clickstream/input.h>).
 */
#include <clickstream/input.h>

struct clickstream_input clickstream_input(weir_env *env, const char *topic, int64_t bound_ms)
{
    return (struct clickstream_input){
        .topic = weir_option_string(env, "topic", topic, "Kafka topic"),
        .path = weir_option_string(env, "input", NULL, "a file instead of Kafka; - is stdin"),
        .bound_ms = bound_ms < 0 ? bound_ms
                                 : weir_option_duration(env, "bound", bound_ms,
                                                        "how far out of order events may come"),
    };
}

weir_stream *clickstream_in_order(weir_stream *step, const struct clickstream_input *input)
{
    return input->path != NULL ? weir_set_parallelism(step, 1) : step;
}

weir_stream *clickstream_read(weir_env *env, const struct clickstream_input *input,
                              struct weir_format format)
{
    if (input->path == NULL) {
        const struct weir_kafka_source_config kafka_config = {.topic = input->topic,
                                                              .format = format};
        weir_stream *messages = weir_from_source(env, weir_kafka_source(&kafka_config));
        return weir_set_name(messages, "events");
    }
    const struct weir_file_source_config file_config = {
        .path = input->path, .format = format, .paced_by = input->paced_by};
    weir_stream *file = weir_from_source(env, weir_file_source(&file_config));
    return clickstream_in_order(weir_set_name(file, "events"), input);
}

weir_stream *clickstream_timed(weir_stream *events, const struct clickstream_input *input,
                               const struct weir_field *timestamp)
{
    struct weir_watermark_strategy strategy = weir_bounded_out_of_orderness(input->bound_ms);
    if (input->path == NULL) {
        strategy =
            weir_with_max_future_skew(weir_with_idleness(strategy, weir_seconds(5)), weir_hours(1));
        return weir_assign_watermarks(events, strategy, timestamp);
    }
    strategy = weir_with_interval(strategy, -1);
    return clickstream_in_order(weir_assign_watermarks(events, strategy, timestamp), input);
}

/*
 * Where a program's events come from: a Kafka topic, or a file of lines. The two calls declare the
 * program's options --topic, --input and --bound, so that every program has them alike.
 *
 *     struct clickstream_input input = clickstream_input(env, "click-stream", weir_seconds(30));
 *     weir_stream *clicks = clickstream_read(env, &input, weir_json(&click_event_type));
 *     weir_stream *events = clickstream_timed(clicks, &input, WEIR_FIELD(click_event, timestamp));
 *
 * A file is read by one subtask, which keeps its order, and gives the same watermarks every time (a
 * new one after every event). Kafka may fall silent, so a partition without events for 5 s holds
 * nobody back; and it may hold a date from the year 3000, so an event more than an hour ahead of
 * the clock does not move the watermark.
 */
#ifndef CLICKSTREAM_INPUT_H
#define CLICKSTREAM_INPUT_H

#include <weir/connectors.h>
#include <weir/stream.h>

struct clickstream_input {
    const char *topic;
    const char *path; /* NULL: Kafka; "-": standard input */
    int64_t bound_ms; /* how far out of order events may come */
    /* A file plays in its own time, by this int64 field (epoch ms); NULL: as fast as possible. */
    const struct weir_field *paced_by;
};

/* Reads the options; `topic` and `bound_ms` are their defaults. bound_ms < 0: the program has no
 * use for watermarks, and no --bound. Strings are the env's. */
struct clickstream_input clickstream_input(weir_env *env, const char *topic, int64_t bound_ms);

/* The source, an operator named "events". What cannot be decoded goes to its side output
 * weir_dead_letters. */
weir_stream *clickstream_read(weir_env *env, const struct clickstream_input *input,
                              struct weir_format format);

/*
 * For a step between source and watermarks, or right behind them: keeps it beside the source of a
 * file. On several subtasks it would mix up the file's order, and the watermarks would differ from
 * run to run. Returns the step's stream.
 */
weir_stream *clickstream_in_order(weir_stream *step, const struct clickstream_input *input);

/* The same events, or some of them, with timestamps from a field and with watermarks. */
weir_stream *clickstream_timed(weir_stream *events, const struct clickstream_input *input,
                               const struct weir_field *timestamp);

#endif

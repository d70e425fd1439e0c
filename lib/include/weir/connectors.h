/*
 * The connectors that come with the library. Config structs: a zero field means the default that
 * its comment names.
 */
#ifndef WEIR_CONNECTORS_H
#define WEIR_CONNECTORS_H

#include <weir/format.h>
#include <weir/sink.h>
#include <weir/source.h>

#include <stdio.h>

/* ---- from memory and from files ---- */

/* The given values (copied), as an array of `count` C values of the type. One split. */
weir_source *weir_collection_source(const struct weir_type *type, const void *values, size_t count);

/* Values made by a function: next fills *value for the index-th event and its timestamp, false ends
 * the stream. Restores by index. */
struct weir_generator_source_config {
    const char *name;
    const struct weir_type *type;
    /* user is read only; strings may borrow from it. */
    bool (*next)(int64_t index, void *value, int64_t *timestamp, void *user);
    void *user;
    int64_t count;      /* 0: until next says false */
    int64_t per_second; /* 0: as fast as the job takes them */
    int splits;         /* 0: 1. Split s of n makes the indexes s, s + n, … */
};
weir_source *weir_generator_source(const struct weir_generator_source_config *config);

/* A file of lines. */
struct weir_file_source_config {
    const char *path; /* "-": standard input */
    struct weir_format format;
    int splits; /* 0: 1; a file can be read in byte ranges by several subtasks */
    /* An int64 field of the type (epoch ms): each value is handed over when the clock reaches its
     * time, so a recording plays as it happened; NULL: as fast as the job takes them. */
    const struct weir_field *paced_by;
};
weir_source *weir_file_source(const struct weir_file_source_config *config);

/* ---- from a socket ---- */

/*
 * Lines from a TCP server, such as `nc -lk 9999`. Connects again, after 100 ms and then ever
 * longer, up to 10 s, when nobody is there or the connection goes; what is sent meanwhile is lost,
 * and after a restart nothing is read again. One subtask reads.
 */
struct weir_socket_source_config {
    const char *host; /* NULL: 127.0.0.1 */
    int port;         /* 0: 9999 */
    struct weir_format format;
    bool once; /* the stream ends when the other side closes */
};
weir_source *weir_socket_source(const struct weir_socket_source_config *config);

/* ---- Kafka (librdkafka) ---- */

/* A message of a partition. */
struct weir_kafka_offset {
    int32_t partition; /* 0 … */
    int64_t offset;    /* 0 … */
};

/* Where a job begins that has no position from a checkpoint; that one always wins. */
enum weir_kafka_start {
    WEIR_KAFKA_COMMITTED, /* behind what the group has committed; else as `latest` says */
    WEIR_KAFKA_EARLIEST,  /* at the beginning, whatever the group has committed */
    WEIR_KAFKA_LATEST,    /* at the end, whatever the group has committed */
    /* At the first message whose timestamp is start_timestamp_ms or more; none: at the end. */
    WEIR_KAFKA_TIMESTAMP,
    /* At start_offsets. A partition that they do not name: as with WEIR_KAFKA_COMMITTED; one that
     * does not have its offset (any more, or yet): as `latest` says, with a warning. */
    WEIR_KAFKA_OFFSETS,
};

/*
 * -X scan.startup.mode=group-offsets, earliest-offset, latest-offset, timestamp (with -X
 * scan.startup.timestamp-millis=MS) or specific-offsets (with -X
 * scan.startup.specific-offsets="partition:0,offset:42;partition:1,offset:300"), as in Flink's
 * tables, win over `start` in all Kafka sources of a job. A value that cannot be (a negative
 * timestamp or offset, a partition twice) fails the job when it begins: WEIR_INVALID. The embedded
 * broker cannot search by time; there the source reads what it has, from the oldest message on.
 * Source: semantics sheet, section 21.
 */
struct weir_kafka_source_config {
    const char *topic;
    const char *group_id; /* NULL: the job's name; CONSUMER_GROUP wins */
    const char *brokers;  /* NULL: the job's -b / KAFKA_BROKERS / 127.0.0.1:9092 */
    struct weir_format format;
    enum weir_kafka_start start;
    bool latest; /* start at the end instead of the beginning when `start` does not say where */
    int64_t start_timestamp_ms;                    /* epoch ms, 0 … */
    const struct weir_kafka_offset *start_offsets; /* copied; each partition once */
    size_t start_offset_count;
    bool bounded;              /* stop at the end offsets found at start */
    int64_t max_message_bytes; /* larger ones are dead letters; 0: 1 MiB */
    /* How often to look for partitions that were added to the topic; they are read from their
     * beginning. 0: 5 minutes; negative: never; not when bounded. */
    int64_t discovery_interval_ms;
};
weir_source *weir_kafka_source(const struct weir_kafka_source_config *config);

enum weir_delivery {
    WEIR_AT_LEAST_ONCE, /* after a failure results may be there twice */
    WEIR_EXACTLY_ONCE,  /* readers with isolation.level=read_committed see each result once */
    /* After a failure results may be missing, and may be there twice: a checkpoint does not wait
     * until the broker has what was written before it. A job that ends or is stopped does. */
    WEIR_DELIVERY_NONE,
};

/*
 * Exactly-once needs checkpoints, and a real Kafka: on the embedded broker, which does not honour
 * transactions, results are at-least-once, and a line in the log says so. Results can be seen when
 * their checkpoint is complete: the checkpoint interval is the delay. All exactly-once Kafka sinks
 * of a job share one transaction a checkpoint, which carries the offsets of its Kafka sources too.
 * Only one instance of the job can run: one that is started later fences the one before, which then
 * fails. Source: semantics sheet, section 21.
 */
struct weir_kafka_sink_config {
    const char *topic;
    const char *brokers;
    struct weir_format format;
    const struct weir_field *key; /* string or int64 field; NULL: no key */
    enum weir_delivery delivery;
    const char *transactional_id; /* NULL: "weir-" and the job's name; -X transactional.id wins */
};
weir_sink *weir_kafka_sink(const struct weir_kafka_sink_config *config);

/* ---- sinks for eyes and files ---- */

/* "LABEL> {json}" a line on stdout; the subtask is shown when there are several, as Flink does:
 * "LABEL:2> …". NULL: no label. */
weir_sink *weir_print(const char *label);

/* Lines of your own on stdout: write puts one line without newline into text (size bytes). Whole
 * lines, never mixed; control characters and invalid UTF-8 in them are shown as \xNN. */
struct weir_print_config {
    const char *label;
    const char *heading; /* printed once, before the first line; NULL: none */
    void (*write)(const void *value, char *text, size_t size, void *user);
    void *user;
    FILE *stream; /* NULL: stdout */
};
weir_sink *weir_print_lines(const struct weir_print_config *config);

/* A file of JSON lines; "-" is stdout. Several subtasks write to one file, a line at a time. It is
 * created or emptied when the job begins, and gone on with behind its last whole line when the job
 * goes on from a checkpoint (at-least-once). */
weir_sink *weir_jsonl_sink(const char *path, const struct weir_type *type);

/*
 * For weir_side_output(stream, &weir_dead_letters): "kafka:TOPIC", or a file of JSON lines ("-":
 * stdout).
 */
weir_sink *weir_dead_letter_sink(const char *to);

/* ---- SQLite ---- */

#define WEIR_SQLITE_KEYS 4

/*
 * A table in a database file; both are made when they are not there, with a column for each field
 * of the type, named as on the wire; lists, sets and structs as JSON text. A value with the same
 * key takes the old one's row.
 *
 * Exactly once in a job with checkpoints: rows appear when their checkpoint is complete. Without,
 * they appear in batches of 100, after a second, or when nothing more comes, and again after a
 * restart: give a key. `weir sql FILE QUERY` asks the file.
 */
struct weir_sqlite_sink_config {
    const char *path;
    const char *table;
    const struct weir_type *type;
    const struct weir_field
        *key[WEIR_SQLITE_KEYS]; /* NULL behind the last; none: every row stays */
};
weir_sink *weir_sqlite_sink(const struct weir_sqlite_sink_config *config);

/* Hands every value to a function, one call at a time whatever the parallelism: for tests and for
 * small programs. */
weir_sink *weir_collect(void (*collect)(const void *value, int64_t timestamp, void *user),
                        void *user);

#endif

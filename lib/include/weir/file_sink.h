/*
 * The file sink: part files, in a folder or on S3, each line in them exactly once.
 *
 *     weir_sink_to(clicks, weir_file_sink(&(struct weir_file_sink_config){
 *         .path = "clicks", .format = weir_json(&click_event_type), .suffix = ".jsonl"}));
 *
 *     clicks/2024-10-22--18/part-0-0.jsonl                          finished: may be read
 *     clicks/2024-10-22--18/.part-0-1.jsonl.inprogress.5f0c31e2-…   hidden: being written
 *
 * A part is hidden while it is written. It is rolled (no more comes to it) when it is large or old
 * enough, or nothing came to it for a while; and it gets its name, which makes it visible, when the
 * next checkpoint is complete, or the job has ended. After a failure the job restores its latest
 * checkpoint: parts that it had rolled are shown, if they were not, the one that was being written
 * goes on where the checkpoint left it, and hidden ones begun after it are removed. So readers that
 * skip names with a leading dot, as most do, see each result once.
 *
 * A job that takes no checkpoints shows its parts at its end, and nothing when it fails. What a
 * process that was killed had begun before its first checkpoint stays hidden, and may be removed.
 *
 * Names: <prefix>-<subtask>-<n><suffix>. n counts the subtask's parts, over all buckets, goes on
 * after a restore, and passes over names that are taken: a name is never given twice, and no
 * finished file is written to again. A job that starts anew in a folder that has parts adds to
 * them. Two jobs may share a folder when their prefixes differ.
 *
 * Source: semantics sheet, section 20; Flink's FileSink (the names are those of its older one).
 */
#ifndef WEIR_FILE_SINK_H
#define WEIR_FILE_SINK_H

#include <weir/format.h>
#include <weir/s3.h>
#include <weir/sink.h>

enum weir_bucket_time {
    WEIR_BUCKET_PROCESSING_TIME, /* the clock, when the value is written */
    WEIR_BUCKET_EVENT_TIME,      /* the value's timestamp; without one: "no-time" */
};

enum { WEIR_BUCKET_SIZE = 256 };

struct weir_file_sink_config {
    const char *path; /* folder, made when missing; or s3://BUCKET/PREFIX: see <weir/s3.h> */
    /* A value is what this writes, and a newline. */
    struct weir_format format;
    const char *prefix; /* NULL: "part" */
    const char *suffix; /* NULL: none */

    /* A bucket is a folder below path. By time: a pattern as strftime has it, in the system's zone
     * or UTC. NULL: "%Y-%m-%d--%H", an hour each; "": no folders. */
    const char *bucket;
    enum weir_bucket_time bucket_time;
    bool bucket_utc;
    /* Or by a function, which writes the name ("country=DE", "2024/10"; NUL-terminated, at most
     * size - 1 bytes). Leading dots and control characters in it become "_". */
    void (*bucket_of)(const void *value, int64_t timestamp, char *name, size_t size, void *user);
    void *user;

    /* When a part is rolled. At the end of the input always. */
    int64_t max_part_bytes;  /* before a write, when it has more than this; 0: 128 MiB */
    int64_t rollover_ms;     /* since it was begun; 0: 60 s */
    int64_t inactivity_ms;   /* since something came to it; 0: 60 s */
    int64_t check_ms;        /* how often the clock is asked for the two above; 0: 60 s */
    bool roll_on_checkpoint; /* each checkpoint shows all there is, in many small parts */

    const struct weir_s3_config
        *s3; /* NULL: all of it from the job's settings, and the environment */
};

weir_sink *weir_file_sink(const struct weir_file_sink_config *config);

#endif

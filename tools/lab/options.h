/*
 * The laboratory's command line.
 */
#ifndef WEIR_LAB_OPTIONS_H
#define WEIR_LAB_OPTIONS_H

#include <weir/stream.h>

enum lab_aggregate {
    LAB_COUNT,
    LAB_SUM,
    LAB_MIN,
    LAB_MAX,
    LAB_AVG,
    LAB_DISTINCT,
    LAB_FIRST,
    LAB_LAST,
    LAB_LIST,
    LAB_EACH,
};

enum lab_watermark { LAB_MANUAL, LAB_BOUNDED, LAB_MONOTONOUS };

struct lab_options {
    /* as the library takes them; functions (gap_of, delta) are filled in by the pipeline */
    struct weir_window_assigner assigner;
    struct weir_trigger trigger;
    struct weir_evictor evictor;
    int64_t allowed_lateness_ms;
    enum weir_window_path path;
    /* what the pipeline makes of them */
    bool late_output;
    enum lab_aggregate aggregate;
    enum lab_watermark watermark;
    int64_t bound_ms;
    bool emit_watermarks;
    bool final_watermark;
    bool processing_time; /* --domain processing */
    int parallelism;
    bool rocksdb; /* --state rocksdb */
    /* names of fields */
    const char *key;
    const char *value;
    const char *time;
    const char *gap;
    /* files */
    const char *summary; /* NULL: as text on stderr */
    const char *trace;   /* NULL: none */
    const char *input;   /* NULL: standard input */
    bool strict;
    /* as given, for messages */
    const char *window_text;
    const char *trigger_text;
    const char *evictor_text;
};

/* Reads argv. Returns -1 to go on, or the exit status (after --help, and after telling what is
 * wrong on stderr). */
int lab_options_read(struct lab_options *options, int argc, char **argv);

#endif

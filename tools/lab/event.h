/*
 * One line of the laboratory's input: an event, or a command.
 */
#ifndef WEIR_LAB_EVENT_H
#define WEIR_LAB_EVENT_H

#include "base/buf.h"
#include "lab/options.h"

#include <weir/type.h>

/*
 * key, value: as json_text.h keeps them; value is null when the event has none. number: what the
 * value is as one, whole where `exact`. seq: order of arrival, from 1. gap: of a dynamic session.
 */
#define LAB_EVENT_FIELDS(F, T)                                                                     \
    F(T, string, key, "key", required)                                                             \
    F(T, string, value, "value", nullable)                                                         \
    F(T, boolean, exact, "exact", required)                                                        \
    F(T, int64, integer, "integer", required)                                                      \
    F(T, real, number, "number", required)                                                         \
    F(T, int64, seq, "seq", required)                                                              \
    F(T, int64, gap, "gap", required)
WEIR_DECLARE_TYPE(lab_event, LAB_EVENT_FIELDS);

enum lab_line_kind {
    LAB_EVENT,
    LAB_SET_WATERMARK,
    LAB_SET_TIME,
    LAB_SNAPSHOT_RESTORE,
    LAB_IDLE,
    LAB_MARK,
    LAB_NOTHING, /* an empty line; a command that asks for nothing */
    LAB_REJECTED,
};

/* The texts belong to the reader, until the next line. */
struct lab_line {
    enum lab_line_kind kind;
    struct lab_event event; /* EVENT */
    int64_t timestamp;      /* EVENT: WEIR_TIME_MIN: it has none */
    int64_t number;         /* SET_WATERMARK, SET_TIME */
    bool flag;              /* IDLE */
    struct weir_str text;   /* MARK: JSON */
    char reason[200];       /* REJECTED: what was expected and what came */
};

struct lab_line_reader {
    const struct lab_options *options;
    int64_t seq;
    struct weir__buf key;
    struct weir__buf value;
};

void lab_read_line(struct lab_line_reader *reader, struct weir_str text, struct lab_line *line);
void lab_line_reader_fini(struct lab_line_reader *reader);

#endif

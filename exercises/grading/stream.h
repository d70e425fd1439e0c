/*
 * A stream under test: the events of one case in order of arrival, with its settings; and the
 * results that came out of it.
 *
 * Both sides of the grader use it. The judge makes streams and sends them as lines of text; the
 * runner reads them:
 *
 *     set NAME TEXT
 *     event TIMESTAMP HEX        the value, in the library's binary encoding
 *     part                       what follows belongs to another part: an accumulator of its
 *                                own, merged later
 */
#ifndef GRADING_STREAM_H
#define GRADING_STREAM_H

#include "base/buf.h"
#include "base/vec.h"

#include <weir/time.h>
#include <weir/type.h>

enum grading_step_kind { GRADING_EVENT, GRADING_PART };

struct grading_step {
    enum grading_step_kind kind;
    int64_t timestamp; /* event time, epoch ms */
    void *value;       /* owned; NULL for a part */
};

struct grading_stream {
    const struct weir_type *type;
    struct weir__vec steps;    /* struct grading_step */
    struct weir__vec settings; /* struct grading_setting */
};

struct grading_setting {
    char *name;
    char *text;
};

void grading_stream_init(struct grading_stream *stream, const struct weir_type *type);
void grading_stream_fini(struct grading_stream *stream);
void grading_stream_copy(struct grading_stream *copy, const struct grading_stream *stream);

/* Adds a step; the value is copied. */
void grading_stream_event(struct grading_stream *stream, int64_t timestamp, const void *value);
void grading_stream_part(struct grading_stream *stream);
void grading_stream_remove(struct grading_stream *stream, size_t first, size_t count);
size_t grading_stream_events(const struct grading_stream *stream);

static inline struct grading_step *grading_stream_at(const struct grading_stream *stream,
                                                     size_t index)
{
    return weir__vec_at(&stream->steps, index);
}

/* A setting of the case: names and texts without newline; names without blank. */
void grading_stream_set(struct grading_stream *stream, const char *name, const char *text);
void grading_stream_set_int(struct grading_stream *stream, const char *name, int64_t number);
/* NULL (0) when the case does not say. Borrowed. */
const char *grading_stream_setting(const struct grading_stream *stream, const char *name);
int64_t grading_stream_setting_int(const struct grading_stream *stream, const char *name);

void grading_stream_write(const struct grading_stream *stream, struct weir__buf *lines);
/* Takes one line (NUL-terminated, without newline). False when it is not one of the above. */
bool grading_stream_read(struct grading_stream *stream, const char *line);

/* ---- results ---- */

struct grading_results {
    const struct weir_type *type;
    struct weir__vec rows; /* void *: owned values */
};

void grading_results_init(struct grading_results *results, const struct weir_type *type);
void grading_results_fini(struct grading_results *results);
void grading_results_add(struct grading_results *results, const void *value);
/* Sorts by fields, the first one first (NULL-terminated). */
void grading_results_sort(struct grading_results *results, const struct weir_field *const *by);

static inline const void *grading_results_at(const struct grading_results *results, size_t index)
{
    return *(void *const *)weir__vec_at(&results->rows, index);
}

/* <0, 0, >0 for one field of two values of a type; lists and structures are not compared. */
int grading_field_compare(const struct weir_field *field, const void *a, const void *b);

/* ---- values as text ---- */

void grading_hex_write(const struct weir_type *type, const void *value, struct weir__buf *out);
/* A copy on the heap (release with grading_value_free), or NULL when the text is not the encoding
 * of a value. */
void *grading_hex_read(const struct weir_type *type, const char *hex);
void grading_value_free(const struct weir_type *type, void *value);

#endif

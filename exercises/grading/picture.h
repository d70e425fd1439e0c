/*
 * Pictures for failure texts: a stream as a timeline in order of arrival, and a difference between
 * results as a table.
 */
#ifndef GRADING_PICTURE_H
#define GRADING_PICTURE_H

#include "stream.h"

/* Field lists end in NULL. columns: the event's fields to show beside its time. The setting
 * "about", if any, goes before. */
void grading_picture_stream(const struct grading_stream *stream,
                            const struct weir_field *const *columns, struct weir__buf *text);

struct grading_comparison {
    const struct weir_field *const *fields; /* compared, in this order */
    const struct weir_field *const *times;  /* those of them that are event times; NULL: none */
};

/* Whether the two agree; reals within a relative 1e-9. */
bool grading_field_agrees(const struct weir_field *field, const void *expected, const void *got);

/* Writes what differs, first difference marked; returns false when nothing does. */
bool grading_picture_difference(const struct grading_comparison *comparison,
                                const struct grading_results *expected,
                                const struct grading_results *got, struct weir__buf *text);

/* "00:00:40.000" on 1 January 1970, else with the date. */
void grading_picture_time(int64_t epoch_ms, char text[40]);

#endif

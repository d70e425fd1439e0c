/*
 * Drawing. Plain ASCII, at most about a hundred columns, long streams cut in the middle.
 */
#include "picture.h"

#include "base/escape.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum {
    AXIS = 32, /* characters of the timeline */
    HEAD = 20, /* steps shown before and after a cut */
    TAIL = 4,
    CELL = 40, /* most bytes of a value shown */
    COLUMN = 14,
};

void grading_picture_time(int64_t epoch_ms, char text[40])
{
    if (epoch_ms >= 0 && epoch_ms < weir_days(1)) {
        snprintf(text, 40, "%02d:%02d:%02d.%03d", (int)(epoch_ms / weir_hours(1)),
                 (int)(epoch_ms / weir_minutes(1) % 60), (int)(epoch_ms / 1000 % 60),
                 (int)(epoch_ms % 1000));
    } else {
        weir_time_format(epoch_ms, text, 40);
    }
}

static bool contains(const struct weir_field *const *fields, const struct weir_field *field)
{
    for (; fields != NULL && *fields != NULL; fields++) {
        if (*fields == field) {
            return true;
        }
    }
    return false;
}

/* One field's value as short text. */
static void field_text(const struct weir_field *field, const void *value, bool is_time,
                       char text[CELL + 4])
{
    const void *at = (const char *)value + field->offset;
    char clock[40];
    switch (field->kind) {
    case WEIR_KIND_INT64:
        if (is_time) {
            grading_picture_time(*(const int64_t *)at, clock);
            snprintf(text, CELL, "%s", clock);
        } else {
            snprintf(text, CELL, "%" PRId64, *(const int64_t *)at);
        }
        return;
    case WEIR_KIND_DOUBLE:
        snprintf(text, CELL, "%.10g", *(const double *)at);
        return;
    case WEIR_KIND_BOOL:
        snprintf(text, CELL, "%s", *(const bool *)at ? "true" : "false");
        return;
    case WEIR_KIND_STRING:
        (void)weir_value_to_json(&weir_string_type, at, text, CELL);
        return;
    case WEIR_KIND_STRING_SET:
    case WEIR_KIND_LIST:
    case WEIR_KIND_STRUCT:
        snprintf(text, CELL, "(not shown)");
        return;
    }
}

/* ---- the stream ---- */

/* What the timeline spans: the case's window, or all of its events. */
struct axis {
    int64_t first;
    int64_t last;
    bool one_day; /* then times are shown without their date */
};

static int64_t day_of(int64_t time)
{
    return time / weir_days(1) - (time % weir_days(1) < 0);
}

static struct axis axis_of(const struct grading_stream *stream)
{
    struct axis axis = {WEIR_TIME_MAX, WEIR_TIME_MIN, true};
    if (grading_stream_setting(stream, "window_start") != NULL) {
        axis.first = grading_stream_setting_int(stream, "window_start");
        axis.last = grading_stream_setting_int(stream, "window_end") - 1;
    }
    for (size_t i = 0; i < stream->steps.count; i++) {
        const struct grading_step *step = grading_stream_at(stream, i);
        if (step->kind == GRADING_EVENT) {
            axis.first = step->timestamp < axis.first ? step->timestamp : axis.first;
            axis.last = step->timestamp > axis.last ? step->timestamp : axis.last;
        }
    }
    axis.one_day = day_of(axis.first) == day_of(axis.last);
    return axis;
}

static void put_time(const struct axis *axis, int64_t time, char text[40])
{
    grading_picture_time(axis->one_day ? time - day_of(time) * weir_days(1) : time, text);
}

static void put_axis(const struct axis *axis, int64_t time, struct weir__buf *text)
{
    double span = (double)axis->last - (double)axis->first;
    int at = span > 0 ? (int)(((double)time - (double)axis->first) / span * (AXIS - 1)) : 0;
    weir__buf_printf(text, "  |%*s*%*s|\n", at, "", AXIS - 1 - at, "");
}

static void put_heading(const struct axis *axis, const struct weir_field *const *columns,
                        struct weir__buf *text)
{
    char first[40];
    char last[40];
    char date[40];
    weir_time_format(axis->first, date, sizeof date);
    if (axis->one_day && day_of(axis->first) != 0) {
        weir__buf_printf(text, "  on %.10s (UTC)\n", date);
    }
    put_time(axis, axis->first, first);
    put_time(axis, axis->last, last);
    weir__buf_printf(text, "  arrival  %-*s", COLUMN, "event time");
    for (; *columns != NULL; columns++) {
        weir__buf_printf(text, " %-*s", COLUMN, (*columns)->wire_name);
    }
    weir__buf_printf(text, "  %s%*s\n", first, AXIS + 2 - (int)strlen(first), last);
}

static void put_event(const struct grading_step *step, size_t arrival, const struct axis *axis,
                      const struct weir_field *const *columns, struct weir__buf *text)
{
    char clock[40];
    put_time(axis, step->timestamp, clock);
    weir__buf_printf(text, "  %7zu  %-*s", arrival, COLUMN, clock);
    for (; *columns != NULL; columns++) {
        char cell[CELL + 4];
        field_text(*columns, step->value, false, cell);
        weir__buf_printf(text, " %-*s", COLUMN, cell);
    }
    put_axis(axis, step->timestamp, text);
}

void grading_picture_stream(const struct grading_stream *stream,
                            const struct weir_field *const *columns, struct weir__buf *text)
{
    struct axis axis = axis_of(stream);
    const char *about = grading_stream_setting(stream, "about");
    size_t count = stream->steps.count;
    size_t arrival = 0;
    if (about != NULL) {
        weir__buf_printf(text, "  %s\n", about);
    }
    if (grading_stream_events(stream) == 0) {
        weir__buf_printf(text, "  (no event%s)\n", count > 0 ? ", several parts" : "");
        return;
    }
    put_heading(&axis, columns, text);
    for (size_t i = 0; i < count; i++) {
        const struct grading_step *step = grading_stream_at(stream, i);
        bool shown = count <= HEAD + TAIL || i < HEAD || i >= count - TAIL;
        if (i == HEAD && !shown) {
            weir__buf_printf(text, "           ... %zu more ...\n", count - HEAD - TAIL);
        }
        arrival += step->kind == GRADING_EVENT;
        if (shown && step->kind == GRADING_PART) {
            weir__buf_printf(text, "           - - another accumulator, merged afterwards - -\n");
        } else if (shown) {
            put_event(step, arrival, &axis, columns, text);
        }
    }
}

/* ---- the difference ---- */

bool grading_field_agrees(const struct weir_field *field, const void *expected, const void *got)
{
    if (field->kind != WEIR_KIND_DOUBLE) {
        return grading_field_compare(field, expected, got) == 0;
    }
    double want = *(const double *)((const char *)expected + field->offset);
    double have = *(const double *)((const char *)got + field->offset);
    return want == have || fabs(want - have) <= 1e-9 * fmax(fabs(want), fabs(have));
}

static bool rows_agree(const struct weir_field *const *fields, const void *expected,
                       const void *got)
{
    for (; *fields != NULL; fields++) {
        if (!grading_field_agrees(*fields, expected, got)) {
            return false;
        }
    }
    return true;
}

static void put_row(const struct grading_comparison *comparison, const void *expected,
                    const void *got, struct weir__buf *text)
{
    bool marked = false;
    weir__buf_printf(text, "    %-20s %-22s %s\n", "result", "expected", "got");
    for (const struct weir_field *const *field = comparison->fields; *field != NULL; field++) {
        char want[CELL + 4] = "(no such result)";
        char have[CELL + 4] = "(no such result)";
        bool is_time = contains(comparison->times, *field);
        bool agrees =
            expected != NULL && got != NULL && grading_field_agrees(*field, expected, got);
        if (expected != NULL) {
            field_text(*field, expected, is_time, want);
        }
        if (got != NULL) {
            field_text(*field, got, is_time, have);
        }
        weir__buf_printf(text, "  %c %-20s %-22s %s%s\n", agrees ? ' ' : '>', (*field)->name, want,
                         have, agrees || marked ? "" : "   <- first difference");
        marked = marked || !agrees;
    }
}

/* Results are matched by their order; a missing or a spare one shows in the fields of the first
 * that differ. */
bool grading_picture_difference(const struct grading_comparison *comparison,
                                const struct grading_results *expected,
                                const struct grading_results *got, struct weir__buf *text)
{
    size_t wanted = expected->rows.count;
    size_t given = got->rows.count;
    for (size_t i = 0; i < wanted || i < given; i++) {
        const void *want = i < wanted ? grading_results_at(expected, i) : NULL;
        const void *have = i < given ? grading_results_at(got, i) : NULL;
        if (want != NULL && have != NULL && rows_agree(comparison->fields, want, have)) {
            continue;
        }
        if (wanted != given) {
            weir__buf_printf(text, "  expected %zu result%s, got %zu\n", wanted,
                             wanted == 1 ? "" : "s", given);
        }
        if (wanted > 1 || given > 1) {
            weir__buf_printf(text, "  result %zu of %zu, the first that differs\n", i + 1,
                             wanted > given ? wanted : given);
        }
        put_row(comparison, want, have, text);
        return true;
    }
    return false;
}

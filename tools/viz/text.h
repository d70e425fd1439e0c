/* Numbers as words: times of events in a unit that suits the trace, windows, counts. */
#ifndef WEIR_VIZ_TEXT_H
#define WEIR_VIZ_TEXT_H

#include "model.h"

enum viz_unit {
    VIZ_UNIT_MS,      /* 1999 */
    VIZ_UNIT_SECONDS, /* 1.999 */
    VIZ_UNIT_MINUTES, /* 2:01.999 */
    VIZ_UNIT_CLOCK,   /* 12:02:01.999, in UTC */
};

enum { VIZ_TIME_MAX = 40, VIZ_WINDOW_MAX = 2 * VIZ_TIME_MAX + 4 };

/* The unit for a trace whose windows have this length (0: none known). */
enum viz_unit viz_unit_of(const struct viz_model *model, int64_t length);
/* "none" for the watermark before the first, "end" for the final one. */
const char *viz_time(enum viz_unit unit, int64_t ms, char text[VIZ_TIME_MAX]);
/* The same without hours, for narrow places (clock only). */
const char *viz_time_short(enum viz_unit unit, int64_t ms, char text[VIZ_TIME_MAX]);
/* "[10,20)" */
const char *viz_window_text(enum viz_unit unit, int64_t start, int64_t end,
                            char text[VIZ_WINDOW_MAX]);
/* "1,240" */
const char *viz_count(int64_t count, char text[VIZ_TIME_MAX]);
/* "5s": weir_duration_format into a text of this size. */
const char *viz_duration(int64_t ms, char text[VIZ_TIME_MAX]);

#endif

/* Choosing a scale that makes windows legible, ticks that fall on their borders, and an origin that
 * follows. */
#include "axis.h"

#include <weir/time.h>

/* Lengths of a column that people can count in, in microseconds. */
#define MS   (INT64_C(1000))
#define SEC  (1000 * MS)
#define MIN  (60 * SEC)
#define HOUR (60 * MIN)
static const int64_t units[] = {
    100,      200,       500,       MS,        2 * MS,     5 * MS,     10 * MS,
    20 * MS,  50 * MS,   100 * MS,  200 * MS,  250 * MS,   500 * MS,   SEC,
    2 * SEC,  5 * SEC,   10 * SEC,  15 * SEC,  30 * SEC,   MIN,        2 * MIN,
    5 * MIN,  10 * MIN,  15 * MIN,  30 * MIN,  HOUR,       2 * HOUR,   3 * HOUR,
    6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR, 168 * HOUR, 720 * HOUR, 8760 * HOUR,
};
enum { UNITS = sizeof units / sizeof units[0] };

enum { BOX_COLUMNS = 10, GAP_COLUMNS = 8 };

/* The largest unit that gives `length` ms at least `columns` columns. */
static int unit_for(int64_t length, int columns)
{
    int chosen = 0;
    for (int i = 0; i < UNITS; i++) {
        if (units[i] / MS * columns <= length && units[i] * columns <= length * MS) {
            chosen = i;
        }
    }
    return chosen;
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* The index of the scale that suits the windows, or what was seen of the stream. */
static int natural_unit(const struct viz_model *model, const struct viz_shape *shape, int width)
{
    static const int64_t longest = INT64_C(400) * 365 * 24 * 3600 * 1000;
    int64_t length = shape->kind == VIZ_SESSION ? shape->gap : shape->size;
    if (length > 0 && length < longest) {
        int columns = shape->kind == VIZ_SESSION   ? GAP_COLUMNS
                      : shape->kind == VIZ_SLIDING ? width * 2 / 5
                                                   : BOX_COLUMNS;
        return unit_for(length, columns);
    }
    int64_t span =
        model->lowest < model->highest ? weir_time_sub(model->highest, model->lowest) : 0;
    span = span < longest ? span : longest;
    int chosen = unit_for(span, width > 1 ? width : 1);
    return chosen + 1 < UNITS && span > 0 ? chosen + 1 : chosen;
}

/* Divides microseconds of any size, rounding down. */
static int64_t floor_ms_to(int64_t ms, int64_t step_us)
{
    __extension__ __int128 us = (__int128)ms * MS;
    __extension__ __int128 steps = us / step_us - (us % step_us < 0);
    __extension__ __int128 floored = steps * step_us / MS;
    return floored < INT64_MIN ? INT64_MIN : (int64_t)floored;
}

/* Columns between labels: windows' borders where they are far enough apart, else a round time. */
static int tick_of(const struct viz_axis *axis, const struct viz_shape *shape, int label)
{
    int64_t size_us = shape->size < INT64_MAX / MS ? shape->size * MS : 0;
    if (shape->kind == VIZ_TUMBLING && size_us % axis->unit_us == 0 && shape->offset == 0 &&
        size_us / axis->unit_us >= label && size_us / axis->unit_us <= 40) {
        return (int)(size_us / axis->unit_us);
    }
    for (int i = 0; i < UNITS; i++) {
        if (units[i] % axis->unit_us == 0 && units[i] / axis->unit_us >= label) {
            return (int)(units[i] / axis->unit_us);
        }
    }
    return 10;
}

static int64_t columns_ms(const struct viz_axis *axis, int64_t columns)
{
    return columns * axis->unit_us / MS;
}

static int64_t origin_of(const struct viz_axis *axis, const struct viz_model *model,
                         const struct viz_shape *shape, int64_t focus)
{
    bool seen = model->lowest <= model->highest;
    int64_t first = seen ? model->lowest : focus != WEIR_TIME_MIN ? focus : 0;
    if (shape->kind == VIZ_SLIDING) {
        first = weir_time_sub(first, weir_time_sub(shape->size, shape->slide));
    }
    int64_t anchor = focus;
    if (focus == WEIR_TIME_MAX) {
        anchor = model->finite_watermark;
    }
    int64_t tick_us = axis->tick * axis->unit_us;
    int64_t origin = floor_ms_to(first, tick_us);
    if (anchor != WEIR_TIME_MIN) {
        int64_t wanted = weir_time_sub(anchor, columns_ms(axis, axis->width * 2 / 3));
        int64_t followed =
            weir_time_add(floor_ms_to(wanted, tick_us), columns_ms(axis, axis->tick));
        origin = wanted > origin ? followed : origin;
    }
    return origin;
}

struct viz_axis viz_axis_of(const struct viz_model *model, const struct viz_model *whole,
                            const struct viz_shape *shape, int64_t focus, int left, int width,
                            int zoom, int pan)
{
    struct viz_axis axis = {.left = left, .width = width > 1 ? width : 1};
    int64_t length = shape->kind == VIZ_SESSION ? shape->gap : shape->size;
    if (model->lowest > model->highest) {
        model = whole;
    }
    axis.unit = viz_unit_of(whole, length);
    axis.unit_us = units[clamp(natural_unit(model, shape, axis.width) - zoom, 0, UNITS - 1)];
    axis.tick = tick_of(&axis, shape, axis.unit == VIZ_UNIT_CLOCK ? 10 : 8);
    axis.origin = origin_of(&axis, model, shape, focus);
    axis.origin = weir_time_add(axis.origin, columns_ms(&axis, pan));
    return axis;
}

int viz_axis_column(const struct viz_axis *axis, int64_t ms)
{
    if (ms < axis->origin) {
        return -1;
    }
    int64_t behind = weir_time_sub(ms, axis->origin);
    int64_t column = behind > INT64_MAX / MS ? axis->width : behind * MS / axis->unit_us;
    return column > axis->width ? axis->width : (int)column;
}

int64_t viz_axis_time(const struct viz_axis *axis, int column)
{
    return weir_time_add(axis->origin, columns_ms(axis, column));
}

/*
 * Rows: the partitions of the source with their recent events and, for as far back as the picture
 * may reach, how many events fell where.
 *
 * The counts are kept in buckets of `grain` ms. The grain starts at 1 ms and coarsens (2, 10, 20,
 * 100 …, so that buckets stay within the columns of a decimal scale) whenever a count would have to
 * be forgotten, until it is coarse enough for the windows that the job has; after that the oldest
 * counts are forgotten.
 */
#include "tables.h"

#include <weir/time.h>

enum { ROWS_MAX = 256, TASKS_MAX = 1024 };

struct viz_row *viz_row_at(const struct viz_model *model, int32_t row)
{
    return weir__vec_at(&model->rows, (size_t)row);
}

int32_t viz_row_of(struct viz_model *model, int32_t op, int32_t sub, struct weir_str channel)
{
    int32_t name = viz_name_of(model->names, channel);
    for (size_t i = 0; i < model->rows.count; i++) {
        const struct viz_row *row = weir__vec_at(&model->rows, i);
        if (row->op == op && row->sub == sub && row->channel == name) {
            return (int32_t)i;
        }
    }
    if (model->rows.count == ROWS_MAX) {
        model->left_out++;
        return VIZ_NONE;
    }
    struct viz_row *row = weir__vec_add(&model->rows);
    memset(row, 0, sizeof *row);
    row->op = op;
    row->sub = sub;
    row->channel = name;
    row->watermark = WEIR_TIME_MIN;
    row->highest = WEIR_TIME_MIN;
    row->grain = 1;
    return (int32_t)model->rows.count - 1;
}

struct viz_task *viz_task_of(struct viz_model *model, int32_t op, int32_t sub)
{
    for (size_t i = 0; i < model->tasks.count; i++) {
        struct viz_task *task = weir__vec_at(&model->tasks, i);
        if (task->op == op && task->sub == sub) {
            return task;
        }
    }
    if (model->tasks.count == TASKS_MAX) {
        model->left_out++;
        return NULL;
    }
    struct viz_task *task = weir__vec_add(&model->tasks);
    *task = (struct viz_task){.op = op, .sub = sub, .watermark = WEIR_TIME_MIN};
    return task;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The coarsest grain worth having: a small part of the shortest window. */
static int64_t widest_grain(const struct viz_model *model)
{
    return model->shortest > 0 ? model->shortest / 64 : WEIR_TIME_MAX / 16;
}

static uint16_t add_up(uint16_t a, uint16_t b)
{
    return a > UINT16_MAX - b ? UINT16_MAX : (uint16_t)(a + b);
}

/* 1 → 2 → 10 → 20 → 100 … */
static int64_t coarser(int64_t grain)
{
    int64_t digit = grain;
    while (digit >= 10) {
        digit /= 10;
    }
    return digit == 1 ? 2 : 5;
}

/* Several buckets become one; the newest stays at the end. */
static void coarsen(struct viz_row *row)
{
    int64_t factor = coarser(row->grain);
    uint16_t merged[VIZ_BUCKETS] = {0};
    int64_t top = floor_div(row->top, factor);
    for (int i = 0; i < VIZ_BUCKETS; i++) {
        int64_t bucket = floor_div(row->top - (VIZ_BUCKETS - 1 - i), factor);
        int64_t to = VIZ_BUCKETS - 1 - (top - bucket);
        if (to >= 0) {
            merged[to] = add_up(merged[to], row->buckets[i]);
        }
    }
    memcpy(row->buckets, merged, sizeof merged);
    row->top = top;
    row->grain *= factor;
}

/* buckets[VIZ_BUCKETS - 1] is the bucket number `top`, those before it count down. */
static void shift_to(struct viz_row *row, int64_t bucket)
{
    int64_t by = weir_time_sub(bucket, row->top);
    if (by >= VIZ_BUCKETS) {
        memset(row->buckets, 0, sizeof row->buckets);
    } else {
        size_t kept = (size_t)(VIZ_BUCKETS - by);
        memmove(row->buckets, row->buckets + by, kept * sizeof row->buckets[0]);
        memset(row->buckets + kept, 0, (size_t)by * sizeof row->buckets[0]);
    }
    row->top = bucket;
}

/* Whether the oldest `count` buckets hold anything. */
static bool forgets(const struct viz_row *row, int64_t count)
{
    int64_t limit = count < VIZ_BUCKETS ? count : VIZ_BUCKETS;
    for (int64_t i = 0; i < limit; i++) {
        if (row->buckets[i] > 0) {
            return true;
        }
    }
    return false;
}

static void count_bucket(const struct viz_model *model, struct viz_row *row, int64_t ts)
{
    if (row->count == 0) {
        row->top = floor_div(ts, row->grain);
    }
    int64_t ahead = weir_time_sub(floor_div(ts, row->grain), row->top);
    while (row->grain < widest_grain(model) && (ahead <= -VIZ_BUCKETS || forgets(row, ahead))) {
        coarsen(row);
        ahead = weir_time_sub(floor_div(ts, row->grain), row->top);
    }
    if (ahead > 0) {
        shift_to(row, floor_div(ts, row->grain));
        ahead = 0;
    }
    if (ahead > -VIZ_BUCKETS) {
        uint16_t *count = &row->buckets[VIZ_BUCKETS - 1 + ahead];
        *count = add_up(*count, 1);
    }
}

void viz_row_add(struct viz_model *model, int32_t index, int64_t id, int64_t ts, int32_t key)
{
    struct viz_row *row = viz_row_at(model, index);
    if (ts > WEIR_TIME_MIN / 2 && ts < WEIR_TIME_MAX / 2) {
        count_bucket(model, row, ts);
    }
    row->highest = ts > row->highest ? ts : row->highest;
    row->recent[row->count % VIZ_RECENT] = (struct viz_dot){.id = id, .ts = ts, .key = key};
    row->count++;
}

void viz_rows_mark(struct viz_model *model, int64_t id, int32_t key, bool late)
{
    for (size_t i = 0; i < model->rows.count; i++) {
        struct viz_row *row = weir__vec_at(&model->rows, i);
        int64_t oldest = row->count > VIZ_RECENT ? row->count - VIZ_RECENT : 0;
        for (int64_t n = row->count - 1; n >= oldest; n--) {
            struct viz_dot *dot = &row->recent[n % VIZ_RECENT];
            if (dot->id == id) {
                dot->key = key != 0 ? key : dot->key;
                dot->late = late ? 1 : dot->late;
                break;
            }
        }
    }
}

/*
 * Applying an event: the tables change, and the happening that the event belongs to is noted for
 * the narration.
 *
 * One cause makes many events: an event of the stream comes by at the source, at the watermark
 * assigner and at the window node, and goes into thirty windows. The reader steps over all of
 * that at once, so begins() decides which events start something new:
 *
 *     record                     unless it is the one of the happening
 *     open, add                  never (they belong to the record, merge or firing before them)
 *     watermark                  unless the happening is a watermark that has not come that far yet
 *     fire, late-fire            unless it is the firing of the same window for another key
 *     purge                      unless it follows the firing of the same window, or another purge
 *     timer, queue, result       never
 *     everything else            always
 */
#include "apply.h"
#include "job.h"

#include <weir/time.h>

bool viz_is_action(viz_event event, const char *action)
{
    return weir_str_equals(event->action, action);
}

bool viz_same_window(const struct viz_happening *now, viz_event event)
{
    return now->start == event->start && now->end == event->end;
}

void viz_begin(struct viz_model *model, enum viz_kind kind, viz_event event)
{
    memset(&model->now, 0, sizeof model->now);
    model->now.kind = (int32_t)kind;
    model->now.op = (int32_t)event->op;
    model->now.sub = (int32_t)event->sub;
    model->now.row = VIZ_NONE;
    model->now.id = VIZ_NONE;
    model->now.ts = WEIR_TIME_MIN;
}

int64_t viz_watermark_of(struct viz_model *model, viz_event event)
{
    const struct viz_task *task = viz_model_task(model, (int32_t)event->op, (int32_t)event->sub);
    return task != NULL ? task->watermark : WEIR_TIME_MIN;
}

void viz_keep_text(char *to, size_t size, struct weir_str text, bool whole)
{
    memset(to, 0, size);
    size_t len = text.len < size ? text.len : size - 1;
    if (text.len >= size && whole) {
        return;
    }
    while (len > 0 && len < text.len && ((unsigned char)text.data[len] & 0xC0) == 0x80) {
        len--;
    }
    if (len > 0) {
        memcpy(to, text.data, len);
    }
}

static bool window_begins(const struct viz_happening *now, viz_event event)
{
    bool fired = now->kind == VIZ_FIRE || now->kind == VIZ_LATE_FIRE;
    if (viz_is_action(event, "open") || viz_is_action(event, "add")) {
        return now->kind != VIZ_RECORD && now->kind != VIZ_MERGE && !fired;
    }
    if (viz_is_action(event, "fire")) {
        return now->kind != VIZ_FIRE || !viz_same_window(now, event) || now->op != event->op;
    }
    if (viz_is_action(event, "purge")) {
        return now->kind != VIZ_PURGE && !(fired && viz_same_window(now, event));
    }
    return true;
}

static bool begins(const struct viz_model *model, viz_event event)
{
    const struct viz_happening *now = &model->now;
    switch (event->type) {
    case WEIR__TRACE_RECORD_EVENT:
        return now->kind != VIZ_RECORD || now->id != event->id;
    case WEIR__TRACE_WATERMARK_EVENT:
        return now->kind != VIZ_WATERMARK || (!weir_str_is_null(event->channel) && now->own);
    case WEIR__TRACE_IDLE_EVENT:
        return now->kind != VIZ_IDLE || !weir_str_is_null(event->channel);
    case WEIR__TRACE_WINDOW_EVENT:
        return window_begins(now, event);
    case WEIR__TRACE_BARRIER_EVENT:
        return now->kind != VIZ_BARRIER || now->id != event->checkpoint;
    case WEIR__TRACE_TIMER_EVENT:
    case WEIR__TRACE_QUEUE_EVENT:
    case WEIR__TRACE_RESULT_EVENT:
        return now->kind == VIZ_NOTHING;
    case WEIR__TRACE_JOB_EVENT:
    case WEIR__TRACE_LATE_EVENT:
    case WEIR__TRACE_CHECKPOINT_EVENT:
    case WEIR__TRACE_FAILURE_EVENT:
    case WEIR__TRACE_RESTART_EVENT:
    case WEIR__TRACE_GAP_EVENT:
    case WEIR__TRACE_TYPES:
        break;
    }
    return true;
}

static void see_time(struct viz_model *model, int64_t ts)
{
    if (ts != WEIR_TIME_MIN) {
        model->lowest = ts < model->lowest ? ts : model->lowest;
        model->highest = ts > model->highest ? ts : model->highest;
    }
}

/* ---- events of the stream ---- */

static void apply_record(struct viz_model *model, viz_event event, bool new)
{
    int32_t row = viz_row_of(model, (int32_t)event->op, (int32_t)event->sub, event->from);
    int32_t key = viz_name_of(model->names, event->key);
    if (new) {
        viz_begin(model, VIZ_RECORD, event);
        model->now.id = event->id;
        model->totals.records++;
    }
    model->now.row = row != VIZ_NONE && !weir_str_is_null(event->from) ? row : model->now.row;
    model->now.ts = event->ts != WEIR_TIME_MIN ? event->ts : model->now.ts;
    model->now.key = key != 0 ? key : model->now.key;
    if (model->now.value[0] == '\0') {
        viz_keep_text(model->now.value, sizeof model->now.value, event->value, false);
    }
    see_time(model, event->ts);
    model->record_id = event->id;
    if (row != VIZ_NONE) {
        viz_row_add(model, row, event->id, event->ts, key);
    }
    if (key != 0) {
        viz_rows_mark(model, event->id, key, false);
    }
}

static void apply_late(struct viz_model *model, viz_event event)
{
    viz_begin(model, VIZ_LATE, event);
    model->now.id = event->id;
    model->now.ts = event->ts;
    model->now.key = viz_name_of(model->names, event->key);
    model->now.watermark = event->watermark;
    model->now.to = viz_name_of(model->names, event->to);
    struct viz_late *late = &model->late[model->totals.late % VIZ_RECENT];
    *late = (struct viz_late){.ts = event->ts, .key = model->now.key, .op = (int32_t)event->op};
    model->now.nth = ++model->totals.late;
    see_time(model, event->ts);
    viz_rows_mark(model, event->id, model->now.key, true);
}

/* ---- time ---- */

static void apply_channel_watermark(struct viz_model *model, viz_event event)
{
    int32_t index = viz_row_of(model, (int32_t)event->op, (int32_t)event->sub, event->channel);
    if (index == VIZ_NONE) {
        return;
    }
    struct viz_row *row = viz_row_at(model, index);
    if (event->watermark > row->watermark) {
        row->since = event->at;
    }
    row->watermark = event->watermark;
    row->idle = 0;
    model->now.row = index;
    model->now.op = row->op;
    model->now.sub = row->sub;
    model->now.channel_watermark = event->watermark;
}

static void apply_own_watermark(struct viz_model *model, viz_event event)
{
    struct viz_task *task = viz_task_of(model, (int32_t)event->op, (int32_t)event->sub);
    if (task == NULL) {
        return;
    }
    /* What matters is the first operator that learns it; those behind it follow within the
     * happening. */
    if (!model->now.own) {
        model->now.own = 1;
        model->now.watermark_before = task->watermark;
        model->now.watermark = event->watermark;
        if (model->now.row == VIZ_NONE) {
            model->now.op = task->op;
            model->now.sub = task->sub;
        }
    }
    task->watermark = event->watermark;
    task->idle = 0;
    if (event->watermark != WEIR_TIME_MAX && event->watermark > model->finite_watermark) {
        model->finite_watermark = event->watermark;
    }
}

static void apply_watermark(struct viz_model *model, viz_event event, bool new)
{
    if (new) {
        viz_begin(model, VIZ_WATERMARK, event);
        model->now.watermark = viz_watermark_of(model, event);
    }
    if (weir_str_is_null(event->channel)) {
        apply_own_watermark(model, event);
    } else {
        apply_channel_watermark(model, event);
    }
}

static void apply_idle(struct viz_model *model, viz_event event, bool new)
{
    if (new) {
        viz_begin(model, VIZ_IDLE, event);
        model->now.idle = event->idle;
        model->now.watermark = viz_watermark_of(model, event);
    }
    if (weir_str_is_null(event->channel)) {
        struct viz_task *task = viz_task_of(model, (int32_t)event->op, (int32_t)event->sub);
        if (task != NULL) {
            task->idle = event->idle;
        }
        return;
    }
    int32_t row = viz_row_of(model, (int32_t)event->op, (int32_t)event->sub, event->channel);
    if (row != VIZ_NONE) {
        viz_row_at(model, row)->idle = event->idle;
        viz_row_at(model, row)->since = event->at;
        model->now.row = row;
    }
}

/* ---- the rest ---- */

static void apply_other(struct viz_model *model, viz_event event, enum viz_kind kind)
{
    viz_begin(model, kind, event);
    if (kind == VIZ_GAP) {
        model->now.amount = event->dropped;
        model->totals.missing = weir_time_add(model->totals.missing, event->dropped);
    } else if (kind == VIZ_CHECKPOINT) {
        model->now.id = event->id;
        model->now.amount = event->bytes;
        model->now.to = viz_name_of(model->names, event->state);
    } else if (kind == VIZ_BARRIER) {
        model->now.id = event->checkpoint;
    } else {
        model->now.amount = event->attempt;
        model->now.to = viz_name_of(model->names, event->reason);
        model->totals.failures += kind == VIZ_FAILURE;
    }
}

bool viz_model_apply(struct viz_model *model, viz_event event)
{
    bool new = begins(model, event);
    model->totals.events++;
    model->at = event->at;
    switch (event->type) {
    case WEIR__TRACE_JOB_EVENT:
        viz_begin(model, VIZ_JOB, event);
        viz_job_read(model, event->json);
        break;
    case WEIR__TRACE_RECORD_EVENT:
        apply_record(model, event, new);
        break;
    case WEIR__TRACE_WATERMARK_EVENT:
        apply_watermark(model, event, new);
        break;
    case WEIR__TRACE_IDLE_EVENT:
        apply_idle(model, event, new);
        break;
    case WEIR__TRACE_WINDOW_EVENT:
        viz_apply_window(model, event, new);
        break;
    case WEIR__TRACE_LATE_EVENT:
        apply_late(model, event);
        break;
    case WEIR__TRACE_TIMER_EVENT:
        viz_apply_timer(model, event);
        break;
    case WEIR__TRACE_BARRIER_EVENT:
        if (new) {
            apply_other(model, event, VIZ_BARRIER);
        }
        break;
    case WEIR__TRACE_CHECKPOINT_EVENT:
        apply_other(model, event, VIZ_CHECKPOINT);
        break;
    case WEIR__TRACE_FAILURE_EVENT:
        apply_other(model, event, VIZ_FAILURE);
        break;
    case WEIR__TRACE_RESTART_EVENT:
        apply_other(model, event, VIZ_RESTART);
        break;
    case WEIR__TRACE_GAP_EVENT:
        apply_other(model, event, VIZ_GAP);
        break;
    case WEIR__TRACE_RESULT_EVENT:
        viz_apply_result(model, event);
        break;
    case WEIR__TRACE_QUEUE_EVENT:
    case WEIR__TRACE_TYPES:
        break;
    }
    return new;
}

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
 *     fire, late-fire            unless the happening is the firing of the same window for another
 * key purge                      unless it follows the firing of the same window, or another purge
 *     timer, queue, result       never
 *     everything else            always
 */
#include "job.h"
#include "tables.h"

#include <weir/time.h>

enum { PARTS_MAX = 1000000 };

typedef const struct weir__trace_event *event_ref;

static bool is_action(event_ref event, const char *action)
{
    return weir_str_equals(event->action, action);
}

static bool same_window(const struct viz_happening *now, event_ref event)
{
    return now->start == event->start && now->end == event->end;
}

static bool window_begins(const struct viz_happening *now, event_ref event)
{
    bool fired = now->kind == VIZ_FIRE || now->kind == VIZ_LATE_FIRE;
    if (is_action(event, "open") || is_action(event, "add")) {
        return now->kind != VIZ_RECORD && now->kind != VIZ_MERGE && !fired;
    }
    if (is_action(event, "fire")) {
        return now->kind != VIZ_FIRE || !same_window(now, event) || now->op != event->op;
    }
    if (is_action(event, "purge")) {
        return now->kind != VIZ_PURGE && !(fired && same_window(now, event));
    }
    return true;
}

static bool begins(const struct viz_model *model, event_ref event)
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

static void begin(struct viz_model *model, enum viz_kind kind, event_ref event)
{
    memset(&model->now, 0, sizeof model->now);
    model->now.kind = (int32_t)kind;
    model->now.op = (int32_t)event->op;
    model->now.sub = (int32_t)event->sub;
    model->now.row = VIZ_NONE;
    model->now.id = VIZ_NONE;
    model->now.ts = WEIR_TIME_MIN;
}

static int64_t watermark_of(struct viz_model *model, event_ref event)
{
    const struct viz_task *task = viz_model_task(model, (int32_t)event->op, (int32_t)event->sub);
    return task != NULL ? task->watermark : WEIR_TIME_MIN;
}

/* Into a fixed text; what does not fit whole is cut between characters, or left out. */
static void keep_text(char *to, size_t size, struct weir_str text, bool whole)
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

static void see_time(struct viz_model *model, int64_t ts)
{
    if (ts != WEIR_TIME_MIN) {
        model->lowest = ts < model->lowest ? ts : model->lowest;
        model->highest = ts > model->highest ? ts : model->highest;
    }
}

/* ---- events of the stream ---- */

static void apply_record(struct viz_model *model, event_ref event, bool new)
{
    int32_t row = viz_row_of(model, (int32_t)event->op, (int32_t)event->sub, event->from);
    int32_t key = viz_name_of(model->names, event->key);
    if (new) {
        begin(model, VIZ_RECORD, event);
        model->now.id = event->id;
        model->totals.records++;
    }
    model->now.row = row != VIZ_NONE && !weir_str_is_null(event->from) ? row : model->now.row;
    model->now.ts = event->ts != WEIR_TIME_MIN ? event->ts : model->now.ts;
    model->now.key = key != 0 ? key : model->now.key;
    if (model->now.value[0] == '\0') {
        keep_text(model->now.value, sizeof model->now.value, event->value, false);
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

static void apply_late(struct viz_model *model, event_ref event)
{
    begin(model, VIZ_LATE, event);
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

static void apply_channel_watermark(struct viz_model *model, event_ref event)
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

static void apply_own_watermark(struct viz_model *model, event_ref event)
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

static void apply_watermark(struct viz_model *model, event_ref event, bool new)
{
    if (new) {
        begin(model, VIZ_WATERMARK, event);
        model->now.watermark = watermark_of(model, event);
    }
    if (weir_str_is_null(event->channel)) {
        apply_own_watermark(model, event);
    } else {
        apply_channel_watermark(model, event);
    }
}

static void apply_idle(struct viz_model *model, event_ref event, bool new)
{
    if (new) {
        begin(model, VIZ_IDLE, event);
        model->now.idle = event->idle;
        model->now.watermark = watermark_of(model, event);
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

/* ---- windows ---- */

static void note_window(struct viz_model *model, event_ref event, int32_t name)
{
    model->now.op = (int32_t)event->op;
    model->now.sub = (int32_t)event->sub;
    model->now.key = name;
    model->now.start = event->start;
    model->now.end = event->end;
    model->now.n = event->n;
    model->now.watermark = watermark_of(model, event);
}

static void apply_add(struct viz_model *model, event_ref event, struct viz_key *key,
                      struct viz_window *window, bool new)
{
    bool counts = is_action(event, "add");
    window->n = event->n;
    if (window->state == VIZ_WINDOW_PURGED) {
        window->state = VIZ_WINDOW_OPEN;
        key->gone--;
    }
    if (new) {
        begin(model, VIZ_RECORD, event);
        model->now.id = model->record_id;
        note_window(model, event, key->name);
    }
    key->adds += counts;
    if (model->now.kind == VIZ_MERGE && same_window(&model->now, event)) {
        model->now.n = event->n;
    }
    if (model->now.kind == VIZ_RECORD && counts) {
        if (model->now.windows++ == 0) {
            note_window(model, event, key->name);
        }
    }
}

static void apply_fire(struct viz_model *model, event_ref event, struct viz_key *key,
                       struct viz_window *window, bool new)
{
    bool again = is_action(event, "late-fire");
    if (new) {
        begin(model, again ? VIZ_LATE_FIRE : VIZ_FIRE, event);
        note_window(model, event, key->name);
        model->now.n_before =
            window->n == event->n && again ? weir_time_sub(window->n, 1) : window->n;
        keep_text(model->now.value, sizeof model->now.value, event->value, false);
    }
    model->now.keys++;
    model->totals.fires += !again;
    model->totals.late_fires += again;
    if (window->fires++ == 0) {
        window->fired_at = watermark_of(model, event);
    }
    window->state = VIZ_WINDOW_FIRED;
    window->n = event->n;
    keep_text(window->value, sizeof window->value, event->value, true);
}

static void apply_purge(struct viz_model *model, event_ref event, int32_t index,
                        struct viz_window *window, bool new)
{
    struct viz_key *key = weir__vec_at(&model->keys, (size_t)index);
    if (new) {
        begin(model, VIZ_PURGE, event);
        note_window(model, event, key->name);
        model->now.n = window->n;
    }
    if (model->now.kind == VIZ_PURGE) {
        model->now.windows++;
    }
    model->totals.purges++;
    key->gone += window->state != VIZ_WINDOW_PURGED;
    window->state = VIZ_WINDOW_PURGED;
    viz_windows_trim(model, index);
}

static void apply_merge(struct viz_model *model, event_ref event, int32_t index)
{
    struct viz_key *key = weir__vec_at(&model->keys, (size_t)index);
    begin(model, VIZ_MERGE, event);
    model->now.id = model->record_id;
    note_window(model, event, key->name);
    model->totals.merges++;
    int64_t parts = 0;
    int32_t state = VIZ_WINDOW_OPEN;
    for (size_t i = 0; i < event->merged_count; i++) {
        int64_t start = event->merged[i][0];
        int64_t end = event->merged[i][1];
        if (model->now.pair_count < VIZ_PAIRS) {
            model->now.pairs[model->now.pair_count][0] = start;
            model->now.pairs[model->now.pair_count][1] = end;
        }
        model->now.pair_count++;
        struct viz_window *old = viz_window_find(model, index, start, end);
        parts += old != NULL && old->merged > 0 ? old->merged : 1;
        if (old != NULL && (start != event->start || end != event->end)) {
            viz_window_remove(model, index, old);
        }
    }
    struct viz_window *window = viz_window_of(model, index, event->start, event->end);
    if (window != NULL) {
        window->merged = parts < PARTS_MAX ? parts : PARTS_MAX;
        window->state = state;
        window->n = event->n;
    }
}

static void apply_window(struct viz_model *model, event_ref event, bool new)
{
    int32_t name = viz_name_of(model->names, event->key);
    int32_t index = viz_key_of(model, (int32_t)event->op, (int32_t)event->sub, name);
    if (index == VIZ_NONE) {
        return;
    }
    struct viz_key *key = weir__vec_at(&model->keys, (size_t)index);
    key->last = model->totals.events;
    if (is_action(event, "merge")) {
        apply_merge(model, event, index);
        return;
    }
    struct viz_window *window = viz_window_of(model, index, event->start, event->end);
    if (window == NULL) {
        return;
    }
    if (is_action(event, "fire") || is_action(event, "late-fire")) {
        apply_fire(model, event, key, window, new);
    } else if (is_action(event, "purge")) {
        apply_purge(model, event, index, window, new);
    } else {
        apply_add(model, event, key, window, new);
    }
}

/* The window of a key that ends just behind `ts` and has fired, at any of its operators; NULL. */
static struct viz_window *fired_window(struct viz_model *model, int32_t name, int64_t ts)
{
    for (size_t i = 0; i < model->tasks.count; i++) {
        const struct viz_task *task = weir__vec_at(&model->tasks, i);
        int32_t key = viz_model_key(model, task->op, task->sub, name);
        const struct viz_window *window =
            key != VIZ_NONE ? viz_model_first_window(model, weir__vec_at(&model->keys, (size_t)key))
                            : NULL;
        for (; window != NULL; window = viz_model_next_window(model, window)) {
            if (window->fires > 0 && weir_time_sub(window->end, 1) == ts) {
                return weir__vec_at(&model->windows,
                                    (size_t)(window - (struct viz_window *)model->windows.items));
            }
        }
    }
    return NULL;
}

/*
 * A result as an operator behind the window shows it. Usually it is the same text, or a shorter one
 * that was made for people: that is kept.
 */
static void apply_result(struct viz_model *model, event_ref event)
{
    struct viz_happening *now = &model->now;
    int32_t name = viz_name_of(model->names, event->key);
    model->totals.results++;
    if (weir_str_is_null(event->value) || event->value.len == 0 || event->value.data[0] == '{') {
        return;
    }
    bool fired = now->kind == VIZ_FIRE || now->kind == VIZ_LATE_FIRE;
    if (fired && now->key == name && weir_time_sub(now->end, 1) == event->ts) {
        keep_text(now->value, sizeof now->value, event->value, false);
    }
    struct viz_window *window = fired_window(model, name, event->ts);
    if (window != NULL) {
        model->plain_results |= window->value[0] == '\0';
        keep_text(window->value, sizeof window->value, event->value, true);
    }
}

static void apply_timer(struct viz_model *model, event_ref event)
{
    int32_t name = viz_name_of(model->names, event->key);
    int32_t key = viz_key_of(model, (int32_t)event->op, (int32_t)event->sub, name);
    bool processing = weir_str_equals(event->domain, "processing");
    if (key == VIZ_NONE) {
        return;
    }
    if (is_action(event, "register")) {
        viz_timer_add(model, key, event->ts, processing);
    } else {
        viz_timer_remove(model, key, event->ts, processing);
    }
}

/* ---- the rest ---- */

static void apply_other(struct viz_model *model, event_ref event, enum viz_kind kind)
{
    begin(model, kind, event);
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

bool viz_model_apply(struct viz_model *model, event_ref event)
{
    bool new = begins(model, event);
    model->totals.events++;
    model->at = event->at;
    switch (event->type) {
    case WEIR__TRACE_JOB_EVENT:
        begin(model, VIZ_JOB, event);
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
        apply_window(model, event, new);
        break;
    case WEIR__TRACE_LATE_EVENT:
        apply_late(model, event);
        break;
    case WEIR__TRACE_TIMER_EVENT:
        apply_timer(model, event);
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
        apply_result(model, event);
        break;
    case WEIR__TRACE_QUEUE_EVENT:
    case WEIR__TRACE_TYPES:
        break;
    }
    return new;
}

/*
 * The narration. Every sentence is made from the numbers that decided: the rules are those of the
 * semantics sheet, sections 1 (windows), 5 (lateness), 8 (sessions), 11 and 12 (watermarks).
 */
#include "narrate.h"

#include "shape.h"

#include <weir/time.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* Texts that one sentence needs at a time. */
enum { POOL = 12 };

struct teller {
    const struct viz_model *model;
    const struct viz_happening *now;
    struct viz_shape shape;
    enum viz_unit unit;
    char pool[POOL][VIZ_WINDOW_MAX];
    int used;
};

static char *next_text(struct teller *teller)
{
    return teller->pool[teller->used++ % POOL];
}

static const char *time_of(struct teller *teller, int64_t ms)
{
    return viz_time(teller->unit, ms, next_text(teller));
}

static const char *window_of(struct teller *teller, int64_t start, int64_t end)
{
    return viz_window_text(teller->unit, start, end, next_text(teller));
}

static const char *duration_of(struct teller *teller, int64_t ms)
{
    return viz_duration(ms, next_text(teller));
}

static const char *count_of(struct teller *teller, int64_t count)
{
    return viz_count(count, next_text(teller));
}

static void say(char *text, const char *format, ...) WEIR_PRINTF(2, 3);
static void say(char *text, const char *format, ...)
{
    size_t there = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + there, VIZ_WORDS_MAX - there, format, arguments);
    va_end(arguments);
}

/* "%.*s" of a key; long ones are cut. */
enum { KEY_MAX = 28 };
static struct weir_str short_name(const struct teller *teller, int32_t name)
{
    struct weir_str text = viz_name(teller->model->names, name);
    if (weir_str_is_null(text)) {
        return WEIR_STR("(no key)");
    }
    text.len = text.len < KEY_MAX ? text.len : KEY_MAX;
    return text;
}

#define NAME(teller, name) WEIR_STR_ARG(short_name(teller, name))

static const struct viz_row *row_of(const struct teller *teller)
{
    int32_t row = teller->now->row;
    return row == VIZ_NONE ? NULL : weir__vec_at(&teller->model->rows, (size_t)row);
}

static struct weir_str row_name(const struct teller *teller, const struct viz_row *row)
{
    struct weir_str name = viz_name(teller->model->names, row->channel);
    return weir_str_is_null(name) ? WEIR_STR("input") : name;
}

/* ---- watermarks ---- */

static bool beside(const struct viz_row *a, const struct viz_row *b)
{
    return a->op == b->op && a->sub == b->sub;
}

/* The row that holds the minimum among those of the same operator's subtask; NULL when all are
 * idle. */
static const struct viz_row *holder(const struct teller *teller, const struct viz_row *of)
{
    const struct viz_row *least = NULL;
    for (size_t i = 0; i < teller->model->rows.count; i++) {
        const struct viz_row *row = weir__vec_at(&teller->model->rows, i);
        if (beside(row, of) && !row->idle && (least == NULL || row->watermark < least->watermark)) {
            least = row;
        }
    }
    return least;
}

/* "min(p0 37, p1 41); p2 idle: left out" */
static void say_minimum(struct teller *teller, char *text, const struct viz_row *of)
{
    int shown = 0;
    int more = 0;
    const struct viz_row *idle = NULL;
    for (size_t i = 0; i < teller->model->rows.count; i++) {
        const struct viz_row *row = weir__vec_at(&teller->model->rows, i);
        if (!beside(row, of)) {
            continue;
        }
        if (row->idle) {
            idle = row;
        } else if (shown < 4) {
            say(text, "%s%.*s %s", shown++ == 0 ? "min(" : ", ",
                WEIR_STR_ARG(row_name(teller, row)), time_of(teller, row->watermark));
        } else {
            more++;
        }
    }
    if (more > 0) {
        say(text, ", %d more", more);
    }
    say(text, "%s", shown > 0 ? ")" : "all partitions are idle");
    if (idle != NULL && shown > 0) {
        say(text, "; %.*s is idle: left out", WEIR_STR_ARG(row_name(teller, idle)));
    }
}

/* How many windows are due at a watermark, and the first that is not. */
static int64_t due_windows(const struct teller *teller, int64_t watermark, int64_t *next_end,
                           const struct viz_window **first)
{
    int64_t due = 0;
    *next_end = WEIR_TIME_MAX;
    *first = NULL;
    for (size_t i = 0; i < teller->model->keys.count; i++) {
        const struct viz_key *key = weir__vec_at(&teller->model->keys, i);
        const struct viz_window *window = viz_model_first_window(teller->model, key);
        for (; window != NULL; window = viz_model_next_window(teller->model, window)) {
            if (window->state != VIZ_WINDOW_OPEN) {
                continue;
            }
            if (weir_time_sub(window->end, 1) <= watermark) {
                *first = *first == NULL ? window : *first;
                due++;
            } else if (window->end < *next_end) {
                *next_end = window->end;
            }
        }
    }
    return due;
}

static void say_consequence(struct teller *teller, char *text, int64_t watermark)
{
    const struct viz_window *first;
    int64_t next_end;
    int64_t due = due_windows(teller, watermark, &next_end, &first);
    if (due == 1) {
        say(text, "%s ends at or before it: it fires now",
            window_of(teller, first->start, first->end));
    } else if (due > 1) {
        say(text, "%s windows end at or before it: they fire now", count_of(teller, due));
    } else if (next_end != WEIR_TIME_MAX) {
        say(text, "no window ends by then; the next one fires when it reaches %s",
            time_of(teller, weir_time_sub(next_end, 1)));
    } else {
        say(text, "no window is waiting for it");
    }
}

static void say_row_rise(struct teller *teller, char *text, const struct viz_row *row)
{
    if (teller->shape.bound != VIZ_NONE && row->highest != WEIR_TIME_MIN &&
        row->watermark != WEIR_TIME_MAX) {
        say(text, "%.*s: largest event time %s − bound %s − 1ms = %s",
            WEIR_STR_ARG(row_name(teller, row)), time_of(teller, row->highest),
            duration_of(teller, teller->shape.bound), time_of(teller, row->watermark));
    }
}

static void tell_final_watermark(struct viz_words *words)
{
    say(words->now, "the final watermark: the input has ended");
    say(words->why, "no event can come any more, so event time is at its end");
    say(words->so, "every window fires that has not fired yet, and all state goes");
}

static void tell_watermark(struct teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    const struct viz_row *row = row_of(teller);
    if (now->own && now->watermark == WEIR_TIME_MAX) {
        tell_final_watermark(words);
        return;
    }
    if (row != NULL) {
        say(words->now, "%.*s: its watermark rises to %s", WEIR_STR_ARG(row_name(teller, row)),
            time_of(teller, now->channel_watermark));
        say_row_rise(teller, words->why, row);
    }
    if (!now->own) {
        const struct viz_row *least = row != NULL ? holder(teller, row) : NULL;
        if (least != NULL && least != row) {
            say(words->so, "the watermark stays at %s: %.*s holds the minimum (%s)",
                time_of(teller, now->watermark), WEIR_STR_ARG(row_name(teller, least)),
                time_of(teller, least->watermark));
        }
        return;
    }
    say(words->now, "%sWATERMARK %s → %s", row != NULL ? "; " : "",
        time_of(teller, now->watermark_before), time_of(teller, now->watermark));
    if (row != NULL) {
        say(words->why, "%s", words->why[0] != '\0' ? "; " : "");
        say_minimum(teller, words->why, row);
    } else {
        say(words->why, "it says: no event with a time up to %s is expected any more",
            time_of(teller, now->watermark));
    }
    say_consequence(teller, words->so, now->watermark);
}

static void tell_idle(struct teller *teller, struct viz_words *words)
{
    const struct viz_row *row = row_of(teller);
    if (row == NULL) {
        say(words->now, "an operator is %s", teller->now->idle ? "idle" : "active again");
        return;
    }
    struct weir_str name = row_name(teller, row);
    say(words->now, "%.*s is %s", WEIR_STR_ARG(name), teller->now->idle ? "IDLE" : "ACTIVE again");
    if (teller->now->idle) {
        say(words->why, "it has brought nothing for longer than its idle timeout");
        say(words->so, "the watermark no longer waits for it: ");
    } else {
        say(words->why, "it brought an event that moves its watermark");
        say(words->so, "it counts again, but the watermark never goes back: ");
    }
    say_minimum(teller, words->so, row);
}

/* ---- events ---- */

static void say_where(struct teller *teller, char *text)
{
    const struct viz_happening *now = teller->now;
    const char *ts = time_of(teller, now->ts);
    switch (teller->shape.kind) {
    case VIZ_TUMBLING:
        say(text, "%s lies in %s: windows of %s, start included, end excluded", ts,
            window_of(teller, now->start, now->end), duration_of(teller, teller->shape.size));
        break;
    case VIZ_SLIDING:
        say(text, "%s lies in %" PRId64 " windows: %s long, one every %s", ts, now->windows,
            duration_of(teller, teller->shape.size), duration_of(teller, teller->shape.slide));
        break;
    case VIZ_SESSION:
        say(text, "%s opens [event time, + gap) and joins the sessions it touches: %s", ts,
            window_of(teller, now->start, now->end));
        break;
    case VIZ_GLOBAL:
        say(text, "all events of a key are in one window; its trigger decides when it fires");
        break;
    case VIZ_SHAPE_NONE:
        break;
    }
}

static void say_holds(struct teller *teller, char *text)
{
    const struct viz_happening *now = teller->now;
    say(text, "%s of %.*s holds %s", window_of(teller, now->start, now->end),
        NAME(teller, now->key), count_of(teller, now->n));
    if (now->windows > 1) {
        say(text, ", and %s more windows", count_of(teller, now->windows - 1));
    }
    if (!teller->shape.timed || teller->shape.processing) {
        return;
    }
    if (now->ts != WEIR_TIME_MIN && now->ts <= now->watermark) {
        say(text, "; it is behind the watermark %s, but not late: its window is still kept",
            time_of(teller, now->watermark));
    } else {
        say(text, "; fires when the watermark reaches %s",
            time_of(teller, weir_time_sub(now->end, 1)));
    }
}

static void tell_record(struct teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    const struct viz_row *row = row_of(teller);
    if (now->id >= 0) {
        say(words->now, "#%" PRId64 " ", now->id);
    }
    if (row != NULL) {
        say(words->now, "%.*s brings ", WEIR_STR_ARG(row_name(teller, row)));
    }
    say(words->now, "an event at %s", time_of(teller, now->ts));
    if (now->key != 0) {
        say(words->now, " for %.*s", NAME(teller, now->key));
    }
    if (now->windows > 0) {
        say_where(teller, words->why);
        say_holds(teller, words->so);
    } else if (row != NULL) {
        say(words->why, "%.*s has brought %s events; its largest event time is %s",
            WEIR_STR_ARG(row_name(teller, row)), count_of(teller, row->count),
            time_of(teller, row->highest));
        say(words->so, now->key == 0 ? "it is on its way to its window" : "no window took it");
    }
}

static void say_why_late(struct teller *teller, char *text)
{
    const struct viz_happening *now = teller->now;
    const struct viz_shape *shape = &teller->shape;
    int64_t start = now->ts;
    int64_t end = weir_time_add(now->ts, shape->gap);
    if (shape->kind == VIZ_TUMBLING && shape->size > 0) {
        int64_t behind = weir_time_sub(now->ts, shape->offset) % shape->size;
        start = weir_time_sub(now->ts, behind < 0 ? behind + shape->size : behind);
        end = weir_time_add(start, shape->size);
        say(text, "its window %s", window_of(teller, start, end));
    } else if (shape->kind == VIZ_SLIDING && shape->slide > 0) {
        int64_t behind = weir_time_sub(now->ts, shape->offset) % shape->slide;
        start = weir_time_sub(now->ts, behind < 0 ? behind + shape->slide : behind);
        end = weir_time_add(start, shape->size);
        say(text, "even the last of its windows, %s,", window_of(teller, start, end));
    } else if (shape->kind == VIZ_SESSION) {
        say(text, "it touches no session that is kept; its own, %s,",
            window_of(teller, start, end));
    } else {
        say(text, "its window is gone: the watermark is %s", time_of(teller, now->watermark));
        return;
    }
    say(text, " was over when the watermark reached %s", time_of(teller, viz_cleanup(shape, end)));
    if (shape->lateness > 0) {
        say(text, " (end + lateness %s)", duration_of(teller, shape->lateness));
    }
    say(text, "; it is %s", time_of(teller, now->watermark));
}

static void tell_late(struct teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    struct weir_str to = viz_name(teller->model->names, now->to);
    bool side = weir_str_equals(to, "side-output");
    if (now->id >= 0) {
        say(words->now, "#%" PRId64 " ", now->id);
    }
    say(words->now, "the event at %s for %.*s is LATE → %s", time_of(teller, now->ts),
        NAME(teller, now->key), side ? "side output" : "dropped");
    say_why_late(teller, words->why);
    say(words->so, "%s; late so far: %s",
        side ? "it is in no window, but not lost: the side output has it"
             : "it is in no window: dropped and counted (numLateRecordsDropped)",
        count_of(teller, now->nth));
}

/* ---- windows ---- */

static void say_kept(struct teller *teller, char *text, int64_t end)
{
    const struct viz_shape *shape = &teller->shape;
    if (!shape->timed) {
        say(text, "it goes on collecting: only its trigger and a purge end it");
    } else if (!shape->known) {
        say(text, "what comes for it after its purge is late");
    } else if (shape->lateness > 0) {
        say(text,
            "kept until the watermark reaches %s (end + lateness %s): a late event would "
            "fire it again",
            time_of(teller, viz_cleanup(shape, end)), duration_of(teller, shape->lateness));
    } else {
        say(text, "lateness is 0: its state is purged at once, what comes for it now is late");
    }
}

static void say_why_fired(struct teller *teller, char *text, int64_t end, int64_t watermark)
{
    if (!teller->shape.timed) {
        say(text, "its trigger said so");
    } else if (teller->shape.processing) {
        say(text, "the clock reached its end");
    } else if (watermark == WEIR_TIME_MAX) {
        say(text, "the input has ended: the final watermark is behind every window");
    } else {
        say(text, "the watermark %s has reached its last millisecond, %s",
            time_of(teller, watermark), time_of(teller, weir_time_sub(end, 1)));
    }
}

static void tell_fire(struct teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    say(words->now, "%s of %.*s FIRES", window_of(teller, now->start, now->end),
        NAME(teller, now->key));
    if (now->keys > 1) {
        say(words->now, ", and of %s more keys", count_of(teller, now->keys - 1));
    }
    say(words->now, ": n=%s", count_of(teller, now->n));
    if (now->value[0] != '\0') {
        say(words->now, " → %s", now->value);
    }
    say_why_fired(teller, words->why, now->end, now->watermark);
    say_kept(teller, words->so, now->end);
}

static void tell_late_fire(struct teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    say(words->now, "%s of %.*s fires AGAIN: n=%s", window_of(teller, now->start, now->end),
        NAME(teller, now->key), count_of(teller, now->n));
    if (now->value[0] != '\0') {
        say(words->now, " → %s", now->value);
    }
    say(words->why,
        "an event came behind the watermark %s, before the purge at %s: late but allowed",
        time_of(teller, now->watermark), time_of(teller, viz_cleanup(&teller->shape, now->end)));
    say(words->so, "a correction: whoever reads the results sees n=%s and then n=%s for one window",
        count_of(teller, now->n_before), count_of(teller, now->n));
}

static void tell_purge(struct teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    say(words->now, "%s of %.*s is PURGED", window_of(teller, now->start, now->end),
        NAME(teller, now->key));
    if (now->windows > 1) {
        say(words->now, ", and %s more windows", count_of(teller, now->windows - 1));
    }
    if (teller->shape.timed && teller->shape.known) {
        say(words->why, "the watermark has reached %s (last millisecond + lateness %s)",
            time_of(teller, viz_cleanup(&teller->shape, now->end)),
            duration_of(teller, teller->shape.lateness));
    }
    say(words->so, "its state is gone: an event for it is late from now on");
}

static void tell_merge(struct teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    say(words->now, "MERGE of %.*s: ", NAME(teller, now->key));
    for (int64_t i = 0; i < now->pair_count && i < VIZ_PAIRS; i++) {
        say(words->now, "%s%s", i > 0 ? " + " : "",
            window_of(teller, now->pairs[i][0], now->pairs[i][1]));
    }
    say(words->now, "%s → %s n=%s", now->pair_count > VIZ_PAIRS ? " + …" : "",
        window_of(teller, now->start, now->end), count_of(teller, now->n));
    if (teller->shape.gap > 0) {
        say(words->why, "sessions that overlap or touch are one: events at most the gap %s apart",
            duration_of(teller, teller->shape.gap));
    } else {
        say(words->why, "sessions that overlap or touch are one");
    }
    say(words->so, "the old timers are deleted; the one session fires at %s",
        time_of(teller, weir_time_sub(now->end, 1)));
}

/* ---- the job ---- */

static void tell_job(struct teller *teller, struct viz_words *words)
{
    const struct viz_model *model = teller->model;
    say(words->now, "the job %.*s starts: ", NAME(teller, model->job_name));
    for (size_t i = 0; i < model->operators.count && i < 8; i++) {
        const struct viz_operator *operator= weir__vec_at(&model->operators, i);
        say(words->now, "%s%.*s", i > 0 ? " → " : "", NAME(teller, operator->name));
    }
    say(words->why, "every event carries its own time; the watermark says how far it has come");
    say(words->so, "press . for one step, SPACE to run, ? for help");
}

static void tell_trouble(struct teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    if (now->kind == VIZ_GAP) {
        say(words->now, "%s events are missing here", count_of(teller, now->amount));
        say(words->why, "the job was faster than its trace, and it never waits for it");
        say(words->so, "counts are too low until the windows concerned are purged");
        return;
    }
    say(words->now, "%s: %.*s", now->kind == VIZ_FAILURE ? "FAILURE" : "RESTART",
        NAME(teller, now->to));
    say(words->so, now->kind == VIZ_FAILURE
                       ? "the restart strategy decides what comes next"
                       : "state and positions are those of the last complete checkpoint");
}

static void tell_checkpoint(struct teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    if (now->kind == VIZ_BARRIER) {
        say(words->now, "barrier %" PRId64 " passes", now->id);
        say(words->why, "it separates what the checkpoint holds from what comes after");
        return;
    }
    say(words->now, "checkpoint %" PRId64 ": %.*s", now->id, NAME(teller, now->to));
}

static struct teller teller_of(const struct viz_model *model, int32_t op, int32_t key)
{
    struct teller teller = {.model = model, .now = &model->now};
    teller.shape = viz_shape_of(model, op, key);
    const struct viz_shape *shape = &teller.shape;
    teller.unit = viz_unit_of(model, shape->kind == VIZ_SESSION ? shape->gap : shape->size);
    return teller;
}

/* The window operator that a happening elsewhere (at the source, say) is told with. */
static int32_t window_operator(const struct viz_model *model)
{
    const struct viz_operator *operator= viz_model_operator(model, model->now.op);
    if (operator!= NULL && operator->assigner != 0) {
        return model->now.op;
    }
    for (size_t i = 0; i < model->operators.count; i++) {
        operator= weir__vec_at(&model->operators, i);
        if (operator->assigner != 0) {
            return operator->id;
        }
    }
    const struct viz_key *key = model->keys.count > 0 ? weir__vec_at(&model->keys, 0) : NULL;
    return key != NULL ? key->op : model->now.op;
}

void viz_narrate(const struct viz_model *model, struct viz_words *words)
{
    const struct viz_happening *now = &model->now;
    int32_t op = window_operator(model);
    int32_t key = viz_model_key(model, now->op, now->sub, now->key);
    if (key == VIZ_NONE && model->keys.count > 0) {
        key = 0;
    }
    struct teller teller = teller_of(model, op, key);
    words->now[0] = words->why[0] = words->so[0] = '\0';
    switch ((enum viz_kind)now->kind) {
    case VIZ_NOTHING:
        say(words->now, "nothing has happened yet");
        say(words->so, "press . for one step, SPACE to run, ? for help");
        break;
    case VIZ_JOB:
        tell_job(&teller, words);
        break;
    case VIZ_RECORD:
        tell_record(&teller, words);
        break;
    case VIZ_WATERMARK:
        tell_watermark(&teller, words);
        break;
    case VIZ_IDLE:
        tell_idle(&teller, words);
        break;
    case VIZ_FIRE:
        tell_fire(&teller, words);
        break;
    case VIZ_LATE_FIRE:
        tell_late_fire(&teller, words);
        break;
    case VIZ_PURGE:
        tell_purge(&teller, words);
        break;
    case VIZ_MERGE:
        tell_merge(&teller, words);
        break;
    case VIZ_LATE:
        tell_late(&teller, words);
        break;
    case VIZ_BARRIER:
    case VIZ_CHECKPOINT:
        tell_checkpoint(&teller, words);
        break;
    case VIZ_FAILURE:
    case VIZ_RESTART:
    case VIZ_GAP:
        tell_trouble(&teller, words);
        break;
    case VIZ_KINDS:
        break;
    }
}

void viz_explain_window(const struct viz_model *model, int32_t key, const struct viz_window *window,
                        struct viz_words *words)
{
    const struct viz_key *owner = weir__vec_at(&model->keys, (size_t)key);
    struct teller teller = teller_of(model, owner->op, key);
    static const char *const states[] = {"is OPEN", "has FIRED", "is PURGED"};
    words->now[0] = words->why[0] = words->so[0] = '\0';
    say(words->now, "%s of %.*s %s: n=%s", window_of(&teller, window->start, window->end),
        NAME(&teller, owner->name), states[window->state], count_of(&teller, window->n));
    if (window->fires > 1) {
        say(words->now, ", fired %d times", window->fires);
    }
    if (window->merged > 0) {
        say(words->now, ", made of %s sessions", count_of(&teller, window->merged));
    }
    if (window->state == VIZ_WINDOW_OPEN) {
        say(words->why, "it takes every event of its key with %s <= event time < %s",
            time_of(&teller, window->start), time_of(&teller, window->end));
        if (teller.shape.timed) {
            say(words->so, "it fires when the %s reaches %s",
                teller.shape.processing ? "clock" : "watermark",
                time_of(&teller, weir_time_sub(window->end, 1)));
        } else {
            say(words->so, "its trigger decides when it fires");
        }
        return;
    }
    if (window->fires > 0) {
        say_why_fired(&teller, words->why, window->end, window->fired_at);
    }
    if (window->state == VIZ_WINDOW_FIRED) {
        say_kept(&teller, words->so, window->end);
    } else {
        say(words->so, "its state is gone: an event for it is late");
    }
}

const char *viz_kind_name(enum viz_kind kind)
{
    static const char *const names[VIZ_KINDS] = {
        "",      "JOB",  "EVENT",   "WM",         "IDLE",    "FIRE",    "AGAIN", "PURGE",
        "MERGE", "LATE", "BARRIER", "CHECKPOINT", "FAILURE", "RESTART", "GAP",
    };
    return kind < VIZ_KINDS ? names[kind] : "";
}

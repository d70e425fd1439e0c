/*
 * Events of the stream in words, and why one is late. Source: semantics sheet, sections 2, 4 and 5.
 */
#include "tell.h"

#include <weir/time.h>

#include <inttypes.h>

static void say_where(struct viz_teller *teller, char *text)
{
    const struct viz_happening *now = teller->now;
    const char *ts = viz_text_time(teller, now->ts);
    switch (teller->shape.kind) {
    case VIZ_TUMBLING:
        viz_say(text, "%s lies in %s: windows of %s, start included, end excluded", ts,
                viz_text_window(teller, now->start, now->end),
                viz_text_duration(teller, teller->shape.size));
        break;
    case VIZ_SLIDING:
        viz_say(text, "%s lies in %" PRId64 " windows: %s long, one every %s", ts, now->windows,
                viz_text_duration(teller, teller->shape.size),
                viz_text_duration(teller, teller->shape.slide));
        break;
    case VIZ_SESSION:
        viz_say(text, "%s opens [event time, + gap) and joins the sessions it touches: %s", ts,
                viz_text_window(teller, now->start, now->end));
        break;
    case VIZ_GLOBAL:
        viz_say(text, "all events of a key are in one window; its trigger decides when it fires");
        break;
    case VIZ_SHAPE_NONE:
        break;
    }
}

static void say_holds(struct viz_teller *teller, char *text)
{
    const struct viz_happening *now = teller->now;
    viz_say(text, "%s of %.*s holds %s", viz_text_window(teller, now->start, now->end),
            NAME(teller, now->key), viz_text_count(teller, now->n));
    if (now->windows > 1) {
        viz_say(text, ", and %s more windows", viz_text_count(teller, now->windows - 1));
    }
    if (!teller->shape.timed || teller->shape.processing) {
        return;
    }
    if (now->ts != WEIR_TIME_MIN && now->ts <= now->watermark) {
        viz_say(text, "; it is behind the watermark %s, but not late: its window is still kept",
                viz_text_time(teller, now->watermark));
    } else {
        viz_say(text, "; fires when the watermark reaches %s",
                viz_text_time(teller, weir_time_sub(now->end, 1)));
    }
}

void viz_tell_record(struct viz_teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    const struct viz_row *row = viz_told_row(teller);
    if (now->id >= 0) {
        viz_say(words->now, "#%" PRId64 " ", now->id);
    }
    if (row != NULL) {
        viz_say(words->now, "%.*s brings ", WEIR_STR_ARG(viz_row_name(teller, row)));
    }
    viz_say(words->now, "an event at %s", viz_text_time(teller, now->ts));
    if (now->key != 0) {
        viz_say(words->now, " for %.*s", NAME(teller, now->key));
    }
    if (now->windows > 0) {
        say_where(teller, words->why);
        say_holds(teller, words->so);
    } else if (row != NULL) {
        viz_say(words->why, "%.*s has brought %s events; its largest event time is %s",
                WEIR_STR_ARG(viz_row_name(teller, row)), viz_text_count(teller, row->count),
                viz_text_time(teller, row->highest));
        viz_say(words->so, now->key == 0
                               ? "no window has it: it is filtered out, or still on its way"
                               : "it has come to its key; what follows says what becomes of it");
    }
}

static void say_why_late(struct viz_teller *teller, char *text)
{
    const struct viz_happening *now = teller->now;
    const struct viz_shape *shape = &teller->shape;
    int64_t start = now->ts;
    int64_t end = weir_time_add(now->ts, shape->gap);
    if (shape->kind == VIZ_TUMBLING && shape->size > 0) {
        int64_t behind = weir_time_sub(now->ts, shape->offset) % shape->size;
        start = weir_time_sub(now->ts, behind < 0 ? behind + shape->size : behind);
        end = weir_time_add(start, shape->size);
        viz_say(text, "its window %s", viz_text_window(teller, start, end));
    } else if (shape->kind == VIZ_SLIDING && shape->slide > 0) {
        int64_t behind = weir_time_sub(now->ts, shape->offset) % shape->slide;
        start = weir_time_sub(now->ts, behind < 0 ? behind + shape->slide : behind);
        end = weir_time_add(start, shape->size);
        viz_say(text, "even the last of its windows, %s,", viz_text_window(teller, start, end));
    } else if (shape->kind == VIZ_SESSION) {
        viz_say(text, "it touches no session that is kept; its own, %s,",
                viz_text_window(teller, start, end));
    } else {
        viz_say(text, "its window is gone: the watermark is %s",
                viz_text_time(teller, now->watermark));
        return;
    }
    viz_say(text, " was over when the watermark reached %s",
            viz_text_time(teller, viz_cleanup(shape, end)));
    if (shape->lateness > 0) {
        viz_say(text, " (end + lateness %s)", viz_text_duration(teller, shape->lateness));
    }
    viz_say(text, "; it is %s now", viz_text_time(teller, now->watermark));
}

void viz_tell_late(struct viz_teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    struct weir_str to = viz_name(teller->model->names, now->to);
    bool side = weir_str_equals(to, "side-output");
    if (now->id >= 0) {
        viz_say(words->now, "#%" PRId64 " ", now->id);
    }
    viz_say(words->now, "the event at %s for %.*s is LATE → %s", viz_text_time(teller, now->ts),
            NAME(teller, now->key), side ? "side output" : "dropped");
    say_why_late(teller, words->why);
    viz_say(words->so, "%s; late so far: %s",
            side ? "it is in no window, but not lost: the side output has it"
                 : "it is in no window: dropped and counted (numLateRecordsDropped)",
            viz_text_count(teller, now->nth));
}

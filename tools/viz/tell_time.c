/* Watermarks and idleness in words. Source: semantics sheet, sections 11 and 12. */
#include "tell.h"

#include <weir/time.h>

static bool beside(const struct viz_row *a, const struct viz_row *b)
{
    return a->op == b->op && a->sub == b->sub;
}

/* The row that holds the minimum among those of the same operator's subtask; NULL when all are
 * idle. */
static const struct viz_row *holder(const struct viz_teller *teller, const struct viz_row *of)
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
static void say_minimum(struct viz_teller *teller, char *text, const struct viz_row *of)
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
            viz_say(text, "%s%.*s %s", shown++ == 0 ? "min(" : ", ",
                    WEIR_STR_ARG(viz_row_name(teller, row)), viz_text_time(teller, row->watermark));
        } else {
            more++;
        }
    }
    if (more > 0) {
        viz_say(text, ", %d more", more);
    }
    viz_say(text, "%s", shown > 0 ? ")" : "all partitions are idle");
    if (idle != NULL && shown > 0) {
        viz_say(text, "; %.*s is idle: left out", WEIR_STR_ARG(viz_row_name(teller, idle)));
    }
}

/* How many windows are due at a watermark, and the first that is not. */
static int64_t due_windows(const struct viz_teller *teller, int64_t watermark, int64_t *next_end,
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

static void say_consequence(struct viz_teller *teller, char *text, int64_t watermark)
{
    const struct viz_window *first;
    int64_t next_end;
    int64_t due = due_windows(teller, watermark, &next_end, &first);
    if (due == 1) {
        viz_say(text, "%s ends at or before it: it fires now",
                viz_text_window(teller, first->start, first->end));
    } else if (due > 1) {
        viz_say(text, "%s windows end at or before it: they fire now", viz_text_count(teller, due));
    } else if (next_end != WEIR_TIME_MAX) {
        viz_say(text, "no window ends by then; the next one fires when it reaches %s",
                viz_text_time(teller, weir_time_sub(next_end, 1)));
    } else {
        viz_say(text, "no window is waiting for it");
    }
}

static void say_row_rise(struct viz_teller *teller, char *text, const struct viz_row *row)
{
    if (teller->shape.bound != VIZ_NONE && row->highest != WEIR_TIME_MIN &&
        row->watermark != WEIR_TIME_MAX) {
        viz_say(text, "%.*s: largest event time %s − bound %s − 1ms = %s",
                WEIR_STR_ARG(viz_row_name(teller, row)), viz_text_time(teller, row->highest),
                viz_text_duration(teller, teller->shape.bound),
                viz_text_time(teller, row->watermark));
    }
}

static void tell_final_watermark(struct viz_words *words)
{
    viz_say(words->now, "the final watermark: the input has ended");
    viz_say(words->why, "no event can come any more, so event time is at its end");
    viz_say(words->so, "every window fires that has not fired yet, and all state goes");
}

void viz_tell_watermark(struct viz_teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    const struct viz_row *row = viz_told_row(teller);
    if (now->own && now->watermark == WEIR_TIME_MAX) {
        tell_final_watermark(words);
        return;
    }
    if (row != NULL) {
        viz_say(words->now, "%.*s: its watermark rises to %s",
                WEIR_STR_ARG(viz_row_name(teller, row)),
                viz_text_time(teller, now->channel_watermark));
        say_row_rise(teller, words->why, row);
    }
    if (!now->own) {
        const struct viz_row *least = row != NULL ? holder(teller, row) : NULL;
        if (least != NULL && least != row) {
            viz_say(words->so, "the watermark stays at %s: %.*s holds the minimum (%s)",
                    viz_text_time(teller, now->watermark),
                    WEIR_STR_ARG(viz_row_name(teller, least)),
                    viz_text_time(teller, least->watermark));
        }
        return;
    }
    viz_say(words->now, "%sWATERMARK %s → %s", row != NULL ? "; " : "",
            viz_text_time(teller, now->watermark_before), viz_text_time(teller, now->watermark));
    if (row != NULL) {
        viz_say(words->why, "%s", words->why[0] != '\0' ? "; " : "");
        say_minimum(teller, words->why, row);
    } else {
        viz_say(words->why, "it says: no event with a time up to %s is expected any more",
                viz_text_time(teller, now->watermark));
    }
    say_consequence(teller, words->so, now->watermark);
}

void viz_tell_idle(struct viz_teller *teller, struct viz_words *words)
{
    const struct viz_row *row = viz_told_row(teller);
    if (row == NULL) {
        viz_say(words->now, "an operator is %s", teller->now->idle ? "idle" : "active again");
        return;
    }
    struct weir_str name = viz_row_name(teller, row);
    viz_say(words->now, "%.*s is %s", WEIR_STR_ARG(name),
            teller->now->idle ? "IDLE" : "ACTIVE again");
    if (teller->now->idle) {
        viz_say(words->why, "it has brought nothing for longer than its idle timeout");
        viz_say(words->so, "the watermark no longer waits for it: ");
    } else {
        viz_say(words->why, "it brought an event that moves its watermark");
        viz_say(words->so, "it counts again, but the watermark never goes back: ");
    }
    say_minimum(teller, words->so, row);
}

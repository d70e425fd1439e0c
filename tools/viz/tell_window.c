/* Windows in words: firings, purges, merges. Source: semantics sheet, sections 3, 5, 6 and 8. */
#include "tell.h"

#include "trace/scan.h"

#include <weir/time.h>

#include <inttypes.h>

/* Whether a member of a result only repeats which key and window it belongs to. */
static bool repeats(const struct viz_teller *teller, struct weir_str value)
{
    const struct viz_happening *now = teller->now;
    struct weir__scan scan = weir__scan_of((char *)value.data, value.len);
    int64_t number = weir__scan_int(&scan);
    if (weir__scan_done(&scan)) {
        return number == now->start || number == now->end || number == weir_time_sub(now->end, 1);
    }
    struct weir_str key = viz_name(teller->model->names, now->key);
    return value.len == key.len + 2 && memcmp(value.data + 1, key.data, key.len) == 0;
}

/*
 * The result: as it is, or, when it is a JSON object, its members in plain words without those that
 * repeat the key and the window: {"page":"/home","count":3,"start":0} becomes "count 3".
 */
static void say_value(struct viz_teller *teller, char *text)
{
    char value[VIZ_VALUE_MAX];
    memcpy(value, teller->now->value, sizeof value);
    if (value[0] == '{' && teller->model->plain_results) {
        return; /* the short form is still to come */
    }
    if (value[0] != '{') {
        viz_say(text, "%s%s", value[0] != '\0' ? " → " : "", value);
        return;
    }
    struct weir__scan scan = weir__scan_of(value, strlen(value));
    struct weir_str name;
    const char *before = " → ";
    weir__scan_open(&scan, '{');
    while (weir__scan_member(&scan, &name)) {
        struct weir_str member = weir__scan_skip(&scan);
        if (!scan.failed && !repeats(teller, member)) { /* the end of a long one may be missing */
            viz_say(text, "%s%.*s %.*s", before, WEIR_STR_ARG(name), WEIR_STR_ARG(member));
            before = ", ";
        }
    }
}

static void say_kept(struct viz_teller *teller, char *text, int64_t end)
{
    const struct viz_shape *shape = &teller->shape;
    if (!shape->timed) {
        viz_say(text, "it goes on collecting: only its trigger and a purge end it");
    } else if (!shape->known) {
        viz_say(text, "what comes for it after its purge is late");
    } else if (shape->lateness > 0) {
        viz_say(text,
                "kept until %s (end + lateness %s): an event that comes before fires it again",
                viz_text_time(teller, viz_cleanup(shape, end)),
                viz_text_duration(teller, shape->lateness));
    } else {
        viz_say(text, "lateness 0: purged at once; what comes for it from now on is late");
    }
}

static void say_why_fired(struct viz_teller *teller, char *text, int64_t end, int64_t watermark)
{
    if (!teller->shape.timed) {
        viz_say(text, "its trigger said so");
    } else if (teller->shape.processing) {
        viz_say(text, "the clock reached its end");
    } else if (watermark == WEIR_TIME_MAX) {
        viz_say(text, "the input has ended: the final watermark is behind every window");
    } else {
        int64_t last = weir_time_sub(end, 1);
        viz_say(text, "the watermark, %s, %s its last millisecond, %s",
                viz_text_time(teller, watermark), watermark == last ? "has reached" : "is past",
                viz_text_time(teller, last));
    }
}

void viz_tell_fire(struct viz_teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    viz_say(words->now, "%s", viz_text_window(teller, now->start, now->end));
    if (now->keys > 1) {
        viz_say(words->now, " FIRES for %s keys; %.*s: n=%s", viz_text_count(teller, now->keys),
                NAME(teller, now->key), viz_text_count(teller, now->n));
    } else {
        viz_say(words->now, " of %.*s FIRES: n=%s", NAME(teller, now->key),
                viz_text_count(teller, now->n));
    }
    say_value(teller, words->now);
    say_why_fired(teller, words->why, now->end, now->watermark);
    say_kept(teller, words->so, now->end);
}

void viz_tell_late_fire(struct viz_teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    viz_say(words->now, "%s of %.*s fires AGAIN: n=%s",
            viz_text_window(teller, now->start, now->end), NAME(teller, now->key),
            viz_text_count(teller, now->n));
    say_value(teller, words->now);
    viz_say(words->why, "its event is behind the watermark %s, but before the purge at %s: allowed",
            viz_text_time(teller, now->watermark),
            viz_text_time(teller, viz_cleanup(&teller->shape, now->end)));
    viz_say(words->so, "a correction: readers of the results see n=%s, then n=%s for one window",
            viz_text_count(teller, now->n_before), viz_text_count(teller, now->n));
}

void viz_tell_purge(struct viz_teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    if (now->windows > 1) {
        viz_say(words->now, "%s windows are PURGED, %s of %.*s first",
                viz_text_count(teller, now->windows), viz_text_window(teller, now->start, now->end),
                NAME(teller, now->key));
    } else {
        viz_say(words->now, "%s of %.*s is PURGED", viz_text_window(teller, now->start, now->end),
                NAME(teller, now->key));
    }
    if (teller->shape.timed && teller->shape.known) {
        viz_say(words->why, "the watermark has reached %s (last millisecond + lateness %s)",
                viz_text_time(teller, viz_cleanup(&teller->shape, now->end)),
                viz_text_duration(teller, teller->shape.lateness));
    }
    viz_say(words->so, "its state is gone: an event for it is late from now on");
}

void viz_tell_merge(struct viz_teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    if (now->id >= 0) {
        viz_say(words->now, "#%" PRId64 " ", now->id);
    }
    viz_say(words->now, "MERGES sessions of %.*s: ", NAME(teller, now->key));
    for (int64_t i = 0; i < now->pair_count && i < VIZ_PAIRS; i++) {
        viz_say(words->now, "%s%s", i > 0 ? " + " : "",
                viz_text_window(teller, now->pairs[i][0], now->pairs[i][1]));
    }
    viz_say(words->now, "%s → %s n=%s", now->pair_count > VIZ_PAIRS ? " + …" : "",
            viz_text_window(teller, now->start, now->end), viz_text_count(teller, now->n));
    if (teller->shape.gap > 0) {
        viz_say(words->why,
                "sessions that overlap or touch are one: events at most the gap %s apart",
                viz_text_duration(teller, teller->shape.gap));
    } else {
        viz_say(words->why, "sessions that overlap or touch are one");
    }
    viz_say(words->so, "the old timers are deleted; the one session fires at %s",
            viz_text_time(teller, weir_time_sub(now->end, 1)));
}

void viz_tell_window(struct viz_teller *teller, const struct viz_window *window, int32_t key_name,
                     struct viz_words *words)
{
    static const char *const states[] = {"is OPEN", "has FIRED", "is PURGED"};
    viz_say(words->now, "%s of %.*s %s: n=%s", viz_text_window(teller, window->start, window->end),
            NAME(teller, key_name), states[window->state], viz_text_count(teller, window->n));
    if (window->fires > 1) {
        viz_say(words->now, ", fired %d times", window->fires);
    }
    if (window->merged > 0) {
        viz_say(words->now, ", made of %s sessions", viz_text_count(teller, window->merged));
    }
    if (window->state == VIZ_WINDOW_OPEN) {
        viz_say(words->why, "it takes every event of its key with %s <= event time < %s",
                viz_text_time(teller, window->start), viz_text_time(teller, window->end));
        if (teller->shape.timed) {
            viz_say(words->so, "it fires when the %s reaches %s",
                    teller->shape.processing ? "clock" : "watermark",
                    viz_text_time(teller, weir_time_sub(window->end, 1)));
        } else {
            viz_say(words->so, "its trigger decides when it fires");
        }
        return;
    }
    if (window->fires > 0) {
        say_why_fired(teller, words->why, window->end, window->fired_at);
    }
    if (window->state == VIZ_WINDOW_FIRED) {
        say_kept(teller, words->so, window->end);
    } else {
        viz_say(words->so, "its state is gone: an event for it is late");
    }
}

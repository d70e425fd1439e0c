/*
 * Assigners.
 */
#include "window/assigner.h"

#include "base/rand.h"

static void add(struct weir__vec *windows, struct weir_window window)
{
    *(struct weir_window *)weir__vec_add(windows) = window;
}

/* Newest start first. slide > size leaves gaps between windows: then an event may be in none. */
static void assign_sliding(const struct weir_window_assigner *assigner, int64_t timestamp,
                           struct weir__vec *windows)
{
    int64_t size = assigner->size_ms;
    int64_t slide = assigner->slide_ms;
    int64_t phase = weir__window_phase(timestamp, assigner->offset_ms, slide);
    while (phase < size) {
        add(windows, weir__window_around(timestamp, phase, size));
        if (phase > INT64_MAX - slide) {
            break;
        }
        phase += slide;
    }
}

enum weir__assign_result weir__assign(const struct weir_window_assigner *assigner,
                                      const void *value, int64_t timestamp, int64_t now_ms,
                                      struct weir__vec *windows)
{
    weir__vec_clear(windows);
    if (assigner->kind == WEIR_ASSIGN_GLOBAL) {
        add(windows, (struct weir_window){WEIR_TIME_MIN, WEIR_TIME_MAX});
        return WEIR__ASSIGNED;
    }
    int64_t time = assigner->processing_time ? now_ms : timestamp;
    if (time == WEIR_TIME_MIN) {
        return WEIR__ASSIGN_NO_TIMESTAMP;
    }
    int64_t gap_ms = assigner->gap_ms;
    switch (assigner->kind) {
    case WEIR_ASSIGN_TUMBLING:
        add(windows, weir__window_around(
                         time, weir__window_phase(time, assigner->offset_ms, assigner->size_ms),
                         assigner->size_ms));
        break;
    case WEIR_ASSIGN_SLIDING:
        assign_sliding(assigner, time, windows);
        break;
    case WEIR_ASSIGN_DYNAMIC_SESSION:
        gap_ms = assigner->gap_of(value, assigner->user);
        if (gap_ms <= 0) {
            return WEIR__ASSIGN_BAD_GAP;
        }
        /* fall through */
    case WEIR_ASSIGN_SESSION:
        add(windows, weir__window_around(time, 0, gap_ms));
        break;
    case WEIR_ASSIGN_GLOBAL:
        break;
    }
    return WEIR__ASSIGNED;
}

static int64_t stagger_of(const struct weir_window_assigner *assigner, int64_t now_ms,
                          uint64_t seed)
{
    struct weir__rand rand;
    switch (assigner->stagger) {
    case WEIR_STAGGER_ALIGNED:
        break;
    case WEIR_STAGGER_NATURAL:
        return weir__window_phase(now_ms, 0, assigner->size_ms);
    case WEIR_STAGGER_RANDOM:
        weir__rand_init(&rand, seed);
        return (int64_t)weir__rand_below(&rand, (uint64_t)assigner->size_ms);
    }
    return 0;
}

/* (offset + stagger) % size; both of them lie within a size of 0. */
void weir__assigner_settle(struct weir_window_assigner *assigner, int64_t now_ms, uint64_t seed)
{
    int64_t size = assigner->size_ms;
    int64_t stagger = stagger_of(assigner, now_ms, seed);
    int64_t offset = assigner->offset_ms;
    assigner->offset_ms =
        offset > 0 && stagger >= size - offset ? stagger - (size - offset) : stagger + offset;
    assigner->stagger = WEIR_STAGGER_ALIGNED;
}

/* ---- the learner's words for them ---- */

struct weir_window_assigner weir_tumbling_event_time(int64_t size_ms)
{
    return (struct weir_window_assigner){.kind = WEIR_ASSIGN_TUMBLING, .size_ms = size_ms};
}

struct weir_window_assigner weir_sliding_event_time(int64_t size_ms, int64_t slide_ms)
{
    return (struct weir_window_assigner){
        .kind = WEIR_ASSIGN_SLIDING, .size_ms = size_ms, .slide_ms = slide_ms};
}

struct weir_window_assigner weir_session_event_time(int64_t gap_ms)
{
    return (struct weir_window_assigner){.kind = WEIR_ASSIGN_SESSION, .gap_ms = gap_ms};
}

struct weir_window_assigner weir_dynamic_session_event_time(int64_t (*gap_of)(const void *value,
                                                                              void *user),
                                                            void *user)
{
    return (struct weir_window_assigner){
        .kind = WEIR_ASSIGN_DYNAMIC_SESSION, .gap_of = gap_of, .user = user};
}

struct weir_window_assigner weir_global_window(void)
{
    return (struct weir_window_assigner){.kind = WEIR_ASSIGN_GLOBAL};
}

static struct weir_window_assigner by_clock(struct weir_window_assigner assigner)
{
    assigner.processing_time = true;
    return assigner;
}

struct weir_window_assigner weir_tumbling_processing_time(int64_t size_ms)
{
    return by_clock(weir_tumbling_event_time(size_ms));
}

struct weir_window_assigner weir_sliding_processing_time(int64_t size_ms, int64_t slide_ms)
{
    return by_clock(weir_sliding_event_time(size_ms, slide_ms));
}

struct weir_window_assigner weir_session_processing_time(int64_t gap_ms)
{
    return by_clock(weir_session_event_time(gap_ms));
}

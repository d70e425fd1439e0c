/*
 * Delta debugging (Zeller, Hildebrandt, 2002) on the steps, then simpler times. A candidate that
 * does not fail in the same way is dropped, so any order of attempts is right; this one is quick.
 */
#include "shrink.h"

enum { MOST_CASES = 400, MOST_BROKEN = 12 /* each of them costs a new runner */ };

struct shrinking {
    struct grading_session *session;
    const struct grading_property *property;
    enum grading_outcome outcome;
    struct grading_stream *best;
    struct weir__buf *text;
    int left;
};

/* Takes the candidate (always released or kept) when it fails in the same way. A stream of nothing
 * says nothing about a result. */
static bool accept(struct shrinking *shrinking, struct grading_stream *candidate)
{
    struct weir__buf text = {0};
    bool same = shrinking->left > 0 && grading_stream_events(candidate) > 0 &&
                grading_session_case(shrinking->session, shrinking->property, candidate, &text) ==
                    shrinking->outcome;
    shrinking->left--;
    if (!same) {
        weir__buf_fini(&text);
        grading_stream_fini(candidate);
        return false;
    }
    grading_stream_fini(shrinking->best);
    weir__buf_fini(shrinking->text);
    *shrinking->best = *candidate;
    *shrinking->text = text;
    return true;
}

static bool try_without(struct shrinking *shrinking, size_t first, size_t count)
{
    struct grading_stream candidate;
    grading_stream_copy(&candidate, shrinking->best);
    grading_stream_remove(&candidate, first, count);
    return accept(shrinking, &candidate);
}

static void leave_out(struct shrinking *shrinking)
{
    size_t size = shrinking->best->steps.count / 2;
    while (size > 0 && shrinking->left > 0) {
        bool smaller = false;
        for (size_t first = 0;
             first + size <= shrinking->best->steps.count && shrinking->left > 0;) {
            if (try_without(shrinking, first, size)) {
                smaller = true;
            } else {
                first += size;
            }
        }
        size = smaller ? size : size / 2;
        if (size > shrinking->best->steps.count) {
            size = shrinking->best->steps.count;
        }
    }
}

static void set_time(const struct grading_property *property, struct grading_step *step,
                     int64_t time)
{
    step->timestamp = time;
    if (property->time_field != NULL) {
        *(int64_t *)((char *)step->value + property->time_field->offset) = time;
    }
}

static void round_times(struct shrinking *shrinking)
{
    static const int64_t units[] = {60000, 10000, 1000};
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        for (size_t i = 0; i < shrinking->best->steps.count && shrinking->left > 0; i++) {
            const struct grading_step *step = grading_stream_at(shrinking->best, i);
            int64_t rounded = step->timestamp - step->timestamp % units[u];
            if (step->kind != GRADING_EVENT || rounded == step->timestamp) {
                continue;
            }
            struct grading_stream candidate;
            grading_stream_copy(&candidate, shrinking->best);
            set_time(shrinking->property, grading_stream_at(&candidate, i), rounded);
            accept(shrinking, &candidate);
        }
    }
}

void grading_shrink(struct grading_session *session, const struct grading_property *property,
                    enum grading_outcome outcome, struct grading_stream *stream,
                    struct weir__buf *text)
{
    struct shrinking shrinking = {
        .session = session,
        .property = property,
        .outcome = outcome,
        .best = stream,
        .text = text,
        .left = outcome == GRADING_BROKEN ? MOST_BROKEN : MOST_CASES,
    };
    leave_out(&shrinking);
    round_times(&shrinking);
}

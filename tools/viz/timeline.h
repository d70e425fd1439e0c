/*
 * The time line: a trace with a place in it. Places are numbers of events: at place n the first n
 * events have been applied.
 *
 *     recording ──▶ head model (everything so far) ──▶ keyframes, happenings, marks
 *               ╰─▶ here: the model at the reader's place
 *
 * Going to a place takes the nearest keyframe before it and applies the events in between; so
 * forward and back lead to the same model. Keyframes stand every 1000 events; when they take too
 * much memory every second one goes, and new ones stand twice as far apart.
 */
#ifndef WEIR_VIZ_TIMELINE_H
#define WEIR_VIZ_TIMELINE_H

#include "model.h"
#include "recording.h"

enum viz_mark_kind { VIZ_MARK_FIRE, VIZ_MARK_LATE, VIZ_MARK_MERGE, VIZ_MARK_TROUBLE };

struct viz_mark {
    int64_t place; /* behind the happening's last event */
    enum viz_mark_kind kind;
};

struct viz_keyframe {
    int64_t place;
    int64_t offset; /* of the next event's line */
    struct viz_model model;
};

struct viz_timeline {
    struct viz_recording *recording; /* borrowed */
    struct viz_names names;
    /* everything so far */
    struct viz_model head;
    int64_t count;                /* events */
    int64_t damaged;              /* lines that are not events */
    int64_t started_at, ended_at; /* ns, of the first and the last event */
    struct weir__vec starts;      /* uint64_t: a bit an event, set where a happening begins */
    struct weir__vec marks;       /* struct viz_mark, by place */
    struct viz_mark
        pending; /* the mark of the happening that is still growing; place VIZ_NONE: none */
    struct weir__vec keyframes; /* struct viz_keyframe, by place; the first is at 0 */
    int64_t keyframe_distance;
    size_t keyframe_bytes;
    struct viz_lines head_lines;
    /* the reader's place */
    struct viz_model here;
    int64_t place;
    struct viz_lines here_lines;
    /* The last happening on the way here that has a mark, and where its mark stands; VIZ_NONE:
     * none. */
    struct viz_happening notable;
    int64_t notable_place;
};

void viz_timeline_init(struct viz_timeline *timeline, struct viz_recording *recording);
void viz_timeline_fini(struct viz_timeline *timeline);

/* Takes in at most `limit` more lines of the recording; false when there are none at the moment. */
bool viz_timeline_load(struct viz_timeline *timeline, int64_t limit);

/* Goes to a place; those beyond the ends are the ends. */
void viz_timeline_seek(struct viz_timeline *timeline, int64_t place);
/*
 * The place behind the next happening, and the one before the last; the place itself at the ends.
 */
int64_t viz_timeline_after(const struct viz_timeline *timeline, int64_t place);
int64_t viz_timeline_before(const struct viz_timeline *timeline, int64_t place);
/* The next mark behind the place, or the last one before it; NULL when there is none. */
const struct viz_mark *viz_timeline_next_mark(const struct viz_timeline *timeline, int64_t place);
const struct viz_mark *viz_timeline_last_mark(const struct viz_timeline *timeline, int64_t place);

#endif

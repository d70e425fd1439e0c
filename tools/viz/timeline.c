/* The time line of timeline.h. */
#include "timeline.h"

#include "base/mem.h"
#include "trace/reader.h"

enum { KEYFRAME_DISTANCE = 1000, KEYFRAMES_MAX_BYTES = 256 << 20, DISTANCE_MAX = 1 << 20 };

/* ---- reading ---- */

/* The next event of the lines; damaged ones are stepped over and counted. False: none at the
 * moment. */
static bool next_event(struct viz_lines *lines, struct weir__trace_event *event, int64_t *damaged,
                       int64_t *limit)
{
    size_t len;
    int64_t offset;
    char *line;
    while (*limit > 0 && (line = viz_lines_next(lines, &len, &offset)) != NULL) {
        (*limit)--;
        enum weir_status status = weir__trace_read(line, len, event);
        if (status == WEIR_OK) {
            return true;
        }
        *damaged += status == WEIR_MALFORMED;
    }
    return false;
}

static int64_t offset_of(const struct viz_lines *lines)
{
    return lines->from + (int64_t)lines->at;
}

/* ---- keyframes ---- */

static struct viz_keyframe *keyframe_at(const struct viz_timeline *timeline, size_t i)
{
    return weir__vec_at(&timeline->keyframes, i);
}

static void add_keyframe(struct viz_timeline *timeline)
{
    struct viz_keyframe *keyframe = weir__vec_add(&timeline->keyframes);
    keyframe->place = timeline->count;
    keyframe->offset = offset_of(&timeline->head_lines);
    viz_model_init(&keyframe->model, &timeline->names);
    viz_model_copy(&keyframe->model, &timeline->head);
    timeline->keyframe_bytes += viz_model_size(&keyframe->model);
}

static void thin_keyframes(struct viz_timeline *timeline)
{
    size_t kept = 1;
    for (size_t i = 1; i < timeline->keyframes.count; i++) {
        struct viz_keyframe *keyframe = keyframe_at(timeline, i);
        if (i % 2 == 0) {
            *keyframe_at(timeline, kept++) = *keyframe;
            continue;
        }
        timeline->keyframe_bytes -= viz_model_size(&keyframe->model);
        viz_model_fini(&keyframe->model);
    }
    timeline->keyframes.count = kept;
    timeline->keyframe_distance *= 2;
}

static void keep_keyframe(struct viz_timeline *timeline)
{
    const struct viz_keyframe *last = weir__vec_last(&timeline->keyframes);
    if (timeline->count - last->place < timeline->keyframe_distance) {
        return;
    }
    add_keyframe(timeline);
    if (timeline->keyframe_bytes > KEYFRAMES_MAX_BYTES &&
        timeline->keyframe_distance < DISTANCE_MAX) {
        thin_keyframes(timeline);
    }
}

/* The last keyframe at or before the place. */
static const struct viz_keyframe *keyframe_before(const struct viz_timeline *timeline,
                                                  int64_t place)
{
    size_t low = 0;
    size_t high = timeline->keyframes.count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (keyframe_at(timeline, middle)->place <= place) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return keyframe_at(timeline, low);
}

/* ---- happenings and marks ---- */

static void note_start(struct viz_timeline *timeline, bool starts)
{
    size_t word = (size_t)(timeline->count / 64);
    while (timeline->starts.count <= word) {
        *(uint64_t *)weir__vec_add(&timeline->starts) = 0;
    }
    *(uint64_t *)weir__vec_at(&timeline->starts, word) |= (uint64_t)starts
                                                          << (timeline->count % 64);
}

static bool starts_at(const struct viz_timeline *timeline, int64_t event)
{
    const uint64_t *word = weir__vec_at(&timeline->starts, (size_t)(event / 64));
    return *word >> (event % 64) & 1;
}

static bool mark_of(enum viz_kind kind, enum viz_mark_kind *mark)
{
    switch (kind) {
    case VIZ_FIRE:
    case VIZ_LATE_FIRE:
        *mark = VIZ_MARK_FIRE;
        return true;
    case VIZ_LATE:
        *mark = VIZ_MARK_LATE;
        return true;
    case VIZ_MERGE:
        *mark = VIZ_MARK_MERGE;
        return true;
    case VIZ_FAILURE:
    case VIZ_RESTART:
    case VIZ_GAP:
        *mark = VIZ_MARK_TROUBLE;
        return true;
    case VIZ_NOTHING:
    case VIZ_JOB:
    case VIZ_RECORD:
    case VIZ_WATERMARK:
    case VIZ_IDLE:
    case VIZ_PURGE:
    case VIZ_BARRIER:
    case VIZ_CHECKPOINT:
    case VIZ_KINDS:
        break;
    }
    return false;
}

/* A mark stands behind its happening, so it moves with it while the happening grows. */
static void note_mark(struct viz_timeline *timeline, bool starts)
{
    if (starts) {
        enum viz_mark_kind kind;
        struct viz_mark mark = {.place = timeline->count};
        if (mark_of((enum viz_kind)timeline->head.now.kind, &kind)) {
            mark.kind = kind;
            weir__vec_push(&timeline->marks, &mark);
            timeline->pending = mark;
        } else {
            timeline->pending.place = VIZ_NONE;
        }
    } else if (timeline->pending.place != VIZ_NONE) {
        ((struct viz_mark *)weir__vec_last(&timeline->marks))->place = timeline->count;
    }
}

const struct viz_mark *viz_timeline_next_mark(const struct viz_timeline *timeline, int64_t place)
{
    size_t low = 0;
    size_t high = timeline->marks.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct viz_mark *mark = weir__vec_at(&timeline->marks, middle);
        if (mark->place <= place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < timeline->marks.count ? weir__vec_at(&timeline->marks, low) : NULL;
}

const struct viz_mark *viz_timeline_last_mark(const struct viz_timeline *timeline, int64_t place)
{
    const struct viz_mark *next = viz_timeline_next_mark(timeline, place - 1);
    const struct viz_mark *first = timeline->marks.items;
    if (next == NULL) {
        return timeline->marks.count > 0 ? weir__vec_last(&timeline->marks) : NULL;
    }
    return next > first ? next - 1 : NULL;
}

int64_t viz_timeline_after(const struct viz_timeline *timeline, int64_t place)
{
    if (place >= timeline->count) {
        return place;
    }
    place++;
    while (place < timeline->count && !starts_at(timeline, place)) {
        place++;
    }
    return place;
}

int64_t viz_timeline_before(const struct viz_timeline *timeline, int64_t place)
{
    if (place <= 0) {
        return 0;
    }
    place--;
    while (place > 0 && !starts_at(timeline, place)) {
        place--;
    }
    return place;
}

/* ---- life ---- */

void viz_timeline_init(struct viz_timeline *timeline, struct viz_recording *recording)
{
    *timeline = (struct viz_timeline){
        .recording = recording,
        .starts = WEIR__VEC_OF(uint64_t),
        .marks = WEIR__VEC_OF(struct viz_mark),
        .pending = {.place = VIZ_NONE},
        .notable_place = VIZ_NONE,
        .keyframes = WEIR__VEC_OF(struct viz_keyframe),
        .keyframe_distance = KEYFRAME_DISTANCE,
    };
    viz_names_init(&timeline->names);
    viz_model_init(&timeline->head, &timeline->names);
    viz_model_init(&timeline->here, &timeline->names);
    viz_lines_init(&timeline->head_lines, recording);
    viz_lines_init(&timeline->here_lines, recording);
    add_keyframe(timeline);
}

void viz_timeline_fini(struct viz_timeline *timeline)
{
    for (size_t i = 0; i < timeline->keyframes.count; i++) {
        viz_model_fini(&keyframe_at(timeline, i)->model);
    }
    weir__vec_fini(&timeline->keyframes);
    weir__vec_fini(&timeline->marks);
    weir__vec_fini(&timeline->starts);
    viz_lines_fini(&timeline->head_lines);
    viz_lines_fini(&timeline->here_lines);
    viz_model_fini(&timeline->head);
    viz_model_fini(&timeline->here);
    viz_names_fini(&timeline->names);
}

bool viz_timeline_load(struct viz_timeline *timeline, int64_t limit)
{
    struct weir__trace_event event;
    while (next_event(&timeline->head_lines, &event, &timeline->damaged, &limit)) {
        bool starts = viz_model_apply(&timeline->head, &event);
        note_start(timeline, starts);
        timeline->started_at = timeline->count == 0 ? event.at : timeline->started_at;
        timeline->ended_at = event.at;
        timeline->count++;
        note_mark(timeline, starts);
        keep_keyframe(timeline);
    }
    return limit == 0;
}

static void restore(struct viz_timeline *timeline, const struct viz_keyframe *keyframe)
{
    viz_model_copy(&timeline->here, &keyframe->model);
    timeline->place = keyframe->place;
    viz_lines_seek(&timeline->here_lines, keyframe->offset);
}

static void note_notable(struct viz_timeline *timeline)
{
    enum viz_mark_kind kind;
    if (mark_of((enum viz_kind)timeline->here.now.kind, &kind)) {
        timeline->notable = timeline->here.now;
        timeline->notable_place = timeline->place;
    }
}

void viz_timeline_seek(struct viz_timeline *timeline, int64_t place)
{
    place = place > timeline->count ? timeline->count : place;
    place = place < 0 ? 0 : place;
    const struct viz_keyframe *keyframe = keyframe_before(timeline, place);
    if (place < timeline->place || keyframe->place > timeline->place) {
        restore(timeline, keyframe);
    }
    struct weir__trace_event event;
    int64_t damaged = 0;
    int64_t limit = INT64_MAX;
    while (timeline->place < place && next_event(&timeline->here_lines, &event, &damaged, &limit)) {
        viz_model_apply(&timeline->here, &event);
        timeline->place++;
        note_notable(timeline);
    }
}

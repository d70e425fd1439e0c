/*
 * The narration. Every sentence is made from the numbers that decided; the chapters are in
 * tell_time.c, tell_event.c and tell_window.c.
 */
#include "tell.h"

#include <inttypes.h>

static void tell_job(struct viz_teller *teller, struct viz_words *words)
{
    const struct viz_model *model = teller->model;
    viz_say(words->now, "the job %.*s starts: ", NAME(teller, model->job_name));
    for (size_t i = 0; i < model->operators.count && i < 8; i++) {
        const struct viz_operator *node = weir__vec_at(&model->operators, i);
        viz_say(words->now, "%s%.*s", i > 0 ? " → " : "", NAME(teller, node->name));
    }
    viz_say(words->why, "every event carries its own time; the watermark says how far it has come");
    viz_say(words->so, "press . for one step, SPACE to run, ? for help");
}

static void tell_trouble(struct viz_teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    if (now->kind == VIZ_GAP) {
        viz_say(words->now, "%s events are missing here", viz_text_count(teller, now->amount));
        viz_say(words->why, "the job was faster than its trace, and it never waits for it");
        viz_say(words->so, "counts are too low until the windows concerned are purged");
        return;
    }
    viz_say(words->now, "%s: %.*s", now->kind == VIZ_FAILURE ? "FAILURE" : "RESTART",
            NAME(teller, now->to));
    viz_say(words->so, now->kind == VIZ_FAILURE
                           ? "the restart strategy decides what comes next"
                           : "state and positions are those of the last complete checkpoint");
}

static void tell_checkpoint(struct viz_teller *teller, struct viz_words *words)
{
    const struct viz_happening *now = teller->now;
    if (now->kind == VIZ_BARRIER) {
        viz_say(words->now, "barrier %" PRId64 " passes", now->id);
        viz_say(words->why, "it separates what the checkpoint holds from what comes after");
        return;
    }
    viz_say(words->now, "checkpoint %" PRId64 ": %.*s", now->id, NAME(teller, now->to));
}

static struct viz_teller teller_of(const struct viz_model *model, const struct viz_happening *now,
                                   int32_t op, int32_t key)
{
    struct viz_teller teller = {.model = model, .now = now, .shape = viz_shape_of(model, op, key)};
    bool sessions = teller.shape.kind == VIZ_SESSION;
    teller.unit = viz_unit_of(model, sessions ? teller.shape.gap : teller.shape.size);
    return teller;
}

/* The window operator that a happening elsewhere (at the source, say) is told with. */
static int32_t window_operator(const struct viz_model *model, int32_t op)
{
    const struct viz_operator *node = viz_model_operator(model, op);
    for (size_t i = 0; i < model->operators.count && (node == NULL || node->assigner == 0); i++) {
        node = weir__vec_at(&model->operators, i);
    }
    if (node != NULL && node->assigner != 0) {
        return node->id;
    }
    const struct viz_key *key = model->keys.count > 0 ? weir__vec_at(&model->keys, 0) : NULL;
    return key != NULL ? key->op : op;
}

static void tell_nothing(struct viz_teller *teller, struct viz_words *words)
{
    (void)teller;
    viz_say(words->now, "nothing has happened yet");
    viz_say(words->so, "press . for one step, SPACE to run, ? for help");
}

void viz_narrate(const struct viz_model *model, const struct viz_happening *now,
                 struct viz_words *words)
{
    static void (*const chapters[VIZ_KINDS])(struct viz_teller *, struct viz_words *) = {
        [VIZ_NOTHING] = tell_nothing,
        [VIZ_JOB] = tell_job,
        [VIZ_RECORD] = viz_tell_record,
        [VIZ_WATERMARK] = viz_tell_watermark,
        [VIZ_IDLE] = viz_tell_idle,
        [VIZ_FIRE] = viz_tell_fire,
        [VIZ_LATE_FIRE] = viz_tell_late_fire,
        [VIZ_PURGE] = viz_tell_purge,
        [VIZ_MERGE] = viz_tell_merge,
        [VIZ_LATE] = viz_tell_late,
        [VIZ_BARRIER] = tell_checkpoint,
        [VIZ_CHECKPOINT] = tell_checkpoint,
        [VIZ_FAILURE] = tell_trouble,
        [VIZ_RESTART] = tell_trouble,
        [VIZ_GAP] = tell_trouble,
    };
    int32_t op = window_operator(model, now->op);
    int32_t key = viz_model_key(model, now->op, now->sub, now->key);
    if (key == VIZ_NONE && model->keys.count > 0) {
        key = 0;
    }
    struct viz_teller teller = teller_of(model, now, op, key);
    words->now[0] = words->why[0] = words->so[0] = '\0';
    chapters[now->kind](&teller, words);
}

void viz_explain_window(const struct viz_model *model, int32_t key, const struct viz_window *window,
                        struct viz_words *words)
{
    const struct viz_key *owner = weir__vec_at(&model->keys, (size_t)key);
    struct viz_teller teller = teller_of(model, &model->now, owner->op, key);
    words->now[0] = words->why[0] = words->so[0] = '\0';
    viz_tell_window(&teller, window, owner->name, words);
}

const char *viz_kind_name(enum viz_kind kind)
{
    static const char *const names[VIZ_KINDS] = {
        "",      "JOB",  "EVENT",   "WM",         "IDLE",    "FIRE",    "AGAIN", "PURGE",
        "MERGE", "LATE", "BARRIER", "CHECKPOINT", "FAILURE", "RESTART", "GAP",
    };
    return kind < VIZ_KINDS ? names[kind] : "";
}

/*
 * The model: what is known about a running job after the first n events of its trace.
 *
 * viz_model_apply(model, event) is the only way it changes, so the model after n events is a
 * function of those events alone. That is what makes stepping back exact: copy a model from before,
 * apply again. For the same reason it holds no pointers but its own arrays, texts are numbers of a
 * shared name table, and every struct below is without padding, so equal models are equal bytes.
 *
 * Everything is bounded: a model of a long run keeps the windows that are open, a few that are
 * gone, and the recent events.
 */
#ifndef WEIR_VIZ_MODEL_H
#define WEIR_VIZ_MODEL_H

#include "base/vec.h"
#include "names.h"
#include "trace/event.h"

enum { VIZ_NONE = -1 };

/* What the job says about an node. */
struct viz_operator {
    int32_t id;
    int32_t name; /* of the name table */
    int32_t parallelism;
    int32_t assigner;   /* name: tumbling, sliding, …; 0: not a window operator */
    int32_t trigger;    /* name, 0: the default */
    int32_t strategy;   /* name: bounded, …; 0: not a watermark assigner */
    int64_t processing; /* 1: windows by the clock */
    int64_t size, slide, offset, gap, lateness; /* ms; 0: does not apply */
    int64_t bound, idle_timeout;
};

/* A channel of one subtask: a partition of the source, as a row of the picture. */
enum { VIZ_RECENT = 128, VIZ_BUCKETS = 1024 };

struct viz_dot {
    int64_t id;
    int64_t ts;
    int32_t key;  /* name, 0 until a keyed operator says it */
    int32_t late; /* 0 or 1 */
};

struct viz_row {
    int32_t op, sub;
    int32_t channel; /* name, 0: the operator's only input */
    int32_t idle;    /* 0 or 1 */
    int64_t watermark;
    int64_t since;   /* ns: when the watermark last rose */
    int64_t highest; /* the largest timestamp; WEIR_TIME_MIN: none yet */
    int64_t count;
    struct viz_dot recent[VIZ_RECENT]; /* a ring; the newest is at (count - 1) % VIZ_RECENT */
    /* How many events fell into each bucket of `grain` ms, for the last VIZ_BUCKETS buckets up to
     * `top`. */
    int64_t top;
    int64_t grain;
    uint16_t buckets[VIZ_BUCKETS];
};

/* An operator's subtask and its own watermark. */
struct viz_task {
    int32_t op, sub;
    int32_t idle;
    int32_t unused;
    int64_t watermark;
};

enum viz_window_state { VIZ_WINDOW_OPEN, VIZ_WINDOW_FIRED, VIZ_WINDOW_PURGED };

enum { VIZ_SHORT_MAX = 32, VIZ_VALUE_MAX = 208 };

struct viz_window {
    int32_t next, before; /* indices of its neighbours in the key's list, by start and end */
    int32_t state;        /* enum viz_window_state */
    int32_t fires;
    int64_t start, end;
    int64_t n;
    int64_t fired_at;          /* the watermark that fired it first */
    int64_t merged;            /* of how many windows it is made; 0: it never merged */
    char value[VIZ_SHORT_MAX]; /* the last result, NUL-terminated; empty when it is longer */
};

/* A key at one window node. */
struct viz_key {
    int32_t op, sub;
    int32_t name;
    int32_t first;   /* index of its first window, VIZ_NONE: none */
    int32_t hint;    /* a window of the list, near the one that was touched last */
    int32_t windows; /* how many there are in the list */
    int32_t gone;    /* of which are purged */
    int32_t unused;
    int64_t adds; /* events that windows took */
    int64_t late;
    int64_t last; /* number of the last event that touched it */
};

struct viz_timer {
    int64_t ts;
    int32_t key;        /* index of the key + 1; 0: a free slot */
    int32_t processing; /* 0 or 1 */
};

/* What happened, in the words of the rule that applied; one happening is one step of the reader. */
enum viz_kind {
    VIZ_NOTHING,
    VIZ_JOB,
    VIZ_RECORD,
    VIZ_WATERMARK,
    VIZ_IDLE,
    VIZ_FIRE,
    VIZ_LATE_FIRE,
    VIZ_PURGE,
    VIZ_MERGE,
    VIZ_LATE,
    VIZ_BARRIER,
    VIZ_CHECKPOINT,
    VIZ_FAILURE,
    VIZ_RESTART,
    VIZ_GAP,
    VIZ_KINDS
};

enum { VIZ_PAIRS = 4 };

struct viz_happening {
    int32_t kind; /* enum viz_kind */
    int32_t op, sub;
    int32_t row;  /* index of the row, VIZ_NONE */
    int32_t key;  /* name */
    int32_t keys; /* FIRE, PURGE: how many keys */
    int32_t idle;
    int32_t to; /* name: LATE, where it went; FAILURE: why; CHECKPOINT: state */
    int64_t id, ts;
    int64_t start, end, n;     /* the window; RECORD: the first that took it */
    int64_t n_before;          /* LATE_FIRE: what the window said before */
    int64_t windows;           /* RECORD: how many windows took it; PURGE: how many went */
    int64_t watermark;         /* the one that applied */
    int64_t watermark_before;  /* WATERMARK: the operator's, before */
    int64_t channel_watermark; /* WATERMARK: the row's, when the row is set */
    int64_t nth;               /* LATE: so far */
    int64_t amount;            /* GAP: events; CHECKPOINT: bytes; FAILURE: attempt */
    int64_t pair_count;
    int64_t pairs[VIZ_PAIRS][2];
    int64_t own; /* WATERMARK: 1 when an operator's own watermark moved */
    char value[VIZ_VALUE_MAX];
};

struct viz_late {
    int64_t ts;
    int32_t key;
    int32_t op;
};

struct viz_totals {
    int64_t events; /* of the trace */
    int64_t records, fires, late_fires, merges, purges, late, results, missing, failures;
};

struct viz_model {
    struct viz_names *names; /* shared, borrowed */
    int32_t job_name;
    struct weir__vec operators; /* struct viz_operator */
    struct weir__vec rows;      /* struct viz_row */
    struct weir__vec tasks;     /* struct viz_task */
    struct weir__vec keys;      /* struct viz_key */
    struct weir__vec key_slots; /* int32_t: hash of (op, sub, name) -> index of the key + 1 */
    struct weir__vec windows;   /* struct viz_window, with holes */
    int32_t free_window;        /* first hole, linked by next */
    struct weir__vec timers;    /* struct viz_timer, an open-addressing set */
    int64_t timer_count;
    int64_t plain_results;            /* 1: results come in a shorter form than windows fire them */
    int64_t left_out;                 /* keys, windows and timers that were too many to keep */
    struct viz_late late[VIZ_RECENT]; /* a ring; the newest at (totals.late - 1) % VIZ_RECENT */
    struct viz_totals totals;
    int64_t at;               /* ns, of the last event */
    int64_t lowest, highest;  /* timestamps seen; lowest > highest: none */
    int64_t shortest;         /* length of the shortest window seen, ms; 0: none */
    int64_t finite_watermark; /* the highest of any node, but for the final one; WEIR_TIME_MIN:
                                 none */
    int64_t record_id;        /* the record that window events now belong to, VIZ_NONE */
    struct viz_happening now; /* the happening that the last event belongs to */
};

void viz_model_init(struct viz_model *model, struct viz_names *names);
void viz_model_fini(struct viz_model *model);
/* Makes `to`, which must be initialised, the same as `from`. */
void viz_model_copy(struct viz_model *to, const struct viz_model *from);
bool viz_model_equal(const struct viz_model *a, const struct viz_model *b);
/* Bytes that a copy takes. */
size_t viz_model_size(const struct viz_model *model);

/*
 * Applies one event. True when it begins a new happening, false when it belongs to the one before.
 */
bool viz_model_apply(struct viz_model *model, const struct weir__trace_event *event);

/* NULL or VIZ_NONE where there is none. */
const struct viz_operator *viz_model_operator(const struct viz_model *model, int32_t id);
const struct viz_task *viz_model_task(const struct viz_model *model, int32_t op, int32_t sub);
int32_t viz_model_key(const struct viz_model *model, int32_t op, int32_t sub, int32_t name);
const struct viz_window *viz_model_window(const struct viz_model *model, int32_t key, int64_t start,
                                          int64_t end);
/* The operator whose rows are the source's partitions; VIZ_NONE before the first record. */
int32_t viz_model_row_operator(const struct viz_model *model);

static inline const struct viz_window *viz_model_first_window(const struct viz_model *model,
                                                              const struct viz_key *key)
{
    return key->first == VIZ_NONE ? NULL : weir__vec_at(&model->windows, (size_t)key->first);
}
static inline const struct viz_window *viz_model_next_window(const struct viz_model *model,
                                                             const struct viz_window *window)
{
    return window->next == VIZ_NONE ? NULL : weir__vec_at(&model->windows, (size_t)window->next);
}

#endif

/* The minimum over source splits. Source: semantics sheet, section 12. */
#include "time/multiplexer.h"

#include "base/mem.h"
#include "base/vec.h"

#include <assert.h>

struct split {
    int32_t id;
    bool idle;
    int64_t watermark;
};

struct weir__multiplexer {
    struct weir__vec splits; /* struct split */
    int64_t combined;        /* what went out last */
    bool idle;               /* IDLE was told */
};

struct weir__multiplexer *weir__multiplexer_new(void)
{
    struct weir__multiplexer *mux = WEIR__NEW(struct weir__multiplexer);
    mux->splits = WEIR__VEC_OF(struct split);
    mux->combined = WEIR_TIME_MIN;
    return mux;
}

void weir__multiplexer_free(struct weir__multiplexer *mux)
{
    if (mux != NULL) {
        weir__vec_fini(&mux->splits);
        weir__free(mux);
    }
}

static struct split *find(const struct weir__multiplexer *mux, int32_t id)
{
    for (size_t i = 0; i < mux->splits.count; i++) {
        struct split *split = weir__vec_at(&mux->splits, i);
        if (split->id == id) {
            return split;
        }
    }
    return NULL;
}

void weir__multiplexer_add(struct weir__multiplexer *mux, int32_t split)
{
    if (find(mux, split) == NULL) {
        weir__vec_push(&mux->splits, &(struct split){.id = split, .watermark = WEIR_TIME_MIN});
    }
}

void weir__multiplexer_remove(struct weir__multiplexer *mux, int32_t split)
{
    struct split *gone = find(mux, split);
    if (gone != NULL) {
        weir__vec_remove(&mux->splits, (size_t)(gone - (struct split *)mux->splits.items));
    }
}

void weir__multiplexer_set(struct weir__multiplexer *mux, int32_t split, int64_t watermark)
{
    struct split *of = find(mux, split);
    assert(of != NULL);
    of->idle = false;
    of->watermark = watermark > of->watermark ? watermark : of->watermark;
}

void weir__multiplexer_set_idle(struct weir__multiplexer *mux, int32_t split)
{
    struct split *of = find(mux, split);
    assert(of != NULL);
    of->idle = true;
}

static void raise(struct weir__multiplexer *mux, int64_t watermark,
                  struct weir__time_change *change)
{
    if (watermark > mux->combined) {
        mux->combined = watermark;
        change->active = mux->idle;
        mux->idle = false;
        change->rises = true;
        change->watermark = watermark;
    }
}

struct weir__time_change weir__multiplexer_update(struct weir__multiplexer *mux)
{
    struct weir__time_change change = {0};
    int64_t minimum = WEIR_TIME_MAX;
    int64_t maximum = WEIR_TIME_MIN;
    bool all_idle = true;
    for (size_t i = 0; i < mux->splits.count; i++) {
        const struct split *split = weir__vec_at(&mux->splits, i);
        maximum = split->watermark > maximum ? split->watermark : maximum;
        if (!split->idle) {
            all_idle = false;
            minimum = split->watermark < minimum ? split->watermark : minimum;
        }
    }
    if (mux->splits.count == 0) {
        return change; /* the minimum of nothing says nothing */
    }
    if (!all_idle) {
        raise(mux, minimum, &change);
    } else {
        raise(mux, maximum, &change); /* one that woke and fell silent since may have moved it */
        change.idle = !mux->idle;
        mux->idle = true;
    }
    return change;
}

struct weir__time_change weir__multiplexer_set_now(struct weir__multiplexer *mux, int32_t split,
                                                   int64_t watermark)
{
    struct split *of = find(mux, split);
    assert(of != NULL);
    bool rose = watermark > of->watermark;
    weir__multiplexer_set(mux, split, watermark);
    if (rose && watermark > mux->combined) {
        return weir__multiplexer_update(mux);
    }
    return (struct weir__time_change){0};
}

struct weir__time_change weir__multiplexer_end(struct weir__multiplexer *mux)
{
    struct weir__time_change change = {0};
    raise(mux, WEIR_TIME_MAX, &change);
    return change;
}

int64_t weir__multiplexer_split(const struct weir__multiplexer *mux, int32_t split, bool *idle)
{
    const struct split *of = find(mux, split);
    assert(of != NULL);
    *idle = of->idle;
    return of->watermark;
}

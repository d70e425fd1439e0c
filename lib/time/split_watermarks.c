/* A generator a split. Source: semantics sheet, sections 11 and 12. */
#include "time/split_watermarks.h"

#include "base/mem.h"
#include "base/vec.h"
#include "time/generator.h"
#include "time/multiplexer.h"
#include "types/record.h"

struct split {
    int32_t id;
    bool idle; /* as observed last */
    int64_t watermark;
    struct weir__generator generator;
};

struct weir__split_watermarks {
    struct weir_watermark_strategy strategy;
    struct weir__multiplexer *mux;
    struct weir__vec splits; /* struct split */
    size_t last; /* index of the split of the last event: events of a split come in runs */
    struct weir__split_observer observer;
};

struct weir__split_watermarks *weir__split_watermarks_new(
    const struct weir_watermark_strategy *strategy)
{
    struct weir__split_watermarks *all = WEIR__NEW(struct weir__split_watermarks);
    all->strategy = *strategy;
    all->mux = weir__multiplexer_new();
    all->splits = WEIR__VEC_OF(struct split);
    return all;
}

void weir__split_watermarks_free(struct weir__split_watermarks *all)
{
    if (all != NULL) {
        weir__multiplexer_free(all->mux);
        weir__vec_fini(&all->splits);
        weir__free(all);
    }
}

void weir__split_watermarks_observe(struct weir__split_watermarks *all,
                                    struct weir__split_observer observer)
{
    all->observer = observer;
}

static struct split *find(struct weir__split_watermarks *all, int32_t id)
{
    if (all->last < all->splits.count) {
        struct split *last = weir__vec_at(&all->splits, all->last);
        if (last->id == id) {
            return last;
        }
    }
    for (size_t i = 0; i < all->splits.count; i++) {
        struct split *split = weir__vec_at(&all->splits, i);
        if (split->id == id) {
            all->last = i;
            return split;
        }
    }
    return NULL;
}

static struct split *find_or_add(struct weir__split_watermarks *all, int32_t id)
{
    struct split *split = find(all, id);
    if (split == NULL) {
        all->last = all->splits.count;
        split = weir__vec_add(&all->splits);
        *split = (struct split){.id = id, .watermark = WEIR_TIME_MIN};
        weir__generator_init(&split->generator, &all->strategy);
        weir__multiplexer_add(all->mux, id);
    }
    return split;
}

void weir__split_watermarks_add(struct weir__split_watermarks *all, int32_t split)
{
    /* The generator that stood in while there was no split must not hold the real ones back. */
    const struct split *stand_in = find(all, WEIR__NO_SPLIT);
    if (stand_in != NULL && stand_in->watermark == WEIR_TIME_MIN) {
        weir__split_watermarks_remove(all, WEIR__NO_SPLIT);
    }
    find_or_add(all, split);
}

void weir__split_watermarks_remove(struct weir__split_watermarks *all, int32_t split)
{
    const struct split *gone = find(all, split);
    if (gone != NULL) {
        weir__vec_remove(&all->splits, (size_t)(gone - (const struct split *)all->splits.items));
        weir__multiplexer_remove(all->mux, split);
    }
}

static void observe(struct weir__split_watermarks *all, struct split *split, int64_t watermark,
                    bool idle)
{
    if (split->idle != idle) {
        split->idle = idle;
        if (all->observer.idle != NULL) {
            all->observer.idle(all->observer.self, split->id, idle);
        }
    }
    if (watermark > split->watermark) {
        split->watermark = watermark;
        if (all->observer.watermark != NULL) {
            all->observer.watermark(all->observer.self, split->id, watermark);
        }
    }
}

struct weir__time_change weir__split_watermarks_event(struct weir__split_watermarks *all,
                                                      int32_t split, const void *value,
                                                      int64_t timestamp, int64_t now_ms,
                                                      bool *future)
{
    struct split *of = find_or_add(all, split);
    int64_t watermark;
    switch (weir__generator_event(&of->generator, &all->strategy, value, timestamp, now_ms,
                                  &watermark)) {
    case WEIR__EVENT_WATERMARK:
        *future = false;
        observe(all, of, watermark, false);
        return weir__multiplexer_set_now(all->mux, split, watermark);
    case WEIR__EVENT_FUTURE:
        *future = true;
        return (struct weir__time_change){0};
    case WEIR__EVENT_NOTHING:
        break;
    }
    *future = false;
    return (struct weir__time_change){0};
}

static void probe(struct weir__split_watermarks *all, struct split *split, int64_t now_ns)
{
    int64_t watermark;
    switch (weir__generator_probe(&split->generator, &all->strategy, now_ns, &watermark)) {
    case WEIR__PROBE_WATERMARK:
        weir__multiplexer_set(all->mux, split->id, watermark);
        observe(all, split, watermark, false);
        break;
    case WEIR__PROBE_IDLE:
        weir__multiplexer_set_idle(all->mux, split->id);
        observe(all, split, WEIR_TIME_MIN, true);
        break;
    case WEIR__PROBE_NOTHING:
        break;
    }
}

struct weir__time_change weir__split_watermarks_probe(struct weir__split_watermarks *all,
                                                      int64_t now_ns)
{
    if (all->splits.count == 0) {
        find_or_add(all, WEIR__NO_SPLIT);
    }
    for (size_t i = 0; i < all->splits.count; i++) {
        probe(all, weir__vec_at(&all->splits, i), now_ns);
    }
    return weir__multiplexer_update(all->mux);
}

struct weir__time_change weir__split_watermarks_probe_split(struct weir__split_watermarks *all,
                                                            int32_t split, int64_t now_ns)
{
    probe(all, find_or_add(all, split), now_ns);
    return weir__multiplexer_update(all->mux);
}

struct weir__time_change weir__split_watermarks_end(struct weir__split_watermarks *all)
{
    return weir__multiplexer_end(all->mux);
}

struct weir__time_change weir__split_watermarks_none(struct weir__split_watermarks *all)
{
    if (all->splits.count > 0) {
        return (struct weir__time_change){0};
    }
    weir__multiplexer_add(all->mux, WEIR__NO_SPLIT);
    weir__multiplexer_set_idle(all->mux, WEIR__NO_SPLIT);
    struct weir__time_change change = weir__multiplexer_update(all->mux);
    weir__multiplexer_remove(all->mux, WEIR__NO_SPLIT);
    return change;
}

/*
 * Events by their number (see making.h).
 */
#include "produce/making.h"

#include "base/mem.h"
#include "produce/schedule.h"

bool making_init(struct making *making, const struct produce_settings *settings)
{
    *making = (struct making){
        .settings = settings,
        .state = settings->model->open(settings),
        .value = weir__calloc(1, settings->model->type->size),
        .kept = WEIR__VEC_OF(void *),
    };
    return making->state != NULL;
}

/* Frees the kept event that was asked for last. */
static void give_back(struct making *making)
{
    if (making->taken != NULL) {
        weir_value_fini(making->settings->model->type, making->taken);
        weir__free(making->taken);
        making->taken = NULL;
    }
}

void making_fini(struct making *making)
{
    const struct model *model = making->settings->model;
    give_back(making);
    for (size_t i = 0; i < making->kept.count; i++) {
        void *value = *(void **)weir__vec_at(&making->kept, i);
        if (value != NULL) {
            weir_value_fini(model->type, value);
            weir__free(value);
        }
    }
    weir__vec_fini(&making->kept);
    if (making->state != NULL) {
        model->close(making->state);
    }
    weir__free(making->value);
}

static bool make(struct making *making, int64_t index)
{
    const struct produce_settings *settings = making->settings;
    struct model_moment moment = {
        .time_us = settings->start_ms * 1000 + schedule_time_us(settings, index),
        .delay_us = schedule_delay_us(settings, index),
    };
    return settings->model->make(making->state, index, moment, making->value);
}

/* Makes the next event in order, and keeps a copy. */
static void make_and_keep(struct making *making)
{
    const struct weir_type *type = making->settings->model->type;
    making->ended = !make(making, making->next);
    if (!making->ended) {
        void *copy = weir__alloc(type->size);
        weir_value_copy(type, copy, making->value);
        weir__vec_push(&making->kept, &copy);
        making->next++;
    }
}

/* Drops the places of events that were asked for, when they are half of all. */
static void forget_front(struct making *making)
{
    void **kept = making->kept.items;
    size_t gone = 0;
    while (gone < making->kept.count && kept[gone] == NULL) {
        gone++;
    }
    if (gone > 0 && gone >= making->kept.count / 2) {
        making->kept.count -= gone;
        memmove(kept, kept + gone, making->kept.count * sizeof kept[0]);
        making->first += (int64_t)gone;
    }
}

const void *making_event(struct making *making, int64_t index)
{
    if (making->settings->model->any_order) {
        return make(making, index) ? making->value : NULL;
    }
    give_back(making);
    if (making->kept.count == 0 && index == making->next && !making->ended) { /* no disorder */
        making->ended = !make(making, index);
        making->first = ++making->next;
        return making->ended ? NULL : making->value;
    }
    while (making->next <= index && !making->ended) {
        make_and_keep(making);
    }
    if (index >= making->next) {
        return NULL;
    }
    void **place = weir__vec_at(&making->kept, (size_t)(index - making->first));
    making->taken = *place;
    *place = NULL;
    forget_front(making);
    return making->taken;
}

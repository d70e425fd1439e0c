/* Shapes, from the job's settings or from the windows seen. */
#include "shape.h"

#include <weir/time.h>

int64_t viz_cleanup(const struct viz_shape *shape, int64_t end)
{
    return weir_time_add(weir_time_sub(end, 1), shape->lateness);
}

/* Tumbling windows are equally long and apart; sliding ones overlap; all others are sessions. */
static void guess(const struct viz_model *model, int32_t key, struct viz_shape *shape)
{
    if (key == VIZ_NONE) {
        return;
    }
    const struct viz_window *last = NULL;
    const struct viz_window *window =
        viz_model_first_window(model, weir__vec_at(&model->keys, (size_t)key));
    shape->kind = window != NULL ? VIZ_TUMBLING : VIZ_SHAPE_NONE;
    for (; window != NULL; window = viz_model_next_window(model, window)) {
        int64_t length = weir_time_sub(window->end, window->start);
        if (window->start == WEIR_TIME_MIN) {
            shape->kind = VIZ_GLOBAL;
            return;
        }
        if (window->merged > 0 || (shape->size != 0 && length != shape->size)) {
            shape->kind = VIZ_SESSION;
            return;
        }
        shape->size = length;
        if (last != NULL && window->start < last->end) {
            shape->kind = VIZ_SLIDING;
            shape->slide = weir_time_sub(window->start, last->start);
        }
        last = window;
    }
}

static int64_t bound_of(const struct viz_model *model)
{
    for (size_t i = 0; i < model->operators.count; i++) {
        const struct viz_operator *node = weir__vec_at(&model->operators, i);
        if (node->strategy != 0 &&
            weir_str_equals(viz_name(model->names, node->strategy), "bounded")) {
            return node->bound;
        }
    }
    return VIZ_NONE;
}

static enum viz_shape_kind kind_of(struct weir_str assigner)
{
    return weir_str_equals(assigner, "tumbling")          ? VIZ_TUMBLING
           : weir_str_equals(assigner, "sliding")         ? VIZ_SLIDING
           : weir_str_equals(assigner, "session")         ? VIZ_SESSION
           : weir_str_equals(assigner, "dynamic-session") ? VIZ_SESSION
           : weir_str_equals(assigner, "global")          ? VIZ_GLOBAL
                                                          : VIZ_SHAPE_NONE;
}

struct viz_shape viz_shape_of(const struct viz_model *model, int32_t op, int32_t key)
{
    const struct viz_operator *node = viz_model_operator(model, op);
    struct viz_shape shape = {.bound = bound_of(model), .timed = true};
    if (node != NULL && node->assigner != 0) {
        struct weir_str trigger = viz_name(model->names, node->trigger);
        shape.kind = kind_of(viz_name(model->names, node->assigner));
        shape.known = true;
        shape.processing = node->processing;
        shape.timed =
            shape.kind != VIZ_GLOBAL &&
            (weir_str_is_null(trigger) || weir_str_equals(trigger, "default") ||
             weir_str_equals(trigger, "event-time") || weir_str_equals(trigger, "processing-time"));
        shape.size = node->size;
        shape.slide = node->slide;
        shape.offset = node->offset;
        shape.gap = node->gap;
        shape.lateness = node->lateness;
    }
    if (shape.kind == VIZ_SHAPE_NONE) {
        guess(model, key, &shape);
    }
    if (shape.kind == VIZ_SLIDING && shape.slide >= shape.size && shape.slide > 0) {
        shape.kind = VIZ_TUMBLING; /* apart, perhaps with holes: drawn as boxes */
    }
    return shape;
}

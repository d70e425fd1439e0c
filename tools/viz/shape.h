/*
 * The shape of a key's windows: what the job says about their operator and, where it says nothing,
 * what the windows themselves tell.
 */
#ifndef WEIR_VIZ_SHAPE_H
#define WEIR_VIZ_SHAPE_H

#include "model.h"

enum viz_shape_kind { VIZ_SHAPE_NONE, VIZ_TUMBLING, VIZ_SLIDING, VIZ_SESSION, VIZ_GLOBAL };

struct viz_shape {
    enum viz_shape_kind kind;
    bool known;      /* the job said so; else it is a guess, and lateness and bound are not known */
    bool processing; /* windows by the clock: the watermark does not matter */
    bool timed;      /* fires when time passes its end (and not by a count or the like) */
    int64_t size, slide, offset, gap; /* ms, 0: does not apply */
    int64_t lateness;
    int64_t bound; /* of the watermarks; VIZ_NONE: not known */
};

/*
 * The shape of the windows of operator `op`; key (an index, or VIZ_NONE) is looked at for guessing.
 */
struct viz_shape viz_shape_of(const struct viz_model *model, int32_t op, int32_t key);
/* When the state of a window goes, saturating. */
int64_t viz_cleanup(const struct viz_shape *shape, int64_t end);

#endif

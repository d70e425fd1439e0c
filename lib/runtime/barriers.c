/*
 * Counting barriers.
 */
#include "runtime/barriers.h"

#include "base/mem.h"

#include <string.h>

struct weir__barriers {
    size_t channels;
    bool blocking;
    bool *arrived;   /* channel: has the barrier of `pending` */
    bool *ended;     /* channel */
    size_t missing;  /* channels that have neither ended nor arrived; meaningful when pending */
    int64_t pending; /* the checkpoint that is being aligned; 0: none */
    int64_t newest;  /* the highest checkpoint seen */
};

struct weir__barriers *weir__barriers_new(size_t channels, bool blocking)
{
    struct weir__barriers *barriers = WEIR__NEW(struct weir__barriers);
    barriers->channels = channels;
    barriers->blocking = blocking;
    barriers->arrived = weir__calloc(channels, sizeof(*barriers->arrived));
    barriers->ended = weir__calloc(channels, sizeof(*barriers->ended));
    return barriers;
}

void weir__barriers_free(struct weir__barriers *barriers)
{
    if (barriers != NULL) {
        weir__free(barriers->arrived);
        weir__free(barriers->ended);
        weir__free(barriers);
    }
}

static void begin(struct weir__barriers *barriers, int64_t checkpoint)
{
    memset(barriers->arrived, 0, barriers->channels * sizeof(*barriers->arrived));
    barriers->missing = 0;
    for (size_t i = 0; i < barriers->channels; i++) {
        barriers->missing += !barriers->ended[i];
    }
    barriers->pending = checkpoint;
    barriers->newest = checkpoint;
}

/* The checkpoint that is aligned now, if it is. */
static int64_t finish(struct weir__barriers *barriers)
{
    if (barriers->pending == 0 || barriers->missing > 0) {
        return 0;
    }
    int64_t aligned = barriers->pending;
    barriers->pending = 0;
    return aligned;
}

int64_t weir__barriers_arrive(struct weir__barriers *barriers, size_t channel, int64_t checkpoint)
{
    if (checkpoint > barriers->newest) {
        begin(barriers, checkpoint);
    }
    if (checkpoint != barriers->pending || barriers->arrived[channel]) {
        return 0;
    }
    barriers->arrived[channel] = true;
    barriers->missing--;
    return finish(barriers);
}

int64_t weir__barriers_end(struct weir__barriers *barriers, size_t channel)
{
    bool counted = barriers->pending != 0 && !barriers->arrived[channel];
    barriers->missing -= counted && !barriers->ended[channel];
    barriers->ended[channel] = true;
    return finish(barriers);
}

bool weir__barriers_blocks(const struct weir__barriers *barriers, size_t channel)
{
    return barriers->blocking && barriers->pending != 0 && barriers->arrived[channel];
}

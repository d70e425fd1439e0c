/*
 * The fast paths and a state backend outside of memory.
 *
 * Slices and sessions lie in memory, in as much as the backend may have for cells. When that is
 * full they become panes, which the backend keeps, and from then on all elements take the general
 * path: the same results, a key's state found wherever it lies. It happens once, and not back: a
 * restart, whose snapshot may be smaller than memory again, begins with the fast path.
 *
 * The way is that of a snapshot which one path has made and the other restores, without a restart
 * between: timers and their order are those that the general path would have, and the watermark
 * stays.
 */
#include "operator/window_operator.h"
#include "types/codec.h"

enum { CHECK_EVERY = 16 /* elements; a power of two */ };

bool weir__window_has_room(const struct weir__window_operator *self)
{
    return self->room == SIZE_MAX ||
           (self->room > 0 && weir__type_is_plain(self->config->aggregate->accumulator_type));
}

static size_t bytes_in_use(const struct weir__window_operator *self)
{
    size_t bytes = 0;
    if (self->sliced != NULL) {
        bytes += weir__slices_bytes(&self->sliced->slices);
    }
    if (self->direct != NULL) {
        bytes += weir__sessions_memory(&self->direct->sessions);
    }
    return bytes;
}

static void leave(struct weir__window_operator *self)
{
    struct weir__buf bytes = {0};
    struct weir_error error = {0};
    weir__window_slices_snapshot(self, &bytes);
    weir__window_slices_close(self);
    weir__window_sessions_close(self);
    struct weir__reader in = {bytes.data, bytes.data + bytes.len, false};
    if (weir__window_slices_restore(self, &in, &error) != WEIR_OK) {
        weir__operator_fail(&self->op, &error);
    }
    weir__buf_fini(&bytes);
}

void weir__window_keep_to_room(struct weir__window_operator *self)
{
    bool fast = self->sliced != NULL || self->direct != NULL;
    if (fast && self->arrivals % CHECK_EVERY == 0 && bytes_in_use(self) > self->room) {
        leave(self);
    }
}

void weir__window_make_room(struct weir__window_operator *self)
{
    size_t panes = self->table->ops->count(self->table);
    if (self->direct != NULL && panes > self->room / self->direct->sessions.cells.item_size) {
        leave(self);
    }
}

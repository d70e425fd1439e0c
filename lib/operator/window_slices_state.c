/*
 * Snapshots of slices, and their way into panes.
 *
 *     slices := present u8; if 2: sessions (window_sessions_state.c); if 1: fingerprint i64, size, slide, offset, watermark, cut zigzag,
 *               next sequence varint, entries by key group
 *     entry  := key, slice start, slice end zigzag, sequence varint, count varint, accumulator
 *
 * A restore forgets the watermark, so windows that had fired take elements again: from then on they
 * live as panes, and `cut` rises to where the watermark was. The same way a snapshot made by slices
 * is restored where slices cannot be used, or where the size of the windows has changed: all
 * windows become panes. Timers that the panes need are registered in the order in which their keys
 * first came.
 */
#include "operator/window_operator.h"
#include "state/fingerprint.h"
#include "types/codec.h"
#include "types/key_groups.h"
#include "window/assigner.h"

#include <stdlib.h>

/* What follows the keyed state in a snapshot. */
enum { NOTHING, SLICES, SESSIONS };

/* ---- writing ---- */

struct writer {
    const struct weir__window_operator *self;
    struct weir__groups groups;
};

static uint64_t fingerprint(const struct weir__window_operator *self)
{
    return weir__type_fingerprint(self->config->aggregate->accumulator_type);
}

static void write_share(const struct weir__slice_share *share, void *user)
{
    struct writer *writer = user;
    const struct weir__window_operator *self = writer->self;
    int group = weir__key_group(&share->key, self->op.context->max_parallelism);
    struct weir__buf *bytes = weir__groups_entry(&writer->groups, group);
    weir__key_encode(&share->key, bytes);
    weir__buf_put_zigzag(bytes, share->slice->start);
    weir__buf_put_zigzag(bytes, share->slice->end);
    weir__buf_put_varint(bytes, share->sequence);
    weir__buf_put_varint(bytes, (uint64_t)share->count);
    weir__encode(self->config->aggregate->accumulator_type, share->accumulator, bytes);
}

static void write_entries(struct weir__window_operator *self, struct weir__buf *out)
{
    struct writer writer = {.self = self};
    weir__groups_init(&writer.groups, self->op.context->max_parallelism);
    weir__slices_each(&self->sliced->slices, write_share, &writer);
    weir__groups_finish(&writer.groups, out);
}

void weir__window_slices_snapshot(struct weir__window_operator *self, struct weir__buf *out)
{
    const struct weir__window_slices *sliced = self->sliced;
    if (self->direct != NULL) {
        weir__buf_put_u8(out, SESSIONS);
        weir__window_sessions_snapshot(self, out);
        return;
    }
    weir__buf_put_u8(out, sliced != NULL ? SLICES : NOTHING);
    if (sliced == NULL) {
        return;
    }
    weir__window_slices_settle(self);
    weir__buf_put_i64(out, (int64_t)fingerprint(self));
    weir__buf_put_zigzag(out, sliced->slices.size_ms);
    weir__buf_put_zigzag(out, sliced->slices.slide_ms);
    weir__buf_put_zigzag(out, sliced->slices.offset_ms);
    weir__buf_put_zigzag(out, sliced->watermark);
    weir__buf_put_zigzag(out, sliced->cut);
    weir__buf_put_varint(out, sliced->slices.next_sequence);
    write_entries(self, out);
}

/* ---- from slices to panes ---- */

struct reader {
    struct weir__window_operator *self;
    struct weir_window_assigner assigner; /* of the snapshot */
    int64_t watermark; /* when it was made: windows that end here or earlier had fired */
    int64_t old_cut;   /* windows that end here or earlier are no business of the slices */
    int64_t cut;       /* windows that end here or earlier become panes */
    int64_t last_pane; /* the latest max timestamp that became a pane */
    struct weir__vec windows;
    struct weir__vec pending;
};

static void reader_init(struct reader *reader, struct weir__window_operator *self)
{
    *reader = (struct reader){
        .self = self,
        .assigner = self->config->assigner,
        .watermark = WEIR_TIME_MIN,
        .old_cut = WEIR_TIME_MIN,
        .cut = WEIR_TIME_MIN,
        .last_pane = WEIR_TIME_MIN,
        .windows = WEIR__VEC_OF(struct weir_window),
        .pending = WEIR__VEC_OF(struct weir__window_pending),
    };
}

static int by_sequence(const void *a, const void *b)
{
    const struct weir__window_pending *left = a;
    const struct weir__window_pending *right = b;
    return (left->sequence > right->sequence) - (left->sequence < right->sequence);
}

static void register_timers(struct weir__window_operator *self,
                            const struct weir__window_pending *pending)
{
    int64_t max = weir__window_max_timestamp(&self->rules, pending->window);
    int64_t cleanup = weir__window_cleanup_time(&self->rules, pending->window);
    weir__keyed_set_key(&self->keyed, &pending->key->key);
    if (pending->fires) {
        weir__window_register_timer(self, WEIR__EVENT_TIME, pending->window, max);
    }
    if (cleanup != WEIR_TIME_MAX) {
        weir__window_register_timer(self, WEIR__EVENT_TIME, pending->window, cleanup);
    }
}

void weir__window_pending_add(struct weir__window_operator *self, struct weir__vec *pending,
                              struct weir_window window, uint64_t sequence, bool fires)
{
    struct weir__window_pending item = {sequence, weir__keyed_node(&self->keyed), window, fires};
    weir__key_ref(item.key);
    weir__vec_push(pending, &item);
}

void weir__window_pending_register(struct weir__window_operator *self, struct weir__vec *pending)
{
    if (pending->count > 1) {
        qsort(pending->items, pending->count, pending->item_size, by_sequence);
    }
    for (size_t i = 0; i < pending->count; i++) {
        const struct weir__window_pending *item = weir__vec_at(pending, i);
        register_timers(self, item);
        weir__key_unref(&self->keyed.keys, item->key);
    }
    weir__vec_fini(pending);
}

static void reader_fini(struct reader *reader)
{
    weir__window_pending_register(reader->self, &reader->pending);
    weir__vec_fini(&reader->windows);
}

/* Adds what a key has in a slice to the pane of a window. */
static void to_pane(struct reader *reader, const struct weir__slice_share *share,
                    struct weir_window window)
{
    struct weir__window_operator *self = reader->self;
    weir__window_set_key(self, &share->key);
    struct weir__pane *pane = weir__window_obtain(self, window);
    weir__pane_add_accumulator(&self->layout, pane, share->accumulator, share->count);
    weir__window_pending_add(self, &reader->pending, window, share->sequence,
                             window.end - 1 > reader->watermark);
    reader->last_pane = window.end - 1 > reader->last_pane ? window.end - 1 : reader->last_pane;
}

/*
 * Puts a share into the panes of those of its windows that become panes. True when a window stays
 * with the slices.
 */
static bool to_panes(struct reader *reader, const struct weir__slice_share *share, int64_t time)
{
    const struct weir__window_rules *rules = &reader->self->rules;
    bool stays = false;
    weir__assign(&reader->assigner, NULL, time, 0, &reader->windows);
    for (size_t i = 0; i < reader->windows.count; i++) {
        struct weir_window window = *(struct weir_window *)weir__vec_at(&reader->windows, i);
        int64_t cleanup = weir__window_cleanup_time(rules, window);
        bool over = cleanup <= reader->watermark && cleanup != WEIR_TIME_MAX;
        if (weir__window_saturates(window) || window.end - 1 <= reader->old_cut || over) {
            continue;
        }
        if (window.end - 1 <= reader->cut) {
            to_pane(reader, share, window);
        } else {
            stays = true;
        }
    }
    return stays;
}

static void share_to_panes(const struct weir__slice_share *share, void *user)
{
    to_panes(user, share, share->slice->start);
}

/* Windows that end at `cut` or before become panes. */
static void raise_cut(struct weir__window_operator *self, int64_t cut)
{
    struct weir__window_slices *sliced = self->sliced;
    if (sliced == NULL || cut <= sliced->cut) {
        return;
    }
    struct reader reader;
    reader_init(&reader, self);
    reader.watermark = sliced->watermark;
    reader.old_cut = sliced->cut;
    reader.cut = cut;
    weir__slices_each(&sliced->slices, share_to_panes, &reader);
    reader_fini(&reader);
    sliced->cut = cut;
    sliced->floor = cut > sliced->watermark ? cut : sliced->watermark;
}

/* ---- reading ---- */

static enum weir_status read_entry(struct weir__reader *in, void *memory, struct weir_error *error)
{
    struct reader *reader = memory;
    struct weir__window_operator *self = reader->self;
    const struct weir_type *type = self->config->aggregate->accumulator_type;
    struct weir__slice_share share = {.accumulator = self->accumulator};
    if (!weir__key_decode(in, &share.key)) {
        return weir_error_set(error, WEIR_CORRUPT, NULL,
                              "a slice in the snapshot has no readable key");
    }
    int64_t start = weir__read_zigzag(in);
    int64_t end = weir__read_zigzag(in);
    share.sequence = weir__read_varint(in);
    share.count = (int64_t)weir__read_varint(in);
    if (in->failed || start >= end || start == WEIR_TIME_MIN || share.count <= 0 ||
        share.sequence == 0 || weir__decode(type, in, share.accumulator) != WEIR_OK) {
        return weir_error_set(error, WEIR_CORRUPT, NULL, "a slice in the snapshot is damaged");
    }
    if (to_panes(reader, &share, start)) {
        struct weir__slices *slices = &self->sliced->slices;
        weir__slices_put(slices, weir__slices_at(slices, start), &share);
    }
    weir_value_fini(type, share.accumulator);
    return WEIR_OK;
}

static bool same_geometry(const struct weir__slices *slices, int64_t size_ms, int64_t slide_ms,
                          int64_t offset_ms)
{
    return slices->size_ms == size_ms && slices->slide_ms == slide_ms &&
           slices->offset_ms == offset_ms;
}

/* The geometry comes from bytes that may be damaged: it must be one that the assigner can work
 * with. */
static bool is_sane(int64_t size_ms, int64_t slide_ms, int64_t offset_ms)
{
    return size_ms > 0 && slide_ms > 0 && offset_ms > -slide_ms && offset_ms < slide_ms &&
           size_ms / slide_ms <= 10000000;
}

static enum weir_status read_slices(struct weir__window_operator *self, struct weir__reader *in,
                                    struct weir_error *error)
{
    struct weir__window_slices *sliced = self->sliced;
    uint64_t stored = (uint64_t)weir__read_i64(in);
    int64_t size_ms = weir__read_zigzag(in);
    int64_t slide_ms = weir__read_zigzag(in);
    int64_t offset_ms = weir__read_zigzag(in);
    int64_t watermark = weir__read_zigzag(in);
    int64_t old_cut = weir__read_zigzag(in);
    uint64_t next_sequence = weir__read_varint(in);
    if (in->failed || !is_sane(size_ms, slide_ms, offset_ms)) {
        return weir_error_set(error, WEIR_CORRUPT, NULL, "the snapshot of the slices is damaged");
    }
    if (self->layout.aggregate == NULL || fingerprint(self) != stored) {
        return weir_error_set(error, WEIR_MISMATCH, NULL,
                              "the windows in the snapshot hold accumulators of another type; "
                              "change the aggregate back, or start without the snapshot");
    }
    bool stay = sliced != NULL && same_geometry(&sliced->slices, size_ms, slide_ms, offset_ms);
    raise_cut(self, watermark > old_cut ? watermark : old_cut);
    struct reader reader;
    reader_init(&reader, self);
    reader.assigner = (struct weir_window_assigner){.kind = WEIR_ASSIGN_SLIDING,
                                                    .size_ms = size_ms,
                                                    .slide_ms = slide_ms,
                                                    .offset_ms = offset_ms};
    reader.watermark = watermark;
    reader.old_cut = old_cut;
    reader.cut = stay ? sliced->cut : WEIR_TIME_MAX;
    enum weir_status status = weir__groups_read(in, self->keyed.first_group, self->keyed.last_group,
                                                read_entry, &reader, error);
    int64_t last_pane = reader.last_pane;
    reader_fini(&reader);
    raise_cut(self, last_pane);
    if (stay && next_sequence > sliced->slices.next_sequence) {
        sliced->slices.next_sequence = next_sequence;
    }
    return status;
}

/* The latest end of a pane that is not at the end of time. */
static void find_last_pane(struct weir__key_node *key, struct weir__namespace ns, void *cell,
                           void *user)
{
    (void)key;
    (void)ns;
    int64_t *last = user;
    const struct weir__pane_set *set = cell;
    for (uint32_t i = 0; i < set->count; i++) {
        struct weir_window window = weir__pane_set_at(set, i)->window;
        if (!weir__window_saturates(window) && window.end - 1 > *last) {
            *last = window.end - 1;
        }
    }
}

static enum weir_status read_present(struct weir__window_operator *self, struct weir__reader *in,
                                     struct weir_error *error)
{
    uint8_t present = weir__read_u8(in);
    if (in->failed || present > SESSIONS) {
        return weir_error_set(error, WEIR_CORRUPT, NULL, "the snapshot of the windows ends early");
    }
    if (present == SESSIONS) {
        return weir__window_sessions_restore(self, in, error);
    }
    return present == SLICES ? read_slices(self, in, error) : WEIR_OK;
}

enum weir_status weir__window_slices_restore(struct weir__window_operator *self,
                                             struct weir__reader *in, struct weir_error *error)
{
    int64_t last_pane = WEIR_TIME_MIN;
    if (self->sliced != NULL) {
        weir__window_slices_settle(self);
        self->table->ops->each(self->table, find_last_pane, &last_pane);
        raise_cut(self, last_pane);
    }
    enum weir_status status = read_present(self, in, error);
    if (status == WEIR_OK && self->direct != NULL) {
        weir__window_sessions_absorb(self);
    }
    return status;
}

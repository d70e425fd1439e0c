/*
 * Snapshots of sessions, and their way into panes and back.
 *
 *     sessions := fingerprint i64, next sequence varint, entries by key group
 *     entry    := key, start, end zigzag, waits u8, sequence varint, count varint, accumulator
 *
 * A snapshot made by either path can be restored into either: without the fast path sessions become
 * panes, and their timers are registered in the order of their sequence; with it, panes become
 * sessions, in the order in which their timers would have fired.
 *
 * Where a cell is one piece of memory, a checkpoint copies cells at the barrier, and encodes them
 * later (types/freeze.h).
 */
#include "operator/window_operator.h"
#include "state/fingerprint.h"
#include "types/codec.h"
#include "types/key_groups.h"

/* ---- writing ---- */

static uint64_t fingerprint(const struct weir__window_operator *self)
{
    return weir__type_fingerprint(self->config->aggregate->accumulator_type);
}

static void write_cell(const struct weir__sessions *sessions, uint32_t cell, int max_parallelism,
                       struct weir__groups *groups)
{
    struct weir__key key = weir__session_key(sessions, cell);
    int group = weir__key_group(&key, max_parallelism);
    for (uint32_t i = 0; i < weir__session_count(sessions, cell); i++) {
        struct weir__session session;
        weir__session_get(sessions, cell, i, &session);
        struct weir__buf *bytes = weir__groups_entry(groups, group);
        weir__key_encode(&key, bytes);
        weir__buf_put_zigzag(bytes, session.window.start);
        weir__buf_put_zigzag(bytes, session.window.end);
        weir__buf_put_u8(bytes, session.waits);
        weir__buf_put_varint(bytes, session.sequence);
        weir__buf_put_varint(bytes, session.count);
        weir__encode(sessions->aggregate->accumulator_type, session.accumulator, bytes);
    }
}

static void write_cells(const struct weir__sessions *sessions, int max_parallelism,
                        struct weir__buf *out)
{
    struct weir__groups groups;
    weir__groups_init(&groups, max_parallelism);
    for (uint32_t cell = weir__pool_next(&sessions->cells, 0); cell != WEIR__POOL_NONE;
         cell = weir__pool_next(&sessions->cells, cell + 1)) {
        write_cell(sessions, cell, max_parallelism, &groups);
    }
    weir__groups_finish(&groups, out);
}

/* Cells that were copied at the barrier; of the operator only what is fixed, for it may have left
 * its sessions since. */
static void encode_cells(const void *owner, const struct weir__pool *cells, struct weir__buf *out)
{
    const struct weir__window_operator *self = owner;
    const struct weir__sessions sessions = {
        .rules = &self->rules,
        .kind = self->op.context->key->kind,
        .aggregate = self->config->aggregate,
        .cells = *cells,
    };
    write_cells(&sessions, self->op.context->max_parallelism, out);
}

/* A cell's bytes are all there is: no long keys, no lists, no memory of accumulators. */
static bool are_plain(const struct weir__sessions *sessions)
{
    return sessions->text_bytes == 0 && sessions->lists.count == 0 &&
           weir__type_is_plain(sessions->aggregate->accumulator_type);
}

void weir__window_sessions_snapshot(struct weir__window_operator *self, struct weir__buf *out)
{
    const struct weir__sessions *sessions = &self->direct->sessions;
    const struct weir__operator_context *context = self->op.context;
    const struct weir__gap gap = {.frozen = &self->frozen, .owner = self, .encode = encode_cells};
    weir__window_sessions_settle(self);
    weir__buf_put_i64(out, (int64_t)fingerprint(self));
    weir__buf_put_varint(out, sessions->next_sequence);
    if (!are_plain(sessions) || !weir__gaps_add(context->gaps, &gap, &sessions->cells, NULL, out)) {
        write_cells(sessions, context->max_parallelism, out);
    }
}

/* ---- reading ---- */

/* One session of the snapshot; the accumulator is borrowed. */
struct entry {
    struct weir_window window;
    bool waits;
    uint64_t sequence;
    uint64_t count;
    void *accumulator;
};

/* A session of the key that is not there yet, with a copy of the accumulator. */
static void put(struct weir__sessions *sessions, const struct weir__key *key,
                const struct entry *entry)
{
    uint32_t cell = weir__sessions_find(sessions, key);
    struct weir__session session;
    weir__sessions_add(sessions, key, cell, entry->window, &session);
    session.waits = entry->waits;
    session.sequence = entry->sequence;
    session.count = entry->count;
    weir_value_copy(sessions->aggregate->accumulator_type, session.accumulator, entry->accumulator);
    weir__session_set(sessions, &session);
    weir__sessions_file(sessions, &session);
}

struct reader {
    struct weir__window_operator *self;
    struct weir__vec pending; /* struct weir__window_pending */
};

static enum weir_status read_entry(struct weir__reader *in, void *memory, struct weir_error *error)
{
    struct reader *reader = memory;
    struct weir__window_operator *self = reader->self;
    const struct weir_type *type = self->config->aggregate->accumulator_type;
    struct entry entry = {.accumulator = self->accumulator};
    struct weir__key key;
    bool ok = weir__key_decode(in, &key);
    entry.window.start = weir__read_zigzag(in);
    entry.window.end = weir__read_zigzag(in);
    entry.waits = weir__read_u8(in) != 0;
    entry.sequence = weir__read_varint(in);
    entry.count = weir__read_varint(in);
    if (!ok || in->failed || entry.window.start > entry.window.end || entry.count == 0 ||
        entry.count > INT64_MAX || key.kind != self->op.context->key->kind ||
        weir__decode(type, in, entry.accumulator) != WEIR_OK) {
        return weir_error_set(error, WEIR_CORRUPT, NULL, "a session in the snapshot is damaged");
    }
    if (self->direct != NULL) {
        put(&self->direct->sessions, &key, &entry);
    } else {
        weir__window_set_key(self, &key);
        struct weir__pane *pane = weir__window_obtain(self, entry.window);
        weir__pane_add_accumulator(&self->layout, pane, entry.accumulator, (int64_t)entry.count);
        weir__window_pending_add(self, &reader->pending, entry.window, entry.sequence, entry.waits);
    }
    weir_value_fini(type, entry.accumulator);
    return WEIR_OK;
}

enum weir_status weir__window_sessions_restore(struct weir__window_operator *self,
                                               struct weir__reader *in, struct weir_error *error)
{
    uint64_t stored = (uint64_t)weir__read_i64(in);
    uint64_t next_sequence = weir__read_varint(in);
    if (in->failed) {
        return weir_error_set(error, WEIR_CORRUPT, NULL, "the snapshot of the sessions ends early");
    }
    if (self->layout.aggregate == NULL || fingerprint(self) != stored) {
        return weir_error_set(error, WEIR_MISMATCH, NULL,
                              "the sessions in the snapshot hold accumulators of another type; "
                              "change the aggregate back, or start without the snapshot");
    }
    struct reader reader = {self, WEIR__VEC_OF(struct weir__window_pending)};
    enum weir_status status = weir__groups_read(in, self->keyed.first_group, self->keyed.last_group,
                                                read_entry, &reader, error);
    weir__window_pending_register(self, &reader.pending);
    if (self->direct != NULL && next_sequence > self->direct->sessions.next_sequence) {
        self->direct->sessions.next_sequence = next_sequence;
    }
    return status;
}

/* ---- panes become sessions ---- */

struct absorption {
    struct weir__window_operator *self;
    struct weir__vec keys; /* struct weir__key_node *: of the panes; referred to */
};

static void absorb_set(struct weir__key_node *key, struct weir__namespace ns, void *cell,
                       void *user)
{
    (void)ns;
    struct absorption *absorption = user;
    const struct weir__pane_set *set = cell;
    for (uint32_t i = 0; i < set->count; i++) {
        struct weir__pane *pane = weir__pane_set_at(set, i);
        if (pane->count == 0) {
            continue; /* purged, by a trigger of former days */
        }
        struct entry entry = {.window = pane->window,
                              .sequence = 0,
                              .count = (uint64_t)pane->count,
                              .accumulator = weir__pane_accumulator(pane)};
        put(&absorption->self->direct->sessions, &key->key, &entry);
    }
    weir__key_ref(key);
    weir__vec_push(&absorption->keys, &key);
}

/* A timer at the end of a session: it waits. */
static void absorb_timer(struct weir__sessions *sessions, const struct weir__timer *timer)
{
    uint32_t cell = weir__sessions_find(sessions, &timer->key->key);
    uint32_t count = cell != WEIR__POOL_NONE ? weir__session_count(sessions, cell) : 0;
    for (uint32_t i = 0; i < count; i++) {
        struct weir__session session;
        weir__session_get(sessions, cell, i, &session);
        if (session.window.start == timer->ns.a && session.window.end == timer->ns.b &&
            timer->time == session.window.end - 1) {
            session.waits = true;
            session.sequence = sessions->next_sequence++;
            weir__session_set(sessions, &session);
            weir__sessions_file(sessions, &session);
        }
    }
}

void weir__window_sessions_absorb(struct weir__window_operator *self)
{
    struct absorption absorption = {self, WEIR__VEC_OF(struct weir__key_node *)};
    struct weir__timer due;
    self->table->ops->each(self->table, absorb_set, &absorption);
    while (weir__keyed_next_timer(&self->keyed, WEIR__EVENT_TIME, WEIR_TIME_MAX, &due)) {
        absorb_timer(&self->direct->sessions, &due);
    }
    for (size_t i = 0; i < absorption.keys.count; i++) {
        struct weir__key_node *key = *(struct weir__key_node **)weir__vec_at(&absorption.keys, i);
        self->table->ops->remove(self->table, key, WEIR__NO_NAMESPACE);
        weir__key_unref(&self->keyed.keys, key);
    }
    weir__vec_fini(&absorption.keys);
}

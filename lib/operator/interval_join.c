/*
 * The interval join: pairs of a left and a right event of one key whose timestamps are near each
 * other.
 *
 *     left.ts + lower <= right.ts <= left.ts + upper        (both bounds belong to the interval)
 *
 * State: for each key the events of either side that one of the other side may still meet (one cell
 * of the table "events"), and for each side a timer at the clean-up time of its oldest event. Where
 * Flink sets a timer for each event, this one moves on when it fires: what is remembered after a
 * watermark is the same. Clean-up times:
 *
 *     left event    ts + upper where upper > 0, else ts: no later right event is in reach
 *     right event   ts - lower where lower < 0, else ts
 *
 * All sums saturate; a lower bound of WEIR_TIME_MIN and an upper one of WEIR_TIME_MAX are no
 * bounds.
 *
 *     snapshot := version u8, keyed state and timers      cell := left events, right events
 *
 * Source: semantics sheet, section 15.
 */
#include "base/mem.h"
#include "metrics/metrics.h"
#include "operator/context.h"
#include "operator/join.h"
#include "operator/join_buffer.h"
#include "operator/result_tap.h"
#include "operator/trace_record.h"
#include "state/keyed.h"
#include "trace/trace.h"

#include <inttypes.h>

#define VERSION 1

enum side { LEFT, RIGHT };

struct join_factory {
    struct weir__operator_factory factory;
    struct weir__interval interval;
    struct weir_join_function function;
    const char *late[2]; /* the tags' names; NULL: none */
};

/* A cell: what is remembered of a key. */
struct cell {
    struct weir__join_buffer sides[2];
};

struct interval_join {
    struct weir__operator op;
    const struct join_factory *settings;
    const struct weir_type *types[2]; /* the spec of cells */
    struct weir__output *late[2];     /* NULL: dropped */
    int64_t *late_dropped;
    struct weir__keyed keyed;
    struct weir__table *table; /* of struct cell */
    struct weir_collector collector;
    struct weir__result_tap tap;
    bool open;
};

static struct interval_join *self_of(struct weir__operator *op)
{
    return (struct interval_join *)op;
}

/* ---- cells ---- */

static void cell_fini(void *memory, const void *spec)
{
    const struct weir_type *const *types = spec;
    struct cell *cell = memory;
    for (int side = LEFT; side <= RIGHT; side++) {
        weir__join_buffer_drop(&cell->sides[side], types[side], cell->sides[side].count);
    }
}

static void cell_encode(const void *memory, const void *spec, struct weir__buf *out)
{
    const struct weir_type *const *types = spec;
    const struct cell *cell = memory;
    for (int side = LEFT; side <= RIGHT; side++) {
        weir__join_buffer_encode(&cell->sides[side], types[side], out);
    }
}

static enum weir_status cell_decode(void *memory, const void *spec, struct weir__reader *in,
                                    struct weir_error *error)
{
    const struct weir_type *const *types = spec;
    struct cell *cell = memory;
    for (int side = LEFT; side <= RIGHT; side++) {
        if (!weir__join_buffer_decode(&cell->sides[side], types[side], in)) {
            return weir_error_set(error, WEIR_CORRUPT, NULL,
                                  "the %s events of a key in the snapshot are damaged",
                                  side == LEFT ? "left" : "right");
        }
    }
    return WEIR_OK;
}

static const struct weir__cell_ops cell_ops = {
    .fini = cell_fini, .encode = cell_encode, .decode = cell_decode};

/* ---- life ---- */

static enum weir_status open_join(struct weir__operator *op, struct weir_error *error)
{
    struct interval_join *self = self_of(op);
    struct weir__operator_context *context = op->context;
    enum weir_status status = weir__operator_keyed_init(op, &self->keyed, error);
    if (status != WEIR_OK) {
        return status;
    }
    self->types[LEFT] = context->in_type;
    self->types[RIGHT] = context->second_type;
    self->table = weir__keyed_open_table(&self->keyed, &(struct weir__table_config){
                                                           .name = "events",
                                                           .ops = &cell_ops,
                                                           .spec = self->types,
                                                           .cell_size = sizeof(struct cell),
                                                       });
    for (int side = LEFT; side <= RIGHT; side++) {
        const char *tag = self->settings->late[side];
        self->late[side] = tag != NULL ? weir__operator_side(op, tag) : NULL;
    }
    self->late_dropped = weir__metric_counter(context->metrics, WEIR__LATE_DROPPED);
    self->collector.output = weir__result_tap_init(&self->tap, context, &self->keyed.key);
    self->open = true;
    return WEIR_OK;
}

static void free_join(struct weir__operator *op)
{
    struct interval_join *self = self_of(op);
    if (self->open) {
        weir__keyed_fini(&self->keyed);
    }
    weir__free(self);
}

/* ---- the clean-up timer of a side of the key in hand ---- */

static int64_t cleanup_time(const struct interval_join *self, int side, int64_t timestamp)
{
    return weir__interval_cleanup(&self->settings->interval, side == RIGHT, timestamp);
}

static struct weir__namespace timer_namespace(int side)
{
    return (struct weir__namespace){side, 0};
}

static void trace_timer(const struct interval_join *self, const char *action, int64_t time)
{
    if (weir__tracing(self->op.context->tracer)) {
        weir__trace_keyed_timer(self->op.context, &self->keyed, action, time, WEIR__EVENT_TIME);
    }
}

static void register_cleanup(struct interval_join *self, int side, int64_t time)
{
    if (weir__keyed_register_timer(&self->keyed, WEIR__EVENT_TIME, timer_namespace(side), time)) {
        trace_timer(self, "register", time);
    }
}

/* The event at the front is new: the timer is for the one in front. */
static void bring_forward(struct interval_join *self, int side,
                          const struct weir__join_buffer *buffer)
{
    const struct weir_type *type = self->types[side];
    int64_t time = cleanup_time(self, side, weir__join_buffer_at(buffer, type, 0)->timestamp);
    if (buffer->count > 1) {
        int64_t old = cleanup_time(self, side, weir__join_buffer_at(buffer, type, 1)->timestamp);
        if (old != time &&
            weir__keyed_delete_timer(&self->keyed, WEIR__EVENT_TIME, timer_namespace(side), old)) {
            trace_timer(self, "delete", old);
        }
    }
    register_cleanup(self, side, time);
}

static void clean_up(struct interval_join *self, int side)
{
    struct cell *cell = self->table->ops->find(self->table, self->keyed.node, WEIR__NO_NAMESPACE);
    if (cell == NULL) {
        return;
    }
    struct weir__join_buffer *buffer = &cell->sides[side];
    uint32_t gone = 0;
    int64_t next = WEIR_TIME_MAX;
    for (; gone < buffer->count; gone++) {
        next = cleanup_time(self, side,
                            weir__join_buffer_at(buffer, self->types[side], gone)->timestamp);
        if (next > self->op.context->watermark) {
            break;
        }
    }
    weir__join_buffer_drop(buffer, self->types[side], gone);
    if (buffer->count > 0) {
        register_cleanup(self, side, next);
    }
    if (cell->sides[LEFT].count == 0 && cell->sides[RIGHT].count == 0) {
        self->table->ops->remove(self->table, self->keyed.node, WEIR__NO_NAMESPACE);
    } else {
        self->table->ops->changed(self->table, cell);
    }
}

static void take_watermark(struct weir__operator *op, int64_t watermark)
{
    struct interval_join *self = self_of(op);
    struct weir__timer due;
    while (weir__keyed_next_timer(&self->keyed, WEIR__EVENT_TIME, watermark, &due)) {
        trace_timer(self, "fire", due.time);
        clean_up(self, (int)due.ns.a);
    }
    weir__operator_forward_watermark(op, watermark);
}

/* ---- one event ---- */

static void take_late(struct interval_join *self, int side, const struct weir__record *record)
{
    const struct weir__operator_context *context = self->op.context;
    struct weir__output *late = self->late[side];
    if (weir__tracing(context->tracer)) {
        char key[24];
        weir__trace_late(context->tracer, record->id, context->id,
                         weir__key_text(&self->keyed.key, key), record->timestamp,
                         context->watermark, late != NULL ? "side-output" : "dropped");
    }
    if (late != NULL) {
        weir__output_record(late, record);
    } else {
        (*self->late_dropped)++;
    }
}

static void emit_pair(struct interval_join *self, const struct weir__join_item *left,
                      const struct weir__join_item *right, int64_t id)
{
    const struct weir_join_function *function = &self->settings->function;
    const struct weir__key *key = &self->keyed.key;
    int64_t later = left->timestamp > right->timestamp ? left->timestamp : right->timestamp;
    struct weir_join_context context = {
        .key_type = weir__key_type(key->kind),
        .key = weir__key_value(key),
        .left_timestamp = left->timestamp,
        .right_timestamp = right->timestamp,
        .timestamp = later,
    };
    self->collector.element =
        (struct weir__record){.timestamp = later, .id = id, .split = WEIR__NO_SPLIT};
    function->join(left->value, right->value, &context, &self->collector, function->user);
}

/* The new event at `index` of its side with all of the other side that are in reach. */
static void join(struct interval_join *self, int side, const struct cell *cell, uint32_t index,
                 int64_t id)
{
    const struct weir__interval *interval = &self->settings->interval;
    int other = side == LEFT ? RIGHT : LEFT;
    const struct weir__join_buffer *waiting = &cell->sides[other];
    const struct weir__join_item *mine =
        weir__join_buffer_at(&cell->sides[side], self->types[side], index);
    int64_t from = weir__interval_from(interval, side == RIGHT, mine->timestamp);
    for (uint32_t i = weir__join_buffer_find(waiting, self->types[other], from); i < waiting->count;
         i++) {
        const struct weir__join_item *found = weir__join_buffer_at(waiting, self->types[other], i);
        const struct weir__join_item *left = side == LEFT ? mine : found;
        const struct weir__join_item *right = side == LEFT ? found : mine;
        if (!weir__interval_holds(interval, left->timestamp, right->timestamp)) {
            break; /* sorted: those behind it are further away */
        }
        emit_pair(self, left, right, id);
    }
}

static void process(struct weir__operator *op, int side, const struct weir__record *record)
{
    struct interval_join *self = self_of(op);
    if (record->timestamp == WEIR_TIME_MIN) {
        weir__operator_reject(op,
                              "the %s event has no timestamp; an interval join needs one: "
                              "assign timestamps before it",
                              side == LEFT ? "left" : "right");
        return;
    }
    struct weir__key key;
    weir__key_read(weir__operator_input_key(op->context, side), record->value, &key);
    weir__keyed_set_key(&self->keyed, &key);
    if (record->timestamp < op->context->watermark) { /* equal is on time */
        take_late(self, side, record);
        return;
    }
    bool created;
    struct cell *cell = self->table->ops->obtain(self->table, weir__keyed_node(&self->keyed),
                                                 WEIR__NO_NAMESPACE, &created);
    struct weir__join_buffer *buffer = &cell->sides[side];
    uint32_t index =
        weir__join_buffer_add(buffer, self->types[side], record->value, record->timestamp);
    if (index == 0) {
        bring_forward(self, side, buffer);
    }
    join(self, side, cell, index, record->id);
}

/* ---- state ---- */

static void snapshot(struct weir__operator *op, struct weir__buf *out)
{
    weir__buf_put_u8(out, VERSION);
    weir__operator_keyed_snapshot(op, &self_of(op)->keyed, out);
}

static enum weir_status restore(struct weir__operator *op, struct weir_str bytes,
                                struct weir_error *error)
{
    struct weir__reader in = weir__reader_of(bytes);
    uint8_t version = weir__read_u8(&in);
    if (in.failed || version != VERSION) {
        return weir_error_set(error, WEIR_CORRUPT, op->context->name,
                              "the snapshot of the interval join has version %u, expected %u",
                              version, VERSION);
    }
    return weir__operator_keyed_restore(op, &self_of(op)->keyed, &in, error);
}

static void count_events(struct weir__key_node *key, struct weir__namespace ns, void *memory,
                         void *user)
{
    (void)key;
    (void)ns;
    const struct cell *cell = memory;
    *(int64_t *)user += (int64_t)cell->sides[LEFT].count + (int64_t)cell->sides[RIGHT].count;
}

/* An entry is an event that is remembered. */
static void holdings(const struct weir__operator *op, struct weir__holdings *out)
{
    const struct interval_join *self = (const struct interval_join *)op;
    self->table->ops->each(self->table, count_events, &out->state_entries);
    out->event_timers += (int64_t)weir__keyed_timer_count(&self->keyed, WEIR__EVENT_TIME);
}

static const struct weir__operator_ops ops = {
    .kind = "IntervalJoin",
    .open = open_join,
    .process = process,
    .watermark = take_watermark,
    .snapshot = snapshot,
    .restore = restore,
    .holdings = holdings,
    .free = free_join,
};

/* ---- the factory ---- */

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    struct interval_join *self = WEIR__NEW(struct interval_join);
    self->op.ops = &ops;
    self->settings = (const struct join_factory *)factory;
    return &self->op;
}

static void describe(const struct weir__operator_factory *factory, struct weir__buf *json)
{
    const struct weir__interval *interval = &((const struct join_factory *)factory)->interval;
    weir__buf_printf(json, "\"join\":\"interval\",\"lower\":%" PRId64 ",\"upper\":%" PRId64,
                     interval->lower, interval->upper);
}

struct weir__operator_factory *weir__interval_join_factory(
    const struct weir_interval_join_config *config)
{
    struct join_factory *factory = WEIR__NEW(struct join_factory);
    factory->factory = (struct weir__operator_factory){
        .ops = &ops, .create = create, .describe = describe, .free = weir__factory_free_plain};
    factory->interval = weir__interval_of(config);
    factory->function = *config->function;
    factory->late[LEFT] = config->late_left != NULL ? config->late_left->name : NULL;
    factory->late[RIGHT] = config->late_right != NULL ? config->late_right->name : NULL;
    return &factory->factory;
}

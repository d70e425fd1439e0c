/*
 * The keyed window operator: its life, time, and snapshots.
 *
 *     snapshot := version u8, elements so far varint,
 *                 keyed state and timers (state/keyed.h), slices (window_slices_state.c)
 *
 * The watermark is not part of a snapshot: after a restore it is WEIR_TIME_MIN until a new one
 * comes.
 */
#include "operator/window_operator.h"

#include "base/hash.h"
#include "base/mem.h"
#include "metrics/metrics.h"
#include "operator/process.h"
#include "operator/window_factory.h"
#include "state/fingerprint.h"

#define VERSION 1

/* Of what panes hold: accumulators or elements, and the trigger's state. */
static uint64_t fingerprint(const struct weir__window_operator *self)
{
    const struct weir_aggregate *aggregate = self->layout.aggregate;
    const struct weir_type *contents =
        aggregate != NULL ? aggregate->accumulator_type : self->layout.in_type;
    uint64_t hash = weir__hash_join(aggregate != NULL, weir__type_fingerprint(contents));
    return weir__hash_join(hash, weir__type_fingerprint(self->layout.state_type));
}

static enum weir_status declare_states(struct weir__window_operator *self, struct weir_error *error)
{
    const struct weir_window_function *function = self->config->process;
    if (function == NULL) {
        return WEIR_OK;
    }
    enum weir_status status = weir__keyed_declare(&self->keyed, function->window_states, error);
    return status == WEIR_OK ? weir__keyed_declare(&self->keyed, function->global_states, error)
                             : status;
}

static enum weir_status open_operator(struct weir__operator *op, struct weir_error *error)
{
    struct weir__window_operator *self = weir__window_operator_of(op);
    const struct weir__operator_context *context = op->context;
    const struct weir_window_config *config = self->config;
    enum weir_status status = weir__operator_keyed_init(op, &self->keyed, error);
    if (status != WEIR_OK) {
        return status;
    }
    const struct weir__backend_ops *backend = self->keyed.backend->ops;
    self->room = backend->room != NULL ? backend->room(self->keyed.backend) : SIZE_MAX;
    bool incremental = config->aggregate != NULL && config->evictor.kind == WEIR_EVICT_NONE;
    self->rules = weir__window_rules_of(config);
    weir__trigger_init(&self->trigger, &config->trigger, &self->rules, context->in_type);
    weir__pane_layout_init(&self->layout, incremental ? config->aggregate : NULL, context->in_type,
                           self->trigger.ops.state_type);
    self->table =
        weir__keyed_open_table(&self->keyed, &(struct weir__table_config){
                                                 .name = "windows",
                                                 .ops = &weir__pane_set_cell_ops,
                                                 .spec = &self->layout,
                                                 .cell_size = sizeof(struct weir__pane_set),
                                                 .fingerprint = fingerprint(self),
                                             });
    self->late =
        config->late_output != NULL ? weir__operator_side(op, config->late_output->name) : NULL;
    self->late_dropped = weir__metric_counter(context->metrics, WEIR__LATE_DROPPED);
    self->in_windows = weir__metric_counter(context->metrics, WEIR__IN_WINDOWS);
    self->in_no_window = weir__metric_counter(context->metrics, WEIR__IN_NO_WINDOW);
    if (config->aggregate != NULL) {
        self->result = weir__alloc(config->aggregate->out_type->size);
        self->accumulator = weir__alloc(config->aggregate->accumulator_type->size);
    }
    self->windows = WEIR__VEC_OF(struct weir_window);
    self->view = WEIR__VEC_OF(struct weir_window_element);
    self->keep = WEIR__VEC_OF(bool);
    self->merged = WEIR__VEC_OF(int64_t[2]);
    weir__window_fire_init(self);
    weir__window_slices_open(self);
    weir__window_sessions_open(self);
    self->open = true;
    return declare_states(self, error);
}

static void process(struct weir__operator *op, int input, const struct weir__record *record)
{
    (void)input;
    struct weir__window_operator *self = weir__window_operator_of(op);
    if (self->room != SIZE_MAX) {
        weir__window_keep_to_room(self);
    }
    if (self->sliced != NULL) {
        weir__window_slices_process(self, record);
    } else if (self->direct != NULL) {
        weir__window_sessions_process(self, record);
    } else {
        weir__window_process(self, record);
    }
}

static void process_batch(struct weir__operator *op, const struct weir__record *records,
                          size_t count)
{
    struct weir__window_operator *self = weir__window_operator_of(op);
    if (self->sliced != NULL) {
        weir__window_slices_process_batch(self, records, count);
    } else if (self->direct != NULL) {
        weir__window_sessions_process_batch(self, records, count);
    } else {
        for (size_t i = 0; i < count && !op->context->failed; i++) {
            weir__window_process(self, &records[i]);
        }
    }
}

/* ---- time ---- */

static void fire_timers(struct weir__window_operator *self, enum weir__time_domain domain,
                        int64_t limit)
{
    struct weir__timer due;
    while (!self->op.context->failed && weir__keyed_next_timer(&self->keyed, domain, limit, &due)) {
        weir__window_timer(self, domain, &due);
    }
}

static void take_watermark(struct weir__operator *op, int64_t watermark)
{
    struct weir__window_operator *self = weir__window_operator_of(op);
    if (self->sliced != NULL) {
        /* Panes beside slices end before all of them, or at the end of time. */
        int64_t before_the_end = WEIR_TIME_MAX - 2;
        fire_timers(self, WEIR__EVENT_TIME,
                    watermark < before_the_end ? watermark : before_the_end);
        weir__window_slices_advance(self, watermark);
    }
    if (self->direct != NULL) {
        weir__window_sessions_advance(self, watermark);
    }
    fire_timers(self, WEIR__EVENT_TIME, watermark);
    if (!op->context->failed) {
        weir__operator_forward_watermark(op, watermark);
    }
}

static int64_t next_tick(const struct weir__operator *op)
{
    const struct weir__window_operator *self = (const struct weir__window_operator *)op;
    return weir__keyed_next_time(&self->keyed, WEIR__PROCESSING_TIME);
}

static void tick(struct weir__operator *op, int64_t now_ms)
{
    fire_timers(weir__window_operator_of(op), WEIR__PROCESSING_TIME, now_ms);
}

/* ---- state ---- */

static void snapshot(struct weir__operator *op, struct weir__buf *out)
{
    struct weir__window_operator *self = weir__window_operator_of(op);
    weir__buf_put_u8(out, VERSION);
    weir__buf_put_varint(out, self->arrivals);
    weir__operator_keyed_snapshot(op, &self->keyed, out);
    weir__window_slices_snapshot(self, out);
}

static enum weir_status restore(struct weir__operator *op, struct weir_str bytes,
                                struct weir_error *error)
{
    struct weir__window_operator *self = weir__window_operator_of(op);
    struct weir__reader in = weir__reader_of(bytes);
    uint8_t version = weir__read_u8(&in);
    uint64_t arrivals = weir__read_varint(&in);
    if (in.failed || version != VERSION) {
        return weir_error_set(error, WEIR_CORRUPT, op->context->name,
                              "the snapshot of the windows has version %u, expected %u", version,
                              VERSION);
    }
    self->arrivals = arrivals > self->arrivals ? arrivals : self->arrivals;
    enum weir_status status = weir__operator_keyed_restore(op, &self->keyed, &in, error);
    if (status != WEIR_OK) {
        return status;
    }
    weir__window_make_room(self);
    return weir__window_slices_restore(self, &in, error);
}

static void count_panes(struct weir__key_node *key, struct weir__namespace ns, void *cell,
                        void *user)
{
    (void)key;
    (void)ns;
    *(int64_t *)user += ((const struct weir__pane_set *)cell)->count;
}

static void holdings(const struct weir__operator *op, struct weir__holdings *out)
{
    const struct weir__window_operator *self = (const struct weir__window_operator *)op;
    int64_t panes = 0;
    self->table->ops->each(self->table, count_panes, &panes);
    out->windows += panes;
    weir__count_entries(&self->keyed, out);
    /* an entry of the operator's own table is a key with all its panes */
    out->state_entries += panes - (int64_t)self->table->ops->count(self->table);
    out->event_timers += (int64_t)weir__keyed_timer_count(&self->keyed, WEIR__EVENT_TIME);
    out->processing_timers += (int64_t)weir__keyed_timer_count(&self->keyed, WEIR__PROCESSING_TIME);
    if (self->sliced != NULL) {
        weir__window_slices_holdings(self, out);
    }
    if (self->direct != NULL) {
        weir__window_sessions_holdings(self->direct->owner, out);
    }
}

static void free_operator(struct weir__operator *op)
{
    struct weir__window_operator *self = weir__window_operator_of(op);
    if (self->open) {
        weir__window_slices_close(self);
        weir__window_sessions_close(self);
        weir__frozen_fini(&self->frozen);
        weir__keyed_fini(&self->keyed);
        weir__pane_layout_fini(&self->layout);
        weir__vec_fini(&self->windows);
        weir__vec_fini(&self->view);
        weir__vec_fini(&self->keep);
        weir__vec_fini(&self->merged);
        weir__free(self->result);
        weir__free(self->accumulator);
    }
    weir__free(self);
}

const struct weir__operator_ops weir__window_operator_ops = {
    .kind = "Window",
    .open = open_operator,
    .process = process,
    .process_batch = process_batch,
    .watermark = take_watermark,
    .next_tick = next_tick,
    .tick = tick,
    .snapshot = snapshot,
    .restore = restore,
    .holdings = holdings,
    .free = free_operator,
};

struct weir__operator *weir__window_operator_new(const struct weir_window_config *config)
{
    struct weir__window_operator *self = WEIR__NEW(struct weir__window_operator);
    self->op.ops = &weir__window_operator_ops;
    self->config = config;
    return &self->op;
}

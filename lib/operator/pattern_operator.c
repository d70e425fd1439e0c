/*
 * The pattern operator: events wait for the watermark, and are matched in order of time.
 *
 * Each event sets a timer of its key at its timestamp, and each attempt one at its end, so a
 * watermark visits the keys that have something to do, in the order of their first timer. A visit
 * does everything up to the watermark at once, as Flink does: for each timestamp time advances,
 * attempts that are too old end, and its events are matched; then time advances to the watermark.
 *
 *     snapshot := keyed state and timers (state/keyed.h); cells as in pattern_state.c
 *
 * The watermark is not part of it. Source: semantics sheet, sections 10 and 22.
 */
#include "base/hash.h"
#include "base/mem.h"
#include "metrics/metrics.h"
#include "operator/factories.h"
#include "operator/pattern.h"
#include "state/fingerprint.h"
#include "trace/trace.h"

struct pattern_factory {
    struct weir__operator_factory factory;
    struct weir_pattern_config config;
    struct weir_pattern_step *steps; /* the copy that config points to */
};

static struct weir__pattern_operator *self_of(struct weir__operator *op)
{
    return (struct weir__pattern_operator *)op;
}

/* ---- events ---- */

static void take_late(struct weir__pattern_operator *self, const struct weir__record *record)
{
    const struct weir__operator_context *context = self->op.context;
    if (weir__tracing(context->tracer)) {
        char key[24];
        weir__trace_late(context->tracer, record->id, context->id,
                         weir__key_text(&self->keyed.key, key), record->timestamp,
                         context->watermark, self->late != NULL ? "side-output" : "dropped");
    }
    if (self->late == NULL) {
        ++*self->late_dropped;
        return;
    }
    struct weir__record late = *record;
    late.split = WEIR__NO_SPLIT;
    weir__output_record(self->late, &late);
}

static void process(struct weir__operator *op, int input, const struct weir__record *record)
{
    (void)input;
    struct weir__pattern_operator *self = self_of(op);
    if (record->timestamp == WEIR_TIME_MIN) {
        weir__operator_reject(op, "the event has no timestamp; patterns need one: assign "
                                  "timestamps before the pattern");
        return;
    }
    struct weir__key key;
    weir__key_read(op->context->key, record->value, &key);
    weir__keyed_set_key(&self->keyed, &key);
    if (record->timestamp <= op->context->watermark) {
        take_late(self, record);
        return;
    }
    bool created;
    struct weir__pattern_cell *cell = self->table->ops->obtain(
        self->table, weir__keyed_node(&self->keyed), WEIR__NO_NAMESPACE, &created);
    weir__pattern_wait(cell,
                       weir__pattern_event_new(&self->store, record->value, record->timestamp));
    weir__keyed_register_timer(&self->keyed, WEIR__EVENT_TIME, WEIR__NO_NAMESPACE,
                               record->timestamp);
}

/* ---- time ---- */

static void match_until(struct weir__pattern_operator *self, struct weir__pattern_cell *cell,
                        int64_t watermark)
{
    size_t taken = 0;
    while (taken < cell->waiting.count) {
        struct weir__pattern_event *event =
            *(struct weir__pattern_event **)weir__vec_at(&cell->waiting, taken);
        if (event->timestamp > watermark) {
            break;
        }
        weir__pattern_advance(self, cell, event->timestamp);
        if (weir__pattern_take(self, cell, event) && self->config->within_ms > 0) {
            weir__keyed_register_timer(&self->keyed, WEIR__EVENT_TIME, WEIR__NO_NAMESPACE,
                                       weir_time_add(event->timestamp, self->config->within_ms));
        }
        weir__pattern_event_unref(&self->store, event);
        taken++;
    }
    struct weir__vec *waiting = &cell->waiting;
    waiting->count -= taken;
    if (taken > 0 && waiting->count > 0) {
        struct weir__pattern_event **items = waiting->items;
        memmove(items, items + taken, waiting->count * sizeof(*items));
    }
    weir__pattern_advance(self, cell, watermark);
}

/* The key in hand has something to do, unless an earlier timer of this watermark did it. */
static void visit(struct weir__pattern_operator *self, int64_t watermark)
{
    struct weir__key_node *node = weir__keyed_node(&self->keyed);
    struct weir__pattern_cell *cell = self->table->ops->find(self->table, node, WEIR__NO_NAMESPACE);
    if (cell == NULL) {
        return;
    }
    match_until(self, cell, watermark);
    if (cell->waiting.count == 0 && cell->attempts.count == 0) {
        self->table->ops->remove(self->table, node, WEIR__NO_NAMESPACE);
    } else {
        self->table->ops->changed(self->table, cell);
    }
}

static void take_watermark(struct weir__operator *op, int64_t watermark)
{
    struct weir__pattern_operator *self = self_of(op);
    struct weir__timer due;
    while (!op->context->failed &&
           weir__keyed_next_timer(&self->keyed, WEIR__EVENT_TIME, watermark, &due)) {
        visit(self, watermark);
    }
    if (!op->context->failed) {
        weir__operator_forward_watermark(op, watermark);
    }
}

/* ---- state ---- */

static void snapshot(struct weir__operator *op, struct weir__buf *out)
{
    weir__operator_keyed_snapshot(op, &self_of(op)->keyed, out);
}

static enum weir_status restore(struct weir__operator *op, struct weir_str bytes,
                                struct weir_error *error)
{
    struct weir__reader in = weir__reader_of(bytes);
    return weir__operator_keyed_restore(op, &self_of(op)->keyed, &in, error);
}

static void holdings(const struct weir__operator *op, struct weir__holdings *out)
{
    const struct weir__pattern_operator *self = (const struct weir__pattern_operator *)op;
    out->state_entries += (int64_t)self->table->ops->count(self->table);
    out->event_timers += (int64_t)weir__keyed_timer_count(&self->keyed, WEIR__EVENT_TIME);
}

/* ---- life ---- */

/* Attempts count steps: those of another pattern mean nothing to this one. */
static uint64_t fingerprint(const struct weir__pattern_store *store)
{
    uint64_t hash = weir__type_fingerprint(store->type);
    for (uint32_t i = 0; i < store->step_count; i++) {
        const struct weir_pattern_step *step = &store->steps[i];
        hash = weir__hash_join(hash, weir__hash_bytes(step->name, strlen(step->name)));
        hash = weir__hash_join(hash, (uint64_t)step->loop);
    }
    return hash;
}

static enum weir_status open_operator(struct weir__operator *op, struct weir_error *error)
{
    struct weir__pattern_operator *self = self_of(op);
    const struct weir__operator_context *context = op->context;
    enum weir_status status = weir__operator_keyed_init(op, &self->keyed, error);
    if (status != WEIR_OK) {
        return status;
    }
    weir__pattern_store_init(&self->store, self->config);
    self->table = weir__keyed_open_table(
        &self->keyed, &(struct weir__table_config){.name = "pattern",
                                                   .ops = &weir__pattern_cell_ops,
                                                   .spec = &self->store,
                                                   .cell_size = sizeof(struct weir__pattern_cell),
                                                   .fingerprint = fingerprint(&self->store)});
    self->late = self->config->late_output != NULL
                     ? weir__operator_side(op, self->config->late_output->name)
                     : NULL;
    self->late_dropped = weir__metric_counter(context->metrics, WEIR__LATE_DROPPED);
    self->timed_out = weir__metric_counter(context->metrics, WEIR__TIMED_OUT_MATCHES);
    self->context =
        (struct weir_context){.op = op, .out.output = &context->main, .keyed = &self->keyed};
    self->before = WEIR__VEC_OF(struct weir__attempt);
    self->open = true;
    return WEIR_OK;
}

static void free_operator(struct weir__operator *op)
{
    struct weir__pattern_operator *self = self_of(op);
    if (self->open) {
        weir__keyed_fini(&self->keyed);
        weir__pattern_store_fini(&self->store);
        weir__vec_fini(&self->before);
    }
    weir__free(self);
}

static const struct weir__operator_ops ops = {
    .kind = "Pattern",
    .open = open_operator,
    .process = process,
    .watermark = take_watermark,
    .snapshot = snapshot,
    .restore = restore,
    .holdings = holdings,
    .free = free_operator,
};

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    struct weir__pattern_operator *self = WEIR__NEW(struct weir__pattern_operator);
    self->op.ops = &ops;
    self->config = &((const struct pattern_factory *)factory)->config;
    return &self->op;
}

static void describe(const struct weir__operator_factory *factory, struct weir__buf *json)
{
    const struct weir_pattern_config *config = &((const struct pattern_factory *)factory)->config;
    char *about = weir__pattern_about(config);
    struct weir_str text = weir_str_from(about);
    char quoted[200];
    weir_value_to_json(&weir_string_type, &text, quoted, sizeof(quoted));
    if (strlen(quoted) < sizeof(quoted) - 1) { /* cut, it would be no JSON */
        weir__buf_printf(json, "\"pattern\":%s,", quoted);
    }
    weir__buf_printf(json, "\"within\":%lld,\"late\":\"%s\"", (long long)config->within_ms,
                     config->late_output != NULL ? "side-output" : "dropped");
    weir__free(about);
}

static void free_factory(struct weir__operator_factory *factory)
{
    weir__free(((struct pattern_factory *)factory)->steps);
    weir__free(factory);
}

struct weir__operator_factory *weir__pattern_factory(const struct weir_pattern_config *config)
{
    size_t count = 0;
    while (config->steps[count].name != NULL) {
        count++;
    }
    struct pattern_factory *factory = WEIR__NEW(struct pattern_factory);
    factory->factory = (struct weir__operator_factory){
        .ops = &ops, .create = create, .describe = describe, .free = free_factory};
    factory->config = *config;
    factory->steps = weir__memdup(config->steps, (count + 1) * sizeof(*config->steps));
    factory->config.steps = factory->steps;
    return &factory->factory;
}

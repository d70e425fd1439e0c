/*
 * The broadcast process operator: a process operator whose second input goes to all subtasks, and
 * alone may change the broadcast states.
 *
 * These live in a keyed state of their own, under one key that never changes, so they are the map
 * states that a learner knows.
 *
 *     snapshot := version u8, broadcast states (length u32, bytes), keyed states and timers
 */
#include "base/mem.h"
#include "operator/process.h"

#define VERSION 1

struct broadcast_process {
    struct weir__keyed_process base;
    struct weir__keyed states; /* of one key */
    bool open;
    bool restored; /* one snapshot's broadcast states are all: every subtask has the same */
};

static struct broadcast_process *self_of(struct weir__operator *op)
{
    return (struct broadcast_process *)op;
}

static void set_key(struct broadcast_process *self)
{
    struct weir__key key = weir__key_integer(WEIR_KIND_INT64, 0);
    weir__keyed_set_key(&self->states, &key);
}

static enum weir_status open_process(struct weir__operator *op, struct weir_error *error)
{
    struct broadcast_process *self = self_of(op);
    enum weir_status status = weir__keyed_process_open(op, error);
    if (status != WEIR_OK) {
        return status;
    }
    weir__keyed_init(&self->states, NULL, op->context->clock, 0, 1, 1);
    self->open = true;
    set_key(self);
    self->base.context.broadcast = &self->states;
    return weir__keyed_declare(&self->states, self->base.functions->broadcast_states, error);
}

static void process(struct weir__operator *op, int input, const struct weir__record *record)
{
    struct weir_context *context = &self_of(op)->base.context;
    context->may_change_broadcast = input == 1;
    weir__keyed_process_record(op, input, record);
    context->may_change_broadcast = false;
}

/* ---- state ---- */

static void snapshot(struct weir__operator *op, struct weir__buf *out)
{
    weir__buf_put_u8(out, VERSION);
    size_t start = out->len;
    weir__buf_put_u32(out, 0);
    weir__keyed_snapshot(&self_of(op)->states, out);
    uint32_t len = (uint32_t)(out->len - start - sizeof(len));
    for (size_t i = 0; i < sizeof(len); i++) {
        out->data[start + i] = (char)(len >> (8 * i) & 0xff);
    }
    weir__keyed_process_snapshot(op, out);
}

static enum weir_status restore(struct weir__operator *op, struct weir_str bytes,
                                struct weir_error *error)
{
    struct broadcast_process *self = self_of(op);
    struct weir__reader in = weir__reader_of(bytes);
    uint8_t version = weir__read_u8(&in);
    uint32_t len = weir__read_u32(&in);
    const char *broadcast = weir__read_bytes(&in, len);
    if (in.failed || version != VERSION) {
        return weir_error_set(error, WEIR_CORRUPT, op->context->name,
                              "the snapshot of the broadcast state has version %u, expected %u",
                              version, VERSION);
    }
    if (!self->restored) {
        struct weir__reader part = {broadcast, broadcast + len, false};
        enum weir_status status = weir__keyed_restore(&self->states, &part, error);
        if (status != WEIR_OK) {
            return status;
        }
        set_key(self); /* again: now something is remembered about it */
        self->restored = true;
    }
    return weir__keyed_process_restore(op, (struct weir_str){in.at, (uint32_t)(in.end - in.at)},
                                       error);
}

static void holdings(const struct weir__operator *op, struct weir__holdings *out)
{
    weir__count_entries(&((const struct broadcast_process *)op)->states, out);
    weir__keyed_process_holdings(op, out);
}

static void free_process(struct weir__operator *op)
{
    struct broadcast_process *self = self_of(op);
    if (self->open) {
        weir__keyed_fini(&self->states);
    }
    weir__keyed_process_free(op);
}

static const struct weir__operator_ops ops = {
    .kind = "BroadcastProcess",
    .open = open_process,
    .process = process,
    .watermark = weir__keyed_process_watermark,
    .next_tick = weir__keyed_process_next_tick,
    .tick = weir__keyed_process_tick,
    .snapshot = snapshot,
    .restore = restore,
    .holdings = holdings,
    .free = free_process,
};

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    struct broadcast_process *self = WEIR__NEW(struct broadcast_process);
    self->base.op.ops = &ops;
    self->base.functions = weir__process_functions(factory);
    return &self->base.op;
}

struct weir__operator_factory *weir__broadcast_process_factory(
    const struct weir_broadcast_function *function)
{
    return weir__process_factory_new(
        &ops, create,
        &(struct weir__user_functions){
            .process = {function->process, function->process_broadcast},
            .on_timer = function->on_timer,
            .states = function->states,
            .broadcast_states = function->broadcast_states,
            .user = function->user,
        });
}

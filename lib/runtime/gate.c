/*
 * Reading the input channels of a subtask.
 */
#include "runtime/gate.h"

#include "base/mem.h"
#include "runtime/element.h"
#include "time/valve.h"
#include "trace/trace.h"
#include "types/codec.h"

#include <string.h>

struct input {
    struct weir__channel *channel;
    int input; /* of the operator */
    char *name;
    bool reading; /* `reader` stands inside the channel's front buffer */
    bool ended;
    struct weir__reader reader;
};

struct weir__gate {
    struct weir__operator *head;
    const int *pressure;
    const struct weir_type *type;
    bool flat; /* views of the type need no release */
    void *value;
    struct input *inputs;
    size_t input_count;
    size_t next;               /* whose turn it is */
    size_t ended;              /* how many have */
    struct weir__valve *valve; /* made with the first read */
};

struct weir__gate *weir__gate_new(struct weir__operator *head, const int *pressure)
{
    struct weir__gate *gate = WEIR__NEW(struct weir__gate);
    gate->head = head;
    gate->pressure = pressure;
    gate->type = head->context->in_type;
    gate->flat = weir__type_is_flat(gate->type);
    gate->value = weir__calloc(1, gate->type->size);
    return gate;
}

void weir__gate_free(struct weir__gate *gate)
{
    if (gate == NULL) {
        return;
    }
    for (size_t i = 0; i < gate->input_count; i++) {
        weir__free(gate->inputs[i].name);
    }
    weir__free(gate->inputs);
    weir__free(gate->value);
    weir__valve_free(gate->valve);
    weir__free(gate);
}

void weir__gate_add(struct weir__gate *gate, struct weir__channel *channel, int input,
                    const char *name)
{
    gate->inputs = weir__reallocarray(gate->inputs, gate->input_count + 1, sizeof(*gate->inputs));
    gate->inputs[gate->input_count++] =
        (struct input){.channel = channel, .input = input, .name = weir__strdup(name)};
}

bool weir__gate_ended(const struct weir__gate *gate)
{
    return gate->ended == gate->input_count;
}

/* ---- time ---- */

static void apply(struct weir__gate *gate, struct weir__time_change change)
{
    if (change.active) {
        weir__operator_set_idle(gate->head, false);
    }
    if (change.rises) {
        weir__operator_advance(gate->head, change.watermark);
    }
    if (change.idle) {
        weir__operator_set_idle(gate->head, true);
    }
}

static void take_watermark(struct weir__gate *gate, size_t i, int64_t watermark)
{
    const struct weir__operator_context *context = gate->head->context;
    if (weir__tracing(context->tracer)) {
        weir__trace_watermark(context->tracer, context->id, context->subtask, gate->inputs[i].name,
                              watermark);
    }
    apply(gate, weir__valve_watermark(gate->valve, i, watermark));
}

static void take_idle(struct weir__gate *gate, size_t i, bool idle)
{
    const struct weir__operator_context *context = gate->head->context;
    if (weir__tracing(context->tracer)) {
        weir__trace_idle(context->tracer, context->id, context->subtask, gate->inputs[i].name,
                         idle);
    }
    apply(gate, weir__valve_idle(gate->valve, i, idle));
}

/* An ended channel holds nothing back, whatever it said before. */
static void take_end(struct weir__gate *gate, size_t i)
{
    gate->inputs[i].ended = true;
    gate->ended++;
    bool idle = false;
    int64_t last = weir__valve_channel(gate->valve, i, &idle);
    if (idle) {
        apply(gate, weir__valve_idle(gate->valve, i, false));
    }
    if (last != WEIR_TIME_MAX) {
        apply(gate, weir__valve_watermark(gate->valve, i, WEIR_TIME_MAX));
    }
}

/* ---- elements ---- */

static bool take_record(struct weir__gate *gate, struct input *input, bool traced)
{
    struct weir__record record = {.value = gate->value, .split = WEIR__NO_SPLIT};
    record.timestamp = weir__read_i64(&input->reader);
    record.id = traced ? weir__read_i64(&input->reader) : 0;
    if (weir__decode_view(gate->type, &input->reader, gate->value) != WEIR_OK) {
        return false;
    }
    weir__operator_receive(gate->head, input->input, &record);
    if (!gate->flat) {
        weir__view_fini(gate->type, gate->value);
    }
    return true;
}

/* False: the bytes make no element. */
static bool take_element(struct weir__gate *gate, size_t i)
{
    struct input *input = &gate->inputs[i];
    enum weir__element kind = (enum weir__element)weir__read_u8(&input->reader);
    switch (kind) {
    case WEIR__RECORD:
    case WEIR__TRACED_RECORD:
        return take_record(gate, input, kind == WEIR__TRACED_RECORD);
    case WEIR__WATERMARK:
        take_watermark(gate, i, weir__read_i64(&input->reader));
        break;
    case WEIR__IDLE:
    case WEIR__ACTIVE:
        take_idle(gate, i, kind == WEIR__IDLE);
        break;
    case WEIR__BARRIER: /* nobody sends one without a coordinator */
        return false;
    case WEIR__END:
        take_end(gate, i);
        break;
    default: /* bytes are not an enum: anything can be there */
        return false;
    }
    return !input->reader.failed;
}

/* The next channel that has something to read, in turn; input_count: none. */
static size_t next_input(struct weir__gate *gate)
{
    for (size_t n = 0; n < gate->input_count; n++) {
        size_t i = gate->next + n < gate->input_count ? gate->next + n
                                                      : gate->next + n - gate->input_count;
        struct input *input = &gate->inputs[i];
        if (input->reading) {
            return i;
        }
        const struct weir__buf *buffer = input->ended ? NULL : weir__channel_front(input->channel);
        if (buffer != NULL) {
            input->reader = (struct weir__reader){buffer->data, buffer->data + buffer->len, false};
            input->reading = true;
            return i;
        }
    }
    return gate->input_count;
}

static void finish_buffer(struct weir__gate *gate, size_t i)
{
    struct input *input = &gate->inputs[i];
    weir__channel_pop(input->channel);
    input->reading = false;
    gate->next = i + 1 < gate->input_count ? i + 1 : 0;
    const struct weir__operator_context *context = gate->head->context;
    if (weir__tracing(context->tracer)) {
        weir__trace_queue(context->tracer, context->id, context->subtask, input->name,
                          (int64_t)weir__channel_used(input->channel),
                          (int64_t)weir__channel_capacity(input->channel));
    }
}

enum weir_status weir__gate_read(struct weir__gate *gate, int budget, bool *progress,
                                 struct weir_error *error)
{
    if (gate->valve == NULL) {
        gate->valve = weir__valve_new(gate->input_count);
    }
    size_t i = next_input(gate);
    *progress = i < gate->input_count;
    if (!*progress) {
        return WEIR_OK;
    }
    struct input *input = &gate->inputs[i];
    for (; budget > 0 && *gate->pressure == 0 && input->reader.at < input->reader.end; budget--) {
        if (!take_element(gate, i)) {
            return weir_error_set(error, WEIR_CORRUPT, gate->head->context->name,
                                  "channel %s: its buffer does not decode as %s", input->name,
                                  gate->type->name);
        }
    }
    if (input->reader.at >= input->reader.end) {
        finish_buffer(gate, i);
    }
    return WEIR_OK;
}

/*
 * Reading the input channels of a subtask.
 */
#include "runtime/gate.h"

#include "base/mem.h"
#include "runtime/barriers.h"
#include "runtime/element.h"
#include "time/valve.h"
#include "trace/trace.h"
#include "types/transport.h"

#include <string.h>

struct input {
    struct weir__channel *channel;
    int input;    /* of the operator */
    size_t place; /* among the channels of that input: its number in the valve */
    char *name;
    bool ended;
    /* inside the channel's front buffer; NULL: not in any */
    char *at;
    char *end;
};

struct weir__gate {
    struct weir__operator *head;
    const int *pressure;
    struct weir__transport transports[WEIR__INPUTS]; /* by input of the operator */
    struct weir__valve *valves[WEIR__INPUTS];        /* made with the first read */
    size_t places[WEIR__INPUTS];                     /* how many channels an input has */
    struct input *inputs;
    size_t input_count;
    struct weir__barriers *barriers; /* of all channels; made with the first read */
    bool exactly_once;
    size_t next;        /* whose turn it is */
    size_t ended;       /* how many have */
    int64_t checkpoint; /* aligned by the element in hand; 0: none */
};

struct weir__gate *weir__gate_new(struct weir__operator *head, const int *pressure,
                                  bool exactly_once)
{
    struct weir__gate *gate = WEIR__NEW(struct weir__gate);
    gate->head = head;
    gate->pressure = pressure;
    gate->exactly_once = exactly_once;
    for (int i = 0; i < WEIR__INPUTS; i++) {
        const struct weir_type *type = weir__operator_input_type(head->context, i);
        if (type != NULL) {
            weir__transport_init(&gate->transports[i], type);
        }
    }
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
    for (int i = 0; i < WEIR__INPUTS; i++) {
        weir__transport_fini(&gate->transports[i]);
        weir__valve_free(gate->valves[i]);
    }
    weir__barriers_free(gate->barriers);
    weir__free(gate);
}

void weir__gate_add(struct weir__gate *gate, struct weir__channel *channel, int input,
                    const char *name)
{
    gate->inputs = weir__reallocarray(gate->inputs, gate->input_count + 1, sizeof(*gate->inputs));
    gate->inputs[gate->input_count++] = (struct input){.channel = channel,
                                                       .input = input,
                                                       .place = gate->places[input]++,
                                                       .name = weir__strdup(name)};
}

bool weir__gate_ended(const struct weir__gate *gate)
{
    return gate->ended == gate->input_count;
}

struct weir__channel_usage weir__gate_usage(const struct weir__gate *gate)
{
    struct weir__channel_usage usage = {0};
    for (size_t i = 0; i < gate->input_count; i++) {
        weir__channel_add_usage(gate->inputs[i].channel, &usage);
    }
    return usage;
}

/* ---- time ---- */

static void apply(struct weir__gate *gate, int input, struct weir__time_change change)
{
    if (change.active) {
        weir__operator_set_input_idle(gate->head, input, false);
    }
    if (change.rises) {
        weir__operator_advance_input(gate->head, input, change.watermark);
    }
    if (change.idle) {
        weir__operator_set_input_idle(gate->head, input, true);
    }
}

static void set_watermark(struct weir__gate *gate, const struct input *input, int64_t watermark)
{
    apply(gate, input->input,
          weir__valve_watermark(gate->valves[input->input], input->place, watermark));
}

static void set_idle(struct weir__gate *gate, const struct input *input, bool idle)
{
    apply(gate, input->input, weir__valve_idle(gate->valves[input->input], input->place, idle));
}

static void take_watermark(struct weir__gate *gate, size_t i, int64_t watermark)
{
    const struct weir__operator_context *context = gate->head->context;
    if (weir__tracing(context->tracer)) {
        weir__trace_watermark(context->tracer, context->id, context->subtask, gate->inputs[i].name,
                              watermark);
    }
    set_watermark(gate, &gate->inputs[i], watermark);
}

static void take_idle(struct weir__gate *gate, size_t i, bool idle)
{
    const struct weir__operator_context *context = gate->head->context;
    if (weir__tracing(context->tracer)) {
        weir__trace_idle(context->tracer, context->id, context->subtask, gate->inputs[i].name,
                         idle);
    }
    set_idle(gate, &gate->inputs[i], idle);
}

/* An ended channel holds nothing back, whatever it said before. */
static void take_end(struct weir__gate *gate, size_t i)
{
    struct input *input = &gate->inputs[i];
    input->ended = true;
    gate->ended++;
    bool idle = false;
    int64_t last = weir__valve_channel(gate->valves[input->input], input->place, &idle);
    if (idle) {
        set_idle(gate, input, false);
    }
    if (last != WEIR_TIME_MAX) {
        set_watermark(gate, input, WEIR_TIME_MAX);
    }
    gate->checkpoint = weir__barriers_end(gate->barriers, i);
}

static void take_barrier(struct weir__gate *gate, size_t i, int64_t checkpoint)
{
    const struct weir__operator_context *context = gate->head->context;
    if (weir__tracing(context->tracer)) {
        weir__trace_barrier(context->tracer, "arrive", context->id, context->subtask,
                            gate->inputs[i].name, checkpoint);
    }
    gate->checkpoint = weir__barriers_arrive(gate->barriers, i, checkpoint);
    if (weir__tracing(context->tracer) && weir__barriers_blocks(gate->barriers, i)) {
        weir__trace_barrier(context->tracer, "align", context->id, context->subtask,
                            gate->inputs[i].name, checkpoint);
    }
}

/* ---- elements ---- */

static bool take_record(struct weir__gate *gate, struct input *input,
                        const struct weir__element *element)
{
    bool traced = element->kind == WEIR__TRACED_RECORD;
    size_t header = sizeof(*element) + (traced ? sizeof(int64_t) : 0);
    if (element->size < header) {
        return false;
    }
    struct weir__record record = {.timestamp = element->value, .split = WEIR__NO_SPLIT};
    if (traced) {
        memcpy(&record.id, input->at + sizeof(*element), sizeof(record.id));
    }
    struct weir__transport *transport = &gate->transports[input->input];
    record.value = weir__transport_get(transport, input->at + header, element->size - header);
    if (record.value == NULL) {
        return false;
    }
    weir__operator_receive(gate->head, input->input, &record);
    weir__transport_release(transport);
    return true;
}

static bool take_marker(struct weir__gate *gate, const struct input *input,
                        const struct weir__element *element)
{
    struct weir__latency_marker marker = {.marked_ns = element->value};
    const char *body = input->at + sizeof(*element);
    if (element->size != sizeof(*element) + sizeof(marker.source) + sizeof(marker.subtask)) {
        return false;
    }
    memcpy(&marker.source, body, sizeof(marker.source));
    memcpy(&marker.subtask, body + sizeof(marker.source), sizeof(marker.subtask));
    weir__operator_take_marker(gate->head, &marker);
    return true;
}

/* The element at that place of an input. False: there is none that could be. */
static bool read_element(const char *at, const char *end, struct weir__element *element)
{
    size_t left = (size_t)(end - at);
    if (left < sizeof(*element)) {
        return false;
    }
    memcpy(element, at, sizeof(*element));
    return element->size >= sizeof(*element) && element->size <= left;
}

/* Records go to the operator together where it gains by that, and they can be read where they lie.
 */
static bool takes_batches(const struct weir__gate *gate)
{
    return gate->transports[0].is_flat && gate->places[0] == gate->input_count &&
           weir__operator_takes_batches(gate->head);
}

/* Takes the records that come next; returns how many. What is no record, or none that can be read,
 * is left for take_element. */
static int take_records(struct weir__gate *gate, struct input *input, int most)
{
    struct weir__record records[WEIR__BATCH_MAX];
    struct weir__element element;
    int count = 0;
    while (count < most && count < WEIR__BATCH_MAX &&
           read_element(input->at, input->end, &element) && element.kind == WEIR__RECORD) {
        const void *value = weir__transport_get(&gate->transports[0], input->at + sizeof(element),
                                                element.size - sizeof(element));
        if (value == NULL) {
            break;
        }
        records[count++] = (struct weir__record){
            .value = value, .timestamp = element.value, .split = WEIR__NO_SPLIT};
        input->at += element.size;
    }
    if (count > 0) {
        weir__operator_receive_batch(gate->head, records, (size_t)count);
    }
    return count;
}

/* False: the bytes make no element. */
static bool take_element(struct weir__gate *gate, size_t i)
{
    struct input *input = &gate->inputs[i];
    struct weir__element element;
    if (!read_element(input->at, input->end, &element)) {
        return false;
    }
    switch ((enum weir__element_kind)element.kind) {
    case WEIR__RECORD:
    case WEIR__TRACED_RECORD:
        if (!take_record(gate, input, &element)) {
            return false;
        }
        break;
    case WEIR__LATENCY_MARKER:
        if (!take_marker(gate, input, &element)) {
            return false;
        }
        break;
    case WEIR__WATERMARK:
        take_watermark(gate, i, element.value);
        break;
    case WEIR__IDLE:
    case WEIR__ACTIVE:
        take_idle(gate, i, element.kind == WEIR__IDLE);
        break;
    case WEIR__END:
        take_end(gate, i);
        break;
    case WEIR__BARRIER:
        if (element.value <= 0) {
            return false;
        }
        take_barrier(gate, i, element.value);
        break;
    default: /* bytes are not an enum: anything can be there */
        return false;
    }
    input->at += element.size;
    return true;
}

/* The next channel that has something to read, in turn; input_count: none. */
static size_t next_input(struct weir__gate *gate)
{
    for (size_t n = 0; n < gate->input_count; n++) {
        size_t i = gate->next + n < gate->input_count ? gate->next + n
                                                      : gate->next + n - gate->input_count;
        struct input *input = &gate->inputs[i];
        if (weir__barriers_blocks(gate->barriers, i)) {
            continue;
        }
        if (input->at != NULL) {
            return i;
        }
        const struct weir__buf *buffer = input->ended ? NULL : weir__channel_front(input->channel);
        if (buffer != NULL) {
            input->at = buffer->data;
            input->end = buffer->data + buffer->len;
            return i;
        }
    }
    return gate->input_count;
}

static void finish_buffer(struct weir__gate *gate, size_t i)
{
    struct input *input = &gate->inputs[i];
    weir__channel_pop(input->channel);
    input->at = NULL;
    gate->next = i + 1 < gate->input_count ? i + 1 : 0;
    const struct weir__operator_context *context = gate->head->context;
    if (weir__tracing(context->tracer)) {
        weir__trace_queue(context->tracer, context->id, context->subtask, input->name,
                          (int64_t)weir__channel_used(input->channel),
                          (int64_t)weir__channel_capacity(input->channel));
    }
}

/* Not before all channels are known. */
static void prepare(struct weir__gate *gate)
{
    if (gate->barriers != NULL) {
        return;
    }
    gate->barriers = weir__barriers_new(gate->input_count, gate->exactly_once);
    for (int i = 0; i < WEIR__INPUTS; i++) {
        if (gate->places[i] > 0) {
            gate->valves[i] = weir__valve_new(gate->places[i]);
        }
    }
}

enum weir_status weir__gate_read(struct weir__gate *gate, int budget,
                                 struct weir__gate_result *result, struct weir_error *error)
{
    prepare(gate);
    gate->checkpoint = 0;
    size_t i = next_input(gate);
    *result = (struct weir__gate_result){.progress = i < gate->input_count};
    if (!result->progress) {
        return WEIR_OK;
    }
    struct input *input = &gate->inputs[i];
    bool batches = takes_batches(gate);
    int taken;
    for (; budget > 0 && *gate->pressure == 0 && input->at < input->end && gate->checkpoint == 0 &&
           !weir__barriers_blocks(gate->barriers, i);
         budget -= taken > 0 ? taken : 1) {
        taken = batches ? take_records(gate, input, budget) : 0;
        if (taken == 0 && !take_element(gate, i)) {
            return weir_error_set(error, WEIR_CORRUPT, gate->head->context->name,
                                  "channel %s: its buffer does not read as %s", input->name,
                                  gate->transports[input->input].type->name);
        }
    }
    if (input->at >= input->end) {
        finish_buffer(gate, i);
    }
    result->checkpoint = gate->checkpoint;
    return WEIR_OK;
}

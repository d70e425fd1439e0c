/*
 * Partitioners, and the buffers in the making.
 */
#include "runtime/writer.h"

#include "base/mem.h"
#include "runtime/element.h"
#include "trace/trace.h"
#include "types/key.h"
#include "types/transport.h"

#include <assert.h>

enum { SINCE_UNKNOWN = -1 };

struct lane {
    struct weir__buf buffer;
    struct weir__channel *channel;
    int to_subtask;
    bool full;        /* counts in the pressure */
    bool urgent;      /* to be sent as soon as there is room, however little it is */
    int64_t since_ms; /* since when the buffer waits, as the task's ticks saw it */
};

struct weir__writer {
    struct weir__writer_config config;
    char *channel_name;
    struct weir__transport transport;
    struct lane *lanes;
    size_t lane_count;
    size_t next;                   /* REBALANCE, RESCALE */
    size_t next_marked;            /* the lane of the next latency marker */
    uint16_t *lane_of_group;       /* HASH; made with the first record */
    int64_t now_ms;                /* of the last tick */
    struct weir__operator *sender; /* CUSTOM: fails for it */
};

struct weir__writer *weir__writer_new(const struct weir__writer_config *config)
{
    struct weir__writer *writer = WEIR__NEW(struct weir__writer);
    writer->config = *config;
    if (writer->config.buffer_bytes == 0) {
        writer->config.buffer_bytes = WEIR__BUFFER_BYTES;
    }
    writer->channel_name = weir__strdup(config->channel_name);
    writer->next = config->partition == WEIR__REBALANCE ? (size_t)config->subtask : 0;
    weir__transport_init(&writer->transport, config->type);
    return writer;
}

void weir__writer_free(struct weir__writer *writer)
{
    if (writer == NULL) {
        return;
    }
    for (size_t i = 0; i < writer->lane_count; i++) {
        weir__buf_fini(&writer->lanes[i].buffer);
    }
    weir__transport_fini(&writer->transport);
    weir__free(writer->channel_name);
    weir__free(writer->lanes);
    weir__free(writer->lane_of_group);
    weir__free(writer);
}

void weir__writer_add(struct weir__writer *writer, struct weir__channel *channel, int to_subtask)
{
    writer->lanes =
        weir__reallocarray(writer->lanes, writer->lane_count + 1, sizeof(*writer->lanes));
    writer->lanes[writer->lane_count++] =
        (struct lane){.channel = channel, .to_subtask = to_subtask, .since_ms = SINCE_UNKNOWN};
}

void weir__writer_set_sender(struct weir__writer *writer, struct weir__operator *sender)
{
    writer->sender = sender;
}

/* ---- sending ---- */

static void set_full(struct weir__writer *writer, struct lane *lane, bool full)
{
    if (lane->full != full) {
        lane->full = full;
        *writer->config.pressure += full ? 1 : -1;
    }
}

static void trace_queue(const struct weir__writer *writer, const struct lane *lane)
{
    const struct weir__writer_config *config = &writer->config;
    if (weir__tracing(config->tracer)) {
        weir__trace_queue(config->tracer, config->to_operator, lane->to_subtask,
                          writer->channel_name, (int64_t)weir__channel_used(lane->channel),
                          (int64_t)weir__channel_capacity(lane->channel));
    }
}

/* Sends the lane's buffer if there is room; else the lane is full once the buffer has its size. */
static bool send(struct weir__writer *writer, struct lane *lane)
{
    if (weir__channel_push(lane->channel, &lane->buffer)) {
        lane->since_ms = SINCE_UNKNOWN;
        lane->urgent = false;
        set_full(writer, lane, false);
        trace_queue(writer, lane);
        return true;
    }
    if (lane->buffer.len >= writer->config.buffer_bytes) {
        set_full(writer, lane, true);
    }
    return false;
}

/* After something was put into the lane's buffer. */
static inline void settle(struct weir__writer *writer, struct lane *lane)
{
    if (lane->buffer.len >= writer->config.buffer_bytes || writer->config.buffer_timeout_ms == 0) {
        send(writer, lane);
    }
}

bool weir__writer_tick(struct weir__writer *writer, int64_t now_ms)
{
    bool sent = false;
    writer->now_ms = now_ms;
    for (size_t i = 0; i < writer->lane_count; i++) {
        struct lane *lane = &writer->lanes[i];
        if (lane->buffer.len == 0) {
            continue;
        }
        if (lane->since_ms == SINCE_UNKNOWN ||
            lane->since_ms > now_ms) { /* the clock was set back */
            lane->since_ms = now_ms;
        }
        if (lane->full || lane->urgent ||
            now_ms - lane->since_ms >= writer->config.buffer_timeout_ms) {
            sent = send(writer, lane) || sent;
        }
    }
    return sent;
}

bool weir__writer_relax(struct weir__writer *writer)
{
    bool sent = false;
    for (size_t i = 0; i < writer->lane_count; i++) {
        struct lane *lane = &writer->lanes[i];
        if (lane->buffer.len > 0 && weir__channel_used(lane->channel) == 0) {
            sent = send(writer, lane) || sent;
        }
    }
    return sent;
}

int64_t weir__writer_deadline(const struct weir__writer *writer)
{
    int64_t first = WEIR_TIME_MAX;
    for (size_t i = 0; i < writer->lane_count; i++) {
        const struct lane *lane = &writer->lanes[i];
        bool waits_for_time = lane->buffer.len > 0 && !lane->full && !lane->urgent;
        int64_t since = lane->since_ms == SINCE_UNKNOWN ? writer->now_ms : lane->since_ms;
        int64_t due = weir_time_add(since, writer->config.buffer_timeout_ms);
        if (waits_for_time && due > writer->now_ms && due < first) {
            first = due;
        }
    }
    return first;
}

bool weir__writer_is_empty(const struct weir__writer *writer)
{
    for (size_t i = 0; i < writer->lane_count; i++) {
        if (writer->lanes[i].buffer.len > 0) {
            return false;
        }
    }
    return true;
}

/* ---- records ---- */

/* Appends an element without a body; where one follows, end_element sets the size. */
static void put_element(struct weir__buf *buffer, enum weir__element_kind kind, int64_t value)
{
    struct weir__element element = {.kind = (uint8_t)kind, .size = sizeof(element), .value = value};
    weir__buf_put(buffer, &element, sizeof(element));
}

/* Pads the element that began at `start`, and writes down its size. */
static void end_element(struct weir__buf *buffer, size_t start)
{
    uint32_t size = weir__element_round(buffer->len - start);
    weir__buf_reserve(buffer, WEIR__ELEMENT_ALIGNMENT);
    memset(buffer->data + buffer->len, 0, start + size - buffer->len);
    buffer->len = start + size;
    memcpy(buffer->data + start + offsetof(struct weir__element, size), &size, sizeof(size));
}

static void put_record(struct weir__writer *writer, struct lane *lane,
                       const struct weir__record *record)
{
    struct weir__buf *buffer = &lane->buffer;
    size_t start = buffer->len;
    if (record->id == 0) {
        put_element(buffer, WEIR__RECORD, record->timestamp);
    } else {
        put_element(buffer, WEIR__TRACED_RECORD, record->timestamp);
        weir__buf_put(buffer, &record->id, sizeof(record->id));
    }
    weir__transport_put(&writer->transport, record->value, buffer);
    end_element(buffer, start);
    settle(writer, lane);
}

static void prepare_groups(struct weir__writer *writer)
{
    int groups = writer->config.max_parallelism;
    writer->lane_of_group = weir__calloc((size_t)groups, sizeof(uint16_t));
    for (int group = 0; group < groups; group++) {
        writer->lane_of_group[group] =
            (uint16_t)weir__key_group_subtask(group, groups, (int)writer->lane_count);
    }
}

static size_t lane_of_key(struct weir__writer *writer, const void *value)
{
    if (writer->lane_of_group == NULL) {
        prepare_groups(writer);
    }
    struct weir__key key;
    weir__key_read(writer->config.key, value, &key);
    return writer->lane_of_group[weir__key_group(&key, writer->config.max_parallelism)];
}

/* False when there is no such subtask: the sender has failed, and its task stops. */
static bool choose_lane(struct weir__writer *writer, const void *value, size_t *lane)
{
    const struct weir__writer_config *config = &writer->config;
    int chosen = config->choose(value, (int)writer->lane_count, config->choose_user);
    *lane = (size_t)chosen;
    if (chosen >= 0 && *lane < writer->lane_count) {
        return true;
    }
    struct weir_error error = {0};
    weir_error_set(&error, WEIR_INVALID, NULL,
                   "its custom partitioner chose subtask %d of %zu, which are numbered from 0",
                   chosen, writer->lane_count);
    weir__operator_fail(writer->sender, &error);
    return false;
}

static void write_record(void *self, const struct weir__record *record)
{
    struct weir__writer *writer = self;
    size_t lane = 0;
    switch (writer->config.partition) {
    case WEIR__FORWARD:
        break;
    case WEIR__HASH:
        lane = lane_of_key(writer, record->value);
        break;
    case WEIR__CUSTOM:
        if (!choose_lane(writer, record->value, &lane)) {
            return;
        }
        break;
    case WEIR__REBALANCE:
    case WEIR__RESCALE:
        lane = writer->next % writer->lane_count;
        writer->next = lane + 1;
        break;
    case WEIR__BROADCAST:
        for (size_t i = 1; i < writer->lane_count; i++) {
            put_record(writer, &writer->lanes[i], record);
        }
        break;
    }
    put_record(writer, &writer->lanes[lane], record);
}

/* ---- the rest goes to all ---- */

static void write_watermark(void *self, int64_t watermark)
{
    struct weir__writer *writer = self;
    for (size_t i = 0; i < writer->lane_count; i++) {
        struct lane *lane = &writer->lanes[i];
        put_element(&lane->buffer, WEIR__WATERMARK, watermark);
        settle(writer, lane);
    }
}

static void write_idle(void *self, bool idle)
{
    struct weir__writer *writer = self;
    for (size_t i = 0; i < writer->lane_count; i++) {
        struct lane *lane = &writer->lanes[i];
        put_element(&lane->buffer, idle ? WEIR__IDLE : WEIR__ACTIVE, 0);
        settle(writer, lane);
    }
}

/* To one, behind the records before it. */
static void write_marker(void *self, const struct weir__latency_marker *marker)
{
    struct weir__writer *writer = self;
    struct lane *lane = &writer->lanes[writer->next_marked % writer->lane_count];
    size_t start = lane->buffer.len;
    writer->next_marked++;
    put_element(&lane->buffer, WEIR__LATENCY_MARKER, marker->marked_ns);
    weir__buf_put(&lane->buffer, &marker->source, sizeof(marker->source));
    weir__buf_put(&lane->buffer, &marker->subtask, sizeof(marker->subtask));
    end_element(&lane->buffer, start);
    settle(writer, lane);
}

/* To all, without delay. */
static void write_urgent(struct weir__writer *writer, enum weir__element_kind kind, int64_t value)
{
    for (size_t i = 0; i < writer->lane_count; i++) {
        struct lane *lane = &writer->lanes[i];
        put_element(&lane->buffer, kind, value);
        lane->urgent = true;
        send(writer, lane);
    }
}

void weir__writer_barrier(struct weir__writer *writer, int64_t checkpoint)
{
    write_urgent(writer, WEIR__BARRIER, checkpoint);
}

void weir__writer_end(struct weir__writer *writer)
{
    write_urgent(writer, WEIR__END, 0);
}

static const struct weir__receiver_ops writer_ops = {
    .record = write_record,
    .watermark = write_watermark,
    .idle = write_idle,
    .marker = write_marker,
};

struct weir__receiver weir__writer_receiver(struct weir__writer *writer)
{
    return (struct weir__receiver){&writer_ops, writer};
}

void weir__writer_add_usage(const struct weir__writer *writer, struct weir__channel_usage *usage)
{
    for (size_t i = 0; i < writer->lane_count; i++) {
        weir__channel_add_usage(writer->lanes[i].channel, usage);
    }
}

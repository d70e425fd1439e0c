/*
 * Holding and letting go. Elements lie one after the other in one buffer, each with a head:
 *
 *     0   kind i32    4   split i32    8   timestamp i64    16  size of the body u32, padding
 *     24  the body, padded to 8: a value (types/transport.h), a marker
 */
#include "operator/micro_batch.h"

#include "base/mem.h"
#include "operator/deadline.h"
#include "types/transport.h"

struct head {
    int32_t kind;
    int32_t split;
    int64_t timestamp;
    uint32_t size;
    uint32_t unused;
};

struct weir__micro_batch {
    int64_t interval_ms;
    size_t most_bytes;
    int64_t boundary_ms; /* the next one */
    bool going;          /* what is held goes on */
    bool late;           /* a boundary passed meanwhile: the next batch does not wait for one */
    struct weir__buf held;
    size_t at;            /* of the next element that goes on */
    int64_t records_held; /* from there on */
    struct weir__transport records;
    struct weir__transport letters;
    struct weir__transport *out; /* of the element that has been given; NULL: it needs none */
};

static int64_t boundary_after(const struct weir__micro_batch *batch, int64_t now_ms)
{
    return now_ms - now_ms % batch->interval_ms + batch->interval_ms;
}

struct weir__micro_batch *weir__micro_batch_new(const struct weir_type *type, int64_t interval_ms,
                                                size_t most_bytes, int64_t now_ms)
{
    struct weir__micro_batch *batch = WEIR__NEW(struct weir__micro_batch);
    batch->interval_ms = interval_ms;
    batch->most_bytes = most_bytes > 0 ? most_bytes : (size_t)WEIR__MICRO_BATCH_BYTES;
    batch->boundary_ms = boundary_after(batch, now_ms);
    weir__transport_init(&batch->records, type);
    weir__transport_init(&batch->letters, &weir_dead_letter_type);
    return batch;
}

void weir__micro_batch_free(struct weir__micro_batch *batch)
{
    if (batch != NULL) {
        weir__transport_fini(&batch->records);
        weir__transport_fini(&batch->letters);
        weir__buf_fini(&batch->held);
        weir__free(batch);
    }
}

/* ---- holding ---- */

static void put_body(struct weir__micro_batch *batch, const struct weir__held *held)
{
    switch (held->kind) {
    case WEIR__HELD_RECORD:
        weir__transport_put(&batch->records, held->record.value, &batch->held);
        batch->records_held++;
        break;
    case WEIR__HELD_DEAD_LETTER:
        weir__transport_put(&batch->letters, held->letter, &batch->held);
        break;
    case WEIR__HELD_MARKER:
        weir__buf_put(&batch->held, &held->marker, sizeof(held->marker));
        break;
    case WEIR__HELD_SPLIT_ADDED:
    case WEIR__HELD_SPLIT_FINISHED:
        break;
    }
}

void weir__micro_batch_put(struct weir__micro_batch *batch, const struct weir__held *held)
{
    static const char padding[8];
    struct head head = {.kind = (int32_t)held->kind,
                        .split = held->record.split,
                        .timestamp = held->record.timestamp};
    size_t start = batch->held.len;
    weir__buf_put(&batch->held, &head, sizeof(head));
    put_body(batch, held);
    head.size = (uint32_t)(batch->held.len - start - sizeof(head));
    memcpy(batch->held.data + start, &head, sizeof(head));
    weir__buf_put(&batch->held, padding, -head.size & 7);
}

int64_t weir__micro_batch_records(const struct weir__micro_batch *batch)
{
    return batch->records_held;
}

/* ---- when ---- */

int64_t weir__micro_batch_boundary(const struct weir__micro_batch *batch,
                                   const struct weir_clock *clock)
{
    return batch->going ? WEIR_TIME_MAX
                        : weir__deadline(clock, batch->boundary_ms, batch->interval_ms);
}

bool weir__micro_batch_goes_on(struct weir__micro_batch *batch, const struct weir_clock *clock)
{
    int64_t now_ms = weir_clock_ms(clock);
    if (weir__micro_batch_boundary(batch, clock) <= now_ms) {
        batch->boundary_ms = boundary_after(batch, now_ms);
        batch->going = true;
    }
    batch->going = batch->going || batch->held.len >= batch->most_bytes;
    return batch->going;
}

bool weir__micro_batch_is_holding(const struct weir__micro_batch *batch)
{
    return !batch->going;
}

void weir__micro_batch_quiet(struct weir__micro_batch *batch)
{
    batch->going = batch->going || batch->late;
}

void weir__micro_batch_end(struct weir__micro_batch *batch)
{
    batch->going = true;
}

/* ---- letting go ---- */

static void release(struct weir__micro_batch *batch)
{
    if (batch->out != NULL) {
        weir__transport_release(batch->out);
        batch->out = NULL;
    }
}

/* In our own memory: what was put can be got. */
static const void *get(struct weir__micro_batch *batch, struct weir__transport *transport,
                       char *body, size_t size)
{
    batch->out = transport;
    return weir__transport_get(transport, body, size);
}

bool weir__micro_batch_next(struct weir__micro_batch *batch, struct weir__held *held)
{
    release(batch);
    if (batch->at == batch->held.len) {
        return false;
    }
    struct head head;
    memcpy(&head, batch->held.data + batch->at, sizeof(head));
    char *body = batch->held.data + batch->at + sizeof(head);
    *held = (struct weir__held){.record = {.split = head.split, .timestamp = head.timestamp}};
    held->kind = (enum weir__held_kind)head.kind;
    switch (held->kind) {
    case WEIR__HELD_RECORD:
        held->record.value = get(batch, &batch->records, body, head.size);
        batch->records_held--;
        break;
    case WEIR__HELD_DEAD_LETTER:
        held->letter = get(batch, &batch->letters, body, head.size);
        break;
    case WEIR__HELD_MARKER:
        memcpy(&held->marker, body, sizeof(held->marker));
        break;
    case WEIR__HELD_SPLIT_ADDED:
    case WEIR__HELD_SPLIT_FINISHED:
        break;
    }
    batch->at += sizeof(head) + head.size + (-head.size & 7);
    return true;
}

bool weir__micro_batch_finish(struct weir__micro_batch *batch, const struct weir_clock *clock)
{
    int64_t now_ms = weir_clock_ms(clock);
    bool any = batch->held.len > 0;
    batch->held.len = 0;
    batch->at = 0;
    batch->going = false;
    batch->late = now_ms >= batch->boundary_ms;
    if (batch->late) {
        batch->boundary_ms = boundary_after(batch, now_ms);
    }
    return any;
}

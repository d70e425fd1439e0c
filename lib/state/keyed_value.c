/*
 * Value, reducing and aggregating state: one stamped value a key.
 *
 *     cell  := stamp, value        bytes := stamp zigzag (with TTL only), value
 */
#include "state/keyed_state.h"
#include "types/codec.h"

#include <assert.h>
#include <string.h>

struct cell {
    int64_t stamp_ms; /* last write, or read that renews; 0 without TTL */
    _Alignas(8) char value[];
};

size_t weir__value_cell_size(const struct weir_type *type)
{
    return sizeof(struct cell) + type->size;
}

/* ---- cells ---- */

static void init(void *cell, const void *spec)
{
    const struct weir__keyed_state *state = spec;
    const struct weir_aggregate *aggregate = state->descriptor->aggregate;
    if (state->descriptor->kind == WEIR_STATE_AGGREGATING && aggregate->create != NULL) {
        aggregate->create(((struct cell *)cell)->value, aggregate->user);
    }
}

static void fini(void *cell, const void *spec)
{
    const struct weir__keyed_state *state = spec;
    weir_value_fini(state->type, ((struct cell *)cell)->value);
}

static void encode(const void *memory, const void *spec, struct weir__buf *out)
{
    const struct weir__keyed_state *state = spec;
    const struct cell *cell = memory;
    if (weir__ttl_on(state)) {
        weir__buf_put_zigzag(out, cell->stamp_ms);
    }
    weir__encode(state->type, cell->value, out);
}

static enum weir_status decode(void *memory, const void *spec, struct weir__reader *in,
                               struct weir_error *error)
{
    const struct weir__keyed_state *state = spec;
    struct cell *cell = memory;
    if (weir__ttl_on(state)) {
        cell->stamp_ms = weir__read_zigzag(in);
    }
    fini(cell, state); /* what create may have made */
    enum weir_status status = weir__state_decode(state, in, cell->value);
    if (status != WEIR_OK) {
        weir_value_init(state->type, cell->value);
        return weir_error_set(error, status, NULL, "state '%s': a value in the snapshot is damaged",
                              state->descriptor->name);
    }
    return WEIR_OK;
}

static int64_t expires_at(const void *cell, const void *spec)
{
    return weir__ttl_end(spec, ((const struct cell *)cell)->stamp_ms);
}

static bool is_plain(const void *spec)
{
    return weir__type_is_plain(((const struct weir__keyed_state *)spec)->type);
}

const struct weir__cell_ops weir__value_cell_ops = {
    .init = init,
    .fini = fini,
    .encode = encode,
    .decode = decode,
    .expires_at = expires_at,
    .is_plain = is_plain,
};

/* ---- access ---- */

static bool is_expired(struct weir__keyed *keyed, const struct weir__keyed_state *state,
                       const struct cell *cell)
{
    return weir__ttl_expired(state, cell->stamp_ms, weir__keyed_now(keyed));
}

/* Takes an expired value out of the state, to be read once more. */
static const void *lend(struct weir__keyed *keyed, struct weir__keyed_state *state,
                        struct cell *cell)
{
    if (state->has_lent) {
        weir_value_fini(state->type, state->lent);
    }
    memcpy(state->lent, cell->value, state->type->size);
    weir_value_init(state->type, cell->value);
    state->has_lent = true;
    weir__state_remove(keyed, state);
    return state->lent;
}

static const void *get(struct weir__keyed *keyed, struct weir__keyed_state *state)
{
    struct cell *cell = weir__state_find(keyed, state);
    if (cell == NULL) {
        return NULL;
    }
    if (is_expired(keyed, state, cell)) {
        if (weir__ttl_returns_expired(state)) {
            return lend(keyed, state, cell);
        }
        weir__state_remove(keyed, state);
        return NULL;
    }
    if (weir__ttl_renews_on_read(state)) {
        cell->stamp_ms = weir__keyed_now(keyed);
        state->table->ops->changed(state->table, cell);
    }
    return cell->value;
}

/* The cell for reading and writing: stamped, and fresh when what was there is expired and a read
 * would not return it. */
static struct cell *open_for_write(struct weir__keyed *keyed, struct weir__keyed_state *state,
                                   bool *created)
{
    struct cell *cell = weir__state_find(keyed, state);
    if (cell != NULL && is_expired(keyed, state, cell) && !weir__ttl_returns_expired(state)) {
        weir__state_remove(keyed, state);
    }
    cell = weir__state_obtain(keyed, state, created);
    cell->stamp_ms = weir__ttl_stamp(keyed, state);
    return cell;
}

/* `value` may borrow from what is stored: it is copied before that goes. */
static void replace(struct cell *cell, const struct weir__keyed_state *state, const void *value)
{
    weir_value_copy(state->type, state->scratch, value);
    weir_value_fini(state->type, cell->value);
    memcpy(cell->value, state->scratch, state->type->size);
}

const void *weir__keyed_value_get(struct weir__keyed *keyed,
                                  const struct weir_state_descriptor *state)
{
    assert(state->kind == WEIR_STATE_VALUE);
    return get(keyed, weir__keyed_state_of(keyed, state));
}

void weir__keyed_value_set(struct weir__keyed *keyed,
                           const struct weir_state_descriptor *descriptor, const void *value)
{
    assert(descriptor->kind == WEIR_STATE_VALUE);
    struct weir__keyed_state *state = weir__keyed_state_of(keyed, descriptor);
    /* Not open_for_write: releasing an expired value first could pull away what `value` borrows. */
    bool created;
    struct cell *cell = weir__state_obtain(keyed, state, &created);
    cell->stamp_ms = weir__ttl_stamp(keyed, state);
    replace(cell, state, value);
}

void *weir__keyed_value_edit(struct weir__keyed *keyed,
                             const struct weir_state_descriptor *descriptor)
{
    assert(descriptor->kind == WEIR_STATE_VALUE);
    bool created;
    return open_for_write(keyed, weir__keyed_state_of(keyed, descriptor), &created)->value;
}

void weir__keyed_folding_add(struct weir__keyed *keyed,
                             const struct weir_state_descriptor *descriptor, const void *value,
                             int64_t timestamp)
{
    bool created;
    struct weir__keyed_state *state = weir__keyed_state_of(keyed, descriptor);
    struct cell *cell = open_for_write(keyed, state, &created);
    if (descriptor->kind == WEIR_STATE_AGGREGATING) {
        descriptor->aggregate->add(cell->value, value, timestamp, descriptor->aggregate->user);
        return;
    }
    assert(descriptor->kind == WEIR_STATE_REDUCING);
    if (created) {
        replace(cell, state, value);
    } else {
        descriptor->reduce(cell->value, value, descriptor->user);
    }
}

const void *weir__keyed_reducing_get(struct weir__keyed *keyed,
                                     const struct weir_state_descriptor *state)
{
    assert(state->kind == WEIR_STATE_REDUCING);
    return get(keyed, weir__keyed_state_of(keyed, state));
}

bool weir__keyed_aggregating_get(struct weir__keyed *keyed,
                                 const struct weir_state_descriptor *descriptor, int64_t watermark,
                                 void *out)
{
    assert(descriptor->kind == WEIR_STATE_AGGREGATING);
    const void *accumulator = get(keyed, weir__keyed_state_of(keyed, descriptor));
    if (accumulator == NULL) {
        return false;
    }
    const struct weir__key *key = &keyed->key;
    struct weir_window_context context = {
        .window = {WEIR_TIME_MIN, WEIR_TIME_MAX},
        .is_global = true,
        .key_type = weir__key_type(key->kind),
        .key = weir__key_value(key),
        .watermark = watermark,
        .processing_time = weir__keyed_now(keyed),
    };
    const struct weir_aggregate *aggregate = descriptor->aggregate;
    weir_value_init(aggregate->out_type, out);
    aggregate->result(accumulator, &context, out, aggregate->user);
    return true;
}

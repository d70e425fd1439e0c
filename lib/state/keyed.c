/*
 * The keyed side of an operator: declaring states, the key in hand, timers.
 */
#include "state/keyed.h"

#include "base/hash.h"
#include "base/mem.h"
#include "state/fingerprint.h"
#include "state/keyed_state.h"

#include <assert.h>
#include <string.h>

void weir__keyed_init(struct weir__keyed *keyed, struct weir__backend *backend,
                      const struct weir_clock *clock, int subtask, int parallelism,
                      int max_parallelism)
{
    *keyed = (struct weir__keyed){
        .backend = backend != NULL ? backend : weir__heap_backend_new(),
        .tables = WEIR__VEC_OF(struct weir__table *),
        .states = WEIR__VEC_OF(struct weir__keyed_state *),
        .clock = clock,
    };
    weir__key_table_init(&keyed->keys, max_parallelism);
    weir__timers_init(&keyed->timers[WEIR__EVENT_TIME], &keyed->keys);
    weir__timers_init(&keyed->timers[WEIR__PROCESSING_TIME], &keyed->keys);
    weir__key_group_range(subtask, max_parallelism, parallelism, &keyed->first_group,
                          &keyed->last_group);
}

void weir__keyed_fini(struct weir__keyed *keyed)
{
    for (size_t i = 0; i < keyed->tables.count; i++) {
        struct weir__table *table = *(struct weir__table **)weir__vec_at(&keyed->tables, i);
        table->ops->free(table);
    }
    for (size_t i = 0; i < keyed->states.count; i++) {
        struct weir__keyed_state *state =
            *(struct weir__keyed_state **)weir__vec_at(&keyed->states, i);
        if (state->has_lent) {
            weir_value_fini(state->type, state->lent);
        }
        weir__free(state->lent);
        weir__schema_free(state->written);
        weir__free(state->scratch);
        weir__free(state->key_scratch);
        weir__free(state);
    }
    weir__vec_fini(&keyed->tables);
    weir__vec_fini(&keyed->states);
    weir__timers_fini(&keyed->timers[WEIR__EVENT_TIME]);
    weir__timers_fini(&keyed->timers[WEIR__PROCESSING_TIME]);
    weir__key_table_fini(&keyed->keys);
    keyed->backend->ops->free(keyed->backend);
}

/* ---- declaring ---- */

static enum weir_status check(const struct weir_state_descriptor *state, struct weir_error *error)
{
    const char *name = state->name != NULL ? state->name : "";
    bool aggregating = state->kind == WEIR_STATE_AGGREGATING;
    if (name[0] == '\0') {
        return weir_error_set(error, WEIR_INVALID, NULL,
                              "a state has no name; checkpoints know it by its name");
    }
    if (!aggregating && state->type == NULL) {
        return weir_error_set(error, WEIR_INVALID, NULL, "state '%s' has no type", name);
    }
    if (aggregating && state->aggregate == NULL) {
        return weir_error_set(error, WEIR_INVALID, NULL, "aggregating state '%s' has no aggregate",
                              name);
    }
    if (state->kind == WEIR_STATE_REDUCING && state->reduce == NULL) {
        return weir_error_set(error, WEIR_INVALID, NULL,
                              "reducing state '%s' has no reduce function", name);
    }
    if (state->kind == WEIR_STATE_MAP && state->key_type == NULL) {
        return weir_error_set(error, WEIR_INVALID, NULL, "map state '%s' has no key_type", name);
    }
    if (state->ttl.ttl_ms < 0) {
        return weir_error_set(error, WEIR_INVALID, NULL,
                              "state '%s': ttl_ms is %lld, expected 0 (none) or more", name,
                              (long long)state->ttl.ttl_ms);
    }
    return WEIR_OK;
}

/* TTL is part of it: cells carry stamps or not, and switching it would misread them. The type of
 * the values is not: it may gain and lose fields. */
static uint64_t fingerprint(const struct weir__keyed_state *state)
{
    const struct weir_state_descriptor *descriptor = state->descriptor;
    uint64_t hash = weir__hash_join(descriptor->kind, descriptor->ttl.ttl_ms > 0);
    return weir__hash_join(hash, weir__type_fingerprint(descriptor->key_type));
}

static void open_state(struct weir__keyed *keyed, const struct weir_state_descriptor *descriptor)
{
    struct weir__keyed_state *state = WEIR__NEW(struct weir__keyed_state);
    state->descriptor = descriptor;
    state->type = descriptor->kind == WEIR_STATE_AGGREGATING
                      ? descriptor->aggregate->accumulator_type
                      : descriptor->type;
    state->scratch = weir__alloc(state->type->size);
    state->lent = weir__alloc(state->type->size);
    struct weir__table_config config = {
        .name = descriptor->name, .spec = state, .type = state->type, .written = &state->written};
    switch (descriptor->kind) {
    case WEIR_STATE_VALUE:
    case WEIR_STATE_REDUCING:
    case WEIR_STATE_AGGREGATING:
        config.ops = &weir__value_cell_ops;
        config.cell_size = weir__value_cell_size(state->type);
        break;
    case WEIR_STATE_LIST:
        config.ops = &weir__list_cell_ops;
        config.cell_size = weir__list_cell_size;
        break;
    case WEIR_STATE_MAP:
        config.ops = &weir__map_cell_ops;
        config.cell_size = weir__map_cell_size;
        state->key_scratch = weir__alloc(descriptor->key_type->size);
        break;
    }
    config.fingerprint = fingerprint(state);
    state->table = weir__keyed_open_table(keyed, &config);
    weir__vec_push(&keyed->states, &state);
}

static struct weir__keyed_state *look_up(const struct weir__keyed *keyed,
                                         const struct weir_state_descriptor *descriptor)
{
    for (size_t i = 0; i < keyed->states.count; i++) {
        struct weir__keyed_state *state =
            *(struct weir__keyed_state **)weir__vec_at(&keyed->states, i);
        if (state->descriptor == descriptor) {
            return state;
        }
    }
    return NULL;
}

bool weir__keyed_knows(const struct weir__keyed *keyed, const struct weir_state_descriptor *state)
{
    return look_up(keyed, state) != NULL;
}

enum weir_status weir__keyed_declare(struct weir__keyed *keyed,
                                     const struct weir_state_descriptor *const *states,
                                     struct weir_error *error)
{
    for (; states != NULL && *states != NULL; states++) {
        if (weir__keyed_knows(keyed, *states)) {
            continue;
        }
        enum weir_status status = check(*states, error);
        if (status != WEIR_OK) {
            return status;
        }
        for (size_t i = 0; i < keyed->tables.count; i++) {
            const struct weir__table *table =
                *(struct weir__table **)weir__vec_at(&keyed->tables, i);
            if (strcmp(table->config.name, (*states)->name) == 0) {
                return weir_error_set(error, WEIR_INVALID, NULL, "two states are called '%s'",
                                      (*states)->name);
            }
        }
        open_state(keyed, *states);
    }
    return WEIR_OK;
}

struct weir__table *weir__keyed_open_table(struct weir__keyed *keyed,
                                           const struct weir__table_config *config)
{
    struct weir__table *table = keyed->backend->ops->open(keyed->backend, config, &keyed->keys);
    weir__vec_push(&keyed->tables, &table);
    return table;
}

struct weir__keyed_state *weir__keyed_state_of(const struct weir__keyed *keyed,
                                               const struct weir_state_descriptor *descriptor)
{
    struct weir__keyed_state *state = look_up(keyed, descriptor);
    assert(state != NULL);
    return state;
}

/* ---- cells of the key in hand ---- */

void *weir__state_find(struct weir__keyed *keyed, const struct weir__keyed_state *state)
{
    const struct weir__table_ops *ops = state->table->ops;
    if (weir__ttl_on(state)) {
        ops->sweep(state->table, weir__keyed_now(keyed), WEIR__TTL_SWEEP, keyed->node);
    }
    return keyed->node != NULL ? ops->find(state->table, keyed->node, keyed->ns) : NULL;
}

void *weir__state_obtain(struct weir__keyed *keyed, const struct weir__keyed_state *state,
                         bool *created)
{
    return state->table->ops->obtain(state->table, weir__keyed_node(keyed), keyed->ns, created);
}

void weir__state_remove(struct weir__keyed *keyed, const struct weir__keyed_state *state)
{
    if (keyed->node != NULL) {
        state->table->ops->remove(state->table, keyed->node, keyed->ns);
    }
}

void weir__keyed_state_clear(struct weir__keyed *keyed, const struct weir_state_descriptor *state)
{
    weir__state_remove(keyed, weir__keyed_state_of(keyed, state));
}

/* ---- the key in hand ---- */

/* Takes over a reference to the node. */
static void hold(struct weir__keyed *keyed, struct weir__key_node *node)
{
    if (keyed->node != NULL) {
        weir__key_unref(&keyed->keys, keyed->node);
    }
    keyed->node = node;
    keyed->now_known = false;
    keyed->call++;
}

/* Nobody holds a cell of the key before. */
static void settle(struct weir__keyed *keyed)
{
    if (keyed->backend->ops->settle != NULL) {
        keyed->backend->ops->settle(keyed->backend);
    }
}

void weir__keyed_set_key(struct weir__keyed *keyed, const struct weir__key *key)
{
    settle(keyed);
    struct weir__key_node *node = keyed->backend->ops->outside_memory
                                      ? weir__key_table_intern(&keyed->keys, key)
                                      : weir__key_table_find(&keyed->keys, key);
    if (node != NULL) {
        weir__key_ref(node);
    }
    hold(keyed, node);
    keyed->key = *key;
}

struct weir__key_node *weir__keyed_node(struct weir__keyed *keyed)
{
    if (keyed->node == NULL) {
        keyed->node = weir__key_table_intern(&keyed->keys, &keyed->key);
        weir__key_ref(keyed->node);
    }
    return keyed->node;
}

int64_t weir__keyed_now(struct weir__keyed *keyed)
{
    if (!keyed->now_known) {
        keyed->now_ms = weir_clock_ms(keyed->clock);
        keyed->now_known = true;
    }
    return keyed->now_ms;
}

/* ---- timers ---- */

bool weir__keyed_register_timer(struct weir__keyed *keyed, enum weir__time_domain domain,
                                struct weir__namespace ns, int64_t time)
{
    return weir__timers_register(&keyed->timers[domain], weir__keyed_node(keyed), ns, time);
}

bool weir__keyed_delete_timer(struct weir__keyed *keyed, enum weir__time_domain domain,
                              struct weir__namespace ns, int64_t time)
{
    return keyed->node != NULL &&
           weir__timers_delete(&keyed->timers[domain], keyed->node, ns, time);
}

bool weir__keyed_next_timer(struct weir__keyed *keyed, enum weir__time_domain domain, int64_t limit,
                            struct weir__timer *due)
{
    settle(keyed);
    if (!weir__timers_pop(&keyed->timers[domain], limit, due)) {
        return false;
    }
    hold(keyed, due->key);
    keyed->key = due->key->key;
    return true;
}

int64_t weir__keyed_next_time(const struct weir__keyed *keyed, enum weir__time_domain domain)
{
    return weir__timers_next(&keyed->timers[domain]);
}

size_t weir__keyed_timer_count(const struct weir__keyed *keyed, enum weir__time_domain domain)
{
    return keyed->timers[domain].count;
}

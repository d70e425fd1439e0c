/*
 * What the process operators share: with and without a key, with one input and with two.
 *
 * A learner's functions, whichever struct they came in, are kept as one function an input. The
 * operator without a key and with one input (process.c) is the simplest; keyed_process.c is all the
 * others, and broadcast_process.c adds a second state to it.
 */
#ifndef WEIR__OPERATOR_PROCESS_H
#define WEIR__OPERATOR_PROCESS_H

#include "operator/context.h"
#include "operator/factories.h"
#include "state/keyed.h"

struct weir__user_functions {
    void (*process[WEIR__INPUTS])(const void *value, weir_context *context, weir_collector *out,
                                  void *user);
    void (*on_timer)(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                     void *user); /* may be NULL */
    const struct weir_state_descriptor *const *states;
    const struct weir_state_descriptor *const *broadcast_states;
    void *user;
};

struct weir__process_factory {
    struct weir__operator_factory factory;
    struct weir__user_functions functions;
};

/* Makes the factory of an operator whose instances begin with `create`'s. */
struct weir__operator_factory *weir__process_factory_new(
    const struct weir__operator_ops *ops,
    struct weir__operator *(*create)(const struct weir__operator_factory *factory),
    const struct weir__user_functions *functions);
static inline const struct weir__user_functions *weir__process_functions(
    const struct weir__operator_factory *factory)
{
    return &((const struct weir__process_factory *)factory)->functions;
}

struct weir__operator_factory *weir__keyed_process_factory(
    const struct weir_process_function *function);

/* ---- keyed_process.c ---- */

/* First member of the operators that are built on it. */
struct weir__keyed_process {
    struct weir__operator op;
    const struct weir__user_functions *functions; /* the factory's copy */
    struct weir_context context;
    struct weir__keyed keyed;
    bool open;
};

enum weir_status weir__keyed_process_open(struct weir__operator *op, struct weir_error *error);
/* An input with a key sets it; one without leaves the function without keyed state. */
void weir__keyed_process_record(struct weir__operator *op, int input,
                                const struct weir__record *record);
void weir__keyed_process_watermark(struct weir__operator *op, int64_t watermark);
int64_t weir__keyed_process_next_tick(const struct weir__operator *op);
void weir__keyed_process_tick(struct weir__operator *op, int64_t now_ms);
void weir__keyed_process_snapshot(struct weir__operator *op, struct weir__buf *out);
enum weir_status weir__keyed_process_restore(struct weir__operator *op, struct weir_str bytes,
                                             struct weir_error *error);
void weir__keyed_process_holdings(const struct weir__operator *op, struct weir__holdings *out);
void weir__keyed_process_free(struct weir__operator *op);

/* Adds how many cells the states have. */
void weir__count_entries(const struct weir__keyed *keyed, struct weir__holdings *out);

#endif

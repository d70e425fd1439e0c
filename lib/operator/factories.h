/*
 * The operators that the graph can ask for. Each function copies its configuration and returns a
 * factory that the graph owns; a factory takes over sources and sinks given to it.
 */
#ifndef WEIR__OPERATOR_FACTORIES_H
#define WEIR__OPERATOR_FACTORIES_H

#include "operator/operator.h"

#include <weir/async.h>
#include <weir/connect.h>
#include <weir/pattern.h>
#include <weir/sink.h>
#include <weir/source.h>
#include <weir/stream.h>

struct weir__operator_factory *weir__source_factory(weir_source *source);
struct weir__operator_factory *weir__sink_factory(weir_sink *sink);
struct weir__operator_factory *weir__filter_factory(bool (*predicate)(const void *value,
                                                                      void *user),
                                                    void *user);
struct weir__operator_factory *weir__map_factory(void (*map)(const void *value, void *out,
                                                             void *user),
                                                 void *user);
struct weir__operator_factory *weir__flat_map_factory(
    void (*flat_map)(const void *value, weir_collector *out, void *user), void *user);
/* keyed: state and timers are available, and context->key says where the key is. */
struct weir__operator_factory *weir__process_factory(const struct weir_process_function *function,
                                                     bool keyed);
/* Two inputs: with keys where context->key and context->second_key say so. */
struct weir__operator_factory *weir__co_process_factory(
    const struct weir_co_process_function *function);
struct weir__operator_factory *weir__broadcast_process_factory(
    const struct weir_broadcast_function *function);
struct weir__operator_factory *weir__watermark_factory(struct weir_watermark_strategy strategy,
                                                       const struct weir_field *timestamp);
struct weir__operator_factory *weir__window_factory(const struct weir_window_config *config);

/* What is wrong with a window configuration, checked while the graph is built: sizes, offsets,
 * lateness, trigger with merging windows, missing merge, types. Errors: WEIR_INVALID,
 * WEIR_MISMATCH. */
WEIR_MUST_USE enum weir_status weir__window_config_check(const struct weir_window_config *config,
                                                         const struct weir_type *in_type,
                                                         struct weir_error *error);

/* What comes out; NULL: the configuration is not complete. */
const struct weir_type *weir__window_out_type(const struct weir_window_config *config);

struct weir__operator_factory *weir__pattern_factory(const struct weir_pattern_config *config);
/* Steps and times. Errors: WEIR_INVALID. */
WEIR_MUST_USE enum weir_status weir__pattern_config_check(const struct weir_pattern_config *config,
                                                          struct weir_error *error);
/* "cart, followed by pay, within 10m": for the plan. A new string. */
char *weir__pattern_about(const struct weir_pattern_config *config);

struct weir__operator_factory *weir__async_factory(const struct weir_async_config *config);

#endif

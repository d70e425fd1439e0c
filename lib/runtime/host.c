/*
 * The host of one operator subtask.
 */
#include "runtime/host.h"

#include "base/mem.h"
#include "graph/env.h"
#include "metrics/metrics.h"
#include "types/key.h"

#include <assert.h>
#include <string.h>

const struct weir_state_backend_config *weir__env_state_backend(const weir_env *env)
{
    return &env->settings.state_backend;
}

uint64_t weir__env_seed(const weir_env *env)
{
    return env->settings.seed;
}

static void wake_nobody(void *waker)
{
    (void)waker;
}

struct weir__host *weir__host_new(const struct weir__transformation *transformation,
                                  const struct weir__surroundings *surroundings, int subtask,
                                  int parallelism)
{
    assert(subtask >= 0 && subtask < parallelism);
    struct weir__host *host = WEIR__NEW(struct weir__host);
    host->transformation = transformation;
    host->context = (struct weir__operator_context){
        .name = transformation->name,
        .id = transformation->id,
        .subtask = subtask,
        .parallelism = parallelism,
        .max_parallelism = surroundings->max_parallelism > 0
                               ? surroundings->max_parallelism
                               : weir__default_max_parallelism(parallelism),
        .seed = surroundings->seed,
        .in_type = transformation->in_type,
        .out_type = transformation->out_type,
        .key = transformation->key,
        .second_type = transformation->second_type,
        .second_key = transformation->second_key,
        .clock = surroundings->clock,
        .tracer = surroundings->tracer,
        .properties = surroundings->properties,
        .brokers = surroundings->brokers,
        .wake = surroundings->wake != NULL ? surroundings->wake : wake_nobody,
        .waker = surroundings->waker,
        .alignment = surroundings->alignment,
        .checkpoints = surroundings->checkpoints,
        .micro_batch_ms = surroundings->micro_batch_ms,
        .state_backend = surroundings->state_backend,
        .state_shares = surroundings->state_shares,
        .main = {.type = transformation->out_type, .records_out = &host->context.records_out},
        .watermark = WEIR_TIME_MIN,
        .metrics = weir__metric_group_new(),
    };
    weir__inputs_init(&host->context.inputs);
    host->op = transformation->factory->create(transformation->factory);
    host->op->context = &host->context;
    return host;
}

void weir__host_measure_latency(struct weir__host *host,
                                const struct weir__surroundings *surroundings, int vertex,
                                int place)
{
    if (surroundings->latency != NULL) {
        host->context.latency =
            weir__latency_new(surroundings->latency, vertex, place, host->context.subtask);
    }
}

void weir__host_free(struct weir__host *host)
{
    if (host == NULL) {
        return;
    }
    host->op->ops->free(host->op);
    for (size_t i = 0; i < host->context.side_count; i++) {
        weir__free(host->context.sides[i].receivers);
    }
    weir__free(host->context.sides);
    weir__free(host->context.main.receivers);
    weir__metric_group_free(host->context.metrics);
    weir__latency_free(host->context.latency);
    weir__free(host);
}

/* ---- outputs ---- */

static const struct weir__side *declared_side(const struct weir__transformation *transformation,
                                              const char *tag)
{
    for (size_t i = 0; i < transformation->side_count; i++) {
        if (strcmp(transformation->sides[i].name, tag) == 0) {
            return &transformation->sides[i];
        }
    }
    return NULL;
}

static struct weir__output *side_output(struct weir__host *host, const char *tag)
{
    struct weir__output *output = weir__operator_side(host->op, tag);
    if (output != NULL) {
        return output;
    }
    const struct weir__side *side = declared_side(host->transformation, tag);
    assert(side != NULL);
    struct weir__operator_context *context = &host->context;
    context->sides =
        weir__reallocarray(context->sides, context->side_count + 1, sizeof(*context->sides));
    output = &context->sides[context->side_count++];
    *output = (struct weir__output){
        .type = side->type, .tag = side->name, .records_out = &context->records_out};
    return output;
}

void weir__host_connect(struct weir__host *host, const char *tag, struct weir__receiver receiver)
{
    struct weir__output *output = tag == NULL ? &host->context.main : side_output(host, tag);
    output->receivers = weir__reallocarray(output->receivers, output->receiver_count + 1,
                                           sizeof(*output->receivers));
    output->receivers[output->receiver_count++] = receiver;
}

void weir__host_chain(struct weir__host *from, const char *tag, struct weir__host *to)
{
    weir__host_connect(from, tag, (struct weir__receiver){&weir__operator_receiver_ops, to->op});
}

/* ---- life ---- */

enum weir_status weir__host_open(struct weir__host *host, struct weir_error *error)
{
    return host->op->ops->open != NULL ? host->op->ops->open(host->op, error) : WEIR_OK;
}

int64_t weir__host_next_tick(const struct weir__host *host)
{
    const struct weir__operator_ops *ops = host->op->ops;
    return ops->next_tick != NULL && !host->context.failed ? ops->next_tick(host->op)
                                                           : WEIR_TIME_MAX;
}

bool weir__host_tick(struct weir__host *host, int64_t now_ms)
{
    const struct weir__operator_ops *ops = host->op->ops;
    if (ops->tick == NULL || weir__host_next_tick(host) > now_ms) {
        return false;
    }
    ops->tick(host->op, now_ms);
    return true;
}

void weir__host_finish(struct weir__host *host)
{
    if (host->op->ops->finish != NULL && !host->context.failed) {
        host->op->ops->finish(host->op);
    }
}

const struct weir__host *weir__hosts_failed(struct weir__host *const *hosts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hosts[i]->context.failed) {
            return hosts[i];
        }
    }
    return NULL;
}

int64_t weir__host_metric(const struct weir__host *host, const char *name)
{
    if (strcmp(name, "numRecordsIn") == 0) {
        return host->context.records_in;
    }
    if (strcmp(name, "numRecordsOut") == 0) {
        return host->context.records_out;
    }
    if (strcmp(name, "latency") == 0 && host->context.latency != NULL) {
        return weir__latency_count(host->context.latency);
    }
    return weir__metric_value(host->context.metrics, name);
}

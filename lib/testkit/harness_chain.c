/* Making a harness: from the stream back to its source, with a host for every operator. */
#include "base/mem.h"
#include "metrics/metrics.h"
#include "testkit/harness_internal.h"

#include <assert.h>
#include <string.h>

/* ---- from the stream back to its source ---- */

/* What the chain begins behind: the source, or the operator that another harness ends with. */
static bool is_before(const weir_harness *harness, const struct weir__transformation *at)
{
    return at->input_count == 0 || at == harness->after;
}

/* One stream; or two, for one input each or united, with nothing before that could tell them apart.
 */
static bool can_drive(const weir_harness *harness, const struct weir__transformation *at)
{
    if (at->second_type == NULL && at->input_count == 1) {
        return true;
    }
    return at->input_count == 2 && is_before(harness, at->inputs[0].from) &&
           is_before(harness, at->inputs[1].from) &&
           (at->second_type != NULL || at->inputs[0].from != at->inputs[1].from);
}

static bool find_chain(weir_harness *harness, const weir_env *env, const weir_stream *out)
{
    const struct weir__transformation *last = weir__stream_transformation(out);
    const struct weir_error *mistake = weir_env_error(env);
    if (mistake->code != WEIR_OK) {
        harness->error = *mistake;
        return false;
    }
    if (last == NULL || is_before(harness, last)) {
        weir_error_set(&harness->error, WEIR_INVALID, "harness",
                       "there is no operator between the input and the stream: nothing to test");
        return false;
    }
    for (const struct weir__transformation *at = last; !is_before(harness, at);
         at = at->inputs[0].from) {
        if (!can_drive(harness, at)) {
            weir_error_set(&harness->error, WEIR_UNSUPPORTED, at->name,
                           "it reads %zu streams; the harness drives operators that read one, or "
                           "two where each comes straight from a weir_harness_input",
                           at->input_count);
            return false;
        }
        harness->count++;
    }
    harness->chain = weir__calloc(harness->count, sizeof(*harness->chain));
    harness->tags = weir__calloc(harness->count, sizeof(*harness->tags));
    harness->hosts = weir__calloc(harness->count, sizeof(struct weir__host *));
    const struct weir__transformation *at = last;
    for (size_t i = harness->count; i-- > 0; at = at->inputs[0].from) {
        harness->chain[i] = at;
        if (i > 0) {
            harness->tags[i - 1] = at->inputs[0].tag;
        }
    }
    return true;
}

/* ---- hosts ---- */

static bool same_tag(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* A recorder on an output, unless the next operator of the chain reads it. */
static void record_output(weir_harness *harness, size_t i, const char *tag,
                          const struct weir_type *type)
{
    if (type == NULL || (i + 1 < harness->count && same_tag(tag, harness->tags[i]))) {
        return;
    }
    struct weir__recorder *recorder = &harness->recorders[harness->recorder_count++];
    *recorder = (struct weir__recorder){&harness->recording, type, tag};
    weir__host_connect(harness->hosts[i], tag, weir__recorder_receiver(recorder));
}

static void connect(weir_harness *harness)
{
    size_t outputs = 0;
    for (size_t i = 0; i < harness->count; i++) {
        outputs += 1 + harness->chain[i]->side_count;
    }
    harness->recorders = weir__calloc(outputs, sizeof(struct weir__recorder));
    harness->recorder_count = 0;
    for (size_t i = 0; i < harness->count; i++) {
        record_output(harness, i, NULL, harness->chain[i]->out_type);
        for (size_t side = 0; side < harness->chain[i]->side_count; side++) {
            record_output(harness, i, harness->chain[i]->sides[side].name,
                          harness->chain[i]->sides[side].type);
        }
        if (i + 1 < harness->count) {
            weir__host_chain(harness->hosts[i], harness->tags[i], harness->hosts[i + 1]);
        }
    }
}

enum weir_status weir__harness_make_hosts(weir_harness *harness)
{
    const struct weir__surroundings surroundings = {.clock = &harness->clock.clock,
                                                    .tracer = harness->tracer,
                                                    .seed = harness->seed,
                                                    .state_backend = harness->state_backend};
    for (size_t i = 0; i < harness->count; i++) {
        harness->hosts[i] = weir__host_new(harness->chain[i], &surroundings, harness->subtask,
                                           harness->parallelism);
    }
    connect(harness);
    enum weir_status status = WEIR_OK;
    for (size_t i = harness->count; i-- > 0 && status == WEIR_OK;) {
        status = weir__host_open(harness->hosts[i], &harness->error);
    }
    if (status != WEIR_OK) {
        harness->error.code = status;
    }
    return status;
}

/* A gauge tells how it is now, which says nothing about operators that are gone. */
static void keep_counter(const char *name, enum weir__metric_kind kind, int64_t value, void *user)
{
    if (kind != WEIR__GAUGE) {
        *weir__metric_counter(user, name) += value;
    }
}

void weir__harness_free_hosts(weir_harness *harness)
{
    for (size_t i = 0; i < harness->count; i++) {
        const struct weir__host *host = harness->hosts[i];
        if (host != NULL) {
            weir__metric_each(host->context.metrics, keep_counter, harness->past);
            keep_counter("numRecordsIn", WEIR__COUNTER, host->context.records_in, harness->past);
            keep_counter("numRecordsOut", WEIR__COUNTER, host->context.records_out, harness->past);
        }
        weir__host_free(harness->hosts[i]);
        harness->hosts[i] = NULL;
    }
    weir__free(harness->recorders);
    harness->recorders = NULL;
}

/* ---- life ---- */

weir_harness *weir__harness_new_part(weir_env *env, const weir_stream *after,
                                     const weir_stream *out, int subtask, int parallelism)
{
    assert(subtask >= 0 && subtask < parallelism);
    weir_harness *harness = WEIR__NEW(weir_harness);
    harness->after = weir__stream_transformation(after);
    harness->subtask = subtask;
    harness->parallelism = parallelism;
    harness->state_backend = weir__env_state_backend(env);
    harness->seed = weir__env_seed(env);
    harness->past = weir__metric_group_new();
    weir_manual_clock_init(&harness->clock, 0);
    weir__recording_init(&harness->recording);
    if (find_chain(harness, env, out)) {
        /* What goes wrong is told by weir_harness_error. */
        enum weir_status ignored = weir__harness_make_hosts(harness);
        (void)ignored;
    }
    return harness;
}

weir_harness *weir_harness_new_subtask(weir_env *env, const weir_stream *out, int subtask,
                                       int parallelism)
{
    return weir__harness_new_part(env, NULL, out, subtask, parallelism);
}

weir_harness *weir_harness_new(weir_env *env, const weir_stream *out)
{
    return weir_harness_new_subtask(env, out, 0, 1);
}

void weir_harness_free(weir_harness *harness)
{
    if (harness == NULL) {
        return;
    }
    weir__harness_free_hosts(harness);
    weir__free(harness->chain);
    weir__free(harness->tags);
    weir__free(harness->hosts);
    weir__metric_group_free(harness->past);
    weir__recording_fini(&harness->recording);
    weir__buf_fini(&harness->snapshot);
    weir__free(harness);
}

/*
 * The source that stands where a harness begins. It is never opened by the harness; in a real job
 * it ends at once.
 */
#include "base/mem.h"

#include <weir/harness.h>

static void *reader_new(const void *config)
{
    (void)config;
    return weir__alloc(1);
}

static enum weir_status reader_open(void *reader, const struct weir_source_context *context,
                                    struct weir_error *error)
{
    (void)reader;
    (void)context;
    (void)error;
    return WEIR_OK;
}

static enum weir_poll reader_poll(void *reader, weir_source_output *out, int budget,
                                  struct weir_error *error)
{
    (void)reader;
    (void)out;
    (void)budget;
    (void)error;
    return WEIR_POLL_END;
}

static const struct weir_source_ops input_ops = {
    .kind = "Harness input",
    .reader_new = reader_new,
    .open = reader_open,
    .poll = reader_poll,
    .reader_free = weir__free,
};

weir_stream *weir_harness_input(weir_env *env, const struct weir_type *type)
{
    return weir_from_source(env, weir_source_new(&input_ops, "input", type, NULL));
}

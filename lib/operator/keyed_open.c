/*
 * The keyed side of an operator in the backend that the job chose, and its part of checkpoints: as
 * bytes, or as files beside them where the job wants incremental checkpoints.
 */
#include "base/log.h"
#include "operator/context.h"
#include "state/keyed.h"

#include <stdio.h>

static void backend_failed(void *host, const struct weir_error *error)
{
    weir__operator_fail(host, error);
}

enum weir_status weir__operator_keyed_init(struct weir__operator *op, struct weir__keyed *keyed,
                                           struct weir_error *error)
{
    const struct weir__operator_context *context = op->context;
    int shares = context->state_shares > 0 ? context->state_shares : 1;
    struct weir__backend *backend;
    enum weir_status status = weir__backend_new(context->state_backend, shares, &backend, error);
    if (status != WEIR_OK) {
        return status;
    }
    backend->failed = backend_failed;
    backend->host = op;
    weir__keyed_init(keyed, backend, context->clock, context->subtask, context->parallelism,
                     context->max_parallelism);
    return WEIR_OK;
}

/* Stable from checkpoint to checkpoint: a file with the same name is known to be the same. */
static bool snapshot_files(const struct weir__operator_context *context, struct weir__keyed *keyed,
                           struct weir__buf *out)
{
    char folder[64];
    struct weir_error error = {0};
    snprintf(folder, sizeof(folder), "keyed-%d-%d", context->id, context->subtask);
    enum weir_status status =
        weir__keyed_checkpoint(keyed, context->attachments, folder, out, &error);
    if (status != WEIR_OK && status != WEIR_UNSUPPORTED) {
        weir__log(WEIR__LOG_WARNING, "%s: no incremental checkpoint, all state is written: %s",
                  context->name, error.message);
    }
    return status == WEIR_OK;
}

void weir__operator_keyed_snapshot(struct weir__operator *op, struct weir__keyed *keyed,
                                   struct weir__buf *out)
{
    const struct weir__operator_context *context = op->context;
    bool incremental = context->attachments != NULL && context->state_backend != NULL &&
                       context->state_backend->incremental;
    if (!incremental || !snapshot_files(context, keyed, out)) {
        weir__keyed_freeze(keyed, out, context->gaps);
    }
}

enum weir_status weir__operator_keyed_restore(struct weir__operator *op, struct weir__keyed *keyed,
                                              struct weir__reader *in, struct weir_error *error)
{
    return weir__keyed_restore_from(keyed, op->context->attachments, in, error);
}

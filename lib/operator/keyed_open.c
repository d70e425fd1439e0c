/*
 * The keyed side of an operator in the backend that the job chose.
 */
#include "operator/context.h"
#include "state/keyed.h"

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

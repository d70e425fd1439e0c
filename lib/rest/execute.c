/*
 * weir_execute: a job, with its REST server beside it where one is asked for.
 *
 * It lies here, above the runtime, so that the runtime need not know who watches.
 */
#include "runtime/execute.h"

#include "rest/server.h"

int weir_execute(weir_env *env)
{
    static const struct weir__observer observer = {weir__rest_start, weir__rest_stop};
    return weir__execute(env, &observer);
}

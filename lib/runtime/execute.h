/*
 * weir_execute, for a watcher that the runtime does not know: rest/execute.c gives it one.
 */
#ifndef WEIR__RUNTIME_EXECUTE_H
#define WEIR__RUNTIME_EXECUTE_H

#include "runtime/observer.h"

#include <weir/env.h>

int weir__execute(weir_env *env, const struct weir__observer *observer);

#endif

/* What the two process operators, with and without a key, share. */
#ifndef WEIR__OPERATOR_PROCESS_H
#define WEIR__OPERATOR_PROCESS_H

#include "operator/context.h"
#include "operator/factories.h"

struct weir__process_factory {
    struct weir__operator_factory factory;
    struct weir_process_function function;
};

struct weir__operator_factory *weir__keyed_process_factory(
    const struct weir_process_function *function);

#endif

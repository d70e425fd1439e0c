/* The window operator as its factory makes it. */
#ifndef WEIR__OPERATOR_WINDOW_FACTORY_H
#define WEIR__OPERATOR_WINDOW_FACTORY_H

#include "operator/factories.h"

extern const struct weir__operator_ops weir__window_operator_ops;
/* config: borrowed; the factory's copy. */
struct weir__operator *weir__window_operator_new(const struct weir_window_config *config);

#endif

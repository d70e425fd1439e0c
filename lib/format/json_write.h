/*
 * Writing values as JSON by a plan: the keys are ready-made.
 */
#ifndef WEIR__FORMAT_JSON_WRITE_H
#define WEIR__FORMAT_JSON_WRITE_H

#include "base/buf.h"
#include "format/json_plan.h"

void weir__json_write(struct weir__slot slot, const struct weir__json_plan *plan, const void *at,
                      struct weir__buf *out);

#endif

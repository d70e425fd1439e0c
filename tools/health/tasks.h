/*
 * Where a running job is held up: what its tasks do with their time, and how full their queues are.
 */
#ifndef WEIR_TOOLS_HEALTH_TASKS_H
#define WEIR_TOOLS_HEALTH_TASKS_H

#include <weir/status.h>

/*
 * Prints a line a task, from source to sink. Of several subtasks the busiest counts, the one that
 * is held up most, and the fullest queue. Errors: as health_ask.
 */
WEIR_MUST_USE enum weir_status health_print_tasks(const char *url, struct weir_error *error);

#endif

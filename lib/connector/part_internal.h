/*
 * What part.c and the stores share: names (owned by the caller), and a word in the log.
 */
#ifndef WEIR__CONNECTOR_PART_INTERNAL_H
#define WEIR__CONNECTOR_PART_INTERNAL_H

#include "connector/part.h"

char *weir__part_name(const struct weir__part_folder *folder, int subtask, int64_t number);

/* Logs what went wrong, but not that something is not there: for what is no reason to fail. */
void weir__part_tell(enum weir_status status, const struct weir_error *error);

#endif

/*
 * What part.c and part_finish.c share: paths and names (owned by the caller), and looking.
 */
#ifndef WEIR__CONNECTOR_PART_INTERNAL_H
#define WEIR__CONNECTOR_PART_INTERNAL_H

#include "connector/part.h"

char *weir__part_bucket_path(const struct weir__part_folder *folder, const char *bucket);
char *weir__part_path(const struct weir__part_folder *folder, const char *bucket, const char *name);
char *weir__part_name(const struct weir__part_folder *folder, int subtask, int64_t number);

/* Not weir__files_exist: a disk that cannot tell has not said no. */
WEIR_MUST_USE enum weir_status weir__part_look(const struct weir__part_folder *folder,
                                               const char *path, bool *there,
                                               struct weir_error *error);
/* Logs what went wrong, but not that a file is not there: for what is no reason to fail. */
void weir__part_tell(enum weir_status status, const struct weir_error *error);

#endif

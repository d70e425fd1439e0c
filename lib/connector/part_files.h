/*
 * What part_files.c and part_files_finish.c share: paths (owned by the caller), looking, and the
 * store's functions for parts that a checkpoint knows.
 */
#ifndef WEIR__CONNECTOR_PART_FILES_H
#define WEIR__CONNECTOR_PART_FILES_H

#include "connector/part_internal.h"

char *weir__part_bucket_path(const struct weir__part_folder *folder, const char *bucket);
char *weir__part_path(const struct weir__part_folder *folder, const char *bucket, const char *name);

/* Not weir__files_exist: a disk that cannot tell has not said no. */
WEIR_MUST_USE enum weir_status weir__part_look(const struct weir__part_folder *folder,
                                               const char *path, bool *there,
                                               struct weir_error *error);

/* Of struct weir__part_store. */
enum weir_status weir__part_files_resume(const struct weir__part_folder *folder,
                                         struct weir__part *part, struct weir_error *error);
enum weir_status weir__part_files_show(const struct weir__part_folder *folder,
                                       struct weir__part *part, bool *there,
                                       struct weir_error *error);
void weir__part_files_remove_leftovers(const struct weir__part_folder *folder,
                                       const struct weir__part_heritage *heritage);

#endif

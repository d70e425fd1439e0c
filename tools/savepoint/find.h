/*
 * Which directory of checkpoints a process writes: the one whose job.pid it, or a child of it (a
 * task manager), keeps open.
 */
#ifndef WEIR_TOOLS_SAVEPOINT_FIND_H
#define WEIR_TOOLS_SAVEPOINT_FIND_H

#include <sys/types.h>

/* Owned by the caller (weir__free); NULL: none. */
char *find_directory(pid_t pid);

#endif

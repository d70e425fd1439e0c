/*
 * Folders of files that never change.
 */
#ifndef WEIR__STATE_FOLDERS_H
#define WEIR__STATE_FOLDERS_H

#include <weir/status.h>

/*
 * A new folder "<parent>/<prefix>XXXXXX"; the caller frees its path. Errors: WEIR_IO; NULL then.
 */
char *weir__folder_new(const char *parent, const char *prefix, struct weir_error *error);
/*
 * Removes folders "<parent>/<prefix>…" that processes which were killed have left: those a minute
 * older than `made`, which is new, whose file `lock` nobody holds. Those that begin with `ours` are
 * left alone: a process sees no locks of its own, and would lose them by looking.
 */
void weir__folders_remove_abandoned(const char *parent, const char *prefix, const char *ours,
                                    const char *lock, const char *made);
/*
 * Gives the files of a folder to another one, which is there: those named *<suffix> as hard links
 * where the disk allows it, all others as copies. Errors: WEIR_IO, WEIR_NOT_FOUND.
 */
WEIR_MUST_USE enum weir_status weir__folder_link(const char *from, const char *to,
                                                 const char *suffix, struct weir_error *error);

#endif

/*
 * Alignment of sources: what the source subtasks of a job tell each other, so that none runs far
 * ahead of the others of its group.
 *
 *     every update interval, each subtask:   reports its watermark (idle or ended: WEIR_TIME_MAX)
 *                                            learns the lowest one of the group
 *     lowest + max drift < own watermark:    the subtask pauses
 *
 * One that has no watermark yet counts as WEIR_TIME_MIN: the group waits for it. Reports are
 * periodic, so a subtask goes further than the drift by what it reads in between.
 *
 * One a job. Threads: any, under a lock. Source: semantics sheet, section 14.
 */
#ifndef WEIR__TIME_ALIGNMENT_H
#define WEIR__TIME_ALIGNMENT_H

#include <stddef.h>
#include <stdint.h>

#define WEIR__ALIGNMENT_INTERVAL_MS 1000

struct weir__alignment;

struct weir__alignment *weir__alignment_new(void);
void weir__alignment_free(struct weir__alignment *alignment); /* may be NULL */

/* Adds a member to the group of that name, and gives its number. The name is borrowed. */
size_t weir__alignment_join(struct weir__alignment *alignment, const char *group);
/* Reports the member's watermark; returns the lowest one of its group, its own included. */
int64_t weir__alignment_report(struct weir__alignment *alignment, size_t member, int64_t watermark);

#endif

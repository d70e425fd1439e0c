/*
 * The cage: what a child does to itself between fork and exec, and how a parent gets rid of
 * everything that came out of it.
 */
#ifndef GRADING_CAGE_H
#define GRADING_CAGE_H

#include "child.h"

/*
 * In the child, after its descriptors 0 to 4 are in place: closes the others, gives up rights, sets
 * limits, runs argv. Returns only when that failed, with an errno value.
 */
int grading_cage_exec(const struct grading_child_config *config);

/*
 * Whether leaks can be looked for: the leak checker stops the program's threads with ptrace, which
 * a debugger, strace or a container may not leave it. Where it cannot, the cage does without: leaks
 * cost nothing then. Starts a process, and waits for it.
 */
bool grading_cage_sees_leaks(void);

/* In the parent: makes orphans of its children its own, and keeps its memory (expected values) from
 * being read. */
void grading_cage_adopt(void);

/* Kills the group of `leader` and every process that is now our child. Other children of ours must
 * not exist. */
void grading_cage_sweep(pid_t leader);

#endif

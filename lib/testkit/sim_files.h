/*
 * The table of files (base/files.h) over a disk in memory (sim_disk.h), for tests of what must
 * survive: every operation has a number, and at any number the machine can crash, the disk be full
 * or fail, a call be interrupted or do only a part.
 *
 *     struct weir__sim_files *sim = weir__sim_files_new(seed);
 *     weir__sim_files_fail_at(sim, 17, WEIR__SIM_CRASH);
 *     … run something on weir__sim_files_table(sim) …
 *     if (weir__sim_files_crashed(sim)) {
 *         weir__sim_files_restart(sim);       what was not synced is gone, or half there, by seed
 *         … run it again: it must find its way …
 *     }
 *
 * After a crash every operation fails with EIO until the restart. An operation that crashes may
 * have happened or not, by seed; a write in part. A sync that fails loses what it should have
 * written, though the next one succeeds, as on Linux; only what is cut off and written anew is
 * saved.
 *
 * Threads: any, one operation at a time.
 */
#ifndef WEIR__TESTKIT_SIM_FILES_H
#define WEIR__TESTKIT_SIM_FILES_H

#include "base/files.h"

struct weir__sim_files;

enum weir__sim_fault {
    WEIR__SIM_NO_FAULT,
    WEIR__SIM_CRASH,
    WEIR__SIM_NO_SPACE,    /* ENOSPC where space is asked for, EIO elsewhere */
    WEIR__SIM_IO_ERROR,    /* EIO */
    WEIR__SIM_SHORT,       /* a write or read does a part; nothing happens to other operations */
    WEIR__SIM_INTERRUPTED, /* EINTR */
};

/* One in so many operations; 0: never. */
struct weir__sim_chances {
    uint64_t crash;
    uint64_t failure;  /* ENOSPC, EIO */
    uint64_t nuisance; /* short, EINTR: nobody may notice */
};

/* The seed decides what survives a crash, and where faults by chance fall. */
struct weir__sim_files *weir__sim_files_new(uint64_t seed);
void weir__sim_files_free(struct weir__sim_files *sim);
/* Borrowed until free. */
struct weir__files *weir__sim_files_table(struct weir__sim_files *sim);

/* Operations since it was made, or since the last restart. The first is number 1. */
int64_t weir__sim_files_count(struct weir__sim_files *sim);
/* One fault to come, in place of the one before; the count starts at the last restart. */
void weir__sim_files_fail_at(struct weir__sim_files *sim, int64_t operation,
                             enum weir__sim_fault fault);
/* Faults by chance, from now on. */
void weir__sim_files_set_chances(struct weir__sim_files *sim,
                                 const struct weir__sim_chances *chances);
/* The disk is full, until it is not: whatever asks for space fails with ENOSPC. */
void weir__sim_files_set_full(struct weir__sim_files *sim, bool full);

/* false: a sync of a file says yes and does nothing, as if the program had left it out. */
void weir__sim_files_set_syncing(struct weir__sim_files *sim, bool syncing);

/* The machine stops, between two operations. */
void weir__sim_files_crash(struct weir__sim_files *sim);
bool weir__sim_files_crashed(struct weir__sim_files *sim);
/* Faults and the count start anew; chances stay. */
void weir__sim_files_restart(struct weir__sim_files *sim);

/* The last operation that a fault hit, for a test's message: "17 rename a/chk-3.part". Borrowed
 * until the next fault. */
const char *weir__sim_files_hit(struct weir__sim_files *sim);

#endif

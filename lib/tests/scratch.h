/*
 * A fresh folder for a test, in memory where there is such a place: a sync then costs nothing, and
 * a test that syncs hundreds of times does not wait for a disk that is busy with others.
 */
#ifndef WEIR_TESTS_SCRATCH_H
#define WEIR_TESTS_SCRATCH_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SCRATCH_PATH = 64 };

static inline const char *scratch_root(void)
{
    return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

/* Makes the folder and puts its path into `path`. The caller removes it. */
static inline void scratch_make(char path[SCRATCH_PATH], const char *name)
{
    snprintf(path, SCRATCH_PATH, "%s/weir-%s-XXXXXX", scratch_root(), name);
    ck_assert_ptr_nonnull(mkdtemp(path));
}

#endif

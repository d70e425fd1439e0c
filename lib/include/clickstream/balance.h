/*
 * The account that a program gives at its end: what came in, what became of it, and whether that
 * adds up.
 *
 *     events in                   6000
 *       not a view                1788
 *       in windows                4182
 *       dead letters                30
 *     sum                         6000  ✓ every event is accounted for
 *
 * Each number should be counted where it happens, and none computed from the others: then the sum
 * can be wrong, and a right one says something.
 */
#ifndef CLICKSTREAM_BALANCE_H
#define CLICKSTREAM_BALANCE_H

#include <weir/env.h>

#include <stdbool.h>

struct balance_line {
    const char *what; /* NULL: the end of the lines */
    int64_t count;
    bool rare; /* is shown only when there were any */
};

/*
 * Prints the account on stdout; the lines end with one whose `what` is NULL. When they do not add
 * up to `in`, the program fails (weir_env_fail). After a restart, with --from, or when the job was
 * stopped with a savepoint, there is nothing to prove: what came before, or is to come, is not in
 * the numbers, and the account says so.
 */
void balance_print(weir_env *env, int64_t in, const struct balance_line *lines);

#endif

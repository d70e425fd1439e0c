/*
 * How many random cases a test runs, and which: for `make test`, for `make soak`, and to repeat one
 * that failed. Case i of a test draws everything from the seed first + i, so a failure that names
 * its seed is repeated by SEED=that.
 *
 *     SEED=n     begins at n instead of a seed from the clock, and runs only that one case …
 *     CASES=n    … or n cases
 *     SEEDS=n    the same for tests whose case is a whole job (a random graph, a random schedule)
 *
 * A sanitizer makes a case ten times as slow, and what it looks for is not rare: there a quarter
 * will do where the cases are many.
 */
#ifndef WEIR__TESTS_RANDOM_CASES_H
#define WEIR__TESTS_RANDOM_CASES_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RANDOM_CASES_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RANDOM_CASES_SANITIZED 1
#endif
#endif

struct random_cases {
    uint64_t first; /* seed of the first case */
    uint64_t end;   /* behind the last one */
};

static inline uint64_t random_cases_number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL && *text != '\0' ? strtoull(text, NULL, 10) : otherwise;
}

static inline uint64_t random_cases_affordable(uint64_t usual)
{
#ifdef RANDOM_CASES_SANITIZED
    return usual < 20 ? usual : usual / 4;
#else
    return usual;
#endif
}

/* Printed at once: a case that crashes leaves no other word. */
static inline struct random_cases random_cases_counted_by(const char *variable, const char *what,
                                                          uint64_t usual)
{
    const char *seed = getenv("SEED");
    uint64_t first = random_cases_number("SEED", (uint64_t)time(NULL) * 1000);
    uint64_t count = random_cases_number(
        variable, seed != NULL && *seed != '\0' ? 1 : random_cases_affordable(usual));
    printf("%s: SEED=%" PRIu64 " %s=%" PRIu64 "\n", what, first, variable, count);
    fflush(stdout);
    return (struct random_cases){first, first + count};
}

static inline struct random_cases random_cases(const char *what, uint64_t usual)
{
    return random_cases_counted_by("CASES", what, usual);
}

static inline struct random_cases random_seeds(const char *what, uint64_t usual)
{
    return random_cases_counted_by("SEEDS", what, usual);
}

#endif

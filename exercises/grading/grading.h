/*
 * Tests of exercises: what a test_<name>.c, the judge of an exercise, is written with.
 *
 *     GRADING_TEST(average_is_taken_over_users)
 *     {
 *         grading_example(&average, &example);     // fixed examples first
 *         grading_random(&average, 150);           // then random streams against the reference
 *     }
 *
 * The judge is a Check program that never contains the learner's code. It makes the streams, knows
 * what is expected, and asks a runner (runner.h), a child in a cage, for results; these travel as
 * data on a descriptor of their own. A test has passed when every result was right and the runner
 * then ended with the exit status that the judge had just drawn: whatever the learner's code
 * prints, and however it ends the process, is no result.
 *
 * A random case that fails is shrunk to the smallest stream that still fails, and shown as a
 * timeline.
 */
#ifndef GRADING_GRADING_H
#define GRADING_GRADING_H

#include "picture.h"
#include "stream.h"

#include "base/rand.h"

#include <check.h>

/* One behaviour: what to run, what must come out. Lists of fields end in NULL. */
struct grading_property {
    const char *rule;    /* the rule in one sentence, shown when it is broken */
    const char *subject; /* of the runner */
    const struct weir_type *in_type;
    const struct weir_type *out_type;
    void (*reference)(const struct grading_stream *stream, struct grading_results *expected);
    void (*generate)(
        struct weir__rand *rand,
        struct grading_stream *stream); /* fills an empty stream; NULL: examples only */
    struct grading_comparison comparison;
    const struct weir_field *const
        *sort; /* order in which results are compared; NULL: in which they came */
    const struct weir_field *const *columns; /* of the event, in the timeline */
    const struct weir_field
        *time_field; /* where the event itself carries its time; NULL: nowhere */
};

void grading_example(const struct grading_property *property, const struct grading_stream *stream);
void grading_random(const struct grading_property *property, int cases);

#define GRADING_TEST(name)                                                                         \
    static void name##_body(void);                                                                 \
    START_TEST(name)                                                                               \
    {                                                                                              \
        grading_begin_test(#name);                                                                 \
        name##_body();                                                                             \
        grading_end_test();                                                                        \
    }                                                                                              \
    END_TEST                                                                                       \
    static void name##_body(void)

/* Each test is a test case of the suite, under its own name. */
#define GRADING_ADD(suite, name) grading_add_test(suite, #name, name)

void grading_add_test(Suite *suite, const char *name, const TTest *test);
void grading_begin_test(const char *name);
void grading_end_test(void);

/*
 * The judge's main function, with the folder of the learner's files ("exercises/3.2-page-stats/").
 * Takes the suite.
 *
 *     test_<name> --runner FILE [--test NAME] [--seed N] [--cage bwrap|plain] [--cpu-seconds N]
 *
 * With --test: runs that test and prints its verdict as one line of JSON (verdict.h). Else all of
 * them, as Check does. `test_<name> --list` prints the tests' names.
 */
int grading_main(int argc, char **argv, const char *folder, Suite *suite);

#endif

/*
 * The judge: runs the suite's tests, in this process (they contain no foreign code), and reports.
 */
#include "session.h"
#include "shrink.h"
#include "verdict.h"

#include "base/mem.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { MISUSE = 2, DEFAULT_CPU_SECONDS = 5 };

/* One judge a process; Check's tests take no argument, so the session is here. */
static struct {
    struct grading_session session;
    uint64_t seed;
    const char *only;       /* --test */
    bool list;              /* --list */
    struct weir__buf names; /* of the tests, a line each */
    const char *test;       /* running now */
    struct weir__buf text;  /* why it failed */
} judge = {.session = {.cage = GRADING_PLAIN, .cpu_seconds = DEFAULT_CPU_SECONDS}, .seed = 1};

/* ---- failing ---- */

static void fail_test(void)
{
    grading_session_kill(&judge.session);
    ck_abort_msg("%.*s", (int)judge.text.len, judge.text.data);
}

/*
 * The failing case once more, in a runner of its own: what the code prints is then about this case
 * only, and what depends on the cases before it shows.
 */
static void replay(const struct grading_property *property, const struct grading_stream *stream)
{
    struct weir__buf again = {0};
    grading_session_kill(&judge.session);
    if (grading_session_case(&judge.session, property, stream, &again) == GRADING_AGREES) {
        weir__buf_printf(
            &judge.text,
            "  In a fresh program this stream gives the right result: is something kept in a "
            "static variable?\n");
    }
    grading_session_printed(&judge.session, &judge.text);
    weir__buf_fini(&again);
}

static void report_case(const struct grading_property *property,
                        const struct grading_stream *stream, enum grading_outcome outcome,
                        const char *which, const struct weir__buf *what)
{
    struct weir__buf *text = &judge.text;
    if (property->rule != NULL) {
        weir__buf_printf(text, "%s\n", property->rule);
    }
    weir__buf_printf(text, "%s\n", which);
    grading_picture_stream(stream, property->columns, text);
    weir__buf_put(text, what->data, what->len);
    weir__buf_printf(text, "%s", "");
    if (outcome != GRADING_BROKEN) {
        replay(property, stream);
    }
}

/* ---- what tests call ---- */

void grading_example(const struct grading_property *property, const struct grading_stream *stream)
{
    struct weir__buf what = {0};
    enum grading_outcome outcome = grading_session_case(&judge.session, property, stream, &what);
    if (outcome != GRADING_AGREES) {
        report_case(property, stream, outcome, "A fixed example, in order of arrival:", &what);
        weir__buf_fini(&what);
        fail_test();
    }
    weir__buf_fini(&what);
}

/* Shrinks and reports; does not return. */
static void fail_random(const struct grading_property *property, int index,
                        enum grading_outcome outcome, struct grading_stream *stream,
                        struct weir__buf *what)
{
    char which[160];
    size_t before = grading_stream_events(stream);
    if (!judge.session.slow) {
        grading_shrink(&judge.session, property, outcome, stream, what);
    }
    size_t after = grading_stream_events(stream);
    snprintf(which, sizeof which,
             "Seed %" PRIu64 ", random stream %d, %zu events, shrunk to %zu; in order of arrival:",
             judge.seed, index + 1, before, after);
    report_case(property, stream, outcome, which, what);
    weir__buf_fini(what);
    grading_stream_fini(stream);
    fail_test();
}

/* Each test draws from a generator of its own, so that it is replayed by the seed whichever tests
 * run before it. */
static uint64_t seed_of_test(void)
{
    struct weir_str name = weir_str_from(judge.test);
    return judge.seed ^ weir_value_hash(&weir_string_type, &name);
}

void grading_random(const struct grading_property *property, int cases)
{
    struct weir__rand rand;
    weir__rand_init(&rand, seed_of_test());
    for (int i = 0; i < cases; i++) {
        struct grading_stream stream;
        struct weir__buf what = {0};
        grading_stream_init(&stream, property->in_type);
        property->generate(&rand, &stream);
        enum grading_outcome outcome =
            grading_session_case(&judge.session, property, &stream, &what);
        if (outcome != GRADING_AGREES) {
            fail_random(property, i, outcome, &stream, &what);
        }
        weir__buf_fini(&what);
        grading_stream_fini(&stream);
    }
}

void grading_begin_test(const char *name)
{
    judge.test = name;
    judge.session.cases = 0;
    judge.text.len = 0;
    weir__buf_printf(&judge.text, "%s", "");
}

void grading_end_test(void)
{
    struct weir__buf why = {0};
    if (!grading_session_end(&judge.session, &why)) {
        weir__buf_printf(&judge.text,
                         "Every result was right, but the program did not end well.\n%.*s",
                         (int)why.len, why.data);
        weir__buf_fini(&why);
        fail_test();
    }
    weir__buf_fini(&why);
}

void grading_add_test(Suite *suite, const char *name, const TTest *test)
{
    TCase *tcase = tcase_create(name);
    weir__buf_printf(&judge.names, "%s\n", name);
    tcase_add_test(tcase, test);
    suite_add_tcase(suite, tcase);
}

/* ---- main ---- */

static bool read_options(int argc, char **argv)
{
    static const struct option options[] = {
        {"runner", required_argument, NULL, 'r'},
        {"test", required_argument, NULL, 't'},
        {"seed", required_argument, NULL, 's'},
        {"cage", required_argument, NULL, 'c'},
        {"cpu-seconds", required_argument, NULL, 'l'},
        {"list", no_argument, NULL, 'n'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
        switch (option) {
        case 'r':
            judge.session.runner = optarg;
            break;
        case 't':
            judge.only = optarg;
            break;
        case 's':
            judge.seed = strtoull(optarg, NULL, 10);
            break;
        case 'c':
            judge.session.cage = strcmp(optarg, "bwrap") == 0 ? GRADING_BWRAP : GRADING_PLAIN;
            break;
        case 'l':
            judge.session.cpu_seconds = (int)strtol(optarg, NULL, 10);
            break;
        case 'n':
            judge.list = true;
            break;
        default:
            return false;
        }
    }
    return judge.list ||
           (judge.session.runner != NULL && judge.session.cpu_seconds > 0 && optind == argc);
}

static void print_verdict(bool passed)
{
    struct grading_verdict verdict = {
        .test = weir_str_from(judge.only),
        .passed = passed,
        .cases = judge.session.cases,
        .seed = (int64_t)judge.seed,
        .text = {judge.text.data, (uint32_t)judge.text.len},
    };
    size_t size = weir_value_to_json(&grading_verdict_type, &verdict, NULL, 0) + 1;
    char *json = weir__alloc(size);
    (void)weir_value_to_json(&grading_verdict_type, &verdict, json, size);
    puts(json);
    weir__free(json);
}

int grading_main(int argc, char **argv, const char *folder, Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int status = MISUSE;
    judge.session.folder = folder;
    if (!read_options(argc, argv)) {
        fprintf(stderr,
                "Usage: %s --runner FILE [--test NAME] [--seed N] [--cage bwrap|plain] "
                "[--cpu-seconds N]\n",
                argv[0]);
        goto out;
    }
    if (judge.list) {
        fputs(judge.names.data, stdout);
        status = EXIT_SUCCESS;
        goto out;
    }
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run(runner, NULL, judge.only, judge.only != NULL ? CK_SILENT : CK_NORMAL);
    bool ran = srunner_ntests_run(runner) > 0;
    bool passed = ran && srunner_ntests_failed(runner) == 0;
    if (judge.only != NULL && ran) {
        print_verdict(passed);
    }
    status = passed ? EXIT_SUCCESS : ran ? EXIT_FAILURE : MISUSE;
out:
    weir__buf_fini(&judge.names);
    weir__buf_fini(&judge.text);
    srunner_free(runner);
    return status;
}

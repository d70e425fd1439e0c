/*
 * One judge process a test: what happens in one test cannot touch another.
 */
#include "grade/marking.h"

#include "base/mem.h"
#include "grading/verdict.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

enum { JUDGE_SECONDS = 600 };

static void note_signal(int number)
{
    (void)number;
    grading_interrupted = 1;
}

void grade_watch_signals(void)
{
    struct sigaction action = {.sa_handler = note_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool grade_interrupted(void)
{
    return grading_interrupted != 0;
}

void marking_init(struct marking *marking, const struct grade_exercise *exercise)
{
    *marking = (struct marking){.exercise = exercise, .marks = WEIR__VEC_OF(struct mark)};
}

void marking_fini(struct marking *marking)
{
    for (size_t i = 0; i < marking->marks.count; i++) {
        weir__free(((struct mark *)weir__vec_at(&marking->marks, i))->text);
    }
    weir__vec_fini(&marking->marks);
    weir__free(marking->build_text);
}

static const struct mark *mark_at(const struct marking *marking, size_t index)
{
    return weir__vec_at(&marking->marks, index);
}

/* ---- one test ---- */

/* Takes the judge's line; anything else than a verdict on this test leaves the mark failed. */
static void read_verdict(struct mark *mark, const struct grading_child *child)
{
    weir_decoder *decoder = weir_decoder_new(weir_json(&grading_verdict_type));
    struct grading_verdict verdict;
    size_t len = strcspn(child->printed.data, "\n");
    if (weir_decoder_decode(decoder, child->printed.data, len, &verdict, NULL) == WEIR_OK &&
        weir_str_same(verdict.test, mark->test->name)) {
        mark->status = verdict.passed && child->end == GRADING_EXITED && child->number == 0
                           ? MARK_PASSED
                           : MARK_FAILED;
        mark->cases = verdict.cases;
        mark->text = weir__asprintf("%.*s", WEIR_STR_ARG(verdict.text));
    } else {
        mark->text = weir__asprintf("The judge gave no verdict: it was stopped.\n%.300s",
                                    child->alarms.data);
    }
    weir_decoder_free(decoder);
}

static void run_test(struct mark *mark, const struct marking *marking,
                     const struct workshop *workshop, const struct marking_config *config)
{
    char *judge = exercise_path(workshop->course, "build/exercises", marking->exercise, "judge");
    char *runner = weir__asprintf("%s/runner", workshop->folder);
    char *name = weir__asprintf("%.*s", WEIR_STR_ARG(mark->test->name));
    char *seed = weir__asprintf("%" PRIu64, config->seed);
    char *seconds = weir__asprintf("%d", config->cpu_seconds > 0 ? config->cpu_seconds : 5);
    const char *const argv[] = {
        judge,
        "--runner",
        runner,
        "--test",
        name,
        "--seed",
        seed,
        "--cpu-seconds",
        seconds,
        "--cage",
        config->cage == GRADING_BWRAP ? "bwrap" : "plain",
        NULL,
    };
    struct grading_child child = {0};
    mark->status = MARK_FAILED;
    if (grading_child_run(
            &child, &(struct grading_child_config){.argv = argv, .wall_seconds = JUDGE_SECONDS})) {
        read_verdict(mark, &child);
    } else {
        mark->text = weir__asprintf("The judge is not built: `make judges` builds it.\n%s",
                                    child.alarms.data);
    }
    grading_child_fini(&child);
    weir__free(judge);
    weir__free(runner);
    weir__free(name);
    weir__free(seed);
    weir__free(seconds);
}

/* ---- all tests ---- */

/* The first test that this one needs and that has not passed. Needs come before in the manifest;
 * what is not there is not met. */
static struct weir_str unmet_need(const struct marking *marking, const struct grade_test *test)
{
    for (uint32_t n = 0; n < weir_string_set_size(&test->needs); n++) {
        struct weir_str need = weir_string_set_at(&test->needs, n, NULL);
        bool met = false;
        for (size_t i = 0; i < marking->marks.count; i++) {
            met = met || (mark_at(marking, i)->status == MARK_PASSED &&
                          weir_str_same(mark_at(marking, i)->test->name, need));
        }
        if (!met) {
            return need;
        }
    }
    return (struct weir_str){NULL, 0};
}

static void mark_one(struct marking *marking, const struct grade_test *test,
                     const struct workshop *workshop, const struct marking_config *config)
{
    struct mark mark = {.test = test};
    struct weir_str need =
        config->every_test ? (struct weir_str){NULL, 0} : unmet_need(marking, test);
    if (!weir_str_is_null(need)) {
        mark.status = MARK_SKIPPED;
        mark.text = weir__asprintf("%.*s", WEIR_STR_ARG(need));
    } else {
        run_test(&mark, marking, workshop, config);
    }
    weir__vec_push(&marking->marks, &mark);
}

static bool same_file(const char *a, const char *b)
{
    size_t a_len = 0;
    size_t b_len = 0;
    char *a_bytes = grade_read_file(a, &a_len);
    char *b_bytes = grade_read_file(b, &b_len);
    bool same = a_bytes != NULL && b_bytes != NULL && a_len == b_len &&
                memcmp(a_bytes, b_bytes, a_len) == 0;
    weir__free(a_bytes);
    weir__free(b_bytes);
    return same;
}

bool marking_untouched(const struct course *course, const struct grade_exercise *exercise,
                       const char *source)
{
    bool same = true;
    for (uint32_t i = 0; i < weir_string_set_size(&exercise->files) && same; i++) {
        struct weir_str name = weir_string_set_at(&exercise->files, i, NULL);
        char *pristine = exercise_path(course, "solutions", exercise, "starter");
        char *from = weir__asprintf("%s/%.*s", pristine, WEIR_STR_ARG(name));
        char *to = weir__asprintf("%s/%.*s", source, WEIR_STR_ARG(name));
        same = same_file(from, to);
        weir__free(pristine);
        weir__free(from);
        weir__free(to);
    }
    return same;
}

void marking_run(struct marking *marking, struct workshop *workshop,
                 const struct marking_config *config)
{
    const struct grade_exercise *exercise = marking->exercise;
    struct weir__buf text = {0};
    char *own = exercise_path(workshop->course, "exercises", exercise, "");
    const char *source = config->source != NULL ? config->source : own;
    marking->untouched = marking_untouched(workshop->course, exercise, source);
    marking->build = workshop_build(workshop, exercise, source, &text);
    marking->build_text = text.data != NULL ? weir__strdup(text.data) : NULL;
    for (size_t i = 0;
         i < exercise_tests(exercise) && marking->build == WORKSHOP_BUILT && !grade_interrupted();
         i++) {
        const struct grade_test *test = exercise_test(exercise, i);
        if (config->only == NULL || weir_str_equals(test->name, config->only)) {
            mark_one(marking, test, workshop, config);
        }
    }
    weir__free(own);
    weir__buf_fini(&text);
}

/* ---- what came out ---- */

int64_t marking_points(const struct marking *marking)
{
    int64_t points = 0;
    for (size_t i = 0; i < marking->marks.count; i++) {
        points +=
            mark_at(marking, i)->status == MARK_PASSED ? mark_at(marking, i)->test->points : 0;
    }
    return points;
}

size_t marking_passed(const struct marking *marking)
{
    size_t passed = 0;
    for (size_t i = 0; i < marking->marks.count; i++) {
        passed += mark_at(marking, i)->status == MARK_PASSED;
    }
    return passed;
}

bool marking_complete(const struct marking *marking)
{
    return marking->build == WORKSHOP_BUILT &&
           marking_passed(marking) == exercise_tests(marking->exercise);
}

const struct mark *marking_first_failure(const struct marking *marking)
{
    for (size_t i = 0; i < marking->marks.count; i++) {
        if (mark_at(marking, i)->status == MARK_FAILED) {
            return mark_at(marking, i);
        }
    }
    return NULL;
}

const char *marking_status(const struct marking *marking)
{
    switch (marking->build) {
    case WORKSHOP_MISSING:
        return "missing";
    case WORKSHOP_REJECTED:
        return "does not build";
    case WORKSHOP_BUILT:
        break;
    }
    return marking_complete(marking) ? "passed"
           : marking->untouched      ? "not started"
                                     : "in progress";
}

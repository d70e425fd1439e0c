/*
 * `weir grade`: grades exercises, prints reports, gives hints, checks the course.
 */
#include "commands.h"
#include "grade/aids.h"
#include "grade/progress.h"
#include "grade/report.h"
#include "grade/verify.h"
#include "grading/cage.h"

#include "base/mem.h"

#include <weir/clock.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MISUSE = 2, INTERRUPTED = 130, MOST_COMPILERS = 4, MOST_CPU_SECONDS = 600, VERIFY_SEED = 1 };

static const char usage[] =
    "Usage: weir grade [EX…] [OPTIONS]\n"
    "       weir grade --list | --next | --hint EX [--level N] | --reset EX [--yes] | --verify "
    "[EX…]\n\n"
    "Tests your exercises (all, or those named, as 3.2 or page-stats) and says what is right and "
    "what is not.\n\n"
    "      --seed N          replays the random streams of an earlier run\n"
    "      --submission DIR  takes the learner's files from DIR instead of exercises/, and nothing "
    "else\n"
    "      --json            the report as JSON\n"
    "      --verbose         shows every failure, not the first only\n"
    "      --list            the exercises, and how far you are\n"
    "      --next            the exercise to do next\n"
    "      --hint EX         a hint: a nudge, then the idea, then nearly the code; --level 1, 2 or "
    "3 picks one\n"
    "      --reset EX        puts the starter back and keeps your files as backups; asks unless "
    "--yes\n"
    "      --verify          checks the course: starters fail, solutions pass, mutants are caught\n"
    "      --cc COMPILER     gcc (default) or clang; may be given twice with --verify\n"
    "      --cpu-seconds N   most processor time of a test (5)\n"
    "      --no-build        trusts that make has built judges and library\n"
    "      --no-sandbox      does without bwrap even where it is installed\n"
    "  -h, --help            this text\n\n"
    "Examples:\n"
    "  weir grade                    all exercises\n"
    "  weir grade 3.2 --seed 7       one, with the random streams of seed 7\n"
    "  weir grade --hint 3.2         the next hint\n"
    "  weir grade 3.2 --submission inbox/ann --json\n\n"
    "Exit status: 0 everything passed, 1 something did not, 2 misuse.\n";

struct request {
    enum { GRADE, LIST, NEXT, HINT, RESET, VERIFY } action;
    const char *about; /* HINT, RESET: the exercise */
    int64_t level;
    uint64_t seed;
    bool seeded;
    const char *submission;
    bool json;
    bool verbose;
    bool yes;
    bool no_build;
    bool no_sandbox;
    int cpu_seconds;
    const char *compilers[MOST_COMPILERS];
    size_t compiler_count;
    char **names; /* exercises; NULL-terminated */
};

static const struct option options[] = {
    {"seed", required_argument, NULL, 's'},
    {"submission", required_argument, NULL, 'd'},
    {"json", no_argument, NULL, 'j'},
    {"verbose", no_argument, NULL, 'v'},
    {"list", no_argument, NULL, 'l'},
    {"next", no_argument, NULL, 'n'},
    {"hint", required_argument, NULL, 'H'},
    {"level", required_argument, NULL, 'L'},
    {"reset", required_argument, NULL, 'r'},
    {"yes", no_argument, NULL, 'y'},
    {"verify", no_argument, NULL, 'V'},
    {"cc", required_argument, NULL, 'c'},
    {"cpu-seconds", required_argument, NULL, 't'},
    {"no-build", no_argument, NULL, 'b'},
    {"no-sandbox", no_argument, NULL, 'S'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int misuse(const char *title, const char *what, const char *value)
{
    fprintf(stderr, "%s: %s%s%s. `%s --help` lists the options.\n", title, what,
            value != NULL ? ": " : "", value != NULL ? value : "", title);
    return MISUSE;
}

static bool read_number(const char *text, int64_t least, int64_t most, int64_t *number)
{
    char *rest;
    errno = 0;
    *number = strtoll(text, &rest, 10);
    return errno == 0 && rest != text && *rest == '\0' && *number >= least && *number <= most;
}

static bool set_number(struct request *request, int option, const char *text)
{
    int64_t number;
    switch (option) {
    case 's':
        request->seeded = true;
        if (!read_number(text, 0, INT64_MAX, &number)) {
            return false;
        }
        request->seed = (uint64_t)number;
        return true;
    case 'L':
        return read_number(text, 1, HINT_LEVELS, &request->level);
    default:
        if (!read_number(text, 1, MOST_CPU_SECONDS, &number)) {
            return false;
        }
        request->cpu_seconds = (int)number;
        return true;
    }
}

static void set_action(struct request *request, int option)
{
    request->about = optarg;
    request->action = option == 'l'   ? LIST
                      : option == 'n' ? NEXT
                      : option == 'H' ? HINT
                      : option == 'r' ? RESET
                                      : VERIFY;
}

/* Returns an exit status when there is nothing more to do, else -1. */
static int read_option(struct request *request, int option, const char *title)
{
    switch (option) {
    case 's':
    case 'L':
    case 't':
        return set_number(request, option, optarg)
                   ? -1
                   : misuse(title, "not a number that fits here", optarg);
    case 'l':
    case 'n':
    case 'H':
    case 'r':
    case 'V':
        set_action(request, option);
        return -1;
    case 'd':
        request->submission = optarg;
        return -1;
    case 'j':
        request->json = true;
        return -1;
    case 'v':
        request->verbose = true;
        return -1;
    case 'y':
        request->yes = true;
        return -1;
    case 'b':
        request->no_build = true;
        return -1;
    case 'S':
        request->no_sandbox = true;
        return -1;
    case 'c':
        if (request->compiler_count == MOST_COMPILERS || strpbrk(optarg, " '\"\\$") != NULL) {
            return misuse(title, "not a compiler that can be used here", optarg);
        }
        request->compilers[request->compiler_count++] = optarg;
        return -1;
    case 'h':
        fputs(usage, stdout);
        return EXIT_SUCCESS;
    default:
        fprintf(stderr, "`%s --help` lists the options.\n", title);
        return MISUSE;
    }
}

/* ---- which exercises ---- */

/* All of the course, or those named; NULL-terminated, on the heap. NULL, with a message, when a
 * name is unknown. */
static const struct grade_exercise **choose(const struct course *course, char **names)
{
    size_t count = 0;
    while (names[count] != NULL) {
        count++;
    }
    size_t most = count > 0 ? count : course_count(course);
    const struct grade_exercise **chosen = weir__calloc(most + 1, sizeof *chosen);
    for (size_t i = 0; i < most; i++) {
        chosen[i] = count > 0 ? course_find(course, names[i]) : course_at(course, i);
        if (chosen[i] == NULL) {
            fprintf(stderr,
                    "weir grade: there is no exercise '%s'; `weir grade --list` shows them\n",
                    names[i]);
            weir__free(chosen);
            return NULL;
        }
    }
    return chosen;
}

/*
 * Where a submission has the exercise's files: DIR/exercises/3.2-page-stats, DIR/3.2-page-stats, or
 * DIR itself. NULL: not a submission.
 */
static char *submitted_folder(const struct request *request, const struct grade_exercise *exercise)
{
    static const char *const above[] = {"/exercises", ""};
    if (request->submission == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof above / sizeof *above; i++) {
        char *folder = weir__asprintf("%s%s/%.*s-%.*s", request->submission, above[i],
                                      WEIR_STR_ARG(exercise->id), WEIR_STR_ARG(exercise->name));
        if (access(folder, X_OK) == 0) {
            return folder;
        }
        weir__free(folder);
    }
    return weir__strdup(request->submission);
}

/* ---- the actions ---- */

static bool open_workshops(const struct request *request, const struct course *course,
                           struct workshop *workshops)
{
    struct weir_error error = {0};
    for (size_t i = 0; i < request->compiler_count; i++) {
        if ((!request->no_build &&
             workshop_prepare(course, request->compilers[i], &error) != WEIR_OK) ||
            workshop_open(&workshops[i], course, request->compilers[i], &error) != WEIR_OK) {
            fprintf(stderr, "weir grade: %s: %s\n", error.where, error.message);
            return false;
        }
    }
    return true;
}

static void grade_one(const struct request *request, const struct course *course,
                      struct workshop *workshop, const struct report *report,
                      struct marking *marking)
{
    char *source = submitted_folder(request, marking->exercise);
    marking_run(marking, workshop,
                &(struct marking_config){.source = source,
                                         .seed = report->seed,
                                         .cage = report->cage,
                                         .cpu_seconds = request->cpu_seconds});
    if (request->submission == NULL && !grade_interrupted()) {
        (void)progress_note_points(course, marking->exercise, marking_points(marking));
    }
    weir__free(source);
}

static int grade(const struct request *request, const struct course *course,
                 struct workshop *workshop, const struct grade_exercise *const *exercises)
{
    struct weir__vec markings = WEIR__VEC_OF(struct marking);
    struct report report = {
        .course = course,
        .seed =
            request->seeded ? request->seed : (uint64_t)weir_clock_ms(&weir_system_clock) % 1000000,
        .cage = request->no_sandbox ? GRADING_PLAIN : grading_best_cage(),
        .verbose = request->verbose,
    };
    bool complete = true;
    for (size_t i = 0; exercises[i] != NULL && !grade_interrupted(); i++) {
        struct marking *marking = weir__vec_add(&markings);
        marking_init(marking, exercises[i]);
        grade_one(request, course, workshop, &report, marking);
        complete = complete && marking_complete(marking);
    }
    report.markings = markings.items;
    report.count = markings.count;
    if (!grade_interrupted()) {
        request->json ? report_json(&report) : report_terminal(&report);
    }
    for (size_t i = 0; i < markings.count; i++) {
        marking_fini(weir__vec_at(&markings, i));
    }
    weir__vec_fini(&markings);
    return complete ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int verify(const struct request *request, const struct course *course,
                  struct workshop *workshops, const struct grade_exercise *const *exercises)
{
    return verify_course(&(struct verify_config){
        .course = course,
        .exercises = exercises,
        .workshops = workshops,
        .workshop_count = request->compiler_count,
        .seed = request->seeded ? request->seed : VERIFY_SEED,
        .cage = request->no_sandbox ? GRADING_PLAIN : grading_best_cage(),
    });
}

/* GRADE and VERIFY: those that build. */
static int work(const struct request *request, const struct course *course)
{
    struct workshop workshops[MOST_COMPILERS] = {0};
    const struct grade_exercise **exercises = choose(course, request->names);
    int status = MISUSE;
    if (exercises == NULL) {
        return status;
    }
    grading_cage_adopt();
    grade_watch_signals();
    status = EXIT_FAILURE;
    if (open_workshops(request, course, workshops)) {
        status = request->action == VERIFY ? verify(request, course, workshops, exercises)
                                           : grade(request, course, workshops, exercises);
    }
    for (size_t i = 0; i < MOST_COMPILERS; i++) {
        workshop_close(&workshops[i]);
    }
    weir__free(exercises);
    return grade_interrupted() ? INTERRUPTED : status;
}

static int aid(const struct request *request, const struct course *course)
{
    const struct grade_exercise *exercise = course_find(course, request->about);
    if (exercise == NULL) {
        fprintf(stderr, "weir grade: there is no exercise '%s'; `weir grade --list` shows them\n",
                request->about);
        return MISUSE;
    }
    return request->action == HINT ? aid_hint(course, exercise, request->level)
                                   : aid_reset(course, exercise, request->yes);
}

static int act(struct request *request)
{
    struct course course;
    struct weir_error error = {0};
    int status = EXIT_SUCCESS;
    if (course_open(&course, &error) != WEIR_OK) {
        fprintf(stderr, "weir grade: %s: %s\n", error.where, error.message);
        course_close(&course);
        return EXIT_FAILURE;
    }
    switch (request->action) {
    case GRADE:
    case VERIFY:
        status = work(request, &course);
        break;
    case HINT:
    case RESET:
        status = aid(request, &course);
        break;
    case LIST:
        report_list(&course);
        break;
    case NEXT:
        report_next(&course);
        break;
    }
    course_close(&course);
    return status;
}

/* The main compiler is gcc; the course is verified with clang too, where there is one. */
static void default_compilers(struct request *request)
{
    if (request->compiler_count > 0) {
        return;
    }
    request->compilers[request->compiler_count++] = "gcc";
    if (request->action == VERIFY) {
        const char *const argv[] = {"clang", "--version", NULL};
        struct grading_child child = {0};
        if (grading_child_run(&child, &(struct grading_child_config){.argv = argv})) {
            request->compilers[request->compiler_count++] = "clang";
        } else {
            puts("clang is not installed: not verified with it");
        }
        grading_child_fini(&child);
    }
}

int weir_grade_main(int argc, char **argv)
{
    struct request request = {.action = GRADE};
    int option;
    while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
        int status = read_option(&request, option, argv[0]);
        if (status >= 0) {
            return status;
        }
    }
    request.names = argv + optind;
    bool takes_names = request.action == GRADE || request.action == VERIFY;
    if (!takes_names && request.names[0] != NULL) {
        return misuse(argv[0], "one exercise, and nothing besides", request.names[0]);
    }
    if (request.action == GRADE && request.compiler_count > 1) {
        return misuse(argv[0], "grading takes one compiler", NULL);
    }
    default_compilers(&request);
    return act(&request);
}

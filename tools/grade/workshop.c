/*
 * Copy, compile, look at the symbols, link.
 */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* nftw */
#endif

#include "grade/workshop.h"

#include "base/mem.h"
#include "grade/diagnosis.h"
#include "grading/child.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUILD_SECONDS = 120, MAKE_SECONDS = 1800, MOST_WORDS = 120 };

/* ---- running programs ---- */

/* A command line, split at blanks: paths with blanks cannot be used, as with make. */
struct words {
    char *bytes;
    const char *at[MOST_WORDS + 1];
};

static bool split(struct words *words, char *line)
{
    char *save = NULL;
    size_t count = 0;
    *words = (struct words){.bytes = line};
    for (char *word = strtok_r(line, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
        if (count == MOST_WORDS) {
            return false;
        }
        words->at[count++] = word;
    }
    return count > 0;
}

/* Runs a line (taken) in the folder; true when it succeeds. *output gets stdout, and stderr of what
 * failed. */
static bool run_line(const char *folder, char *line, int seconds, struct weir__buf *output)
{
    struct words words;
    struct grading_child child = {0};
    bool ok = split(&words, line) && grading_child_run(&child, &(struct grading_child_config){
                                                                   .argv = words.at,
                                                                   .directory = folder,
                                                                   .cage = GRADING_FREE,
                                                                   .wall_seconds = seconds,
                                                               });
    ok = ok && child.end == GRADING_EXITED && child.number == 0;
    const struct weir__buf *said = ok ? &child.printed : &child.alarms;
    weir__buf_put(output, said->data, said->len);
    weir__buf_printf(output, "%s", "");
    grading_child_fini(&child);
    weir__free(line);
    return ok;
}

/* Without make's own variables: this make is no part of the one that may have started us. */
static void forget_make(void)
{
    unsetenv("MAKEFLAGS");
    unsetenv("MFLAGS");
    unsetenv("MAKELEVEL");
}

enum weir_status workshop_prepare(const struct course *course, const char *compiler,
                                  struct weir_error *error)
{
    struct weir__buf output = {0};
    forget_make();
    fprintf(stderr, "building the judges and the sanitized library (%s) …\n", compiler);
    bool ok = run_line(course->root, weir__asprintf("make -s judges kit-%s", compiler),
                       MAKE_SECONDS, &output);
    if (!ok) {
        fwrite(output.data, 1, output.len, stderr);
    }
    weir__buf_fini(&output);
    return ok ? WEIR_OK
              : weir_error_set(error, WEIR_UNAVAILABLE, "make", "`make judges kit-%s` failed",
                               compiler);
}

/* ---- the kit ---- */

/* The text after "name=" in the kit's lines, on the heap; NULL when it is not there. */
static char *kit_line(const char *kit, const char *name)
{
    char *prefix = weir__asprintf("%s=", name);
    char *found = NULL;
    for (const char *line = kit; *line != '\0' && found == NULL;) {
        size_t len = strcspn(line, "\n");
        if (strncmp(line, prefix, strlen(prefix)) == 0) {
            found = weir__asprintf("%.*s", (int)(len - strlen(prefix)), line + strlen(prefix));
        }
        line += len + (line[len] == '\n');
    }
    weir__free(prefix);
    return found;
}

static char *make_scratch(void)
{
    const char *base = getenv("TMPDIR");
    char *folder =
        weir__asprintf("%s/weir-grade-XXXXXX", base != NULL && *base == '/' ? base : "/tmp");
    if (mkdtemp(folder) == NULL || chmod(folder, 0755) != 0) {
        weir__free(folder);
        return NULL;
    }
    return folder;
}

/* make's rule of names: gcc's kit is in build/asan, another compiler's in build/asan-<name>. */
static char *kit_folder(const struct course *course, const char *compiler)
{
    const char *slash = strrchr(compiler, '/');
    const char *name = slash != NULL ? slash + 1 : compiler;
    bool is_gcc = strcmp(name, "gcc") == 0;
    return weir__asprintf("%s/build/asan%s%s", course->root, is_gcc ? "" : "-", is_gcc ? "" : name);
}

enum weir_status workshop_open(struct workshop *workshop, const struct course *course,
                               const char *compiler, struct weir_error *error)
{
    *workshop = (struct workshop){.course = course,
                                  .compiler = weir__strdup(compiler),
                                  .kit_folder = kit_folder(course, compiler)};
    char *path = weir__asprintf("%s/kit", workshop->kit_folder);
    char *kit = grade_read_file(path, NULL);
    weir__free(path);
    if (kit != NULL) {
        workshop->compile = kit_line(kit, "compile");
        workshop->link = kit_line(kit, "link");
        workshop->archives = kit_line(kit, "archives");
        weir__free(kit);
    }
    if (workshop->compile == NULL || workshop->link == NULL || workshop->archives == NULL) {
        return weir_error_set(error, WEIR_NOT_FOUND, workshop->kit_folder,
                              "no kit for %s; `make kit-%s` builds it", compiler, compiler);
    }
    workshop->folder = make_scratch();
    return workshop->folder != NULL
               ? WEIR_OK
               : weir_error_set(error, WEIR_IO, "TMPDIR", "no scratch folder could be made there");
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

void workshop_close(struct workshop *workshop)
{
    if (workshop->folder != NULL) {
        nftw(workshop->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    }
    weir__free(workshop->folder);
    weir__free(workshop->compiler);
    weir__free(workshop->compile);
    weir__free(workshop->link);
    weir__free(workshop->archives);
    weir__free(workshop->kit_folder);
}

/* ---- building ---- */

static bool copy_file(const char *from, const char *to)
{
    size_t len = 0;
    char *bytes = grade_read_file(from, &len);
    bool copied = bytes != NULL && grade_write_file(to, bytes, len);
    weir__free(bytes);
    return copied;
}

/* The exercise's headers, from the course: a submission cannot bring its own. */
static void copy_headers(const struct workshop *workshop, const struct grade_exercise *exercise)
{
    char *folder = exercise_path(workshop->course, "exercises", exercise, "");
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (len > 2 && strcmp(entry->d_name + len - 2, ".h") == 0) {
            char *from = weir__asprintf("%s/%s", folder, entry->d_name);
            char *to = weir__asprintf("%s/%s", workshop->folder, entry->d_name);
            copy_file(from, to);
            weir__free(from);
            weir__free(to);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    weir__free(folder);
}

static bool copy_learners_file(const struct workshop *workshop, const char *source,
                               const char *name, struct weir__buf *text)
{
    char *from = weir__asprintf("%s/%s", source, name);
    char *to = weir__asprintf("%s/%s", workshop->folder, name);
    bool copied = copy_file(from, to);
    if (!copied) {
        weir__buf_printf(text, "%s is not there.\n", name);
    }
    weir__free(from);
    weir__free(to);
    return copied;
}

static bool compile_file(const struct workshop *workshop, const struct grade_exercise *exercise,
                         const char *name, struct weir__buf *text)
{
    struct weir__buf output = {0};
    bool ok = run_line(workshop->folder,
                       weir__asprintf("%s%s -ffile-prefix-map=%s=exercises/%.*s-%.*s -c %s -o %s.o",
                                      workshop->compile, workshop->strict ? " -Werror" : "",
                                      workshop->folder, WEIR_STR_ARG(exercise->id),
                                      WEIR_STR_ARG(exercise->name), name, name),
                       BUILD_SECONDS, &output);
    if (!ok) {
        diagnose_compiler(output.data, exercise, text);
    }
    weir__buf_fini(&output);
    return ok;
}

static bool check_symbols(const struct workshop *workshop, const struct grade_exercise *exercise,
                          const char *name, struct weir_string_set *defined, struct weir__buf *text)
{
    struct weir__buf output = {0};
    bool ok = run_line(workshop->folder, weir__asprintf("nm -g -P --defined-only %s.o", name),
                       BUILD_SECONDS, &output);
    if (!ok) {
        weir__buf_printf(text, "%s", output.data);
    }
    ok = ok && diagnose_symbols(output.data, exercise, name, defined, text);
    weir__buf_fini(&output);
    return ok;
}

/* run_page_stats.o, of the exercise page-stats: what the grader adds to the learner's files. */
static void put_subjects(const struct workshop *workshop, const struct grade_exercise *exercise,
                         struct weir__buf *line)
{
    weir__buf_printf(line, " %s/obj/exercises/%.*s-%.*s/run_", workshop->kit_folder,
                     WEIR_STR_ARG(exercise->id), WEIR_STR_ARG(exercise->name));
    for (uint32_t i = 0; i < exercise->name.len; i++) {
        weir__buf_put_u8(line,
                         exercise->name.data[i] == '-' ? '_' : (uint8_t)exercise->name.data[i]);
    }
    weir__buf_printf(line, ".o");
}

static bool link_runner(const struct workshop *workshop, const struct grade_exercise *exercise,
                        struct weir__buf *text)
{
    struct weir__buf line = {0};
    struct weir__buf output = {0};
    weir__buf_printf(&line, "%s -o runner", workshop->link);
    for (uint32_t i = 0; i < weir_string_set_size(&exercise->files); i++) {
        weir__buf_printf(&line, " %.*s.o",
                         WEIR_STR_ARG(weir_string_set_at(&exercise->files, i, NULL)));
    }
    put_subjects(workshop, exercise, &line);
    weir__buf_printf(&line, " %s", workshop->archives);
    bool ok = run_line(workshop->folder, weir__strdup(line.data), BUILD_SECONDS, &output);
    if (!ok) {
        diagnose_linker(output.data, text);
    }
    weir__buf_fini(&line);
    weir__buf_fini(&output);
    return ok;
}

enum workshop_outcome workshop_build(struct workshop *workshop,
                                     const struct grade_exercise *exercise, const char *source,
                                     struct weir__buf *text)
{
    enum workshop_outcome outcome = WORKSHOP_BUILT;
    struct weir_string_set defined = {NULL};
    copy_headers(workshop, exercise);
    for (uint32_t i = 0; i < weir_string_set_size(&exercise->files) && outcome == WORKSHOP_BUILT;
         i++) {
        char *name =
            weir__asprintf("%.*s", WEIR_STR_ARG(weir_string_set_at(&exercise->files, i, NULL)));
        if (!copy_learners_file(workshop, source, name, text)) {
            outcome = WORKSHOP_MISSING;
        } else if (!compile_file(workshop, exercise, name, text) ||
                   !check_symbols(workshop, exercise, name, &defined, text)) {
            outcome = WORKSHOP_REJECTED;
        }
        weir__free(name);
    }
    if (outcome == WORKSHOP_BUILT &&
        (!diagnose_exports(exercise, &defined, text) || !link_runner(workshop, exercise, text))) {
        outcome = WORKSHOP_REJECTED;
    }
    weir_string_set_clear(&defined);
    return outcome;
}

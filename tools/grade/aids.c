/*
 * Hints come from the exercise's hints.md, starters from solutions/…/starter.
 */
#include "grade/aids.h"

#include "base/mem.h"
#include "grade/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MISUSE = 2, MOST_BACKUPS = 1000 };

/* ---- hints ---- */

char *hint_text(const char *hints, int64_t level)
{
    char heading[24];
    snprintf(heading, sizeof heading, "\n## %" PRId64 " ", level);
    const char *begin = strstr(hints, heading);
    if (begin == NULL) {
        return NULL;
    }
    begin += strlen("\n## ");
    const char *end = strstr(begin, "\n## ");
    return weir__asprintf("%.*s", (int)(end != NULL ? end - begin : (ptrdiff_t)strlen(begin)),
                          begin);
}

int aid_hint(const struct course *course, const struct grade_exercise *exercise, int64_t level)
{
    char *path = exercise_path(course, "exercises", exercise, "hints.md");
    char *hints = grade_read_file(path, NULL);
    int64_t next = progress_read(course, exercise).hints + 1;
    level = level > 0 ? level : next > HINT_LEVELS ? HINT_LEVELS : next;
    char *text = hints != NULL ? hint_text(hints, level) : NULL;
    if (text == NULL) {
        fprintf(stderr, "weir grade: no hint %" PRId64 " in %s\n", level, path);
    } else {
        printf("%.*s, hint %s\n", WEIR_STR_ARG(exercise->id), text);
        if (level < HINT_LEVELS) {
            printf("\n(hint %" PRId64 " of %d; the next: make hint EX=%.*s LEVEL=%" PRId64 ")\n",
                   level, HINT_LEVELS, WEIR_STR_ARG(exercise->id), level + 1);
        } else {
            printf("\n(the last hint; a whole solution is in solutions/%.*s-%.*s)\n",
                   WEIR_STR_ARG(exercise->id), WEIR_STR_ARG(exercise->name));
        }
        (void)progress_note_hint(course, exercise, level);
    }
    int status = text != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
    weir__free(text);
    weir__free(hints);
    weir__free(path);
    return status;
}

/* ---- reset ---- */

static bool is_agreed(const struct grade_exercise *exercise)
{
    char answer[16];
    printf("Put the starter of %.*s back? Your files stay as backups beside it. [y/N] ",
           WEIR_STR_ARG(exercise->id));
    fflush(stdout);
    return fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}

/* A name that does not exist yet: <path>.backup-1, -2 and so on. */
static char *backup_name(const char *path)
{
    for (int n = 1; n < MOST_BACKUPS; n++) {
        char *name = weir__asprintf("%s.backup-%d", path, n);
        if (access(name, F_OK) != 0) {
            return name;
        }
        weir__free(name);
    }
    return NULL;
}

static bool reset_file(const struct course *course, const struct grade_exercise *exercise,
                       struct weir_str name)
{
    char *folder = exercise_path(course, "exercises", exercise, "");
    char *starters = exercise_path(course, "solutions", exercise, "starter");
    char *path = weir__asprintf("%s/%.*s", folder, WEIR_STR_ARG(name));
    char *starter_path = weir__asprintf("%s/%.*s", starters, WEIR_STR_ARG(name));
    char *backup = backup_name(path);
    size_t len = 0;
    char *starter = grade_read_file(starter_path, &len);
    bool exists = access(path, F_OK) == 0;
    bool done = starter != NULL && (!exists || (backup != NULL && rename(path, backup) == 0)) &&
                grade_write_file(path, starter, len);
    if (done && exists) {
        printf("%s is the starter again; yours is %s\n", path, backup);
    } else if (!done) {
        fprintf(stderr, "weir grade: %s could not be put back\n", path);
    }
    weir__free(folder);
    weir__free(starters);
    weir__free(path);
    weir__free(starter_path);
    weir__free(backup);
    weir__free(starter);
    return done;
}

int aid_reset(const struct course *course, const struct grade_exercise *exercise, bool yes)
{
    if (!yes && !isatty(STDIN_FILENO)) {
        fputs("weir grade: --reset asks first, and there is no terminal; add --yes\n", stderr);
        return MISUSE;
    }
    if (!yes && !is_agreed(exercise)) {
        puts("Nothing was changed.");
        return EXIT_SUCCESS;
    }
    bool done = true;
    for (uint32_t i = 0; i < weir_string_set_size(&exercise->files); i++) {
        done = reset_file(course, exercise, weir_string_set_at(&exercise->files, i, NULL)) && done;
    }
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

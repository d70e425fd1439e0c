/*
 * Reading folds the lines; writing appends one.
 */
#include "grade/progress.h"

#include "base/mem.h"

#include <weir/clock.h>
#include <weir/time.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static char *progress_path(const struct course *course)
{
    return weir__asprintf("%s/exercises/progress.txt", course->root);
}

static void fold_line(struct progress *progress, const struct grade_exercise *exercise,
                      const char *line)
{
    char id[64];
    char what[16];
    int64_t number;
    if (sscanf(line, "%*s %63s %15s %" SCNd64, id, what, &number) != 3 ||
        !weir_str_equals(exercise->id, id)) {
        return;
    }
    if (strcmp(what, "points") == 0) {
        progress->graded = true;
        progress->points = number > progress->points ? number : progress->points;
    } else if (strcmp(what, "hint") == 0) {
        progress->hints = number > progress->hints ? number : progress->hints;
    }
}

struct progress progress_read(const struct course *course, const struct grade_exercise *exercise)
{
    struct progress progress = {0};
    char *path = progress_path(course);
    char *bytes = grade_read_file(path, NULL);
    char *save = NULL;
    char *line = bytes != NULL ? strtok_r(bytes, "\n", &save) : NULL;
    for (; line != NULL; line = strtok_r(NULL, "\n", &save)) {
        fold_line(&progress, exercise, line);
    }
    weir__free(bytes);
    weir__free(path);
    return progress;
}

static bool append(const struct course *course, const struct grade_exercise *exercise,
                   const char *what)
{
    char now[40];
    char *path = progress_path(course);
    FILE *file = fopen(path, "a");
    weir_time_format(weir_clock_ms(&weir_system_clock) / 1000 * 1000, now, sizeof now);
    bool written =
        file != NULL && fprintf(file, "%s %.*s %s\n", now, WEIR_STR_ARG(exercise->id), what) > 0;
    written = file != NULL && fclose(file) == 0 && written;
    if (!written) {
        fprintf(stderr, "weir grade: progress is not kept: %s: %s\n", path, strerror(errno));
    }
    weir__free(path);
    return written;
}

bool progress_note_points(const struct course *course, const struct grade_exercise *exercise,
                          int64_t points)
{
    struct progress before = progress_read(course, exercise);
    char what[64];
    snprintf(what, sizeof what, "points %" PRId64 "/%" PRId64, points, exercise_points(exercise));
    return points <= before.points || append(course, exercise, what);
}

bool progress_note_hint(const struct course *course, const struct grade_exercise *exercise,
                        int64_t level)
{
    char what[64];
    snprintf(what, sizeof what, "hint %" PRId64, level);
    return level <= progress_read(course, exercise).hints || append(course, exercise, what);
}

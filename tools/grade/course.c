/*
 * Finding the course and reading its manifest, with the library's own JSON decoder.
 */
#include "grade/course.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

WEIR_DEFINE_TYPE(grade_test, GRADE_TEST_FIELDS);
WEIR_DEFINE_TYPE(grade_exercise, GRADE_EXERCISE_FIELDS);
WEIR_DEFINE_TYPE(grade_manifest, GRADE_MANIFEST_FIELDS);

enum { MOST_BYTES = 16 << 20 };

static const char manifest_path[] = "exercises/manifest.json";

char *grade_read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    long size;
    if (file == NULL) {
        return NULL;
    }
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && size <= MOST_BYTES) {
        rewind(file);
        bytes = weir__calloc(1, (size_t)size + 1);
        if (fread(bytes, 1, (size_t)size, file) != (size_t)size) {
            weir__free(bytes);
            bytes = NULL;
        } else if (len != NULL) {
            *len = (size_t)size;
        }
    }
    fclose(file);
    return bytes;
}

bool grade_write_file(const char *path, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        return false;
    }
    bool written = fwrite(bytes, 1, len, file) == len;
    return fclose(file) == 0 && written;
}

/* The nearest folder at or above the working directory that has a manifest; NULL when none has. */
static char *find_root(void)
{
    char here[4096];
    if (getcwd(here, sizeof here) == NULL) {
        return NULL;
    }
    for (;;) {
        char *path = weir__asprintf("%s/%s", here, manifest_path);
        bool found = access(path, R_OK) == 0;
        weir__free(path);
        if (found) {
            return weir__strdup(here);
        }
        char *slash = strrchr(here, '/');
        if (slash == NULL || slash == here) {
            return NULL;
        }
        *slash = '\0';
    }
}

enum weir_status course_open(struct course *course, struct weir_error *error)
{
    size_t len = 0;
    *course = (struct course){.root = find_root()};
    if (course->root == NULL) {
        return weir_error_set(error, WEIR_NOT_FOUND, manifest_path,
                              "not found here or above; run this in the course's folder");
    }
    char *path = weir__asprintf("%s/%s", course->root, manifest_path);
    course->bytes = grade_read_file(path, &len);
    weir__free(path);
    if (course->bytes == NULL) {
        return weir_error_set(error, WEIR_IO, manifest_path, "cannot be read");
    }
    course->decoder = weir_decoder_new(weir_json(&grade_manifest_type));
    return weir_decoder_decode(course->decoder, course->bytes, len, &course->manifest, error);
}

void course_close(struct course *course)
{
    if (course->decoder != NULL) {
        weir_decoder_free(course->decoder);
    }
    weir__free(course->bytes);
    weir__free(course->root);
}

size_t course_count(const struct course *course)
{
    return course->manifest.exercises.count;
}

const struct grade_exercise *course_at(const struct course *course, size_t index)
{
    return weir_list_at(&course->manifest.exercises, &grade_exercise_type, (uint32_t)index);
}

const struct grade_exercise *course_find(const struct course *course, const char *text)
{
    for (size_t i = 0; i < course_count(course); i++) {
        const struct grade_exercise *exercise = course_at(course, i);
        char both[200];
        snprintf(both, sizeof both, "%.*s-%.*s", WEIR_STR_ARG(exercise->id),
                 WEIR_STR_ARG(exercise->name));
        if (weir_str_equals(exercise->id, text) || weir_str_equals(exercise->name, text) ||
            strcmp(both, text) == 0) {
            return exercise;
        }
    }
    return NULL;
}

const struct grade_test *exercise_test(const struct grade_exercise *exercise, size_t index)
{
    return weir_list_at(&exercise->tests, &grade_test_type, (uint32_t)index);
}

int64_t exercise_points(const struct grade_exercise *exercise)
{
    int64_t points = 0;
    for (size_t i = 0; i < exercise_tests(exercise); i++) {
        points += exercise_test(exercise, i)->points;
    }
    return points;
}

char *exercise_path(const struct course *course, const char *folder,
                    const struct grade_exercise *exercise, const char *rest)
{
    return weir__asprintf("%s/%s/%.*s-%.*s%s%s", course->root, folder, WEIR_STR_ARG(exercise->id),
                          WEIR_STR_ARG(exercise->name), *rest != '\0' ? "/" : "", rest);
}

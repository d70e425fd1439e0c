/*
 * Looking into /proc.
 */
#include "savepoint/find.h"

#include "base/mem.h"
#include "runtime/pid_file.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The directory, when the file descriptor (by its name in /proc) is a job.pid. */
static char *directory_of(const char *link)
{
    static const char name[] = "/" WEIR__PID_FILE;
    char target[PATH_MAX];
    ssize_t len = readlink(link, target, sizeof(target) - 1);
    size_t tail = sizeof(name) - 1;
    if (len < (ssize_t)tail || memcmp(target + len - tail, name, tail) != 0) {
        return NULL;
    }
    target[(size_t)len - tail] = '\0';
    return weir__strdup(target);
}

static char *find_among_files(pid_t pid)
{
    char *directory = NULL;
    char *path = weir__asprintf("/proc/%ld/fd", (long)pid);
    DIR *files = opendir(path);
    for (struct dirent *entry; files != NULL && directory == NULL;) {
        entry = readdir(files);
        if (entry == NULL) {
            break;
        }
        char *link = weir__asprintf("%s/%s", path, entry->d_name);
        directory = directory_of(link);
        weir__free(link);
    }
    if (files != NULL) {
        closedir(files);
    }
    weir__free(path);
    return directory;
}

char *find_directory(pid_t pid)
{
    char *directory = find_among_files(pid);
    char *path = weir__asprintf("/proc/%ld/task/%ld/children", (long)pid, (long)pid);
    FILE *children = directory == NULL ? fopen(path, "r") : NULL;
    char line[4096];
    if (children != NULL && fgets(line, sizeof(line), children) != NULL) {
        for (char *child = strtok(line, " \n"); child != NULL && directory == NULL;
             child = strtok(NULL, " \n")) {
            directory = find_among_files((pid_t)strtol(child, NULL, 10));
        }
    }
    if (children != NULL) {
        fclose(children);
    }
    weir__free(path);
    return directory;
}

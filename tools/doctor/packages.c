/*
 * The packages of tools/packages.def: is each there, in which version, and if not, what installs it
 * here.
 *
 * Commands are looked for in PATH and asked for their version; libraries that the weir command
 * itself is linked with tell their own.
 */
#include "doctor/doctor.h"

#include <curses.h>
#include <jansson.h>
#include <librdkafka/rdkafka.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum group { GROUP_build, GROUP_extra, GROUP_test, GROUP_dev, GROUP_more };
enum kind { KIND_cc, KIND_cmd, KIND_lib, KIND_py, KIND_san };
enum manager { APT_GET, DNF, PACMAN, BREW, MANAGERS, NO_MANAGER = MANAGERS };

struct package {
    const char *name;
    enum group group;
    enum kind kind;
    const char *version_option;
    const char *in[MANAGERS]; /* the package's name for each manager; "" when it has none */
};

static const struct package packages[] = {
#define PACKAGE(group, kind, name, option, ...)                                                    \
    {#name, GROUP_##group, KIND_##kind, option, {__VA_ARGS__}},
#include "packages.def"
#undef PACKAGE
};

static const char *const sections[] = {
    [GROUP_build] = "Building", [GROUP_extra] = "Built in where found",
    [GROUP_test] = "make test", [GROUP_dev] = "For contributors",
    [GROUP_more] = "Optional",
};

static const struct {
    const char *command;
    const char *install; /* as root; the package's name follows */
} managers[MANAGERS] = {
    [APT_GET] = {"apt-get", "apt-get install -y --no-install-recommends"},
    [DNF] = {"dnf", "dnf install -y"},
    [PACMAN] = {"pacman", "pacman -S --needed"},
    [BREW] = {"brew", "brew install"},
};

static bool is_in_path(const char *command)
{
    const char *path = getenv("PATH");
    while (path != NULL && *path != '\0') {
        int length = (int)strcspn(path, ":");
        char file[1024];
        int written = snprintf(file, sizeof file, "%.*s/%s", length, path, command);
        if (written < (int)sizeof file && access(file, X_OK) == 0) {
            return true;
        }
        path += length + (path[length] == ':');
    }
    return false;
}

/* The first thing in `text` that looks like a version ("12.2.0", "3.3a"), cut out in place; ""
 * without one. */
static const char *first_version(char *text)
{
    for (char *at = text; *at != '\0'; at++) {
        char *end = at + strspn(at, "0123456789");
        if (end > at && end[0] == '.' && isdigit((unsigned char)end[1])) {
            end[strspn(end, "0123456789.abcdefghijklmnopqrstuvwxyz")] = '\0';
            return at;
        }
        at = end > at ? end - 1 : at;
    }
    return "";
}

/* Runs "name argument" (both from our own tables) and keeps the version it prints. */
static bool ask_version(const char *command_line, char *version, size_t size)
{
    FILE *pipe = popen(command_line, "r");
    if (pipe == NULL) {
        return false;
    }
    char text[2048];
    size_t length = fread(text, 1, sizeof text - 1, pipe);
    text[length] = '\0';
    bool ok = pclose(pipe) == 0;
    snprintf(version, size, "%.*s", (int)size - 1, first_version(text));
    return ok;
}

/* What the linked library says of itself, NULL for one that is not linked into weir. */
static const char *linked_version(const char *library)
{
    if (strcmp(library, "rdkafka") == 0) {
        return rd_kafka_version_str();
    }
    if (strcmp(library, "jansson") == 0) {
        return jansson_version_str();
    }
    if (strcmp(library, "ncursesw") == 0) {
        const char *text = curses_version();
        return text + strcspn(text, "0123456789");
    }
    return NULL;
}

static bool find_package(const struct package *package, char *version, size_t size)
{
    char line[256];
    if (package->kind == KIND_py) {
        snprintf(line, sizeof line, "python3 -c 'import %s; print(%s.__version__)' 2>&1 </dev/null",
                 package->name, package->name);
        return is_in_path("python3") && ask_version(line, version, size);
    }
    if (package->kind == KIND_san) {
        int length = (int)strcspn(package->name, "-"); /* "clang-asan" */
        snprintf(
            line, sizeof line,
            "echo 'int main(void) { return 0; }' | %.*s -fsanitize=address -x c - -o /dev/null "
            "2>&1 && %.*s %s 2>&1 </dev/null",
            length, package->name, length, package->name, package->version_option);
        return ask_version(line, version, size);
    }
    if (package->kind != KIND_lib) {
        snprintf(line, sizeof line, "%s %s 2>&1 </dev/null", package->name,
                 package->version_option);
        return is_in_path(package->name) && ask_version(line, version, size);
    }
    const char *linked = linked_version(package->name);
    if (linked != NULL) {
        snprintf(version, size, "%s", linked);
    }
    /* Building needs the headers too, and those only pkg-config knows. */
    snprintf(line, sizeof line, "pkg-config --modversion %s 2>/dev/null </dev/null", package->name);
    char headers[64];
    bool found = is_in_path("pkg-config") && ask_version(line, headers, sizeof headers);
    if (found && linked == NULL) {
        snprintf(version, size, "%s", headers);
    }
    return found;
}

static enum manager manager_here(void)
{
    for (enum manager m = APT_GET; m < MANAGERS; m++) {
        if (is_in_path(managers[m].command)) {
            return m;
        }
    }
    return NO_MANAGER;
}

static void suggest_installation(struct finding *finding, const struct package *package,
                                 enum manager manager)
{
    if (manager == NO_MANAGER || package->in[manager][0] == '\0') {
        return;
    }
    const char *as = manager != BREW && geteuid() != 0 ? "sudo " : "";
    snprintf(finding->fix, sizeof finding->fix, "%s%s %s", as, managers[manager].install,
             package->in[manager]);
}

void examine_packages(struct report *report)
{
    enum manager manager = manager_here();
    for (size_t i = 0; i < sizeof packages / sizeof packages[0]; i++) {
        const struct package *package = &packages[i];
        struct finding *finding =
            report_add(report, sections[package->group], package->name, FINDING_OK);
        if (find_package(package, finding->found, sizeof finding->found)) {
            continue;
        }
        finding->state = package->group == GROUP_build ? FINDING_MISSING : FINDING_NOTE;
        snprintf(finding->found, sizeof finding->found, "not here");
        suggest_installation(finding, package, manager);
    }
}

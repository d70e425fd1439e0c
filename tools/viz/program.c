/*
 * The learner's program under the visualizer: started with its output in a file and its trace in a
 * socket, both in a private directory, and ended with the visualizer. It runs in a process group of
 * its own, so that Ctrl-C reaches the visualizer alone, which then ends the program in good order.
 */
#include "source.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { PATH_LONGEST = 80, WAIT_MS = 50, PATIENCE_MS = 10000, TAKE_ALL = 1 << 24 };

enum weir_status viz_source_prepare(struct viz_source *source, struct weir_error *error)
{
    const char *parent = getenv("TMPDIR");
    /* The socket's path has little room. */
    if (parent == NULL || parent[0] == '\0' || strlen(parent) > PATH_LONGEST) {
        parent = "/tmp";
    }
    source->directory = weir__asprintf("%s/weir-viz-XXXXXX", parent);
    if (mkdtemp(source->directory) == NULL) {
        return weir_error_set(error, WEIR_IO, parent, "cannot make a private directory: %s",
                              strerror(errno));
    }
    source->output_path = weir__asprintf("%s/output.log", source->directory);
    return WEIR_OK;
}

static char **with_trace(char *const *arguments, const char *socket_path)
{
    size_t count = 0;
    while (arguments[count] != NULL) {
        count++;
    }
    char **all = weir__calloc(count + 3, sizeof *all);
    for (size_t i = 0; i < count; i++) {
        all[i] = arguments[i];
    }
    all[count] = weir__strdup("--trace");
    all[count + 1] = weir__asprintf("unix:%s", socket_path);
    return all;
}

static void free_arguments(char **all)
{
    size_t count = 0;
    while (all[count] != NULL) {
        count++;
    }
    weir__free(all[count - 1]);
    weir__free(all[count - 2]);
    weir__free(all);
}

/* In the child. Does not return; an error number goes up the pipe when the program cannot be
 * started. */
static void become_program(char *const *arguments, int output, int pipe_end)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG,
          SIGTERM); /* even a visualizer that is killed leaves no program behind */
#endif
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvp(arguments[0], arguments);
    int why = errno;
    ssize_t ignored = write(pipe_end, &why, sizeof why);
    (void)ignored;
    _exit(127);
}

static enum weir_status spawn(struct viz_source *source, char *const *arguments, int output,
                              struct weir_error *error)
{
    int ends[2];
    if (pipe(ends) != 0) {
        return weir_error_set(error, WEIR_IO, arguments[0], "cannot start: %s", strerror(errno));
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    fflush(NULL);
    source->program = fork();
    if (source->program == 0) {
        become_program(arguments, output, ends[1]);
    }
    close(ends[1]);
    int why = 0;
    bool failed = source->program < 0 || read(ends[0], &why, sizeof why) == (ssize_t)sizeof why;
    close(ends[0]);
    if (!failed) {
        return WEIR_OK;
    }
    if (source->program > 0) {
        waitpid(source->program, NULL, 0);
    }
    source->program = 0;
    return weir_error_set(error, why == ENOENT ? WEIR_NOT_FOUND : WEIR_IO, arguments[0],
                          "cannot start the program: %s; `make` builds the lessons into build/bin",
                          strerror(why != 0 ? why : errno));
}

enum weir_status viz_source_start(struct viz_source *source, char *const *arguments,
                                  struct weir_error *error)
{
    char *socket_path = weir__asprintf("%s/trace.sock", source->directory);
    enum weir_status status = viz_source_listen(source, socket_path, error);
    int output = open(source->output_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (status == WEIR_OK && output < 0) {
        status = weir_error_set(error, WEIR_IO, source->output_path, "cannot write: %s",
                                strerror(errno));
    }
    if (status == WEIR_OK) {
        char **all = with_trace(arguments, socket_path);
        status = spawn(source, all, output, error);
        free_arguments(all);
    }
    if (output >= 0) {
        close(output);
    }
    weir__free(socket_path);
    return status;
}

static void describe_end(struct viz_source *source)
{
    if (WIFSIGNALED(source->status)) {
        snprintf(source->notice, sizeof source->notice,
                 "the program was ended by signal %d; o shows its output",
                 WTERMSIG(source->status));
    } else if (WEXITSTATUS(source->status) != 0) {
        snprintf(source->notice, sizeof source->notice,
                 "the program has ended with exit status %d; o shows its output",
                 WEXITSTATUS(source->status));
    } else {
        snprintf(source->notice, sizeof source->notice,
                 "the program has ended; g goes to the start, o shows its output");
    }
}

void viz_source_reap(struct viz_source *source)
{
    if (source->program > 0 && waitpid(source->program, &source->status, WNOHANG) > 0) {
        source->program = 0;
        source->program_ended = true;
        describe_end(source);
    }
}

/* Waits until the program has ended, taking what it still says; false when it does not. */
static bool wait_for_end(struct viz_source *source, int patience_ms)
{
    for (int waited = 0; source->program > 0 && waited < patience_ms; waited += WAIT_MS) {
        struct pollfd polls[VIZ_SOURCE_POLLS];
        viz_source_polls(source, polls);
        if (polls[0].fd < 0) {
            polls[1].fd = -1; /* do not let a connection that comes now hold us up */
        }
        poll(polls, VIZ_SOURCE_POLLS, WAIT_MS);
        viz_source_take(source, TAKE_ALL);
        viz_source_reap(source);
    }
    return source->program == 0;
}

void viz_source_fini(struct viz_source *source)
{
    if (source->program > 0) {
        kill(source->program, SIGTERM);
        if (!wait_for_end(source, PATIENCE_MS)) {
            kill(source->program, SIGKILL);
            wait_for_end(source, PATIENCE_MS);
        }
    }
    viz_source_take(source, TAKE_ALL);
    if (source->fd >= 0) {
        close(source->fd);
    }
    if (source->listener >= 0) {
        close(source->listener);
        unlink(source->socket_path);
    }
    weir__free(source->socket_path);
    weir__free(source->directory);
    weir__free(source->output_path);
    *source = (struct viz_source){.fd = -1, .listener = -1};
}

/*
 * Starting a child, talking to it without ever waiting for ever, and ending it.
 *
 * Everything is one poll loop over the pipes that are open. Bytes in excess of the output limit end
 * the child, not us; a grandchild that keeps a pipe open cannot hold us, because the end is what
 * waitpid says, not end-of-file.
 */
#include "child.h"

#include "cage.h"

#include <weir/clock.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    OUTPUTS = 3, /* reply, printed, alarms */
    TICK_MS = 20,
    CANNOT_START = 127,
};

volatile sig_atomic_t grading_interrupted;

static struct weir__buf *output_of(struct grading_child *child, int index)
{
    struct weir__buf *const outputs[OUTPUTS] = {&child->reply, &child->printed, &child->alarms};
    return outputs[index];
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

/* ---- starting ---- */

/* Moves a descriptor out of the way of 0 to 4, so that the dup2 calls below cannot overwrite it. */
static int lift(int fd)
{
    return fcntl(fd, F_DUPFD, GRADING_REPLIES + 1);
}

static int exec_free(const struct grading_child_config *config)
{
    if (config->directory != NULL && chdir(config->directory) != 0) {
        return errno;
    }
    execvp(config->argv[0], (char *const *)config->argv);
    return errno;
}

/* In the child. requests, reply, printed, alarms: the child's ends of the pipes. */
static void become(const struct grading_child_config *config, const int ends[4])
{
    bool caged = config->cage != GRADING_FREE;
    int lifted[4] = {lift(ends[0]), lift(ends[1]), lift(ends[2]), lift(ends[3])};
    int nothing = open("/dev/null", O_RDWR);
    if (nothing > STDIN_FILENO) {
        dup2(nothing, STDIN_FILENO);
        close(nothing);
    }
    dup2(lifted[2], STDOUT_FILENO);
    dup2(lifted[3], STDERR_FILENO);
    if (caged) {
        dup2(lifted[0], GRADING_REQUESTS);
        dup2(lifted[1], GRADING_REPLIES);
    }
    for (int i = 0; i < 4; i++) {
        close(lifted[i]);
    }
    signal(SIGPIPE, SIG_DFL);
    int error = caged ? grading_cage_exec(config) : exec_free(config);
    dprintf(STDERR_FILENO, "cannot start %s: %s\n", config->argv[0], strerror(error));
    _exit(CANNOT_START);
}

static int make_pipes(int pipes[4][2])
{
    for (int i = 0; i < 4; i++) {
        if (pipe(pipes[i]) != 0) {
            int error = errno;
            while (i-- > 0) {
                close(pipes[i][0]);
                close(pipes[i][1]);
            }
            return error;
        }
        fcntl(pipes[i][0], F_SETFD, FD_CLOEXEC);
        fcntl(pipes[i][1], F_SETFD, FD_CLOEXEC);
    }
    return 0;
}

int grading_child_start(struct grading_child *child, const struct grading_child_config *config)
{
    *child = (struct grading_child){.config = *config, .request_fd = -1, .fds = {-1, -1, -1}};
    int pipes[4][2]; /* requests, reply, printed, alarms */
    int error = make_pipes(pipes);
    if (error != 0) {
        return error;
    }
    if (config->cage != GRADING_FREE) {
        grading_cage_adopt();
    }
    signal(SIGPIPE, SIG_IGN);
    child->pid = fork();
    if (child->pid == 0) {
        become(config, (int[]){pipes[0][0], pipes[1][1], pipes[2][1], pipes[3][1]});
    }
    error = child->pid < 0 ? errno : 0;
    close(pipes[0][0]);
    child->request_fd = pipes[0][1];
    for (int i = 0; i < OUTPUTS; i++) {
        close(pipes[i + 1][1]);
        child->fds[i] = pipes[i + 1][0];
        fcntl(child->fds[i], F_SETFL, O_NONBLOCK);
        weir__buf_printf(output_of(child, i), "%s", "");
    }
    fcntl(child->request_fd, F_SETFL, O_NONBLOCK);
    int wall = config->wall_seconds > 0 ? config->wall_seconds : 20;
    child->deadline_ns = weir_clock_ns(&weir_system_clock) + (int64_t)wall * 1000000000;
    if (error != 0) {
        child->end = GRADING_EXITED;
        grading_child_fini(child);
    }
    return error;
}

/* ---- talking ---- */

static size_t output_limit(const struct grading_child *child)
{
    return child->config.output_bytes > 0 ? child->config.output_bytes : (size_t)1 << 20;
}

static void stop(struct grading_child *child, enum grading_end why)
{
    child->end = why;
    kill(child->pid, SIGKILL);
}

/* Reads what is there; false when the pipe has closed. */
static void drain(struct grading_child *child, int index)
{
    char bytes[16384];
    ssize_t got;
    struct weir__buf *output = output_of(child, index);
    while ((got = read(child->fds[index], bytes, sizeof bytes)) > 0) {
        size_t room = output_limit(child) - output->len;
        weir__buf_reserve(output, (size_t)got + 1);
        weir__buf_put(output, bytes, (size_t)got < room ? (size_t)got : room);
        output->data[output->len] = '\0';
        if ((size_t)got > room) {
            if (child->end == GRADING_RUNNING) {
                stop(child, GRADING_FLOODED);
            }
            return;
        }
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_fd(&child->fds[index]);
    }
}

/* Notes the end of the child when it has one. Why we stopped it, if we did, is kept. */
static bool has_ended(struct grading_child *child)
{
    int status;
    if (child->pid <= 0 || waitpid(child->pid, &status, WNOHANG) != child->pid) {
        return child->pid <= 0;
    }
    if (child->end == GRADING_RUNNING) {
        child->end = WIFSIGNALED(status) ? GRADING_SIGNALLED : GRADING_EXITED;
        child->number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
        if (child->config.cage == GRADING_BWRAP && child->end == GRADING_EXITED &&
            child->number > 128) {
            child->end = GRADING_SIGNALLED; /* bwrap reports its child's signals as a shell does */
            child->number -= 128;
        }
    }
    grading_cage_sweep(child->pid);
    child->pid = 0;
    return true;
}

static void send_some(struct grading_child *child, struct weir_str *request)
{
    ssize_t sent = write(child->request_fd, request->data, request->len);
    if (sent > 0) {
        request->data += sent;
        request->len -= (uint32_t)sent;
    } else if (errno != EAGAIN && errno != EINTR) {
        request->len = 0; /* it no longer listens: its end will say why */
    }
}

/* One turn of the loop; false when the child has ended and its outputs are read. */
static bool turn(struct grading_child *child, struct weir_str *request)
{
    bool over = weir_clock_ns(&weir_system_clock) >= child->deadline_ns || grading_interrupted != 0;
    if (over && child->end == GRADING_RUNNING) {
        stop(child, GRADING_OVERTIME);
    }
    struct pollfd polls[OUTPUTS + 1];
    for (int i = 0; i < OUTPUTS; i++) {
        polls[i] = (struct pollfd){.fd = child->fds[i], .events = POLLIN};
    }
    polls[OUTPUTS] =
        (struct pollfd){.fd = request->len > 0 ? child->request_fd : -1, .events = POLLOUT};
    poll(polls, OUTPUTS + 1, TICK_MS);
    bool ended = has_ended(child);
    for (int i = 0; i < OUTPUTS; i++) {
        if (child->fds[i] >= 0) {
            drain(child, i);
        }
    }
    if (!ended && request->len > 0) {
        send_some(child, request);
    }
    return !ended;
}

/* Whether the last whole line of the reply begins with `last_line`. */
static bool is_complete(const struct weir__buf *reply, const char *last_line)
{
    if (reply->len == 0 || reply->data[reply->len - 1] != '\n') {
        return false;
    }
    size_t begin = reply->len - 1;
    while (begin > 0 && reply->data[begin - 1] != '\n') {
        begin--;
    }
    return strncmp(reply->data + begin, last_line, strlen(last_line)) == 0;
}

bool grading_child_ask(struct grading_child *child, struct weir_str request, const char *last_line)
{
    child->reply.len = 0;
    weir__buf_printf(&child->reply, "%s", "");
    while (!is_complete(&child->reply, last_line)) {
        if (!turn(child, &request)) {
            return is_complete(&child->reply, last_line);
        }
    }
    return true;
}

/* ---- ending ---- */

void grading_child_finish(struct grading_child *child)
{
    struct weir_str nothing = {0};
    close_fd(&child->request_fd);
    while (turn(child, &nothing)) {
    }
    for (int i = 0; i < OUTPUTS; i++) {
        close_fd(&child->fds[i]);
    }
}

void grading_child_fini(struct grading_child *child)
{
    if (child->pid > 0) {
        kill(child->pid, SIGKILL);
        waitpid(child->pid, NULL, 0);
        grading_cage_sweep(child->pid);
        child->pid = 0;
    }
    close_fd(&child->request_fd);
    for (int i = 0; i < OUTPUTS; i++) {
        close_fd(&child->fds[i]);
        weir__buf_fini(output_of(child, i));
    }
}

bool grading_child_run(struct grading_child *child, const struct grading_child_config *config)
{
    int error = grading_child_start(child, config);
    if (error != 0) {
        weir__buf_printf(&child->alarms, "cannot start %s: %s\n", config->argv[0], strerror(error));
        return false;
    }
    grading_child_finish(child);
    return child->end != GRADING_EXITED || child->number != CANNOT_START;
}

enum grading_cage grading_best_cage(void)
{
    static const char *const nothing[] = {"/bin/true", NULL};
    struct grading_child probe;
    bool works = grading_child_run(&probe, &(struct grading_child_config){.argv = nothing,
                                                                          .cage = GRADING_BWRAP}) &&
                 probe.end == GRADING_EXITED && probe.number == 0;
    grading_child_fini(&probe);
    return works ? GRADING_BWRAP : GRADING_PLAIN;
}

/*
 * One case: request, reply, judgement. Nothing in a reply is believed that does not decode as a
 * value of the result's type, and a reply counts only when it ends in the nonce of its request.
 */
#include "session.h"

#include "explain.h"

#include "base/escape.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum {
    PRINTED_LINES = 8,
    PRINTED_BYTES = 120, /* of a line */
    WALL_FACTOR = 3,
    MOST_CROWDED = 6,
    STATUSES = 80 /* below those of sanitizer reports and of the shell */
};

/* A number that the code under test cannot guess. */
static uint64_t draw(void)
{
    uint64_t number = 0;
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, &number, sizeof number) != sizeof number) {
        fprintf(stderr, "weir grade: /dev/urandom cannot be read\n");
        _exit(1);
    }
    close(fd);
    return number;
}

/* How many processes share a processor, from 1 on: on a busy machine the same work takes so many
 * times as long, and that is not the learner's fault. */
static int crowding(void)
{
    double load = 0;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    FILE *file = fopen("/proc/loadavg", "r");
    if (file == NULL) {
        return 1;
    }
    if (fscanf(file, "%lf", &load) != 1) {
        load = 0;
    }
    fclose(file);
    double shared = load / (double)(processors > 0 ? processors : 1);
    return shared < 1 ? 1 : shared > MOST_CROWDED ? MOST_CROWDED : (int)shared + 1;
}

static bool start(struct grading_session *session, struct weir__buf *text)
{
    if (session->running) {
        return true;
    }
    const char *const argv[] = {session->runner, NULL};
    int error = grading_child_start(
        &session->child, &(struct grading_child_config){
                             .argv = argv,
                             .cage = session->cage,
                             .cpu_seconds = session->cpu_seconds,
                             .wall_seconds = session->cpu_seconds * WALL_FACTOR * crowding(),
                         });
    if (error != 0) {
        weir__buf_printf(text, "The runner could not be started: %s.\n", strerror(error));
        return false;
    }
    session->running = true;
    return true;
}

void grading_session_kill(struct grading_session *session)
{
    if (session->running) {
        grading_child_fini(&session->child);
        session->running = false;
    }
}

void grading_session_printed(const struct grading_session *session, struct weir__buf *text)
{
    const struct weir__buf *printed = &session->child.printed;
    if (!session->running || printed->len == 0) {
        return;
    }
    size_t begin = printed->len - 1;
    for (int lines = 0; begin > 0; begin--) {
        lines += printed->data[begin - 1] == '\n';
        if (lines == PRINTED_LINES) {
            break;
        }
    }
    weir__buf_printf(text, "  Your code printed%s:\n", begin > 0 ? " (the end of it)" : "");
    while (begin < printed->len) {
        size_t len = strcspn(printed->data + begin, "\n");
        weir__buf_printf(text, "    | ");
        weir__buf_put_printable(
            text, (struct weir_str){printed->data + begin,
                                    (uint32_t)(len < PRINTED_BYTES ? len : PRINTED_BYTES)});
        weir__buf_printf(text, "\n");
        begin += len + 1;
    }
}

/* Explains the end of a runner that should have gone on, and removes it. */
static enum grading_outcome broken(struct grading_session *session, struct weir__buf *text)
{
    const struct grading_child *child = &session->child;
    grading_explain(child, session->folder, text);
    grading_session_printed(session, text);
    session->slow =
        child->end == GRADING_OVERTIME || child->end == GRADING_FLOODED ||
        (child->end == GRADING_SIGNALLED && (child->number == SIGXCPU || child->number == SIGKILL));
    grading_session_kill(session);
    return GRADING_BROKEN;
}

struct answer {
    struct grading_results results;
    struct weir__buf faults;
    bool valid;
};

static void read_answer_line(struct answer *answer, const char *line)
{
    if (strncmp(line, "fault ", 6) == 0) {
        weir__buf_printf(&answer->faults, "  %.300s\n", line + 6);
        return;
    }
    void *value =
        strncmp(line, "result ", 7) == 0 ? grading_hex_read(answer->results.type, line + 7) : NULL;
    answer->valid = answer->valid && value != NULL;
    if (value != NULL) {
        grading_results_add(&answer->results, value);
        grading_value_free(answer->results.type, value);
    }
}

/* The reply's last line is "end NONCE"; it must be the only one of its kind. */
static void read_answer(struct answer *answer, const struct weir__buf *reply, const char *last_line)
{
    char *save = NULL;
    bool ended = false;
    answer->valid = memchr(reply->data, '\0', reply->len) == NULL;
    for (char *line = strtok_r(reply->data, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        answer->valid = answer->valid && !ended;
        ended = strcmp(line, last_line) == 0;
        if (!ended) {
            read_answer_line(answer, line);
        }
    }
    answer->valid = answer->valid && ended;
}

static enum grading_outcome judge(const struct grading_property *property,
                                  const struct grading_stream *stream, struct answer *answer,
                                  struct weir__buf *text)
{
    struct grading_results expected;
    enum grading_outcome outcome = GRADING_AGREES;
    grading_results_init(&expected, property->out_type);
    property->reference(stream, &expected);
    if (property->sort != NULL) {
        grading_results_sort(&expected, property->sort);
        grading_results_sort(&answer->results, property->sort);
    }
    if (answer->faults.len > 0) {
        weir__buf_put(text, answer->faults.data, answer->faults.len);
        outcome = GRADING_FAULTY;
    } else if (grading_picture_difference(&property->comparison, &expected, &answer->results,
                                          text)) {
        outcome = GRADING_DIFFERS;
    }
    grading_results_fini(&expected);
    return outcome;
}

static void write_request(const struct grading_property *property,
                          const struct grading_stream *stream, uint64_t nonce,
                          struct weir__buf *request)
{
    weir__buf_printf(request, "case %s %016" PRIx64 "\n", property->subject, nonce);
    grading_stream_write(stream, request);
    weir__buf_printf(request, "run\n");
}

enum grading_outcome grading_session_case(struct grading_session *session,
                                          const struct grading_property *property,
                                          const struct grading_stream *stream,
                                          struct weir__buf *text)
{
    struct weir__buf request = {0};
    struct answer answer = {.valid = false};
    enum grading_outcome outcome = GRADING_BROKEN;
    char last_line[32];
    uint64_t nonce = draw();
    grading_results_init(&answer.results, property->out_type);
    snprintf(last_line, sizeof last_line, "end %016" PRIx64, nonce);
    write_request(property, stream, nonce, &request);
    session->cases++;
    if (!start(session, text)) {
        goto out;
    }
    if (!grading_child_ask(&session->child, (struct weir_str){request.data, (uint32_t)request.len},
                           last_line)) {
        outcome = broken(session, text);
        goto out;
    }
    read_answer(&answer, &session->child.reply, last_line);
    outcome = answer.valid ? judge(property, stream, &answer, text) : broken(session, text);
out:
    weir__buf_fini(&request);
    weir__buf_fini(&answer.faults);
    grading_results_fini(&answer.results);
    return outcome;
}

bool grading_session_end(struct grading_session *session, struct weir__buf *text)
{
    if (!session->running) {
        return true;
    }
    struct grading_child *child = &session->child;
    char request[32];
    int status = (int)(draw() % STATUSES) + 1;
    int length = snprintf(request, sizeof request, "quit %d\n", status);
    bool answered = grading_child_ask(child, (struct weir_str){request, (uint32_t)length}, "");
    grading_child_finish(child);
    bool as_told = !answered && child->reply.len == 0 && child->end == GRADING_EXITED &&
                   child->number == status;
    if (!as_told) {
        child->end = answered || child->reply.len > 0 ? GRADING_RUNNING : child->end;
        grading_explain(child, session->folder, text);
    }
    grading_session_kill(session);
    return as_told;
}

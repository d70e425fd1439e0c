/*
 * The runner's main loop: reads a case, runs it, answers.
 */
#include "child.h"
#include "runner.h"

#include "base/mem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_BYTES = 1 << 16, WRONG_REQUEST = 85 };

static char line[LINE_BYTES];

void grading_fault(struct weir__buf *reply, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    weir__buf_printf(reply, "fault %s\n", text);
}

void grading_result(struct weir__buf *reply, const struct weir_type *type, const void *value)
{
    weir__buf_printf(reply, "result ");
    grading_hex_write(type, value, reply);
    weir__buf_printf(reply, "\n");
}

/* The next line without its newline; NULL at the end. */
static char *next_line(FILE *requests)
{
    if (fgets(line, sizeof line, requests) == NULL) {
        return NULL;
    }
    line[strcspn(line, "\n")] = '\0';
    return line;
}

static void send_reply(const struct weir__buf *reply)
{
    size_t sent = 0;
    while (sent < reply->len) {
        ssize_t n = write(GRADING_REPLIES, reply->data + sent, reply->len - sent);
        if (n < 0 && errno != EINTR) {
            _Exit(WRONG_REQUEST);
        }
        sent += n > 0 ? (size_t)n : 0;
    }
}

static const struct grading_subject *find_subject(const char *name)
{
    for (const struct grading_subject *subject = grading_subjects; subject->name != NULL;
         subject++) {
        if (strcmp(subject->name, name) == 0) {
            return subject;
        }
    }
    return NULL;
}

/*
 * Reads the steps up to "run"; false when the request is not understood: a mistake of the grader's.
 */
static bool read_case(FILE *requests, struct grading_stream *stream)
{
    while (next_line(requests) != NULL) {
        if (strcmp(line, "run") == 0) {
            return true;
        }
        if (!grading_stream_read(stream, line)) {
            break;
        }
    }
    return false;
}

static bool run_case(FILE *requests, const char *subject_name, const char *nonce)
{
    const struct grading_subject *subject = find_subject(subject_name);
    struct grading_stream stream;
    struct weir__buf reply = {0};
    if (subject == NULL) {
        return false;
    }
    grading_stream_init(&stream, subject->in_type);
    bool understood = read_case(requests, &stream);
    if (understood) {
        subject->run(&stream, subject->what, &reply);
        weir__buf_printf(&reply, "end %s\n", nonce);
        fflush(stdout);
        send_reply(&reply);
    }
    weir__buf_fini(&reply);
    grading_stream_fini(&stream);
    return understood;
}

int main(void)
{
    FILE *requests = fdopen(GRADING_REQUESTS, "r");
    char subject[32];
    char nonce[32];
    int status = WRONG_REQUEST;
    setvbuf(stdout, NULL, _IOLBF, 0); /* what was printed before a crash helps most */
    while (requests != NULL && next_line(requests) != NULL) {
        if (sscanf(line, "quit %d", &status) == 1) {
            break;
        }
        if (sscanf(line, "case %31s %31s", subject, nonce) != 2 ||
            !run_case(requests, subject, nonce)) {
            break;
        }
    }
    if (requests != NULL) {
        fclose(requests);
    }
    exit(status);
}

/*
 * The print sinks: a line a value on standard output, as JSON (weir_print) or in words of the
 * program's own (weir_print_lines).
 *
 *     PAGE-ANALYTICS> {"pageUrl":"/home",…}      one subtask
 *     PAGE-ANALYTICS:2> {"pageUrl":"/home",…}    the second of several, counted from 1 as in Flink
 */
#include "base/escape.h"
#include "base/mem.h"
#include "connector/line_writer.h"

#include <weir/connectors.h>

#define TEXT_SIZE 1024 /* bytes for a line of the program's own */

struct config {
    char *label;
    char *heading;
    void (*write)(const void *value, char *text, size_t size, void *user);
    void *user;
    struct weir__line_target target; /* shared by the writers */
};

struct writer {
    const struct config *config;
    const struct weir_type *type;
    struct weir__line_writer lines;
    char prefix[80];
};

static void *writer_new(const void *config)
{
    struct writer *writer = WEIR__NEW(struct writer);
    writer->config = config;
    /* The target is the one part of a config that changes; its stream's lock guards it. */
    writer->lines.target = (struct weir__line_target *)&writer->config->target;
    return writer;
}

static enum weir_status writer_open(void *self, const struct weir_sink_context *context,
                                    struct weir_error *error)
{
    struct writer *writer = self;
    const char *label = writer->config->label;
    (void)error;
    writer->type = context->type;
    bool own_words = writer->config->write != NULL && label == NULL;
    if (own_words) {
        return WEIR_OK; /* a prefix would spoil the alignment with the heading */
    }
    if (context->parallelism > 1) {
        snprintf(writer->prefix, sizeof writer->prefix, "%.60s%s%d> ", label != NULL ? label : "",
                 label != NULL ? ":" : "", context->subtask + 1);
    } else if (label != NULL) {
        snprintf(writer->prefix, sizeof writer->prefix, "%.60s> ", label);
    }
    return WEIR_OK;
}

static void append_json(struct weir__buf *buf, const struct weir_type *type, const void *value)
{
    size_t room = 256;
    for (;;) {
        weir__buf_reserve(buf, room);
        size_t len = weir_value_to_json(type, value, buf->data + buf->len, room);
        if (len < room) {
            buf->len += len;
            return;
        }
        room = len + 1;
    }
}

static enum weir_status writer_write(void *self, const void *value, int64_t timestamp,
                                     struct weir_error *error)
{
    struct writer *writer = self;
    struct weir__buf *buf = &writer->lines.buf;
    (void)timestamp;
    weir__buf_put(buf, writer->prefix, strlen(writer->prefix));
    if (writer->config->write == NULL) {
        append_json(buf, writer->type, value);
    } else {
        char text[TEXT_SIZE] = "";
        writer->config->write(value, text, sizeof text, writer->config->user);
        weir__buf_put_printable(buf, weir_str_from(text));
    }
    return weir__line_writer_end_line(&writer->lines, error);
}

static enum weir_status writer_flush(void *self, struct weir_error *error)
{
    struct writer *writer = self;
    return weir__line_writer_flush(&writer->lines, error);
}

static void writer_free(void *self)
{
    struct writer *writer = self;
    weir__buf_fini(&writer->lines.buf);
    weir__free(writer);
}

static void config_free(void *self)
{
    struct config *config = self;
    weir__free(config->label);
    weir__free(config->heading);
    weir__free(config);
}

static const struct weir_sink_ops print_ops = {
    .kind = "Print",
    .writer_new = writer_new,
    .open = writer_open,
    .write = writer_write,
    .flush = writer_flush,
    .idle = writer_flush,
    .writer_free = writer_free,
    .config_free = config_free,
};

weir_sink *weir_print_lines(const struct weir_print_config *config)
{
    struct config *copy = WEIR__NEW(struct config);
    copy->label = weir__strdup(config->label);
    copy->heading = weir__strdup(config->heading);
    copy->write = config->write;
    copy->user = config->user;
    copy->target.stream = config->stream != NULL ? config->stream : stdout;
    copy->target.name = config->stream != NULL ? "output" : "standard output";
    copy->target.heading = copy->heading;
    return weir_sink_new(&print_ops, "Print", NULL, copy);
}

weir_sink *weir_print(const char *label)
{
    return weir_print_lines(&(struct weir_print_config){.label = label});
}

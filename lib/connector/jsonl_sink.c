/*
 * The JSON-lines sink: one object a line in a file; "-" is standard output.
 *
 * A job that begins anew creates or empties the file; one that goes on from a checkpoint, in the
 * same process or in another one, writes behind what is there, without the line that a killed
 * process has left half-written. What was written since the checkpoint comes again: results are
 * at-least-once, as of every sink without a commit.
 *
 * The subtasks share one stream, opened by the first of them and closed with the job's graph.
 */
#include "base/mem.h"
#include "connector/line_writer.h"

#include <weir/connectors.h>

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

struct config {
    char *path;
    const struct weir_type *type;
    pthread_mutex_t opening;
    /* under opening until it is set, then under the stream's lock */
    struct weir__line_target target;
};

struct writer {
    struct config *config;
    weir_encoder *encoder;
    struct weir__line_writer lines;
};

static void *writer_new(const void *config)
{
    struct writer *writer = WEIR__NEW(struct writer);
    writer->config = (struct config *)config; /* the stream in it is opened on demand */
    writer->encoder = weir_encoder_new(weir_json(writer->config->type));
    return writer;
}

/* Cuts the file behind its last newline, and stands there. What cannot be sought in is no file of
 * lines, and has nothing to cut. */
static bool cut_open_line(FILE *stream)
{
    if (fseeko(stream, 0, SEEK_END) != 0) {
        return true;
    }
    off_t end = ftello(stream);
    while (end > 0) {
        if (fseeko(stream, end - 1, SEEK_SET) != 0) {
            return false;
        }
        int byte = getc(stream);
        if (byte == '\n') {
            break;
        }
        if (byte == EOF) {
            return false;
        }
        end--;
    }
    return ftruncate(fileno(stream), end) == 0 && fseeko(stream, end, SEEK_SET) == 0;
}

static FILE *open_file(const char *path, bool goes_on)
{
    FILE *stream = goes_on ? fopen(path, "r+") : NULL;
    if (stream == NULL) {
        return fopen(path, "w");
    }
    if (!cut_open_line(stream)) {
        int why = errno;
        fclose(stream);
        errno = why;
        return NULL;
    }
    return stream;
}

static enum weir_status writer_open(void *self, const struct weir_sink_context *context,
                                    struct weir_error *error)
{
    struct writer *writer = self;
    struct config *config = writer->config;
    enum weir_status status = WEIR_OK;
    pthread_mutex_lock(&config->opening);
    if (config->target.stream == NULL && strcmp(config->path, "-") == 0) {
        config->target.stream = stdout;
        config->target.name = "standard output";
    } else if (config->target.stream == NULL) {
        config->target.stream = open_file(config->path, context->restored_checkpoint > 0);
        config->target.name = config->path;
        if (config->target.stream == NULL) {
            status = weir_error_set(error, WEIR_IO, config->path, "cannot write the file: %s",
                                    strerror(errno));
        }
    }
    pthread_mutex_unlock(&config->opening);
    writer->lines.target = &config->target;
    return status;
}

static enum weir_status writer_write(void *self, const void *value, int64_t timestamp,
                                     struct weir_error *error)
{
    struct writer *writer = self;
    struct weir_str json = weir_encoder_encode(writer->encoder, value);
    (void)timestamp;
    weir__buf_put(&writer->lines.buf, json.data, json.len);
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
    weir_encoder_free(writer->encoder);
    weir__buf_fini(&writer->lines.buf);
    weir__free(writer);
}

static void config_free(void *self)
{
    struct config *config = self;
    if (config->target.stream != NULL && config->target.stream != stdout) {
        fclose(config->target.stream);
    }
    pthread_mutex_destroy(&config->opening);
    weir__free(config->path);
    weir__free(config);
}

static const struct weir_sink_ops jsonl_ops = {
    .kind = "JsonLines",
    .writer_new = writer_new,
    .open = writer_open,
    .write = writer_write,
    .flush = writer_flush,
    .idle = writer_flush,
    .writer_free = writer_free,
    .config_free = config_free,
};

weir_sink *weir_jsonl_sink(const char *path, const struct weir_type *type)
{
    struct config *config = WEIR__NEW(struct config);
    config->path = weir__strdup(path != NULL ? path : "-");
    config->type = type;
    pthread_mutex_init(&config->opening, NULL);
    return weir_sink_new(&jsonl_ops, "JsonLines", type, config);
}

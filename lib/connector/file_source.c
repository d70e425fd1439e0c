/*
 * The file source: a file of lines, decoded by a format; "-" is standard input.
 *
 * A file can be read by several subtasks in byte ranges, which are its splits. A line belongs to
 * the range in which it starts, so a reader of range [start, end) first skips to the first line
 * that starts at or behind `start`, and its last line may reach beyond `end`. A subtask reads its
 * ranges one after the other and announces each when it begins.
 *
 *     position := count u32, then count times: split u32, and as i64
 *                 start, end, offset of the next line, number of that line
 *
 * The range is part of the position because the file may have grown when the position is restored.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "connector/line_reader.h"

#include <weir/connectors.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOT_BEGUN (-1)

struct split {
    int32_t number;
    int64_t start;
    int64_t end;    /* INT64_MAX: to the end of the file, even when it grows */
    int64_t offset; /* of the next line; NOT_BEGUN */
    int64_t
        line; /* its number, from 1; 0: not known, because the range does not begin with the file */
};

struct config {
    char *path;
    struct weir_format format;
    int splits;
    const struct weir_field *paced_by;
};

struct reader {
    const struct config *config;
    const struct weir_clock *clock;
    struct weir__line_reader lines;
    weir_decoder *decoder;
    void *value;
    bool held; /* `value` waits for its time; the position is still in front of its line */
    struct split *splits;
    int split_count;
    int current; /* the split being read; split_count: all done */
    bool announced;
    bool opened;
    struct weir__buf position;
};

static const char *shown_path(const struct config *config)
{
    return strcmp(config->path, "-") == 0 ? "standard input" : config->path;
}

static void *reader_new(const void *config)
{
    struct reader *reader = WEIR__NEW(struct reader);
    reader->config = config;
    reader->decoder = weir_decoder_new(reader->config->format);
    reader->value = weir__calloc(1, reader->config->format.type->size);
    return reader;
}

static enum weir_status open_file(struct reader *reader, struct weir_error *error)
{
    const char *path = reader->config->path;
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        enum weir_status status = errno == ENOENT ? WEIR_NOT_FOUND : WEIR_IO;
        return weir_error_set(error, status, path, "cannot open the file to read: %s",
                              strerror(errno));
    }
    weir__line_reader_init(&reader->lines, fd);
    reader->opened = true;
    return WEIR_OK;
}

static enum weir_status check_pace(const struct config *config, struct weir_error *error)
{
    const struct weir_field *field = config->paced_by;
    const struct weir_type *type = config->format.type;
    if (field == NULL || (field >= type->fields && field < type->fields + type->field_count &&
                          field->kind == WEIR_KIND_INT64)) {
        return WEIR_OK;
    }
    return weir_error_set(error, WEIR_MISMATCH, shown_path(config),
                          "paced_by must be an int64 field (epoch ms) of %s, got %s", type->name,
                          field->name);
}

/* Cuts the file into ranges and keeps those of this subtask. What has no positions is one range. */
static void choose_splits(struct reader *reader, const struct weir_source_context *context)
{
    struct stat info;
    int64_t first = reader->lines.offset;
    int64_t size = fstat(reader->lines.fd, &info) == 0 ? (int64_t)info.st_size - first : 0;
    int count = reader->lines.regular && size > 0 ? reader->config->splits : 1;
    reader->splits = weir__calloc((size_t)count, sizeof *reader->splits);
    for (int s = context->subtask; s < count; s += context->parallelism) {
        int64_t range = size / count;
        reader->splits[reader->split_count++] = (struct split){
            .number = s,
            .start = first + s * range,
            .end = s + 1 < count ? first + (s + 1) * range : INT64_MAX,
            .offset = NOT_BEGUN,
        };
    }
}

static enum weir_status reader_open(void *self, const struct weir_source_context *context,
                                    struct weir_error *error)
{
    struct reader *reader = self;
    reader->clock = context->clock;
    enum weir_status status = weir_format_check(reader->config->format, error);
    if (status == WEIR_OK) {
        status = check_pace(reader->config, error);
    }
    if (status == WEIR_OK) {
        status = open_file(reader, error);
    }
    if (status == WEIR_OK) {
        choose_splits(reader, context);
    }
    return status;
}

/* Announces the current split and goes to its first line. */
static void begin_split(struct reader *reader, weir_source_output *out)
{
    struct split *split = &reader->splits[reader->current];
    reader->announced = true;
    weir_source_split_added(out, split->number);
    if (split->offset == NOT_BEGUN && split->number > 0) {
        /* The line before ends at the earliest with the byte in front of the range. */
        weir__line_reader_seek(&reader->lines, split->start - 1, true);
        return;
    }
    if (split->offset == NOT_BEGUN) {
        split->offset = split->start;
        split->line = 1;
    }
    if (reader->lines.offset != split->offset) {
        weir__line_reader_seek(&reader->lines, split->offset, false);
    }
}

static void end_split(struct reader *reader, weir_source_output *out)
{
    struct split *split = &reader->splits[reader->current];
    weir_source_split_finished(out, split->number);
    split->offset = split->end == INT64_MAX ? reader->lines.offset : split->end;
    reader->current++;
    reader->announced = false;
}

/*
 * Says where in the file a bad line is: file:line:column, or the byte where lines were not counted.
 */
static void dead_letter(struct reader *reader, weir_source_output *out, const struct split *split,
                        struct weir_str line, const struct weir_error *reason)
{
    struct weir_error placed = *reason;
    const char *path = shown_path(reader->config);
    const char *in_line = reason->where;
    bool column = strncmp(in_line, "column ", strlen("column ")) == 0;
    const char *separator = column ? ":" : in_line[0] != '\0' ? ", " : "";
    if (split->line > 0) {
        snprintf(placed.where, sizeof placed.where, "%.90s:%" PRId64 "%s%.40s", path, split->line,
                 separator, column ? in_line + strlen("column ") : in_line);
    } else {
        snprintf(placed.where, sizeof placed.where, "%.80s, byte %" PRId64 "%s%.40s", path,
                 reader->lines.line_offset, in_line[0] != '\0' ? ", " : "", in_line);
    }
    weir_source_dead_letter(out, split->number, reader->lines.line_offset, line.data, line.len,
                            &placed);
}

/* The line in hand is done with. */
static void pass_line(struct reader *reader)
{
    struct split *split = &reader->splits[reader->current];
    split->offset = reader->lines.offset;
    split->line += split->line > 0;
}

static void hand_over(struct reader *reader, weir_source_output *out)
{
    reader->held = false;
    weir_source_emit(out, reader->splits[reader->current].number, reader->value, WEIR_TIME_MIN);
    pass_line(reader);
}

/* One line has come: becomes a value, or a dead letter. */
static void deliver(struct reader *reader, weir_source_output *out, enum weir__line found,
                    struct weir_str line)
{
    struct split *split = &reader->splits[reader->current];
    struct weir_error reason = {0};
    if (found == WEIR__LINE_TOO_LONG) {
        (void)weir_error_set(&reason, WEIR_LIMIT, NULL,
                             "expected a line of at most %d bytes, got a longer one",
                             WEIR__LINE_LIMIT);
        dead_letter(reader, out, split, line, &reason);
        pass_line(reader);
    } else if (weir_decoder_decode(reader->decoder, line.data, line.len, reader->value, &reason) !=
               WEIR_OK) {
        dead_letter(reader, out, split, line, &reason);
        pass_line(reader);
    } else {
        reader->held = true;
    }
}

/* Whether the value that is held may go: its strings stay where they are as long as no other line
 * is read. */
static bool is_due(const struct reader *reader)
{
    const struct weir_field *at = reader->config->paced_by;
    return at == NULL ||
           *(const int64_t *)(const void *)((const char *)reader->value + at->offset) <=
               weir_clock_ms(reader->clock);
}

static enum weir_poll reader_poll(void *self, weir_source_output *out, int budget,
                                  struct weir_error *error)
{
    struct reader *reader = self;
    for (; budget > 0 && reader->current < reader->split_count; budget--) {
        struct weir_str line;
        if (!reader->announced) {
            begin_split(reader, out);
        }
        if (reader->held && !is_due(reader)) {
            return WEIR_POLL_NOTHING;
        }
        if (reader->held) {
            hand_over(reader, out);
            continue;
        }
        enum weir__line found = weir__line_reader_next(&reader->lines, &line);
        if (found == WEIR__LINE_FAILED) {
            (void)weir_error_set(error, WEIR_IO, shown_path(reader->config), "cannot read: %s",
                                 strerror(errno));
            return WEIR_POLL_FAILED;
        }
        if (found == WEIR__LINE_WAIT) {
            return WEIR_POLL_NOTHING;
        }
        if (found == WEIR__LINE_END ||
            reader->lines.line_offset >= reader->splits[reader->current].end) {
            end_split(reader, out);
        } else {
            deliver(reader, out, found, line);
            if (reader->held && is_due(reader)) {
                hand_over(reader, out);
            }
        }
    }
    return reader->current < reader->split_count ? WEIR_POLL_MORE : WEIR_POLL_END;
}

static struct weir_str reader_snapshot(void *self)
{
    struct reader *reader = self;
    reader->position.len = 0;
    weir__buf_put_u32(&reader->position, (uint32_t)reader->split_count);
    for (int i = 0; i < reader->split_count; i++) {
        weir__buf_put_u32(&reader->position, (uint32_t)reader->splits[i].number);
        weir__buf_put_i64(&reader->position, reader->splits[i].start);
        weir__buf_put_i64(&reader->position, reader->splits[i].end);
        weir__buf_put_i64(&reader->position, reader->splits[i].offset);
        weir__buf_put_i64(&reader->position, reader->splits[i].line);
    }
    return (struct weir_str){reader->position.data, (uint32_t)reader->position.len};
}

/* Takes over the splits that this subtask owns; those of others may be in the position after a
 * change of parallelism. */
static enum weir_status reader_restore(void *self, struct weir_str position,
                                       struct weir_error *error)
{
    struct reader *reader = self;
    struct weir__reader in = weir__reader_of(position);
    uint32_t count = weir__read_u32(&in);
    for (uint32_t n = 0; n < count && !in.failed; n++) {
        struct split saved = {.number = (int32_t)weir__read_u32(&in)};
        saved.start = weir__read_i64(&in);
        saved.end = weir__read_i64(&in);
        saved.offset = weir__read_i64(&in);
        saved.line = weir__read_i64(&in);
        for (int i = 0; i < reader->split_count && !in.failed; i++) {
            if (reader->splits[i].number == saved.number) {
                reader->splits[i] = saved;
            }
        }
    }
    if (in.failed) {
        return weir_error_set(error, WEIR_CORRUPT, shown_path(reader->config),
                              "the saved position is cut short");
    }
    if (reader->split_count > 0 && !reader->lines.regular && reader->splits[0].offset > 0) {
        return weir_error_set(
            error, WEIR_UNSUPPORTED, shown_path(reader->config),
            "a pipe or terminal cannot be read again; give a file to resume from a checkpoint");
    }
    return WEIR_OK;
}

static void reader_free(void *self)
{
    struct reader *reader = self;
    if (reader->opened) {
        weir__line_reader_fini(&reader->lines);
    }
    weir_decoder_free(reader->decoder);
    weir__buf_fini(&reader->position);
    weir__free(reader->splits);
    weir__free(reader->value);
    weir__free(reader);
}

static void config_free(void *self)
{
    struct config *config = self;
    weir__free(config->path);
    weir__free(config);
}

static const struct weir_source_ops file_ops = {
    .kind = "File",
    .reader_new = reader_new,
    .open = reader_open,
    .poll = reader_poll,
    .snapshot = reader_snapshot,
    .restore = reader_restore,
    .reader_free = reader_free,
    .config_free = config_free,
};

weir_source *weir_file_source(const struct weir_file_source_config *config)
{
    struct config *copy = WEIR__NEW(struct config);
    copy->path = weir__strdup(config->path != NULL ? config->path : "-");
    copy->format = config->format;
    copy->splits = config->splits > 0 ? config->splits : 1;
    copy->paced_by = config->paced_by;
    return weir_source_new(&file_ops, "File", config->format.type, copy);
}

/*
 * The file sink: its config and the life of its writers (file_sink_writer.h says what they do).
 */
#include "connector/file_sink.h"

#include "base/hash.h"
#include "base/mem.h"
#include "connector/file_sink_writer.h"

#define DEFAULT_MAX_BYTES (INT64_C(128) << 20)
#define DEFAULT_MS        weir_minutes(1)

static void config_free(void *self)
{
    struct weir__file_sink_config *config = self;
    weir__free((char *)config->given.path);
    weir__free((char *)config->given.prefix);
    weir__free((char *)config->given.suffix);
    weir__free((char *)config->given.bucket);
    weir__free(config);
}

/* ---- life ---- */

static void *writer_new(const void *config)
{
    struct weir__file_sink_writer *writer = WEIR__NEW(struct weir__file_sink_writer);
    writer->config = config;
    writer->folder = (struct weir__part_folder){
        .files = writer->config->files,
        .path = writer->config->given.path,
        .prefix = writer->config->given.prefix,
        .suffix = writer->config->given.suffix,
    };
    writer->encoder = weir_encoder_new(writer->config->given.format);
    weir__file_sink_state_init(&writer->state);
    return writer;
}

static enum weir_status check_config(const struct weir_file_sink_config *config,
                                     struct weir_error *error)
{
    if (config->path[0] == '\0') {
        return weir_error_set(error, WEIR_INVALID, NULL, "the file sink needs a path: a folder");
    }
    if (config->prefix[0] == '.' || strchr(config->prefix, '/') != NULL ||
        strchr(config->suffix, '/') != NULL) {
        return weir_error_set(
            error, WEIR_INVALID, NULL,
            "the prefix and suffix of parts must not have a \"/\", nor the prefix "
            "a leading dot, got \"%.40s\" and \"%.40s\"",
            config->prefix, config->suffix);
    }
    if (config->max_part_bytes < 0 || config->rollover_ms < 0 || config->inactivity_ms < 0 ||
        config->check_ms < 0) {
        return weir_error_set(error, WEIR_INVALID, NULL,
                              "sizes and intervals of the file sink must not be negative");
    }
    return WEIR_OK;
}

static enum weir_status writer_open(void *self, const struct weir_sink_context *context,
                                    struct weir_error *error)
{
    struct weir__file_sink_writer *writer = self;
    writer->clock = context->clock;
    writer->subtask = context->subtask;
    weir__bucket_init(&writer->bucket, &writer->config->given, context->clock);
    uint64_t now = weir__hash_join((uint64_t)weir_clock_ms(context->clock),
                                   (uint64_t)weir_clock_ns(context->clock));
    writer->life = weir__hash_join(now, (uint64_t)context->subtask);
    return check_config(&writer->config->given, error);
}

/* No checkpoint has named them, so nobody will ever finish them. */
static void remove_unheld(const struct weir__part_folder *folder, const struct weir__vec *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        struct weir__part *part = weir__part_at(parts, i);
        if (!part->held) {
            weir__part_remove(folder, part);
        }
    }
}

static void writer_free(void *self)
{
    struct weir__file_sink_writer *writer = self;
    remove_unheld(&writer->folder, &writer->state.open);
    remove_unheld(&writer->folder, &writer->state.pending);
    weir__file_sink_state_fini(&writer->state);
    weir__buf_fini(&writer->bytes);
    weir_encoder_free(writer->encoder);
    weir__free(writer);
}

static enum weir_status writer_finish(void *self, struct weir_error *error)
{
    (void)error;
    ((struct weir__file_sink_writer *)self)->ended = true;
    return WEIR_OK;
}

/* ---- the sink ---- */

static const struct weir_sink_ops ops = {
    .kind = "Files",
    .writer_new = writer_new,
    .open = writer_open,
    .write = weir__file_sink_write,
    .tick = weir__file_sink_tick,
    .finish = writer_finish,
    .prepare = weir__file_sink_prepare,
    .commit = weir__file_sink_commit,
    .restore = weir__file_sink_restore,
    .writer_free = writer_free,
    .config_free = config_free,
};

/* "parts/" is "parts"; "/" stays. */
static char *without_slash(const char *path)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    return weir__asprintf("%.*s", (int)len, path);
}

weir_sink *weir__file_sink(const struct weir_file_sink_config *given, struct weir__files *files)
{
    struct weir__file_sink_config *config = WEIR__NEW(struct weir__file_sink_config);
    config->given = *given;
    config->files = files;
    config->given.path = without_slash(given->path != NULL ? given->path : "");
    config->given.prefix = weir__strdup(given->prefix != NULL ? given->prefix : "part");
    config->given.suffix = weir__strdup(given->suffix != NULL ? given->suffix : "");
    config->given.bucket = weir__strdup(given->bucket);
    config->given.max_part_bytes =
        given->max_part_bytes != 0 ? given->max_part_bytes : DEFAULT_MAX_BYTES;
    config->given.rollover_ms = given->rollover_ms != 0 ? given->rollover_ms : DEFAULT_MS;
    config->given.inactivity_ms = given->inactivity_ms != 0 ? given->inactivity_ms : DEFAULT_MS;
    config->given.check_ms = given->check_ms != 0 ? given->check_ms : DEFAULT_MS;
    return weir_sink_new(&ops, "Files", given->format.type, config);
}

weir_sink *weir_file_sink(const struct weir_file_sink_config *config)
{
    return weir__file_sink(config, &weir__real_files);
}

/*
 * The file sink: its config and the life of its writers (file_sink_writer.h says what they do).
 */
#include "connector/file_sink.h"

#include "base/hash.h"
#include "base/mem.h"
#include "connector/file_sink_writer.h"

static const char s3_scheme[] = "s3://";

#define DEFAULT_MAX_BYTES (INT64_C(128) << 20)
#define DEFAULT_MS        weir_minutes(1)

static void config_free(void *self)
{
    struct weir__file_sink_config *config = self;
    weir__free((char *)config->given.path);
    weir__free((char *)config->given.prefix);
    weir__free((char *)config->given.suffix);
    weir__free((char *)config->given.bucket);
    weir__free((char *)config->s3.endpoint);
    weir__free((char *)config->s3.region);
    weir__free((char *)config->s3.access_key);
    weir__free((char *)config->s3.secret_key);
    weir__free((char *)config->s3.session_token);
    weir__free(config->bucket);
    weir__free(config);
}

/* ---- life ---- */

static void *writer_new(const void *config)
{
    struct weir__file_sink_writer *writer = WEIR__NEW(struct weir__file_sink_writer);
    writer->config = config;
    writer->own_next_number = WEIR_TIME_MAX;
    writer->folder = (struct weir__part_folder){
        .store = writer->config->bucket != NULL ? &weir__part_s3 : &weir__part_files,
        .files = writer->config->files,
        .path = writer->config->given.path,
        .full_bytes = WEIR__PART_FILES_FULL_BYTES,
        .prefix = writer->config->given.prefix,
        .suffix = writer->config->given.suffix,
    };
    writer->encoder = weir_encoder_new(writer->config->given.format);
    weir__file_sink_state_init(&writer->state);
    return writer;
}

static enum weir_status check_config(const struct weir__file_sink_config *sink,
                                     struct weir_error *error)
{
    const struct weir_file_sink_config *config = &sink->given;
    if (config->path[0] == '\0' && sink->bucket == NULL) {
        return weir_error_set(error, WEIR_INVALID, NULL,
                              "the file sink needs a path: a folder, or s3://BUCKET/PREFIX");
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

/* A client of the writer's own, and whether it may ask. */
static enum weir_status open_bucket(struct weir__file_sink_writer *writer,
                                    const struct weir_sink_context *context,
                                    struct weir_error *error)
{
    const struct weir__file_sink_config *config = writer->config;
    enum weir_status status = weir__s3_new(&config->s3, &config->tuning, config->bucket,
                                           context->properties, &writer->folder.s3, error);
    if (status == WEIR_OK) {
        writer->folder.full_bytes = weir__s3_part_bytes(writer->folder.s3);
        status = weir__s3_check(writer->folder.s3, error);
    }
    return status;
}

static enum weir_status writer_open(void *self, const struct weir_sink_context *context,
                                    struct weir_error *error)
{
    struct weir__file_sink_writer *writer = self;
    writer->clock = context->clock;
    writer->subtask = context->subtask;
    writer->only_life = context->checkpoint_interval_ms == 0;
    writer->state.subtask = context->subtask;
    weir__bucket_init(&writer->bucket, &writer->config->given, context->clock);
    uint64_t now = weir__hash_join((uint64_t)weir_clock_ms(context->clock),
                                   (uint64_t)weir_clock_ns(context->clock));
    writer->life = weir__hash_join(now, (uint64_t)context->subtask);
    enum weir_status status = check_config(writer->config, error);
    return status == WEIR_OK && writer->config->bucket != NULL ? open_bucket(writer, context, error)
                                                               : status;
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
    weir__s3_free(writer->folder.s3);
    weir__buf_fini(&writer->bytes);
    weir_encoder_free(writer->encoder);
    weir__free(writer);
}

static enum weir_status writer_finish(void *self, struct weir_error *error)
{
    struct weir__file_sink_writer *writer = self;
    (void)error;
    writer->ended = true;
    writer->folder.put_whole = writer->only_life;
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

/* "s3://bucket/a/prefix/": the bucket, and the prefix in place of the path. */
static void take_place(struct weir__file_sink_config *config, const char *path)
{
    static const struct weir_s3_config defaults = {0};
    if (strncmp(path, s3_scheme, strlen(s3_scheme)) != 0) {
        config->given.path = without_slash(path);
        return;
    }
    const struct weir_s3_config *s3 = config->given.s3 != NULL ? config->given.s3 : &defaults;
    const char *bucket = path + strlen(s3_scheme);
    size_t len = strcspn(bucket, "/");
    config->bucket = weir__asprintf("%.*s", (int)len, bucket);
    config->given.path = without_slash(bucket + len + strspn(bucket + len, "/"));
    config->s3 = *s3;
    config->s3.endpoint = weir__strdup(s3->endpoint);
    config->s3.region = weir__strdup(s3->region);
    config->s3.access_key = weir__strdup(s3->access_key);
    config->s3.secret_key = weir__strdup(s3->secret_key);
    config->s3.session_token = weir__strdup(s3->session_token);
}

static weir_sink *new_sink(const struct weir_file_sink_config *given, struct weir__files *files,
                           const struct weir__s3_tuning *tuning)
{
    struct weir__file_sink_config *config = WEIR__NEW(struct weir__file_sink_config);
    config->given = *given;
    config->files = files;
    config->tuning = *tuning;
    take_place(config, given->path != NULL ? given->path : "");
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

weir_sink *weir__file_sink(const struct weir_file_sink_config *config, struct weir__files *files)
{
    static const struct weir__s3_tuning untuned = {0};
    return new_sink(config, files, &untuned);
}

weir_sink *weir__file_sink_tuned(const struct weir_file_sink_config *config,
                                 const struct weir__s3_tuning *tuning)
{
    return new_sink(config, &weir__real_files, tuning);
}

weir_sink *weir_file_sink(const struct weir_file_sink_config *config)
{
    return weir__file_sink(config, &weir__real_files);
}

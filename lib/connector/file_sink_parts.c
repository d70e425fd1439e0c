/*
 * Values go to parts, and parts are rolled: by size before a write, by age when the clock says so.
 */
#include "connector/file_sink_writer.h"

#include "base/hash.h"

#define NS_PER_MS 1000000

/* ---- parts ---- */

struct weir__part *weir__file_sink_find(const struct weir__file_sink_writer *writer,
                                        const char *bucket)
{
    uint64_t hash = weir__hash_bytes(bucket, strlen(bucket));
    for (size_t i = 0; i < writer->state.open.count; i++) {
        struct weir__part *part = weir__part_at(&writer->state.open, i);
        if (part->bucket_hash == hash && strcmp(part->bucket, bucket) == 0) {
            return part;
        }
    }
    return NULL;
}

static enum weir_status open_part(struct weir__file_sink_writer *writer, const char *bucket,
                                  struct weir__part **part, struct weir_error *error)
{
    int64_t *number = &writer->state.next_number;
    enum weir_status status =
        weir__part_free_number(&writer->folder, bucket, writer->subtask, number, error);
    if (status == WEIR_OK) {
        status = weir__part_create(&writer->folder, bucket, writer->subtask, *number,
                                   writer->unique, part, error);
    }
    if (status == WEIR_OK) {
        ++*number;
        (*part)->created_ms = weir_clock_ms(writer->clock);
        (*part)->created_ns = weir_clock_ns(writer->clock);
        weir__vec_push(&writer->state.open, part);
    }
    return status;
}

/* The open part becomes pending, also when it cannot be closed: the job then fails. */
static enum weir_status roll(struct weir__file_sink_writer *writer, struct weir__part *part,
                             struct weir_error *error)
{
    size_t index = 0;
    while (weir__part_at(&writer->state.open, index) != part) {
        index++;
    }
    weir__vec_remove(&writer->state.open, index);
    weir__vec_push(&writer->state.pending, &part);
    writer->last = writer->last == part ? NULL : writer->last;
    return weir__part_close(&writer->folder, part, error);
}

bool weir__file_sink_is_too_large(const struct weir__file_sink_writer *writer,
                                  const struct weir__part *part, int64_t now_ns)
{
    (void)now_ns;
    return part->size > writer->config->given.max_part_bytes;
}

/* Whether silence can be over before age is: a part is never silent for longer than it is old. Else
 * nobody asks the clock at each value. */
static bool watches_silence(const struct weir__file_sink_writer *writer)
{
    return writer->config->given.inactivity_ms < writer->config->given.rollover_ms;
}

static bool is_too_old(const struct weir__file_sink_writer *writer, const struct weir__part *part,
                       int64_t now_ns)
{
    const struct weir_file_sink_config *config = &writer->config->given;
    return (now_ns - part->created_ns) / NS_PER_MS >= config->rollover_ms ||
           (watches_silence(writer) &&
            (now_ns - part->written_ns) / NS_PER_MS >= config->inactivity_ms);
}

enum weir_status weir__file_sink_roll(struct weir__file_sink_writer *writer,
                                      weir__file_sink_due *due, struct weir_error *error)
{
    int64_t now_ns = weir_clock_ns(writer->clock);
    enum weir_status status = WEIR_OK;
    for (size_t i = writer->state.open.count; i-- > 0 && status == WEIR_OK;) {
        struct weir__part *part = weir__part_at(&writer->state.open, i);
        status = due(writer, part, now_ns) ? roll(writer, part, error) : WEIR_OK;
    }
    return status;
}

/* ---- values ---- */

/* The part for the bucket, with room. */
static enum weir_status part_for(struct weir__file_sink_writer *writer, const char *bucket,
                                 struct weir__part **part, struct weir_error *error)
{
    *part = writer->last != NULL && strcmp(writer->last->bucket, bucket) == 0
                ? writer->last
                : weir__file_sink_find(writer, bucket);
    if (*part == NULL) {
        return open_part(writer, bucket, part, error);
    }
    if (!weir__file_sink_is_too_large(writer, *part, 0)) {
        return WEIR_OK;
    }
    enum weir_status status = roll(writer, *part, error);
    return status == WEIR_OK ? open_part(writer, bucket, part, error) : status;
}

enum weir_status weir__file_sink_write(void *self, const void *value, int64_t timestamp,
                                       struct weir_error *error)
{
    struct weir__file_sink_writer *writer = self;
    weir__file_sink_begin(writer);
    struct weir__part *part = NULL;
    const char *bucket = weir__bucket_of(&writer->bucket, value, timestamp);
    struct weir_str bytes;
    enum weir_status status = weir_encoder_try(writer->encoder, value, &bytes, error);
    if (status == WEIR_OK) {
        status = part_for(writer, bucket, &part, error);
    }
    if (status != WEIR_OK) {
        return status;
    }
    writer->last = part;
    if (watches_silence(writer)) {
        part->written_ns = weir_clock_ns(writer->clock);
    }
    return weir__part_write(&writer->folder, part, bytes, error);
}

enum weir_status weir__file_sink_tick(void *self, int64_t *again_ms, struct weir_error *error)
{
    struct weir__file_sink_writer *writer = self;
    weir__file_sink_begin(writer);
    *again_ms = writer->config->given.check_ms;
    return weir__file_sink_roll(writer, is_too_old, error);
}

/*
 * The bytes of `_metadata` (drawn in checkpoint.h), written and read.
 *
 * The frame, which is mark, version, length and checksum, is the same in every version. So a
 * damaged file is told from one that a newer program wrote.
 */
#include "base/checksum.h"
#include "base/mem.h"
#include "runtime/checkpoint.h"

#include <inttypes.h>

static const char mark[8] = {'W', 'E', 'I', 'R', 'M', 'E', 'T', 'A'};

enum { FRAME_BYTES = sizeof(mark) + 3 * 4, MOST_SUBTASKS = 32768, MOST_NAME_BYTES = 4096 };

/* ---- writing ---- */

static void encode_body(const struct weir__checkpoint *checkpoint, struct weir__buf *out)
{
    weir__buf_put_u8(out, (uint8_t)checkpoint->kind);
    weir__buf_put_u8(out, checkpoint->job.exactly_once);
    weir__buf_put_i64(out, checkpoint->id);
    weir__buf_put_i64(out, checkpoint->job.timestamp_ms);
    weir__buf_put_str(out, weir_str_from(checkpoint->job.name));
    weir__buf_put_str(out, weir_str_from(checkpoint->job.id));
    weir__buf_put_varint(out, checkpoint->entries.count);
    for (size_t i = 0; i < checkpoint->entries.count; i++) {
        const struct weir__checkpoint_entry *entry = weir__checkpoint_entry(checkpoint, i);
        weir__buf_put_str(out, weir_str_from(entry->operator_id));
        weir__buf_put_str(out, weir_str_from(entry->operator_name));
        weir__buf_put_varint(out, (uint64_t)entry->subtask);
        weir__buf_put_varint(out, (uint64_t)entry->parallelism);
        weir__buf_put_varint(out, (uint64_t)entry->max_parallelism);
        weir__buf_put_varint(out, entry->bytes.len);
        weir__buf_put_u32(out, entry->checksum);
    }
    weir__buf_put_varint(out, checkpoint->attachments.count);
    for (size_t i = 0; i < checkpoint->attachments.count; i++) {
        const struct weir__checkpoint_attachment *attachment =
            weir__checkpoint_attachment(checkpoint, i);
        weir__buf_put_str(out, weir_str_from(attachment->name));
        weir__buf_put_varint(out, (uint64_t)attachment->size);
        weir__buf_put_u32(out, attachment->checksum);
    }
}

void weir__checkpoint_encode(const struct weir__checkpoint *checkpoint, struct weir__buf *out)
{
    struct weir__buf body = {0};
    size_t start = out->len;
    encode_body(checkpoint, &body);
    weir__buf_put(out, mark, sizeof(mark));
    weir__buf_put_u32(out, WEIR__CHECKPOINT_VERSION);
    weir__buf_put_u32(out, (uint32_t)body.len);
    weir__buf_put(out, body.data, body.len);
    weir__buf_put_u32(out, weir__checksum(0, out->data + start, out->len - start));
    weir__buf_fini(&body);
}

/* ---- reading ---- */

static enum weir_status corrupt(struct weir_error *error, const char *what)
{
    return weir_error_set(error, WEIR_CORRUPT, NULL, "%s", what);
}

/* A number of at most `limit`; else the reader has failed. */
static uint64_t read_number(struct weir__reader *in, uint64_t limit)
{
    uint64_t number = weir__read_varint(in);
    in->failed = in->failed || number > limit;
    return in->failed ? 0 : number;
}

/* Owned. */
static char *read_text(struct weir__reader *in)
{
    struct weir_str text = weir__read_str(in);
    in->failed = in->failed || text.len > MOST_NAME_BYTES;
    return in->failed ? NULL : weir__asprintf("%.*s", WEIR_STR_ARG(text));
}

static void read_entry(struct weir__reader *in, struct weir__checkpoint_entry *entry)
{
    *entry = (struct weir__checkpoint_entry){.operator_id = read_text(in)};
    entry->operator_name = read_text(in);
    entry->subtask = (int)read_number(in, MOST_SUBTASKS - 1);
    entry->parallelism = (int)read_number(in, MOST_SUBTASKS);
    entry->max_parallelism = (int)read_number(in, MOST_SUBTASKS);
    entry->bytes.len = (uint32_t)read_number(in, UINT32_MAX);
    entry->checksum = weir__read_u32(in);
    in->failed = in->failed || entry->subtask >= entry->parallelism ||
                 entry->parallelism > entry->max_parallelism;
}

/* A name must stay below the checkpoint's directory. */
static bool leads_out(const char *name)
{
    size_t len = strlen(name);
    return name[0] == '/' || strcmp(name, "..") == 0 || strncmp(name, "../", 3) == 0 ||
           strstr(name, "/../") != NULL || (len >= 3 && strcmp(name + len - 3, "/..") == 0);
}

static void read_attachment(struct weir__reader *in, struct weir__checkpoint_attachment *attachment)
{
    *attachment = (struct weir__checkpoint_attachment){.name = read_text(in)};
    attachment->size = (int64_t)read_number(in, INT64_MAX);
    attachment->checksum = weir__read_u32(in);
    in->failed = in->failed || attachment->name == NULL || leads_out(attachment->name);
}

/* The counts are not trusted: an item takes at least a byte, and the first that fails ends it. */
static enum weir_status decode_body(struct weir__reader *in, struct weir__checkpoint *checkpoint,
                                    struct weir_error *error)
{
    checkpoint->kind = weir__read_u8(in) == WEIR__SAVEPOINT ? WEIR__SAVEPOINT : WEIR__CHECKPOINT;
    checkpoint->job.exactly_once = weir__read_u8(in) != 0;
    checkpoint->id = weir__read_i64(in);
    checkpoint->job.timestamp_ms = weir__read_i64(in);
    checkpoint->job.name = read_text(in);
    checkpoint->job.id = read_text(in);
    uint64_t entries = weir__read_varint(in);
    for (uint64_t i = 0; i < entries && !in->failed; i++) {
        read_entry(in, weir__vec_add(&checkpoint->entries));
    }
    uint64_t attachments = weir__read_varint(in);
    for (uint64_t i = 0; i < attachments && !in->failed; i++) {
        read_attachment(in, weir__vec_add(&checkpoint->attachments));
    }
    return in->failed || in->at != in->end
               ? corrupt(error, "its contents make no sense, though their checksum is right")
               : WEIR_OK;
}

enum weir_status weir__checkpoint_decode(struct weir_str bytes, struct weir__checkpoint *checkpoint,
                                         struct weir_error *error)
{
    checkpoint->entries = WEIR__VEC_OF(struct weir__checkpoint_entry);
    checkpoint->attachments = WEIR__VEC_OF(struct weir__checkpoint_attachment);
    if (bytes.len < FRAME_BYTES) {
        return corrupt(error, "it is cut short");
    }
    if (memcmp(bytes.data, mark, sizeof(mark)) != 0) {
        return corrupt(error, "it does not begin as metadata of a checkpoint");
    }
    size_t summed = bytes.len - 4;
    struct weir__reader end = {bytes.data + summed, bytes.data + bytes.len, false};
    struct weir__reader in = {bytes.data + sizeof(mark), bytes.data + summed, false};
    uint32_t version = weir__read_u32(&in);
    uint32_t length = weir__read_u32(&in);
    if (length != bytes.len - FRAME_BYTES) {
        return weir_error_set(error, WEIR_CORRUPT, NULL,
                              "expected %" PRIu64 " bytes, found %" PRIu32,
                              (uint64_t)length + FRAME_BYTES, bytes.len);
    }
    if (weir__read_u32(&end) != weir__checksum(0, bytes.data, summed)) {
        return corrupt(error, "its checksum is wrong");
    }
    if (version != WEIR__CHECKPOINT_VERSION) {
        return weir_error_set(error, WEIR_UNSUPPORTED, NULL,
                              "it has format version %" PRIu32 ", and this program reads version "
                              "%d; use the program that wrote it, or a newer one",
                              version, WEIR__CHECKPOINT_VERSION);
    }
    return decode_body(&in, checkpoint, error);
}

/*
 * The file sink's state as bytes.
 */
#include "connector/file_sink_state.h"

#include "base/mem.h"

#include <limits.h>

enum { WITH_UPLOADS = 2 };

void weir__file_sink_state_init(struct weir__file_sink_state *state)
{
    *state = (struct weir__file_sink_state){
        .subtask = -1,
        .lineages = WEIR__VEC_OF(uint64_t),
        .open = WEIR__VEC_OF(struct weir__part *),
        .pending = WEIR__VEC_OF(struct weir__part *),
    };
}

static void free_parts(struct weir__vec *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        weir__part_free(weir__part_at(parts, i));
    }
    weir__vec_fini(parts);
}

void weir__file_sink_state_fini(struct weir__file_sink_state *state)
{
    weir__vec_fini(&state->lineages);
    free_parts(&state->open);
    free_parts(&state->pending);
}

static void put_upload(const struct weir__part *part, struct weir__buf *out)
{
    weir__buf_put_str(out, part->upload != NULL ? weir_str_from(part->upload)
                                                : (struct weir_str){NULL, 0});
    weir__buf_put_varint(out, part->etags.count);
    for (size_t i = 0; i < part->etags.count; i++) {
        weir__buf_put_str(out, weir_str_from(*(char **)weir__vec_at(&part->etags, i)));
    }
    weir__buf_put_str(
        out, (struct weir_str){part->buf.len > 0 ? part->buf.data : "", (uint32_t)part->buf.len});
}

static void put_parts(const struct weir__vec *parts, bool pending, bool uploads,
                      struct weir__buf *out)
{
    for (size_t i = 0; i < parts->count; i++) {
        const struct weir__part *part = weir__part_at(parts, i);
        weir__buf_put_u8(out, pending);
        weir__buf_put_str(out, weir_str_from(part->bucket));
        weir__buf_put_varint(out, (uint64_t)part->subtask);
        weir__buf_put_varint(out, (uint64_t)part->number);
        weir__buf_put_str(out, weir_str_from(part->hidden));
        weir__buf_put_varint(out, (uint64_t)part->size);
        weir__buf_put_i64(out, part->created_ms);
        if (uploads) {
            put_upload(part, out);
        }
    }
}

void weir__file_sink_state_encode(const struct weir__file_sink_state *state,
                                  const struct weir__part_folder *folder, struct weir__buf *out)
{
    bool uploads = folder->store->state_version == WITH_UPLOADS;
    weir__buf_put_u8(out, folder->store->state_version);
    if (uploads) {
        weir__buf_put_varint(out, (uint64_t)state->subtask);
    }
    weir__buf_put_varint(out, state->lineages.count);
    for (size_t i = 0; i < state->lineages.count; i++) {
        weir__buf_put_i64(out, *(int64_t *)weir__vec_at(&state->lineages, i));
    }
    weir__buf_put_varint(out, (uint64_t)state->next_number);
    weir__buf_put_varint(out, state->pending.count + state->open.count);
    put_parts(&state->pending, true, uploads, out);
    put_parts(&state->open, false, uploads, out);
}

static char *read_text(struct weir__reader *in)
{
    struct weir_str text = weir__read_str(in);
    return weir_str_is_null(text) ? NULL : weir__asprintf("%.*s", WEIR_STR_ARG(text));
}

static void read_upload(struct weir__part *part, struct weir__reader *in)
{
    part->upload = read_text(in);
    uint64_t count = weir__read_varint(in);
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        char *etag = read_text(in);
        in->failed = in->failed || etag == NULL;
        if (etag != NULL) {
            weir__vec_push(&part->etags, &etag);
        }
    }
    struct weir_str rest = weir__read_str(in);
    weir__buf_put(&part->buf, rest.data, rest.len);
}

static void read_part(struct weir__file_sink_state *state, const struct weir__part_folder *folder,
                      struct weir__reader *in)
{
    bool pending = weir__read_u8(in) != 0;
    struct weir_str bucket = weir__read_str(in);
    uint64_t subtask = weir__read_varint(in);
    uint64_t number = weir__read_varint(in);
    struct weir_str hidden = weir__read_str(in);
    uint64_t size = weir__read_varint(in);
    int64_t created_ms = weir__read_i64(in);
    if (in->failed || weir_str_is_null(bucket) || weir_str_is_null(hidden) || subtask > INT_MAX ||
        number > INT64_MAX - 1 || size > INT64_MAX) {
        in->failed = true;
        return;
    }
    struct weir__part *part =
        weir__part_known(folder, bucket, (int)subtask, (int64_t)number, hidden, (int64_t)size);
    part->created_ms = created_ms;
    part->held = true;
    if (folder->store->state_version == WITH_UPLOADS) {
        read_upload(part, in);
        in->failed = in->failed || (pending && part->upload == NULL);
    }
    weir__vec_push(pending ? &state->pending : &state->open, &part);
}

static void read_lineages(struct weir__file_sink_state *state, struct weir__reader *in)
{
    uint64_t count = weir__read_varint(in);
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        int64_t lineage = weir__read_i64(in);
        weir__vec_push(&state->lineages, &lineage);
    }
}

enum weir_status weir__file_sink_state_decode(struct weir__file_sink_state *state,
                                              const struct weir__part_folder *folder,
                                              struct weir_str bytes, struct weir_error *error)
{
    struct weir__reader in = weir__reader_of(bytes);
    uint8_t version = weir__read_u8(&in);
    if (version != folder->store->state_version) {
        return weir_error_set(error, WEIR_CORRUPT, folder->path,
                              "expected version %d of the file sink's saved state, got %d (1: of "
                              "parts in a folder, 2: in a bucket of S3)",
                              folder->store->state_version, version);
    }
    if (version == WITH_UPLOADS) {
        uint64_t subtask = weir__read_varint(&in);
        in.failed = in.failed || subtask > INT_MAX;
        state->subtask = (int)subtask;
    }
    read_lineages(state, &in);
    uint64_t next = weir__read_varint(&in);
    uint64_t count = weir__read_varint(&in);
    for (uint64_t i = 0; i < count && !in.failed; i++) {
        read_part(state, folder, &in);
    }
    if (in.failed || in.at != in.end || next > INT64_MAX - 1 || state->lineages.count == 0) {
        return weir_error_set(error, WEIR_CORRUPT, folder->path,
                              "the file sink's saved state is damaged (%u bytes)", bytes.len);
    }
    state->next_number = (int64_t)next > state->next_number ? (int64_t)next : state->next_number;
    return WEIR_OK;
}

/*
 * The file sink's state as bytes.
 */
#include "connector/file_sink_state.h"

#include <limits.h>

enum { VERSION = 1 };

void weir__file_sink_state_init(struct weir__file_sink_state *state)
{
    *state = (struct weir__file_sink_state){
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

static void put_parts(const struct weir__vec *parts, bool pending, struct weir__buf *out)
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
    }
}

void weir__file_sink_state_encode(const struct weir__file_sink_state *state, struct weir__buf *out)
{
    weir__buf_put_u8(out, VERSION);
    weir__buf_put_varint(out, state->lineages.count);
    for (size_t i = 0; i < state->lineages.count; i++) {
        weir__buf_put_i64(out, *(int64_t *)weir__vec_at(&state->lineages, i));
    }
    weir__buf_put_varint(out, (uint64_t)state->next_number);
    weir__buf_put_varint(out, state->pending.count + state->open.count);
    put_parts(&state->pending, true, out);
    put_parts(&state->open, false, out);
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
    if (version != VERSION) {
        return weir_error_set(error, WEIR_CORRUPT, folder->path,
                              "expected version %d of the file sink's saved state, got %d", VERSION,
                              version);
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

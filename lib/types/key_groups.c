/*
 * Snapshot entries by key group: a buffer a group, then one length-prefixed section for each.
 */
#include "types/key_groups.h"

#include "base/mem.h"

void weir__groups_init(struct weir__groups *groups, int max_parallelism)
{
    groups->count = max_parallelism;
    groups->bytes = weir__calloc((size_t)max_parallelism, sizeof(*groups->bytes));
    groups->entries = weir__calloc((size_t)max_parallelism, sizeof(*groups->entries));
}

static void finish_group(struct weir__groups *groups, int group, struct weir__buf *out)
{
    struct weir__buf *bytes = &groups->bytes[group];
    weir__buf_put_varint(out, (uint64_t)group);
    weir__buf_put_varint(out, groups->entries[group]);
    weir__buf_put_u32(out, (uint32_t)bytes->len);
    weir__buf_put(out, bytes->data, bytes->len);
}

void weir__groups_finish(struct weir__groups *groups, struct weir__buf *out)
{
    uint64_t used = 0;
    size_t size = 0;
    for (int group = 0; group < groups->count; group++) {
        used += groups->entries[group] > 0;
        size += groups->bytes[group].len;
    }
    weir__buf_reserve(out, size);
    weir__buf_put_varint(out, used);
    for (int group = 0; group < groups->count; group++) {
        if (groups->entries[group] > 0) {
            finish_group(groups, group, out);
        }
        weir__buf_fini(&groups->bytes[group]);
    }
    weir__free(groups->bytes);
    weir__free(groups->entries);
}

/* ---- reading ---- */

static enum weir_status corrupt(struct weir_error *error)
{
    return weir_error_set(error, WEIR_CORRUPT, NULL,
                          "the snapshot's keyed part ends early or holds impossible lengths; "
                          "restore from another checkpoint");
}

enum weir_status weir__groups_read(struct weir__reader *in, int first, int last,
                                   enum weir_status (*read)(struct weir__reader *in, void *self,
                                                            struct weir_error *error),
                                   void *self, struct weir_error *error)
{
    for (uint64_t groups = weir__read_varint(in); groups > 0 && !in->failed; groups--) {
        uint64_t group = weir__read_varint(in);
        uint64_t entries = weir__read_varint(in);
        uint32_t length = weir__read_u32(in);
        const char *bytes = weir__read_bytes(in, length);
        if (bytes == NULL) {
            return corrupt(error);
        }
        if (group < (uint64_t)first || group > (uint64_t)last) {
            continue;
        }
        struct weir__reader section = {bytes, bytes + length, false};
        for (; entries > 0; entries--) {
            enum weir_status status = read(&section, self, error);
            if (status != WEIR_OK) {
                return status;
            }
            if (section.failed) {
                return corrupt(error);
            }
        }
        if (section.at != section.end) {
            return corrupt(error);
        }
    }
    return in->failed ? corrupt(error) : WEIR_OK;
}

/*
 * Snapshot entries by key group: a counting sort, then one length-prefixed section a group.
 */
#include "types/key_groups.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

/* starts has max_parallelism + 1 numbers: those of group g are order[starts[g]] and what follows,
 * up to and without order[starts[g + 1]]. */
static void sort_by_group(const int32_t *group_of, uint32_t count, size_t max_parallelism,
                          uint32_t *order, uint32_t *starts)
{
    memset(starts, 0, (max_parallelism + 1) * sizeof(*starts));
    for (uint32_t i = 0; i < count; i++) {
        assert(group_of[i] >= 0 && (size_t)group_of[i] < max_parallelism);
        starts[group_of[i] + 1]++;
    }
    for (size_t group = 0; group < max_parallelism; group++) {
        starts[group + 1] += starts[group];
    }
    /* Each entry moves its group's start up; then the starts are shifted back by one group. */
    for (uint32_t i = 0; i < count; i++) {
        order[starts[group_of[i]]++] = i;
    }
    memmove(starts + 1, starts, max_parallelism * sizeof(*starts));
    starts[0] = 0;
}

static void write_group(struct weir__buf *out, const uint32_t *entries, uint32_t count,
                        void (*write)(uint32_t entry, struct weir__buf *out, void *self),
                        void *self)
{
    weir__buf_put_varint(out, count);
    size_t length_at = out->len;
    weir__buf_put_u32(out, 0);
    for (uint32_t i = 0; i < count; i++) {
        write(entries[i], out, self);
    }
    size_t length = out->len - length_at - 4;
    for (int i = 0; i < 4; i++) {
        out->data[length_at + (size_t)i] = (char)(length >> (8 * i));
    }
}

void weir__groups_write(struct weir__buf *out, int max_parallelism, const int32_t *group_of,
                        uint32_t count,
                        void (*write)(uint32_t entry, struct weir__buf *out, void *self),
                        void *self)
{
    size_t groups = (size_t)max_parallelism;
    uint32_t *order = weir__reallocarray(NULL, (size_t)count + 1, sizeof(*order));
    uint32_t *starts = weir__reallocarray(NULL, groups + 1, sizeof(*starts));
    sort_by_group(group_of, count, groups, order, starts);
    uint32_t used = 0;
    for (size_t group = 0; group < groups; group++) {
        used += starts[group + 1] > starts[group];
    }
    weir__buf_put_varint(out, used);
    for (size_t group = 0; group < groups; group++) {
        uint32_t entries = starts[group + 1] - starts[group];
        if (entries > 0) {
            weir__buf_put_varint(out, group);
            write_group(out, order + starts[group], entries, write, self);
        }
    }
    weir__free(order);
    weir__free(starts);
}

/* ---- group by group ---- */

void weir__groups_begin(struct weir__groups *groups, struct weir__buf *out)
{
    *groups = (struct weir__groups){.out = out};
}

void weir__groups_add(struct weir__groups *groups, int group, uint32_t entries,
                      struct weir_str bytes)
{
    if (entries == 0) {
        return;
    }
    groups->used++;
    weir__buf_put_varint(&groups->body, (uint64_t)group);
    weir__buf_put_varint(&groups->body, entries);
    weir__buf_put_u32(&groups->body, bytes.len);
    weir__buf_put(&groups->body, bytes.data, bytes.len);
}

void weir__groups_end(struct weir__groups *groups)
{
    weir__buf_put_varint(groups->out, groups->used);
    weir__buf_put(groups->out, groups->body.data, groups->body.len);
    weir__buf_fini(&groups->body);
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

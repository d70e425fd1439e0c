/*
 * Barriers, commits, restores, and what earlier lives have left.
 */
#include "connector/file_sink_writer.h"

#include <inttypes.h>
#include <stdio.h>

#define NS_PER_MS 1000000

/* ---- the beginning: what the lives before have left ---- */

/* Once, when all states are restored and before anything else. */
void weir__file_sink_begin(struct weir__file_sink_writer *writer)
{
    if (writer->begun) {
        return;
    }
    writer->begun = true;
    if (writer->restored) {
        weir__part_remove_leftovers(&writer->folder, &(struct weir__part_heritage){
                                                         .open = &writer->state.open,
                                                         .pending = &writer->state.pending,
                                                         .lineages = &writer->state.lineages,
                                                         .subtask = writer->subtask,
                                                         .next_number = writer->own_next_number,
                                                     });
    } else {
        weir__vec_push(&writer->state.lineages, &writer->life);
    }
    char lineage[20];
    weir__part_format_lineage(*(uint64_t *)weir__vec_at(&writer->state.lineages, 0), lineage);
    snprintf(writer->unique, sizeof(writer->unique), "%s-%04" PRIx32 "-%012" PRIx64, lineage,
             (uint32_t)(writer->life >> 48), writer->life & 0xffffffffffff);
}

/* ---- checkpoints ---- */

static bool is_due_at_barrier(const struct weir__file_sink_writer *writer,
                              const struct weir__part *part, int64_t now_ns)
{
    return writer->ended || writer->config->given.roll_on_checkpoint ||
           weir__file_sink_is_too_large(writer, part, now_ns);
}

enum weir_status weir__file_sink_prepare(void *self, int64_t checkpoint, struct weir_str *state,
                                         struct weir_error *error)
{
    struct weir__file_sink_writer *writer = self;
    weir__file_sink_begin(writer);
    enum weir_status status = weir__file_sink_roll(writer, is_due_at_barrier, error);
    for (size_t i = 0; i < writer->state.open.count && status == WEIR_OK; i++) {
        struct weir__part *part = weir__part_at(&writer->state.open, i);
        status = weir__part_sync(&writer->folder, part, error);
        part->held = true;
    }
    for (size_t i = 0; i < writer->state.pending.count; i++) {
        struct weir__part *part = weir__part_at(&writer->state.pending, i);
        if (part->checkpoint == WEIR__PART_UNPREPARED) {
            part->checkpoint = checkpoint;
        } /* else of one that failed: any to come is later */
        part->held = true;
    }
    writer->bytes.len = 0;
    weir__file_sink_state_encode(&writer->state, &writer->folder, &writer->bytes);
    *state = (struct weir_str){writer->bytes.data, (uint32_t)writer->bytes.len};
    return status;
}

/* The first `count` parts become visible, on the disk too, and are forgotten. */
static enum weir_status show(const struct weir__part_folder *folder, struct weir__vec *parts,
                             size_t count, struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    const struct weir__part *unsynced = NULL; /* shown, but its folder is not synced */
    for (size_t i = 0; i < count && status == WEIR_OK; i++) {
        struct weir__part *part = weir__part_at(parts, i);
        bool there = false;
        if (unsynced != NULL && strcmp(unsynced->bucket, part->bucket) != 0) {
            status = weir__part_sync_folder(folder, unsynced, error);
            unsynced = NULL;
        }
        if (status == WEIR_OK) {
            status = weir__part_show(folder, part, &there, error);
        }
        unsynced = there ? part : unsynced;
    }
    if (status == WEIR_OK && unsynced != NULL) {
        status = weir__part_sync_folder(folder, unsynced, error);
    }
    for (; status == WEIR_OK && count > 0; count--) {
        weir__part_free(weir__part_at(parts, 0));
        weir__vec_remove(parts, 0);
    }
    return status;
}

enum weir_status weir__file_sink_commit(void *self, const struct weir_sink_commit *commit,
                                        struct weir_error *error)
{
    struct weir__file_sink_writer *writer = self;
    size_t count = 0;
    for (; count < writer->state.pending.count; count++) {
        int64_t checkpoint = weir__part_at(&writer->state.pending, count)->checkpoint;
        if (checkpoint == WEIR__PART_UNPREPARED || checkpoint > commit->checkpoint) {
            break; /* oldest first: those behind it are no older */
        }
    }
    return show(&writer->folder, &writer->state.pending, count, error);
}

/* The part goes on where the checkpoint left it. When its bucket has an open one already, it is
 * pending instead; not shown at once, because a later life that restores the same checkpoint looks
 * for it under its hidden name. */
static enum weir_status resume(struct weir__file_sink_writer *writer, struct weir__part *part,
                               struct weir_error *error)
{
    if (weir__file_sink_find(writer, part->bucket) != NULL) {
        weir__vec_push(&writer->state.pending, &part);
        return weir__part_close(&writer->folder, part, error);
    }
    weir__vec_push(&writer->state.open, &part);
    int64_t age_ms = weir_time_sub(weir_clock_ms(writer->clock), part->created_ms);
    age_ms = age_ms < 0 ? 0 : age_ms > weir_days(365) ? weir_days(365) : age_ms;
    part->written_ns = weir_clock_ns(writer->clock);
    part->created_ns = part->written_ns - age_ms * NS_PER_MS;
    return weir__part_resume(&writer->folder, part, error);
}

enum weir_status weir__file_sink_restore(void *self, struct weir_str bytes,
                                         struct weir_error *error)
{
    struct weir__file_sink_writer *writer = self;
    struct weir__file_sink_state read;
    weir__file_sink_state_init(&read);
    writer->restored = true;
    enum weir_status status = weir__file_sink_state_decode(&read, &writer->folder, bytes, error);
    if (status == WEIR_OK) {
        status = show(&writer->folder, &read.pending, read.pending.count, error);
    }
    while (status == WEIR_OK && read.open.count > 0) {
        struct weir__part *part = weir__part_at(&read.open, 0);
        weir__vec_remove(&read.open, 0);
        status = resume(writer, part, error);
    }
    for (size_t i = 0; i < read.lineages.count; i++) {
        weir__vec_push(&writer->state.lineages, weir__vec_at(&read.lineages, i));
    }
    if (read.subtask == writer->subtask) {
        writer->own_next_number = read.next_number;
    }
    if (read.next_number > writer->state.next_number) {
        writer->state.next_number = read.next_number;
    }
    weir__file_sink_state_fini(&read);
    return status;
}

/*
 * Parts: names, numbers and buffers. What is done with the bytes is the store's.
 */
#include "connector/part_internal.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- names ---- */

char *weir__part_name(const struct weir__part_folder *folder, int subtask, int64_t number)
{
    return weir__asprintf("%s-%d-%" PRId64 "%s", folder->prefix, subtask, number, folder->suffix);
}

void weir__part_format_lineage(uint64_t lineage, char text[20])
{
    snprintf(text, 20, "%08" PRIx32 "-%04" PRIx32 "-%04" PRIx32, (uint32_t)(lineage >> 32),
             (uint32_t)(lineage >> 16) & 0xffff, (uint32_t)lineage & 0xffff);
}

enum weir_status weir__part_free_number(const struct weir__part_folder *folder, const char *bucket,
                                        int subtask, int64_t *number, struct weir_error *error)
{
    bool taken = true;
    enum weir_status status = WEIR_OK;
    for (--*number; taken && status == WEIR_OK;) {
        char *name = weir__part_name(folder, subtask, ++*number);
        status = folder->store->is_taken(folder, bucket, name, &taken, error);
        weir__free(name);
    }
    return status;
}

void weir__part_tell(enum weir_status status, const struct weir_error *error)
{
    if (status != WEIR_OK && status != WEIR_NOT_FOUND) {
        weir__log(WEIR__LOG_WARNING, "%s: %s", error->where, error->message);
    }
}

/* ---- life ---- */

struct weir__part *weir__part_known(const struct weir__part_folder *folder, struct weir_str bucket,
                                    int subtask, int64_t number, struct weir_str hidden,
                                    int64_t size)
{
    struct weir__part *part = WEIR__NEW(struct weir__part);
    part->bucket = weir__asprintf("%.*s", WEIR_STR_ARG(bucket));
    part->bucket_hash = weir__hash_bytes(bucket.data, bucket.len);
    part->subtask = subtask;
    part->number = number;
    part->name = weir__part_name(folder, subtask, number);
    part->hidden = weir__asprintf("%.*s", WEIR_STR_ARG(hidden));
    part->size = size;
    part->checkpoint = WEIR__PART_UNPREPARED;
    part->etags = WEIR__VEC_OF(char *);
    return part;
}

void weir__part_free(struct weir__part *part)
{
    weir__file_discard(&part->file);
    weir__buf_fini(&part->buf);
    for (size_t i = 0; i < part->etags.count; i++) {
        weir__free(*(char **)weir__vec_at(&part->etags, i));
    }
    weir__vec_fini(&part->etags);
    weir__free(part->upload);
    weir__free(part->bucket);
    weir__free(part->name);
    weir__free(part->hidden);
    weir__free(part);
}

enum weir_status weir__part_create(const struct weir__part_folder *folder, const char *bucket,
                                   int subtask, int64_t number, const char *unique,
                                   struct weir__part **part, struct weir_error *error)
{
    char *name = weir__part_name(folder, subtask, number);
    char *hidden = weir__asprintf(".%s.inprogress.%s", name, unique);
    struct weir__part *created =
        weir__part_known(folder, weir_str_from(bucket), subtask, number, weir_str_from(hidden), 0);
    enum weir_status status = folder->store->create(folder, created, error);
    weir__free(hidden);
    weir__free(name);
    if (status != WEIR_OK) {
        weir__part_free(created);
        return status;
    }
    *part = created;
    return WEIR_OK;
}

enum weir_status weir__part_write(const struct weir__part_folder *folder, struct weir__part *part,
                                  struct weir_str line, struct weir_error *error)
{
    weir__buf_put(&part->buf, line.data, line.len);
    weir__buf_put_u8(&part->buf, '\n');
    part->size += (int64_t)line.len + 1;
    part->dirty = true;
    return part->buf.len >= folder->full_bytes ? folder->store->write_out(folder, part, error)
                                               : WEIR_OK;
}

/* ---- the store's ---- */

enum weir_status weir__part_sync(const struct weir__part_folder *folder, struct weir__part *part,
                                 struct weir_error *error)
{
    return folder->store->sync(folder, part, error);
}

enum weir_status weir__part_close(const struct weir__part_folder *folder, struct weir__part *part,
                                  struct weir_error *error)
{
    return folder->store->close(folder, part, error);
}

enum weir_status weir__part_resume(const struct weir__part_folder *folder, struct weir__part *part,
                                   struct weir_error *error)
{
    return folder->store->resume(folder, part, error);
}

enum weir_status weir__part_show(const struct weir__part_folder *folder, struct weir__part *part,
                                 bool *there, struct weir_error *error)
{
    return folder->store->show(folder, part, there, error);
}

enum weir_status weir__part_sync_folder(const struct weir__part_folder *folder,
                                        const struct weir__part *part, struct weir_error *error)
{
    return folder->store->sync_folder(folder, part, error);
}

void weir__part_remove(const struct weir__part_folder *folder, struct weir__part *part)
{
    folder->store->remove(folder, part);
}

void weir__part_remove_leftovers(const struct weir__part_folder *folder,
                                 const struct weir__part_heritage *heritage)
{
    folder->store->remove_leftovers(folder, heritage);
}

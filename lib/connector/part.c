/*
 * Part files while they are written, on a table of file operations.
 */
#include "connector/part_internal.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"

#include <inttypes.h>

enum { FULL_BYTES = 64 * 1024 };

/* ---- names ---- */

char *weir__part_bucket_path(const struct weir__part_folder *folder, const char *bucket)
{
    return weir__asprintf("%s%s%s", folder->path, bucket[0] != '\0' ? "/" : "", bucket);
}

char *weir__part_path(const struct weir__part_folder *folder, const char *bucket, const char *name)
{
    return weir__asprintf("%s%s%s/%s", folder->path, bucket[0] != '\0' ? "/" : "", bucket, name);
}

char *weir__part_name(const struct weir__part_folder *folder, int subtask, int64_t number)
{
    return weir__asprintf("%s-%d-%" PRId64 "%s", folder->prefix, subtask, number, folder->suffix);
}

enum weir_status weir__part_look(const struct weir__part_folder *folder, const char *path,
                                 bool *there, struct weir_error *error)
{
    struct weir__file_info info;
    struct weir_error why = {0};
    enum weir_status status = weir__files_info(folder->files, path, &info, &why);
    *there = status == WEIR_OK;
    if (status == WEIR_OK || status == WEIR_NOT_FOUND) {
        return WEIR_OK;
    }
    if (error != NULL) {
        *error = why;
    }
    return status;
}

enum weir_status weir__part_free_number(const struct weir__part_folder *folder, const char *bucket,
                                        int subtask, int64_t *number, struct weir_error *error)
{
    bool taken = true;
    enum weir_status status = WEIR_OK;
    for (--*number; taken && status == WEIR_OK;) {
        char *name = weir__part_name(folder, subtask, ++*number);
        char *path = weir__part_path(folder, bucket, name);
        status = weir__part_look(folder, path, &taken, error);
        weir__free(path);
        weir__free(name);
    }
    return status;
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
    return part;
}

void weir__part_free(struct weir__part *part)
{
    weir__file_discard(&part->file);
    weir__buf_fini(&part->buf);
    weir__free(part->bucket);
    weir__free(part->name);
    weir__free(part->hidden);
    weir__free(part);
}

/* Makes the bucket's folder and those above it. Their names go to the disk also when they are there
 * already: another subtask has just made them, or an earlier life, which then died. */
static enum weir_status make_folder(const struct weir__part_folder *folder, const char *bucket,
                                    struct weir_error *error)
{
    char *path = weir__part_bucket_path(folder, bucket);
    enum weir_status status = weir__files_make_directory(folder->files, path, error);
    size_t len = strlen(path);
    for (size_t top = strlen(folder->path); status == WEIR_OK && len >= top; len--) {
        if (path[len] == '\0' || path[len] == '/') {
            path[len] = '\0';
            status = weir__files_sync_parent(folder->files, path, error);
        }
    }
    weir__free(path);
    return status;
}

enum weir_status weir__part_create(const struct weir__part_folder *folder, const char *bucket,
                                   int subtask, int64_t number, const char *unique,
                                   struct weir__part **part, struct weir_error *error)
{
    enum weir_status status = make_folder(folder, bucket, error);
    if (status != WEIR_OK) {
        return status;
    }
    char *name = weir__part_name(folder, subtask, number);
    char *hidden = weir__asprintf(".%s.inprogress.%s", name, unique);
    struct weir__part *created =
        weir__part_known(folder, weir_str_from(bucket), subtask, number, weir_str_from(hidden), 0);
    char *path = weir__part_path(folder, bucket, hidden);
    status = weir__file_create(folder->files, path, &created->file, error);
    created->unnamed = true;
    weir__free(path);
    weir__free(hidden);
    weir__free(name);
    if (status != WEIR_OK) {
        weir__part_free(created);
        return status;
    }
    *part = created;
    return WEIR_OK;
}

void weir__part_tell(enum weir_status status, const struct weir_error *error)
{
    if (status != WEIR_OK && status != WEIR_NOT_FOUND) {
        weir__log(WEIR__LOG_WARNING, "%s: %s", error->where, error->message);
    }
}

void weir__part_remove(const struct weir__part_folder *folder, struct weir__part *part)
{
    struct weir_error error = {0};
    char *path = weir__part_path(folder, part->bucket, part->hidden);
    weir__file_discard(&part->file);
    weir__part_tell(weir__files_unlink(folder->files, path, &error), &error);
    weir__free(path);
}

/* ---- in progress ---- */

static enum weir_status write_out(struct weir__part *part, struct weir_error *error)
{
    if (part->buf.len == 0) {
        return WEIR_OK;
    }
    enum weir_status status = weir__file_write(&part->file, part->buf.data, part->buf.len, error);
    part->buf.len = 0;
    return status;
}

enum weir_status weir__part_write(struct weir__part *part, struct weir_str line,
                                  struct weir_error *error)
{
    weir__buf_put(&part->buf, line.data, line.len);
    weir__buf_put_u8(&part->buf, '\n');
    part->size += (int64_t)line.len + 1;
    part->dirty = true;
    return part->buf.len >= FULL_BYTES ? write_out(part, error) : WEIR_OK;
}

enum weir_status weir__part_sync_folder(const struct weir__part_folder *folder,
                                        const struct weir__part *part, struct weir_error *error)
{
    char *path = weir__part_path(folder, part->bucket, part->name);
    enum weir_status status = weir__files_sync_parent(folder->files, path, error);
    weir__free(path);
    return status;
}

enum weir_status weir__part_sync(const struct weir__part_folder *folder, struct weir__part *part,
                                 struct weir_error *error)
{
    enum weir_status status = write_out(part, error);
    if (status == WEIR_OK && part->dirty) {
        status = weir__file_sync(&part->file, error);
        part->dirty = status != WEIR_OK;
    }
    if (status == WEIR_OK && part->unnamed) {
        status = weir__part_sync_folder(folder, part, error);
        part->unnamed = status != WEIR_OK;
    }
    return status;
}

enum weir_status weir__part_close(const struct weir__part_folder *folder, struct weir__part *part,
                                  struct weir_error *error)
{
    enum weir_status status = weir__part_sync(folder, part, error);
    weir__buf_fini(&part->buf);
    if (status != WEIR_OK) {
        weir__file_discard(&part->file);
        return status;
    }
    return weir__file_close(&part->file, error);
}

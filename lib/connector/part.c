/*
 * Part files on a table of file operations.
 */
#include "connector/part.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"

#include <assert.h>
#include <inttypes.h>

enum { FULL_BYTES = 64 * 1024, MAX_DEPTH = 16 };

/* ---- names ---- */

static char *path_of_bucket(const struct weir__part_folder *folder, const char *bucket)
{
    return weir__asprintf("%s%s%s", folder->path, bucket[0] != '\0' ? "/" : "", bucket);
}

static char *path_of(const struct weir__part_folder *folder, const char *bucket, const char *name)
{
    return weir__asprintf("%s%s%s/%s", folder->path, bucket[0] != '\0' ? "/" : "", bucket, name);
}

static char *name_of(const struct weir__part_folder *folder, int subtask, int64_t number)
{
    return weir__asprintf("%s-%d-%" PRId64 "%s", folder->prefix, subtask, number, folder->suffix);
}

/* Not weir__files_exist: a disk that cannot tell has not said no. */
static enum weir_status look(const struct weir__part_folder *folder, const char *path, bool *there,
                             struct weir_error *error)
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
        char *name = name_of(folder, subtask, ++*number);
        char *path = path_of(folder, bucket, name);
        status = look(folder, path, &taken, error);
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
    part->name = name_of(folder, subtask, number);
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

enum weir_status weir__part_create(const struct weir__part_folder *folder, const char *bucket,
                                   int subtask, int64_t number, const char *unique,
                                   struct weir__part **part, struct weir_error *error)
{
    char *path = path_of_bucket(folder, bucket);
    enum weir_status status = weir__files_make_directory(folder->files, path, error);
    weir__free(path);
    if (status != WEIR_OK) {
        return status;
    }
    char *name = name_of(folder, subtask, number);
    char *hidden = weir__asprintf(".%s.inprogress.%s", name, unique);
    struct weir__part *created =
        weir__part_known(folder, weir_str_from(bucket), subtask, number, weir_str_from(hidden), 0);
    path = path_of(folder, bucket, hidden);
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

void weir__part_remove(const struct weir__part_folder *folder, struct weir__part *part)
{
    struct weir_error error = {0};
    char *path = path_of(folder, part->bucket, part->hidden);
    weir__file_discard(&part->file);
    if (weir__files_unlink(folder->files, path, &error) != WEIR_OK &&
        error.code != WEIR_NOT_FOUND) {
        weir__log(WEIR__LOG_WARNING, "%s: %s", error.where, error.message);
    }
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
    char *path = path_of(folder, part->bucket, part->name);
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

/* Cuts the file at path, which is longer, and brings that to the disk: a name must never show more.
 */
static enum weir_status cut(const struct weir__part_folder *folder, const char *path, int64_t size,
                            struct weir_error *error)
{
    struct weir__file file;
    enum weir_status status = weir__files_truncate(folder->files, path, size, error);
    if (status == WEIR_OK) {
        status = weir__file_append(folder->files, path, &file, error);
    }
    if (status == WEIR_OK) {
        status = weir__file_sync(&file, error);
        weir__file_discard(&file);
    }
    return status;
}

/* Makes the hidden file as long as it is known to be. */
static enum weir_status cut_to_size(const struct weir__part_folder *folder,
                                    const struct weir__part *part, const char *hidden,
                                    struct weir_error *error)
{
    struct weir__file_info info;
    enum weir_status status = weir__files_info(folder->files, hidden, &info, error);
    if (status != WEIR_OK) {
        return status;
    }
    if (info.size < part->size) {
        return weir_error_set(
            error, WEIR_CORRUPT, hidden,
            "the checkpoint knows %" PRId64 " bytes of this part, but the file has "
            "%" PRId64 ": it was changed; restore another checkpoint (--from), or "
            "start anew in another folder",
            part->size, info.size);
    }
    return info.size > part->size ? cut(folder, hidden, part->size, error) : WEIR_OK;
}

enum weir_status weir__part_resume(const struct weir__part_folder *folder, struct weir__part *part,
                                   struct weir_error *error)
{
    char *path = path_of(folder, part->bucket, part->hidden);
    enum weir_status status = cut_to_size(folder, part, path, error);
    if (status == WEIR_NOT_FOUND) {
        status =
            weir_error_set(error, WEIR_CORRUPT, path,
                           "the checkpoint knows %" PRId64 " bytes of this part, but the file is "
                           "gone: removed, or finished by a later checkpoint; restore the "
                           "latest one (--from latest), or start anew in another folder",
                           part->size);
    }
    if (status == WEIR_OK) {
        status = weir__file_append(folder->files, path, &part->file, error);
    }
    weir__free(path);
    return status;
}

/* ---- pending ---- */

/* The first of the part's name and the next ones that is free. Another job may have taken it. */
static enum weir_status choose_name(const struct weir__part_folder *folder, struct weir__part *part,
                                    struct weir_error *error)
{
    enum weir_status status =
        weir__part_free_number(folder, part->bucket, part->subtask, &part->number, error);
    weir__free(part->name);
    part->name = name_of(folder, part->subtask, part->number);
    return status;
}

static enum weir_status show_hidden(const struct weir__part_folder *folder, struct weir__part *part,
                                    const char *hidden, struct weir_error *error)
{
    enum weir_status status = cut_to_size(folder, part, hidden, error);
    if (status == WEIR_OK) {
        status = choose_name(folder, part, error);
    }
    if (status == WEIR_OK) {
        char *path = path_of(folder, part->bucket, part->name);
        status = weir__files_rename(folder->files, hidden, path, error);
        weir__free(path);
    }
    return status;
}

/* Shown before, or lost: only the reader knows. */
static enum weir_status look_for_shown(const struct weir__part_folder *folder,
                                       const struct weir__part *part, bool *there,
                                       struct weir_error *error)
{
    char *path = path_of(folder, part->bucket, part->name);
    enum weir_status status = look(folder, path, there, error);
    if (status == WEIR_OK && !*there) {
        weir__log(WEIR__LOG_WARNING,
                  "%s: this finished part is no longer there: its reader has moved it away, or it "
                  "was removed",
                  path);
    }
    weir__free(path);
    return status;
}

enum weir_status weir__part_show(const struct weir__part_folder *folder, struct weir__part *part,
                                 bool *there, struct weir_error *error)
{
    assert(part->file.path == NULL);
    char *hidden = path_of(folder, part->bucket, part->hidden);
    enum weir_status status = look(folder, hidden, there, error);
    if (status == WEIR_OK) {
        status = *there ? show_hidden(folder, part, hidden, error)
                        : look_for_shown(folder, part, there, error);
    }
    weir__free(hidden);
    return status;
}

/* ---- leftovers ---- */

struct search {
    const struct weir__part_folder *folder;
    bool (*is_leftover)(const char *bucket, const char *hidden, void *user);
    void *user;
};

static void search_bucket(const struct search *search, const char *bucket, int depth)
{
    const struct weir__part_folder *folder = search->folder;
    struct weir__vec entries;
    struct weir_error error = {0};
    char *path = path_of_bucket(folder, bucket);
    if (weir__files_list(folder->files, path, &entries, &error) != WEIR_OK &&
        error.code != WEIR_NOT_FOUND) {
        weir__log(WEIR__LOG_WARNING, "%s: %s", error.where, error.message);
    }
    weir__free(path);
    for (size_t i = 0; i < entries.count; i++) {
        const struct weir__files_entry *entry = weir__vec_at(&entries, i);
        if (entry->info.directory && depth < MAX_DEPTH) {
            char *inner =
                weir__asprintf("%s%s%s", bucket, bucket[0] != '\0' ? "/" : "", entry->name);
            search_bucket(search, inner, depth + 1);
            weir__free(inner);
        } else if (!entry->info.directory &&
                   search->is_leftover(bucket, entry->name, search->user)) {
            path = path_of(folder, bucket, entry->name);
            if (weir__files_unlink(folder->files, path, &error) != WEIR_OK) {
                weir__log(WEIR__LOG_WARNING, "%s: %s", error.where, error.message);
            }
            weir__free(path);
        }
    }
    weir__files_list_fini(&entries);
}

void weir__part_remove_leftovers(const struct weir__part_folder *folder,
                                 bool (*is_leftover)(const char *bucket, const char *hidden,
                                                     void *user),
                                 void *user)
{
    const struct search search = {folder, is_leftover, user};
    search_bucket(&search, "", 0);
}

/*
 * Parts as files, on a table of file operations: until they are closed (part_files_finish.c has the
 * rest).
 */
#include "connector/part_files.h"

#include "base/mem.h"

/* ---- paths ---- */

char *weir__part_bucket_path(const struct weir__part_folder *folder, const char *bucket)
{
    return weir__asprintf("%s%s%s", folder->path, bucket[0] != '\0' ? "/" : "", bucket);
}

char *weir__part_path(const struct weir__part_folder *folder, const char *bucket, const char *name)
{
    return weir__asprintf("%s%s%s/%s", folder->path, bucket[0] != '\0' ? "/" : "", bucket, name);
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

static enum weir_status is_taken(const struct weir__part_folder *folder, const char *bucket,
                                 const char *name, bool *taken, struct weir_error *error)
{
    char *path = weir__part_path(folder, bucket, name);
    enum weir_status status = weir__part_look(folder, path, taken, error);
    weir__free(path);
    return status;
}

/* ---- in progress ---- */

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

static enum weir_status create(const struct weir__part_folder *folder, struct weir__part *part,
                               struct weir_error *error)
{
    enum weir_status status = make_folder(folder, part->bucket, error);
    if (status != WEIR_OK) {
        return status;
    }
    char *path = weir__part_path(folder, part->bucket, part->hidden);
    part->unnamed = true;
    status = weir__file_create(folder->files, path, &part->file, error);
    weir__free(path);
    return status;
}

static enum weir_status write_out(const struct weir__part_folder *folder, struct weir__part *part,
                                  struct weir_error *error)
{
    (void)folder;
    if (part->buf.len == 0) {
        return WEIR_OK;
    }
    enum weir_status status = weir__file_write(&part->file, part->buf.data, part->buf.len, error);
    part->buf.len = 0;
    return status;
}

static enum weir_status sync_folder(const struct weir__part_folder *folder,
                                    const struct weir__part *part, struct weir_error *error)
{
    char *path = weir__part_path(folder, part->bucket, part->name);
    enum weir_status status = weir__files_sync_parent(folder->files, path, error);
    weir__free(path);
    return status;
}

static enum weir_status sync(const struct weir__part_folder *folder, struct weir__part *part,
                             struct weir_error *error)
{
    enum weir_status status = write_out(folder, part, error);
    if (status == WEIR_OK && part->dirty) {
        status = weir__file_sync(&part->file, error);
        part->dirty = status != WEIR_OK;
    }
    if (status == WEIR_OK && part->unnamed) {
        status = sync_folder(folder, part, error);
        part->unnamed = status != WEIR_OK;
    }
    return status;
}

static enum weir_status close_file(const struct weir__part_folder *folder, struct weir__part *part,
                                   struct weir_error *error)
{
    enum weir_status status = sync(folder, part, error);
    weir__buf_fini(&part->buf);
    if (status != WEIR_OK) {
        weir__file_discard(&part->file);
        return status;
    }
    return weir__file_close(&part->file, error);
}

static void remove_hidden(const struct weir__part_folder *folder, struct weir__part *part)
{
    struct weir_error error = {0};
    char *path = weir__part_path(folder, part->bucket, part->hidden);
    weir__file_discard(&part->file);
    weir__part_tell(weir__files_unlink(folder->files, path, &error), &error);
    weir__free(path);
}

const struct weir__part_store weir__part_files = {
    .state_version = 1,
    .is_taken = is_taken,
    .create = create,
    .write_out = write_out,
    .sync = sync,
    .close = close_file,
    .resume = weir__part_files_resume,
    .show = weir__part_files_show,
    .sync_folder = sync_folder,
    .remove = remove_hidden,
    .remove_leftovers = weir__part_files_remove_leftovers,
};

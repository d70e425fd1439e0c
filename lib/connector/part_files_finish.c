/*
 * Part files that a checkpoint knows: they are resumed, shown, and what nobody knows is removed.
 */
#include "connector/part_files.h"

#include "base/log.h"
#include "base/mem.h"

#include <assert.h>
#include <inttypes.h>

enum { CHUNK_BYTES = 64 * 1024, MAX_DEPTH = 16 };

/* ---- resume ---- */

static enum weir_status copy(struct weir__file *from, struct weir__file *to, int64_t size,
                             struct weir_error *error)
{
    char *chunk = weir__alloc(CHUNK_BYTES);
    enum weir_status status = WEIR_OK;
    for (int64_t left = size; left > 0 && status == WEIR_OK;) {
        size_t want = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
        size_t got = 0;
        status = weir__file_read(from, chunk, want, &got, error);
        if (status == WEIR_OK && got < want) {
            status = weir_error_set(error, WEIR_IO, from->path,
                                    "the file has become shorter while it was read");
        }
        if (status == WEIR_OK) {
            status = weir__file_write(to, chunk, got, error);
        }
        left -= (int64_t)got;
    }
    weir__free(chunk);
    return status == WEIR_OK ? weir__file_sync(to, error) : status;
}

/*
 * Cuts the file at path, which is longer: a copy of what is to stay takes its place. Truncated, it
 * could not be trusted: when the life before failed because the disk did, what is written to that
 * very file may never get there, though it says so.
 */
static enum weir_status cut(const struct weir__part_folder *folder, const char *path, int64_t size,
                            struct weir_error *error)
{
    struct weir__file from = {0};
    struct weir__file to = {0};
    char *shorter = weir__asprintf("%s.cut", path);
    enum weir_status status = weir__file_open(folder->files, path, &from, error);
    if (status == WEIR_OK) {
        status = weir__files_unlink(folder->files, shorter, error); /* one that has failed before */
        status = status == WEIR_NOT_FOUND ? WEIR_OK : status;
    }
    if (status == WEIR_OK) {
        status = weir__file_create(folder->files, shorter, &to, error);
    }
    if (status == WEIR_OK) {
        status = copy(&from, &to, size, error);
    }
    if (status == WEIR_OK) {
        status = weir__file_close(&to, error);
    }
    if (status == WEIR_OK) {
        status = weir__files_rename(folder->files, shorter, path, error);
    }
    weir__file_discard(&from);
    weir__file_discard(&to);
    weir__free(shorter);
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

enum weir_status weir__part_files_resume(const struct weir__part_folder *folder,
                                         struct weir__part *part, struct weir_error *error)
{
    char *path = weir__part_path(folder, part->bucket, part->hidden);
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
        part->unnamed = true; /* the disk may know its name for a longer one */
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
    part->name = weir__part_name(folder, part->subtask, part->number);
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
        char *path = weir__part_path(folder, part->bucket, part->name);
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
    char *path = weir__part_path(folder, part->bucket, part->name);
    enum weir_status status = weir__part_look(folder, path, there, error);
    if (status == WEIR_OK && !*there) {
        weir__log(WEIR__LOG_WARNING,
                  "%s: this finished part is no longer there: its reader has moved it away, or it "
                  "was removed",
                  path);
    }
    weir__free(path);
    return status;
}

enum weir_status weir__part_files_show(const struct weir__part_folder *folder,
                                       struct weir__part *part, bool *there,
                                       struct weir_error *error)
{
    assert(part->file.path == NULL);
    char *hidden = weir__part_path(folder, part->bucket, part->hidden);
    enum weir_status status = weir__part_look(folder, hidden, there, error);
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
    const struct weir__part_heritage *heritage;
};

static bool names(const struct weir__vec *parts, const char *bucket, const char *hidden)
{
    for (size_t i = 0; i < parts->count; i++) {
        const struct weir__part *part = weir__part_at(parts, i);
        if (strcmp(part->hidden, hidden) == 0 && strcmp(part->bucket, bucket) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_leftover(const struct search *search, const char *bucket, const char *hidden)
{
    static const char mark[] = ".inprogress.";
    const struct weir__part_heritage *heritage = search->heritage;
    size_t prefix = strlen(search->folder->prefix);
    const char *uuid = strstr(hidden, mark);
    if (hidden[0] != '.' || strncmp(hidden + 1, search->folder->prefix, prefix) != 0 ||
        uuid == NULL) {
        return false;
    }
    for (size_t i = 0; i < heritage->lineages->count; i++) {
        char text[20];
        weir__part_format_lineage(*(uint64_t *)weir__vec_at(heritage->lineages, i), text);
        if (strncmp(uuid + strlen(mark), text, strlen(text)) == 0) {
            return !names(heritage->open, bucket, hidden) &&
                   !names(heritage->pending, bucket, hidden);
        }
    }
    return false;
}

static bool remove_leftover(const struct search *search, const char *bucket, const char *name)
{
    if (!is_leftover(search, bucket, name)) {
        return false;
    }
    struct weir_error error = {0};
    char *path = weir__part_path(search->folder, bucket, name);
    weir__part_tell(weir__files_unlink(search->folder->files, path, &error), &error);
    weir__free(path);
    return true;
}

static void search_bucket(const struct search *search, const char *bucket, int depth)
{
    struct weir__files *files = search->folder->files;
    struct weir__vec entries;
    struct weir_error error = {0};
    bool removed = false;
    char *path = weir__part_bucket_path(search->folder, bucket);
    weir__part_tell(weir__files_list(files, path, &entries, &error), &error);
    for (size_t i = 0; i < entries.count; i++) {
        const struct weir__files_entry *entry = weir__vec_at(&entries, i);
        if (!entry->info.directory) {
            removed = remove_leftover(search, bucket, entry->name) || removed;
        } else if (depth < MAX_DEPTH) {
            char *inner =
                weir__asprintf("%s%s%s", bucket, bucket[0] != '\0' ? "/" : "", entry->name);
            search_bucket(search, inner, depth + 1);
            weir__free(inner);
        }
    }
    if (removed) {
        weir__part_tell(weir__files_sync_directory(files, path, &error), &error);
    }
    weir__free(path);
    weir__files_list_fini(&entries);
}

void weir__part_files_remove_leftovers(const struct weir__part_folder *folder,
                                       const struct weir__part_heritage *heritage)
{
    const struct search search = {folder, heritage};
    search_bucket(&search, "", 0);
}

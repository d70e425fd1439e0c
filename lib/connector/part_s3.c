/*
 * Parts as multipart uploads to a bucket of S3, as Flink's S3RecoverableWriter does it.
 *
 *     in progress   buf grows to a part's size, and is uploaded: nobody sees it
 *     at a barrier  nothing is done: the saved state has the upload's id, the ETags, and buf
 *     pending       the rest of buf is uploaded too, as the last part, of any size
 *     shown         the upload is completed: the object is there, whole
 *
 * What was shown before is known by its upload being gone, so a part is completed once, also when
 * its reader has taken the object away meanwhile. At the end of a job that takes no checkpoints
 * nobody will ask: there a part of which nothing is uploaded yet is put whole, which is one request
 * instead of three.
 */
#include "connector/part_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "connector/s3_client.h"

#include <assert.h>
#include <stdlib.h>

/* ---- keys ---- */

/* <prefix of the keys>/<bucket of the sink>/<name>; empty ones are left out. */
static char *key_of(const struct weir__part_folder *folder, const char *bucket, const char *name)
{
    return weir__asprintf("%s%s%s%s%s", folder->path, folder->path[0] != '\0' ? "/" : "", bucket,
                          bucket[0] != '\0' ? "/" : "", name);
}

static char *key_of_part(const struct weir__part_folder *folder, const struct weir__part *part)
{
    return key_of(folder, part->bucket, part->name);
}

static enum weir_status is_taken(const struct weir__part_folder *folder, const char *bucket,
                                 const char *name, bool *taken, struct weir_error *error)
{
    char *key = key_of(folder, bucket, name);
    enum weir_status status = weir__s3_look(folder->s3, key, taken, error);
    weir__free(key);
    return status;
}

/* ---- in progress ---- */

static enum weir_status create(const struct weir__part_folder *folder, struct weir__part *part,
                               struct weir_error *error)
{
    (void)folder;
    (void)part;
    (void)error;
    return WEIR_OK; /* an upload is begun with its first bytes */
}

static enum weir_status begin_upload(const struct weir__part_folder *folder,
                                     struct weir__part *part, const char *key,
                                     struct weir_error *error)
{
    struct weir__buf id = {0};
    enum weir_status status = weir__s3_upload_begin(folder->s3, key, &id, error);
    part->upload = status == WEIR_OK ? weir__strdup(id.data) : NULL;
    weir__buf_fini(&id);
    return status;
}

static enum weir_status upload_buf(const struct weir__part_folder *folder, struct weir__part *part,
                                   const char *key, struct weir_error *error)
{
    struct weir__buf etag = {0};
    const struct weir_str bytes = {part->buf.data, (uint32_t)part->buf.len};
    if (part->etags.count == WEIR__S3_MOST_PARTS) {
        return weir_error_set(
            error, WEIR_INVALID, key,
            "an upload to S3 has at most %d parts: make them larger (part_bytes), "
            "or roll earlier (max_part_bytes)",
            WEIR__S3_MOST_PARTS);
    }
    enum weir_status status = weir__s3_upload_part(folder->s3, key, part->upload,
                                                   (int)part->etags.count + 1, bytes, &etag, error);
    if (status == WEIR_OK) {
        char *kept = weir__strdup(etag.data);
        weir__vec_push(&part->etags, &kept);
        part->buf.len = 0;
    }
    weir__buf_fini(&etag);
    return status;
}

static enum weir_status write_out(const struct weir__part_folder *folder, struct weir__part *part,
                                  struct weir_error *error)
{
    char *key = key_of_part(folder, part);
    enum weir_status status = WEIR_OK;
    if (part->upload == NULL) {
        status = begin_upload(folder, part, key, error);
    }
    if (status == WEIR_OK) {
        status = upload_buf(folder, part, key, error);
    }
    weir__free(key);
    return status;
}

static enum weir_status sync(const struct weir__part_folder *folder, struct weir__part *part,
                             struct weir_error *error)
{
    (void)folder;
    (void)part;
    (void)error;
    return WEIR_OK; /* the saved state has what is not uploaded */
}

static enum weir_status close_upload(const struct weir__part_folder *folder,
                                     struct weir__part *part, struct weir_error *error)
{
    if (part->upload == NULL && folder->put_whole) {
        return WEIR_OK; /* nobody may see it yet */
    }
    enum weir_status status = part->buf.len > 0 ? write_out(folder, part, error) : WEIR_OK;
    if (status == WEIR_OK) {
        weir__buf_fini(&part->buf);
    }
    return status;
}

/* ---- known by a checkpoint ---- */

static enum weir_status resume(const struct weir__part_folder *folder, struct weir__part *part,
                               struct weir_error *error)
{
    char *key = key_of_part(folder, part);
    bool open = false;
    enum weir_status status;
    if (part->upload != NULL) {
        status = weir__s3_upload_look(folder->s3, key, part->upload, &open, error);
    } else {
        bool taken = false;
        status = weir__s3_look(folder->s3, key, &taken, error);
        open = !taken;
    }
    if (status == WEIR_OK && !open) {
        status = weir_error_set(error, WEIR_CORRUPT, key,
                                "the checkpoint knows this part as one that is being written, but "
                                "%s: restore the latest one (--from latest), or start anew under "
                                "another prefix",
                                part->upload != NULL ? "its upload is gone, aborted or finished by "
                                                       "a later checkpoint"
                                                     : "a later checkpoint has finished it");
    }
    weir__free(key);
    return status;
}

/* Shown before, or lost: only the reader knows. */
static enum weir_status look_for_shown(const struct weir__part_folder *folder, const char *key,
                                       bool *there, struct weir_error *error)
{
    enum weir_status status = weir__s3_look(folder->s3, key, there, error);
    if (status == WEIR_OK && !*there) {
        weir__log(WEIR__LOG_WARNING,
                  "%s: this finished part is no longer there: its reader has moved it away, or it "
                  "was removed",
                  key);
    }
    return status;
}

static enum weir_status complete_upload(const struct weir__part_folder *folder,
                                        const struct weir__part *part, const char *key, bool *there,
                                        struct weir_error *error)
{
    struct weir_error why = {0};
    enum weir_status status =
        weir__s3_upload_complete(folder->s3, key, part->upload, &part->etags, &why);
    *there = status == WEIR_OK;
    if (status == WEIR_NOT_FOUND) {
        status = look_for_shown(folder, key, there, &why);
    }
    if (status != WEIR_OK && error != NULL) {
        *error = why;
    }
    return status;
}

static enum weir_status show(const struct weir__part_folder *folder, struct weir__part *part,
                             bool *there, struct weir_error *error)
{
    char *key = key_of_part(folder, part);
    enum weir_status status;
    if (part->upload != NULL) {
        assert(part->buf.len == 0);
        status = complete_upload(folder, part, key, there, error);
    } else {
        status = weir__s3_put(folder->s3, key,
                              (struct weir_str){part->buf.data, (uint32_t)part->buf.len}, error);
        *there = status == WEIR_OK;
    }
    weir__free(key);
    return status;
}

static enum weir_status sync_folder(const struct weir__part_folder *folder,
                                    const struct weir__part *part, struct weir_error *error)
{
    (void)folder;
    (void)part;
    (void)error;
    return WEIR_OK;
}

static void remove_upload(const struct weir__part_folder *folder, struct weir__part *part)
{
    if (part->upload != NULL) {
        struct weir_error error = {0};
        char *key = key_of_part(folder, part);
        weir__part_tell(weir__s3_upload_abort(folder->s3, key, part->upload, true, &error), &error);
        weir__free(key);
    }
}

/* ---- leftovers ---- */

/* Whether one of the parts has this key, or (upload != NULL) this upload. */
static bool has(const struct weir__part_folder *folder, const struct weir__vec *parts,
                const char *key, const char *upload)
{
    bool found = false;
    for (size_t i = 0; i < parts->count && !found; i++) {
        const struct weir__part *part = weir__part_at(parts, i);
        if (upload != NULL) {
            found = part->upload != NULL && strcmp(part->upload, upload) == 0;
        } else {
            char *own = key_of_part(folder, part);
            found = strcmp(own, key) == 0;
            weir__free(own);
        }
    }
    return found;
}

/* Whether the key ends in the name of a part of this subtask that its earlier life has begun after
 * the checkpoint: nobody else gives such names. */
static bool is_later(const struct weir__part_folder *folder, const char *key,
                     const struct weir__part_heritage *heritage)
{
    const char *slash = strrchr(key, '/');
    const char *name = slash != NULL ? slash + 1 : key;
    size_t prefix = strlen(folder->prefix);
    if (strncmp(name, folder->prefix, prefix) != 0 || name[prefix] != '-') {
        return false;
    }
    char *end = NULL;
    long subtask = strtol(name + prefix + 1, &end, 10);
    if (*end != '-' || subtask != heritage->subtask) {
        return false;
    }
    long long number = strtoll(end + 1, &end, 10);
    return strcmp(end, folder->suffix) == 0 && number >= heritage->next_number;
}

static bool is_leftover(const struct weir__part_folder *folder,
                        const struct weir__s3_upload *upload,
                        const struct weir__part_heritage *heritage)
{
    bool known = has(folder, heritage->open, upload->key, upload->id) ||
                 has(folder, heritage->pending, upload->key, upload->id);
    return !known && (is_later(folder, upload->key, heritage) ||
                      has(folder, heritage->open, upload->key, NULL) ||
                      has(folder, heritage->pending, upload->key, NULL));
}

static void remove_leftovers(const struct weir__part_folder *folder,
                             const struct weir__part_heritage *heritage)
{
    struct weir__vec uploads;
    struct weir_error error = {0};
    char *prefix = key_of(folder, "", "");
    weir__part_tell(weir__s3_uploads(folder->s3, prefix, &uploads, &error), &error);
    for (size_t i = 0; i < uploads.count; i++) {
        const struct weir__s3_upload *upload = weir__vec_at(&uploads, i);
        if (is_leftover(folder, upload, heritage)) {
            weir__part_tell(
                weir__s3_upload_abort(folder->s3, upload->key, upload->id, false, &error), &error);
        }
    }
    weir__s3_uploads_fini(&uploads);
    weir__free(prefix);
}

const struct weir__part_store weir__part_s3 = {
    .state_version = 2,
    .is_taken = is_taken,
    .create = create,
    .write_out = write_out,
    .sync = sync,
    .close = close_upload,
    .resume = resume,
    .show = show,
    .sync_folder = sync_folder,
    .remove = remove_upload,
    .remove_leftovers = remove_leftovers,
};

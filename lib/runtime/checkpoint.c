/*
 * Reading a checkpoint back, and refusing a damaged one by name (see checkpoint.h).
 *
 * Lengths are compared before anything is allocated, so that what is read fits what lies there.
 */
#include "runtime/checkpoint.h"

#include "base/checksum.h"
#include "base/mem.h"

#include <inttypes.h>

enum { CHUNK = 64 * 1024 }; /* bytes */

int64_t weir__checkpoint_size(const struct weir__checkpoint *checkpoint)
{
    int64_t size = 0;
    for (size_t i = 0; i < checkpoint->entries.count; i++) {
        size += weir__checkpoint_entry(checkpoint, i)->bytes.len;
    }
    for (size_t i = 0; i < checkpoint->attachments.count; i++) {
        size += weir__checkpoint_attachment(checkpoint, i)->size;
    }
    return size;
}

void weir__checkpoint_fini(struct weir__checkpoint *checkpoint)
{
    for (size_t i = 0; i < checkpoint->entries.count; i++) {
        struct weir__checkpoint_entry *entry = weir__vec_at(&checkpoint->entries, i);
        weir__free((char *)entry->operator_id);
        weir__free((char *)entry->operator_name);
        weir__free((char *)entry->bytes.data);
    }
    for (size_t i = 0; i < checkpoint->attachments.count; i++) {
        struct weir__checkpoint_attachment *attachment = weir__vec_at(&checkpoint->attachments, i);
        weir__free((char *)attachment->name);
    }
    weir__vec_fini(&checkpoint->entries);
    weir__vec_fini(&checkpoint->attachments);
    weir__free((char *)checkpoint->job.name);
    weir__free((char *)checkpoint->job.id);
    weir__free(checkpoint->path);
    *checkpoint = (struct weir__checkpoint){0};
}

/* ---- what is wrong with it ---- */

static enum weir_status corrupt(struct weir_error *error, const char *path, const char *what)
{
    return weir_error_set(error, WEIR_CORRUPT, path, "%s", what);
}

/* A file that belongs to a checkpoint and is not there is damage. */
static enum weir_status missing(enum weir_status status, const char *path, struct weir_error *error)
{
    return status == WEIR_NOT_FOUND ? corrupt(error, path, "the file is missing") : status;
}

static enum weir_status compare_size(const char *path, int64_t expected, int64_t found,
                                     struct weir_error *error)
{
    return expected == found
               ? WEIR_OK
               : weir_error_set(error, WEIR_CORRUPT, path,
                                "expected %" PRId64 " bytes, found %" PRId64, expected, found);
}

/* The last word on a damaged one: what to do. */
static enum weir_status advise(enum weir_status status, const char *path, struct weir_error *error)
{
    if (status == WEIR_CORRUPT && error != NULL) {
        struct weir_error why = *error;
        const char *slash = strrchr(path, '/');
        const char *folder = slash != NULL ? path : ".";
        int len = slash != NULL ? (int)(slash - path) : 1;
        return weir_error_set(error, status, error->where,
                              "the checkpoint is damaged: %.120s. To start from an older one, add "
                              "--from DIR/chk-N; `weir checkpoint list %.*s` says which are whole",
                              why.message, len < 100 ? len : 100, folder);
    }
    return status;
}

/* ---- reading ---- */

/* Reads `len` bytes in pieces: into `bytes` when there is somebody who wants them. */
static enum weir_status sum_bytes(struct weir__file *file, char *bytes, int64_t len, int64_t *done,
                                  uint32_t *checksum, struct weir_error *error)
{
    char chunk[CHUNK] = {0};
    size_t got = 1;
    *done = 0;
    *checksum = 0;
    while (*done < len && got > 0) {
        char *at = bytes != NULL ? bytes + *done : chunk;
        size_t piece = len - *done < CHUNK ? (size_t)(len - *done) : CHUNK;
        enum weir_status status = weir__file_read(file, at, piece, &got, error);
        if (status != WEIR_OK) {
            return status;
        }
        *checksum = weir__checksum(*checksum, at, got);
        *done += (int64_t)got;
    }
    return WEIR_OK;
}

enum weir_status weir__checkpoint_sum_file(struct weir__files *files, const char *path,
                                           int64_t *size, uint32_t *checksum,
                                           struct weir_error *error)
{
    struct weir__file file;
    enum weir_status status = weir__file_open(files, path, &file, error);
    if (status == WEIR_OK) {
        status = sum_bytes(&file, NULL, INT64_MAX, size, checksum, error);
        weir__file_discard(&file);
    }
    return status;
}

/* One entry out of the open state. */
static enum weir_status read_entry(struct weir__file *file, struct weir__checkpoint_entry *entry,
                                   bool keep, struct weir_error *error)
{
    int64_t done;
    uint32_t checksum;
    char *bytes = keep ? weir__alloc(entry->bytes.len) : NULL;
    entry->bytes.data = bytes;
    enum weir_status status = sum_bytes(file, bytes, entry->bytes.len, &done, &checksum, error);
    if (status != WEIR_OK) {
        return status;
    }
    if (done != entry->bytes.len || checksum != entry->checksum) {
        return weir_error_set(error, WEIR_CORRUPT, file->path,
                              "the checksum of %.60s, subtask %d, is wrong", entry->operator_name,
                              entry->subtask);
    }
    return WEIR_OK;
}

static enum weir_status read_entries(struct weir__file *file, struct weir__checkpoint *checkpoint,
                                     bool keep, struct weir_error *error)
{
    char mark[sizeof(WEIR__CHECKPOINT_STATE_MARK) - 1];
    size_t got;
    enum weir_status status = weir__file_read(file, mark, sizeof(mark), &got, error);
    if (status == WEIR_OK &&
        (got < sizeof(mark) || memcmp(mark, WEIR__CHECKPOINT_STATE_MARK, sizeof(mark)) != 0)) {
        status = corrupt(error, file->path, "it does not begin as state of a checkpoint");
    }
    for (size_t i = 0; i < checkpoint->entries.count && status == WEIR_OK; i++) {
        status = read_entry(file, weir__vec_at(&checkpoint->entries, i), keep, error);
    }
    return status;
}

static int64_t state_size(const struct weir__checkpoint *checkpoint)
{
    int64_t size = sizeof(WEIR__CHECKPOINT_STATE_MARK) - 1;
    for (size_t i = 0; i < checkpoint->entries.count; i++) {
        size += weir__checkpoint_entry(checkpoint, i)->bytes.len;
    }
    return size;
}

static enum weir_status read_state(struct weir__files *files, struct weir__checkpoint *checkpoint,
                                   bool keep, struct weir_error *error)
{
    char *path = weir__asprintf("%s/%s", checkpoint->path, WEIR__CHECKPOINT_STATE);
    struct weir__file file = {0};
    struct weir__file_info info;
    enum weir_status status = weir__files_info(files, path, &info, error);
    if (status == WEIR_OK) {
        status = compare_size(path, state_size(checkpoint), info.size, error);
    }
    if (status == WEIR_OK) {
        status = weir__file_open(files, path, &file, error);
    }
    if (status == WEIR_OK) {
        status = read_entries(&file, checkpoint, keep, error);
    }
    weir__file_discard(&file);
    status = missing(status, path, error);
    weir__free(path);
    return status;
}

static enum weir_status check_attachment(struct weir__files *files,
                                         const struct weir__checkpoint *checkpoint,
                                         const struct weir__checkpoint_attachment *attachment,
                                         struct weir_error *error)
{
    char *path = weir__asprintf("%s/%s", checkpoint->path, attachment->name);
    int64_t size = 0;
    uint32_t checksum = 0;
    enum weir_status status = weir__checkpoint_sum_file(files, path, &size, &checksum, error);
    status = missing(status, path, error);
    if (status == WEIR_OK) {
        status = compare_size(path, attachment->size, size, error);
    }
    if (status == WEIR_OK && checksum != attachment->checksum) {
        status = corrupt(error, path, "its checksum is wrong");
    }
    weir__free(path);
    return status;
}

/* Is there a directory at all? Without one nothing is damaged. */
static enum weir_status find_directory(struct weir__files *files, const char *path,
                                       struct weir_error *error)
{
    struct weir__file_info info;
    enum weir_status status = weir__files_info(files, path, &info, error);
    if (status == WEIR_NOT_FOUND || (status == WEIR_OK && !info.directory)) {
        return weir_error_set(error, WEIR_NOT_FOUND, path,
                              "expected the directory of a checkpoint, found %s. `weir checkpoint "
                              "list DIR` shows those of DIR",
                              status == WEIR_OK ? "a file" : "nothing");
    }
    return status;
}

static enum weir_status read_metadata(struct weir__files *files, const char *path,
                                      struct weir__checkpoint *checkpoint, struct weir_error *error)
{
    char *file = weir__asprintf("%s/%s", path, WEIR__CHECKPOINT_METADATA);
    struct weir__buf bytes = {0};
    checkpoint->path = weir__strdup(path);
    enum weir_status status =
        weir__files_read(files, file, WEIR__CHECKPOINT_METADATA_LIMIT, &bytes, error);
    if (status == WEIR_OK) {
        struct weir_error why = {0};
        struct weir_str content = {bytes.data, (uint32_t)bytes.len};
        status = weir__checkpoint_decode(content, checkpoint, &why);
        if (status != WEIR_OK) {
            weir_error_set(error, status, file, "%s", why.message);
        }
    } else if (status == WEIR_LIMIT) {
        status = corrupt(error, file, "it is larger than any metadata");
    }
    status = missing(status, file, error);
    weir__buf_fini(&bytes);
    weir__free(file);
    return status;
}

static enum weir_status read_all(struct weir__files *files, const char *path, bool keep,
                                 struct weir__checkpoint *checkpoint, struct weir_error *error)
{
    *checkpoint = (struct weir__checkpoint){0};
    enum weir_status status = find_directory(files, path, error);
    if (status == WEIR_OK) {
        status = read_metadata(files, path, checkpoint, error);
    }
    if (status == WEIR_OK) {
        status = read_state(files, checkpoint, keep, error);
    }
    for (size_t i = 0; i < checkpoint->attachments.count && status == WEIR_OK; i++) {
        status =
            check_attachment(files, checkpoint, weir__checkpoint_attachment(checkpoint, i), error);
    }
    if (status != WEIR_OK) {
        weir__checkpoint_fini(checkpoint);
    }
    return advise(status, path, error);
}

enum weir_status weir__checkpoint_load(struct weir__files *files, const char *path,
                                       struct weir__checkpoint *checkpoint,
                                       struct weir_error *error)
{
    return read_all(files, path, true, checkpoint, error);
}

enum weir_status weir__checkpoint_load_metadata(struct weir__files *files, const char *path,
                                                struct weir__checkpoint *checkpoint,
                                                struct weir_error *error)
{
    *checkpoint = (struct weir__checkpoint){0};
    enum weir_status status = find_directory(files, path, error);
    if (status == WEIR_OK) {
        status = read_metadata(files, path, checkpoint, error);
    }
    if (status != WEIR_OK) {
        weir__checkpoint_fini(checkpoint);
    }
    return advise(status, path, error);
}

enum weir_status weir__checkpoint_verify(struct weir__files *files, const char *path,
                                         struct weir_error *error)
{
    struct weir__checkpoint checkpoint;
    enum weir_status status = read_all(files, path, false, &checkpoint, error);
    if (status == WEIR_OK) {
        weir__checkpoint_fini(&checkpoint);
    }
    return status;
}

/*
 * Writing a checkpoint in the order that makes it all or nothing (see checkpoint_store.h).
 *
 * Entries go straight to the file as they come. The attachments of the last checkpoint are
 * remembered: one that is here again, the same file under the same name, is on the disk and its
 * checksum is known.
 */
#include "base/checksum.h"
#include "base/mem.h"
#include "runtime/checkpoint_store_internal.h"

#include <assert.h>
#include <inttypes.h>

enum { DEEPEST_ATTACHMENT = 8 }; /* directories */

struct weir__checkpoint_writer {
    struct weir__checkpoint_store *store;
    char *part;  /* directory that is being written */
    char *final; /* its name when it is complete */
    struct weir__file state;
    struct weir__checkpoint checkpoint; /* what `_metadata` will say; entries without bytes */
    struct weir__vec attached;          /* of struct weir__attached, one an attachment */
    enum weir_status status;            /* the first failure */
    bool keep;                          /* the directory must not be emptied: take_back */
};

static void writer_free(struct weir__checkpoint_writer *writer)
{
    weir__file_discard(&writer->state);
    weir__checkpoint_fini(&writer->checkpoint);
    weir__attached_fini(&writer->attached);
    weir__free(writer->part);
    weir__free(writer->final);
    weir__free(writer);
}

/* ---- beginning ---- */

/* "DIR/chk-7"; for a savepoint the first name of its kind that is free. */
static char *choose_name(struct weir__files *files, enum weir__checkpoint_kind kind, int64_t id,
                         const char *directory)
{
    if (kind == WEIR__CHECKPOINT) {
        return weir__asprintf("%s/chk-%" PRId64, directory, id);
    }
    char *name = weir__asprintf("%s/savepoint-%" PRId64, directory, id);
    for (int again = 2; weir__files_exist(files, name); again++) {
        weir__free(name);
        name = weir__asprintf("%s/savepoint-%" PRId64 "-%d", directory, id, again);
    }
    return name;
}

/* The empty directory, and in it the state with nothing but its mark. */
static enum weir_status make_part(struct weir__checkpoint_writer *writer, struct weir_error *error)
{
    struct weir__files *files = writer->store->files;
    enum weir_status status = weir__files_remove_tree(files, writer->part, error);
    if (status == WEIR_OK || status == WEIR_NOT_FOUND) {
        status = weir__files_make_directory(files, writer->part, error);
    }
    if (status == WEIR_OK) {
        char *path = weir__asprintf("%s/%s", writer->part, WEIR__CHECKPOINT_STATE);
        status = weir__file_create(files, path, &writer->state, error);
        weir__free(path);
    }
    if (status == WEIR_OK) {
        status = weir__file_write(&writer->state, WEIR__CHECKPOINT_STATE_MARK,
                                  sizeof(WEIR__CHECKPOINT_STATE_MARK) - 1, error);
    }
    return status;
}

enum weir_status weir__checkpoint_begin(struct weir__checkpoint_store *store, int64_t id,
                                        enum weir__checkpoint_kind kind, const char *target,
                                        struct weir__checkpoint_writer **writer,
                                        struct weir_error *error)
{
    assert((kind == WEIR__SAVEPOINT) == (target != NULL));
    struct weir__checkpoint_writer *made = WEIR__NEW(struct weir__checkpoint_writer);
    made->store = store;
    made->checkpoint.kind = kind;
    made->checkpoint.id = id;
    made->checkpoint.entries = WEIR__VEC_OF(struct weir__checkpoint_entry);
    made->checkpoint.attachments = WEIR__VEC_OF(struct weir__checkpoint_attachment);
    made->attached = WEIR__VEC_OF(struct weir__attached);
    made->final = choose_name(store->files, kind, id, target != NULL ? target : store->directory);
    made->part = weir__asprintf("%s%s", made->final, WEIR__PART_SUFFIX);
    store->next_id = id >= store->next_id ? id + 1 : store->next_id;
    enum weir_status status = make_part(made, error);
    if (status != WEIR_OK) {
        weir__checkpoint_abandon(made);
        made = NULL;
    }
    *writer = made;
    return status;
}

const char *weir__checkpoint_writer_path(const struct weir__checkpoint_writer *writer)
{
    return writer->part;
}

/* ---- entries ---- */

enum weir_status weir__checkpoint_add(struct weir__checkpoint_writer *writer,
                                      const struct weir__checkpoint_entry *entry,
                                      struct weir_error *error)
{
    if (writer->status == WEIR_OK) {
        struct weir__checkpoint_entry *added = weir__vec_add(&writer->checkpoint.entries);
        *added = *entry;
        added->operator_id = weir__strdup(entry->operator_id);
        added->operator_name = weir__strdup(entry->operator_name);
        added->bytes.data = NULL;
        added->checksum = weir__checksum(0, entry->bytes.data, entry->bytes.len);
        writer->status =
            weir__file_write(&writer->state, entry->bytes.data, entry->bytes.len, error);
        return writer->status;
    }
    return weir_error_set(error, writer->status, writer->part, "an earlier write has failed");
}

/* ---- attachments ---- */

static const struct weir__attached *known(const struct weir__checkpoint_store *store,
                                          const char *name, const struct weir__file_info *info)
{
    for (size_t i = 0; i < store->attached.count; i++) {
        const struct weir__attached *attached = weir__vec_at(&store->attached, i);
        if (attached->info.identity == info->identity && attached->info.size == info->size &&
            strcmp(attached->name, name) == 0) {
            return attached;
        }
    }
    return NULL;
}

static enum weir_status sync_file(struct weir__files *files, const char *path,
                                  struct weir_error *error)
{
    struct weir__file file;
    enum weir_status status = weir__file_append(files, path, &file, error);
    if (status == WEIR_OK) {
        status = weir__file_sync(&file, error);
        weir__file_discard(&file);
    }
    return status;
}

static enum weir_status attach(struct weir__checkpoint_writer *writer, const char *name,
                               const struct weir__file_info *info, struct weir_error *error)
{
    struct weir__files *files = writer->store->files;
    struct weir__checkpoint_attachment attachment = {.size = info->size};
    const struct weir__attached *before = known(writer->store, name, info);
    enum weir_status status = WEIR_OK;
    if (before != NULL) {
        attachment.checksum = before->checksum;
    } else {
        char *path = weir__asprintf("%s/%s", writer->part, name);
        status = sync_file(files, path, error);
        if (status == WEIR_OK) {
            status = weir__checkpoint_sum_file(files, path, &attachment.size, &attachment.checksum,
                                               error);
        }
        weir__free(path);
    }
    if (status == WEIR_OK) {
        attachment.name = weir__strdup(name);
        weir__vec_push(&writer->checkpoint.attachments, &attachment);
        weir__vec_push(&writer->attached,
                       &(struct weir__attached){weir__strdup(name), *info, attachment.checksum});
    }
    return status;
}

/* Is it one of the two files that the store writes itself? */
static bool is_ours(const char *name)
{
    return strcmp(name, WEIR__CHECKPOINT_STATE) == 0 ||
           strcmp(name, WEIR__CHECKPOINT_METADATA) == 0;
}

/* Everything in a directory below the checkpoint's; `inner` is its name there, "" the top. */
static enum weir_status attach_directory(struct weir__checkpoint_writer *writer, const char *inner,
                                         int depth, struct weir_error *error)
{
    struct weir__files *files = writer->store->files;
    struct weir__vec entries;
    char *directory = weir__asprintf("%s%s%s", writer->part, inner[0] != '\0' ? "/" : "", inner);
    enum weir_status status = weir__files_list(files, directory, &entries, error);
    if (depth > DEEPEST_ATTACHMENT) {
        status = weir_error_set(error, WEIR_LIMIT, directory,
                                "attachments lie at most %d directories deep", DEEPEST_ATTACHMENT);
    }
    for (size_t i = 0; i < entries.count && status == WEIR_OK; i++) {
        const struct weir__files_entry *entry = weir__vec_at(&entries, i);
        char *name = weir__asprintf("%s%s%s", inner, inner[0] != '\0' ? "/" : "", entry->name);
        if (entry->info.directory) {
            status = attach_directory(writer, name, depth + 1, error);
        } else if (!is_ours(name)) {
            status = attach(writer, name, &entry->info, error);
        }
        weir__free(name);
    }
    if (status == WEIR_OK && depth > 0) {
        status = weir__files_sync_directory(files, directory, error);
    }
    weir__files_list_fini(&entries);
    weir__free(directory);
    return status;
}

/* ---- finishing ---- */

static enum weir_status finish_state(struct weir__checkpoint_writer *writer,
                                     struct weir_error *error)
{
    enum weir_status status = weir__file_sync(&writer->state, error);
    return status == WEIR_OK ? weir__file_close(&writer->state, error) : status;
}

/* What could not be read back must not be published: too many entries, a name too long. */
static enum weir_status check_readable(const struct weir__buf *bytes, const char *path,
                                       struct weir_error *error)
{
    struct weir__checkpoint read = {0};
    struct weir_error why = {0};
    enum weir_status status = WEIR_LIMIT;
    if (bytes->len <= WEIR__CHECKPOINT_METADATA_LIMIT) {
        struct weir_str content = {bytes->data, (uint32_t)bytes->len};
        status = weir__checkpoint_decode(content, &read, &why);
        weir__checkpoint_fini(&read);
    }
    return status == WEIR_OK
               ? WEIR_OK
               : weir_error_set(error, WEIR_LIMIT, path,
                                "the metadata would be too large, or holds a name of more than "
                                "4096 bytes or a subtask beyond its parallelism");
}

static enum weir_status write_metadata(struct weir__checkpoint_writer *writer,
                                       struct weir_error *error)
{
    struct weir__buf bytes = {0};
    struct weir__file file = {0};
    char *path = weir__asprintf("%s/%s", writer->part, WEIR__CHECKPOINT_METADATA);
    weir__checkpoint_encode(&writer->checkpoint, &bytes);
    enum weir_status status = check_readable(&bytes, path, error);
    if (status == WEIR_OK) {
        status = weir__file_create(writer->store->files, path, &file, error);
    }
    if (status == WEIR_OK) {
        status = weir__file_write(&file, bytes.data, bytes.len, error);
    }
    if (status == WEIR_OK) {
        status = weir__file_sync(&file, error);
    }
    if (status == WEIR_OK) {
        status = weir__file_close(&file, error);
    }
    weir__file_discard(&file);
    weir__free(path);
    weir__buf_fini(&bytes);
    return status;
}

/*
 * The name could not be brought to the disk, so nobody can say whether it is there: it goes. Until
 * the disk knows that too, what has the name must stay whole, because a crash may bring it back.
 */
static void take_back(struct weir__checkpoint_writer *writer)
{
    struct weir__files *files = writer->store->files;
    bool back = weir__files_rename(files, writer->final, writer->part, NULL) == WEIR_OK &&
                weir__files_sync_parent(files, writer->final, NULL) == WEIR_OK;
    writer->keep = !back;
}

/* From here on it counts. */
static enum weir_status publish(struct weir__checkpoint_writer *writer, struct weir_error *error)
{
    struct weir__files *files = writer->store->files;
    enum weir_status status = weir__files_sync_directory(files, writer->part, error);
    if (status == WEIR_OK) {
        status = weir__files_rename(files, writer->part, writer->final, error);
    }
    if (status == WEIR_OK) {
        status = weir__files_sync_parent(files, writer->final, error);
        if (status != WEIR_OK) {
            take_back(writer);
        }
    }
    return status;
}

enum weir_status weir__checkpoint_finish(struct weir__checkpoint_writer *writer,
                                         const struct weir__checkpoint_job *job, char **path,
                                         int64_t *bytes, struct weir_error *error)
{
    writer->checkpoint.job = *job;
    writer->checkpoint.job.name = weir__strdup(job->name);
    writer->checkpoint.job.id = weir__strdup(job->id);
    enum weir_status status = writer->status;
    if (status != WEIR_OK) {
        weir_error_set(error, status, writer->part, "an earlier write has failed");
    } else {
        status = finish_state(writer, error);
    }
    if (status == WEIR_OK) {
        status = attach_directory(writer, "", 0, error);
    }
    if (status == WEIR_OK) {
        status = write_metadata(writer, error);
    }
    if (status == WEIR_OK) {
        status = publish(writer, error);
    }
    if (status != WEIR_OK) {
        weir__checkpoint_abandon(writer);
        return status;
    }
    weir__attached_fini(&writer->store->attached);
    writer->store->attached = writer->attached;
    writer->attached = WEIR__VEC_OF(struct weir__attached);
    if (path != NULL) {
        *path = weir__strdup(writer->final);
    }
    if (bytes != NULL) {
        *bytes = weir__checkpoint_size(&writer->checkpoint);
    }
    writer_free(writer);
    return WEIR_OK;
}

void weir__checkpoint_abandon(struct weir__checkpoint_writer *writer)
{
    weir__file_discard(&writer->state);
    if (!writer->keep) {
        enum weir_status status = weir__files_remove_tree(writer->store->files, writer->part, NULL);
        (void)status; /* what is left has the name of something unfinished */
    }
    writer_free(writer);
}

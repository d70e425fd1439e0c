/*
 * The directory of a job's checkpoints: what is there, what goes (see checkpoint_store.h).
 */
#include "base/mem.h"
#include "runtime/checkpoint_store_internal.h"

#include <inttypes.h>
#include <stdlib.h>

void weir__attached_fini(struct weir__vec *attached)
{
    for (size_t i = 0; i < attached->count; i++) {
        weir__free(((struct weir__attached *)weir__vec_at(attached, i))->name);
    }
    weir__vec_fini(attached);
}

/* ---- names ---- */

/* The number in front of `end`, of at most 18 digits; -1: there is none. */
static int64_t read_id(const char *digits, const char **end)
{
    int64_t id = 0;
    const char *at = digits;
    for (; *at >= '0' && *at <= '9' && at - digits < 18; at++) {
        id = id * 10 + (*at - '0');
    }
    *end = at;
    return at > digits ? id : -1;
}

/* Is this the name of a checkpoint or savepoint, and of which; complete, or a part? */
static bool read_name(const char *name, struct weir__checkpoint_place *place, bool *complete)
{
    static const char *const prefixes[] = {
        [WEIR__CHECKPOINT] = "chk-",
        [WEIR__SAVEPOINT] = "savepoint-",
    };
    const char *end = name;
    place->kind = name[0] == 's' ? WEIR__SAVEPOINT : WEIR__CHECKPOINT;
    size_t prefix = strlen(prefixes[place->kind]);
    if (strncmp(name, prefixes[place->kind], prefix) != 0) {
        return false;
    }
    place->id = read_id(name + prefix, &end);
    if (place->kind == WEIR__SAVEPOINT && place->id >= 0 && *end == '-' &&
        read_id(end + 1, &end) < 0) {
        return false;
    }
    *complete = *end == '\0';
    return place->id >= 0 && (*complete || strcmp(end, WEIR__PART_SUFFIX) == 0);
}

/* ---- what is there ---- */

static int by_id(const void *a, const void *b)
{
    const struct weir__checkpoint_place *left = a;
    const struct weir__checkpoint_place *right = b;
    if (left->id != right->id) {
        return left->id < right->id ? -1 : 1;
    }
    return strcmp(left->path, right->path);
}

enum weir_status weir__checkpoint_list(struct weir__files *files, const char *directory,
                                       struct weir__vec *places, struct weir_error *error)
{
    struct weir__vec entries;
    *places = WEIR__VEC_OF(struct weir__checkpoint_place);
    enum weir_status status = weir__files_list(files, directory, &entries, error);
    for (size_t i = 0; i < entries.count; i++) {
        const struct weir__files_entry *entry = weir__vec_at(&entries, i);
        struct weir__checkpoint_place place;
        bool complete;
        if (read_name(entry->name, &place, &complete) && complete) {
            place.path = weir__asprintf("%s/%s", directory, entry->name);
            weir__vec_push(places, &place);
        }
    }
    weir__files_list_fini(&entries);
    if (places->count > 0) {
        qsort(places->items, places->count, places->item_size, by_id);
    }
    return status;
}

void weir__checkpoint_list_fini(struct weir__vec *places)
{
    for (size_t i = 0; i < places->count; i++) {
        weir__free(((struct weir__checkpoint_place *)weir__vec_at(places, i))->path);
    }
    weir__vec_fini(places);
}

enum weir_status weir__checkpoint_store_latest(struct weir__checkpoint_store *store, char **path,
                                               struct weir_error *error)
{
    struct weir__vec places;
    enum weir_status status = weir__checkpoint_list(store->files, store->directory, &places, error);
    *path = NULL;
    for (size_t i = places.count; i > 0 && *path == NULL; i--) {
        struct weir__checkpoint_place *place = weir__vec_at(&places, i - 1);
        if (place->kind == WEIR__CHECKPOINT) {
            *path = weir__strdup(place->path);
        }
    }
    weir__checkpoint_list_fini(&places);
    return status;
}

char *weir__checkpoint_store_path(const struct weir__checkpoint_store *store, int64_t id)
{
    return weir__asprintf("%s/chk-%" PRId64, store->directory, id);
}

/* ---- opening ---- */

/* What a crash left half done goes; the next id is above all that is or was there. First the names
 * are made sure of: what is emptied must not come back under the name of something complete. */
static enum weir_status sweep(struct weir__checkpoint_store *store, struct weir_error *error)
{
    struct weir__vec entries;
    enum weir_status status = weir__files_sync_directory(store->files, store->directory, error);
    if (status != WEIR_OK) {
        return status;
    }
    status = weir__files_list(store->files, store->directory, &entries, error);
    for (size_t i = 0; i < entries.count && status == WEIR_OK; i++) {
        const struct weir__files_entry *entry = weir__vec_at(&entries, i);
        struct weir__checkpoint_place place;
        bool complete;
        if (!read_name(entry->name, &place, &complete)) {
            continue;
        }
        store->next_id = place.id >= store->next_id ? place.id + 1 : store->next_id;
        if (!complete) {
            char *path = weir__asprintf("%s/%s", store->directory, entry->name);
            status = weir__files_remove_tree(store->files, path, error);
            weir__free(path);
        }
    }
    weir__files_list_fini(&entries);
    return status;
}

enum weir_status weir__checkpoint_store_open(struct weir__files *files, const char *directory,
                                             struct weir__checkpoint_store **store,
                                             struct weir_error *error)
{
    struct weir__checkpoint_store *made = WEIR__NEW(struct weir__checkpoint_store);
    made->files = files;
    made->directory = weir__strdup(directory);
    made->next_id = 1;
    made->attached = WEIR__VEC_OF(struct weir__attached);
    enum weir_status status = weir__files_make_directory(files, directory, error);
    if (status == WEIR_OK) {
        status = sweep(made, error);
    }
    if (status != WEIR_OK) {
        weir__checkpoint_store_close(made);
        made = NULL;
    }
    *store = made;
    return status;
}

void weir__checkpoint_store_close(struct weir__checkpoint_store *store)
{
    if (store != NULL) {
        weir__attached_fini(&store->attached);
        weir__free(store->directory);
        weir__free(store);
    }
}

int64_t weir__checkpoint_store_next_id(const struct weir__checkpoint_store *store)
{
    return store->next_id;
}

/* ---- retention ---- */

/* First renamed for good, then emptied: a crash leaves it whole, or a part that the next open
 * removes. */
static enum weir_status remove_checkpoint(struct weir__checkpoint_store *store, const char *path,
                                          struct weir_error *error)
{
    char *part = weir__asprintf("%s%s", path, WEIR__PART_SUFFIX);
    enum weir_status status = weir__files_rename(store->files, path, part, error);
    if (status == WEIR_OK) {
        status = weir__files_sync_directory(store->files, store->directory, error);
    }
    if (status == WEIR_OK) {
        status = weir__files_remove_tree(store->files, part, error);
    }
    weir__free(part);
    return status;
}

enum weir_status weir__checkpoint_store_retain(struct weir__checkpoint_store *store, int count,
                                               bool (*needed)(void *user, int64_t id), void *user,
                                               struct weir_error *error)
{
    struct weir__vec places;
    enum weir_status status = weir__checkpoint_list(store->files, store->directory, &places, error);
    int kept = 0;
    for (size_t i = places.count; i > 0 && status == WEIR_OK; i--) {
        const struct weir__checkpoint_place *place = weir__vec_at(&places, i - 1);
        if (place->kind == WEIR__SAVEPOINT) {
            continue;
        }
        if (kept < (count > 1 ? count : 1)) {
            kept++;
        } else if (needed == NULL || !needed(user, place->id)) {
            status = remove_checkpoint(store, place->path, error);
        }
    }
    weir__checkpoint_list_fini(&places);
    return status;
}

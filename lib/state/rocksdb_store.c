/*
 * A RocksDB database. Nothing of it is there in a build without the library; nobody asks for it
 * then (state/backend.c).
 */
#ifdef WEIR_HAVE_ROCKSDB

#include "state/rocksdb_store.h"

#include "base/files.h"
#include "base/mem.h"
#include "state/folders.h"

#include <weir/time.h>

#include <rocksdb/c.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER_PREFIX   "weir-rocksdb-"
#define LOCK_FILE       "LOCK" /* RocksDB locks it while the database is open */
#define TABLE_FILE      ".sst" /* files that RocksDB never changes */
#define BITS_PER_KEY    10     /* of the bloom filters: 1 % of false hits */
#define BYTES_A_BUCKET  1024   /* of a write buffer: some entries */
#define LEAST_BUCKETS   64
#define LOG_LEVEL_FATAL 4

struct weir__store {
    char *folder;
    rocksdb_options_t *options;
    rocksdb_block_based_table_options_t *blocks;
    rocksdb_cache_t *cache;
    rocksdb_compactionfilter_t *filter;
    rocksdb_readoptions_t *reading;
    rocksdb_readoptions_t *scanning;
    rocksdb_writeoptions_t *writing;
    rocksdb_t *db; /* NULL: it could not be opened */
    rocksdb_column_family_handle_t *family;
    rocksdb_writebatch_t *batch;
    rocksdb_pinnableslice_t *found; /* what get lent */
    rocksdb_iterator_t *iterator;   /* of the last scan, while nothing is written; else NULL */
    _Atomic int64_t now_ms;         /* for compactions */
};

/* Takes over RocksDB's message. */
static enum weir_status failed(const struct weir__store *store, const char *doing, char *message,
                               struct weir_error *error)
{
    bool corrupt = strncmp(message, "Corruption", 10) == 0;
    weir_error_set(error, corrupt ? WEIR_CORRUPT : WEIR_IO, store->folder,
                   "RocksDB cannot %s: %.250s; look at the disk (space, rights), or name another "
                   "folder in state.backend.rocksdb.localdir",
                   doing, message);
    rocksdb_free(message);
    return corrupt ? WEIR_CORRUPT : WEIR_IO;
}

/* ---- the compaction filter: in RocksDB's threads ---- */

static unsigned char drops(void *user, int level, const char *key, size_t key_len,
                           const char *value, size_t value_len, char **new_value,
                           size_t *new_value_len, unsigned char *changed)
{
    (void)level;
    (void)key;
    (void)key_len;
    (void)new_value;
    (void)new_value_len;
    (void)changed;
    struct weir__store *store = user;
    struct weir__reader in = {value, value + value_len, false};
    int64_t expiry = weir__read_i64(&in);
    return !in.failed && expiry != WEIR_TIME_MAX &&
           expiry <= atomic_load_explicit(&store->now_ms, memory_order_relaxed);
}

static const char *filter_name(void *user)
{
    (void)user;
    return "weir.ttl";
}

static void free_nothing(void *user)
{
    (void)user;
}

void weir__store_set_time(struct weir__store *store, int64_t now_ms)
{
    atomic_store_explicit(&store->now_ms, now_ms, memory_order_relaxed);
}

/* ---- life ---- */

/*
 * The write buffer is a hash table over the keys' prefixes, of short sorted lists, and entries are
 * changed in place. To find one, or to write one, takes a few steps, where the usual skip list
 * takes twenty far ones; and an entry that changes a thousand times lies there once. An iterator
 * must sort it all; since the lists are sorted, most of that is appending.
 */
static void make_buffer(struct weir__store *store, const struct weir__store_memory *memory)
{
    size_t buckets = memory->buffer_bytes / BYTES_A_BUCKET;
    rocksdb_options_set_write_buffer_size(store->options, memory->buffer_bytes);
    rocksdb_options_set_prefix_extractor(
        store->options, rocksdb_slicetransform_create_fixed_prefix(WEIR__STORE_PREFIX));
    rocksdb_options_set_hash_link_list_rep(store->options,
                                           buckets > LEAST_BUCKETS ? buckets : LEAST_BUCKETS);
    rocksdb_options_set_allow_concurrent_memtable_write(store->options, 0);
    rocksdb_options_set_inplace_update_support(store->options, 1);
}

static void make_options(struct weir__store *store, const struct weir_state_backend_config *config,
                         const struct weir__store_memory *memory)
{
    int threads = config->threads > 0 ? config->threads : 2;
    store->options = rocksdb_options_create();
    rocksdb_options_set_create_if_missing(store->options, 1);
    rocksdb_options_increase_parallelism(store->options, threads);
    rocksdb_options_set_max_file_opening_threads(store->options, 1); /* at each opening */
    rocksdb_options_set_info_log_level(store->options, LOG_LEVEL_FATAL);
    rocksdb_options_set_stats_dump_period_sec(store->options, 0); /* nobody reads them, and each */
    rocksdb_options_set_stats_persist_period_sec(store->options, 0); /* costs a thread */
    make_buffer(store, memory);
    store->blocks = rocksdb_block_based_options_create();
    store->cache = rocksdb_cache_create_lru(memory->cache_bytes);
    rocksdb_block_based_options_set_block_cache(store->blocks, store->cache);
    rocksdb_block_based_options_set_filter_policy(
        store->blocks, rocksdb_filterpolicy_create_bloom_full(BITS_PER_KEY));
    rocksdb_options_set_block_based_table_factory(store->options, store->blocks);
    store->filter = rocksdb_compactionfilter_create(store, free_nothing, drops, filter_name);
    rocksdb_options_set_compaction_filter(store->options, store->filter);
    store->reading = rocksdb_readoptions_create();
    store->scanning = rocksdb_readoptions_create();
    rocksdb_readoptions_set_total_order_seek(store->scanning, 1); /* over all buckets */
    store->writing = rocksdb_writeoptions_create();
    rocksdb_writeoptions_disable_WAL(store->writing, 1);
}

static enum weir_status open_database(struct weir__store *store, struct weir_error *error)
{
    static const char *const names[] = {"default"};
    const rocksdb_options_t *options[] = {store->options};
    char *message = NULL;
    store->db = rocksdb_open_column_families(store->options, store->folder, 1, names, options,
                                             &store->family, &message);
    if (message != NULL) {
        store->db = NULL;
        return failed(store, "open a database", message, error);
    }
    return WEIR_OK;
}

static void end_scans(struct weir__store *store)
{
    if (store->iterator != NULL) {
        rocksdb_iter_destroy(store->iterator);
        store->iterator = NULL;
    }
}

static void close_database(struct weir__store *store)
{
    end_scans(store);
    if (store->found != NULL) {
        rocksdb_pinnableslice_destroy(store->found);
        store->found = NULL;
    }
    if (store->db != NULL) {
        rocksdb_column_family_handle_destroy(store->family);
        rocksdb_close(store->db);
        store->db = NULL;
    }
}

static const char *parent_folder(const struct weir_state_backend_config *config)
{
    const char *temporary = getenv("TMPDIR");
    if (config->local_directory != NULL) {
        return config->local_directory;
    }
    return temporary != NULL && temporary[0] != '\0' ? temporary : "/tmp";
}

/* One that says whose it is, so that others can tell when it is nobody's any more. */
static char *make_folder(const char *parent, struct weir_error *error)
{
    char *ours = weir__asprintf(FOLDER_PREFIX "%ld-", (long)getpid());
    char *folder = weir__folder_new(parent, ours, error);
    if (folder != NULL) {
        weir__folders_remove_abandoned(parent, FOLDER_PREFIX, ours, LOCK_FILE, folder);
    }
    weir__free(ours);
    return folder;
}

enum weir_status weir__store_open(const struct weir_state_backend_config *config,
                                  const struct weir__store_memory *memory, struct weir__store **out,
                                  struct weir_error *error)
{
    char *folder = make_folder(parent_folder(config), error);
    if (folder == NULL) {
        return WEIR_IO;
    }
    struct weir__store *store = WEIR__NEW(struct weir__store);
    store->folder = folder;
    atomic_init(&store->now_ms, WEIR_TIME_MIN);
    make_options(store, config, memory);
    store->batch = rocksdb_writebatch_create();
    enum weir_status status = open_database(store, error);
    if (status != WEIR_OK) {
        weir__store_close(store);
        store = NULL;
    }
    *out = store;
    return status;
}

/* What cannot be removed stays, in a folder for temporary files. */
static void remove_folder(const struct weir__store *store)
{
    enum weir_status ignored = weir__files_remove_tree(&weir__real_files, store->folder, NULL);
    (void)ignored;
}

void weir__store_close(struct weir__store *store)
{
    if (store == NULL) {
        return;
    }
    close_database(store);
    rocksdb_writebatch_destroy(store->batch);
    rocksdb_readoptions_destroy(store->reading);
    rocksdb_readoptions_destroy(store->scanning);
    rocksdb_writeoptions_destroy(store->writing);
    rocksdb_options_destroy(store->options);
    rocksdb_block_based_options_destroy(store->blocks);
    rocksdb_cache_destroy(store->cache);
    rocksdb_compactionfilter_destroy(store->filter);
    remove_folder(store);
    weir__free(store->folder);
    weir__free(store);
}

/* ---- one entry ---- */

enum weir_status weir__store_get(struct weir__store *store, struct weir_str key,
                                 struct weir_str *payload, struct weir_error *error)
{
    char *message = NULL;
    if (store->found != NULL) {
        rocksdb_pinnableslice_destroy(store->found);
    }
    store->found = rocksdb_get_pinned(store->db, store->reading, key.data, key.len, &message);
    if (message != NULL) {
        store->found = NULL;
        return failed(store, "read", message, error);
    }
    if (store->found == NULL) {
        return WEIR_NOT_FOUND;
    }
    size_t len;
    const char *value = rocksdb_pinnableslice_value(store->found, &len);
    if (len < WEIR__STORE_HEAD) {
        return weir_error_set(error, WEIR_CORRUPT, store->folder, "an entry has no expiry");
    }
    *payload = (struct weir_str){value + WEIR__STORE_HEAD, (uint32_t)(len - WEIR__STORE_HEAD)};
    return WEIR_OK;
}

void weir__store_put(struct weir__store *store, struct weir_str key, struct weir_str value)
{
    rocksdb_writebatch_put(store->batch, key.data, key.len, value.data, value.len);
}

void weir__store_delete(struct weir__store *store, struct weir_str key)
{
    rocksdb_writebatch_delete(store->batch, key.data, key.len);
}

enum weir_status weir__store_commit(struct weir__store *store, struct weir_error *error)
{
    char *message = NULL;
    if (rocksdb_writebatch_count(store->batch) > 0) {
        end_scans(store);
        rocksdb_write(store->db, store->writing, store->batch, &message);
        rocksdb_writebatch_clear(store->batch);
    }
    return message != NULL ? failed(store, "write", message, error) : WEIR_OK;
}

enum weir_status weir__store_delete_range(struct weir__store *store, struct weir_str from,
                                          struct weir_str to, struct weir_error *error)
{
    char *message = NULL;
    end_scans(store);
    rocksdb_delete_range_cf(store->db, store->writing, store->family, from.data, from.len, to.data,
                            to.len, &message);
    return message != NULL ? failed(store, "delete", message, error) : WEIR_OK;
}

/* ---- many ---- */

enum weir_status weir__store_scan(struct weir__store *store, struct weir_str prefix,
                                  bool (*visit)(struct weir_str key, struct weir_str value,
                                                void *user),
                                  void *user, struct weir_error *error)
{
    char *message = NULL;
    if (store->iterator == NULL) { /* one for many scans: making it is a sort */
        store->iterator = rocksdb_create_iterator(store->db, store->scanning);
    }
    rocksdb_iterator_t *at = store->iterator;
    for (rocksdb_iter_seek(at, prefix.data, prefix.len); rocksdb_iter_valid(at);
         rocksdb_iter_next(at)) {
        size_t key_len;
        size_t value_len;
        const char *key = rocksdb_iter_key(at, &key_len);
        const char *value = rocksdb_iter_value(at, &value_len);
        if (key_len < prefix.len || memcmp(key, prefix.data, prefix.len) != 0 ||
            !visit((struct weir_str){key, (uint32_t)key_len},
                   (struct weir_str){value, (uint32_t)value_len}, user)) {
            break;
        }
    }
    rocksdb_iter_get_error(at, &message);
    if (message != NULL) {
        end_scans(store);
    }
    return message != NULL ? failed(store, "read", message, error) : WEIR_OK;
}

void weir__store_compact(struct weir__store *store)
{
    end_scans(store);
    rocksdb_compact_range(store->db, NULL, 0, NULL, 0);
}

/* ---- checkpoints ---- */

enum weir_status weir__store_checkpoint(struct weir__store *store, const char *directory,
                                        struct weir_error *error)
{
    char *message = NULL;
    end_scans(store);
    rocksdb_checkpoint_t *checkpoint = rocksdb_checkpoint_object_create(store->db, &message);
    if (message == NULL) {
        rocksdb_checkpoint_create(checkpoint, directory, 0, &message); /* 0: flushes first */
        rocksdb_checkpoint_object_destroy(checkpoint);
    }
    return message != NULL ? failed(store, "make a checkpoint", message, error) : WEIR_OK;
}

enum weir_status weir__store_adopt(struct weir__store *store, const char *directory,
                                   struct weir_error *error)
{
    close_database(store);
    enum weir_status status = weir__files_remove_tree(&weir__real_files, store->folder, error);
    if (status == WEIR_OK) {
        status = weir__files_make_directory(&weir__real_files, store->folder, error);
    }
    if (status == WEIR_OK) {
        status = weir__folder_link(directory, store->folder, TABLE_FILE, error);
    }
    return status == WEIR_OK ? open_database(store, error) : status;
}

#endif

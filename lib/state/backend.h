/*
 * State backends: where keyed state lives.
 *
 * A backend keeps tables; a table keeps one cell for a (key, namespace). A cell is a C struct in
 * memory, whatever the backend: the heap backend has nothing else; one that writes to disk decodes
 * cells on the first access, keeps them until they are written back, and learns from `obtain` and
 * `changed` which ones are dirty. Cells do not move while they are there, and they are there at
 * least until `settle`, which is called between two keys.
 *
 * The operator's side fills weir__table_config; the backend's side is weir__backend_ops and
 * weir__table_ops. One thread.
 */
#ifndef WEIR__STATE_BACKEND_H
#define WEIR__STATE_BACKEND_H

#include "time/timers.h"
#include "types/freeze.h"
#include "types/schema.h"

#include <weir/state_backend.h>

/* How the cells of a table live and travel. `spec` is the config's. */
struct weir__cell_ops {
    /* Sets up a zeroed cell; NULL: zero is right. */
    void (*init)(void *cell, const void *spec);
    /* Releases what the cell owns; NULL: nothing. */
    void (*fini)(void *cell, const void *spec);
    void (*encode)(const void *cell, const void *spec, struct weir__buf *out);
    /* Reads into a cell that was set up by init. Errors: WEIR_CORRUPT; the cell is still to be
     * released by fini. */
    enum weir_status (*decode)(void *cell, const void *spec, struct weir__reader *in,
                               struct weir_error *error);
    /* Time to live: from when on the cell is of no use any more (WEIR_TIME_MAX: never); NULL:
     * never. */
    int64_t (*expires_at)(const void *cell, const void *spec);
    /* Whether a copy of a cell's bytes can be encoded without the cell, in another thread; NULL:
     * no. */
    bool (*is_plain)(const void *spec);
};

struct weir__table_config {
    const char *name; /* unique in the backend; borrowed for the table's life */
    const struct weir__cell_ops *ops;
    const void *spec;     /* borrowed for the table's life */
    size_t cell_size;     /* bytes */
    uint64_t fingerprint; /* of what cells hold: a snapshot with another one is refused */
    /* Of the values in the cells, when fields may come and go from one life to the next; NULL: it
     * is part of the fingerprint. */
    const struct weir_type *type;
    /* Set while cells are decoded that were written with other fields, for `decode`; else NULL. */
    struct weir__schema **written;
};

struct weir__table {
    const struct weir__table_ops *ops;
    struct weir__table_config config;
};

struct weir__table_ops {
    /* The cell, or NULL. Borrowed until it is removed, or the backend settles. */
    void *(*find)(struct weir__table *table, struct weir__key_node *key, struct weir__namespace ns);
    /* Finds or creates; the cell counts as changed. */
    void *(*obtain)(struct weir__table *table, struct weir__key_node *key,
                    struct weir__namespace ns, bool *created);
    /* A cell that was found has been changed in place. */
    void (*changed)(struct weir__table *table, void *cell);
    /* May free the key with the cell's reference. False when there was none. */
    bool (*remove)(struct weir__table *table, struct weir__key_node *key,
                   struct weir__namespace ns);
    size_t (*count)(const struct weir__table *table);
    /* Calls `visit` for all cells; visit must not change the table. */
    void (*each)(struct weir__table *table,
                 void (*visit)(struct weir__key_node *key, struct weir__namespace ns, void *cell,
                               void *user),
                 void *user);
    /* Looks at the next `budget` cells and removes expired ones, but none of `keep`'s (may be
     * NULL). */
    void (*sweep)(struct weir__table *table, int64_t now_ms, int budget,
                  const struct weir__key_node *keep);
    /* All cells, by key group (types/key_groups.h): into `out`, or, when they can be frozen, into a
     * gap at its end. gaps (types/freeze.h): NULL: all at once. */
    void (*snapshot)(struct weir__table *table, struct weir__buf *out, struct weir__vec *gaps);
    /* Adds the cells whose key group is in first … last; may be called several times. Errors:
     * WEIR_CORRUPT. */
    enum weir_status (*restore)(struct weir__table *table, struct weir__reader *in, int first_group,
                                int last_group, struct weir_error *error);
    void (*free)(struct weir__table *table);
};

struct weir__backend {
    const struct weir__backend_ops *ops;
    /* Told when the disk fails: from then on cells mean nothing, and the operator must stop. Set by
     * the owner; NULL: nobody is told. */
    void (*failed)(void *host, const struct weir_error *error);
    void *host;
};

struct weir__backend_ops {
    const char *name; /* "heap" */
    /* There may be cells of keys that the key table does not know. */
    bool outside_memory;
    /* `keys` outlives the table. The caller frees the table before the backend. */
    struct weir__table *(*open)(struct weir__backend *backend,
                                const struct weir__table_config *config,
                                struct weir__key_table *keys);
    /* Bytes of memory that the operator may use for state beside the tables, before it must move
     * that into them; 0: none. NULL: as many as it likes. */
    size_t (*room)(const struct weir__backend *backend);
    /* Nobody holds a cell: it may write back what was changed, and forget. NULL: never. */
    void (*settle)(struct weir__backend *backend);
    /*
     * A native checkpoint of all tables: files in `directory`, which must not be there yet, and in
     * `out` what restore_from must know of them. first … last: the key groups held. NULL: there is
     * none, use the tables' snapshots. Errors: WEIR_IO.
     */
    enum weir_status (*checkpoint)(struct weir__backend *backend, const char *directory,
                                   int first_group, int last_group, struct weir__buf *out,
                                   struct weir_error *error);
    /*
     * Adds the cells of a native checkpoint whose key group is in first … last. All tables are
     * open; may be called several times, with other directories. Errors: WEIR_IO, WEIR_CORRUPT,
     * WEIR_MISMATCH.
     */
    enum weir_status (*restore_from)(struct weir__backend *backend, const char *directory,
                                     struct weir__reader *in, int first_group, int last_group,
                                     struct weir_error *error);
    void (*free)(struct weir__backend *backend);
};

/* Everything in memory. */
struct weir__backend *weir__heap_backend_new(void);

/*
 * The backend of a configuration (NULL: the heap). shares: how many backends divide the memory of a
 * slot, >= 1. The configuration is copied; its strings are borrowed.
 * Errors: WEIR_IO; WEIR_UNSUPPORTED (RocksDB was not there when Weir was built).
 */
WEIR_MUST_USE enum weir_status weir__backend_new(const struct weir_state_backend_config *config,
                                                 int shares, struct weir__backend **out,
                                                 struct weir_error *error);

#endif

/*
 * Sessions of a fixed gap, with an accumulator each, by key: what an event of a session window
 * costs is one look-up and one cache line.
 *
 *     index:  hash ─▶ number of a cell                  (base/index.h)
 *     cell := key (up to 16 bytes), earlier, length, filed, the key's latest session
 *             ▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔ 64 bytes with an accumulator of 8 ▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔
 *     earlier sessions of the same key, if there are any: a list beside it, in order of time
 *
 * Sessions of one key do not touch. Nothing is moved in a queue of timers when a session grows: its
 * cell has a ticket in the deadlines (window/deadlines.h).
 *
 * The store knows nothing of watermarks and lateness beyond what it is told: the window operator
 * decides what is late, what fires and what goes. One thread.
 */
#ifndef WEIR__WINDOW_SESSIONS_H
#define WEIR__WINDOW_SESSIONS_H

#include "base/index.h"
#include "base/pool.h"
#include "base/prefetch.h"
#include "types/key.h"
#include "window/deadlines.h"
#include "window/rules.h"

#include <weir/window.h>

struct weir__session {
    struct weir_window window;
    uint64_t sequence;   /* of the last change that set its timer: order among equal ends */
    uint32_t count : 31; /* elements; stops at its maximum */
    uint32_t waits : 1;  /* for the watermark; false: it has fired */
    _Alignas(8) char accumulator[];
};

struct weir__session_cell {
    union {
        char text[16];
        char *data; /* of a longer key; owned */
        int64_t integer;
    };
    uint32_t earlier;  /* its list + 1; 0: there are none */
    uint32_t len : 16; /* of the key; WEIR__LONG_KEY: the bytes at data begin with a uint32_t */
    uint32_t filed : 16;
    struct weir__session latest;
};
#define WEIR__LONG_KEY UINT16_MAX
#define WEIR__AHEAD    16u
enum { WEIR__SESSION_BESIDE = 24 /* bytes: its places in the index, and its ticket */ };

struct weir__sessions {
    const struct weir__window_rules *rules; /* borrowed */
    const struct weir_aggregate *aggregate; /* borrowed */
    enum weir_kind kind;                    /* of the keys */
    size_t session_size;
    struct weir__index index;
    struct weir__pool cells;
    struct weir__pool lists; /* struct list: earlier sessions */
    struct weir__deadlines deadlines;
    struct weir__due
        ahead[WEIR__AHEAD]; /* taken from the deadlines, so that memory can be fetched */
    uint32_t ahead_at;
    uint32_t ahead_count;
    int64_t count;     /* of sessions */
    size_t text_bytes; /* of long keys */
    uint64_t next_sequence;
};

void weir__sessions_init(struct weir__sessions *sessions, const struct weir__window_rules *rules,
                         const struct weir_aggregate *aggregate, enum weir_kind key_kind);
void weir__sessions_fini(struct weir__sessions *sessions);

/* ---- cells ---- */

/* The cell of a key, or WEIR__POOL_NONE. */
uint32_t weir__sessions_find(const struct weir__sessions *sessions, const struct weir__key *key);
/* Bytes of memory that look-ups go to. */
static inline size_t weir__sessions_bytes(const struct weir__sessions *sessions)
{
    return sessions->cells.count * sessions->cells.item_size;
}
/* Bytes of memory for all there is, about, but for what accumulators own. */
static inline size_t weir__sessions_memory(const struct weir__sessions *sessions)
{
    size_t earlier = (size_t)sessions->count - sessions->cells.count;
    return sessions->cells.count * (sessions->cells.item_size + WEIR__SESSION_BESIDE) +
           earlier * sessions->session_size + sessions->text_bytes;
}
/* Tells the processor to fetch the cell of a key with this hash; its place in the index should be
 * there. */
static inline void weir__sessions_expect(const struct weir__sessions *sessions, uint64_t hash)
{
    struct weir__index_cursor at = weir__index_find(&sessions->index, hash);
    uint32_t number = weir__index_next(&sessions->index, &at);
    if (number != WEIR__INDEX_NONE) {
        weir__prefetch(weir__pool_at(&sessions->cells, number));
    }
}
static inline struct weir__session_cell *weir__session_cell(const struct weir__sessions *sessions,
                                                            uint32_t number)
{
    return weir__pool_at(&sessions->cells, number);
}
/* The key of a cell; hash: 0. A string is borrowed from it. */
struct weir__key weir__session_key(const struct weir__sessions *sessions, uint32_t cell);

/* ---- the sessions of a cell, in order of time ---- */

uint32_t weir__session_count(const struct weir__sessions *sessions, uint32_t cell);
struct weir__session *weir__session_at(const struct weir__sessions *sessions, uint32_t cell,
                                       uint32_t index);
/* How many of them touch the window; *index: the first of those, or where the window belongs. */
uint32_t weir__sessions_touching(const struct weir__sessions *sessions, uint32_t cell,
                                 struct weir_window window, uint32_t *index);
/*
 * A new session with a zeroed accumulator, for a window that touches none. *cell: of the key, or
 * WEIR__POOL_NONE, and then made.
 */
struct weir__session *weir__sessions_add(struct weir__sessions *sessions,
                                         const struct weir__key *key, uint32_t *cell,
                                         struct weir_window window);
/* Merges the run of sessions from `index` on into one. */
struct weir__session *weir__sessions_merge(struct weir__sessions *sessions, uint32_t cell,
                                           uint32_t index, uint32_t run);
/* The cell goes with its last session. */
void weir__sessions_remove(struct weir__sessions *sessions, uint32_t cell, uint32_t index);

/* ---- time ---- */

/* When a session has to be looked at next; WEIR_TIME_MAX: never. */
static inline int64_t weir__session_deadline(const struct weir__sessions *sessions,
                                             const struct weir__session *session)
{
    return session->waits ? session->window.end - 1
                          : weir__window_cleanup_time(sessions->rules, session->window);
}
/* To be called when the deadline or the sequence has changed. True: it lies further ahead. */
bool weir__sessions_file(struct weir__sessions *sessions, uint32_t cell,
                         const struct weir__session *session);
/*
 * The next session whose deadline is at `watermark` or before; false: none. Buckets must be open
 * (weir__sessions_open), and nothing may be added before all have been taken.
 */
bool weir__sessions_next(struct weir__sessions *sessions, int64_t watermark, uint32_t *cell,
                         uint32_t *index);
void weir__sessions_open(struct weir__sessions *sessions, int64_t watermark);

#endif

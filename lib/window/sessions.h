/*
 * Sessions of a fixed gap, with an accumulator each, by key: what an event of a session window
 * costs is one look-up and one or two cache lines.
 *
 *     index:  hash ─▶ number of a cell                  (base/dense_index.h)
 *     cell := key (up to 16 bytes), start, span, count, sequence and flags, accumulator
 *             ▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔ 48 bytes with an accumulator of 8 ▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔
 *     list := sessions in full, in order of time
 *
 * A cell holds the one session of its key in short: not its end, but by how much it is longer than
 * the gap. Where that cannot be (the key has several, or one whose numbers are too large), all
 * sessions of the key are in a list beside it, until one that fits is left. Nobody else sees the
 * difference: a session is read as a copy and written back.
 *
 * Sessions of one key do not touch. Nothing is moved in a queue of timers when a session grows: its
 * cell has a ticket in the deadlines (window/deadlines.h).
 *
 * The store knows nothing of watermarks and lateness beyond what it is told: the window operator
 * decides what is late, what fires and what goes. One thread.
 */
#ifndef WEIR__WINDOW_SESSIONS_H
#define WEIR__WINDOW_SESSIONS_H

#include "base/dense_index.h"
#include "base/pool.h"
#include "base/prefetch.h"
#include "types/key.h"
#include "window/deadlines.h"
#include "window/rules.h"

#include <weir/window.h>

/* A copy of a session, and where it lies. */
struct weir__session {
    uint32_t cell;
    uint32_t index; /* among those of the cell, in order of time */
    struct weir_window window;
    uint64_t sequence; /* of the last change that set its timer: order among equal ends */
    uint64_t count;    /* elements */
    bool waits;        /* for the watermark; false: it has fired */
    void *accumulator; /* not copied; valid until the sessions of its cell change */
};

struct weir__session_cell {
    union {
        char text[16];
        char *data; /* of a longer key; owned */
        int64_t integer;
    };
    int64_t start;
    uint32_t span_ms; /* between its first and its last element; the gap follows */
    union {
        uint32_t count;
        uint32_t list; /* listed: its number */
    };
    uint64_t sequence : 57;
    uint64_t len : 5; /* of the key; WEIR__LONG_KEY: the bytes at data begin with a uint32_t */
    uint64_t waits : 1;
    uint64_t listed : 1;
    char accumulator[];
};
#define WEIR__LONG_KEY     31u
#define WEIR__SEQUENCE_MAX ((UINT64_C(1) << 57) - 1) /* in a cell */
#define WEIR__AHEAD        16u
enum { WEIR__SESSION_BESIDE = 12 /* bytes: its place in the index, and its ticket */ };

struct weir__sessions {
    const struct weir__window_rules *rules; /* borrowed */
    const struct weir_aggregate *aggregate; /* borrowed */
    enum weir_kind kind;                    /* of the keys */
    size_t item_size;                       /* of a list */
    struct weir__dense_index index;
    struct weir__pool cells;
    struct weir__pool lists;
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
    size_t listed = (size_t)sessions->count - (sessions->cells.count - sessions->lists.count);
    return sessions->cells.count * (sessions->cells.item_size + WEIR__SESSION_BESIDE) +
           sessions->lists.count * sessions->lists.item_size + listed * sessions->item_size +
           sessions->text_bytes;
}
static inline struct weir__session_cell *weir__session_cell(const struct weir__sessions *sessions,
                                                            uint32_t number)
{
    return weir__pool_at(&sessions->cells, number);
}
/* Tells the processor to fetch a cell: the lines of its first and its last byte. */
static inline void weir__session_fetch(const struct weir__sessions *sessions, uint32_t number)
{
    const char *cell = weir__pool_at(&sessions->cells, number);
    weir__prefetch(cell);
    weir__prefetch(cell + sessions->cells.item_size - 1);
}
/* Tells it to fetch the cell of a key with this hash; its place in the index should be there. */
static inline void weir__sessions_expect(const struct weir__sessions *sessions, uint64_t hash)
{
    struct weir__dense_cursor at = weir__dense_find(&sessions->index, hash);
    uint32_t number = weir__dense_next(&sessions->index, &at);
    if (number != WEIR__DENSE_NONE) {
        weir__session_fetch(sessions, number);
    }
}
/* The key of a cell, with its hash. A string is borrowed from it. */
struct weir__key weir__session_key(const struct weir__sessions *sessions, uint32_t cell);

/* ---- the sessions of a cell, in order of time ---- */

uint32_t weir__session_count(const struct weir__sessions *sessions, uint32_t cell);
void weir__session_get(const struct weir__sessions *sessions, uint32_t cell, uint32_t index,
                       struct weir__session *session);
/* Writes a session back; its accumulator may move. */
void weir__session_set(struct weir__sessions *sessions, struct weir__session *session);
/* How many of them touch the window; *index: the first of those, or where the window belongs. */
uint32_t weir__sessions_touching(const struct weir__sessions *sessions, uint32_t cell,
                                 struct weir_window window, uint32_t *index);
/*
 * A new session with a zeroed accumulator, for a window that touches none. cell: of the key, or
 * WEIR__POOL_NONE: one is made.
 */
void weir__sessions_add(struct weir__sessions *sessions, const struct weir__key *key, uint32_t cell,
                        struct weir_window window, struct weir__session *session);
/* Merges the run of sessions from `index` on into one. */
void weir__sessions_merge(struct weir__sessions *sessions, uint32_t cell, uint32_t index,
                          uint32_t run, struct weir__session *session);
/* The cell goes with its last session. */
void weir__sessions_remove(struct weir__sessions *sessions, const struct weir__session *session);

/* ---- time ---- */

/* When a session has to be looked at next; WEIR_TIME_MAX: never. */
static inline int64_t weir__session_deadline(const struct weir__sessions *sessions,
                                             const struct weir__session *session)
{
    return session->waits ? session->window.end - 1
                          : weir__window_cleanup_time(sessions->rules, session->window);
}
/* To be called when the deadline or the sequence has changed. True: it lies further ahead. */
bool weir__sessions_file(struct weir__sessions *sessions, const struct weir__session *session);
/* Whether the cell of a session of those bounds has a ticket that is early enough for it, and stays
 * so when it ends later: it need not be filed then. */
static inline bool weir__session_has_ticket(const struct weir__sessions *sessions,
                                            const struct weir__session *session)
{
    return session->waits &&
           weir__deadlines_lies_ahead(&sessions->deadlines, session->window.end - 1);
}
/*
 * The next session whose deadline is at `watermark` or before; false: none. Buckets must be open
 * (weir__sessions_open), and nothing may be added before all have been taken.
 */
bool weir__sessions_next(struct weir__sessions *sessions, int64_t watermark,
                         struct weir__session *session);
void weir__sessions_open(struct weir__sessions *sessions, int64_t watermark);

#endif

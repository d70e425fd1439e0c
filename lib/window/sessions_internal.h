/*
 * What the files of the sessions share: sessions.c, sessions_cell.c.
 */
#ifndef WEIR__WINDOW_SESSIONS_INTERNAL_H
#define WEIR__WINDOW_SESSIONS_INTERNAL_H

#include "window/sessions.h"

/* All sessions of a key: items [first, first + count) are in use. */
struct weir__session_list {
    char *items;
    uint32_t first;
    uint32_t count;
    uint32_t capacity;
};

/* A session in full. */
struct weir__session_item {
    struct weir_window window;
    uint64_t sequence;
    uint64_t count;
    bool waits;
    _Alignas(8) char accumulator[];
};

/* Makes room for one more session of the cell, at `index`: zeroed, to be set. */
void weir__session_open_gap(struct weir__sessions *sessions, uint32_t cell, uint32_t index);
/* Takes one of several out; what its accumulator owns must have gone. */
void weir__session_close_gap(struct weir__sessions *sessions, uint32_t cell, uint32_t index);
/* Lets the list of a cell go, if there is one. */
void weir__session_drop_list(struct weir__sessions *sessions, uint32_t cell);

#endif

/*
 * Sessions in the order of their deadlines.
 */
#include "window/sessions.h"

bool weir__sessions_file(struct weir__sessions *sessions, const struct weir__session *session)
{
    struct weir__due due = {weir__session_deadline(sessions, session), session->sequence,
                            session->cell};
    return due.time == WEIR_TIME_MAX || weir__deadlines_file(&sessions->deadlines, due);
}

/* ---- tickets ---- */

/* Files what the sessions of a cell wait for. */
static void file_all(struct weir__sessions *sessions, uint32_t cell)
{
    if (!weir__pool_live(&sessions->cells, cell)) {
        return;
    }
    uint32_t count = weir__session_count(sessions, cell);
    for (uint32_t i = 0; i < count; i++) {
        struct weir__session session;
        weir__session_get(sessions, cell, i, &session);
        if (weir__sessions_file(sessions, &session) && session.waits) {
            return; /* all that follow have later deadlines */
        }
    }
}

static void ask(const uint32_t *cells, uint32_t count, void *user)
{
    struct weir__sessions *sessions = user;
    for (uint32_t i = 0; i < count; i++) {
        weir__session_fetch(sessions, cells[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        file_all(sessions, cells[i]);
    }
}

void weir__sessions_open(struct weir__sessions *sessions, int64_t watermark)
{
    weir__deadlines_open(&sessions->deadlines, watermark, ask, sessions);
}

/* ---- what is due ---- */

/* The session of a cell that has that deadline; false when it has gone or moved on. */
static bool find_due(const struct weir__sessions *sessions, const struct weir__due *due,
                     struct weir__session *session)
{
    if (!weir__pool_live(&sessions->cells, due->owner)) {
        return false;
    }
    uint32_t count = weir__session_count(sessions, due->owner);
    for (uint32_t i = 0; i < count; i++) {
        weir__session_get(sessions, due->owner, i, session);
        if (session->sequence == due->sequence &&
            weir__session_deadline(sessions, session) == due->time) {
            return true;
        }
    }
    return false;
}

/* Takes the next few that are due, and fetches their cells, and the index for their removal. */
static bool look_ahead(struct weir__sessions *sessions, int64_t watermark)
{
    uint32_t count = 0;
    while (count < WEIR__AHEAD &&
           weir__deadlines_pop(&sessions->deadlines, watermark, &sessions->ahead[count])) {
        weir__session_fetch(sessions, sessions->ahead[count++].owner);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t cell = sessions->ahead[i].owner;
        if (weir__pool_live(&sessions->cells, cell)) {
            weir__dense_expect(&sessions->index, weir__session_key(sessions, cell).hash);
        }
    }
    sessions->ahead_at = 0;
    sessions->ahead_count = count;
    return count > 0;
}

bool weir__sessions_next(struct weir__sessions *sessions, int64_t watermark,
                         struct weir__session *session)
{
    while (sessions->ahead_at < sessions->ahead_count || look_ahead(sessions, watermark)) {
        if (find_due(sessions, &sessions->ahead[sessions->ahead_at++], session)) {
            return true;
        }
    }
    return false;
}

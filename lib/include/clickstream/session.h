/*
 * Raw events, and the sessions that are made of them: those of a pipeline that flushes open
 * sessions every minute.
 */
#ifndef CLICKSTREAM_SESSION_H
#define CLICKSTREAM_SESSION_H

#include <clickstream/page_event.h>

/* status: OPEN, CLOSED. */
#define SESSION_FIELDS(F, T)                                                                       \
    F(T, list, events, "events", required, page_event)                                             \
    F(T, int64, last_event_timestamp, "lastEventTimestamp", required)                              \
    F(T, string, status, "status", required)                                                       \
    F(T, string, id, "id", required)
WEIR_DECLARE_TYPE(session, SESSION_FIELDS);

/*
 * Gives an owned session an id that looks like a UUID, but is always the same for the same first
 * event: so a restart does not rename the sessions that it finds.
 */
void session_name(struct session *session, const struct page_event *first);

#endif

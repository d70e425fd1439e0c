/*
 * Raw events, and the sessions that are made of them: those of a pipeline that flushes open
 * sessions every minute.
 */
#ifndef CLICKSTREAM_SESSION_H
#define CLICKSTREAM_SESSION_H

#include <weir/type.h>

/* event_type: PAGE_VIEW, BUTTON_CLICK. timestamp: epoch ms. */
#define RAW_EVENT_FIELDS(F, T)                                                                     \
    F(T, int64, timestamp, "timestamp", required)                                                  \
    F(T, string, user_id, "userId", required)                                                      \
    F(T, string, event_type, "eventType", required)
WEIR_DECLARE_TYPE(raw_event, RAW_EVENT_FIELDS);

/* status: OPEN, CLOSED. */
#define SESSION_FIELDS(F, T)                                                                       \
    F(T, list, events, "events", required, raw_event)                                              \
    F(T, int64, last_event_timestamp, "lastEventTimestamp", required)                              \
    F(T, string, status, "status", required)                                                       \
    F(T, string, id, "id", required)
WEIR_DECLARE_TYPE(session, SESSION_FIELDS);

/*
 * Gives an owned session an id that looks like a UUID, but is always the same for the same first
 * event: so a restart does not rename the sessions that it finds.
 */
void session_name(struct session *session, const struct raw_event *first);

#endif

/*
 * Requests and their sessions: what a real-time sessionizer keeps of a line of the access log, and
 * what it gives for it.
 */
#ifndef CLICKSTREAM_SESSIONIZED_H
#define CLICKSTREAM_SESSIONIZED_H

#include <weir/process.h>

/* bucket: Java's hash of the address % REQUEST_BUCKETS, which may be negative. ts: epoch ms. url:
 * null where nobody asked for it. first (epoch ms, of the session's first request) and subtask:
 * known when the request has a session. */
#define REQUEST_FIELDS(F, T)                                                                       \
    F(T, int64, bucket, "bucket", required)                                                        \
    F(T, int64, ts, "ts", required)                                                                \
    F(T, string, ip, "ip", required)                                                               \
    F(T, string, url, "url", nullable)                                                             \
    F(T, int64, first, "first", required)                                                          \
    F(T, int64, subtask, "subtask", required)
WEIR_DECLARE_TYPE(request, REQUEST_FIELDS);
enum { REQUEST_BUCKETS = 1200 };

/* Where a request waits until those before it are there: its time, and its number among the
 * requests of that millisecond. */
#define REQUEST_PLACE_FIELDS(F, T)                                                                 \
    F(T, int64, ts, "ts", required)                                                                \
    F(T, int64, number, "number", required)
WEIR_DECLARE_TYPE(request_place, REQUEST_PLACE_FIELDS);

/* timestamp: ts in ISO-8601. duration: seconds since the session's first request. */
#define SESSIONIZED_FIELDS(F, T)                                                                   \
    F(T, int64, ts, "ts", required)                                                                \
    F(T, string, timestamp, "timestamp", required)                                                 \
    F(T, string, ip, "ip", required)                                                               \
    F(T, string, session_id, "sessionId", required)                                                \
    F(T, real, duration, "duration", required)
WEIR_DECLARE_TYPE(sessionized, SESSIONIZED_FIELDS);

/* The same with the request's URL. */
#define SESSIONIZED_URL_FIELDS(F, T)                                                               \
    SESSIONIZED_FIELDS(F, T)                                                                       \
    F(T, string, url, "url", nullable)
WEIR_DECLARE_TYPE(sessionized_url, SESSIONIZED_URL_FIELDS);

/* For weir_map: elb_request -> request. user: a const bool, whether with its URL. */
void request_of_elb(const void *value, void *out, void *user);

/* For weir_flat_map: request -> sessionized, with the session's id "<ip>-<first>". user: a const
 * bool; true: -> sessionized_url. */
void request_sessionized(const void *value, weir_collector *out, void *user);

/* For weir_collect: a request with its subtask, into a skew_table (<clickstream/skew.h>) by bucket.
 */
void request_add_to_skew(const void *value, int64_t timestamp, void *skew);

#endif

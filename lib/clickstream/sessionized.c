/*
 * Requests and their sessions: descriptors, and how one becomes the other.
 */
#include <clickstream/elb_request.h>
#include <clickstream/sessionized.h>
#include <clickstream/skew.h>

#include <stdio.h>

#define LONGEST_ID 1024 /* bytes; longer addresses are cut, for they are none */

WEIR_DEFINE_TYPE(request, REQUEST_FIELDS);
WEIR_DEFINE_TYPE(request_place, REQUEST_PLACE_FIELDS);
WEIR_DEFINE_TYPE(sessionized, SESSIONIZED_FIELDS);

void request_of_elb(const void *value, void *out, void *user)
{
    const struct elb_request *line = value;
    struct request *request = out;
    (void)user;
    request->bucket = weir_str_java_hash(line->client_ip) % REQUEST_BUCKETS;
    request->ts = line->timestamp;
    request->ip = line->client_ip;
}

void request_sessionized(const void *value, weir_collector *out, void *user)
{
    const struct request *request = value;
    char iso[40];
    char id[LONGEST_ID];
    (void)user;
    weir_time_format(request->ts, iso, sizeof iso);
    snprintf(id, sizeof id, "%.*s-%lld", WEIR_STR_ARG(request->ip), (long long)request->first);
    const struct sessionized line = {
        .ts = request->ts,
        .timestamp = weir_str_from(iso),
        .ip = request->ip,
        .session_id = weir_str_from(id),
        .duration = (double)weir_time_sub(request->ts, request->first) / 1000,
    };
    weir_emit(out, &line);
}

void request_add_to_skew(const void *value, int64_t timestamp, void *skew)
{
    const struct request *request = value;
    (void)timestamp;
    skew_add(skew, request->bucket, request->subtask);
}

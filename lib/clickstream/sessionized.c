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
WEIR_DEFINE_TYPE(sessionized_url, SESSIONIZED_URL_FIELDS);

void request_of_elb(const void *value, void *out, void *user)
{
    const struct elb_request *line = value;
    const bool *with_url = user;
    struct request *request = out;
    request->bucket = weir_str_java_hash(line->client_ip) % REQUEST_BUCKETS;
    request->ts = line->timestamp;
    request->ip = line->client_ip;
    if (*with_url) {
        request->url = line->url;
    }
}

void request_sessionized(const void *value, weir_collector *out, void *user)
{
    const struct request *request = value;
    const bool *with_url = user;
    char iso[40];
    char id[LONGEST_ID];
    weir_time_format(request->ts, iso, sizeof iso);
    snprintf(id, sizeof id, "%.*s-%lld", WEIR_STR_ARG(request->ip), (long long)request->first);
    const struct sessionized_url line = {
        .ts = request->ts,
        .timestamp = weir_str_from(iso),
        .ip = request->ip,
        .session_id = weir_str_from(id),
        .duration = (double)weir_time_sub(request->ts, request->first) / 1000,
        .url = request->url,
    };
    const struct sessionized without = {line.ts, line.timestamp, line.ip, line.session_id,
                                        line.duration};
    weir_emit(out, *with_url ? (const void *)&line : &without);
}

void request_add_to_skew(const void *value, int64_t timestamp, void *skew)
{
    const struct request *request = value;
    (void)timestamp;
    skew_add(skew, request->bucket, request->subtask);
}

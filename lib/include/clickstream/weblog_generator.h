/*
 * Requests of a web site as its load balancer logs them, made from a seed: event i of a seed is
 * always the same, as click_generator's (<clickstream/generator.h>).
 *
 * A few clients make most of the requests, as they do; one request of a hundred fails before it
 * reaches a backend (no backend, times of -1, status 504), and a few browsers call themselves a
 * name with quotes in it.
 */
#ifndef CLICKSTREAM_WEBLOG_GENERATOR_H
#define CLICKSTREAM_WEBLOG_GENERATOR_H

#include <clickstream/elb_request.h>

#define WEBLOG_GENERATOR_USERS 1000

struct weblog_generator {
    uint64_t seed;
    int32_t users; /* client addresses, 198.18.0.0 on; 1 … 131072 */
    int32_t pages; /* of click_generator_page's; >= 1 */
    /* where the strings of the last event are */
    char client_ip[24];
    char url[96];
};

/* timestamp_us: epoch microseconds. */
void weblog_generator_event(struct weblog_generator *generator, uint64_t index,
                            int64_t timestamp_us, struct elb_request *request);

#endif

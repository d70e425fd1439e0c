/*
 * Lines of AWS classic load balancers' access logs, cut into their parts.
 *
 *     2015-07-22T09:00:28.019143Z shop 123.242.248.130:54635 10.0.6.158:80 0.000022 0.026109 0.00002
 *         200 200 0 699 "GET https://shop.example:443/cart HTTP/1.1" "Mozilla/5.0 …" ECDHE-… TLSv1.2
 *
 * 15 fields, of which two stand in quotes that nobody escapes: a quote within them can be in the
 * wild. So a line is cut from both ends, and the rest in the one place where quote, space, quote
 * come one after the other; where several do, in the one behind "HTTP/n.n". A line that can be cut
 * in several ways is refused. What did not happen is "-", and a time that was not measured is -1.
 */
#ifndef WEIR__FORMAT_ELB_LINE_H
#define WEIR__FORMAT_ELB_LINE_H

#include <weir/str.h>

/* The parts, and what a type's fields must be called to get them. */
#define WEIR__ELB_MAP(X)                                                                           \
    X(TIME, "time")           /* as it is written */                                               \
    X(TIMESTAMP, "timestamp") /* the same in epoch ms */                                           \
    X(MICROSECONDS, "timestampMicros")                                                             \
    X(ELB, "elb")                                                                                  \
    X(CLIENT_IP, "clientIp")                                                                       \
    X(CLIENT_PORT, "clientPort")                                                                   \
    X(BACKEND_IP, "backendIp")                                                                     \
    X(BACKEND_PORT, "backendPort")                                                                 \
    X(REQUEST_TIME, "requestProcessingTime") /* seconds, with microseconds */                      \
    X(BACKEND_TIME, "backendProcessingTime")                                                       \
    X(RESPONSE_TIME, "responseProcessingTime")                                                     \
    X(ELB_STATUS, "elbStatusCode")                                                                 \
    X(BACKEND_STATUS, "backendStatusCode")                                                         \
    X(RECEIVED, "receivedBytes")                                                                   \
    X(SENT, "sentBytes")                                                                           \
    X(METHOD, "method")                                                                            \
    X(URL, "url")                                                                                  \
    X(PROTOCOL, "protocol")                                                                        \
    X(USER_AGENT, "userAgent")                                                                     \
    X(CIPHER, "sslCipher")                                                                         \
    X(TLS, "sslProtocol")

enum weir__elb_part {
#define X(name, wire) WEIR__ELB_##name,
    WEIR__ELB_MAP(X)
#undef X
        WEIR__ELB_PARTS
};

extern const char *const weir__elb_names[WEIR__ELB_PARTS];

struct weir__elb_line {
    struct weir_str part[WEIR__ELB_PARTS]; /* views; what is "-" is null */
    int64_t time_us;
};

/* Returns NULL, or what was expected, with the place (from 0) in *offset. */
const char *weir__elb_line_cut(struct weir_str text, struct weir__elb_line *line, size_t *offset);

#endif

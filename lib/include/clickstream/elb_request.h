/*
 * A request as a load balancer logged it: what weir_elb reads from a line of the access log.
 */
#ifndef CLICKSTREAM_ELB_REQUEST_H
#define CLICKSTREAM_ELB_REQUEST_H

#include <weir/type.h>

/*
 * timestamp: epoch ms, when the client got its answer; micros: the same in µs. Processing times in
 * seconds, -1 when the request failed before. Null strings, and 0 as port or status of the backend,
 * stand for "-".
 */
#define ELB_REQUEST_FIELDS(F, T)                                                                   \
    F(T, int64, timestamp, "timestamp", required)                                                  \
    F(T, int64, micros, "timestampMicros", required)                                               \
    F(T, string, elb, "elb", required)                                                             \
    F(T, string, client_ip, "clientIp", required)                                                  \
    F(T, int64, client_port, "clientPort", required)                                               \
    F(T, string, backend_ip, "backendIp", nullable)                                                \
    F(T, int64, backend_port, "backendPort", nullable)                                             \
    F(T, real, request_time, "requestProcessingTime", required)                                    \
    F(T, real, backend_time, "backendProcessingTime", required)                                    \
    F(T, real, response_time, "responseProcessingTime", required)                                  \
    F(T, int64, elb_status, "elbStatusCode", nullable)                                             \
    F(T, int64, backend_status, "backendStatusCode", nullable)                                     \
    F(T, int64, received_bytes, "receivedBytes", required)                                         \
    F(T, int64, sent_bytes, "sentBytes", required)                                                 \
    F(T, string, method, "method", nullable)                                                       \
    F(T, string, url, "url", nullable)                                                             \
    F(T, string, protocol, "protocol", nullable)                                                   \
    F(T, string, user_agent, "userAgent", nullable)                                                \
    F(T, string, ssl_cipher, "sslCipher", nullable)                                                \
    F(T, string, ssl_protocol, "sslProtocol", nullable)
WEIR_DECLARE_TYPE(elb_request, ELB_REQUEST_FIELDS);

#endif

/*
 * Advice on ports, TLS and SASL.
 */
#include "connector/kafka_advice.h"

#include <stddef.h>
#include <string.h>

/* The first that is found in the reason. Words of OpenSSL 3, Kafka 3 and librdkafka 2. */
static const struct advice {
    const char *reason;
    const char *text;
} advices[] = {
    {"incorrect security.protocol",
     "it seems to want TLS: security.protocol=ssl, or sasl_ssl where it asks for a password too"},
    {"require SASL",
     "it seems to want a password: security.protocol=sasl_ssl, sasl.mechanism, sasl.username and "
     "sasl.password"},
    {"hostname mismatch",
     "its certificate is another host's: -b must be a name that the certificate has"},
    {"IP address mismatch",
     "its certificate is another host's: -b must be a name that the certificate has"},
    {"certificate verify failed",
     "ssl.ca.location must be a PEM file of the authority that signed its certificate"},
    {"alert unknown ca",
     "it does not know the authority that signed yours: ssl.certificate.location"},
    {"alert certificate unknown",
     "it does not know the authority that signed yours: ssl.certificate.location"},
    {"alert bad certificate",
     "it wants a certificate of yours: ssl.certificate.location and ssl.key.location, PEM files"},
    {"alert certificate required",
     "it wants a certificate of yours: ssl.certificate.location and ssl.key.location, PEM files"},
    {"alert handshake failure",
     "it wants a certificate of yours: ssl.certificate.location and ssl.key.location, PEM files"},
    {"unexpected eof while reading", "it seems not to speak TLS at this port: is it another one?"},
    {"Invalid response size", "it seems not to speak Kafka at this port: is it another one?"},
    {"wrong version number", "it seems not to speak TLS at this port: is it another one?"},
    {"Unsupported SASL mechanism", "sasl.mechanism must be one that it supports"},
    {"SASL", "sasl.username or sasl.password is wrong"},
    {"Invalid username or password", "sasl.username or sasl.password is wrong"},
    {"kerberos",
     "with security.protocol=sasl_ssl, sasl.mechanism must be set: PLAIN, SCRAM-SHA-256 or "
     "SCRAM-SHA-512"},
    {"ssl.ca.location failed", "there must be a readable PEM file of that name"},
};

const char *weir__kafka_advice(const char *reason)
{
    for (size_t i = 0; i < sizeof advices / sizeof advices[0]; i++) {
        if (strstr(reason, advices[i].reason) != NULL) {
            return advices[i].text;
        }
    }
    return NULL;
}

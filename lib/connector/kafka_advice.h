/*
 * What to do about a broker that is there and will not talk: librdkafka's reasons, and the
 * properties that they are about.
 */
#ifndef WEIR__CONNECTOR_KAFKA_ADVICE_H
#define WEIR__CONNECTOR_KAFKA_ADVICE_H

/* Static text, or NULL: it is not about a port, TLS or SASL. */
const char *weir__kafka_advice(const char *reason);

#endif

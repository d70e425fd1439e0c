/*
 * Formats: bytes <-> typed values. A format is chosen by value, e.g. weir_json(&click_event_type);
 * each subtask then works with its own decoder or encoder.
 */
#ifndef WEIR_FORMAT_H
#define WEIR_FORMAT_H

#include <weir/type.h>

struct weir_format_ops;

struct weir_format {
    const struct weir_format_ops *ops;
    const struct weir_type *type;
    const void *config; /* borrowed, as long as the format is used; NULL: the format needs none */
};

/*
 * Whether the format can work: its schemas parse and fit its type. Sources and sinks ask when they
 * open. Errors: WEIR_MALFORMED, WEIR_MISMATCH, WEIR_LIMIT, with what is wrong.
 */
WEIR_MUST_USE enum weir_status weir_format_check(struct weir_format format,
                                                 struct weir_error *error);

/*
 * JSON objects. Decoding: keys in any order, unknown ones checked and ignored, later duplicates of
 * a field rejected, null only where nullable, UTF-8 checked, nesting at most 64 deep, integers
 * that do not fit int64 or have a fraction or an exponent rejected, numbers beyond a double
 * rejected, U+0000 rejected even when escaped. A struct has at most 64 fields. A string set is a
 * list of strings: encoding loses how often each was added, decoding counts every occurrence.
 */
struct weir_format weir_json(const struct weir_type *type);

/*
 * CSV (RFC 4180), a record a message: the type's fields in declared order, no heading. Fields in
 * quotes hold anything, with their quotes doubled; without quotes, nothing is null where nullable.
 * The type's fields are bools, int64s, doubles and strings.
 */
struct weir_format weir_csv(const struct weir_type *type);

/*
 * A line of the access log of AWS classic load balancers; elb_request of
 * <clickstream/elb_request.h> takes all of it, another type the fields whose wire names it has.
 * "-" is null; a field that is not nullable refuses it. Quotes inside the quoted fields stay, where
 * it can be said what belongs to which.
 */
struct weir_format weir_elb(const struct weir_type *type);

/* A line of text as it is; the type is weir_string_type. Rejects invalid UTF-8 and NUL. */
struct weir_format weir_text(void);

typedef struct weir_decoder weir_decoder;

weir_decoder *weir_decoder_new(struct weir_format format);
void weir_decoder_free(weir_decoder *decoder);
/*
 * Decodes one message into *value (type->size bytes). Its strings are views of `bytes` or of the
 * decoder, valid until the next call or until `bytes` goes. Errors: WEIR_MALFORMED, WEIR_MISMATCH,
 * WEIR_LIMIT, with the column (in bytes, from 1) or byte in error->where; *value is then all zero.
 * WEIR_UNAVAILABLE: the message may be good, but what is needed to read it cannot be had now.
 * Whatever the message quotes of the bytes is printable.
 */
WEIR_MUST_USE enum weir_status weir_decoder_decode(weir_decoder *decoder, const char *bytes,
                                                   size_t len, void *value,
                                                   struct weir_error *error);

/*
 * Encodes a value. Returns a view of the encoder's buffer, valid until the next call; not
 * NUL-terminated; null when the value does not fit the format's schema (weir_json's has room for
 * all). weir_encoder_new(weir_json(&type)) writes one object without a newline, fields
 * in declared order, null for null strings.
 */
typedef struct weir_encoder weir_encoder;
weir_encoder *weir_encoder_new(struct weir_format format);
void weir_encoder_free(weir_encoder *encoder);
struct weir_str weir_encoder_encode(weir_encoder *encoder, const void *value);
/* The same for sinks: a value that does not fit is an error. Errors: WEIR_MISMATCH. */
WEIR_MUST_USE enum weir_status weir_encoder_try(weir_encoder *encoder, const void *value,
                                                struct weir_str *bytes, struct weir_error *error);

/* A learner's own format implements these. Instances are used by one thread. */
struct weir_format_ops {
    const char *name;
    void *(*decoder_new)(const struct weir_format *format); /* borrowed during the call */
    enum weir_status (*decode)(void *decoder, const char *bytes, size_t len, void *value,
                               struct weir_error *error);
    void (*decoder_free)(void *decoder);
    void *(*encoder_new)(const struct weir_format *format);
    struct weir_str (*encode)(void *encoder, const void *value);
    void (*encoder_free)(void *encoder);
    enum weir_status (*check)(const struct weir_format *format, struct weir_error *error); /* NULL:
                                                                                   always good */
};

#endif

/*
 * Reading and writing Avro's binary encoding by a plan.
 *
 *     boolean      one byte, 0 or 1
 *     int, long    zigzag, seven bits a byte, least significant first
 *     float, double  4 or 8 bytes, little-endian
 *     string, bytes  length as long, bytes
 *     enum         index as long
 *     array, map   blocks: count as long (negative: then the block's size as long), items; count 0
 *     union        index of the branch as long, value
 *     record       the fields one after the other
 *
 * The reader's functions take the position of what they read and return the position behind it;
 * NULL after an error, which is then described in the scan. Strings become views of the message.
 * Nothing is believed: lengths and counts are compared with what is left of the message before they
 * are used, and what nests deeper than WEIR__MAX_DEPTH is refused.
 *
 *     avro_scan.c   values by the plan
 *     avro_skip.c   varints, errors, and values nobody asked for
 *     avro_write.c  the other direction
 */
#ifndef WEIR__FORMAT_AVRO_SCAN_H
#define WEIR__FORMAT_AVRO_SCAN_H

#include "base/vec.h"
#include "format/avro_plan.h"

struct weir__avro_scan {
    /* the message */
    const char *begin;
    const char *end;
    /* memory that lives until the next message */
    struct weir__arena arena;
    struct weir__vec sets; /* struct weir_string_set: those handed out, to be cleared */
    /* progress */
    int depth;
    const struct weir_field *field; /* the one being read, for errors; NULL: none */
    enum weir_status status;
    struct weir_error *error; /* may be NULL */
};

/* Takes back what the last message was given. */
void weir__avro_scan_forget(struct weir__avro_scan *scan);

/* Reads from `at` to the end into *out, which is zeroed before, and again after an error. */
enum weir_status weir__avro_scan_message(struct weir__avro_scan *scan, const char *at,
                                         const struct weir_type *type,
                                         const struct weir__avro_plan *plan, void *out);

/* Appends the value; false when it does not fit the schema: a null string where no null may be, an
 * integer beyond int, a symbol that the enum does not have. */
bool weir__avro_write(const struct weir__avro_plan *plan, const void *at, struct weir__buf *out);

/* ---- avro_skip.c ---- */

/* Returns NULL. */
const char *weir__avro_fail(struct weir__avro_scan *scan, enum weir_status status, const char *at,
                            const char *format, ...) WEIR_PRINTF(4, 5);
const char *weir__avro_any_long(struct weir__avro_scan *scan, const char *at, int64_t *out);
/* The length of a string or of bytes, which are there. */
const char *weir__avro_length(struct weir__avro_scan *scan, const char *at, size_t *len);
/* The count of the next block of an array or map, whose items can be there; 0: the end. */
const char *weir__avro_block(struct weir__avro_scan *scan, const char *at, size_t *count);
/* An index below `count`: of an enum's symbol or of a union's branch. */
const char *weir__avro_index(struct weir__avro_scan *scan, const char *at, size_t count,
                             size_t *index);
/* One level deeper; false when that is one too many. */
bool weir__avro_enter(struct weir__avro_scan *scan, const char *at);
const char *weir__avro_skip(struct weir__avro_scan *scan, const char *at,
                            const struct weir__avro_node *node);

static inline const char *weir__avro_scan_long(struct weir__avro_scan *scan, const char *at,
                                               int64_t *out)
{
    if (at < scan->end && (uint8_t)*at < 0x80) {
        *out = (int64_t)((uint8_t)*at >> 1) ^ -(int64_t)(*at & 1);
        return at + 1;
    }
    return weir__avro_any_long(scan, at, out);
}

#endif

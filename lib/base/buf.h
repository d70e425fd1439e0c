/*
 * A growing byte buffer, and a bounds-checked reader over bytes: the two ends of every encoding in
 * the library. Integers are little-endian; varints are LEB128, signed ones zigzag-coded.
 */
#ifndef WEIR__BASE_BUF_H
#define WEIR__BASE_BUF_H

#include <weir/str.h>

struct weir__buf {
    char *data;
    size_t len;
    size_t capacity;
};

void weir__buf_fini(struct weir__buf *buf);
void weir__buf_grow(struct weir__buf *buf, size_t extra); /* use weir__buf_reserve */

/* Makes room for `extra` more bytes: afterwards that many may be written at data + len. */
static inline void weir__buf_reserve(struct weir__buf *buf, size_t extra)
{
    if (buf->capacity - buf->len < extra) {
        weir__buf_grow(buf, extra);
    }
}

static inline void weir__buf_put(struct weir__buf *buf, const void *bytes, size_t len)
{
    if (len > 0) {
        weir__buf_reserve(buf, len);
        memcpy(buf->data + buf->len, bytes, len);
        buf->len += len;
    }
}

static inline void weir__buf_put_u8(struct weir__buf *buf, uint8_t value)
{
    weir__buf_reserve(buf, 1);
    buf->data[buf->len++] = (char)value;
}

void weir__buf_put_u32(struct weir__buf *buf, uint32_t value);
void weir__buf_put_i64(struct weir__buf *buf, int64_t value);
void weir__buf_put_long_varint(struct weir__buf *buf,
                               uint64_t value); /* use weir__buf_put_varint */

/* Most are one byte long. */
static inline void weir__buf_put_varint(struct weir__buf *buf, uint64_t value)
{
    if (value < 0x80) {
        weir__buf_put_u8(buf, (uint8_t)value);
    } else {
        weir__buf_put_long_varint(buf, value);
    }
}

static inline void weir__buf_put_zigzag(struct weir__buf *buf, int64_t value)
{
    weir__buf_put_varint(buf, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

void weir__buf_put_str(struct weir__buf *buf,
                       struct weir_str str); /* length + 1 as varint (0: null), bytes */
void weir__buf_put_decimal(struct weir__buf *buf, int64_t value); /* as text: "-42" */
void weir__buf_printf(struct weir__buf *buf, const char *format, ...)
    __attribute__((__format__(__printf__, 2, 3))); /* keeps a NUL behind len */

/*
 * Reads from borrowed bytes. After a read past the end `failed` stays set and everything reads as
 * zero.
 */
struct weir__reader {
    const char *at;
    const char *end;
    bool failed;
};

static inline struct weir__reader weir__reader_of(struct weir_str bytes)
{
    return (struct weir__reader){bytes.data, bytes.data != NULL ? bytes.data + bytes.len : NULL,
                                 false};
}
uint8_t weir__read_u8(struct weir__reader *reader);
uint32_t weir__read_u32(struct weir__reader *reader);
int64_t weir__read_i64(struct weir__reader *reader);
uint64_t weir__read_varint(struct weir__reader *reader);
int64_t weir__read_zigzag(struct weir__reader *reader);
struct weir_str weir__read_str(struct weir__reader *reader);           /* a view of the bytes */
const void *weir__read_bytes(struct weir__reader *reader, size_t len); /* NULL past the end */

#endif

/*
 * The growing byte buffer and its bounds-checked reader.
 */
#include "base/buf.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void weir__buf_fini(struct weir__buf *buf)
{
    weir__free(buf->data);
    *buf = (struct weir__buf){NULL, 0, 0};
}

void weir__buf_grow(struct weir__buf *buf, size_t extra)
{
    size_t needed;
    if (__builtin_add_overflow(buf->len, extra, &needed)) {
        needed = SIZE_MAX; /* which the allocator refuses */
    }
    size_t doubled = buf->capacity < SIZE_MAX / 2 ? buf->capacity * 2 : SIZE_MAX;
    size_t capacity = doubled > needed ? doubled : needed;
    buf->capacity = capacity < 64 ? 64 : capacity;
    buf->data = weir__realloc(buf->data, buf->capacity);
}

void weir__buf_put_u32(struct weir__buf *buf, uint32_t value)
{
    uint8_t bytes[4];
    for (int i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    weir__buf_put(buf, bytes, sizeof(bytes));
}

void weir__buf_put_i64(struct weir__buf *buf, int64_t value)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)((uint64_t)value >> (8 * i));
    }
    weir__buf_put(buf, bytes, sizeof(bytes));
}

void weir__buf_put_long_varint(struct weir__buf *buf, uint64_t value)
{
    weir__buf_reserve(buf, 10);
    while (value >= 0x80) {
        buf->data[buf->len++] = (char)(value | 0x80);
        value >>= 7;
    }
    buf->data[buf->len++] = (char)value;
}

void weir__buf_put_str(struct weir__buf *buf, struct weir_str str)
{
    if (str.data == NULL) {
        weir__buf_put_u8(buf, 0);
        return;
    }
    weir__buf_put_varint(buf, (uint64_t)str.len + 1);
    weir__buf_put(buf, str.data, str.len);
}

void weir__buf_put_decimal(struct weir__buf *buf, int64_t value)
{
    static const char pairs[] = "000102030405060708091011121314151617181920212223242526272829303132"
                                "3334353637383940414243444546"
                                "474849505152535455565758596061626364656667686970717273747576777879"
                                "8081828384858687888990919293"
                                "949596979899";
    char digits[20]; /* filled from the end, two at a time: half the divisions */
    size_t at = sizeof(digits);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    while (rest >= 10) {
        at -= 2;
        memcpy(digits + at, pairs + 2 * (rest % 100), 2);
        rest /= 100;
    }
    if (rest > 0 || at == sizeof(digits)) {
        digits[--at] = (char)('0' + rest);
    }
    if (value < 0) {
        digits[--at] = '-';
    }
    weir__buf_put(buf, digits + at, sizeof(digits) - at);
}

void weir__buf_printf(struct weir__buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        length = 0;
        format = "";
    }
    weir__buf_reserve(buf, (size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(buf->data + buf->len, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buf->len += (size_t)length;
}

const void *weir__read_bytes(struct weir__reader *reader, size_t len)
{
    if (reader->failed || len > (size_t)(reader->end - reader->at)) {
        reader->failed = true;
        return NULL;
    }
    const char *bytes = reader->at;
    if (len > 0) {
        reader->at += len;
    }
    return bytes;
}

uint8_t weir__read_u8(struct weir__reader *reader)
{
    if (reader->failed || reader->at == reader->end) {
        reader->failed = true;
        return 0;
    }
    return (uint8_t)*reader->at++;
}

uint32_t weir__read_u32(struct weir__reader *reader)
{
    const uint8_t *bytes = weir__read_bytes(reader, 4);
    uint32_t value = 0;
    for (int i = 0; bytes != NULL && i < 4; i++) {
        value |= (uint32_t)bytes[i] << (8 * i);
    }
    return value;
}

int64_t weir__read_i64(struct weir__reader *reader)
{
    const uint8_t *bytes = weir__read_bytes(reader, 8);
    uint64_t value = 0;
    for (int i = 0; bytes != NULL && i < 8; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return (int64_t)value;
}

uint64_t weir__read_varint(struct weir__reader *reader)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        uint8_t byte = weir__read_u8(reader);
        if (reader->failed || (shift == 63 && byte > 1)) {
            break;
        }
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return value;
        }
    }
    reader->failed = true;
    return 0;
}

int64_t weir__read_zigzag(struct weir__reader *reader)
{
    uint64_t value = weir__read_varint(reader);
    return (int64_t)((value >> 1) ^ (0 - (value & 1)));
}

struct weir_str weir__read_str(struct weir__reader *reader)
{
    uint64_t len = weir__read_varint(reader);
    if (reader->failed || len == 0) {
        return (struct weir_str){NULL, 0};
    }
    /* A weir_str holds 32 bits of length. */
    if (len - 1 > UINT32_MAX) {
        reader->failed = true;
        return (struct weir_str){NULL, 0};
    }
    const char *bytes = weir__read_bytes(reader, (size_t)(len - 1));
    return (struct weir_str){bytes, bytes != NULL ? (uint32_t)(len - 1) : 0};
}

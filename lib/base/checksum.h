/*
 * CRC-32 (the one of zlib, gzip and PNG), for what lies on a disk: it finds every flipped bit,
 * every burst of up to 32, and misses one in four thousand million of anything else.
 */
#ifndef WEIR__BASE_CHECKSUM_H
#define WEIR__BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of what `before` stands for, followed by these bytes; `before` of nothing is 0. */
uint32_t weir__checksum(uint32_t before, const void *bytes, size_t len);

#endif

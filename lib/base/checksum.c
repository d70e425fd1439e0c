/*
 * CRC-32 by zlib.
 */
#include "base/checksum.h"

#include <zlib.h>

uint32_t weir__checksum(uint32_t before, const void *bytes, size_t len)
{
    /* zlib answers "of nothing" to NULL. */
    return len > 0 ? (uint32_t)crc32_z(before, bytes, len) : before;
}

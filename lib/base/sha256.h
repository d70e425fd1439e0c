/*
 * SHA-256 (FIPS 180-4), as text: what S3 wants to know about a body before it believes it.
 */
#ifndef WEIR__BASE_SHA256_H
#define WEIR__BASE_SHA256_H

#include <stddef.h>

enum { WEIR__SHA256_TEXT = 65 };

/* 64 hexadecimal digits and a NUL. */
void weir__sha256(const void *bytes, size_t len, char text[WEIR__SHA256_TEXT]);

#endif

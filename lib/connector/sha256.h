/*
 * SHA-256 (libcrypto), as text: what S3 wants to know about a body before it believes it.
 */
#ifndef WEIR__CONNECTOR_SHA256_H
#define WEIR__CONNECTOR_SHA256_H

#include <weir/status.h>

#include <stddef.h>

enum { WEIR__SHA256_TEXT = 65 };

/* 64 hexadecimal digits and a NUL. Errors: WEIR_UNSUPPORTED where the library was built without
 * libcrypto. */
WEIR_MUST_USE enum weir_status weir__sha256(const void *bytes, size_t len,
                                            char text[WEIR__SHA256_TEXT], struct weir_error *error);

#endif

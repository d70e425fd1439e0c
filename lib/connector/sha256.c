/*
 * SHA-256 (see sha256.h).
 */
#include "connector/sha256.h"

#ifdef WEIR_HAVE_LIBCRYPTO

#include <openssl/evp.h>
#include <stdio.h>

enum weir_status weir__sha256(const void *bytes, size_t len, char text[WEIR__SHA256_TEXT],
                              struct weir_error *error)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(bytes, len, digest, &size, EVP_sha256(), NULL) != 1) {
        return weir_error_set(error, WEIR_UNSUPPORTED, NULL,
                              "the system's libcrypto does not give SHA-256, which S3 needs");
    }
    for (unsigned i = 0; i < size; i++) {
        snprintf(text + (size_t)i * 2, 3, "%02x", digest[i]);
    }
    return WEIR_OK;
}

#else

enum weir_status weir__sha256(const void *bytes, size_t len, char text[WEIR__SHA256_TEXT],
                              struct weir_error *error)
{
    (void)bytes;
    (void)len;
    text[0] = '\0';
    return weir_error_set(error, WEIR_UNSUPPORTED, NULL,
                          "this build has no SHA-256, which S3 needs, because libcrypto was not "
                          "found: install it (tools/setup), remove build/config.mk, and run make "
                          "again");
}

#endif

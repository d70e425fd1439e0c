/*
 * Fingerprints of types: what a value looks like as bytes, in one number. A snapshot carries them,
 * so that state of one type is never read as another.
 */
#ifndef WEIR__STATE_FINGERPRINT_H
#define WEIR__STATE_FINGERPRINT_H

#include <weir/type.h>

/* Of kinds and C names, some levels down (a type may contain itself); 0 for NULL. */
uint64_t weir__type_fingerprint(const struct weir_type *type);

#endif

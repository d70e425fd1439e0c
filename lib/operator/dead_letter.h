/*
 * Dead letters: input that could not be decoded, kept with the reason so that a person can look at
 * it.
 */
#ifndef WEIR__OPERATOR_DEAD_LETTER_H
#define WEIR__OPERATOR_DEAD_LETTER_H

#include "base/buf.h"

#include <weir/source.h>

/* No more of the original bytes than this goes into a dead letter. */
#define WEIR__DEAD_LETTER_BYTES 65536

/* Fills *letter; its strings borrow from `source`, `reason` and `text`, a buffer that is emptied
 * and filled. */
void weir__dead_letter_fill(struct weir_dead_letter *letter, const char *source, int32_t split,
                            int64_t position, struct weir_str bytes,
                            const struct weir_error *reason, struct weir__buf *text);

#endif

/*
 * Text that is safe to show: every control character and every byte that is not UTF-8 is written
 * as an escape, so that nothing that came from outside can drive a terminal.
 */
#ifndef WEIR__BASE_ESCAPE_H
#define WEIR__BASE_ESCAPE_H

#include "base/buf.h"

/*
 * A JSON string with its quotes; invalid bytes become \ufffd, C0, DEL and C1 characters \u00xx.
 * Null: null.
 */
void weir__buf_put_json_string(struct weir__buf *buf, struct weir_str str);

/*
 * Plain text for logs and messages: control characters and invalid bytes become \xNN, characters
 * that show nothing \uNNNN; a backslash stays as it is.
 */
void weir__buf_put_printable(struct weir__buf *buf, struct weir_str str);

/* The same into a text of `size` bytes, NUL-terminated, cut between characters when too long. */
void weir__printable(struct weir_str str, char *text, size_t size);

#endif

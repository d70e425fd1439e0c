/*
 * JSON values as the laboratory keeps them: as compact text.
 *
 * A value is written once, when its line is read, and printed back as it is: integers exactly, real
 * numbers in the shortest form that reads back the same, so 0.1 stays 0.1 and 1.0 stays 1.0.
 *
 * A key is a string or a number, and both must stay apart while the stream is keyed by one string
 * field. Its text is the bare string, or the number's digits; a string that could be taken for
 * either form ("5", "\"x") is kept as JSON, with its quotes.
 */
#ifndef WEIR_LAB_JSON_TEXT_H
#define WEIR_LAB_JSON_TEXT_H

#include "base/buf.h"

#include <jansson.h>

/* Appends the value as JSON without blanks. */
void lab_put_json(struct weir__buf *out, const json_t *value);
/* Appends a key's text. False: the value is neither a string nor a number. */
bool lab_put_key(struct weir__buf *out, const json_t *key);
/* Appends the JSON of a key's text. */
void lab_put_key_json(struct weir__buf *out, struct weir_str key);

#endif

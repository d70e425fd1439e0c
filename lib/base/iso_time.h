/*
 * Points in time read from ISO-8601 text in UTC.
 */
#ifndef WEIR__BASE_ISO_TIME_H
#define WEIR__BASE_ISO_TIME_H

#include <weir/str.h>

/*
 * Reads "2015-07-22T09:00:28Z" or with a fraction of 1 to 9 digits, of which microseconds are kept.
 * False when the text is anything else, or no such day or hour exists; years 0000 to 9999.
 */
bool weir__iso_time_parse(struct weir_str text, int64_t *epoch_us);

enum { WEIR__ISO_TIME_TEXT = 40 };

/* Writes it with six digits of fraction, "2015-07-22T09:00:28.019143Z", and returns the length. */
size_t weir__iso_time_format_us(int64_t epoch_us, char text[WEIR__ISO_TIME_TEXT]);

#endif

/*
 * Doubles as text, whatever the locale: "1.5" has a point in Germany too.
 */
#ifndef WEIR__BASE_NUMBER_H
#define WEIR__BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The double nearest to a decimal number of JSON's form (-1.5e3). The caller has checked the form.
 * False when it is too large for a double; *value is then not set.
 */
bool weir__double_parse(const char *text, size_t len, double *value);

enum { WEIR__DOUBLE_TEXT = 40 };

/*
 * A finite double in as few of 15 to 17 digits as read back as the same, with a point or an
 * exponent; returns its length.
 */
size_t weir__double_format(double value, char text[WEIR__DOUBLE_TEXT]);

#endif

/*
 * The small languages of --window, --trigger, --evictor: NAME[:ARGUMENT[,ARGUMENT]…]. Each reader
 * says what it expected, in one line, when it cannot read a text.
 */
#ifndef WEIR_LAB_SPECS_H
#define WEIR_LAB_SPECS_H

#include "lab/options.h"

bool lab_read_window(const char *text, struct lab_options *options, struct weir_error *error);
bool lab_read_trigger(const char *text, struct weir_trigger *trigger, struct weir_error *error);
bool lab_read_evictor(const char *text, struct weir_evictor *evictor, struct weir_error *error);
bool lab_read_aggregate(const char *text, enum lab_aggregate *aggregate, struct weir_error *error);
bool lab_read_watermark(const char *text, struct lab_options *options, struct weir_error *error);

/* Whole numbers of a range. */
bool lab_read_integer(const char *text, int64_t min, int64_t max, int64_t *value,
                      struct weir_error *error);

#endif

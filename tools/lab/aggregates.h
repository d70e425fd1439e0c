/*
 * The laboratory's window functions: events in, one result out (`each`: one an element).
 */
#ifndef WEIR_LAB_AGGREGATES_H
#define WEIR_LAB_AGGREGATES_H

#include "lab/options.h"

#include <weir/process.h>

enum lab_form { LAB_FORM_NULL, LAB_FORM_INTEGER, LAB_FORM_REAL, LAB_FORM_TEXT, LAB_FORM_LIST };

/* One element of a list: its JSON, and when it arrived. */
#define LAB_ELEMENT_FIELDS(F, T)                                                                   \
    F(T, int64, seq, "seq", required)                                                              \
    F(T, string, text, "text", required)
WEIR_DECLARE_TYPE(lab_element, LAB_ELEMENT_FIELDS);

/* A result: the key's text, the window, and the value in one of enum lab_form. */
#define LAB_RESULT_FIELDS(F, T)                                                                    \
    F(T, string, key, "key", required)                                                             \
    F(T, boolean, global, "global", required)                                                      \
    F(T, int64, window_start, "start", required)                                                   \
    F(T, int64, window_end, "end", required)                                                       \
    F(T, int64, form, "form", required)                                                            \
    F(T, int64, integer, "integer", required)                                                      \
    F(T, real, number, "number", required)                                                         \
    F(T, string, text, "text", nullable)                                                           \
    F(T, list, list, "list", required, lab_element)
WEIR_DECLARE_TYPE(lab_result, LAB_RESULT_FIELDS);

/* The aggregate of that name; NULL for LAB_EACH, which is the function below. */
const struct weir_aggregate *lab_aggregate_of(enum lab_aggregate name);
extern const struct weir_window_function lab_each_function;

#endif

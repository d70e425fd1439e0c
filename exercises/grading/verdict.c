/* The verdict's descriptor, for judges and for the grade command. */
#include "verdict.h"

WEIR_DEFINE_TYPE(grading_verdict, GRADING_VERDICT_FIELDS);

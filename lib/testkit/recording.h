/*
 * A recording: what came out of the operators under test, deep-copied, in order; and its text form
 * (<weir/harness.h>).
 */
#ifndef WEIR__TESTKIT_RECORDING_H
#define WEIR__TESTKIT_RECORDING_H

#include "base/buf.h"
#include "base/vec.h"
#include "operator/operator.h"

#include <weir/harness.h>

struct weir__recording {
    struct weir__vec outputs; /* struct weir_harness_output; values owned */
    struct weir__buf text;    /* as taken last */
};

void weir__recording_init(struct weir__recording *recording);
void weir__recording_fini(struct weir__recording *recording);
void weir__recording_clear(struct weir__recording *recording);
/* Writes everything as text into recording->text; failure (may be OK) is its last word. */
void weir__recording_write(struct weir__recording *recording, const struct weir_error *failure);

/* Receives one output of an operator; lives as long as the operator. */
struct weir__recorder {
    struct weir__recording *recording;
    const struct weir_type *type;
    const char *tag; /* NULL: main output */
};

struct weir__receiver weir__recorder_receiver(struct weir__recorder *recorder);

#endif

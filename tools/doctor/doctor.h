/*
 * What `weir doctor` finds: a list of findings, grouped by section, printed as an aligned table or
 * as JSON.
 *
 * Each examiner (packages.c, terminal.c, broker.c) adds its findings; report.c prints them.
 */
#ifndef WEIR_TOOLS_DOCTOR_H
#define WEIR_TOOLS_DOCTOR_H

#include "base/vec.h"

#include <weir/status.h>

#include <stdbool.h>
#include <stdio.h>

enum finding_state {
    FINDING_OK,
    FINDING_NOTE,   /* optional and not there, or worth knowing */
    FINDING_MISSING /* required and not there */
};

struct finding {
    const char *section; /* static text */
    const char *name;    /* static text */
    enum finding_state state;
    char found[160]; /* version, address, size, …; or what it means that it is not there */
    char fix[200];   /* the command or the change that helps; empty when there is nothing to do */
};

struct report {
    struct weir__vec findings; /* of struct finding, sections in one piece */
};

/* Adds a finding with empty `found` and `fix`; the pointer holds until the next one. */
struct finding *report_add(struct report *report, const char *section, const char *name,
                           enum finding_state state);
bool report_is_healthy(const struct report *report);
void report_print(const struct report *report, FILE *out, bool colour);
void report_print_json(const struct report *report, FILE *out);

/* Compilers, libraries and tools of tools/packages.def, with the command that installs what is not
 * there. */
void examine_packages(struct report *report);
/* TERM, UTF-8, colours, size; free disk space here. */
void examine_terminal(struct report *report);
/*
 * Which broker answers at `brokers` ("host:port,…"); takes up to about 7 s. properties:
 * NULL-terminated "key=value" for the Kafka client. Errors: WEIR_INVALID for one that it does not
 * know or accept.
 */
WEIR_MUST_USE enum weir_status examine_broker(struct report *report, const char *brokers,
                                              const char *const *properties,
                                              struct weir_error *error);

#endif

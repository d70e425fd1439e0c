/*
 * What `weir produce` says on standard error: progress while it runs, and a summary at the end.
 */
#ifndef WEIR_TOOLS_PRODUCE_REPORT_H
#define WEIR_TOOLS_PRODUCE_REPORT_H

#include "produce/spoil.h"

enum { MOST_KINDS = 16 };

struct report {
    const struct produce_settings *settings;
    bool show_progress; /* standard error is a terminal */
    int64_t begun_ns;
    int64_t shown_ns; /* when progress was shown last */
    int64_t shown_sent;
    int64_t told_ns; /* the same of the status line */
    int64_t told_sent;
    /* counts */
    int64_t sent;
    int64_t out_of_order; /* written after an event with a later time */
    int64_t late;         /* of those: by more than the disorder bound */
    int64_t malformed[SPOIL_KINDS];
    int64_t kinds[MOST_KINDS]; /* of the well-formed, in the order of the model's */
    int64_t newest_ms;         /* the latest event time written */
};

void report_init(struct report *report, const struct produce_settings *settings, int64_t now_ns);
/* One event of `timestamp` (epoch ms) was written; kind: how it is malformed, or SPOIL_NOT. */
void report_count(struct report *report, const void *event, int64_t timestamp,
                  enum spoil_kind kind);
/* Shows progress now and then; due: how many events should have been sent by now. True: two seconds
 * have passed, and a model may want to remember how far it came. */
bool report_progress(struct report *report, int64_t now_ns, int64_t due);
void report_summary(struct report *report, int64_t now_ns);

#endif

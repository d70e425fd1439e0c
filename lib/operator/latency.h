/*
 * Latency markers, as Flink has them: how long the way from a source to an operator takes, without
 * a look at any record.
 *
 *     source ──▶ … record record ◆ record … ──▶ operator: notes now − ◆, passes it on ──▶ … ──▶ sink
 *             every interval ◆ = (marked at, source, subtask)
 *
 * A marker travels in band: it waits in every buffer and behind every barrier as the records around
 * it do, and none overtakes another. It is not copied: of several channels, outputs or users of a
 * stream it takes one, in turn (Flink: a random one). It goes past user functions: what a record
 * spends in a window, in a join or in a request of an asynchronous operator is not in it. So it
 * shows queues and back-pressure between operators, and is no answer to "how old are my results?".
 *
 * Each operator behind a source keeps a histogram a source, a subtask of it, or one for all, in ms.
 * They are metrics of the job, whose names say where the way begins and ends:
 *
 *     latency.source_id.1_0.source_subtask_index.0.operator_id.2_1.operator_subtask_index.3.latency
 *
 * An operator's id is "vertex_place in its chain", as in the other metrics. Flink measures whole
 * milliseconds of the wall clock; here markers never leave the process, and the monotonic clock
 * gives fractions. Threads: the task's; the histograms are read as any metric. Source: semantics
 * sheet, section 23.
 */
#ifndef WEIR__OPERATOR_LATENCY_H
#define WEIR__OPERATOR_LATENCY_H

#include <stdbool.h>
#include <stdint.h>

struct weir__metric_group;

struct weir__latency_marker {
    int64_t marked_ns; /* of the monotonic clock */
    int32_t source;    /* the vertex that it heads: its operator's id is "N_0" */
    int32_t subtask;   /* of the source */
};

/* What has a histogram of its own. */
enum weir__latency_granularity {
    WEIR__LATENCY_SINGLE,   /* an operator subtask */
    WEIR__LATENCY_OPERATOR, /* an operator subtask and a source */
    WEIR__LATENCY_SUBTASK,  /* an operator subtask and a source's subtask */
};

enum {
    WEIR__LATENCY_HISTORY = 128, /* Flink's default */
    WEIR__LATENCY_LONGEST_HISTORY = 512,
};

struct weir__latency_settings {
    int64_t interval_ms; /* between two markers of a source's subtask; 0: there are none */
    enum weir__latency_granularity granularity;
    int history; /* how many of the last values make the statistics, up to the longest */
};

/* What a subtask of an operator knows of the way to it. */
struct weir__latency;

/* The settings are borrowed. vertex, place: of the operator in the plan, and in its chain. */
struct weir__latency *weir__latency_new(const struct weir__latency_settings *settings, int vertex,
                                        int place, int subtask);
void weir__latency_free(struct weir__latency *latency);

/* A source: the marker that is due at now_ms, if one is; the next is due an interval later. */
bool weir__latency_due(struct weir__latency *latency, int64_t now_ms, int64_t now_ns,
                       struct weir__latency_marker *marker);
/* A marker has arrived. */
void weir__latency_arrived(struct weir__latency *latency, const struct weir__latency_marker *marker,
                           int64_t now_ns);

/* How many have arrived. */
int64_t weir__latency_count(const struct weir__latency *latency);
/* The histograms. */
struct weir__metric_group *weir__latency_group(const struct weir__latency *latency);

#endif

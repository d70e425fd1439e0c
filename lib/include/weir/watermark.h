/*
 * Watermark strategies: how a job decides how far event time has come.
 *
 * A watermark t says: no event with a timestamp <= t is expected any more. With a bound B the
 * watermark is (largest timestamp seen) - B - 1, per partition of the source; the operator's
 * watermark is the minimum over its partitions that are not idle. Source: semantics sheet, sections
 * 11 and 12.
 */
#ifndef WEIR_WATERMARK_H
#define WEIR_WATERMARK_H

#include <weir/time.h>

enum weir_watermark_kind {
    WEIR_WATERMARK_NONE,       /* never emits one, except the final */
    WEIR_WATERMARK_BOUNDED,    /* bounded out-of-orderness, emitted periodically */
    WEIR_WATERMARK_PUNCTUATED, /* a function looks at every event */
    WEIR_WATERMARK_INGESTION,  /* the clock gives timestamps and watermarks */
};

struct weir_watermark_strategy {
    enum weir_watermark_kind kind;
    int64_t bound_ms;    /* >= 0 */
    int64_t interval_ms; /* between periodic emissions; 0: 200 ms; negative: after every event */
    int64_t idle_timeout_ms; /* a partition silent for longer than this is left out; 0: never */
    /* an event further than this ahead of the clock does not move the watermark; 0: no guard */
    int64_t max_future_skew_ms;
    /* PUNCTUATED: returns true and sets *watermark when this event carries one. */
    bool (*punctuated)(const void *value, int64_t timestamp, int64_t *watermark, void *user);
    void *user;
    /* weir_with_alignment */
    const char *alignment_group; /* NULL: not aligned; borrowed */
    int64_t max_drift_ms;
    int64_t alignment_interval_ms;
};

/* Events may be up to bound_ms late (>= 0). */
struct weir_watermark_strategy weir_bounded_out_of_orderness(int64_t bound_ms);
/* Timestamps never fall within a partition: bound 0. */
struct weir_watermark_strategy weir_monotonous_timestamps(void);

/*
 * Ingestion time: an event gets the clock's time (epoch ms) at which it passes here as its
 * timestamp, whatever it had before; a clock that is set back repeats its largest time. So nothing
 * is ever late, and results do not depend on what happens behind this point, but they do on when
 * the job ran. The watermark is the clock's time - 1 at each periodic emission, also while no event
 * comes, whatever the splits; with a negative interval it is that of the last event. For event time
 * take one of the others; for processing time no strategy at all, but windows and timers of
 * processing time.
 *
 * The call of weir_assign_watermarks must not name a timestamp field (WEIR_INVALID). A bound, a
 * skew guard and idleness have no meaning here: the clock has none of them.
 * Source: Flink's IngestionTimeExtractor (up to 1.11) and semantics sheet, section 11.
 */
struct weir_watermark_strategy weir_ingestion_time(void);

/* The same strategy with another setting. */
struct weir_watermark_strategy weir_with_idleness(struct weir_watermark_strategy strategy,
                                                  int64_t timeout_ms);
struct weir_watermark_strategy weir_with_max_future_skew(struct weir_watermark_strategy strategy,
                                                         int64_t skew_ms);
struct weir_watermark_strategy weir_with_interval(struct weir_watermark_strategy strategy,
                                                  int64_t interval_ms);

/*
 * Keeps sources together: a source subtask pauses while its watermark is more than max_drift_ms
 * (>= 0) ahead of the lowest one in the group, whose members are all source subtasks of the job
 * whose strategy names the group. Idle and ended ones do not count. They compare notes every
 * update_interval_ms (0: 1 s), so a source goes further by what it reads meanwhile.
 *
 * The watermarks must be assigned in the task of their source, by one such strategy: directly
 * behind it, or behind operators that are chained to it (otherwise a mistake, WEIR_INVALID). A
 * subtask is paused as a whole, not split by split. group: borrowed, unique in the job.
 * Source: semantics sheet, section 14.
 */
struct weir_watermark_strategy weir_with_alignment(struct weir_watermark_strategy strategy,
                                                   const char *group, int64_t max_drift_ms,
                                                   int64_t update_interval_ms);

#endif

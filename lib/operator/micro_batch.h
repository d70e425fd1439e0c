/*
 * Micro-batches: what a source brings is held until the clock comes to the next boundary, and then
 * goes on all at once, as the engines do that build streams from small batches.
 *
 *     brought     a  b    c   |     d   e       |        f
 *     goes on                 abc               de
 *                     boundary 1          boundary 2
 *
 * Boundaries are the multiples of the interval since 1970, the same for all sources and subtasks. A
 * batch that is still going on at the next boundary is not interrupted; the next one then goes on
 * as soon as the source has nothing more to bring, without a wait. The end of the input is a
 * boundary, and so is a batch that has reached its most bytes: memory is bounded, throughput is
 * not.
 *
 * Everything in band is held, in order: records, splits that come and go, dead letters, latency
 * markers. What is held has not been read, as far as a checkpoint is concerned: it takes the
 * source's position behind the last batch. One thread: the task's.
 */
#ifndef WEIR__OPERATOR_MICRO_BATCH_H
#define WEIR__OPERATOR_MICRO_BATCH_H

#include "operator/latency.h"
#include "types/record.h"

#include <weir/clock.h>
#include <weir/source.h>

enum { WEIR__MICRO_BATCH_BYTES = 64 << 20 };

struct weir__micro_batch;

enum weir__held_kind {
    WEIR__HELD_RECORD,
    WEIR__HELD_DEAD_LETTER,
    WEIR__HELD_SPLIT_ADDED,
    WEIR__HELD_SPLIT_FINISHED,
    WEIR__HELD_MARKER,
};

/* An element that is held. */
struct weir__held {
    enum weir__held_kind kind;
    struct weir__record record; /* the split is that of an added or finished one too */
    const struct weir_dead_letter *letter;
    struct weir__latency_marker marker;
};

/* most_bytes: 0: WEIR__MICRO_BATCH_BYTES. The first boundary is the first after now_ms. */
struct weir__micro_batch *weir__micro_batch_new(const struct weir_type *type, int64_t interval_ms,
                                                size_t most_bytes, int64_t now_ms);
void weir__micro_batch_free(struct weir__micro_batch *batch);

/* Holds an element; what it points to is copied. */
void weir__micro_batch_put(struct weir__micro_batch *batch, const struct weir__held *held);
/* How many records are held. */
int64_t weir__micro_batch_records(const struct weir__micro_batch *batch);

/* ---- when ---- */

/* The next boundary, epoch ms; WEIR_TIME_MAX while a batch goes on. */
int64_t weir__micro_batch_boundary(const struct weir__micro_batch *batch,
                                   const struct weir_clock *clock);
/* Begins to go on when it is time to. True: it goes on, and nothing is to be put. */
bool weir__micro_batch_goes_on(struct weir__micro_batch *batch, const struct weir_clock *clock);
/* Nothing goes on at the moment. */
bool weir__micro_batch_is_holding(const struct weir__micro_batch *batch);
/* The source has nothing for now; or nothing any more, or is not to be read again. */
void weir__micro_batch_quiet(struct weir__micro_batch *batch);
void weir__micro_batch_end(struct weir__micro_batch *batch);

/* ---- while it goes on ---- */

/* The next element, borrowed until the next call; false: there is none left. */
bool weir__micro_batch_next(struct weir__micro_batch *batch, struct weir__held *held);
/* There was none left: the next batch begins. True: this one was not empty. */
bool weir__micro_batch_finish(struct weir__micro_batch *batch, const struct weir_clock *clock);

#endif

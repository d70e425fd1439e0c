/*
 * The source operator, as its files share it: source_operator.c is the operator, source_output.c
 * what readers call and what becomes of it, source_batches.c what is different in micro-batches.
 */
#ifndef WEIR__OPERATOR_SOURCE_OPERATOR_H
#define WEIR__OPERATOR_SOURCE_OPERATOR_H

#include "operator/micro_batch.h"
#include "operator/operator.h"

/* What a reader is handed: it is this subtask's operator. */
struct weir_source_output {
    struct weir__operator op;
    const weir_source *source; /* the factory's */
    void *reader;
    bool ended;
    int64_t *dead_letters;
    struct weir__buf text; /* of the dead letter in hand */
    /* micro-batches */
    struct weir__micro_batch *batch; /* NULL: each event goes on as it comes */
    bool last;                       /* the reader is not asked any more */
    bool batch_over;                 /* one has gone on since somebody asked */
    struct weir__buf position;       /* of the reader, behind the last batch */
    bool position_kept;
};

/* ---- source_operator.c ---- */

/* Asks the reader, after a latency marker if one is due. */
enum weir_poll weir__source_ask(struct weir_source_output *source, int budget,
                                struct weir_error *error);
/* The reader has come to its end, and everything has gone on. */
enum weir_poll weir__source_end(struct weir_source_output *source);

/* ---- source_output.c ---- */

/* An element goes on, or is held where there are batches. */
void weir__source_put(struct weir_source_output *source, struct weir__held *element);
/* It goes on in any case. */
void weir__source_emit(struct weir_source_output *source, struct weir__held *element);

/* ---- source_batches.c ---- */

/* As weir__source_operator_poll, where there are batches. */
enum weir_poll weir__source_poll_in_batches(struct weir_source_output *source, int budget,
                                            struct weir_error *error);

#endif

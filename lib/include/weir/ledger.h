/*
 * The ledger: was every event counted exactly once? You write down what must come out and what did
 * come out; it says what is missing, doubled, invented or wrong.
 *
 *     weir_ledger *ledger = weir_ledger_new();
 *     weir_ledger_event(ledger, &(struct weir_ledger_event){
 *         .producer = 1, .sequence = 7, .key = WEIR_STR("/home"), .timestamp = 12000});
 *     …
 *     weir_ledger_expect_windows(ledger, 60000);      recomputed from the events, by sorting them
 *     weir_ledger_saw_window(ledger, WEIR_STR("/home"), 0, 60000, 2, 0);
 *     …
 *     weir_ledger_account(ledger, counted, late, dead_letters);
 *
 *     const struct weir_ledger_verdict *verdict = weir_ledger_check(ledger);
 *     if (!verdict->ok) puts(verdict->text);          "missing: /home [0,60000): 2 events, sum 0"
 *     weir_ledger_free(ledger);
 *
 * It is slow and knows nothing of streams, watermarks or checkpoints: that is why it can be
 * trusted. An event has a name, its producer and its number there, so that one which is delivered
 * twice is still one event. Results of other kinds are written down as two texts, what it is about
 * and what it says: weir_ledger_expect, weir_ledger_saw.
 *
 * Threads: one at a time.
 */
#ifndef WEIR_LEDGER_H
#define WEIR_LEDGER_H

#include <weir/str.h>

#include <stdint.h>

typedef struct weir_ledger weir_ledger;

weir_ledger *weir_ledger_new(void);
void weir_ledger_free(weir_ledger *ledger);

/* ---- what goes in ---- */

struct weir_ledger_event {
    int64_t producer;
    int64_t sequence; /* with the producer: which event it is */
    struct weir_str key;
    int64_t timestamp; /* epoch ms */
    int64_t value;     /* summed */
};
/* An event (copied). One that is written down again counts once. */
void weir_ledger_event(weir_ledger *ledger, const struct weir_ledger_event *event);
/* Different events that went in. */
int64_t weir_ledger_events(weir_ledger *ledger);

/* ---- what must come out ---- */

/* One result, as often as it is called: what it is about ("/home [0,60000)") and what it says
 * ("2"). Both are copied. */
void weir_ledger_expect(weir_ledger *ledger, struct weir_str what, struct weir_str content);
/* One result for each key and tumbling window of `size_ms` (above 0) that has events: their number,
 * and the sum of their values. */
void weir_ledger_expect_windows(weir_ledger *ledger, int64_t size_ms);

/* ---- what came out ---- */

void weir_ledger_saw(weir_ledger *ledger, struct weir_str what, struct weir_str content);
void weir_ledger_saw_window(weir_ledger *ledger, struct weir_str key, int64_t start, int64_t end,
                            int64_t count, int64_t sum);
/* Where the events went, each in one place: into results, late, or bad input. Without a call
 * nothing is compared; several add up. */
void weir_ledger_account(weir_ledger *ledger, int64_t counted, int64_t late, int64_t dead_letters);

/* ---- the verdict ---- */

struct weir_ledger_verdict {
    bool ok;         /* all of the following are 0 */
    int64_t missing; /* expected, and did not come */
    int64_t doubled; /* came more often than expected */
    int64_t phantom; /* about something of which nothing was expected */
    int64_t wrong;   /* about something expected, but says something else */
    int64_t lost;    /* events that are in no account; negative: more in accounts than went in */
    /* and beside them */
    int64_t expected;
    int64_t seen;
    const char *text; /* a line each for the first findings, and the counts */
};
/* Compares. Borrowed until the next check, or free. */
const struct weir_ledger_verdict *weir_ledger_check(weir_ledger *ledger);

#endif

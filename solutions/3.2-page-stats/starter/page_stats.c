/*
 * Exercise 3.2: statistics of a page in a window.
 *
 * Four functions, called by the window operator: create once for each page and window, add once for
 * each event, merge when two accumulators become one, result when the window fires. README.md has
 * the rules; `make check EX=3.2` tests them.
 */
#include "page_stats.h"

/* Sets up an accumulator whose bytes are all zero. */
static void create(void *accumulator, void *user)
{
    struct page_stats_accumulator *stats = accumulator;
    (void)user;
    /* TODO(you): is zero right for first_event and last_event before any event came? */
    (void)stats;
}

/* Adds one event. timestamp is its event time. */
static void add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    struct page_stats_accumulator *stats = accumulator;
    const struct click_event *event = value;
    (void)user;
    /* TODO(you): count the event, remember its user and its time */
    (void)stats;
    (void)event;
    (void)timestamp;
}

/* Adds what `other` has seen. It is only lent: it may be merged into more than one accumulator. */
static void merge(void *accumulator, const void *other, void *user)
{
    struct page_stats_accumulator *stats = accumulator;
    const struct page_stats_accumulator *more = other;
    (void)user;
    /* TODO(you): afterwards, stats is as if it had seen all events of both */
    (void)stats;
    (void)more;
}

/* Fills *out, whose bytes are all zero. Its strings may borrow from accumulator and context. */
static void result(const void *accumulator, const struct weir_window_context *context, void *out,
                   void *user)
{
    const struct page_stats_accumulator *stats = accumulator;
    const struct weir_str *page = context->key;
    struct page_stats *page_stats = out;
    (void)user;
    /* TODO(you): all eight fields */
    (void)stats;
    (void)page;
    (void)page_stats;
}

const struct weir_aggregate page_stats_aggregate = {
    .name = "PageStats",
    .in_type = &click_event_type,
    .accumulator_type = &page_stats_accumulator_type,
    .out_type = &page_stats_type,
    .create = create,
    .add = add,
    .merge = merge,
    .result = result,
};

/*
 * Solution of exercise 3.2: statistics of a page in a window.
 *
 * The accumulator must make sense before any event came, because the window operator may merge one
 * that saw nothing. So first_event starts at the end of time and last_event at its beginning:
 * whatever comes then is earlier, and later.
 */
#include "page_stats.h"

static void create(void *accumulator, void *user)
{
    struct page_stats_accumulator *stats = accumulator;
    (void)user;
    stats->first_event = WEIR_TIME_MAX;
    stats->last_event = WEIR_TIME_MIN;
}

/* Events arrive in any order, so neither the first to arrive is the first, nor the last the last.
 */
static void widen(struct page_stats_accumulator *stats, int64_t first, int64_t last)
{
    if (first < stats->first_event) {
        stats->first_event = first;
    }
    if (last > stats->last_event) {
        stats->last_event = last;
    }
}

static bool is_known(struct weir_str user_id)
{
    return user_id.len > 0; /* neither null nor empty */
}

static void add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    struct page_stats_accumulator *stats = accumulator;
    const struct click_event *event = value;
    (void)user;
    stats->events++;
    if (is_known(event->user_id)) {
        weir_string_set_add(&stats->users, event->user_id, 1);
    }
    widen(stats, timestamp, timestamp);
}

static void merge(void *accumulator, const void *other, void *user)
{
    struct page_stats_accumulator *stats = accumulator;
    const struct page_stats_accumulator *more = other;
    (void)user;
    stats->events += more->events;
    weir_string_set_merge(&stats->users, &more->users);
    widen(stats, more->first_event, more->last_event);
}

/* The user with the most events, null when there is none. The set keeps the order of arrival, which
 * must not decide a tie. */
static struct weir_str most_active(const struct weir_string_set *users, int64_t *known_events)
{
    struct weir_str best = {NULL, 0};
    int64_t most = 0;
    for (uint32_t i = 0; i < weir_string_set_size(users); i++) {
        int64_t times;
        struct weir_str member = weir_string_set_at(users, i, &times);
        *known_events += times;
        if (times > most || (times == most && weir_str_compare(member, best) < 0)) {
            best = member;
            most = times;
        }
    }
    return best;
}

static void result(const void *accumulator, const struct weir_window_context *context, void *out,
                   void *user)
{
    const struct page_stats_accumulator *stats = accumulator;
    const struct weir_str *page = context->key;
    struct page_stats *page_stats = out;
    int64_t known_events = 0;
    uint32_t users = weir_string_set_size(&stats->users);
    (void)user;
    page_stats->page_url = *page;
    page_stats->window_start = context->window.start;
    page_stats->window_end = context->window.end;
    page_stats->events = stats->events;
    page_stats->most_active_user = most_active(&stats->users, &known_events);
    page_stats->events_per_user = users > 0 ? (double)known_events / users : 0;
    page_stats->first_event = stats->first_event;
    page_stats->last_event = stats->last_event;
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

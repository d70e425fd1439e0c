/*
 * The event of flink-sessionization (its topic: raw-events), and its generator.
 */
#ifndef CLICKSTREAM_PAGE_EVENT_H
#define CLICKSTREAM_PAGE_EVENT_H

#include <weir/type.h>

/* event_type: PAGE_VIEW, BUTTON_CLICK. timestamp: epoch ms. */
#define PAGE_EVENT_FIELDS(F, T)                                                                    \
    F(T, int64, timestamp, "timestamp", required)                                                  \
    F(T, string, user_id, "userId", required)                                                      \
    F(T, string, event_type, "eventType", required)
WEIR_DECLARE_TYPE(page_event, PAGE_EVENT_FIELDS);

#define PAGE_GENERATOR_USERS 20

/* Event i of a seed is always the same, as click_generator's (<clickstream/generator.h>). */
struct page_generator {
    uint64_t seed;
    int32_t users;    /* userId0 … userId<users - 1>; >= 1 */
    char user_id[32]; /* of the last event */
};

/* Fills *event with event number `index`; its strings are the generator's, until the next call. */
void page_generator_event(struct page_generator *generator, uint64_t index, int64_t timestamp,
                          struct page_event *event);

#endif

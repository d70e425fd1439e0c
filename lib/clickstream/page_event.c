/*
 * The page event and its generator: twenty users, views and clicks in equal shares.
 */
#include "draw.h"

#include <clickstream/page_event.h>

#include <stdio.h>

WEIR_DEFINE_TYPE(page_event, PAGE_EVENT_FIELDS);

/* What a number is drawn for. Never renumber: the bytes of a seed depend on it. */
enum purpose { DRAW_USER = 300, DRAW_TYPE };

void page_generator_event(struct page_generator *generator, uint64_t index, int64_t timestamp,
                          struct page_event *event)
{
    uint64_t user = draw_below(generator->seed, index, DRAW_USER, (uint64_t)generator->users);
    bool view = draw_below(generator->seed, index, DRAW_TYPE, 2) == 0;
    snprintf(generator->user_id, sizeof generator->user_id, "userId%d", (int)user);
    *event = (struct page_event){
        .timestamp = timestamp,
        .user_id = weir_str_from(generator->user_id),
        .event_type = view ? WEIR_STR("PAGE_VIEW") : WEIR_STR("BUTTON_CLICK"),
    };
}

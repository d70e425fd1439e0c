/*
 * The click event's descriptor.
 */
#include <clickstream/click_event.h>

WEIR_DEFINE_TYPE(click_event, CLICK_EVENT_FIELDS);

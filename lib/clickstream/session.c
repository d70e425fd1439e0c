/*
 * Sessions of page events: their descriptor, and their names.
 */
#include <clickstream/generator.h>
#include <clickstream/session.h>

#include <stdio.h>

WEIR_DEFINE_TYPE(session, SESSION_FIELDS);

/* Version 8 of RFC 9562, whose bits are the maker's own. */
void session_name(struct session *session, const struct page_event *first)
{
    uint64_t user = weir_value_hash(&weir_string_type, &first->user_id);
    uint64_t high = click_generator_draw(1, user, (uint64_t)first->timestamp);
    uint64_t low = click_generator_draw(high, user, 1);
    char id[40];
    snprintf(id, sizeof id, "%08x-%04x-8%03x-%04x-%012llx", (unsigned)(high >> 32),
             (unsigned)(high >> 16 & 0xffff), (unsigned)(high & 0xfff),
             (unsigned)(low >> 50 | 0x8000), (unsigned long long)(low & 0xffffffffffff));
    weir_str_set(&session->id, weir_str_from(id));
}

/*
 * Puts itself in the place of a function of the library.
 *
 * in: none
 * points: 0
 * text: page_stats.c defines weir_string_set_count for every other file
 */
#include <weir/type.h>

int64_t weir_string_set_count(const struct weir_string_set *set, struct weir_str member)
{
    (void)set;
    (void)member;
    return 1;
}

/*
 * Evictors: which elements leave a window around a firing, for good. Source: semantics sheet,
 * section 9.
 */
#ifndef WEIR__WINDOW_EVICTOR_H
#define WEIR__WINDOW_EVICTOR_H

#include <weir/window.h>

/* Sets keep[i] to whether element i stays; returns how many do. elements: in order of arrival. */
size_t weir__evict(const struct weir_evictor *evictor, const struct weir_window_element *elements,
                   size_t count, bool *keep);

#endif

/*
 * Telling the processor to fetch memory that will be read soon.
 *
 * A function that does nothing else looks to gcc like one without effect, and its calls are
 * dropped; the empty assembly is an effect.
 */
#ifndef WEIR__BASE_PREFETCH_H
#define WEIR__BASE_PREFETCH_H

static inline void weir__prefetch(const void *address)
{
    __builtin_prefetch(address);
    __asm__ volatile("" : : "r"(address));
}

#endif

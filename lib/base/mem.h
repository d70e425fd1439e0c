/*
 * Memory: allocation that cannot fail. Out of memory aborts with a message; sizes that come from
 * outside are bounded by the caller before they get here.
 */
#ifndef WEIR__BASE_MEM_H
#define WEIR__BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

void *weir__alloc(size_t size);                /* uninitialised; size 0 gives a unique pointer */
void *weir__calloc(size_t count, size_t size); /* zeroed; checks count * size */
/* Uninitialised, aligned to a cache line (64 bytes); size: a multiple of that. Multiples of 2 MiB
 * lie in large pages where the system has them. */
void *weir__alloc_lines(size_t size);
void *weir__realloc(void *memory, size_t size);
void *weir__reallocarray(void *memory, size_t count, size_t size);
void weir__free(void *memory);
void *weir__memdup(const void *memory, size_t size);
char *weir__strdup(const char *text); /* NULL gives NULL */
char *weir__asprintf(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));

/* For tests: the n-th allocation from now on, in any thread, finds no memory; 0: none does. */
void weir__mem_fail_at(int64_t n);

#define WEIR__NEW(type) ((type *)weir__calloc(1, sizeof(type)))

#endif

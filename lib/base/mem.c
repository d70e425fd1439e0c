/*
 * Allocation that cannot fail. The message is written with write(2) alone: stdio may want memory
 * itself.
 */
#define _DEFAULT_SOURCE /* madvise */

#include "base/mem.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LARGE_PAGE ((size_t)2 << 20) /* bytes */

static _Noreturn void out_of_memory(void)
{
    static const char message[] =
        "weir: out of memory; stopping. Give the process more memory, or lower its parallelism "
        "and buffer sizes.\n";
    ssize_t written = write(STDERR_FILENO, message, sizeof(message) - 1);
    (void)written;
    abort();
}

static _Atomic int64_t before_failure; /* 0: no failure is ordered */

void weir__mem_fail_at(int64_t n)
{
    atomic_store(&before_failure, n);
}

/* What the allocator gave, unless it had nothing. */
static void *checked(void *memory)
{
    if (memory == NULL) {
        out_of_memory();
    }
    if (atomic_load_explicit(&before_failure, memory_order_relaxed) > 0 &&
        atomic_fetch_sub(&before_failure, 1) == 1) {
        out_of_memory();
    }
    return memory;
}

void *weir__alloc(size_t size)
{
    return checked(malloc(size > 0 ? size : 1));
}

void *weir__calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        out_of_memory();
    }
    return checked(calloc(bytes > 0 ? bytes : 1, 1));
}

/*
 * Large memory asks for large pages: looked up at random, it costs more to find its pages than to
 * read them. Small pages that it has from an earlier life are given back first; large ones come
 * when it is written. A system that has none says no, and all is as before.
 */
void *weir__alloc_lines(size_t size)
{
    size_t page = size >= LARGE_PAGE ? LARGE_PAGE : 64;
    size = (size + page - 1) / page * page;
    void *memory = aligned_alloc(page, size);
    if (memory == NULL) {
        out_of_memory();
    }
#ifdef MADV_HUGEPAGE
    if (page == LARGE_PAGE) {
        madvise(memory, size, MADV_DONTNEED);
        madvise(memory, size, MADV_HUGEPAGE);
    }
#endif
    return memory;
}

void *weir__realloc(void *memory, size_t size)
{
    return checked(realloc(memory, size > 0 ? size : 1));
}

void *weir__reallocarray(void *memory, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        out_of_memory();
    }
    return weir__realloc(memory, bytes);
}

void weir__free(void *memory)
{
    free(memory);
}

void *weir__memdup(const void *memory, size_t size)
{
    void *copy = weir__alloc(size);
    if (size > 0) {
        memcpy(copy, memory, size);
    }
    return copy;
}

char *weir__strdup(const char *text)
{
    return text != NULL ? weir__memdup(text, strlen(text) + 1) : NULL;
}

char *weir__asprintf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return weir__strdup("");
    }
    char *text = weir__alloc((size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

/*
 * Counters live in a list that only grows at its end, each in its own allocation: a pointer handed
 * out stays good, and a reader on another thread sees either the old end or the new one.
 */
#include "metrics/metrics.h"

#include "base/mem.h"

#include <stdatomic.h>
#include <string.h>

struct counter {
    char *name;
    int64_t value; /* written by the task's thread, read by others with a relaxed load */
    _Atomic(struct counter *) next;
};

struct weir__metric_group {
    _Atomic(struct counter *) first;
};

struct weir__metric_group *weir__metric_group_new(void)
{
    return WEIR__NEW(struct weir__metric_group);
}

void weir__metric_group_free(struct weir__metric_group *group)
{
    if (group == NULL) {
        return;
    }
    struct counter *counter = atomic_load(&group->first);
    while (counter != NULL) {
        struct counter *next = atomic_load(&counter->next);
        weir__free(counter->name);
        weir__free(counter);
        counter = next;
    }
    weir__free(group);
}

int64_t *weir__metric_counter(struct weir__metric_group *group, const char *name)
{
    _Atomic(struct counter *) *link = &group->first;
    struct counter *counter;
    while ((counter = atomic_load_explicit(link, memory_order_acquire)) != NULL) {
        if (strcmp(counter->name, name) == 0) {
            return &counter->value;
        }
        link = &counter->next;
    }
    counter = WEIR__NEW(struct counter);
    counter->name = weir__strdup(name);
    atomic_store_explicit(link, counter, memory_order_release);
    return &counter->value;
}

void weir__metric_each(const struct weir__metric_group *group,
                       void (*visit)(const char *name, int64_t value, void *user), void *user)
{
    const struct counter *counter = atomic_load_explicit(&group->first, memory_order_acquire);
    while (counter != NULL) {
        visit(counter->name, __atomic_load_n(&counter->value, __ATOMIC_RELAXED), user);
        counter = atomic_load_explicit(&counter->next, memory_order_acquire);
    }
}

int64_t weir__metric_value(const struct weir__metric_group *group, const char *name)
{
    const struct counter *counter = atomic_load_explicit(&group->first, memory_order_acquire);
    while (counter != NULL) {
        if (strcmp(counter->name, name) == 0) {
            return __atomic_load_n(&counter->value, __ATOMIC_RELAXED);
        }
        counter = atomic_load_explicit(&counter->next, memory_order_acquire);
    }
    return 0;
}

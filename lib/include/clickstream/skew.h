/*
 * Skew: how evenly keys, and the events of each, are spread over subtasks.
 *
 *     SUBTASK    KEYS    EVENTS   SHARE   ITS BUSIEST KEY
 *           0     611      2174     54%   -417 with 482
 *           1     589      1826     46%   88 with 273
 */
#ifndef CLICKSTREAM_SKEW_H
#define CLICKSTREAM_SKEW_H

#include <stdint.h>

typedef struct skew_table skew_table;

skew_table *skew_new(void);
void skew_free(skew_table *skew);

/* One more event of a key at a subtask (0 … 127); a key stays with its subtask. */
void skew_add(skew_table *skew, int64_t key, int64_t subtask);

/* Of all keys. */
int64_t skew_events(const skew_table *skew);

/* The table, on stdout; nothing when there was no event. */
void skew_print(const skew_table *skew);

#endif

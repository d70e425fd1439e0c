/*
 * What a valve or a multiplexer tells downstream after one input: in this order, ACTIVE, a
 * watermark, IDLE. Most often nothing.
 */
#ifndef WEIR__TIME_CHANGE_H
#define WEIR__TIME_CHANGE_H

#include <weir/time.h>

#include <stdbool.h>

struct weir__time_change {
    bool active;       /* first: no longer idle */
    bool rises;        /* then: `watermark` goes out */
    bool idle;         /* last: from now on idle */
    int64_t watermark; /* epoch ms; meaningful when `rises` */
};

#endif

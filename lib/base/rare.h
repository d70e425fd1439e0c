/*
 * Which of many equal happenings are worth a line in the log: the 1st, 10th, 100th, … So a job that
 * meets a million bad events says it seven times.
 */
#ifndef WEIR__BASE_RARE_H
#define WEIR__BASE_RARE_H

#include <stdbool.h>
#include <stdint.h>

static inline bool weir__worth_a_line(int64_t count)
{
    while (count >= 10 && count % 10 == 0) {
        count /= 10;
    }
    return count == 1;
}

#endif

/* The minimum over two inputs. */
#include "time/inputs.h"

void weir__inputs_init(struct weir__inputs *inputs)
{
    *inputs = (struct weir__inputs){
        .watermarks = {WEIR_TIME_MIN, WEIR_TIME_MIN},
        .combined = WEIR_TIME_MIN,
    };
}

static void raise(struct weir__inputs *inputs, int64_t watermark, struct weir__time_change *change)
{
    if (watermark > inputs->combined) {
        inputs->combined = watermark;
        change->rises = true;
        change->watermark = watermark;
    }
}

static struct weir__time_change settle(struct weir__inputs *inputs)
{
    struct weir__time_change change = {0};
    int64_t minimum = WEIR_TIME_MAX; /* of the active ones */
    int64_t maximum = WEIR_TIME_MIN; /* of all that have not ended */
    bool all_ended = true;
    bool any_active = false;
    for (int i = 0; i < WEIR__INPUTS; i++) {
        int64_t watermark = inputs->watermarks[i];
        if (watermark == WEIR_TIME_MAX) {
            continue;
        }
        all_ended = false;
        maximum = watermark > maximum ? watermark : maximum;
        if (!inputs->idle[i]) {
            any_active = true;
            minimum = watermark < minimum ? watermark : minimum;
        }
    }
    bool idle = !all_ended && !any_active;
    change.active = inputs->told_idle && !idle;
    change.idle = idle && !inputs->told_idle;
    inputs->told_idle = idle;
    raise(inputs, idle ? maximum : minimum, &change);
    return change;
}

struct weir__time_change weir__inputs_watermark(struct weir__inputs *inputs, int input,
                                                int64_t watermark)
{
    inputs->idle[input] = false;
    if (watermark > inputs->watermarks[input]) {
        inputs->watermarks[input] = watermark;
    }
    return settle(inputs);
}

struct weir__time_change weir__inputs_idle(struct weir__inputs *inputs, int input, bool idle)
{
    inputs->idle[input] = idle;
    return settle(inputs);
}

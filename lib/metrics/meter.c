/*
 * Rates.
 */
#include "metrics/meter.h"

static void mark(struct weir__meter *meter, int64_t count, int64_t now_ms)
{
    int64_t i = meter->made++ % WEIR__METER_STEPS;
    meter->marks[i].ms = now_ms;
    meter->marks[i].count = count;
}

double weir__meter_rate(struct weir__meter *meter, int64_t count, int64_t now_ms)
{
    if (meter->made > 0 && now_ms < meter->marks[(meter->made - 1) % WEIR__METER_STEPS].ms) {
        meter->made = 0;
    }
    if (meter->made == 0) {
        mark(meter, count, now_ms);
        return 0;
    }
    int64_t oldest = meter->made > WEIR__METER_STEPS ? meter->made % WEIR__METER_STEPS : 0;
    int64_t span_ms = now_ms - meter->marks[oldest].ms;
    double added = (double)(count - meter->marks[oldest].count);
    if (now_ms - meter->marks[(meter->made - 1) % WEIR__METER_STEPS].ms >= WEIR__METER_STEP_MS) {
        mark(meter, count, now_ms);
    }
    return span_ms > 0 ? added * 1000 / (double)span_ms : 0;
}

/* The watermark valve. Source: semantics sheet, section 13. */
#include "time/valve.h"

#include "base/mem.h"

#include <assert.h>

struct channel {
    int64_t watermark;
    bool idle;
    bool aligned; /* active, and at or above the output */
};

struct weir__valve {
    int64_t output;
    bool idle; /* IDLE was told */
    size_t count;
    struct channel channels[];
};

struct weir__valve *weir__valve_new(size_t channels)
{
    assert(channels > 0);
    struct weir__valve *valve =
        weir__calloc(1, sizeof *valve + channels * sizeof valve->channels[0]);
    valve->output = WEIR_TIME_MIN;
    valve->count = channels;
    for (size_t i = 0; i < channels; i++) {
        valve->channels[i] = (struct channel){.watermark = WEIR_TIME_MIN, .aligned = true};
    }
    return valve;
}

void weir__valve_free(struct weir__valve *valve)
{
    weir__free(valve);
}

static bool has_ended(const struct channel *channel)
{
    return channel->watermark == WEIR_TIME_MAX;
}

static bool all_ended(const struct weir__valve *valve)
{
    for (size_t i = 0; i < valve->count; i++) {
        if (!has_ended(&valve->channels[i])) {
            return false;
        }
    }
    return true;
}

static bool any_active(const struct weir__valve *valve)
{
    for (size_t i = 0; i < valve->count; i++) {
        if (!valve->channels[i].idle && !has_ended(&valve->channels[i])) {
            return true;
        }
    }
    return false;
}

static void raise(struct weir__valve *valve, int64_t watermark, struct weir__time_change *change)
{
    if (watermark > valve->output) {
        valve->output = watermark;
        change->rises = true;
        change->watermark = watermark;
    }
}

static void raise_to_minimum(struct weir__valve *valve, struct weir__time_change *change)
{
    int64_t minimum = WEIR_TIME_MAX;
    bool found = false;
    for (size_t i = 0; i < valve->count; i++) {
        const struct channel *channel = &valve->channels[i];
        if (channel->aligned && !has_ended(channel)) {
            minimum = channel->watermark < minimum ? channel->watermark : minimum;
            found = true;
        }
    }
    if (found) { /* none: all active channels are behind the output, and nothing may go out */
        raise(valve, minimum, change);
    }
}

/* Nobody is active any more: what the idle channels reached counts, whoever was first to fall
 * silent. */
static void fall_idle(struct weir__valve *valve, struct weir__time_change *change)
{
    int64_t maximum = WEIR_TIME_MIN;
    for (size_t i = 0; i < valve->count; i++) {
        const struct channel *channel = &valve->channels[i];
        if (!has_ended(channel) && channel->watermark > maximum) {
            maximum = channel->watermark;
        }
    }
    raise(valve, maximum, change);
    change->idle = !valve->idle;
    valve->idle = true;
}

static void settle(struct weir__valve *valve, struct weir__time_change *change)
{
    if (all_ended(valve)) {
        raise(valve, WEIR_TIME_MAX, change);
    } else if (any_active(valve)) {
        raise_to_minimum(valve, change);
    } else {
        fall_idle(valve, change);
    }
}

struct weir__time_change weir__valve_watermark(struct weir__valve *valve, size_t channel,
                                               int64_t watermark)
{
    assert(channel < valve->count);
    struct weir__time_change change = {0};
    struct channel *from = &valve->channels[channel];
    if (from->idle || watermark <= from->watermark) {
        return change;
    }
    from->watermark = watermark;
    from->aligned = from->aligned || watermark >= valve->output;
    settle(valve, &change);
    return change;
}

struct weir__time_change weir__valve_idle(struct weir__valve *valve, size_t channel, bool idle)
{
    assert(channel < valve->count);
    struct weir__time_change change = {0};
    struct channel *from = &valve->channels[channel];
    if (from->idle == idle || has_ended(from)) {
        return change;
    }
    from->idle = idle;
    from->aligned = !idle && from->watermark >= valve->output;
    if (!idle) {
        change.active = valve->idle;
        valve->idle = false;
    }
    settle(valve, &change);
    return change;
}

int64_t weir__valve_output(const struct weir__valve *valve)
{
    return valve->output;
}

int64_t weir__valve_channel(const struct weir__valve *valve, size_t channel, bool *idle)
{
    assert(channel < valve->count);
    *idle = valve->channels[channel].idle;
    return valve->channels[channel].watermark;
}

/*
 * The rules of the four strategies, one function each.
 */
#include "runtime/restart.h"

#include "graph/restart.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

/* Before any failure: longer ago than any threshold, and nothing is pending. */
#define NEVER WEIR_TIME_MIN

void weir__restart_init(struct weir__restart *restart, const struct weir_restart_strategy *strategy,
                        uint64_t seed)
{
    assert(strategy->kind != WEIR_RESTART_DEFAULT);
    *restart = (struct weir__restart){
        .strategy = *strategy, .next_ms = NEVER, .times = WEIR__VEC_OF(int64_t)};
    weir__rand_init(&restart->rand, seed);
}

void weir__restart_fini(struct weir__restart *restart)
{
    weir__vec_fini(&restart->times);
}

/* Restarts while failures <= attempts. */
static int64_t fixed_delay(struct weir__restart *restart)
{
    if (restart->attempt >= restart->strategy.attempts) {
        return -1;
    }
    restart->attempt++;
    return restart->strategy.delay_ms;
}

/* clamp(trunc(initial * multiplier^attempt) + jitter, initial, max); what is far above any max is
 * cut first, so that nothing overflows. */
static int64_t backoff(struct weir__restart *restart)
{
    const struct weir_restart_strategy *s = &restart->strategy;
    const double enough = 4e18;
    int64_t grown =
        (int64_t)fmin((double)s->initial_ms * pow(s->multiplier, restart->attempt), enough);
    int64_t range = (int64_t)((double)grown * s->jitter); /* of whole milliseconds */
    int64_t delay = grown + (range > 0 ? weir__rand_between(&restart->rand, -range, range) : 0);
    delay = delay < s->max_ms ? delay : s->max_ms;
    return delay > s->initial_ms ? delay : s->initial_ms;
}

static int64_t exponential_delay(struct weir__restart *restart, int64_t now_ms)
{
    const struct weir_restart_strategy *s = &restart->strategy;
    if (now_ms <= restart->next_ms && restart->next_ms != NEVER) {
        return weir_time_sub(restart->next_ms, now_ms);
    }
    if (weir_time_sub(now_ms, restart->next_ms) >= s->reset_threshold_ms) {
        restart->attempt = 0;
    }
    int64_t delay = backoff(restart);
    restart->attempt += restart->attempt < INT32_MAX;
    if (s->attempts > 0 && restart->attempt > s->attempts) {
        return -1;
    }
    restart->next_ms = weir_time_add(now_ms, delay);
    return delay;
}

/* Refuses iff there were more than max failures and the oldest of the last max + 1 lies within the
 * interval. */
static int64_t failure_rate(struct weir__restart *restart, int64_t now_ms)
{
    const struct weir_restart_strategy *s = &restart->strategy;
    size_t max = (size_t)s->max_failures;
    if (restart->times.count > max) {
        weir__vec_remove(&restart->times, 0);
    }
    weir__vec_push(&restart->times, &now_ms);
    if (restart->times.count > max &&
        weir_time_sub(now_ms, *(int64_t *)weir__vec_at(&restart->times, 0)) <= s->interval_ms) {
        return -1;
    }
    restart->attempt += restart->attempt < INT32_MAX;
    return s->delay_ms;
}

static int64_t decide(struct weir__restart *restart, int64_t now_ms)
{
    switch (restart->strategy.kind) {
    case WEIR_RESTART_FIXED_DELAY:
        return fixed_delay(restart);
    case WEIR_RESTART_EXPONENTIAL_DELAY:
        return exponential_delay(restart, now_ms);
    case WEIR_RESTART_FAILURE_RATE:
        return failure_rate(restart, now_ms);
    case WEIR_RESTART_DEFAULT:
    case WEIR_RESTART_NONE:
        break;
    }
    return -1;
}

int64_t weir__restart_failure(struct weir__restart *restart, int64_t now_ms)
{
    restart->delay_ms = decide(restart, now_ms);
    return restart->delay_ms;
}

static void refusal(const struct weir_restart_strategy *s, char text[WEIR__RESTART_DECISION_TEXT])
{
    char name[WEIR__RESTART_TEXT];
    char interval[24];
    switch (s->kind) {
    case WEIR_RESTART_DEFAULT:
    case WEIR_RESTART_NONE:
        snprintf(text, WEIR__RESTART_DECISION_TEXT,
                 "no restart: the strategy is none (--restart names others)");
        return;
    case WEIR_RESTART_FAILURE_RATE:
        weir_duration_format(s->interval_ms, interval, sizeof(interval));
        snprintf(text, WEIR__RESTART_DECISION_TEXT, "no restart: more than %d failure%s within %s",
                 s->max_failures, s->max_failures == 1 ? "" : "s", interval);
        return;
    case WEIR_RESTART_FIXED_DELAY:
    case WEIR_RESTART_EXPONENTIAL_DELAY:
        weir__restart_format(s, name);
        snprintf(text, WEIR__RESTART_DECISION_TEXT, "no restart: all %d are used up (%.80s)",
                 s->attempts, name);
        return;
    }
}

void weir__restart_decision(const struct weir__restart *restart,
                            char text[WEIR__RESTART_DECISION_TEXT])
{
    const struct weir_restart_strategy *s = &restart->strategy;
    if (restart->delay_ms < 0) {
        refusal(s, text);
        return;
    }
    char delay[24];
    char of[16] = "";
    weir_duration_format(restart->delay_ms, delay, sizeof(delay));
    if (s->kind != WEIR_RESTART_FAILURE_RATE && s->attempts > 0) {
        snprintf(of, sizeof(of), " of %d", s->attempts);
    }
    snprintf(text, WEIR__RESTART_DECISION_TEXT, "restart %d%s in %s", restart->attempt, of, delay);
}

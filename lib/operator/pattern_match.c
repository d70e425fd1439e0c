/*
 * Matching: what one event does to the attempts of its key.
 *
 *     place     the event fulfils the condition      it does not
 *     WAITS     takes it; any: also stays            strict: ends; relaxed, any: stays
 *     LOOPS     as WAITS of the next step, and as SKIPS of this one
 *     SKIPS     takes it; combinations: also stays   consecutive: ends; else stays
 *
 * A step that took its event hands on: to the next step, to itself in a loop, and to the user's
 * function when it is the last. Attempts stay in the order of their first events, because an event
 * starts its own after all others have seen it. Source: semantics sheet, section 22.
 */
#include "operator/pattern.h"

/* ---- what user functions ask ---- */

/* The step's events come last first; returns the one with `after` more of them behind it. */
static const struct weir__pattern_link *from_the_end(const weir_match *match, const char *step,
                                                     size_t after)
{
    for (const struct weir__pattern_link *link = match->last; link != NULL; link = link->before) {
        if (strcmp(match->store->steps[link->step].name, step) == 0 && after-- == 0) {
            return link;
        }
    }
    return NULL;
}

size_t weir_match_count(const weir_match *match, const char *step)
{
    size_t count = 0;
    for (const struct weir__pattern_link *link = match->last; link != NULL; link = link->before) {
        count += strcmp(match->store->steps[link->step].name, step) == 0;
    }
    return count;
}

static const struct weir__pattern_event *find(const weir_match *match, const char *step,
                                              size_t index)
{
    size_t count = weir_match_count(match, step);
    return index < count ? from_the_end(match, step, count - 1 - index)->event : NULL;
}

const void *weir_match_event(const weir_match *match, const char *step, size_t index)
{
    const struct weir__pattern_event *event = find(match, step, index);
    return event != NULL ? event->value : NULL;
}

int64_t weir_match_time(const weir_match *match, const char *step, size_t index)
{
    const struct weir__pattern_event *event = find(match, step, index);
    return event != NULL ? event->timestamp : WEIR_TIME_MIN;
}

/* ---- one event ---- */

struct turn {
    struct weir__pattern_operator *self;
    struct weir__pattern_cell *cell;
    struct weir__pattern_event *event;
};

static void add(const struct turn *turn, struct weir__attempt attempt)
{
    attempt.last->refs++;
    weir__vec_push(&turn->cell->attempts, &attempt);
}

static void tell_match(const struct turn *turn, const struct weir__pattern_link *last)
{
    struct weir__pattern_operator *self = turn->self;
    weir_match match = {&self->store, last};
    self->context.out.element = weir__element_of_timer(turn->event->timestamp);
    self->config->match(&match, &self->context, &self->context.out, self->config->user);
}

static bool fulfils(const struct turn *turn, const struct weir__pattern_link *last, uint32_t step)
{
    const struct weir_pattern_step *asked = &turn->self->store.steps[step];
    weir_match so_far = {&turn->self->store, last};
    return asked->where == NULL ||
           asked->where(turn->event->value, &so_far, turn->self->config->user);
}

static void take(const struct turn *turn, struct weir__pattern_link *before, int64_t start,
                 uint32_t step)
{
    struct weir__pattern_store *store = &turn->self->store;
    struct weir__pattern_link *link = weir__pattern_link_new(store, before, step, turn->event);
    if (step + 1 == store->step_count) {
        tell_match(turn, link);
    }
    if (store->steps[step].loop != WEIR_ONCE) {
        add(turn, (struct weir__attempt){link, start, step, WEIR__PATTERN_LOOPS});
    } else if (step + 1 < store->step_count) {
        add(turn, (struct weir__attempt){link, start, step + 1, WEIR__PATTERN_WAITS});
    }
    weir__pattern_link_unref(store, link);
}

static void wait_for(const struct turn *turn, const struct weir__attempt *attempt, uint32_t step)
{
    enum weir_contiguity follows = turn->self->store.steps[step].follows;
    bool fulfilled = fulfils(turn, attempt->last, step);
    if (fulfilled) {
        take(turn, attempt->last, attempt->start, step);
    }
    if (follows == WEIR_FOLLOWED_BY_ANY || (follows == WEIR_FOLLOWED_BY && !fulfilled)) {
        add(turn, (struct weir__attempt){attempt->last, attempt->start, step, WEIR__PATTERN_WAITS});
    }
}

static void loop_on(const struct turn *turn, const struct weir__attempt *attempt)
{
    uint32_t step = attempt->step;
    enum weir_loop loop = turn->self->store.steps[step].loop;
    bool fulfilled = fulfils(turn, attempt->last, step);
    if (fulfilled) {
        take(turn, attempt->last, attempt->start, step);
    }
    if (loop == WEIR_ONE_OR_MORE_COMBINATIONS || (loop == WEIR_ONE_OR_MORE && !fulfilled)) {
        add(turn, (struct weir__attempt){attempt->last, attempt->start, step, WEIR__PATTERN_SKIPS});
    }
}

static void go_on(const struct turn *turn, const struct weir__attempt *attempt)
{
    switch (attempt->place) {
    case WEIR__PATTERN_WAITS:
        wait_for(turn, attempt, attempt->step);
        break;
    case WEIR__PATTERN_LOOPS:
        if (attempt->step + 1 < turn->self->store.step_count) {
            wait_for(turn, attempt, attempt->step + 1);
        }
        loop_on(turn, attempt);
        break;
    case WEIR__PATTERN_SKIPS:
        loop_on(turn, attempt);
        break;
    }
}

bool weir__pattern_take(struct weir__pattern_operator *self, struct weir__pattern_cell *cell,
                        struct weir__pattern_event *event)
{
    struct turn turn = {self, cell, event};
    struct weir__vec before = cell->attempts;
    cell->attempts = self->before; /* empty; its memory is used in turn */
    for (size_t i = 0; i < before.count; i++) {
        const struct weir__attempt *attempt = weir__vec_at(&before, i);
        go_on(&turn, attempt);
        weir__pattern_link_unref(&self->store, attempt->last);
    }
    weir__vec_clear(&before);
    self->before = before;
    size_t continued = cell->attempts.count;
    if (fulfils(&turn, NULL, 0)) {
        take(&turn, NULL, event->timestamp, 0);
    }
    return cell->attempts.count > continued;
}

/* ---- time ---- */

static void tell_time_out(struct weir__pattern_operator *self, const struct weir__attempt *attempt)
{
    const struct weir_pattern_config *config = self->config;
    ++*self->timed_out;
    if (config->timed_out != NULL) {
        weir_match so_far = {&self->store, attempt->last};
        self->context.out.element =
            weir__element_of_timer(weir_time_add(attempt->start, config->within_ms));
        config->timed_out(&so_far, &self->context, config->user);
    }
}

void weir__pattern_advance(struct weir__pattern_operator *self, struct weir__pattern_cell *cell,
                           int64_t now)
{
    if (self->config->within_ms == 0) {
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < cell->attempts.count; i++) {
        struct weir__attempt *attempt = weir__vec_at(&cell->attempts, i);
        if (weir_time_sub(now, attempt->start) >= self->config->within_ms) {
            tell_time_out(self, attempt);
            weir__pattern_link_unref(&self->store, attempt->last);
        } else {
            *(struct weir__attempt *)weir__vec_at(&cell->attempts, kept++) = *attempt;
        }
    }
    cell->attempts.count = kept;
}

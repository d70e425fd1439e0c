/*
 * The funnel: the aggregate that counts visits by how far they got, and the line that shows it.
 */
#include <clickstream/funnel.h>

#include <stdio.h>

WEIR_DEFINE_TYPE(visit, VISIT_FIELDS);
WEIR_DEFINE_TYPE(funnel, FUNNEL_FIELDS);

enum { VIEWED = 1, CLICKED, CARTED, BOUGHT };

static void add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    struct funnel *funnel = accumulator;
    const struct visit *visit = value;
    (void)timestamp;
    (void)user;
    funnel->visits++;
    funnel->viewed += visit->reached >= VIEWED;
    funnel->clicked += visit->reached >= CLICKED;
    funnel->carted += visit->reached >= CARTED;
    funnel->bought += visit->reached >= BOUGHT;
}

static void merge(void *accumulator, const void *other, void *user)
{
    struct funnel *funnel = accumulator;
    const struct funnel *more = other;
    (void)user;
    funnel->visits += more->visits;
    funnel->viewed += more->viewed;
    funnel->clicked += more->clicked;
    funnel->carted += more->carted;
    funnel->bought += more->bought;
}

static void result(const void *accumulator, const struct weir_window_context *context, void *out,
                   void *user)
{
    struct funnel *funnel = out;
    (void)user;
    *funnel = *(const struct funnel *)accumulator;
    funnel->window_start = context->window.start;
    funnel->window_end = context->window.end;
}

const struct weir_aggregate funnel_aggregate = {
    .name = "Funnel",
    .in_type = &visit_type,
    .accumulator_type = &funnel_type,
    .out_type = &funnel_type,
    .add = add,
    .merge = merge,
    .result = result,
};

const char funnel_heading[] =
    "WINDOW                  VISITS         VIEWED        CLICKED         IN CART         BOUGHT";

/* "    12  60%" */
static void step_text(int64_t reached, int64_t before, char text[32])
{
    if (before > 0) {
        snprintf(text, 32, "%7lld %3lld%%", (long long)reached,
                 (long long)(reached * 100 / before));
    } else {
        snprintf(text, 32, "%7lld    –", (long long)reached);
    }
}

void funnel_line(const void *value, char *text, size_t size, void *user)
{
    const struct funnel *funnel = value;
    const int64_t reached[] = {funnel->visits, funnel->viewed, funnel->clicked, funnel->carted,
                               funnel->bought};
    char steps[4][32];
    char start[40];
    (void)user;
    weir_time_format(funnel->window_start, start, sizeof start);
    for (int i = 0; i < 4; i++) {
        step_text(reached[i + 1], reached[i], steps[i]);
    }
    snprintf(text, size, "%-20s %9lld   %s   %s    %s    %s", start, (long long)funnel->visits,
             steps[0], steps[1], steps[2], steps[3]);
}

/*
 * Sessions that walk through a funnel, as the tutorial's click events: VIEW, CLICK, ADD_TO_CART,
 * PURCHASE, in this order, about one product. From each step a session goes on with a known chance,
 * or gives up; then its user begins another one. So what an analysis of the funnel should find is
 * known.
 */
#ifndef CLICKSTREAM_FUNNEL_GENERATOR_H
#define CLICKSTREAM_FUNNEL_GENERATOR_H

#include <clickstream/generator.h>

/* Percent of the sessions that go on from a step to the next. */
#define FUNNEL_CLICKS_OF_VIEWS    60
#define FUNNEL_CARTS_OF_CLICKS    40
#define FUNNEL_PURCHASES_OF_CARTS 50

typedef struct funnel_generator funnel_generator;

/* users >= 1, each in one session at a time: user_1 … user_<users>. */
funnel_generator *funnel_generator_new(uint64_t seed, int32_t users);
void funnel_generator_free(funnel_generator *generator);

/* The next event of any user. Its strings are the generator's, until the next call. One thread. */
void funnel_generator_next(funnel_generator *generator, int64_t timestamp,
                           struct click_event *event);

#endif

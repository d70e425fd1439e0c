/*
 * What an operator must do with its steps is in the Java class of its cases; here is how it is said
 * to Weir. Settings are numbers, in the order that each part names.
 */
#include "oracle/builders.h"

#include <weir/async.h>
#include <weir/connect.h>
#include <weir/harness.h>
#include <weir/pattern.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

WEIR_DEFINE_TYPE(step, STEP_FIELDS);

enum { STEPS_MAX = 4, REQUESTS = 1000, TEXT = 20000 };

static char answer[TEXT];

static void say(const char *format, ...)
{
    size_t used = strlen(answer);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(answer + used, sizeof(answer) - used, format, arguments);
    va_end(arguments);
}

/* Emits what was said. */
static void emit(weir_collector *out)
{
    struct weir_str text = weir_str_from(answer);
    weir_emit(out, &text);
    answer[0] = '\0';
}

static weir_keyed_stream *input(weir_env *env)
{
    return weir_key_by(weir_harness_input(env, &step_type), WEIR_FIELD(step, key));
}

static const struct weir_output_tag late = {"late", &step_type};
static const struct weir_output_tag late_right = {"lateRight", &step_type};
static const struct weir_output_tag timed_out = {"timedOut", &weir_string_type};
static const struct weir_output_tag *const timed_out_only[] = {&timed_out, NULL};

/* ---- interval join: lower, upper, without the lower bound, without the upper one, late outputs */

static void join(const void *left, const void *right, const struct weir_join_context *context,
                 weir_collector *out, void *user)
{
    (void)context;
    (void)user;
    say("%" PRId64 "-%" PRId64, ((const struct step *)left)->id, ((const struct step *)right)->id);
    emit(out);
}

static weir_stream *interval_join(weir_env *env, const int64_t *settings)
{
    static const struct weir_join_function function = {
        .name = "join",
        .left_type = &step_type,
        .right_type = &step_type,
        .out_type = &weir_string_type,
        .join = join,
    };
    return weir_interval_join(input(env), input(env),
                              &(struct weir_interval_join_config){
                                  .lower_ms = settings[0],
                                  .upper_ms = settings[1],
                                  .lower_exclusive = settings[2] > 0,
                                  .upper_exclusive = settings[3] > 0,
                                  .late_left = settings[4] > 0 ? &late : NULL,
                                  .late_right = settings[4] > 0 ? &late_right : NULL,
                                  .function = &function,
                              });
}

/* ---- pattern: within, late output, steps; and of each: contiguity, loop, condition ---- */

static struct weir_pattern_step steps[STEPS_MAX + 1];
static int64_t conditions[STEPS_MAX];
static const char *const step_names[STEPS_MAX] = {"s0", "s1", "s2", "s3"};

static void say_match(const weir_match *match)
{
    for (const struct weir_pattern_step *step = steps; step->name != NULL; step++) {
        for (size_t i = 0; i < weir_match_count(match, step->name); i++) {
            const struct step *event = weir_match_event(match, step->name, i);
            say("%s=%" PRId64 ";", step->name, event->id);
        }
    }
}

static void match(const weir_match *found, weir_context *context, weir_collector *out, void *user)
{
    (void)context;
    (void)user;
    say_match(found);
    emit(out);
}

static void time_out(const weir_match *so_far, weir_context *context, void *user)
{
    (void)user;
    say_match(so_far);
    struct weir_str text = weir_str_from(answer);
    weir_side_emit(context, &timed_out, &text);
    answer[0] = '\0';
}

/* The event's bit of the step; a condition of 1 also wants fewer than three in this step and the
 * one before. */
static bool fulfils(const void *value, const weir_match *so_far, size_t step)
{
    size_t before = weir_match_count(so_far, step_names[step]);
    before += step > 0 ? weir_match_count(so_far, step_names[step - 1]) : 0;
    bool has_bit = (((const struct step *)value)->number >> step & 1) != 0;
    return has_bit && (conditions[step] == 0 || before < 3);
}

#define DEFINE_CONDITION(step)                                                                     \
    static bool fulfils_##step(const void *value, const weir_match *so_far, void *user)            \
    {                                                                                              \
        (void)user;                                                                                \
        return fulfils(value, so_far, step);                                                       \
    }
DEFINE_CONDITION(0)
DEFINE_CONDITION(1)
DEFINE_CONDITION(2)
DEFINE_CONDITION(3)

static weir_stream *pattern(weir_env *env, const int64_t *settings)
{
    static bool (*const where[])(const void *, const weir_match *, void *) = {fulfils_0, fulfils_1,
                                                                              fulfils_2, fulfils_3};
    memset(steps, 0, sizeof(steps));
    for (int i = 0; i < settings[2] && i < STEPS_MAX; i++) {
        const int64_t *of_step = settings + 3 + 3 * (ptrdiff_t)i;
        conditions[i] = of_step[2];
        steps[i] = (struct weir_pattern_step){
            .name = step_names[i],
            .follows = (enum weir_contiguity)of_step[0],
            .loop = (enum weir_loop)of_step[1],
            .where = of_step[2] < 2 ? where[i] : NULL,
        };
    }
    return weir_pattern(input(env), &(struct weir_pattern_config){
                                        .in_type = &step_type,
                                        .out_type = &weir_string_type,
                                        .steps = steps,
                                        .within_ms = settings[0],
                                        .match = match,
                                        .timed_out = time_out,
                                        .late_output = settings[1] > 0 ? &late : NULL,
                                        .side_outputs = timed_out_only,
                                    });
}

/* ---- state: TTL, renewed by reads; an event's id is what it does, its number the value ---- */

static struct weir_state_descriptor value_state = {.name = "value", .type = &weir_int64_type};
static struct weir_state_descriptor list_state = {
    .name = "list", .kind = WEIR_STATE_LIST, .type = &weir_int64_type};
static struct weir_state_descriptor map_state = {
    .name = "map", .kind = WEIR_STATE_MAP, .type = &weir_int64_type, .key_type = &weir_int64_type};

static void say_number(const int64_t *number)
{
    if (number != NULL) {
        say("%" PRId64, *number);
    } else {
        say("null");
    }
}

static void say_list(weir_context *context)
{
    for (size_t i = 0; i < weir_list_state_count(context, &list_state); i++) {
        say_number(weir_list_state_at(context, &list_state, i));
        say(";");
    }
}

/* Keys of the map are the last digit of its values. */
static void say_map(weir_context *context)
{
    for (int64_t key = 0; key < 10; key++) {
        for (size_t i = 0; i < weir_map_state_count(context, &map_state); i++) {
            const void *found;
            const int64_t *value = weir_map_state_at(context, &map_state, i, &found);
            if (*(const int64_t *)found == key) {
                say("%" PRId64 "=%" PRId64 ";", key, *value);
            }
        }
    }
}

static void use_state(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    const struct step *event = value;
    int64_t key = event->number % 10;
    switch (event->id) {
    case 0:
        weir_value_state_set(context, &value_state, &event->number);
        break;
    case 1:
        say_number(weir_value_state_get(context, &value_state));
        break;
    case 2:
        weir_list_state_add(context, &list_state, &event->number);
        break;
    case 3:
        say_list(context);
        break;
    case 4:
        weir_map_state_put(context, &map_state, &key, &event->number);
        break;
    case 5:
        say_number(weir_map_state_get(context, &map_state, &key));
        break;
    case 6:
        say_map(context);
        break;
    case 7:
        weir_map_state_remove(context, &map_state, &key);
        break;
    default:
        weir_state_clear(context, event->id == 8 ? &value_state : &list_state);
    }
    emit(out);
}

static weir_stream *state(weir_env *env, const int64_t *settings)
{
    static const struct weir_state_descriptor *const states[] = {&value_state, &list_state,
                                                                 &map_state, NULL};
    struct weir_ttl ttl = {.ttl_ms = settings[0], .update = (enum weir_ttl_update)settings[1]};
    value_state.ttl = list_state.ttl = map_state.ttl = ttl;
    return weir_keyed_process(input(env), &(struct weir_process_function){
                                              .name = "state",
                                              .in_type = &step_type,
                                              .out_type = &weir_string_type,
                                              .process = use_state,
                                              .states = states,
                                          });
}

/* ---- timers: an event's id is what it does, its number the time ---- */

static void use_timers(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    static void (*const uses[])(weir_context *, int64_t) = {
        weir_register_event_timer, weir_delete_event_timer, weir_register_processing_timer,
        weir_delete_processing_timer};
    const struct step *event = value;
    uses[event->id % 4](context, event->number);
    say("watermark=%" PRId64 ";clock=%" PRId64, weir_current_watermark(context),
        weir_current_processing_time(context));
    emit(out);
}

static void fire(int64_t time, bool event_time, weir_context *context, weir_collector *out,
                 void *user)
{
    (void)user;
    const struct weir_str *key = weir_current_key(context);
    say("%s;%.*s;%" PRId64, event_time ? "event" : "clock", WEIR_STR_ARG(*key), time);
    emit(out);
    if (time % 5 == 0) {
        weir_register_event_timer(context, time + 3);
    }
    if (time % 7 == 0) {
        weir_delete_event_timer(context, time + 1);
    }
    if (time % 11 == 0) {
        weir_register_event_timer(context, time - 1);
    }
    if (time % 4 == 0 && time < 500) {
        weir_register_processing_timer(context, time + 2);
    }
    if (time % 9 == 0) {
        weir_register_processing_timer(context, time - 1);
    }
}

static weir_stream *timers(weir_env *env, const int64_t *settings)
{
    (void)settings;
    return weir_keyed_process(input(env), &(struct weir_process_function){
                                              .name = "timers",
                                              .in_type = &step_type,
                                              .out_type = &weir_string_type,
                                              .process = use_timers,
                                              .on_timer = fire,
                                          });
}

/* ---- watermarks: bound, idle timeout, interval ---- */

static weir_stream *watermarks(weir_env *env, const int64_t *settings)
{
    struct weir_watermark_strategy strategy = weir_bounded_out_of_orderness(settings[0]);
    strategy = weir_with_idleness(strategy, settings[1]);
    return weir_assign_watermarks(weir_harness_input(env, &step_type),
                                  weir_with_interval(strategy, settings[2]), NULL);
}

/* ---- async: unordered, timeout ---- */

static weir_request *requests[REQUESTS];

static void start(weir_request *request, void *user)
{
    (void)user;
    int64_t id = ((const struct step *)weir_request_value(request))->id;
    requests[id % REQUESTS] = request;
}

static void give_up(const void *value, weir_collector *out, void *user)
{
    (void)user;
    say("timeout;%" PRId64, ((const struct step *)value)->id);
    emit(out);
}

void oracle_complete(int64_t id, int64_t count)
{
    weir_request *request = requests[id % REQUESTS];
    if (request == NULL) {
        return;
    }
    struct weir_str results[2];
    char text[32];
    snprintf(text, sizeof(text), "answer;%" PRId64, id);
    results[0] = results[1] = weir_str_from(text);
    requests[id % REQUESTS] = NULL;
    weir_request_complete(request, results, (size_t)count);
}

static weir_stream *async(weir_env *env, const int64_t *settings)
{
    return weir_async(weir_harness_input(env, &step_type),
                      &(struct weir_async_config){
                          .in_type = &step_type,
                          .out_type = &weir_string_type,
                          .start = start,
                          .timed_out = give_up,
                          .order = settings[0] > 0 ? WEIR_UNORDERED : WEIR_ORDERED,
                          .capacity = REQUESTS,
                          .timeout_ms = settings[1],
                      });
}

void oracle_complete_all(void)
{
    for (int64_t id = 0; id < REQUESTS; id++) {
        oracle_complete(id, 0);
    }
}

/* ---- all of them ---- */

static const struct {
    const char *name;
    weir_stream *(*build)(weir_env *env, const int64_t *settings);
} operators[] = {
    {"interval-join", interval_join}, {"pattern", pattern}, {"state", state}, {"timers", timers},
    {"watermarks", watermarks},       {"async", async},
};

weir_stream *oracle_build(weir_env *env, const char *name, const int64_t *settings)
{
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (strcmp(operators[i].name, name) == 0) {
            return operators[i].build(env, settings);
        }
    }
    return NULL;
}

/*
 * The pattern operator in the harness. Semantics sheet, section 22; what is told of Flink's
 * documentation is the example of its page on looping patterns.
 */
#include "base/mem.h"
#include "operator/factories.h"

#include <weir/harness.h>
#include <weir/weir.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* An event: kind and number make its name, as in "b2". */
#define HIT_FIELDS(F, T)                                                                           \
    F(T, string, user, "user", required)                                                           \
    F(T, string, name, "name", required)
WEIR_DECLARE_TYPE(hit, HIT_FIELDS);
WEIR_DEFINE_TYPE(hit, HIT_FIELDS);

static weir_env *env;
static weir_harness *harness;

static void setup(void)
{
    env = weir_env_new("pattern test", 0, NULL);
}

static void teardown(void)
{
    weir_harness_free(harness);
    harness = NULL;
    weir_env_free(env);
}

/* ---- functions ---- */

static bool is_kind(const void *value, char kind)
{
    return ((const struct hit *)value)->name.data[0] == kind;
}

static bool is_a(const void *value, const weir_match *so_far, void *user)
{
    (void)so_far;
    (void)user;
    return is_kind(value, 'a');
}

static bool is_b(const void *value, const weir_match *so_far, void *user)
{
    (void)so_far;
    (void)user;
    return is_kind(value, 'b');
}

static bool is_c(const void *value, const weir_match *so_far, void *user)
{
    (void)so_far;
    (void)user;
    return is_kind(value, 'c');
}

/* "a1 b1 b2", of the steps a, b and c. */
static void describe(const weir_match *match, char text[100])
{
    static const char *const steps[] = {"a", "b", "c"};
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < weir_match_count(match, steps[i]); j++) {
            const struct hit *hit = weir_match_event(match, steps[i], j);
            int wrote = snprintf(text + len, 100 - len, "%s%.*s", len > 0 ? " " : "",
                                 WEIR_STR_ARG(hit->name));
            len += (size_t)wrote;
        }
    }
}

static void tell(const weir_match *match, weir_context *context, weir_collector *out, void *user)
{
    (void)context;
    (void)user;
    char text[100];
    describe(match, text);
    weir_emit(out, &(struct weir_str){text, (uint32_t)strlen(text)});
}

static const struct weir_output_tag gave_up = {"gave-up", &weir_string_type};
static const struct weir_output_tag late = {"late", &hit_type};
static const struct weir_output_tag *const sides[] = {&gave_up, NULL};

static void tell_time_out(const weir_match *so_far, weir_context *context, void *user)
{
    (void)user;
    char text[100];
    describe(so_far, text);
    weir_side_emit(context, &gave_up, &(struct weir_str){text, (uint32_t)strlen(text)});
}

/* ---- harness ---- */

static weir_keyed_stream *hits(void)
{
    return weir_key_by(weir_harness_input(env, &hit_type), WEIR_FIELD(hit, user));
}

static struct weir_pattern_config config_of(const struct weir_pattern_step *steps,
                                            int64_t within_ms)
{
    return (struct weir_pattern_config){.in_type = &hit_type,
                                        .out_type = &weir_string_type,
                                        .steps = steps,
                                        .within_ms = within_ms,
                                        .match = tell,
                                        .timed_out = tell_time_out,
                                        .side_outputs = sides};
}

static void start(const struct weir_pattern_step *steps, int64_t within_ms)
{
    struct weir_pattern_config config = config_of(steps, within_ms);
    harness = weir_harness_new(env, weir_pattern(hits(), &config));
}

static void push_as(const char *user, const char *name, int64_t timestamp)
{
    weir_harness_push(harness, &(struct hit){weir_str_from(user), weir_str_from(name)}, timestamp);
}

static void push(const char *name, int64_t timestamp)
{
    push_as("ann", name, timestamp);
}

/* Words, at 1, 2, 3, …; then the watermark. */
static void push_all(const char *words)
{
    int64_t now = 0;
    for (const char *word = words; *word != '\0'; word += *word == ' ') {
        size_t len = strcspn(word, " ");
        weir_harness_push(harness, &(struct hit){WEIR_STR("ann"), {word, (uint32_t)len}}, ++now);
        word += len;
    }
    weir_harness_watermark(harness, now);
}

static void expect(const char *text)
{
    ck_assert_str_eq(weir_harness_take_text(harness), text);
}

static const struct weir_pattern_step strict[] = {
    {.name = "a", .where = is_a}, {.name = "b", .follows = WEIR_NEXT, .where = is_b}, {0}};
static const struct weir_pattern_step relaxed[] = {
    {.name = "a", .where = is_a}, {.name = "b", .follows = WEIR_FOLLOWED_BY, .where = is_b}, {0}};
static const struct weir_pattern_step any[] = {
    {.name = "a", .where = is_a},
    {.name = "b", .follows = WEIR_FOLLOWED_BY_ANY, .where = is_b},
    {0}};

/* ---- contiguity ---- */

START_TEST(next_allows_nothing_in_between)
{
    start(strict, 0);
    push_all("a1 b1 a2 d1 b2");
    expect("\"a1 b1\"@2 W5");
}
END_TEST

START_TEST(followed_by_skips_what_does_not_match_and_takes_the_first_that_does)
{
    start(relaxed, 0);
    push_all("a1 d1 b1 b2");
    expect("\"a1 b1\"@3 W4");
}
END_TEST

START_TEST(followed_by_any_takes_each_that_matches)
{
    start(any, 0);
    push_all("a1 d1 b1 b2");
    expect("\"a1 b1\"@3 \"a1 b2\"@4 W4");
}
END_TEST

START_TEST(every_first_event_starts_an_attempt_of_its_own)
{
    start(relaxed, 0);
    push_all("a1 a2 b1 b2");
    expect("\"a1 b1\"@3 \"a2 b1\"@3 W4");
}
END_TEST

START_TEST(one_step_matches_each_event_and_remembers_nothing)
{
    start((const struct weir_pattern_step[]){{.name = "a"}, {0}}, 0);
    push_all("a1 d1");
    expect("\"a1\"@1 \"d1\"@2 W2");
    ck_assert_int_eq(weir_harness_state(harness).entries, 0);
    ck_assert_int_eq(weir_harness_state(harness).event_timers, 0);
}
END_TEST

START_TEST(keys_do_not_disturb_each_other)
{
    start(strict, 0);
    push_as("ann", "a1", 1);
    push_as("bob", "a2", 2);
    push_as("ann", "b1", 3);
    push_as("bob", "b2", 4);
    weir_harness_watermark(harness, 10);
    expect("\"a1 b1\"@3 \"a2 b2\"@4 W10");
}
END_TEST

static bool is_b_like_its_a(const void *value, const weir_match *so_far, void *user)
{
    const struct hit *hit = value;
    const struct hit *before = weir_match_event(so_far, "a", 0);
    ck_assert_uint_eq(weir_match_count(so_far, "a"), 1);
    ck_assert_uint_eq(weir_match_count(so_far, "b"), 0);
    ck_assert_ptr_null(weir_match_event(so_far, "b", 0));
    ck_assert_ptr_null(weir_match_event(so_far, "unknown", 0));
    ck_assert_int_eq(weir_match_time(so_far, "a", 0), 1);
    ck_assert_int_eq(weir_match_time(so_far, "a", 1), WEIR_TIME_MIN);
    return is_b(value, so_far, user) && hit->name.data[1] == before->name.data[1];
}

START_TEST(condition_sees_what_the_attempt_has)
{
    start(
        (const struct weir_pattern_step[]){
            {.name = "a", .where = is_a},
            {.name = "b", .follows = WEIR_FOLLOWED_BY, .where = is_b_like_its_a},
            {0}},
        0);
    push_all("a7 b1 b7");
    expect("\"a7 b7\"@3 W3");
}
END_TEST

/* ---- loops: the documentation's example ---- */

static void expect_of_loop(enum weir_loop loop, const char *expected)
{
    start(
        (const struct weir_pattern_step[]){
            {.name = "a", .where = is_a},
            {.name = "b", .follows = WEIR_FOLLOWED_BY_ANY, .loop = loop, .where = is_b},
            {.name = "c", .follows = WEIR_FOLLOWED_BY, .where = is_c},
            {0}},
        0);
    push_all("a b1 d1 b2 d2 b3 c");
    expect(expected);
}

START_TEST(consecutive_loop_is_as_documented)
{
    expect_of_loop(WEIR_ONE_OR_MORE_CONSECUTIVE, "\"a b1 c\"@7 \"a b2 c\"@7 \"a b3 c\"@7 W7");
}
END_TEST

START_TEST(relaxed_loop_is_as_documented)
{
    expect_of_loop(WEIR_ONE_OR_MORE, "\"a b1 c\"@7 \"a b1 b2 c\"@7 \"a b1 b2 b3 c\"@7 "
                                     "\"a b2 c\"@7 \"a b2 b3 c\"@7 \"a b3 c\"@7 W7");
}
END_TEST

START_TEST(loop_of_combinations_is_as_documented)
{
    expect_of_loop(WEIR_ONE_OR_MORE_COMBINATIONS,
                   "\"a b1 c\"@7 \"a b1 b2 c\"@7 \"a b1 b2 b3 c\"@7 \"a b1 b3 c\"@7 "
                   "\"a b2 c\"@7 \"a b2 b3 c\"@7 \"a b3 c\"@7 W7");
}
END_TEST

START_TEST(loop_at_the_end_matches_as_soon_as_it_could_end)
{
    start(
        (const struct weir_pattern_step[]){
            {.name = "a", .where = is_a},
            {.name = "b", .follows = WEIR_NEXT, .loop = WEIR_ONE_OR_MORE, .where = is_b},
            {0}},
        10);
    push_all("a1 b1 b2");
    expect("\"a1 b1\"@2 \"a1 b1 b2\"@3 W3");
    weir_harness_finish(harness);
    expect("gave-up:\"a1 b1 b2\"@11 Wmax");
}
END_TEST

START_TEST(loop_at_the_start_begins_with_each_event)
{
    start(
        (const struct weir_pattern_step[]){
            {.name = "b", .loop = WEIR_ONE_OR_MORE_CONSECUTIVE, .where = is_b},
            {.name = "c", .follows = WEIR_NEXT, .where = is_c},
            {0}},
        0);
    push_all("b1 b2 c1 b3 d1 c2");
    expect("\"b1 b2 c1\"@3 \"b2 c1\"@3 W6");
}
END_TEST

/* ---- time ---- */

START_TEST(events_are_matched_in_order_of_time_when_the_watermark_comes)
{
    start(strict, 0);
    push("b1", 20);
    push("a1", 10);
    expect("");
    weir_harness_watermark(harness, 19);
    expect("W19");
    weir_harness_watermark(harness, 20);
    expect("\"a1 b1\"@20 W20");
}
END_TEST

START_TEST(equal_times_are_in_order_of_arrival)
{
    start(strict, 0);
    push("b1", 10);
    push("a1", 10);
    push("b2", 10);
    push("b0", 9);
    weir_harness_watermark(harness, 10);
    expect("\"a1 b2\"@10 W10");
}
END_TEST

START_TEST(event_at_the_watermark_is_late)
{
    start(relaxed, 0);
    weir_harness_watermark(harness, 10);
    push("a1", 10);
    push("a2", 11);
    push("b1", 12);
    weir_harness_watermark(harness, 12);
    expect("W10 \"a2 b1\"@12 W12");
    ck_assert_int_eq(weir_harness_metric(harness, "numLateRecordsDropped"), 1);
}
END_TEST

START_TEST(late_event_goes_to_its_side_output)
{
    struct weir_pattern_config config = config_of(relaxed, 0);
    config.late_output = &late;
    weir_stream *matches = weir_pattern(hits(), &config);
    harness = weir_harness_new(env, matches);
    weir_harness_watermark(harness, 10);
    push("a1", 9);
    expect("W10 late:{\"user\":\"ann\",\"name\":\"a1\"}@9");
    ck_assert_int_eq(weir_harness_metric(harness, "numLateRecordsDropped"), 0);
}
END_TEST

START_TEST(event_without_a_timestamp_is_rejected_and_counted)
{
    start(relaxed, 0);
    push("a1", WEIR_TIME_MIN);
    ck_assert_int_eq(weir_harness_metric(harness, "numRecordsRejected"), 1);
    ck_assert_int_eq(weir_harness_rejection(harness)->code, WEIR_INVALID);
}
END_TEST

START_TEST(events_exactly_within_apart_do_not_match)
{
    start(relaxed, 10);
    push("a1", 0);
    push("a2", 1);
    push("b1", 10);
    weir_harness_watermark(harness, 10);
    expect("gave-up:\"a1\"@10 \"a2 b1\"@10 W10");
    ck_assert_int_eq(weir_harness_metric(harness, "numTimedOutMatches"), 1);
}
END_TEST

START_TEST(watermark_ends_an_attempt_without_any_event)
{
    start(relaxed, 10);
    push("a1", 0);
    weir_harness_watermark(harness, 9);
    expect("W9");
    weir_harness_watermark(harness, 10);
    expect("gave-up:\"a1\"@10 W10");
    ck_assert_int_eq(weir_harness_state(harness).entries, 0);
    ck_assert_int_eq(weir_harness_state(harness).event_timers, 0);
}
END_TEST

START_TEST(time_out_comes_before_the_event_that_came_too_late)
{
    start((const struct weir_pattern_step[]){{.name = "a", .where = is_a},
                                             {.name = "b", .where = is_b},
                                             {.name = "c", .where = is_c},
                                             {0}},
          10);
    push("a1", 0);
    push("b1", 5);
    push("a2", 20);
    push("b2", 21);
    push("c2", 22);
    weir_harness_watermark(harness, 100);
    expect("gave-up:\"a1 b1\"@10 \"a2 b2 c2\"@22 W100");
}
END_TEST

START_TEST(without_a_limit_attempts_stay)
{
    start(relaxed, 0);
    push("a1", 1);
    weir_harness_watermark(harness, 1000000);
    push("b1", 2000000);
    weir_harness_watermark(harness, 3000000);
    expect("W1000000 \"a1 b1\"@2000000 W3000000");
}
END_TEST

START_TEST(far_ends_of_time_do_not_overflow)
{
    start(relaxed, WEIR_TIME_MAX);
    push("a1", WEIR_TIME_MIN + 1);
    push("b1", WEIR_TIME_MAX - 1);
    push("a2", WEIR_TIME_MAX - 2);
    weir_harness_watermark(harness, WEIR_TIME_MAX - 1);
    expect("gave-up:\"a1\"@0 \"a2 b1\"@9223372036854775806 W9223372036854775806");
    weir_harness_finish(harness);
    expect("Wmax");
}
END_TEST

/* ---- state ---- */

static void snapshot_and_restore(void)
{
    struct weir_str saved = weir_harness_snapshot(harness);
    ck_assert_msg(weir_harness_restore(harness, &saved, 1) == WEIR_OK, "%s",
                  weir_harness_error(harness)->message);
}

START_TEST(snapshot_holds_events_attempts_and_timers_but_not_the_watermark)
{
    start(any, 100);
    push("a1", 10);
    push("a2", 11);
    push("b1", 12);
    push("b2", 50);
    weir_harness_watermark(harness, 20);
    expect("\"a1 b1\"@12 \"a2 b1\"@12 W20");
    snapshot_and_restore();
    push("b3", 15); /* late before, and on time now */
    weir_harness_watermark(harness, 109);
    expect("\"a1 b3\"@15 \"a2 b3\"@15 \"a1 b2\"@50 \"a2 b2\"@50 W109");
    snapshot_and_restore();
    weir_harness_watermark(harness, 110);
    expect("gave-up:\"a1\"@110 W110");
    weir_harness_finish(harness);
    expect("gave-up:\"a2\"@111 Wmax");
    ck_assert_int_eq(weir_harness_state(harness).entries, 0);
}
END_TEST

START_TEST(snapshot_of_another_pattern_is_refused)
{
    start(strict, 0);
    push("a1", 10);
    struct weir_str saved = weir_harness_snapshot(harness);
    char *copy = malloc(saved.len);
    memcpy(copy, saved.data, saved.len);
    weir_harness_free(harness);
    start((const struct weir_pattern_step[]){{.name = "a", .where = is_a},
                                             {.name = "other", .where = is_b},
                                             {0}},
          0);
    struct weir_str other = {copy, saved.len};
    ck_assert_int_eq(weir_harness_restore(harness, &other, 1), WEIR_MISMATCH);
    free(copy);
}
END_TEST

START_TEST(damaged_snapshot_is_refused)
{
    start(any, 100);
    push("a1", 10);
    push("b1", 12);
    push("b2", 50);
    weir_harness_watermark(harness, 20);
    struct weir_str saved = weir_harness_snapshot(harness);
    for (uint32_t len = 0; len < saved.len; len++) {
        char *copy = malloc(len > 0 ? len : 1);
        memcpy(copy, saved.data, len);
        weir_env *other_env = weir_env_new("other", 0, NULL);
        struct weir_pattern_config config = config_of(any, 100);
        weir_harness *other = weir_harness_new(
            other_env, weir_pattern(weir_key_by(weir_harness_input(other_env, &hit_type),
                                                WEIR_FIELD(hit, user)),
                                    &config));
        ck_assert_int_ne(weir_harness_restore(other, &(struct weir_str){copy, len}, 1), WEIR_OK);
        weir_harness_free(other);
        weir_env_free(other_env);
        free(copy);
    }
}
END_TEST

/* ---- mistakes ---- */

static void expect_mistake(const struct weir_pattern_config *config, enum weir_status code,
                           const char *message)
{
    harness = weir_harness_new(env, weir_pattern(hits(), config));
    ck_assert_int_eq(weir_harness_error(harness)->code, code);
    ck_assert_str_eq(weir_harness_error(harness)->message, message);
}

START_TEST(stream_of_another_type_is_a_mistake)
{
    struct weir_pattern_config config = config_of(strict, 0);
    config.in_type = &weir_int64_type;
    expect_mistake(&config, WEIR_MISMATCH, "it takes int64, but its input is a stream of hit");
}
END_TEST

START_TEST(late_output_of_another_type_is_a_mistake)
{
    static const struct weir_output_tag mistyped = {"late", &weir_int64_type};
    struct weir_pattern_config config = config_of(strict, 0);
    config.late_output = &late;
    weir_stream *matches = weir_pattern(hits(), &config);
    harness = weir_harness_new(env, weir_side_output(matches, &mistyped));
    ck_assert_int_eq(weir_harness_error(harness)->code, WEIR_MISMATCH);
}
END_TEST

START_TEST(pattern_needs_a_step)
{
    static const struct weir_pattern_step none[] = {{0}};
    struct weir_pattern_config config = config_of(none, 0);
    expect_mistake(&config, WEIR_INVALID, "it needs a step, with a name");
}
END_TEST

START_TEST(two_steps_of_one_name_are_a_mistake)
{
    static const struct weir_pattern_step twins[] = {{.name = "a"}, {.name = "a"}, {0}};
    struct weir_pattern_config config = config_of(twins, 0);
    expect_mistake(&config, WEIR_INVALID, "two of its steps are named \"a\"");
}
END_TEST

START_TEST(negative_time_is_a_mistake)
{
    struct weir_pattern_config config = config_of(strict, -1);
    expect_mistake(&config, WEIR_INVALID, "the time within which it matches must not be negative");
}
END_TEST

START_TEST(match_function_must_be_there)
{
    struct weir_pattern_config config = config_of(strict, 0);
    config.match = NULL;
    expect_mistake(&config, WEIR_INVALID, "its match function is NULL");
}
END_TEST

START_TEST(plan_and_trace_say_what_is_looked_for)
{
    static const struct weir_pattern_step steps[] = {
        {.name = "cart"},
        {.name = "look", .follows = WEIR_FOLLOWED_BY_ANY, .loop = WEIR_ONE_OR_MORE},
        {.name = "pay", .follows = WEIR_NEXT},
        {0}};
    struct weir_pattern_config config = config_of(steps, 600000);
    char *about = weir__pattern_about(&config);
    ck_assert_str_eq(about, "cart, followed by any look+, next pay, within 10m");
    weir__free(about);
    struct weir__operator_factory *factory = weir__pattern_factory(&config);
    struct weir__buf json = {0};
    factory->describe(factory, &json);
    weir__buf_put_u8(&json, '\0');
    ck_assert_str_eq(json.data, "\"pattern\":\"cart, followed by any look+, next pay, within 10m\","
                                "\"within\":600000,\"late\":\"dropped\"");
    weir__buf_fini(&json);
    factory->free(factory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pattern");
    TCase *tcase = tcase_create("section 22");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, next_allows_nothing_in_between);
    tcase_add_test(tcase, followed_by_skips_what_does_not_match_and_takes_the_first_that_does);
    tcase_add_test(tcase, followed_by_any_takes_each_that_matches);
    tcase_add_test(tcase, every_first_event_starts_an_attempt_of_its_own);
    tcase_add_test(tcase, one_step_matches_each_event_and_remembers_nothing);
    tcase_add_test(tcase, keys_do_not_disturb_each_other);
    tcase_add_test(tcase, condition_sees_what_the_attempt_has);
    tcase_add_test(tcase, consecutive_loop_is_as_documented);
    tcase_add_test(tcase, relaxed_loop_is_as_documented);
    tcase_add_test(tcase, loop_of_combinations_is_as_documented);
    tcase_add_test(tcase, loop_at_the_end_matches_as_soon_as_it_could_end);
    tcase_add_test(tcase, loop_at_the_start_begins_with_each_event);
    tcase_add_test(tcase, events_are_matched_in_order_of_time_when_the_watermark_comes);
    tcase_add_test(tcase, equal_times_are_in_order_of_arrival);
    tcase_add_test(tcase, event_at_the_watermark_is_late);
    tcase_add_test(tcase, late_event_goes_to_its_side_output);
    tcase_add_test(tcase, event_without_a_timestamp_is_rejected_and_counted);
    tcase_add_test(tcase, events_exactly_within_apart_do_not_match);
    tcase_add_test(tcase, watermark_ends_an_attempt_without_any_event);
    tcase_add_test(tcase, time_out_comes_before_the_event_that_came_too_late);
    tcase_add_test(tcase, without_a_limit_attempts_stay);
    tcase_add_test(tcase, far_ends_of_time_do_not_overflow);
    tcase_add_test(tcase, snapshot_holds_events_attempts_and_timers_but_not_the_watermark);
    tcase_add_test(tcase, snapshot_of_another_pattern_is_refused);
    tcase_add_test(tcase, damaged_snapshot_is_refused);
    tcase_add_test(tcase, stream_of_another_type_is_a_mistake);
    tcase_add_test(tcase, late_output_of_another_type_is_a_mistake);
    tcase_add_test(tcase, pattern_needs_a_step);
    tcase_add_test(tcase, two_steps_of_one_name_are_a_mistake);
    tcase_add_test(tcase, negative_time_is_a_mistake);
    tcase_add_test(tcase, match_function_must_be_there);
    tcase_add_test(tcase, plan_and_trace_say_what_is_looked_for);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

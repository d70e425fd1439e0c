/*
 * Random patterns over random events: the operator, with snapshots at random points, against a
 * search through all selections of events. Semantics sheet, section 22.
 *
 * The search knows nothing of attempts: a match is a selection of a key's events in order of time
 * in which the gap before each event is allowed, and the last event is less than `within` after the
 * first. A selection of a part of the steps runs out of time in as many ways as it could have gone
 * on.
 */
#include "base/mem.h"
#include "base/rand.h"
#include "base/vec.h"
#include "random_cases.h"
#include "test_runtime_event.inc"

#include <weir/harness.h>

#include <check.h>
#include <stdarg.h>

enum { CASES = 1000, STEPS = 40, KEYS = 3, MOST = 4, SEEDS = 20, MANY = 4000 };

/* ---- conditions: on number % 4 ---- */

static bool is_any(const void *value, const weir_match *so_far, void *user)
{
    (void)value;
    (void)so_far;
    (void)user;
    return true;
}

#define DEFINE_CONDITION(name, expression)                                                         \
    static bool name(const void *value, const weir_match *so_far, void *user)                      \
    {                                                                                              \
        (void)so_far;                                                                              \
        (void)user;                                                                                \
        int64_t kind = ((const struct event *)value)->number % 4;                                  \
        return expression;                                                                         \
    }

DEFINE_CONDITION(is_0, kind == 0)
DEFINE_CONDITION(is_1, kind == 1)
DEFINE_CONDITION(is_2, kind == 2)
DEFINE_CONDITION(is_0_or_1, kind <= 1)
DEFINE_CONDITION(is_1_or_2, kind == 1 || kind == 2)

typedef bool condition(const void *value, const weir_match *so_far, void *user);
static condition *const conditions[] = {is_0, is_1, is_2, is_0_or_1, is_1_or_2, is_any};
static const char *const step_names[MOST] = {"s0", "s1", "s2", "s3"};
static const char *const key_names[KEYS] = {"ann", "bob", "cid"};

/* ---- a case ---- */

struct scenario {
    struct weir_pattern_step steps[MOST + 1];
    int step_count;
    int64_t within_ms;
    struct event events[STEPS]; /* key NULL: a watermark, in `time` */
    int event_count;
};

static int64_t pick(struct weir__rand *rand, int64_t low, int64_t high)
{
    return weir__rand_between(rand, low, high);
}

static void make(struct scenario *scenario, uint64_t seed)
{
    struct weir__rand rand;
    weir__rand_init(&rand, seed);
    *scenario = (struct scenario){.step_count = (int)pick(&rand, 1, MOST)};
    for (int i = 0; i < scenario->step_count; i++) {
        bool loops = pick(&rand, 0, 2) == 0;
        scenario->steps[i] = (struct weir_pattern_step){
            .name = step_names[i],
            .follows = (enum weir_contiguity)pick(&rand, 0, 2),
            .loop = loops ? (enum weir_loop)pick(&rand, 1, 3) : WEIR_ONCE,
            .where = conditions[pick(&rand, 0, 5)],
        };
    }
    scenario->within_ms = pick(&rand, 0, 3) == 0 ? 0 : pick(&rand, 1, 25);
    scenario->event_count = STEPS;
    int64_t now = pick(&rand, -50, 50);
    int64_t pace = pick(&rand, 1, 5); /* few events within a window, or many */
    for (int i = 0; i < STEPS; i++) {
        now += pick(&rand, 0, pace);
        bool watermark = pick(&rand, 0, 4) == 0;
        scenario->events[i] = (struct event){
            .key = watermark ? (struct weir_str){NULL, 0}
                             : weir_str_from(key_names[pick(&rand, 0, KEYS - 1)]),
            .number = (int64_t)i * 4 + pick(&rand, 0, 3), /* says which event it is, too */
            .time = now - pick(&rand, 0, 6),
        };
    }
}

/* ---- results as lines, sorted ---- */

WEIR_PRINTF(2, 3) static void add_line(struct lines *lines, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if ((lines->count & (lines->count - 1)) == 0) { /* room for 1, 2, 4, … */
        size_t room = lines->count > 0 ? 2 * lines->count : 1;
        lines->items = weir__reallocarray(lines->items, room, sizeof(*lines->items));
    }
    lines->items[lines->count++] = weir__strdup(text);
}

/* ---- the search ---- */

struct search {
    const struct scenario *scenario;
    const struct event *events[STEPS]; /* of one key, in order of time */
    int count;
    int chosen[STEPS]; /* positions in events, … */
    int of_step[STEPS];
    int depth;
    struct lines *lines;
};

static bool fulfils(const struct search *search, int at, int step)
{
    return search->scenario->steps[step].where(search->events[at], NULL, NULL);
}

/* Whether events from … to - 1 may lie in front of one that the step takes. */
static bool may_skip(const struct search *search, int from, int to, int step, int gap)
{
    for (int i = from; i < to; i++) {
        if (gap == WEIR_NEXT || (gap == WEIR_FOLLOWED_BY && fulfils(search, i, step))) {
            return false;
        }
    }
    return true;
}

/* What a loop allows between its events, as contiguity. */
static int inner_gap(enum weir_loop loop)
{
    return loop == WEIR_ONE_OR_MORE_CONSECUTIVE ? WEIR_NEXT
           : loop == WEIR_ONE_OR_MORE           ? WEIR_FOLLOWED_BY
                                                : WEIR_FOLLOWED_BY_ANY;
}

static void add_selection(const struct search *search, const char *what, int64_t time)
{
    char text[300];
    size_t len = 0;
    text[0] = '\0';
    for (int i = 0; i < search->depth; i++) {
        int wrote = snprintf(text + len, sizeof(text) - len, " %d:%lld", search->of_step[i],
                             (long long)search->events[search->chosen[i]]->number);
        len += (size_t)wrote;
    }
    add_line(search->lines, "%s %.*s%s @%lld", what, WEIR_STR_ARG(search->events[0]->key), text,
             (long long)time);
}

static bool in_time(const struct search *search, int at)
{
    int64_t start = search->events[search->chosen[0]]->time;
    int64_t within = search->scenario->within_ms;
    return within == 0 || search->events[at]->time - start < within;
}

/* The ways in which what is chosen could go on, when all events that were in time have come. */
static void add_time_outs(const struct search *search)
{
    const struct scenario *scenario = search->scenario;
    if (scenario->within_ms == 0) {
        return;
    }
    int last = search->chosen[search->depth - 1];
    int step = search->of_step[search->depth - 1];
    int end = last + 1;
    while (end < search->count && in_time(search, end)) {
        end++;
    }
    enum weir_loop loop = scenario->steps[step].loop;
    bool more = loop != WEIR_ONCE && may_skip(search, last + 1, end, step, inner_gap(loop));
    bool leaves = step + 1 < scenario->step_count &&
                  may_skip(search, last + 1, end, step + 1, (int)scenario->steps[step + 1].follows);
    /* Right behind its event a loop has not yet decided. */
    int ways = loop != WEIR_ONCE && end == last + 1 ? 1 : (int)more + (int)leaves;
    for (int i = 0; i < ways; i++) {
        add_selection(search, "gave up",
                      search->events[search->chosen[0]]->time + scenario->within_ms);
    }
}

static void extend(struct search *search);

static void choose(struct search *search, int at, int step)
{
    search->chosen[search->depth] = at;
    search->of_step[search->depth++] = step;
    extend(search);
    search->depth--;
}

/* All longer selections that begin with the chosen one, and itself; stops when there are MANY. */
static void extend(struct search *search)
{
    const struct scenario *scenario = search->scenario;
    if (search->lines->count > MANY) {
        return;
    }
    int last = search->chosen[search->depth - 1];
    int step = search->of_step[search->depth - 1];
    enum weir_loop loop = scenario->steps[step].loop;
    if (step + 1 == scenario->step_count) {
        add_selection(search, "match", search->events[last]->time);
    }
    add_time_outs(search);
    for (int at = last + 1; at < search->count && in_time(search, at); at++) {
        if (loop != WEIR_ONCE && fulfils(search, at, step) &&
            may_skip(search, last + 1, at, step, inner_gap(loop))) {
            choose(search, at, step);
        }
        if (step + 1 < scenario->step_count && fulfils(search, at, step + 1) &&
            may_skip(search, last + 1, at, step + 1, (int)scenario->steps[step + 1].follows)) {
            choose(search, at, step + 1);
        }
    }
}

static void search_key(const struct scenario *scenario, const char *key, struct lines *lines)
{
    struct search search = {.scenario = scenario, .lines = lines};
    int64_t watermark = WEIR_TIME_MIN;
    for (int i = 0; i < scenario->event_count; i++) {
        const struct event *event = &scenario->events[i];
        if (weir_str_is_null(event->key)) {
            watermark = event->time > watermark ? event->time : watermark;
        } else if (weir_str_equals(event->key, key) && event->time > watermark) {
            int at = search.count++;
            for (; at > 0 && search.events[at - 1]->time > event->time; at--) {
                search.events[at] = search.events[at - 1];
            }
            search.events[at] = event;
        } else if (weir_str_equals(event->key, key)) {
            add_line(lines, "late %lld", (long long)event->number);
        }
    }
    for (int i = 0; i < search.count; i++) {
        if (fulfils(&search, i, 0)) {
            choose(&search, i, 0);
        }
    }
}

/* ---- the operator ---- */

/* "match ann 0:4 1:9 @17": steps and numbers of the events, as the search writes them. */
static void emit_text(const weir_match *match, const weir_context *context, const char *what,
                      char text[400])
{
    int len = snprintf(text, 400, "%s %.*s", what,
                       WEIR_STR_ARG(*(const struct weir_str *)weir_current_key(context)));
    for (int i = 0; i < MOST; i++) {
        for (size_t j = 0; j < weir_match_count(match, step_names[i]); j++) {
            const struct event *event = weir_match_event(match, step_names[i], j);
            ck_assert_int_eq(event->time, weir_match_time(match, step_names[i], j));
            len += snprintf(text + len, 400 - (size_t)len, " %d:%lld", i, (long long)event->number);
        }
    }
    snprintf(text + len, 400 - (size_t)len, " @%lld", (long long)weir_timestamp(context));
}

static void tell(const weir_match *match, weir_context *context, weir_collector *out, void *user)
{
    (void)user;
    char text[400];
    emit_text(match, context, "match", text);
    weir_emit(out, &(struct weir_str){text, (uint32_t)strlen(text)});
}

static const struct weir_output_tag gave_up = {"gave-up", &weir_string_type};
static const struct weir_output_tag late_tag = {"late", &event_type};
static const struct weir_output_tag *const sides[] = {&gave_up, NULL};

static void tell_time_out(const weir_match *so_far, weir_context *context, void *user)
{
    (void)user;
    char text[400];
    emit_text(so_far, context, "gave up", text);
    weir_side_emit(context, &gave_up, &(struct weir_str){text, (uint32_t)strlen(text)});
}

static struct weir_pattern_config config_of(const struct scenario *scenario)
{
    return (struct weir_pattern_config){.in_type = &event_type,
                                        .out_type = &weir_string_type,
                                        .steps = scenario->steps,
                                        .within_ms = scenario->within_ms,
                                        .match = tell,
                                        .timed_out = tell_time_out,
                                        .late_output = &late_tag,
                                        .side_outputs = sides};
}

static void collect(weir_harness *harness, struct lines *lines)
{
    for (size_t i = 0; i < weir_harness_count(harness); i++) {
        const struct weir_harness_output *output = weir_harness_at(harness, i);
        if (output->kind != WEIR_OUT_RECORD) {
            continue;
        }
        if (output->type == &event_type) {
            add_line(lines, "late %lld", (long long)((const struct event *)output->value)->number);
        } else {
            add_line(lines, "%.*s", WEIR_STR_ARG(*(const struct weir_str *)output->value));
        }
    }
    weir_harness_clear(harness);
}

/* snapshots: how often, in percent. */
static void operate(const struct scenario *scenario, uint64_t seed, int snapshots,
                    struct lines *lines)
{
    struct weir__rand rand;
    weir__rand_init(&rand, seed + 1);
    weir_env *env = weir_env_new("random patterns", 0, NULL);
    struct weir_pattern_config config = config_of(scenario);
    weir_keyed_stream *keyed =
        weir_key_by(weir_harness_input(env, &event_type), WEIR_FIELD(event, key));
    weir_harness *harness = weir_harness_new(env, weir_pattern(keyed, &config));
    int64_t watermark = WEIR_TIME_MIN;
    for (int i = 0; i < scenario->event_count; i++) {
        const struct event *event = &scenario->events[i];
        if (!weir_str_is_null(event->key)) {
            weir_harness_push(harness, event, event->time);
        } else {
            watermark = event->time > watermark ? event->time : watermark;
            weir_harness_watermark(harness, event->time);
        }
        if (pick(&rand, 1, 100) <= snapshots) {
            struct weir_str saved = weir_harness_snapshot(harness);
            ck_assert_int_eq(weir_harness_restore(harness, &saved, 1), WEIR_OK);
            weir_harness_watermark(harness, watermark); /* it is no state */
        }
    }
    weir_harness_finish(harness);
    if (scenario->within_ms > 0) {
        ck_assert_int_eq(weir_harness_state(harness).entries, 0);
    }
    collect(harness, lines);
    weir_harness_free(harness);
    weir_env_free(env);
}

/* ---- the tests ---- */

static void search_all(const struct scenario *scenario, struct lines *lines)
{
    for (int key = 0; key < KEYS; key++) {
        search_key(scenario, key_names[key], lines);
    }
}

/* Returns how many results there were. */
static size_t run_case(uint64_t seed)
{
    struct scenario scenario;
    make(&scenario, seed);
    struct lines expected = {0};
    search_all(&scenario, &expected);
    /* Steps that take anything, in loops, have a result for every subset of the events. */
    while (expected.count > MANY) {
        scenario.event_count -= scenario.event_count / 4;
        lines_clear(&expected);
        search_all(&scenario, &expected);
    }
    struct lines got = {0};
    operate(&scenario, seed, seed % 2 == 0 ? 0 : 20, &got);
    char *expected_text = lines_join(&expected);
    char *got_text = lines_join(&got);
    ck_assert_msg(strcmp(expected_text, got_text) == 0, "SEED=%llu: expected\n%s\ngot\n%s",
                  (unsigned long long)seed, expected_text, got_text);
    size_t found = got.count;
    free(expected_text);
    free(got_text);
    lines_clear(&expected);
    lines_clear(&got);
    return found;
}

START_TEST(operator_finds_what_a_search_through_all_selections_finds)
{
    struct random_cases cases = random_cases("pattern", CASES);
    size_t found = 0;
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        found += run_case(seed);
    }
    uint64_t count = cases.end - cases.first;
    ck_assert(count < CASES || found > count); /* they do find something */
}
END_TEST

/* ---- several subtasks ---- */

static void collect_text(const void *value, int64_t timestamp, void *user)
{
    struct event line = {.key = *(const struct weir_str *)value};
    lines_collect(&line, timestamp, user);
}

static void run_job(const char *const *args, struct lines *lines)
{
    static const struct weir_pattern_step steps[] = {
        {.name = "s0", .where = is_0},
        {.name = "s1", .follows = WEIR_FOLLOWED_BY, .loop = WEIR_ONE_OR_MORE, .where = is_1},
        {.name = "s2", .follows = WEIR_FOLLOWED_BY, .where = is_2},
        {0}};
    weir_env *env = event_env(args);
    struct scenario scenario = {.within_ms = 150};
    struct weir_pattern_config config = config_of(&scenario);
    config.steps = steps;
    weir_stream *events =
        weir_assign_watermarks(weir_from_source(env, event_source(2000, 4, NULL)),
                               weir_bounded_out_of_orderness(10), WEIR_FIELD(event, time));
    weir_stream *matches = weir_pattern(weir_key_by(events, WEIR_FIELD(event, key)), &config);
    weir_sink_to(matches, weir_collect(collect_text, lines));
    weir_sink_to(weir_side_output(matches, &gave_up), weir_collect(collect_text, lines));
    ck_assert_int_eq(weir_execute(env), 0);
    ck_assert_int_eq(weir_metric(env, "Pattern", "numLateRecordsDropped"), 0);
    weir_env_free(env);
}

START_TEST(results_are_the_same_with_any_parallelism_and_in_simulation)
{
    struct lines expected = {0};
    run_job((const char *const[]){"-p", "1", NULL}, &expected);
    ck_assert_uint_gt(expected.count, 100);
    struct random_cases cases = random_seeds("pattern schedules", SEEDS);
    for (uint64_t i = cases.first; i < cases.end; i++) {
        char parallelism[12];
        char seed[24];
        snprintf(parallelism, sizeof(parallelism), "%d", 1 + (int)(i % 4));
        snprintf(seed, sizeof(seed), "%" PRIu64, i);
        const char *scheduler = i % 10 < 1 ? "--scheduler=threads" : "--scheduler=simulation";
        struct lines lines = {0};
        run_job((const char *const[]){"-p", parallelism, scheduler, "--seed", seed, NULL}, &lines);
        lines_assert_same(&lines, &expected);
        lines_clear(&lines);
    }
    lines_clear(&expected);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("random patterns");
    TCase *tcase = tcase_create("section 22");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, operator_finds_what_a_search_through_all_selections_finds);
    tcase_add_test(tcase, results_are_the_same_with_any_parallelism_and_in_simulation);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

/*
 * Windows, at random, in harnesses: against a reference that keeps every event and recomputes; with
 * snapshots at random points; over several subtasks; in every state backend. A failing case prints
 * its seed: random_cases.h.
 *
 * Rules under test: semantics sheet, sections 1, 2, 4, 5, 6, 8, 10 and 16.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "base/rand.h"
#include "base/vec.h"
#include "random_cases.h"
#include "state_backends.h"

#include <weir/harness.h>

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ITEM_FIELDS(F, T)                                                                          \
    F(T, string, key, "key", required)                                                             \
    F(T, int64, value, "value", required)
WEIR_DECLARE_TYPE(item, ITEM_FIELDS);
WEIR_DEFINE_TYPE(item, ITEM_FIELDS);

#define TOTAL_FIELDS(F, T)                                                                         \
    F(T, string, key, "key", required)                                                             \
    F(T, int64, from, "from", required)                                                            \
    F(T, int64, to, "to", required)                                                                \
    F(T, int64, sum, "sum", required)
WEIR_DECLARE_TYPE(total, TOTAL_FIELDS);
WEIR_DEFINE_TYPE(total, TOTAL_FIELDS);

static void add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)timestamp;
    (void)user;
    *(int64_t *)accumulator += ((const struct item *)value)->value;
}

static void merge(void *accumulator, const void *other, void *user)
{
    (void)user;
    *(int64_t *)accumulator += *(const int64_t *)other;
}

static void result(const void *accumulator, const struct weir_window_context *context, void *out,
                   void *user)
{
    (void)user;
    *(struct total *)out =
        (struct total){*(const struct weir_str *)context->key, context->window.start,
                       context->window.end, *(const int64_t *)accumulator};
}

static const struct weir_aggregate sum_aggregate = {
    .name = "sum",
    .in_type = &item_type,
    .accumulator_type = &weir_int64_type,
    .out_type = &total_type,
    .add = add,
    .merge = merge,
    .result = result,
};

/* The same by a window function that adds up only what it has not seen at an earlier firing. */
static const struct weir_state_descriptor seen_state = {
    .name = "seen", .kind = WEIR_STATE_VALUE, .type = &weir_int64_type};
static const struct weir_state_descriptor sum_state = {
    .name = "sum", .kind = WEIR_STATE_VALUE, .type = &weir_int64_type};
static const struct weir_state_descriptor *const of_window[] = {&seen_state, &sum_state, NULL};

static void sum_up(const struct weir_window_context *context,
                   const struct weir_window_element *elements, size_t count, weir_collector *out,
                   void *user)
{
    (void)user;
    int64_t *seen = weir_value_state_edit(context->window_state, &seen_state);
    int64_t *sum = weir_value_state_edit(context->window_state, &sum_state);
    for (; (size_t)*seen < count; ++*seen) {
        *sum += ((const struct item *)elements[*seen].value)->value;
    }
    weir_emit(out, &(struct total){*(const struct weir_str *)context->key, context->window.start,
                                   context->window.end, *sum});
}

static const struct weir_window_function sum_function = {
    .in_type = &item_type,
    .out_type = &total_type,
    .process = sum_up,
    .window_states = of_window,
};

static const struct weir_output_tag late_tag = {"late", &item_type};

/* ---- a random case ---- */

enum { KEYS = 5, STEPS = 60 };

static const char *const key_names[KEYS] = {"ann", "bob", "cid", "dan", "eve"};

struct step {
    bool is_watermark;
    int key;
    int64_t value;
    int64_t time; /* of the event, or the watermark */
};

struct scenario {
    uint64_t seed;
    struct weir_window_config config;
    struct step steps[STEPS];
};

static int64_t pick(struct weir__rand *rand, int64_t low, int64_t high)
{
    return weir__rand_between(rand, low, high);
}

static struct weir_window_assigner random_assigner(struct weir__rand *rand)
{
    struct weir_window_assigner assigner = {.kind = WEIR_ASSIGN_TUMBLING};
    assigner.size_ms = pick(rand, 1, 30);
    switch (pick(rand, 0, 2)) {
    case 0:
        assigner.offset_ms = pick(rand, -assigner.size_ms + 1, assigner.size_ms - 1);
        break;
    case 1: /* with gaps, too */
        assigner.kind = WEIR_ASSIGN_SLIDING;
        assigner.slide_ms = pick(rand, 1, 35);
        assigner.offset_ms = pick(rand, -assigner.slide_ms + 1, assigner.slide_ms - 1);
        break;
    default:
        assigner = weir_session_event_time(pick(rand, 1, 20));
        break;
    }
    return assigner;
}

/* Events scatter around a time that goes on; watermarks now and then, a little behind it. */
static struct scenario random_scenario(uint64_t seed)
{
    struct scenario scenario = {.seed = seed};
    struct weir__rand rand;
    weir__rand_init(&rand, seed);
    scenario.config.assigner = random_assigner(&rand);
    scenario.config.aggregate = &sum_aggregate;
    scenario.config.allowed_lateness_ms = pick(&rand, 0, 1) ? pick(&rand, 0, 40) : 0;
    scenario.config.late_output = &late_tag;
    int64_t now = pick(&rand, -100, 100);
    for (int i = 0; i < STEPS; i++) {
        now += pick(&rand, 0, 5);
        struct step *step = &scenario.steps[i];
        step->is_watermark = pick(&rand, 0, 5) == 0;
        step->key = (int)pick(&rand, 0, KEYS - 1);
        step->value = pick(&rand, 1, 1000);
        step->time = step->is_watermark ? now - pick(&rand, 0, 30) : now - pick(&rand, -10, 60);
    }
    scenario.steps[STEPS - 1] = (struct step){.is_watermark = true, .time = WEIR_TIME_MAX};
    return scenario;
}

/* ---- what comes out, as sorted lines ---- */

struct lines {
    struct weir__vec all; /* char *, owned */
};

WEIR_PRINTF(2, 3) static void add_line(struct lines *lines, const char *format, ...)
{
    char text[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    char *copy = weir__strdup(text);
    weir__vec_push(&lines->all, &copy);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *joined(struct lines *lines)
{
    struct weir__buf text = {0};
    if (lines->all.count > 0) {
        qsort(lines->all.items, lines->all.count, sizeof(char *), by_text);
    }
    for (size_t i = 0; i < lines->all.count; i++) {
        char *line = *(char **)weir__vec_at(&lines->all, i);
        weir__buf_printf(&text, "%s\n", line);
        weir__free(line);
    }
    weir__vec_fini(&lines->all);
    weir__buf_printf(&text, "%s", "");
    return text.data;
}

static void add_total(struct lines *lines, const char *key, struct weir_window window, int64_t sum)
{
    add_line(lines, "%s [%lld,%lld) %lld", key, (long long)window.start, (long long)window.end,
             (long long)sum);
}

static void add_late(struct lines *lines, const char *key, int64_t value, int64_t time)
{
    add_line(lines, "late %s %lld @%lld", key, (long long)value, (long long)time);
}

/* ---- the reference: sections 4 to 8 by the letter, windows in a list ---- */

struct model_window {
    int key;
    struct weir_window window;
    int64_t sum;
};

struct model {
    const struct weir_window_config *config;
    struct weir__vec windows; /* struct model_window */
    int64_t watermark;
    struct lines lines;
};

static int64_t floor_to(int64_t time, int64_t offset, int64_t step)
{
    int64_t rest = (time - offset) % step;
    return rest < 0 ? time - rest - step : time - rest;
}

static bool is_late(const struct model *model, struct weir_window window)
{
    return window.end - 1 + model->config->allowed_lateness_ms <= model->watermark;
}

static struct model_window *model_find(struct model *model, int key, struct weir_window window)
{
    for (size_t i = 0; i < model->windows.count; i++) {
        struct model_window *at = weir__vec_at(&model->windows, i);
        if (at->key == key && at->window.start == window.start && at->window.end == window.end) {
            return at;
        }
    }
    return NULL;
}

/* Takes all windows of the key that touch `window` out, and returns their cover with all their
 * sums. */
static struct model_window model_merge(struct model *model, int key, struct weir_window window)
{
    struct model_window merged = {key, window, 0};
    for (size_t i = model->windows.count; i-- > 0;) {
        struct model_window *at = weir__vec_at(&model->windows, i);
        if (at->key == key && at->window.start <= window.end && at->window.end >= window.start) {
            merged.window.start =
                at->window.start < merged.window.start ? at->window.start : merged.window.start;
            merged.window.end =
                at->window.end > merged.window.end ? at->window.end : merged.window.end;
            merged.sum += at->sum;
            weir__vec_remove(&model->windows, i);
        }
    }
    return merged;
}

/* One window of one event; true when it was taken. */
static bool model_add(struct model *model, const struct step *step, struct weir_window window)
{
    struct model_window *target;
    if (model->config->assigner.kind == WEIR_ASSIGN_SESSION) {
        struct model_window merged = model_merge(model, step->key, window);
        if (is_late(model, merged.window)) {
            return false; /* it touched nothing: what is open is not late */
        }
        weir__vec_push(&model->windows, &merged);
    } else if (is_late(model, window)) {
        return false;
    } else if (model_find(model, step->key, window) == NULL) {
        weir__vec_push(&model->windows, &(struct model_window){step->key, window, 0});
    }
    target = model->config->assigner.kind == WEIR_ASSIGN_SESSION
                 ? weir__vec_last(&model->windows)
                 : model_find(model, step->key, window);
    target->sum += step->value;
    if (target->window.end - 1 <= model->watermark) {
        add_total(&model->lines, key_names[step->key], target->window, target->sum);
    }
    return true;
}

static void model_event(struct model *model, const struct step *step)
{
    const struct weir_window_assigner *assigner = &model->config->assigner;
    bool taken = false;
    if (assigner->kind == WEIR_ASSIGN_SESSION) {
        taken =
            model_add(model, step, (struct weir_window){step->time, step->time + assigner->gap_ms});
    } else {
        int64_t slide = assigner->slide_ms > 0 ? assigner->slide_ms : assigner->size_ms;
        for (int64_t start = floor_to(step->time, assigner->offset_ms, slide);
             start > step->time - assigner->size_ms; start -= slide) {
            taken |= model_add(model, step, (struct weir_window){start, start + assigner->size_ms});
        }
    }
    if (!taken && step->time + model->config->allowed_lateness_ms <= model->watermark) {
        add_late(&model->lines, key_names[step->key], step->value, step->time);
    }
}

static void model_watermark(struct model *model, int64_t watermark)
{
    if (watermark <= model->watermark) {
        return;
    }
    int64_t before = model->watermark;
    model->watermark = watermark;
    for (size_t i = model->windows.count; i-- > 0;) {
        struct model_window *at = weir__vec_at(&model->windows, i);
        if (at->window.end - 1 > before && at->window.end - 1 <= watermark) {
            add_total(&model->lines, key_names[at->key], at->window, at->sum);
        }
        if (is_late(model, at->window)) {
            weir__vec_remove(&model->windows, i);
        }
    }
}

static char *run_model(const struct scenario *scenario)
{
    struct model model = {.config = &scenario->config,
                          .windows = WEIR__VEC_OF(struct model_window),
                          .watermark = WEIR_TIME_MIN,
                          .lines.all = WEIR__VEC_OF(char *)};
    for (int i = 0; i < STEPS; i++) {
        const struct step *step = &scenario->steps[i];
        if (step->is_watermark) {
            model_watermark(&model, step->time);
        } else {
            model_event(&model, step);
        }
    }
    weir__vec_fini(&model.windows);
    return joined(&model.lines);
}

/* ---- the real thing ---- */

static void collect(weir_harness *harness, struct lines *lines)
{
    char key[8];
    for (size_t i = 0; i < weir_harness_count(harness); i++) {
        const struct weir_harness_output *output = weir_harness_at(harness, i);
        if (output->kind != WEIR_OUT_RECORD) {
            continue;
        }
        if (output->tag != NULL) {
            const struct item *item = output->value;
            snprintf(key, sizeof(key), "%.*s", WEIR_STR_ARG(item->key));
            add_late(lines, key, item->value, output->timestamp);
        } else {
            const struct total *total = output->value;
            snprintf(key, sizeof(key), "%.*s", WEIR_STR_ARG(total->key));
            ck_assert_int_eq(output->timestamp, total->to - 1);
            add_total(lines, key, (struct weir_window){total->from, total->to}, total->sum);
        }
    }
    weir_harness_clear(harness);
}

static int home_of(const struct step *step, int parallelism)
{
    struct weir__key key = weir__key_string(weir_str_from(key_names[step->key]));
    return weir__key_group_subtask(weir__key_group(&key, WEIR__DEFAULT_MAX_PARALLELISM),
                                   WEIR__DEFAULT_MAX_PARALLELISM, parallelism);
}

/* The watermark is not state: who restores brings it back to where it was. */
static void restore(weir_harness *harness, int64_t watermark)
{
    struct weir_str snapshot = weir_harness_snapshot(harness);
    ck_assert_int_eq(weir_harness_restore(harness, &snapshot, 1), WEIR_OK);
    weir_harness_watermark(harness, watermark);
}

/* restores: one in so many steps; 0: never. */
static char *run_harness(const struct scenario *scenario, int parallelism, int restores,
                         const struct weir_window_config *given)
{
    weir_env *env = weir_env_new("random", 0, NULL);
    struct weir_state_backend_config backend = state_config(state_backend);
    weir_env_set_state_backend(env, &backend);
    struct weir_window_config config = *given;
    weir_stream *out = weir_window(
        weir_key_by(weir_harness_input(env, &item_type), WEIR_FIELD(item, key)), &config);
    struct weir__rand rand;
    weir__rand_init(&rand, scenario->seed + 1);
    struct lines lines = {WEIR__VEC_OF(char *)};
    int64_t watermark = WEIR_TIME_MIN;
    weir_harness *subtasks[3];
    for (int i = 0; i < parallelism; i++) {
        subtasks[i] = weir_harness_new_subtask(env, out, i, parallelism);
        ck_assert_msg(weir_harness_error(subtasks[i])->code == WEIR_OK, "%s",
                      weir_harness_error(subtasks[i])->message);
    }
    for (int i = 0; i < STEPS; i++) {
        const struct step *step = &scenario->steps[i];
        if (step->is_watermark) {
            watermark = step->time > watermark ? step->time : watermark;
        }
        for (int s = 0; s < parallelism; s++) {
            if (step->is_watermark) {
                weir_harness_watermark(subtasks[s], step->time);
            } else if (home_of(step, parallelism) == s) {
                struct item item = {weir_str_from(key_names[step->key]), step->value};
                weir_harness_push(subtasks[s], &item, step->time);
            }
            if (restores > 0 && weir__rand_below(&rand, (uint64_t)restores) == 0) {
                restore(subtasks[s], watermark);
            }
            collect(subtasks[s], &lines);
        }
    }
    for (int i = 0; i < parallelism; i++) {
        struct weir_harness_state left = weir_harness_state(subtasks[i]);
        ck_assert_int_eq(left.entries + left.windows + left.event_timers, 0);
        weir_harness_free(subtasks[i]);
    }
    weir_env_free(env);
    return joined(&lines);
}

/* ---- comparing ---- */

static void compare(const struct scenario *scenario, char *expected, char *got, const char *what)
{
    ck_assert_msg(
        strcmp(expected, got) == 0,
        "seed %llu, %s (assigner %d, size %lld, slide %lld, offset %lld, gap %lld, "
        "lateness %lld)\nexpected:\n%sgot:\n%s",
        (unsigned long long)scenario->seed, what, (int)scenario->config.assigner.kind,
        (long long)scenario->config.assigner.size_ms, (long long)scenario->config.assigner.slide_ms,
        (long long)scenario->config.assigner.offset_ms, (long long)scenario->config.assigner.gap_ms,
        (long long)scenario->config.allowed_lateness_ms, expected, got);
    weir__free(got);
}

static void some_scenarios(uint64_t count, const char *what, int parallelism, int restores,
                           enum weir_window_path path, bool with_states)
{
    struct random_cases cases = random_cases(what, count);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct scenario scenario = random_scenario(seed);
        struct weir_window_config config = scenario.config;
        config.path = path;
        if (with_states && config.assigner.kind != WEIR_ASSIGN_SESSION) {
            config.aggregate = NULL;
            config.process = &sum_function;
        }
        char *expected = run_model(&scenario);
        compare(&scenario, expected, run_harness(&scenario, parallelism, restores, &config), what);
        weir__free(expected);
    }
}

static void each_scenario(const char *what, int parallelism, int restores,
                          enum weir_window_path path, bool with_states)
{
    some_scenarios(400, what, parallelism, restores, path, with_states);
}

START_TEST(windows_give_what_the_reference_recomputes)
{
    each_scenario("one subtask", 1, 0, WEIR_PATH_AUTO, false);
}
END_TEST

START_TEST(general_path_gives_the_same)
{
    each_scenario("general path", 1, 0, WEIR_PATH_GENERAL, false);
}
END_TEST

START_TEST(snapshots_at_random_points_change_nothing)
{
    each_scenario("with restores", 1, 5, WEIR_PATH_AUTO, false);
}
END_TEST

START_TEST(three_subtasks_give_what_one_gives)
{
    each_scenario("three subtasks", 3, 0, WEIR_PATH_AUTO, false);
}
END_TEST

START_TEST(states_of_windows_live_and_travel_with_them)
{
    each_scenario("states of windows", 3, 5, WEIR_PATH_AUTO, true);
}
END_TEST

/* Opening a database takes a while, so there are fewer cases. */
START_TEST(every_state_backend_gives_the_same)
{
    for (int i = 1; i < STATE_BACKENDS; i++) {
        state_backend = &state_backends[i];
        some_scenarios(40, state_backend->name, 1, 0, WEIR_PATH_AUTO, false);
        some_scenarios(10, state_backend->name, 2, 10, WEIR_PATH_AUTO, false);
        some_scenarios(10, state_backend->name, 2, 10, WEIR_PATH_AUTO, true);
    }
}
END_TEST

/* Sessions by sorting: everything on time, one watermark at the end. */
START_TEST(sessions_are_what_sorting_gives)
{
    struct random_cases cases = random_cases("sessions by sorting", 500);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        struct scenario scenario = random_scenario(seed);
        int64_t gap = 1 + (int64_t)(seed % 20);
        scenario.config.assigner = weir_session_event_time(gap);
        struct lines lines = {WEIR__VEC_OF(char *)};
        for (int key = 0; key < KEYS; key++) {
            struct step sorted[STEPS];
            int count = 0;
            for (int i = 0; i < STEPS; i++) {
                struct step *step = &scenario.steps[i];
                step->is_watermark = i == STEPS - 1;
                if (!step->is_watermark && step->key == key) {
                    int at = count++;
                    for (; at > 0 && sorted[at - 1].time > step->time; at--) {
                        sorted[at] = sorted[at - 1];
                    }
                    sorted[at] = *step;
                }
            }
            for (int i = 0; i < count;) {
                int64_t start = sorted[i].time;
                int64_t sum = 0;
                int64_t end = start + gap;
                for (; i < count && sorted[i].time <= end; i++) {
                    sum += sorted[i].value;
                    end = sorted[i].time + gap;
                }
                add_total(&lines, key_names[key], (struct weir_window){start, end}, sum);
            }
        }
        char *expected = joined(&lines);
        compare(&scenario, expected, run_harness(&scenario, 1, 0, &scenario.config), "sorting");
        weir__free(expected);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("random windows");
    TCase *tcase = tcase_create("random");
    tcase_set_timeout(tcase, 600);
    tcase_add_test(tcase, windows_give_what_the_reference_recomputes);
    tcase_add_test(tcase, general_path_gives_the_same);
    tcase_add_test(tcase, snapshots_at_random_points_change_nothing);
    tcase_add_test(tcase, three_subtasks_give_what_one_gives);
    tcase_add_test(tcase, states_of_windows_live_and_travel_with_them);
    tcase_add_test(tcase, every_state_backend_gives_the_same);
    tcase_add_test(tcase, sessions_are_what_sorting_gives);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

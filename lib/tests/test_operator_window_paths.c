/*
 * Slices and panes, and sessions kept directly and in panes, give the same results, timestamps and
 * order, always: random cases run through both paths, through a mixture that changes the path at
 * every restart, through a fast path whose memory is full at some time, and through a reference
 * that knows only the definitions. Semantics sheet, sections 1, 2, 4 to 8.
 */
#include "test_window_lab.inc"

#include "base/rand.h"
#include "operator/window_operator.h"
#include "random_cases.h"
#include "window/rules.h"

#include <pthread.h>

/* ---- a second aggregate, whose accumulator owns memory: distinct values ---- */

#define SEEN_FIELDS(F, T)                                                                          \
    F(T, string_set, values, "values", required)                                                   \
    F(T, int64, sum, "sum", required)
WEIR_DECLARE_TYPE(seen, SEEN_FIELDS);
WEIR_DEFINE_TYPE(seen, SEEN_FIELDS);

static void seen_create(void *accumulator, void *user)
{
    (void)user;
    ((struct seen *)accumulator)->sum = 1000; /* shows that create ran */
}

static void seen_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)user;
    (void)timestamp;
    struct seen *seen = accumulator;
    char text[32];
    snprintf(text, sizeof(text), "v%" PRId64, ((const struct lab_event *)value)->value);
    weir_string_set_add(&seen->values, weir_str_from(text), 1);
}

static void seen_merge(void *accumulator, const void *other, void *user)
{
    (void)user;
    weir_string_set_merge(&((struct seen *)accumulator)->values,
                          &((const struct seen *)other)->values);
}

static void seen_result(const void *accumulator, const struct weir_window_context *context,
                        void *out, void *user)
{
    (void)user;
    const struct seen *seen = accumulator;
    struct lab_result *result = out;
    *result = lab_result_of(context);
    result->value = seen->sum + weir_string_set_size(&seen->values);
}

static const struct weir_aggregate distinct = {
    .name = "distinct",
    .in_type = &lab_event_type,
    .accumulator_type = &seen_type,
    .out_type = &lab_result_type,
    .create = seen_create,
    .add = seen_add,
    .merge = seen_merge,
    .result = seen_result,
};

/* ---- a third, that says what it is made of ---- */

#define TAGS_FIELDS(F, T)                                                                          \
    F(T, string_set, tags, "tags", required)                                                       \
    F(T, int64, count, "count", required)
WEIR_DECLARE_TYPE(tags, TAGS_FIELDS);
WEIR_DEFINE_TYPE(tags, TAGS_FIELDS);

static void tags_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)user;
    (void)timestamp;
    struct tags *tags = accumulator;
    tags->count++;
    weir_string_set_add(&tags->tags, ((const struct lab_event *)value)->tag, 1);
}

static void tags_merge(void *accumulator, const void *other, void *user)
{
    (void)user;
    struct tags *tags = accumulator;
    tags->count += ((const struct tags *)other)->count;
    weir_string_set_merge(&tags->tags, &((const struct tags *)other)->tags);
}

static void tags_result(const void *accumulator, const struct weir_window_context *context,
                        void *out, void *user)
{
    (void)user;
    const struct tags *tags = accumulator;
    struct lab_result *result = out;
    *result = lab_result_of(context);
    result->value = tags->count * 100 + weir_string_set_size(&tags->tags);
}

static const struct weir_aggregate_part parts[] = {
    {.kind = WEIR_PART_DISTINCT, .into = WEIR_FIELD(tags, tags), .of = WEIR_FIELD(lab_event, tag)},
    {.kind = WEIR_PART_COUNT, .into = WEIR_FIELD(tags, count)},
};

static const struct weir_aggregate by_parts = {
    .name = "parts",
    .in_type = &lab_event_type,
    .accumulator_type = &tags_type,
    .out_type = &lab_result_type,
    .add = tags_add,
    .merge = tags_merge,
    .result = tags_result,
    .parts = parts,
    .part_count = 2,
};

/* ---- cases ---- */

enum step_kind { EVENT, WATERMARK, RESTART, HOLDINGS };

struct step {
    enum step_kind kind;
    int key;
    int64_t ts; /* of the event, or the watermark */
    int64_t value;
};

struct test_case {
    uint64_t seed;
    struct weir_window_config configs[2]; /* used in turn, one a life */
    struct step steps[200];
    size_t step_count;
};

static const char *const keys[] = {"a", "b", "c", "a long key that does not fit into an entry", ""};

static struct weir_window_assigner random_assigner(struct weir__rand *rand)
{
    int64_t size = weir__rand_between(rand, 1, 30);
    int64_t slide = weir__rand_between(rand, 1, 30);
    if (weir__rand_below(rand, 2) == 0) {
        slide = weir__rand_between(rand, 1, 6);
        size = slide * weir__rand_between(rand, 1, weir__rand_below(rand, 8) == 0 ? 150 : 8);
    }
    struct weir_window_assigner assigner = weir__rand_below(rand, 4) == 0
                                               ? weir_tumbling_event_time(size)
                                               : weir_sliding_event_time(size, slide);
    int64_t period = assigner.kind == WEIR_ASSIGN_TUMBLING ? size : slide;
    assigner.offset_ms = weir__rand_between(rand, -period + 1, period - 1);
    return assigner;
}

static int64_t random_lateness(struct weir__rand *rand)
{
    switch (weir__rand_below(rand, 6)) {
    case 0:
    case 1:
    case 2:
        return 0;
    case 3:
        return WEIR_TIME_MAX;
    default:
        return weir__rand_between(rand, 1, 40);
    }
}

static void random_case(struct weir__rand *rand, int64_t base, bool resize, struct test_case *out)
{
    int64_t lateness = random_lateness(rand);
    int64_t disorder = weir__rand_between(rand, 0, 60);
    int64_t now = base;
    for (int i = 0; i < 2; i++) {
        out->configs[i] = (struct weir_window_config){
            .assigner = random_assigner(rand),
            .aggregate = &lab_sum,
            .allowed_lateness_ms = lateness,
            .late_output = &lab_late,
        };
    }
    static const struct weir_aggregate *const aggregates[] = {&lab_sum, &distinct, &by_parts};
    out->configs[0].aggregate = aggregates[weir__rand_below(rand, 3)];
    out->configs[1].aggregate = out->configs[0].aggregate;
    if (!resize) {
        out->configs[1].assigner = out->configs[0].assigner;
    }
    out->step_count = (size_t)weir__rand_between(rand, 5, 200);
    for (size_t i = 0; i < out->step_count; i++) {
        struct step *step = &out->steps[i];
        uint64_t dice = weir__rand_below(rand, 40);
        now = weir_time_add(now, weir__rand_between(rand, 0, dice == 0 ? 100 : 4));
        step->kind = dice < 8 ? WATERMARK : dice == 8 ? RESTART : dice == 9 ? HOLDINGS : EVENT;
        step->key = (int)weir__rand_below(rand, sizeof(keys) / sizeof(keys[0]));
        step->ts = weir_time_sub(now, weir__rand_between(rand, 0, disorder));
        step->value = weir__rand_between(rand, 0, 6);
    }
}

/* ---- through the operator ---- */

enum mode { PANES, SLICES, MIXED, LEAVING };

static void choose_path(struct weir_window_config *config, enum mode mode, int life)
{
    bool fast = mode == SLICES || mode == LEAVING || (mode == MIXED && life % 2 == 0);
    bool sessions = config->assigner.kind == WEIR_ASSIGN_SESSION; /* their fast path has no name */
    config->path = !fast ? WEIR_PATH_GENERAL : sessions ? WEIR_PATH_AUTO : WEIR_PATH_SLICES;
}

/* Elements wait for others in half of the cases, as they do where state is large. */
static void let_wait(const struct test_case *test)
{
    struct weir__window_operator *op = (struct weir__window_operator *)lab_op;
    if (test->seed / 2 % 2 == 0 && op->sliced != NULL) {
        op->sliced->waiting.from = 0;
    } else if (test->seed / 2 % 2 == 0 && op->direct != NULL) {
        op->direct->waiting.from = 0;
    }
}

/* From some step of a life on there is no room for a fast path. */
static void let_leave(const struct test_case *test, size_t step)
{
    if (step % 50 == test->seed % 50) {
        ((struct weir__window_operator *)lab_op)->room = 0;
    }
}

static void print_holdings(struct weir__buf *out, int64_t windows, int64_t timers)
{
    weir__buf_printf(out, " {%" PRId64 " %" PRId64 "}", windows, timers);
}

/* How many of the events from this step on arrive together: in half of the cases several do. */
static size_t arriving(const struct test_case *test, size_t step)
{
    size_t most = test->seed / 4 % 2 == 0 ? 1 + (test->seed + step) % WEIR__BATCH_MAX : 1;
    size_t count = 0;
    while (count < most && step + count < test->step_count &&
           test->steps[step + count].kind == EVENT) {
        count++;
    }
    return count;
}

static void deliver(const struct step *steps, size_t count)
{
    struct lab_event values[WEIR__BATCH_MAX];
    struct weir__record records[WEIR__BATCH_MAX];
    for (size_t i = 0; i < count; i++) {
        values[i] = (struct lab_event){.key = weir_str_from(keys[steps[i].key]),
                                       .ts = steps[i].ts,
                                       .value = steps[i].value,
                                       .tag = lab_tag_of(steps[i].value)};
        records[i] = (struct weir__record){
            .value = &values[i], .timestamp = steps[i].ts, .split = WEIR__NO_SPLIT};
    }
    weir__operator_receive_batch(lab_op, records, count);
}

/* The log of a case; owned by the caller. */
static char *run(const struct test_case *test, enum mode mode)
{
    struct weir_window_config config = test->configs[0];
    int life = 0;
    size_t together;
    choose_path(&config, mode, life);
    lab_open(&config);
    let_wait(test);
    for (size_t i = 0; i < test->step_count; i++) {
        const struct step *step = &test->steps[i];
        if (mode == LEAVING) {
            let_leave(test, i);
        }
        switch (step->kind) {
        case EVENT:
            together = arriving(test, i);
            if (together == 1) {
                event(keys[step->key], step->ts, step->value);
            } else {
                deliver(step, together);
                i += together - 1;
            }
            break;
        case WATERMARK:
            watermark(step->ts);
            break;
        case RESTART:
            life++;
            config = test->configs[life % 2];
            choose_path(&config, mode, life);
            restart_as(&config);
            let_wait(test);
            break;
        case HOLDINGS:
            print_holdings(&lab_log, lab_holdings().windows, lab_holdings().event_timers);
            break;
        }
    }
    watermark(WEIR_TIME_MAX);
    print_holdings(&lab_log, lab_holdings().windows, lab_holdings().event_timers);
    char *log = strdup(lab_log.data);
    lab_close();
    return log;
}

/* ---- through the definitions: times are small here, so nothing saturates but the lateness ---- */

struct pane {
    int key;
    struct weir_window window;
    int64_t sum;
    int64_t count;
    bool values[16];
    bool waits; /* for the watermark */
    uint64_t order;
};

static struct pane panes[20000];
static size_t pane_count;
static uint64_t order;
static int64_t wm;

static int64_t cleanup_of(const struct weir_window_config *config, struct weir_window window)
{
    return weir_time_add(window.end - 1, config->allowed_lateness_ms);
}

static void reference_emit(struct weir__buf *out, const struct weir_window_config *config,
                           const struct pane *pane)
{
    int64_t value = pane->sum;
    int64_t different = 0;
    for (size_t i = 1; i < 16; i++) {
        different += pane->values[i];
    }
    if (config->aggregate == &distinct) {
        value = 1000 + different + pane->values[0];
    } else if (config->aggregate == &by_parts) {
        value = pane->count * 100 + different; /* 0 has no tag */
    }
    weir__buf_printf(out, " %s[%" PRId64 ",%" PRId64 ")=%" PRId64 "@%" PRId64, keys[pane->key],
                     pane->window.start, pane->window.end, value, pane->window.end - 1);
}

static struct pane *reference_pane(int key, struct weir_window window)
{
    for (size_t i = 0; i < pane_count; i++) {
        if (panes[i].key == key && weir__window_equals(panes[i].window, window)) {
            return &panes[i];
        }
    }
    ck_assert_uint_lt(pane_count, sizeof(panes) / sizeof(panes[0]));
    panes[pane_count] = (struct pane){.key = key, .window = window};
    return &panes[pane_count++];
}

static void reference_event(struct weir__buf *out, const struct weir_window_config *config,
                            const struct step *step)
{
    const struct weir_window_assigner *assigner = &config->assigner;
    int64_t slide = assigner->kind == WEIR_ASSIGN_TUMBLING ? assigner->size_ms : assigner->slide_ms;
    bool taken = false;
    for (int64_t start = step->ts; start > step->ts - assigner->size_ms; start--) {
        struct weir_window window = {start, start + assigner->size_ms};
        if ((start - assigner->offset_ms) % slide != 0 || cleanup_of(config, window) <= wm) {
            continue;
        }
        struct pane *pane = reference_pane(step->key, window);
        taken = true;
        pane->sum += step->value;
        pane->count++;
        pane->values[step->value] = true;
        if (window.end - 1 <= wm) {
            reference_emit(out, config, pane);
        } else if (!pane->waits) {
            pane->waits = true;
            pane->order = order++;
        }
    }
    if (!taken && weir_time_add(step->ts, config->allowed_lateness_ms) <= wm) {
        weir__buf_printf(out, " late:%s=%" PRId64 "@%" PRId64, keys[step->key], step->value,
                         step->ts);
    }
}

static bool fires_before(const struct pane *a, const struct pane *b)
{
    return a->window.end < b->window.end || (a->window.end == b->window.end && a->order < b->order);
}

static void reference_watermark(struct weir__buf *out, const struct weir_window_config *config,
                                int64_t value)
{
    if (value <= wm) {
        return;
    }
    wm = value;
    for (;;) {
        struct pane *next = NULL;
        for (size_t i = 0; i < pane_count; i++) {
            struct pane *pane = &panes[i];
            if (pane->waits && pane->window.end - 1 <= wm &&
                (next == NULL || fires_before(pane, next))) {
                next = pane;
            }
        }
        if (next == NULL) {
            break;
        }
        next->waits = false;
        reference_emit(out, config, next);
    }
    for (size_t i = 0; i < pane_count;) {
        int64_t cleanup = cleanup_of(config, panes[i].window);
        if (cleanup <= wm && cleanup != WEIR_TIME_MAX) {
            panes[i] = panes[--pane_count];
        } else {
            i++;
        }
    }
    if (wm == WEIR_TIME_MAX) {
        weir__buf_printf(out, " wm-max");
    } else {
        weir__buf_printf(out, " wm%" PRId64, wm);
    }
}

static void reference_holdings(struct weir__buf *out, const struct weir_window_config *config)
{
    int64_t timers = 0;
    for (size_t i = 0; i < pane_count; i++) {
        int64_t cleanup = cleanup_of(config, panes[i].window);
        bool cleans =
            cleanup != WEIR_TIME_MAX && !(panes[i].waits && cleanup == panes[i].window.end - 1);
        timers += panes[i].waits + cleans;
    }
    print_holdings(out, (int64_t)pane_count, timers);
}

static char *reference(const struct test_case *test)
{
    struct weir__buf out = {0};
    const struct weir_window_config *config = &test->configs[0];
    int life = 0;
    pane_count = 0;
    wm = WEIR_TIME_MIN;
    for (size_t i = 0; i < test->step_count; i++) {
        switch (test->steps[i].kind) {
        case EVENT:
            reference_event(&out, config, &test->steps[i]);
            break;
        case WATERMARK:
            reference_watermark(&out, config, test->steps[i].ts);
            break;
        case RESTART:
            config = &test->configs[++life % 2];
            wm = WEIR_TIME_MIN;
            break;
        case HOLDINGS:
            reference_holdings(&out, config);
            break;
        }
    }
    reference_watermark(&out, config, WEIR_TIME_MAX);
    reference_holdings(&out, config);
    return out.data;
}

/* ---- comparing ---- */

static void print_case(const struct test_case *test)
{
    for (int i = 0; i < 2; i++) {
        const struct weir_window_config *config = &test->configs[i];
        printf("config %d: kind %d size %" PRId64 " slide %" PRId64 " offset %" PRId64
               " lateness %" PRId64 " %s\n",
               i, (int)config->assigner.kind, config->assigner.size_ms, config->assigner.slide_ms,
               config->assigner.offset_ms, config->allowed_lateness_ms, config->aggregate->name);
    }
    static const char *const names[] = {"event", "watermark", "restart", "holdings"};
    for (size_t i = 0; i < test->step_count; i++) {
        const struct step *step = &test->steps[i];
        printf("  %s %s ts %" PRId64 " value %" PRId64 "\n", names[step->kind],
               step->kind == EVENT ? keys[step->key] : "", step->ts, step->value);
    }
}

static void same(const struct test_case *test, const char *what, const char *got, const char *want)
{
    if (strcmp(got, want) != 0) {
        print_case(test);
        printf("want:%s\ngot: %s\n", want, got);
    }
    ck_assert_msg(strcmp(got, want) == 0, "SEED=%" PRIu64 ": %s differ", test->seed, what);
}

/* Every path, and a change of the path at each restart. */
static void run_all(const struct test_case *test, bool with_reference)
{
    char *by_panes = run(test, PANES);
    char *by_slices = run(test, SLICES);
    char *mixed = run(test, MIXED);
    char *leaving = run(test, LEAVING);
    if (with_reference) {
        char *expected = reference(test);
        same(test, "panes and the definition", by_panes, expected);
        free(expected);
    }
    same(test, "slices and panes", by_slices, by_panes);
    same(test, "a change of path and panes", mixed, by_panes);
    same(test, "a path that is left and panes", leaving, by_panes);
    free(by_panes);
    free(by_slices);
    free(mixed);
    free(leaving);
}

static void compare(uint64_t seed, int64_t base, bool resize, bool with_reference)
{
    struct test_case test = {.seed = seed};
    struct weir__rand rand;
    weir__rand_init(&rand, seed);
    random_case(&rand, base, resize, &test);
    run_all(&test, with_reference);
}

/* All times in another unit. */
static void stretch(struct test_case *test, int64_t unit_ms)
{
    for (int i = 0; i < 2; i++) {
        struct weir_window_config *config = &test->configs[i];
        config->assigner.gap_ms *= unit_ms;
        if (config->allowed_lateness_ms != WEIR_TIME_MAX) {
            config->allowed_lateness_ms *= unit_ms;
        }
    }
    for (size_t i = 0; i < test->step_count; i++) {
        test->steps[i].ts *= unit_ms;
    }
}

/* The same with sessions; their gap may change at a restart. */
static void compare_sessions(uint64_t seed, int64_t base, int64_t unit_ms)
{
    struct test_case test = {.seed = seed};
    struct weir__rand rand;
    weir__rand_init(&rand, seed);
    random_case(&rand, base, false, &test);
    for (int i = 0; i < 2; i++) {
        test.configs[i].assigner = weir_session_event_time(weir__rand_between(&rand, 1, 40));
    }
    if (seed % 4 != 0) {
        test.configs[1].assigner = test.configs[0].assigner;
    }
    stretch(&test, unit_ms);
    run_all(&test, false);
}

START_TEST(random_cases_agree_with_the_definitions_on_every_path)
{
    struct random_cases cases = random_cases("window paths", 600);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        compare(seed, seed % 2 == 0 ? 0 : -100, false, true);
    }
}
END_TEST

START_TEST(paths_agree_when_the_size_of_windows_changes_at_a_restart)
{
    struct random_cases cases = random_cases("window paths, resized", 200);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        compare(seed, 0, true, true);
    }
}
END_TEST

START_TEST(sessions_agree_on_every_path)
{
    struct random_cases cases = random_cases("session paths", 400);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        compare_sessions(seed, seed % 2 == 0 ? 0 : -100, 1);
    }
}
END_TEST

/* A cell says in 32 bits how long a session is; these are shorter and longer. */
START_TEST(sessions_of_months_agree_on_every_path)
{
    struct random_cases cases = random_cases("paths of long sessions", 100);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        compare_sessions(seed, seed % 2 == 0 ? 0 : -100, 1 << 27);
    }
}
END_TEST

START_TEST(sessions_agree_at_the_ends_of_time)
{
    struct random_cases cases = random_cases("session paths at the ends of time", 100);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        compare_sessions(seed, seed % 2 == 0 ? WEIR_TIME_MIN + 60 : WEIR_TIME_MAX - 150, 1);
    }
}
END_TEST

START_TEST(paths_agree_at_the_ends_of_time)
{
    struct random_cases cases = random_cases("window paths at the ends of time", 200);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        compare(seed, seed % 2 == 0 ? WEIR_TIME_MIN + 60 : WEIR_TIME_MAX - 150, false, false);
    }
}
END_TEST

START_TEST(slices_refuse_what_they_cannot_do)
{
    struct weir_aggregate ordered = lab_sum;
    ordered.ordered = true;
    struct weir_error error;
#define SLICED(...) LAB_CONFIG(.aggregate = &lab_sum, .path = WEIR_PATH_SLICES, __VA_ARGS__)
    const struct weir_window_config *const bad[] = {
        SLICED(.assigner = weir_session_event_time(10)),
        SLICED(.assigner = weir_tumbling_processing_time(10)),
        SLICED(.assigner = weir_tumbling_event_time(10), .trigger = {.purging = true}),
        SLICED(.assigner = weir_tumbling_event_time(10), .evictor = {.kind = WEIR_EVICT_COUNT}),
        LAB_CONFIG(.assigner = weir_sliding_event_time(10, 5), .aggregate = &ordered,
                   .path = WEIR_PATH_SLICES),
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_int_eq(weir__window_config_check(bad[i], &lab_event_type, &error), WEIR_INVALID);
    }
    ck_assert_int_eq(
        weir__window_config_check(LAB_CONFIG(.assigner = weir_tumbling_event_time(10),
                                             .aggregate = &ordered, .path = WEIR_PATH_SLICES),
                                  &lab_event_type, &error),
        WEIR_OK);
}
END_TEST

START_TEST(a_slices_snapshot_cut_anywhere_is_refused)
{
    struct weir__buf bytes = {0};
    lab_open(LAB_CONFIG(.assigner = weir_sliding_event_time(10, 4), .aggregate = &distinct,
                        .path = WEIR_PATH_SLICES, .allowed_lateness_ms = 20));
    event("a", 5, 1);
    event("b", 7, 1);
    watermark(9);
    restart();
    event("a", 6, 2);
    event("b", 50, 1);
    lab_op->ops->snapshot(lab_op, &bytes);
    for (uint32_t len = 0; len < bytes.len; len++) {
        lab_op->ops->free(lab_op);
        lab_make_operator();
        struct weir_error error;
        ck_assert_int_eq(lab_op->ops->restore(lab_op, (struct weir_str){bytes.data, len}, &error),
                         WEIR_CORRUPT);
    }
    weir__buf_fini(&bytes);
}
END_TEST

START_TEST(a_snapshot_of_another_aggregate_is_refused)
{
    struct weir__buf bytes = {0};
    lab_open(LAB_CONFIG(.assigner = weir_sliding_event_time(10, 4), .aggregate = &distinct));
    event("a", 5, 1);
    lab_op->ops->snapshot(lab_op, &bytes);
    lab_close();
    lab_open(LAB_CONFIG(.assigner = weir_sliding_event_time(10, 4), .aggregate = &lab_sum));
    struct weir_error error;
    ck_assert_int_eq(
        lab_op->ops->restore(lab_op, (struct weir_str){bytes.data, (uint32_t)bytes.len}, &error),
        WEIR_MISMATCH);
    weir__buf_fini(&bytes);
}
END_TEST

/* ---- a checkpoint's copy ---- */

struct frozen {
    struct weir__buf bytes;
    struct weir__vec gaps;
};

static void *encode(void *memory)
{
    struct frozen *frozen = memory;
    weir__gaps_fill(&frozen->gaps, &frozen->bytes);
    return NULL;
}

static void many_events(int64_t from)
{
    char text[24];
    for (int i = 0; i < 2000; i++) {
        snprintf(text, sizeof(text), "key %d", i);
        event(text, from + i % 50, i);
    }
}

/* The sessions are gone from memory, some of them from the operator, when they are encoded. */
START_TEST(sessions_copied_at_a_barrier_are_encoded_while_others_come)
{
    lab_open(LAB_CONFIG(.assigner = weir_session_event_time(100), .aggregate = &lab_sum));
    many_events(0);
    struct weir__buf expected = {0};
    lab_op->ops->snapshot(lab_op, &expected);
    struct frozen frozen = {.gaps = WEIR__GAPS};
    lab_op->context->gaps = &frozen.gaps;
    lab_op->ops->snapshot(lab_op, &frozen.bytes);
    lab_op->context->gaps = NULL;
    ck_assert_uint_lt(frozen.bytes.len, expected.len / 2);
    pthread_t writer;
    ck_assert_int_eq(pthread_create(&writer, NULL, encode, &frozen), 0);
    many_events(120);
    ((struct weir__window_operator *)lab_op)->room = 0;
    many_events(200);
    watermark(WEIR_TIME_MAX);
    ck_assert_int_eq(pthread_join(writer, NULL), 0);
    ck_assert_uint_eq(frozen.bytes.len, expected.len);
    ck_assert(memcmp(frozen.bytes.data, expected.data, expected.len) == 0);
    weir__gaps_fini(&frozen.gaps);
    weir__buf_fini(&frozen.bytes);
    weir__buf_fini(&expected);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        random_cases_agree_with_the_definitions_on_every_path,
        paths_agree_when_the_size_of_windows_changes_at_a_restart,
        paths_agree_at_the_ends_of_time,
        sessions_agree_on_every_path,
        sessions_of_months_agree_on_every_path,
        sessions_agree_at_the_ends_of_time,
        slices_refuse_what_they_cannot_do,
        a_slices_snapshot_cut_anywhere_is_refused,
        a_snapshot_of_another_aggregate_is_refused,
        sessions_copied_at_a_barrier_are_encoded_while_others_come,
    };
    return lab_main("window paths", tests, sizeof(tests) / sizeof(tests[0]));
}

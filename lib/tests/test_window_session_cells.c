/*
 * The store of sessions against a plain array of them: whatever their numbers are like (short or
 * long, few elements or more than 32 bits can count, at either end of time), and whether a cell can
 * hold them in short or not, they are found, merge, come due and go alike.
 */
#include "window/sessions.h"

#include "base/rand.h"
#include "random_cases.h"

#include <check.h>
#include <stdlib.h>

/* An accumulator that owns memory, so that a sanitizer sees one that is lost. */
#define SUM_FIELDS(F, T)                                                                           \
    F(T, int64, sum, "sum", required)                                                              \
    F(T, string, note, "note", required)
WEIR_DECLARE_TYPE(sum, SUM_FIELDS);
WEIR_DEFINE_TYPE(sum, SUM_FIELDS);

static void plain_merge(void *accumulator, const void *other, void *user)
{
    (void)user;
    *(int64_t *)accumulator += *(const int64_t *)other;
}

static const struct weir_aggregate plain = {
    .name = "plain", .accumulator_type = &weir_int64_type, .merge = plain_merge};
static const struct weir_aggregate owning = {
    .name = "owning", .accumulator_type = &sum_type, .merge = plain_merge};

/* ---- the array ---- */

enum { KEYS = 24, SESSIONS = 400 };

struct model {
    int key;
    struct weir_window window;
    uint64_t sequence;
    uint64_t count;
    bool waits;
    int64_t sum;
};

struct test_case {
    uint64_t seed;
    struct weir__rand rand;
    struct weir__window_rules rules;
    const struct weir_aggregate *aggregate;
    struct weir__sessions store;
    struct weir__key keys[KEYS];
    char texts[KEYS][40];
    struct model models[SESSIONS];
    int count;
    uint64_t next_sequence;
    int64_t base; /* times lie around it */
    int64_t spread;
    int64_t watermark;
};

static int64_t deadline(const struct test_case *test, const struct model *model)
{
    return model->waits ? model->window.end - 1
                        : weir__window_cleanup_time(&test->rules, model->window);
}

static int by_time(const void *a, const void *b)
{
    const struct model *left = a;
    const struct model *right = b;
    if (left->key != right->key) {
        return left->key - right->key;
    }
    return (left->window.start > right->window.start) - (left->window.start < right->window.start);
}

/* ---- a case ---- */

static int64_t one_of(struct weir__rand *rand, const int64_t *values, uint64_t count)
{
    return values[weir__rand_below(rand, count)];
}
#define ONE_OF(rand, ...)                                                                          \
    one_of(rand, (const int64_t[]){__VA_ARGS__},                                                   \
           sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void make_keys(struct test_case *test, enum weir_kind kind)
{
    static const int lens[] = {1, 15, 16, 17, 30, 31, 39};
    for (int i = 0; i < KEYS; i++) {
        if (kind == WEIR_KIND_STRING) {
            int len = i == 0 ? 0 : lens[i % 7];
            memset(test->texts[i], 'a' + i, sizeof(test->texts[i]));
            test->keys[i] = weir__key_string((struct weir_str){test->texts[i], (uint32_t)len});
        } else {
            test->keys[i] = weir__key_integer(kind, i % 2 == 0 ? i : INT64_MIN + i);
        }
    }
}

static void open_case(struct test_case *test, uint64_t seed)
{
    struct weir__rand *rand = &test->rand;
    *test = (struct test_case){.seed = seed, .watermark = WEIR_TIME_MIN};
    weir__rand_init(rand, seed);
    int64_t gap = ONE_OF(rand, 1, 10, 1000, (int64_t)1 << 31, (int64_t)1 << 40);
    test->rules.assigner = weir_session_event_time(gap);
    test->rules.event_time = true;
    test->rules.lateness_ms = ONE_OF(rand, 0, 0, gap, gap * 1000, WEIR_TIME_MAX);
    test->aggregate = weir__rand_below(rand, 2) == 0 ? &plain : &owning;
    test->next_sequence =
        (uint64_t)ONE_OF(rand, 1, (int64_t)WEIR__SEQUENCE_MAX - 30, INT64_MAX - 9);
    test->spread = ONE_OF(rand, gap, gap * 20, gap * 400, (int64_t)1 << 34);
    test->base = ONE_OF(rand, 0, 0, -1000, WEIR_TIME_MIN + 1, WEIR_TIME_MAX);
    enum weir_kind kind = weir__rand_below(rand, 3) == 0 ? WEIR_KIND_INT64 : WEIR_KIND_STRING;
    make_keys(test, kind);
    weir__sessions_init(&test->store, &test->rules, test->aggregate, kind);
}

static int64_t random_time(struct test_case *test)
{
    int64_t off = weir__rand_between(&test->rand, -test->spread, test->spread);
    int64_t time = weir_time_add(test->base, off);
    return time > WEIR_TIME_MIN ? time : WEIR_TIME_MIN + 1;
}

static int64_t *sum_of(const struct weir__session *session)
{
    return session->accumulator;
}

/* ---- an element ---- */

static void add_to(struct test_case *test, struct weir__session *session, int64_t value)
{
    *sum_of(session) += value;
    struct sum *sum = session->accumulator;
    if (test->aggregate == &owning && sum->note.data == NULL) {
        weir_value_copy(&weir_string_type, &sum->note, &WEIR_STR("it has come"));
    }
}

/* Takes the models that the window touches into one; its place. */
static struct model *merge_models(struct test_case *test, int key, struct weir_window window)
{
    struct model merged = {.key = key, .window = window, .waits = true};
    for (int i = 0; i < test->count;) {
        const struct model *model = &test->models[i];
        if (model->key != key || !weir__window_intersects(model->window, window)) {
            i++;
            continue;
        }
        struct weir_window *bounds = &merged.window;
        bounds->start = model->window.start < bounds->start ? model->window.start : bounds->start;
        bounds->end = model->window.end > bounds->end ? model->window.end : bounds->end;
        merged.count += model->count;
        merged.sum += model->sum;
        test->models[i] = test->models[--test->count];
    }
    test->models[test->count] = merged;
    return &test->models[test->count++];
}

static void obtain(struct test_case *test, int key, struct weir_window window,
                   struct weir__session *session)
{
    struct weir__sessions *store = &test->store;
    uint32_t cell = weir__sessions_find(store, &test->keys[key]);
    uint32_t index = 0;
    uint32_t run = 0;
    if (cell != WEIR__POOL_NONE) {
        run = weir__sessions_touching(store, cell, window, &index);
    }
    if (run == 0) {
        weir__sessions_add(store, &test->keys[key], cell, window, session);
    } else if (run > 1) {
        weir__sessions_merge(store, cell, index, run, session);
    } else {
        weir__session_get(store, cell, index, session);
    }
}

static void element(struct test_case *test)
{
    int key = (int)weir__rand_below(&test->rand, KEYS);
    int64_t value = weir__rand_between(&test->rand, 1, 9);
    int64_t more = ONE_OF(&test->rand, 1, 1, 1, UINT32_MAX - 3, INT64_C(5000000000));
    struct weir_window window =
        weir__window_around(random_time(test), 0, test->rules.assigner.gap_ms);
    struct weir__session session;
    obtain(test, key, window, &session);
    struct model *model = merge_models(test, key, window);
    bool has_ticket = weir__session_has_ticket(&test->store, &session) &&
                      model->window.end >= session.window.end &&
                      weir__rand_below(&test->rand, 2) == 0;
    model->sequence = test->next_sequence++;
    model->count += (uint64_t)more;
    model->sum += value;
    session.window = model->window;
    session.sequence = model->sequence;
    session.count += (uint64_t)more;
    session.waits = true;
    add_to(test, &session, value);
    weir__session_set(&test->store, &session);
    if (!has_ticket) {
        weir__sessions_file(&test->store, &session);
    }
}

/* ---- time ---- */

static struct model *next_model(struct test_case *test)
{
    struct model *next = NULL;
    for (int i = 0; i < test->count; i++) {
        struct model *model = &test->models[i];
        int64_t time = deadline(test, model);
        if (time <= test->watermark && time != WEIR_TIME_MAX &&
            (next == NULL || time < deadline(test, next) ||
             (time == deadline(test, next) && model->sequence < next->sequence))) {
            next = model;
        }
    }
    return next;
}

static bool is_same(const struct test_case *test, const struct weir__session *session,
                    const struct model *model)
{
    struct weir__key key = weir__session_key(&test->store, session->cell);
    return weir__key_equals(&key, &test->keys[model->key]) &&
           key.hash == test->keys[model->key].hash &&
           weir__window_equals(session->window, model->window) &&
           session->sequence == model->sequence && session->count == model->count &&
           session->waits == model->waits && *sum_of(session) == model->sum;
}

/* What is due: it fires when it waits, and goes when its clean-up has come. */
static void advance(struct test_case *test)
{
    struct weir__session session;
    int64_t to = weir__rand_below(&test->rand, 40) == 0 ? WEIR_TIME_MAX : random_time(test);
    test->watermark = to > test->watermark ? to : test->watermark;
    weir__sessions_open(&test->store, test->watermark);
    while (weir__sessions_next(&test->store, test->watermark, &session)) {
        struct model *model = next_model(test);
        ck_assert_msg(model != NULL && is_same(test, &session, model),
                      "SEED=%" PRIu64 ": another session is due", test->seed);
        int64_t cleanup = weir__window_cleanup_time(&test->rules, session.window);
        if (cleanup <= test->watermark && cleanup != WEIR_TIME_MAX) {
            weir__sessions_remove(&test->store, &session);
            *model = test->models[--test->count];
        } else {
            session.waits = model->waits = false;
            weir__session_set(&test->store, &session);
            weir__sessions_file(&test->store, &session);
        }
    }
    ck_assert_msg(next_model(test) == NULL, "SEED=%" PRIu64 ": one is due", test->seed);
}

/* ---- comparing ---- */

static bool are_same(struct test_case *test)
{
    int seen = 0;
    bool same = test->store.count == test->count;
    qsort(test->models, (size_t)test->count, sizeof(test->models[0]), by_time);
    for (int key = 0; key < KEYS && same; key++) {
        uint32_t cell = weir__sessions_find(&test->store, &test->keys[key]);
        uint32_t count = cell != WEIR__POOL_NONE ? weir__session_count(&test->store, cell) : 0;
        for (uint32_t i = 0; i < count && same; i++) {
            struct weir__session session;
            weir__session_get(&test->store, cell, i, &session);
            same = seen < test->count && is_same(test, &session, &test->models[seen++]);
        }
    }
    return same && seen == test->count;
}

static void close_case(struct test_case *test)
{
    weir__sessions_fini(&test->store);
    ck_assert_int_eq(test->store.count, 0);
    ck_assert_uint_eq(test->store.text_bytes, 0);
}

static void random_case(uint64_t seed)
{
    static struct test_case test;
    open_case(&test, seed);
    int steps = (int)weir__rand_between(&test.rand, 1, SESSIONS);
    for (int i = 0; i < steps; i++) {
        if (weir__rand_below(&test.rand, 8) == 0) {
            advance(&test);
        } else {
            element(&test);
        }
        ck_assert_msg(are_same(&test), "SEED=%" PRIu64 ": step %d", seed, i);
    }
    close_case(&test);
}

START_TEST(sessions_in_short_and_in_full_are_alike)
{
    struct random_cases cases = random_cases("session cells", 300);
    for (uint64_t seed = cases.first; seed < cases.end; seed++) {
        random_case(seed);
    }
}
END_TEST

/* ---- what a cell can say ---- */

static struct weir__window_rules rules = {.event_time = true};

static struct weir__session one_session(struct weir__sessions *store, struct weir_window window)
{
    struct weir__key key = weir__key_string(WEIR_STR("a key of 16 b..."));
    struct weir__session session;
    rules.assigner = weir_session_event_time(1000);
    weir__sessions_init(store, &rules, &plain, WEIR_KIND_STRING);
    weir__sessions_add(store, &key, WEIR__POOL_NONE, window, &session);
    *sum_of(&session) = 42;
    return session;
}

/* Whether a session with these numbers needs a list; it reads the same in any case. */
static bool needs_list(struct weir_window window, uint64_t sequence, uint64_t count)
{
    struct weir__sessions store;
    struct weir__session session = one_session(&store, window);
    session.sequence = sequence;
    session.count = count;
    weir__session_set(&store, &session);
    struct weir__session read;
    weir__session_get(&store, session.cell, 0, &read);
    ck_assert(weir__window_equals(read.window, window));
    ck_assert_uint_eq(read.sequence, sequence);
    ck_assert_uint_eq(read.count, count);
    ck_assert_int_eq(*sum_of(&read), 42);
    bool listed = store.lists.count == 1;
    weir__sessions_fini(&store);
    return listed;
}

START_TEST(a_cell_holds_what_fits_into_it)
{
    const struct weir_window usual = {-5, 1000};
    const int64_t longest = 1000 + (int64_t)UINT32_MAX;
    ck_assert(!needs_list(usual, WEIR__SEQUENCE_MAX, UINT32_MAX));
    ck_assert(needs_list(usual, WEIR__SEQUENCE_MAX + 1, 1));
    ck_assert(needs_list(usual, UINT64_MAX, 1));
    ck_assert(needs_list(usual, 1, (uint64_t)UINT32_MAX + 1));
    ck_assert(!needs_list((struct weir_window){0, longest}, 1, 1));
    ck_assert(needs_list((struct weir_window){0, longest + 1}, 1, 1));
    ck_assert(!needs_list((struct weir_window){WEIR_TIME_MAX - 1000, WEIR_TIME_MAX}, 1, 1));
    ck_assert(needs_list((struct weir_window){WEIR_TIME_MAX - 999, WEIR_TIME_MAX}, 1, 1));
    ck_assert(!needs_list((struct weir_window){WEIR_TIME_MIN + 1, WEIR_TIME_MIN + 1001}, 1, 1));
    ck_assert(needs_list((struct weir_window){WEIR_TIME_MIN + 1, WEIR_TIME_MAX}, 1, 1));
}
END_TEST

START_TEST(a_session_of_a_short_key_is_48_bytes)
{
    struct weir__sessions store;
    one_session(&store, (struct weir_window){0, 1000});
    ck_assert_uint_eq(store.cells.item_size, 48);
    ck_assert_uint_eq(store.lists.count, 0);
    weir__sessions_fini(&store);
}
END_TEST

START_TEST(the_list_of_a_key_goes_when_one_session_is_left)
{
    struct weir__sessions store;
    struct weir__session first = one_session(&store, (struct weir_window){0, 1000});
    struct weir__key key = weir__session_key(&store, first.cell);
    struct weir__session second;
    weir__sessions_add(&store, &key, first.cell, (struct weir_window){5000, 6000}, &second);
    *sum_of(&second) = 7;
    ck_assert_uint_eq(store.lists.count, 1);
    weir__session_get(&store, first.cell, 0, &first);
    weir__sessions_remove(&store, &first);
    ck_assert_uint_eq(store.lists.count, 0);
    weir__session_get(&store, first.cell, 0, &second);
    ck_assert_int_eq(second.window.start, 5000);
    ck_assert_int_eq(*sum_of(&second), 7);
    weir__sessions_fini(&store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("window session cells");
    TCase *tests = tcase_create("cells");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, sessions_in_short_and_in_full_are_alike);
    tcase_add_test(tests, a_cell_holds_what_fits_into_it);
    tcase_add_test(tests, a_session_of_a_short_key_is_48_bytes);
    tcase_add_test(tests, the_list_of_a_key_goes_when_one_session_is_left);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

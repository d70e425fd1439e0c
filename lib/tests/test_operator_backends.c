/*
 * What an operator remembers is in the state backend that the job chose, and nowhere beside it: the
 * fast paths of windows, which keep state of their own, are for the heap alone. That the results
 * are the same is tested at random in test_testkit_random.c.
 */
#include "operator/window_operator.h"
#include "operator_fixture.h"
#include "state_backends.h"

static void add_one(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)value;
    (void)timestamp;
    (void)user;
    ++*(int64_t *)accumulator;
}

static void merge(void *accumulator, const void *other, void *user)
{
    (void)user;
    *(int64_t *)accumulator += *(const int64_t *)other;
}

static void result(const void *accumulator, const struct weir_window_context *context, void *out,
                   void *user)
{
    (void)context;
    (void)user;
    *(int64_t *)out = *(const int64_t *)accumulator;
}

#define WORD_FIELDS(F, T) F(T, string, word, "word", required)
WEIR_DECLARE_TYPE(word, WORD_FIELDS);
WEIR_DEFINE_TYPE(word, WORD_FIELDS);

static const struct weir_aggregate count = {.name = "count",
                                            .in_type = &word_type,
                                            .accumulator_type = &weir_int64_type,
                                            .out_type = &weir_int64_type,
                                            .add = add_one,
                                            .merge = merge,
                                            .result = result};

/* Events of three keys; then all keys must be in the operator's table. */
static void expect_state_in_backend(struct weir_window_assigner assigner)
{
    struct fixture f;
    struct weir_state_backend_config config = state_config(state_backend);
    fixture_init(&f,
                 weir__window_factory(
                     &(struct weir_window_config){.assigner = assigner, .aggregate = &count}),
                 &word_type, &weir_int64_type);
    f.context.key = WEIR_FIELD(word, word);
    f.context.state_backend = &config;
    fixture_open(&f);
    push(&f, &(struct word){WEIR_STR("a")}, 1);
    push(&f, &(struct word){WEIR_STR("b")}, 2);
    push(&f, &(struct word){WEIR_STR("c")}, 3);
    const struct weir__window_operator *self = weir__window_operator_of(f.op);
    ck_assert_uint_eq(self->table->ops->count(self->table), 3);
    weir__operator_advance(f.op, 1000);
    ck_assert_uint_eq(self->table->ops->count(self->table), 0);
    fixture_free(&f);
}

START_TEST(windows_are_in_the_state_backend)
{
    for (int i = 1; i < STATE_BACKENDS; i++) {
        state_backend = &state_backends[i];
        expect_state_in_backend(weir_tumbling_event_time(100));
        expect_state_in_backend(weir_sliding_event_time(100, 50));
        expect_state_in_backend(weir_session_event_time(100));
    }
}
END_TEST

START_TEST(an_operator_whose_backend_cannot_be_opened_says_why)
{
    struct weir_state_backend_config config = {.type = WEIR_STATE_BACKEND_ROCKSDB,
                                               .local_directory = "/nowhere/at/all"};
    struct weir_error error = {0};
    struct fixture f;
    fixture_init(&f,
                 weir__window_factory(&(struct weir_window_config){
                     .assigner = weir_tumbling_event_time(100), .aggregate = &count}),
                 &word_type, &weir_int64_type);
    f.context.key = WEIR_FIELD(word, word);
    f.context.state_backend = &config;
    ck_assert_int_ne(f.op->ops->open(f.op, &error), WEIR_OK);
    ck_assert_ptr_nonnull(strstr(error.message, STATE_BACKENDS > 1 ? "folder" : "librocksdb"));
    fixture_free(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("operators and state backends");
    TCase *tests = tcase_create("backends");
    tcase_add_test(tests, windows_are_in_the_state_backend);
    tcase_add_test(tests, an_operator_whose_backend_cannot_be_opened_says_why);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}

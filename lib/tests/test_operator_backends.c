/*
 * What an operator remembers is in the state backend that the job chose: what the fast paths of
 * windows keep is there, too, when it is more than fits into memory, or when every change is to be
 * written. That the results are the same is tested at random in test_testkit_random.c and
 * test_operator_window_paths.c.
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

/* config: filled with state_config before. */
static void open_windows(struct fixture *f, const struct weir_state_backend_config *config,
                         struct weir_window_assigner assigner)
{
    fixture_init(f,
                 weir__window_factory(
                     &(struct weir_window_config){.assigner = assigner, .aggregate = &count}),
                 &word_type, &weir_int64_type);
    f->context.key = WEIR_FIELD(word, word);
    f->context.state_backend = config;
    fixture_open(f);
}

/* Events of so many keys. */
static void push_words(struct fixture *f, int words)
{
    char text[24];
    for (int i = 0; i < words; i++) {
        snprintf(text, sizeof(text), "word %d", i);
        push(f, &(struct word){weir_str_from(text)}, 1 + i % 90);
    }
}

/* Of all keys that were pushed some are in the operator's table: `least` or more. */
static void expect_in_table(struct weir_window_assigner assigner, int words, size_t least)
{
    struct fixture f;
    struct weir_state_backend_config config = state_config(state_backend);
    open_windows(&f, &config, assigner);
    push_words(&f, words);
    const struct weir__window_operator *self = weir__window_operator_of(f.op);
    ck_assert_uint_ge(self->table->ops->count(self->table), least);
    weir__operator_advance(f.op, 1000);
    ck_assert_uint_eq(self->table->ops->count(self->table), 0);
    fixture_free(&f);
}

static const struct state_backend *backend_named(const char *name)
{
    for (int i = 0; i < STATE_BACKENDS; i++) {
        if (strcmp(state_backends[i].name, name) == 0) {
            return &state_backends[i];
        }
    }
    return NULL; /* not in this build */
}

static void expect_windows_in_table(const char *backend, int words, size_t least)
{
    state_backend = backend_named(backend);
    if (state_backend != NULL) {
        expect_in_table(weir_tumbling_event_time(100), words, least);
        expect_in_table(weir_sliding_event_time(100, 50), words, least);
        expect_in_table(weir_session_event_time(100), words, least);
    }
}

START_TEST(windows_that_are_written_through_are_in_the_state_backend)
{
    expect_windows_in_table("rocksdb, write-through", 3, 3);
}
END_TEST

START_TEST(windows_beyond_the_memory_are_in_the_state_backend)
{
    expect_windows_in_table("rocksdb, little memory", 100, 100);
}
END_TEST

START_TEST(windows_that_fit_into_memory_take_the_fast_path)
{
    state_backend = backend_named("rocksdb");
    if (state_backend != NULL) {
        struct fixture f;
        struct weir_state_backend_config config = state_config(state_backend);
        open_windows(&f, &config, weir_session_event_time(100));
        push_words(&f, 100);
        ck_assert_ptr_nonnull(weir__window_operator_of(f.op)->direct);
        fixture_free(&f);
        open_windows(&f, &config, weir_tumbling_event_time(100));
        push_words(&f, 100);
        ck_assert_ptr_nonnull(weir__window_operator_of(f.op)->sliced);
        fixture_free(&f);
    }
}
END_TEST

START_TEST(incremental_checkpoints_have_all_windows_in_the_files)
{
    state_backend = backend_named("rocksdb");
    if (state_backend != NULL) {
        struct fixture f;
        struct weir_state_backend_config config = state_config(state_backend);
        config.incremental = true;
        open_windows(&f, &config, weir_session_event_time(100));
        push_words(&f, 10);
        const struct weir__window_operator *self = weir__window_operator_of(f.op);
        ck_assert_uint_eq(self->table->ops->count(self->table), 10);
        fixture_free(&f);
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
    tcase_add_test(tests, windows_that_are_written_through_are_in_the_state_backend);
    tcase_add_test(tests, windows_beyond_the_memory_are_in_the_state_backend);
    tcase_add_test(tests, windows_that_fit_into_memory_take_the_fast_path);
    tcase_add_test(tests, incremental_checkpoints_have_all_windows_in_the_files);
    tcase_add_test(tests, an_operator_whose_backend_cannot_be_opened_says_why);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}

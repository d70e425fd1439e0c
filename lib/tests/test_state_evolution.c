/* State of a program whose types have changed since the snapshot: fields may come, go and move. */
#include <weir/harness.h>
#include <weir/weir.h>

#include <check.h>
#include <string.h>

#define HIT_FIELDS(F, T)                                                                           \
    F(T, string, user, "user", required)                                                           \
    F(T, int64, at, "at", required)
WEIR_DECLARE_TYPE(hit, HIT_FIELDS);
WEIR_DEFINE_TYPE(hit, HIT_FIELDS);

/* What is remembered of a user: yesterday, today, and in a way that does not fit. */
#define VISIT_FIELDS(F, T)                                                                         \
    F(T, int64, count, "count", required)                                                          \
    F(T, string, last, "last", required)
WEIR_DECLARE_TYPE(visit, VISIT_FIELDS);
WEIR_DEFINE_TYPE(visit, VISIT_FIELDS);

#define VISIT2_FIELDS(F, T)                                                                        \
    F(T, string, last, "last", required)                                                           \
    F(T, int64, bought, "bought", required)                                                        \
    F(T, int64, count, "count", required)
WEIR_DECLARE_TYPE(visit2, VISIT2_FIELDS);
WEIR_DEFINE_TYPE(visit2, VISIT2_FIELDS);

#define VISIT3_FIELDS(F, T) F(T, string, count, "count", required)
WEIR_DECLARE_TYPE(visit3, VISIT3_FIELDS);
WEIR_DEFINE_TYPE(visit3, VISIT3_FIELDS);

/* One value, one list and one map of it. */
#define DESCRIPTORS(T)                                                                             \
    static const struct weir_state_descriptor T##_value = {                                        \
        .name = "value", .kind = WEIR_STATE_VALUE, .type = &T##_type};                             \
    static const struct weir_state_descriptor T##_list = {                                         \
        .name = "list", .kind = WEIR_STATE_LIST, .type = &T##_type};                               \
    static const struct weir_state_descriptor T##_map = {                                          \
        .name = "map", .kind = WEIR_STATE_MAP, .type = &T##_type, .key_type = &weir_int64_type};   \
    static const struct weir_state_descriptor *const T##_states[] = {&T##_value, &T##_list,        \
                                                                     &T##_map, NULL};

DESCRIPTORS(visit)
DESCRIPTORS(visit2)
DESCRIPTORS(visit3)

static void remember(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct hit *hit = value;
    (void)out;
    (void)user;
    struct visit *visit = weir_value_state_edit(context, &visit_value);
    visit->count++;
    weir_str_set(&visit->last, WEIR_STR("/home"));
    weir_list_state_add(context, &visit_list, visit);
    weir_map_state_put(context, &visit_map, &hit->at, visit);
}

static void tell(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct hit *hit = value;
    (void)user;
    weir_emit(out, weir_value_state_get(context, &visit2_value));
    for (size_t i = 0; i < weir_list_state_count(context, &visit2_list); i++) {
        weir_emit(out, weir_list_state_at(context, &visit2_list, i));
    }
    weir_emit(out, weir_map_state_get(context, &visit2_map, &hit->at));
}

static void ignore(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)value;
    (void)context;
    (void)out;
    (void)user;
}

static const struct weir_process_function yesterday = {.name = "visits",
                                                       .in_type = &hit_type,
                                                       .out_type = &visit_type,
                                                       .process = remember,
                                                       .states = visit_states};
static const struct weir_process_function today = {.name = "visits",
                                                   .in_type = &hit_type,
                                                   .out_type = &visit2_type,
                                                   .process = tell,
                                                   .states = visit2_states};
static const struct weir_process_function misfit = {.name = "visits",
                                                    .in_type = &hit_type,
                                                    .out_type = &visit3_type,
                                                    .process = ignore,
                                                    .states = visit3_states};

static weir_harness *open_harness(const struct weir_process_function *function, weir_env **env)
{
    *env = weir_env_new("test", 0, NULL);
    weir_stream *hits = weir_harness_input(*env, &hit_type);
    return weir_harness_new(*env,
                            weir_keyed_process(weir_key_by(hits, WEIR_FIELD(hit, user)), function));
}

/* The snapshot of yesterday's program after two hits of ann; borrowed until the next. */
static struct weir_str take_snapshot(void)
{
    static char kept[1000];
    weir_env *env;
    weir_harness *harness = open_harness(&yesterday, &env);
    weir_harness_push(harness, &(struct hit){WEIR_STR("ann"), 5}, 5);
    weir_harness_push(harness, &(struct hit){WEIR_STR("ann"), 6}, 6);
    struct weir_str snapshot = weir_harness_snapshot(harness);
    uint32_t len = snapshot.len;
    ck_assert_uint_le(len, sizeof(kept));
    memcpy(kept, snapshot.data, len);
    weir_harness_free(harness);
    weir_env_free(env);
    return (struct weir_str){kept, len};
}

/* Fault list, row 19: a newer schema. */
START_TEST(added_field_is_zero_and_the_others_are_what_they_were)
{
    struct weir_str snapshot = take_snapshot();
    weir_env *env;
    weir_harness *harness = open_harness(&today, &env);
    ck_assert_int_eq(weir_harness_restore(harness, &snapshot, 1), WEIR_OK);
    weir_harness_push(harness, &(struct hit){WEIR_STR("ann"), 6}, 7);
    ck_assert_str_eq(weir_harness_take_text(harness),
                     "{\"last\":\"/home\",\"bought\":0,\"count\":2}@7 "
                     "{\"last\":\"/home\",\"bought\":0,\"count\":1}@7 "
                     "{\"last\":\"/home\",\"bought\":0,\"count\":2}@7 "
                     "{\"last\":\"/home\",\"bought\":0,\"count\":2}@7");
    weir_harness_free(harness);
    weir_env_free(env);
}
END_TEST

START_TEST(next_snapshot_is_one_of_the_new_type)
{
    struct weir_str snapshot = take_snapshot();
    weir_env *env;
    weir_harness *harness = open_harness(&today, &env);
    ck_assert_int_eq(weir_harness_restore(harness, &snapshot, 1), WEIR_OK);
    struct weir_str again = weir_harness_snapshot(harness);
    ck_assert_int_eq(weir_harness_restore(harness, &again, 1), WEIR_OK);
    weir_harness_push(harness, &(struct hit){WEIR_STR("ann"), 5}, 7);
    ck_assert_ptr_nonnull(strstr(weir_harness_take_text(harness), "\"count\":2"));
    weir_harness_free(harness);
    weir_env_free(env);
}
END_TEST

START_TEST(field_of_another_kind_is_refused_with_state_type_and_field)
{
    struct weir_str snapshot = take_snapshot();
    weir_env *env;
    weir_harness *harness = open_harness(&misfit, &env);
    ck_assert_int_eq(weir_harness_restore(harness, &snapshot, 1), WEIR_MISMATCH);
    const char *message = weir_harness_error(harness)->message;
    ck_assert_ptr_nonnull(strstr(message, "'value'"));
    ck_assert_ptr_nonnull(strstr(message, "visit3"));
    ck_assert_ptr_nonnull(strstr(message, "'count'"));
    weir_harness_free(harness);
    weir_env_free(env);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("state of other types");
    TCase *tcase = tcase_create("schemas");
    tcase_add_test(tcase, added_field_is_zero_and_the_others_are_what_they_were);
    tcase_add_test(tcase, next_snapshot_is_one_of_the_new_type);
    tcase_add_test(tcase, field_of_another_kind_is_refused_with_state_type_and_field);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

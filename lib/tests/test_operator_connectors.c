/*
 * The source and the sink operator, with connectors made for the test.
 */
#include "operator_fixture.h"

static struct fixture f;

/* ---- a source that plays a script ---- */

static const int64_t values[] = {10, 11, 12};

static void *reader_new(const void *config)
{
    return weir__memdup(config, sizeof(int64_t));
}

static enum weir_status reader_open(void *reader, const struct weir_source_context *context,
                                    struct weir_error *error)
{
    (void)reader;
    ck_assert_str_eq(context->operator_name, "under test");
    return *(int64_t *)reader < 0 ? weir_error_set(error, WEIR_NOT_FOUND, NULL, "no such topic")
                                  : WEIR_OK;
}

static enum weir_poll reader_poll(void *reader, weir_source_output *out, int budget,
                                  struct weir_error *error)
{
    (void)budget;
    (void)error;
    int64_t *next = reader;
    if (*next == 0) {
        weir_source_split_added(out, 7);
    }
    if (*next < 3) {
        weir_source_emit(out, 7, &values[*next], 100 + *next);
        ++*next;
        return WEIR_POLL_MORE;
    }
    if (*next == 3) {
        struct weir_error reason = {.where = "clicks/0:3", .message = "expected {, got \x1b[2J"};
        weir_source_dead_letter(out, 7, 3, "\x1b[2J\xff{\"a\"", 9, &reason);
        weir_source_split_finished(out, 7);
        ++*next;
        return WEIR_POLL_NOTHING;
    }
    return WEIR_POLL_END;
}

static struct weir_str reader_snapshot(void *reader)
{
    return (struct weir_str){reader, sizeof(int64_t)};
}

static enum weir_status reader_restore(void *reader, struct weir_str position,
                                       struct weir_error *error)
{
    (void)error;
    memcpy(reader, position.data, position.len);
    return WEIR_OK;
}

static const struct weir_source_ops script_ops = {
    .kind = "Script",
    .reader_new = reader_new,
    .open = reader_open,
    .poll = reader_poll,
    .snapshot = reader_snapshot,
    .restore = reader_restore,
    .reader_free = weir__free,
    .config_free = weir__free,
};

static void start_source(int64_t first)
{
    weir_source *source = weir_source_new(&script_ops, "script", &weir_int64_type,
                                          weir__memdup(&first, sizeof(first)));
    fixture_init(&f, weir__source_factory(source), NULL, &weir_int64_type);
    fixture_side(&f, &weir_dead_letters);
    fixture_open(&f);
}

static enum weir_poll poll_source(void)
{
    struct weir_error error;
    return weir__source_operator_poll(f.op, 100, &error);
}

START_TEST(source_emits_values_with_time_and_announces_splits)
{
    start_source(0);
    ck_assert_int_eq(poll_source(), WEIR_POLL_MORE);
    ck_assert_int_eq(poll_source(), WEIR_POLL_MORE);
    expect(&f, "+p7 10@100 11@101");
    fixture_free(&f);
}
END_TEST

/* Fault list, rows 10 and 11: counted, kept with the reason, printable whatever the bytes were. */
START_TEST(bad_input_becomes_a_dead_letter_that_is_safe_to_print)
{
    start_source(3);
    ck_assert_int_eq(poll_source(), WEIR_POLL_NOTHING);
    expect(&f, "dead-letters:{\"source\":\"under test\",\"split\":7,\"position\":3,"
               "\"reason\":\"clicks/0:3: expected {, got \\\\x1b[2J\","
               "\"payload\":\"\\\\x1b[2J\\\\xff{\\\"a\\\"\"}@- -p7");
    ck_assert_int_eq(weir__metric_value(f.context.metrics, WEIR__DEAD_LETTERS), 1);
    fixture_free(&f);
}
END_TEST

START_TEST(source_sends_the_final_watermark_once_at_its_end)
{
    start_source(4);
    ck_assert_int_eq(poll_source(), WEIR_POLL_END);
    ck_assert_int_eq(poll_source(), WEIR_POLL_END);
    expect(&f, "Wmax");
    fixture_free(&f);
}
END_TEST

START_TEST(source_goes_on_where_its_snapshot_was_taken)
{
    start_source(0);
    poll_source();
    struct weir__buf saved = {0};
    f.op->ops->snapshot(f.op, &saved);
    fixture_free(&f);

    start_source(0);
    struct weir_error error;
    ck_assert_int_eq(
        f.op->ops->restore(f.op, (struct weir_str){saved.data, (uint32_t)saved.len}, &error),
        WEIR_OK);
    poll_source();
    expect(&f, "11@101");
    ck_assert_int_eq(f.op->ops->restore(f.op,
                                        WEIR_STR("\x09"
                                                 "ab"),
                                        &error),
                     WEIR_CORRUPT);
    weir__buf_fini(&saved);
    fixture_free(&f);
}
END_TEST

START_TEST(source_that_does_not_open_says_why)
{
    int64_t bad = -1;
    weir_source *source =
        weir_source_new(&script_ops, "script", &weir_int64_type, weir__memdup(&bad, sizeof(bad)));
    fixture_init(&f, weir__source_factory(source), NULL, &weir_int64_type);
    struct weir_error error = {0};
    ck_assert_int_eq(f.op->ops->open(f.op, &error), WEIR_NOT_FOUND);
    ck_assert_str_eq(error.message, "no such topic");
    fixture_free(&f);
}
END_TEST

/* ---- a sink that takes as much as it is told ---- */

static struct {
    int room; /* values it takes before it is full */
    bool broken;
    int flush_room; /* a flush makes this much room */
    int idles;
    struct weir__buf got;
} world;

static void *writer_new(const void *config)
{
    (void)config;
    return &world;
}

static enum weir_status writer_open(void *writer, const struct weir_sink_context *context,
                                    struct weir_error *error)
{
    (void)writer;
    (void)error;
    ck_assert_ptr_eq(context->type, &weir_string_type);
    return WEIR_OK;
}

static enum weir_status writer_write(void *writer, const void *value, int64_t timestamp,
                                     struct weir_error *error)
{
    (void)writer;
    if (world.broken) {
        return weir_error_set(error, WEIR_IO, NULL, "the disk is gone");
    }
    if (world.room == 0) {
        return weir_error_set(error, WEIR_LIMIT, NULL, "full");
    }
    world.room--;
    weir__buf_printf(&world.got, "%.*s@%lld ", WEIR_STR_ARG(*(const struct weir_str *)value),
                     (long long)timestamp);
    return WEIR_OK;
}

static enum weir_status writer_flush(void *writer, struct weir_error *error)
{
    (void)writer;
    if (world.broken) {
        return weir_error_set(error, WEIR_IO, NULL, "the disk is gone");
    }
    world.room += world.flush_room;
    weir__buf_printf(&world.got, "flush ");
    return WEIR_OK;
}

static enum weir_status writer_idle(void *writer, struct weir_error *error)
{
    (void)writer;
    (void)error;
    world.idles++;
    return WEIR_OK;
}

static void writer_free(void *writer)
{
    (void)writer;
}

static const struct weir_sink_ops world_ops = {
    .kind = "World",
    .writer_new = writer_new,
    .open = writer_open,
    .write = writer_write,
    .flush = writer_flush,
    .idle = writer_idle,
    .writer_free = writer_free,
};

static int pressure;

static void start_sink(int room)
{
    world.room = room;
    world.broken = false;
    world.flush_room = 0;
    world.idles = 0;
    world.got.len = 0;
    pressure = 0;
    weir_sink *sink = weir_sink_new(&world_ops, "world", &weir_string_type, NULL);
    fixture_init(&f, weir__sink_factory(sink), &weir_string_type, NULL);
    f.context.pressure = &pressure;
    fixture_open(&f);
}

/* The text's storage is reused: whatever the sink keeps must be a copy. */
static void write_number(int number)
{
    char text[16];
    snprintf(text, sizeof(text), "v%d", number);
    struct weir_str value = weir_str_from(text);
    push(&f, &value, number);
    memset(text, 'x', sizeof(text));
}

static void expect_written(const char *text)
{
    weir__buf_printf(&world.got, "%s", "");
    ck_assert_str_eq(world.got.data, text);
}

static void end_sink(void)
{
    fixture_free(&f);
    weir__buf_fini(&world.got);
    world.got = (struct weir__buf){0};
}

START_TEST(sink_writes_in_order_and_flushes_at_the_end)
{
    start_sink(10);
    write_number(1);
    write_number(2);
    f.op->ops->finish(f.op);
    expect_written("v1@1 v2@2 flush ");
    end_sink();
}
END_TEST

START_TEST(full_writer_is_offered_the_value_again_in_order)
{
    start_sink(1);
    write_number(1);
    write_number(2);
    ck_assert_int_eq(pressure, 1); /* its task brings nothing more */
    write_number(3);
    world.room = 1;
    set_clock(&f, 10);
    expect_written("v1@1 v2@2 ");
    ck_assert_int_eq(pressure, 1);
    world.room = 5;
    set_clock(&f, 20);
    expect_written("v1@1 v2@2 v3@3 ");
    ck_assert_int_eq(pressure, 0);
    write_number(4);
    expect_written("v1@1 v2@2 v3@3 v4@4 ");
    end_sink();
}
END_TEST

/* Fault list, row 9. */
START_TEST(clock_that_is_set_back_stops_no_retry)
{
    start_sink(0);
    set_clock(&f, 7200000);
    write_number(1);
    world.room = 1;
    set_clock(&f, 3600000);
    expect_written("v1@1 ");
    end_sink();
}
END_TEST

START_TEST(what_waits_is_written_at_the_end_by_flushing)
{
    start_sink(0);
    world.flush_room = 1;
    write_number(1);
    write_number(2);
    f.op->ops->finish(f.op);
    ck_assert(!f.context.failed);
    expect_written("flush v1@1 flush v2@2 flush ");
    end_sink();
}
END_TEST

START_TEST(writer_that_stays_full_after_a_flush_fails_the_job_and_says_how_much_is_lost)
{
    start_sink(0);
    write_number(1);
    write_number(2);
    f.op->ops->finish(f.op);
    ck_assert(f.context.failed);
    ck_assert_int_eq(f.context.failure.code, WEIR_LIMIT);
    ck_assert_str_eq(f.context.failure.where, "under test");
    ck_assert_ptr_nonnull(strstr(f.context.failure.message, "2 results were not written"));
    end_sink();
}
END_TEST

START_TEST(failing_write_fails_the_operator_by_name)
{
    start_sink(10);
    world.broken = true;
    write_number(1);
    write_number(2);
    ck_assert(f.context.failed);
    ck_assert_int_eq(f.context.failure.code, WEIR_IO);
    ck_assert_str_eq(f.context.failure.where, "under test");
    ck_assert_str_eq(f.context.failure.message, "the disk is gone");
    end_sink();
}
END_TEST

START_TEST(failing_flush_fails_the_operator)
{
    start_sink(10);
    write_number(1);
    world.broken = true;
    f.op->ops->finish(f.op);
    ck_assert_int_eq(f.context.failure.code, WEIR_IO);
    end_sink();
}
END_TEST

START_TEST(checkpoint_flushes)
{
    start_sink(10);
    struct weir__buf saved = {0};
    write_number(1);
    f.op->ops->snapshot(f.op, &saved);
    expect_written("v1@1 flush ");
    ck_assert_int_eq(saved.len, 0);
    weir__buf_fini(&saved);
    end_sink();
}
END_TEST

START_TEST(writer_is_told_once_when_nothing_came_for_a_moment)
{
    start_sink(10);
    write_number(1);
    set_clock(&f, 90);
    write_number(2);
    set_clock(&f, 199);
    ck_assert_int_eq(world.idles, 0);
    set_clock(&f, 200);
    ck_assert_int_eq(world.idles, 1);
    set_clock(&f, 10000);
    ck_assert_int_eq(world.idles, 1);
    ck_assert_int_eq(f.op->ops->next_tick(f.op), WEIR_TIME_MAX);
    end_sink();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connectors as operators");
    TCase *source = tcase_create("source");
    tcase_add_test(source, source_emits_values_with_time_and_announces_splits);
    tcase_add_test(source, bad_input_becomes_a_dead_letter_that_is_safe_to_print);
    tcase_add_test(source, source_sends_the_final_watermark_once_at_its_end);
    tcase_add_test(source, source_goes_on_where_its_snapshot_was_taken);
    tcase_add_test(source, source_that_does_not_open_says_why);
    suite_add_tcase(suite, source);
    TCase *sink = tcase_create("sink");
    tcase_add_test(sink, sink_writes_in_order_and_flushes_at_the_end);
    tcase_add_test(sink, full_writer_is_offered_the_value_again_in_order);
    tcase_add_test(sink, clock_that_is_set_back_stops_no_retry);
    tcase_add_test(sink, what_waits_is_written_at_the_end_by_flushing);
    tcase_add_test(sink,
                   writer_that_stays_full_after_a_flush_fails_the_job_and_says_how_much_is_lost);
    tcase_add_test(sink, failing_write_fails_the_operator_by_name);
    tcase_add_test(sink, failing_flush_fails_the_operator);
    tcase_add_test(sink, checkpoint_flushes);
    tcase_add_test(sink, writer_is_told_once_when_nothing_came_for_a_moment);
    suite_add_tcase(suite, sink);
    return run_suite(suite);
}

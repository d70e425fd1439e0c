/*
 * A source in micro-batches: what it brings goes on at the boundary, all of it and in order, and a
 * checkpoint never finds half a batch.
 */
#include "base/buf.h"
#include "operator/micro_batch.h"
#include "operator_fixture.h"

#include <weir/source.h>

/* ---- a source that the test feeds ---- */

struct feed {
    const char *script; /* what the next polls do, a character each; '\0': nothing */
    int64_t brought;    /* records; the next one's value */
    int64_t restored;   /* the position */
    char position[24];
};

static void *reader_new(const void *config)
{
    return (void *)config;
}

static enum weir_status open_reader(void *self, const struct weir_source_context *context,
                                    struct weir_error *error)
{
    (void)self, (void)context, (void)error;
    return WEIR_OK;
}

/* r: a record, +/-: a split comes or goes, d: a dead letter, .: nothing, e: the end. */
static enum weir_poll poll_reader(void *self, weir_source_output *out, int budget,
                                  struct weir_error *error)
{
    struct feed *feed = self;
    (void)budget, (void)error;
    const struct weir_error reason = {.code = WEIR_MALFORMED, .message = "bad on purpose"};
    switch (*feed->script) {
    case 'r':
        weir_source_emit(out, 2, &feed->brought, 100 + feed->brought);
        feed->brought++;
        break;
    case 'd':
        weir_source_dead_letter(out, 2, feed->brought, "?", 1, &reason);
        break;
    case '+':
        weir_source_split_added(out, 2);
        break;
    case '-':
        weir_source_split_finished(out, 2);
        break;
    case 'e':
        return WEIR_POLL_END;
    default:
        feed->script += *feed->script == '.';
        return WEIR_POLL_NOTHING;
    }
    feed->script++;
    return WEIR_POLL_MORE;
}

static struct weir_str position_of(void *self)
{
    struct feed *feed = self;
    snprintf(feed->position, sizeof(feed->position), "%lld", (long long)feed->brought);
    return weir_str_from(feed->position);
}

static void reader_free(void *self)
{
    (void)self;
}

static const struct weir_source_ops feed_ops = {.kind = "Feed",
                                                .reader_new = reader_new,
                                                .open = open_reader,
                                                .poll = poll_reader,
                                                .snapshot = position_of,
                                                .reader_free = reader_free};

/* ---- the operator ---- */

static const struct weir__checkpoint_settings kept = {.kept = true};

/* Batches of 1000 ms, beginning at 10 400. */
static void set_up(struct fixture *f, struct feed *feed)
{
    *feed = (struct feed){.script = ""};
    fixture_init(f,
                 weir__source_factory(weir_source_new(&feed_ops, "feed", &weir_int64_type, feed)),
                 NULL, &weir_int64_type);
    fixture_side(f, &weir_dead_letters);
    f->context.micro_batch_ms = 1000;
    f->context.checkpoints = &kept;
    weir_manual_clock_set(&f->clock, 10400);
    fixture_open(f);
}

static enum weir_poll poll(struct fixture *f)
{
    struct weir_error error = {0};
    return weir__source_operator_poll(f->op, 2, &error);
}

/* Polls until the script is done, and once more. */
static void bring(struct fixture *f, struct feed *feed, const char *script)
{
    feed->script = script;
    while (*feed->script != '\0' && *feed->script != 'e') {
        poll(f);
    }
    poll(f);
}

/* Polls until a batch has gone on. */
static void let_go(struct fixture *f)
{
    while (!weir__source_operator_is_between_batches(f->op)) {
        ck_assert_int_ne(poll(f), WEIR_POLL_FAILED);
    }
}

static void expect_position(struct fixture *f, const char *expected)
{
    struct weir__buf bytes = {0};
    f->op->ops->snapshot(f->op, &bytes);
    struct weir__reader in = weir__reader_of((struct weir_str){bytes.data, (uint32_t)bytes.len});
    ck_assert(weir_str_equals(weir__read_str(&in), expected));
    weir__buf_fini(&bytes);
}

START_TEST(everything_is_held_in_order_until_the_boundary)
{
    struct fixture f;
    struct feed feed;
    set_up(&f, &feed);
    bring(&f, &feed, "+rrdr-");
    expect(&f, "");
    ck_assert_int_eq(f.op->ops->next_tick(f.op), 11000);
    set_clock(&f, 10999);
    poll(&f);
    expect(&f, "");
    ck_assert_int_eq(weir__source_operator_brought(f.op), 4);
    set_clock(&f, 11000);
    let_go(&f);
    expect(&f, "+p2 0@100 1@101 dead-letters:{\"source\":\"under test\",\"split\":2,\"position\":2,"
               "\"reason\":\"bad on purpose\",\"payload\":\"?\"}@- 2@102 -p2");
    ck_assert_int_eq(f.op->ops->next_tick(f.op), 12000);
    fixture_free(&f);
}
END_TEST

START_TEST(latency_markers_wait_with_the_records)
{
    static const struct weir__latency_settings settings = {.interval_ms = 100, .history = 128};
    struct fixture f;
    struct feed feed;
    set_up(&f, &feed);
    f.context.latency = weir__latency_new(&settings, 1, 0, 0);
    bring(&f, &feed, "r");
    set_clock(&f, 10500);
    bring(&f, &feed, "r");
    expect(&f, "");
    set_clock(&f, 11000);
    let_go(&f);
    expect(&f, "m1.0 0@100 dead-letters:m1.0 1@101"); /* outputs take turns */
    weir__latency_free(f.context.latency);
    fixture_free(&f);
}
END_TEST

START_TEST(batch_goes_on_in_pieces_and_stops_under_pressure)
{
    struct fixture f;
    struct feed feed;
    int pressure = 0;
    set_up(&f, &feed);
    f.context.pressure = &pressure;
    bring(&f, &feed, "rrr");
    set_clock(&f, 11000);
    pressure = 1;
    ck_assert_int_eq(poll(&f), WEIR_POLL_MORE);
    expect(&f, "");
    pressure = 0;
    poll(&f);
    expect(&f, "0@100 1@101");
    ck_assert(!weir__source_operator_is_between_batches(f.op));
    ck_assert_int_eq(f.op->ops->next_tick(f.op), WEIR_TIME_MAX);
    let_go(&f);
    expect(&f, "2@102");
    fixture_free(&f);
}
END_TEST

START_TEST(batch_over_is_told_once_and_not_of_an_empty_one)
{
    struct fixture f;
    struct feed feed;
    set_up(&f, &feed);
    set_clock(&f, 11000);
    let_go(&f);
    ck_assert(!weir__source_operator_take_batch_over(f.op));
    bring(&f, &feed, "r");
    set_clock(&f, 12000);
    let_go(&f);
    ck_assert(weir__source_operator_take_batch_over(f.op));
    ck_assert(!weir__source_operator_take_batch_over(f.op));
    fixture_free(&f);
}
END_TEST

START_TEST(position_of_a_checkpoint_is_that_behind_the_last_batch)
{
    struct fixture f;
    struct feed feed;
    set_up(&f, &feed);
    expect_position(&f, "0");
    bring(&f, &feed, "rr");
    expect_position(&f, "0");
    set_clock(&f, 11000);
    let_go(&f);
    expect_position(&f, "2");
    bring(&f, &feed, "r");
    expect_position(&f, "2");
    fixture_free(&f);
}
END_TEST

/* A Kafka reader that is asked for its position leaves the commits to checkpoints. */
START_TEST(reader_of_a_job_without_checkpoints_is_not_asked_for_its_position)
{
    static const struct weir__checkpoint_settings none = {0};
    struct fixture f;
    struct feed feed;
    set_up(&f, &feed);
    f.context.checkpoints = &none;
    bring(&f, &feed, "r");
    set_clock(&f, 11000);
    let_go(&f);
    ck_assert_str_eq(feed.position, "");
    fixture_free(&f);
}
END_TEST

START_TEST(end_of_the_input_is_a_boundary)
{
    struct fixture f;
    struct feed feed;
    set_up(&f, &feed);
    bring(&f, &feed, "rre");
    let_go(&f);
    expect(&f, "0@100 1@101 Wmax");
    ck_assert_int_eq(poll(&f), WEIR_POLL_END);
    expect_position(&f, "2");
    ck_assert_int_eq(f.op->ops->next_tick(f.op), WEIR_TIME_MAX);
    fixture_free(&f);
}
END_TEST

START_TEST(source_that_is_stopped_reads_no_more_and_lets_go_what_it_holds)
{
    struct fixture f;
    struct feed feed;
    set_up(&f, &feed);
    bring(&f, &feed, "rr");
    feed.script = "rrrr";
    ck_assert(!weir__source_operator_stop(f.op));
    let_go(&f);
    expect(&f, "0@100 1@101 Wmax");
    ck_assert_int_eq(poll(&f), WEIR_POLL_END);
    ck_assert(weir__source_operator_stop(f.op));
    fixture_free(&f);
}
END_TEST

START_TEST(batch_that_misses_the_next_boundary_is_followed_at_once)
{
    struct fixture f;
    struct feed feed;
    set_up(&f, &feed);
    bring(&f, &feed, "rr");
    set_clock(&f, 11000);
    ck_assert(!weir__source_operator_is_between_batches(f.op));
    weir_manual_clock_set(&f.clock, 12300); /* it took so long */
    let_go(&f);
    expect(&f, "0@100 1@101");
    ck_assert_int_eq(f.op->ops->next_tick(f.op), 13000);
    bring(&f, &feed, "rr."); /* what came meanwhile, until there is nothing more */
    let_go(&f);
    expect(&f, "2@102 3@103");
    bring(&f, &feed, "r."); /* on time again */
    expect(&f, "");
    fixture_free(&f);
}
END_TEST

START_TEST(batch_goes_on_before_its_time_when_it_has_its_most_bytes)
{
    struct weir_manual_clock clock;
    weir_manual_clock_init(&clock, 10400);
    struct weir__micro_batch *batch = weir__micro_batch_new(&weir_int64_type, 1000, 100, 10400);
    int64_t value = 7;
    struct weir__held element = {WEIR__HELD_RECORD, .record = {.value = &value}};
    int put = 0;
    for (; !weir__micro_batch_goes_on(batch, &clock.clock); put++) {
        weir__micro_batch_put(batch, &element);
    }
    ck_assert_int_ge(put, 3);
    ck_assert_int_le(put, 5);
    weir__micro_batch_free(batch);
}
END_TEST

START_TEST(clock_that_is_set_back_holds_nothing_for_longer_than_the_interval)
{
    struct fixture f;
    struct feed feed;
    set_up(&f, &feed);
    bring(&f, &feed, "r");
    weir_manual_clock_set(&f.clock, 5000);
    let_go(&f);
    poll(&f);
    let_go(&f);
    expect(&f, "0@100");
    ck_assert_int_eq(f.op->ops->next_tick(f.op), 6000);
    fixture_free(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("operator micro-batch");
    TCase *tcase = tcase_create("source");
    tcase_add_test(tcase, everything_is_held_in_order_until_the_boundary);
    tcase_add_test(tcase, latency_markers_wait_with_the_records);
    tcase_add_test(tcase, batch_goes_on_in_pieces_and_stops_under_pressure);
    tcase_add_test(tcase, batch_over_is_told_once_and_not_of_an_empty_one);
    tcase_add_test(tcase, position_of_a_checkpoint_is_that_behind_the_last_batch);
    tcase_add_test(tcase, reader_of_a_job_without_checkpoints_is_not_asked_for_its_position);
    tcase_add_test(tcase, end_of_the_input_is_a_boundary);
    tcase_add_test(tcase, source_that_is_stopped_reads_no_more_and_lets_go_what_it_holds);
    tcase_add_test(tcase, batch_that_misses_the_next_boundary_is_followed_at_once);
    tcase_add_test(tcase, batch_goes_on_before_its_time_when_it_has_its_most_bytes);
    tcase_add_test(tcase, clock_that_is_set_back_holds_nothing_for_longer_than_the_interval);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}

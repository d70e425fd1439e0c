/*
 * Writers and gates: which subtask gets a record, when a buffer is sent, what happens when a ring
 * is full; and what the gate at the other end makes of it.
 */
#include "base/mem.h"
#include "base/rand.h"
#include "runtime/element.h"
#include "runtime/gate.h"
#include "runtime/writer.h"
#include "test_runtime_event.inc"
#include "types/key.h"

/* ---- an operator that writes down what it is given ---- */

struct recorder {
    struct weir__operator op;
    struct weir__operator_context context;
    struct weir__buf log; /* "r5 w10 idle active …" */
    int64_t sum;          /* of the numbers */
    int *pressure;        /* NULL; else set to 1 by each record */
    struct weir__receiver behind;
};

static void record(struct weir__operator *op, int input, const struct weir__record *record)
{
    struct recorder *recorder = (struct recorder *)op;
    const struct event *event = record->value;
    weir__buf_printf(&recorder->log, "%sr%lld", recorder->log.len > 0 ? " " : "",
                     (long long)event->number);
    if (input > 0) {
        weir__buf_printf(&recorder->log, "@%d", input);
    }
    recorder->sum += event->number;
    if (recorder->pressure != NULL) {
        *recorder->pressure = 1;
    }
}

static void record_watermark(struct weir__operator *op, int64_t watermark)
{
    struct recorder *recorder = (struct recorder *)op;
    weir__buf_printf(&recorder->log, "%s", recorder->log.len > 0 ? " " : "");
    if (watermark == WEIR_TIME_MAX) {
        weir__buf_printf(&recorder->log, "wMAX");
    } else {
        weir__buf_printf(&recorder->log, "w%lld", (long long)watermark);
    }
}

static void record_idle(struct weir__operator *op, bool idle)
{
    struct recorder *recorder = (struct recorder *)op;
    weir__buf_printf(&recorder->log, "%s%s", recorder->log.len > 0 ? " " : "",
                     idle ? "idle" : "active");
}

/* What a marker is passed on to. */
static void record_marker(void *self, const struct weir__latency_marker *marker)
{
    struct recorder *recorder = self;
    weir__buf_printf(&recorder->log, "%sm%d.%d@%lld", recorder->log.len > 0 ? " " : "",
                     (int)marker->source, (int)marker->subtask, (long long)marker->marked_ns);
}

static const struct weir__receiver_ops behind_ops = {.marker = record_marker};
static const struct weir__operator_ops recorder_ops = {
    .kind = "Recorder", .process = record, .watermark = record_watermark, .idle = record_idle};

static void recorder_init(struct recorder *recorder)
{
    *recorder = (struct recorder){
        .op = {.ops = &recorder_ops, .context = &recorder->context},
        .context = {.name = "recorder", .in_type = &event_type, .watermark = WEIR_TIME_MIN},
    };
    weir__inputs_init(&recorder->context.inputs);
    recorder->behind = (struct weir__receiver){&behind_ops, recorder};
    recorder->context.main.receivers = &recorder->behind;
    recorder->context.main.receiver_count = 1;
}

/* ---- a writer with its channels, and a gate behind each of them ---- */

enum { MOST_LANES = 8 };

struct bench {
    struct weir__writer *writer;
    int pressure;
    size_t lanes;
    struct weir__channel *channels[MOST_LANES];
    struct recorder recorders[MOST_LANES];
    struct weir__gate *gates[MOST_LANES];
    int no_pressure;
};

static void bench_init(struct bench *bench, struct weir__writer_config config, size_t lanes,
                       size_t buffers)
{
    memset(bench, 0, sizeof(*bench));
    config.type = &event_type;
    config.pressure = &bench->pressure;
    bench->writer = weir__writer_new(&config);
    bench->lanes = lanes;
    for (size_t i = 0; i < lanes; i++) {
        bench->channels[i] = weir__channel_new(buffers, NULL, NULL);
        weir__writer_add(bench->writer, bench->channels[i], (int)i);
        recorder_init(&bench->recorders[i]);
        bench->gates[i] = weir__gate_new(&bench->recorders[i].op, &bench->no_pressure, true);
        weir__gate_add(bench->gates[i], bench->channels[i], 0, "channel");
    }
}

static void bench_fini(struct bench *bench)
{
    weir__writer_free(bench->writer);
    for (size_t i = 0; i < bench->lanes; i++) {
        weir__gate_free(bench->gates[i]);
        weir__channel_free(bench->channels[i]);
        weir__buf_fini(&bench->recorders[i].log);
    }
}

static void put(struct bench *bench, const char *key, int64_t number)
{
    struct event event = {.key = weir_str_from(key), .number = number};
    struct weir__record record = {.value = &event, .timestamp = number};
    struct weir__receiver to = weir__writer_receiver(bench->writer);
    to.ops->record(to.self, &record);
}

static void mark(struct bench *bench, int64_t marked_ns)
{
    struct weir__receiver to = weir__writer_receiver(bench->writer);
    to.ops->marker(to.self, &(struct weir__latency_marker){marked_ns, 3, 1});
}

/* Reads everything that lies in the channel; gives the recorder's log since the last time. */
static const char *drain(struct bench *bench, size_t lane)
{
    struct recorder *recorder = &bench->recorders[lane];
    struct weir__gate_result result = {.progress = true};
    recorder->log.len = 0;
    weir__buf_printf(&recorder->log, "%s", "");
    while (result.progress) {
        struct weir_error error = {0};
        ck_assert_int_eq(weir__gate_read(bench->gates[lane], 1000, &result, &error), WEIR_OK);
    }
    return recorder->log.data;
}

/* Sends what is in the buffers. */
static void send_all(struct bench *bench)
{
    weir__writer_relax(bench->writer);
}

/* ---- partitioners ---- */

START_TEST(rebalance_goes_round_beginning_at_its_own_subtask)
{
    struct bench bench;
    bench_init(&bench,
               (struct weir__writer_config){
                   .partition = WEIR__REBALANCE, .subtask = 1, .buffer_timeout_ms = 100},
               3, 8);
    for (int64_t i = 0; i < 7; i++) {
        put(&bench, "a", i);
    }
    send_all(&bench);
    ck_assert_str_eq(drain(&bench, 0), "r2 r5");
    ck_assert_str_eq(drain(&bench, 1), "r0 r3 r6");
    ck_assert_str_eq(drain(&bench, 2), "r1 r4");
    bench_fini(&bench);
}
END_TEST

START_TEST(broadcast_reaches_every_subtask)
{
    struct bench bench;
    bench_init(&bench,
               (struct weir__writer_config){.partition = WEIR__BROADCAST, .buffer_timeout_ms = 100},
               3, 8);
    put(&bench, "a", 1);
    put(&bench, "b", 2);
    send_all(&bench);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(drain(&bench, i), "r1 r2");
    }
    bench_fini(&bench);
}
END_TEST

/* Semantics sheet, section 16: key group * parallelism / max parallelism. */
START_TEST(hash_sends_a_key_to_the_subtask_of_its_group)
{
    struct bench bench;
    bench_init(&bench,
               (struct weir__writer_config){.partition = WEIR__HASH,
                                            .key = WEIR_FIELD(event, key),
                                            .max_parallelism = 128,
                                            .buffer_timeout_ms = 100},
               4, 8);
    int64_t expected[4] = {0};
    for (int64_t i = 0; i < 1000; i++) {
        char text[16];
        snprintf(text, sizeof(text), "key-%lld", (long long)(i % 50));
        struct weir__key key = weir__key_string(weir_str_from(text));
        expected[weir__key_group_subtask(weir__key_group(&key, 128), 128, 4)] += i;
        put(&bench, text, i);
    }
    send_all(&bench);
    for (size_t i = 0; i < 4; i++) {
        drain(&bench, i);
        ck_assert_int_eq(bench.recorders[i].sum, expected[i]);
    }
    bench_fini(&bench);
}
END_TEST

START_TEST(watermarks_and_idleness_go_to_all_subtasks_in_band)
{
    struct bench bench;
    bench_init(&bench,
               (struct weir__writer_config){.partition = WEIR__REBALANCE, .buffer_timeout_ms = 100},
               2, 8);
    struct weir__receiver to = weir__writer_receiver(bench.writer);
    put(&bench, "a", 1);
    to.ops->watermark(to.self, 10);
    put(&bench, "a", 2);
    to.ops->idle(to.self, true);
    to.ops->idle(to.self, false);
    to.ops->watermark(to.self, 20);
    weir__writer_end(bench.writer);
    ck_assert_str_eq(drain(&bench, 0), "r1 w10 idle active w20 wMAX");
    ck_assert_str_eq(drain(&bench, 1), "w10 r2 idle active w20 wMAX");
    ck_assert(weir__gate_ended(bench.gates[0]) && weir__gate_ended(bench.gates[1]));
    bench_fini(&bench);
}
END_TEST

START_TEST(latency_markers_go_to_one_subtask_in_turn_and_overtake_nothing)
{
    struct bench bench;
    bench_init(&bench,
               (struct weir__writer_config){.partition = WEIR__BROADCAST, .buffer_timeout_ms = 100},
               2, 8);
    put(&bench, "a", 1);
    mark(&bench, 11);
    put(&bench, "a", 2);
    mark(&bench, 22);
    mark(&bench, 33);
    put(&bench, "a", 3);
    ck_assert_uint_eq(weir__channel_used(bench.channels[0]), 0); /* it waits as a record does */
    send_all(&bench);
    ck_assert_str_eq(drain(&bench, 0), "r1 m3.1@11 r2 m3.1@33 r3");
    ck_assert_str_eq(drain(&bench, 1), "r1 r2 m3.1@22 r3");
    bench_fini(&bench);
}
END_TEST

/* ---- when a buffer is sent ---- */

START_TEST(buffer_is_sent_when_it_is_full)
{
    struct bench bench;
    bench_init(&bench, (struct weir__writer_config){.buffer_bytes = 64, .buffer_timeout_ms = 100},
               1, 8);
    put(&bench, "a", 0);
    ck_assert_uint_eq(weir__channel_used(bench.channels[0]), 0);
    for (int64_t i = 1; i < 12; i++) {
        put(&bench, "a", i);
    }
    ck_assert_uint_ge(weir__channel_used(bench.channels[0]), 3);
    ck_assert_int_eq(bench.pressure, 0);
    bench_fini(&bench);
}
END_TEST

START_TEST(half_full_buffer_is_sent_after_the_timeout)
{
    struct bench bench;
    bench_init(&bench, (struct weir__writer_config){.buffer_timeout_ms = 100}, 1, 8);
    weir__writer_tick(bench.writer, 1000);
    put(&bench, "a", 1);
    ck_assert(!weir__writer_tick(bench.writer, 1010));
    ck_assert_int_eq(weir__writer_deadline(bench.writer), 1110);
    ck_assert(!weir__writer_tick(bench.writer, 1109));
    ck_assert(weir__writer_tick(bench.writer, 1110));
    ck_assert_str_eq(drain(&bench, 0), "r1");
    ck_assert_int_eq(weir__writer_deadline(bench.writer), WEIR_TIME_MAX);
    bench_fini(&bench);
}
END_TEST

START_TEST(timeout_of_0_sends_every_record)
{
    struct bench bench;
    bench_init(&bench, (struct weir__writer_config){.buffer_timeout_ms = 0}, 1, 8);
    put(&bench, "a", 1);
    put(&bench, "a", 2);
    ck_assert_uint_eq(weir__channel_used(bench.channels[0]), 2);
    bench_fini(&bench);
}
END_TEST

START_TEST(idle_task_sends_only_to_those_who_have_nothing_to_read)
{
    struct bench bench;
    bench_init(&bench, (struct weir__writer_config){.buffer_timeout_ms = 100}, 1, 8);
    put(&bench, "a", 1);
    ck_assert(weir__writer_relax(bench.writer));
    put(&bench, "a", 2);
    ck_assert(!weir__writer_relax(bench.writer));
    ck_assert_str_eq(drain(&bench, 0), "r1");
    ck_assert(weir__writer_relax(bench.writer));
    ck_assert_str_eq(drain(&bench, 0), "r2");
    bench_fini(&bench);
}
END_TEST

/* ---- back-pressure ---- */

START_TEST(full_ring_is_pressure_and_the_record_in_hand_is_kept)
{
    struct bench bench;
    bench_init(&bench, (struct weir__writer_config){.buffer_bytes = 1, .buffer_timeout_ms = 100}, 1,
               2);
    for (int64_t i = 0; i < 5; i++) {
        put(&bench, "a", i);
    }
    ck_assert_int_eq(bench.pressure, 1);
    ck_assert(!weir__writer_is_empty(bench.writer));
    ck_assert(!weir__writer_tick(bench.writer, 1));
    ck_assert_int_eq(weir__writer_deadline(bench.writer),
                     WEIR_TIME_MAX); /* it waits for room, not for time */
    ck_assert_str_eq(drain(&bench, 0), "r0 r1");
    ck_assert(weir__writer_tick(bench.writer, 2));
    ck_assert_int_eq(bench.pressure, 0);
    ck_assert(weir__writer_is_empty(bench.writer));
    ck_assert_str_eq(drain(&bench, 0), "r2 r3 r4");
    bench_fini(&bench);
}
END_TEST

START_TEST(one_full_ring_of_several_is_pressure_until_it_has_room)
{
    struct bench bench;
    bench_init(&bench,
               (struct weir__writer_config){
                   .partition = WEIR__REBALANCE, .buffer_bytes = 1, .buffer_timeout_ms = 100},
               2, 1);
    for (int64_t i = 0; i < 4; i++) {
        put(&bench, "a", i);
    }
    ck_assert_int_eq(bench.pressure, 2);
    drain(&bench, 1);
    weir__writer_tick(bench.writer, 1);
    ck_assert_int_eq(bench.pressure, 1);
    drain(&bench, 0);
    weir__writer_tick(bench.writer, 1);
    ck_assert_int_eq(bench.pressure, 0);
    bench_fini(&bench);
}
END_TEST

START_TEST(oversized_record_passes)
{
    struct bench bench;
    bench_init(&bench, (struct weir__writer_config){.buffer_timeout_ms = 100}, 1, 2);
    size_t len = 1000 * 1000;
    char *text = malloc(len + 1);
    memset(text, 'x', len);
    text[len] = '\0';
    put(&bench, "a", 1);
    put(&bench, text, 2);
    put(&bench, "a", 3);
    ck_assert_int_eq(bench.pressure, 0);
    send_all(&bench);
    ck_assert_str_eq(drain(&bench, 0), "r1 r2");
    send_all(&bench);
    ck_assert_str_eq(drain(&bench, 0), "r3");
    free(text);
    bench_fini(&bench);
}
END_TEST

/* ---- the gate ---- */

START_TEST(gate_stops_under_pressure_and_goes_on_at_the_same_place)
{
    struct bench bench;
    bench_init(&bench, (struct weir__writer_config){.buffer_timeout_ms = 100}, 1, 2);
    bench.recorders[0].pressure = &bench.no_pressure;
    for (int64_t i = 0; i < 3; i++) {
        put(&bench, "a", i);
    }
    send_all(&bench);
    struct weir_error error = {0};
    for (int64_t i = 0; i < 3; i++) {
        struct weir__gate_result result;
        bench.no_pressure = 0;
        ck_assert_int_eq(weir__gate_read(bench.gates[0], 100, &result, &error), WEIR_OK);
        ck_assert(result.progress);
    }
    ck_assert_int_eq(bench.recorders[0].sum, 3);
    ck_assert_uint_eq(weir__channel_used(bench.channels[0]), 0);
    bench_fini(&bench);
}
END_TEST

/* Two writers into one gate. Semantics sheet, section 13. */
struct two {
    struct bench benches[2];
    struct recorder recorder;
    struct weir__gate *gate;
    int no_pressure;
};

/* inputs: 1, both channels lead to the same; or 2. */
static void two_init(struct two *two, int inputs)
{
    memset(two, 0, sizeof(*two));
    recorder_init(&two->recorder);
    two->recorder.context.second_type = inputs == 2 ? &event_type : NULL;
    two->gate = weir__gate_new(&two->recorder.op, &two->no_pressure, true);
    for (int i = 0; i < 2; i++) {
        bench_init(&two->benches[i], (struct weir__writer_config){.buffer_timeout_ms = 0}, 1, 64);
        weir__gate_add(two->gate, two->benches[i].channels[0], i % inputs, "channel");
    }
}

static void two_fini(struct two *two)
{
    weir__gate_free(two->gate);
    weir__buf_fini(&two->recorder.log);
    bench_fini(&two->benches[0]);
    bench_fini(&two->benches[1]);
}

static void watermark(struct two *two, int i, int64_t value)
{
    struct weir__receiver to = weir__writer_receiver(two->benches[i].writer);
    to.ops->watermark(to.self, value);
}

static void idle(struct two *two, int i, bool is_idle)
{
    struct weir__receiver to = weir__writer_receiver(two->benches[i].writer);
    to.ops->idle(to.self, is_idle);
}

static const char *two_drain(struct two *two)
{
    struct weir__gate_result result = {.progress = true};
    two->recorder.log.len = 0;
    weir__buf_printf(&two->recorder.log, "%s", "");
    while (result.progress) {
        struct weir_error error = {0};
        ck_assert_int_eq(weir__gate_read(two->gate, 1000, &result, &error), WEIR_OK);
    }
    return two->recorder.log.data;
}

START_TEST(gate_combines_watermarks_to_the_minimum)
{
    struct two two;
    two_init(&two, 1);
    watermark(&two, 0, 10);
    ck_assert_str_eq(two_drain(&two), "");
    watermark(&two, 1, 5);
    ck_assert_str_eq(two_drain(&two), "w5");
    watermark(&two, 1, 20);
    ck_assert_str_eq(two_drain(&two), "w10");
    two_fini(&two);
}
END_TEST

START_TEST(idle_channel_holds_nothing_back_and_all_idle_is_idle)
{
    struct two two;
    two_init(&two, 1);
    watermark(&two, 0, 10);
    idle(&two, 1, true);
    ck_assert_str_eq(two_drain(&two), "w10");
    idle(&two, 0, true);
    ck_assert_str_eq(two_drain(&two), "idle");
    idle(&two, 1, false);
    watermark(&two, 1, 15);
    ck_assert_str_eq(two_drain(&two), "active w15");
    two_fini(&two);
}
END_TEST

START_TEST(final_watermark_comes_when_all_channels_have_ended)
{
    struct two two;
    two_init(&two, 1);
    idle(&two, 0, true);
    weir__writer_end(two.benches[0].writer);
    watermark(&two, 1, 7);
    ck_assert_str_eq(two_drain(&two), "w7");
    ck_assert(!weir__gate_ended(two.gate));
    weir__writer_end(two.benches[1].writer);
    ck_assert_str_eq(two_drain(&two), "wMAX");
    ck_assert(weir__gate_ended(two.gate));
    two_fini(&two);
}
END_TEST

START_TEST(records_of_the_second_input_say_so_and_channels_take_turns)
{
    struct two two;
    two_init(&two, 2);
    for (int64_t i = 0; i < 2; i++) {
        put(&two.benches[0], "a", i);
        put(&two.benches[1], "a", 10 + i);
    }
    ck_assert_str_eq(two_drain(&two), "r0 r10@1 r1 r11@1");
    two_fini(&two);
}
END_TEST

START_TEST(latency_marker_behind_a_barrier_waits_for_the_other_channels)
{
    struct two two;
    two_init(&two, 1);
    weir__writer_barrier(two.benches[0].writer, 1);
    mark(&two.benches[0], 11);
    mark(&two.benches[1], 22);
    ck_assert_str_eq(two_drain(&two), "m3.1@22");
    weir__writer_barrier(two.benches[1].writer, 1);
    ck_assert_str_eq(two_drain(&two), "m3.1@11");
    two_fini(&two);
}
END_TEST

START_TEST(damaged_buffer_is_an_error_that_names_the_channel)
{
    static const struct {
        struct weir__element element;
        size_t len; /* of the buffer */
    } damaged[] = {
        {{.kind = WEIR__RECORD, .size = 16}, 16},             /* no body */
        {{.kind = WEIR__TRACED_RECORD, .size = 16}, 16},      /* no id */
        {{.kind = WEIR__RECORD, .size = 64}, 32},             /* cut */
        {{.kind = WEIR__WATERMARK, .size = 16}, 8},           /* not even an element */
        {{.kind = WEIR__WATERMARK, .size = 0}, 16},           /* no size */
        {{.kind = WEIR__LATENCY_MARKER, .size = 16}, 16},     /* no source */
        {{.kind = 99, .size = 16}, 16},                       /* unknown */
        {{.kind = WEIR__BARRIER, .size = 16, .value = 0}, 16} /* of no checkpoint */
    };
    for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
        struct bench bench;
        bench_init(&bench, (struct weir__writer_config){.buffer_timeout_ms = 0}, 1, 2);
        char bytes[64] = {0};
        memcpy(bytes, &damaged[i].element, sizeof(damaged[i].element));
        struct weir__buf buffer = {0};
        weir__buf_put(&buffer, bytes, damaged[i].len);
        ck_assert(weir__channel_push(bench.channels[0], &buffer));
        weir__buf_fini(&buffer);
        struct weir__gate_result result;
        struct weir_error error = {0};
        ck_assert_int_eq(weir__gate_read(bench.gates[0], 100, &result, &error), WEIR_CORRUPT);
        ck_assert_str_eq(error.message, "channel channel: its buffer does not read as event");
        bench_fini(&bench);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime writer");
    TCase *tests = tcase_create("writer");
    tcase_add_test(tests, rebalance_goes_round_beginning_at_its_own_subtask);
    tcase_add_test(tests, broadcast_reaches_every_subtask);
    tcase_add_test(tests, hash_sends_a_key_to_the_subtask_of_its_group);
    tcase_add_test(tests, watermarks_and_idleness_go_to_all_subtasks_in_band);
    tcase_add_test(tests, latency_markers_go_to_one_subtask_in_turn_and_overtake_nothing);
    tcase_add_test(tests, buffer_is_sent_when_it_is_full);
    tcase_add_test(tests, half_full_buffer_is_sent_after_the_timeout);
    tcase_add_test(tests, timeout_of_0_sends_every_record);
    tcase_add_test(tests, idle_task_sends_only_to_those_who_have_nothing_to_read);
    tcase_add_test(tests, full_ring_is_pressure_and_the_record_in_hand_is_kept);
    tcase_add_test(tests, one_full_ring_of_several_is_pressure_until_it_has_room);
    tcase_add_test(tests, oversized_record_passes);
    suite_add_tcase(suite, tests);
    TCase *gate = tcase_create("gate");
    tcase_add_test(gate, gate_stops_under_pressure_and_goes_on_at_the_same_place);
    tcase_add_test(gate, gate_combines_watermarks_to_the_minimum);
    tcase_add_test(gate, idle_channel_holds_nothing_back_and_all_idle_is_idle);
    tcase_add_test(gate, final_watermark_comes_when_all_channels_have_ended);
    tcase_add_test(gate, records_of_the_second_input_say_so_and_channels_take_turns);
    tcase_add_test(gate, latency_marker_behind_a_barrier_waits_for_the_other_channels);
    tcase_add_test(gate, damaged_buffer_is_an_error_that_names_the_channel);
    suite_add_tcase(suite, gate);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

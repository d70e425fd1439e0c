/*
 * One operator in a context filled by hand, and a recorder behind it: what unit tests of operators
 * stand on. The recorder writes what comes out as text, in order, "tag:" before side outputs:
 *
 *     7@100   a value (its JSON) with its timestamp; @- without one
 *     W99     a watermark          idle / active          +p3 / -p3   a split came / went
 *     m1.0    a latency marker of source 1, subtask 0
 *
 * Expectations are one string: expect("7@100 W99").
 */
#ifndef WEIR__TESTS_OPERATOR_FIXTURE_H
#define WEIR__TESTS_OPERATOR_FIXTURE_H

#include "base/mem.h"
#include "metrics/metrics.h"
#include "operator/factories.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

struct recorder {
    const char *tag; /* NULL: main output */
    const struct weir_type *type;
    struct weir__buf *text;
};

struct fixture {
    struct weir__operator_factory *factory;
    struct weir__operator *op;
    struct weir__operator_context context;
    struct weir_manual_clock clock;
    struct weir__buf text; /* what came out since the last expectation */
    struct recorder recorders[3];
    struct weir__receiver receivers[3];
    struct weir__output sides[2];
};

static inline void recorder_start(const struct recorder *recorder)
{
    weir__buf_printf(recorder->text, "%s%s%s", recorder->text->len > 0 ? " " : "",
                     recorder->tag != NULL ? recorder->tag : "", recorder->tag != NULL ? ":" : "");
}

static inline void recorder_record(void *self, const struct weir__record *record)
{
    const struct recorder *recorder = self;
    char json[400];
    weir_value_to_json(recorder->type, record->value, json, sizeof(json));
    recorder_start(recorder);
    if (record->timestamp == WEIR_TIME_MIN) {
        weir__buf_printf(recorder->text, "%s@-", json);
    } else {
        weir__buf_printf(recorder->text, "%s@%lld", json, (long long)record->timestamp);
    }
}

static inline void recorder_watermark(void *self, int64_t watermark)
{
    const struct recorder *recorder = self;
    if (recorder->tag == NULL) { /* side outputs get the same */
        recorder_start(recorder);
        if (watermark == WEIR_TIME_MAX) {
            weir__buf_printf(recorder->text, "Wmax");
        } else {
            weir__buf_printf(recorder->text, "W%lld", (long long)watermark);
        }
    }
}

static inline void recorder_idle(void *self, bool idle)
{
    const struct recorder *recorder = self;
    if (recorder->tag == NULL) {
        recorder_start(recorder);
        weir__buf_printf(recorder->text, idle ? "idle" : "active");
    }
}

static inline void recorder_split(void *self, int32_t split, bool added)
{
    const struct recorder *recorder = self;
    recorder_start(recorder);
    weir__buf_printf(recorder->text, "%cp%d", added ? '+' : '-', (int)split);
}

static inline void recorder_marker(void *self, const struct weir__latency_marker *marker)
{
    const struct recorder *recorder = self;
    recorder_start(recorder);
    weir__buf_printf(recorder->text, "m%d.%d", (int)marker->source, (int)marker->subtask);
}

static const struct weir__receiver_ops recorder_ops = {
    .record = recorder_record,
    .watermark = recorder_watermark,
    .idle = recorder_idle,
    .split = recorder_split,
    .marker = recorder_marker,
};

static inline void fixture_output(struct fixture *fixture, int i, struct weir__output *output,
                                  const char *tag, const struct weir_type *type)
{
    fixture->recorders[i] = (struct recorder){tag, type, &fixture->text};
    fixture->receivers[i] = (struct weir__receiver){&recorder_ops, &fixture->recorders[i]};
    *output = (struct weir__output){.type = type,
                                    .tag = tag,
                                    .receivers = &fixture->receivers[i],
                                    .receiver_count = 1,
                                    .records_out = &fixture->context.records_out};
}

/* Takes the factory. Side outputs and the key are set between fixture_init and fixture_open. */
static inline void fixture_init(struct fixture *fixture, struct weir__operator_factory *factory,
                                const struct weir_type *in_type, const struct weir_type *out_type)
{
    *fixture = (struct fixture){.factory = factory};
    weir_manual_clock_init(&fixture->clock, 0);
    fixture->context = (struct weir__operator_context){
        .name = "under test",
        .parallelism = 1,
        .max_parallelism = 128,
        .in_type = in_type,
        .out_type = out_type,
        .clock = &fixture->clock.clock,
        .watermark = WEIR_TIME_MIN,
        .metrics = weir__metric_group_new(),
    };
    if (out_type != NULL) {
        fixture_output(fixture, 0, &fixture->context.main, NULL, out_type);
    }
    fixture->context.sides = fixture->sides;
    fixture->op = factory->create(factory);
    fixture->op->context = &fixture->context;
}

static inline void fixture_side(struct fixture *fixture, const struct weir_output_tag *tag)
{
    size_t i = fixture->context.side_count++;
    fixture_output(fixture, (int)i + 1, &fixture->sides[i], tag->name, tag->type);
}

static inline void fixture_open(struct fixture *fixture)
{
    struct weir_error error = {0};
    if (fixture->op->ops->open != NULL) {
        ck_assert_msg(fixture->op->ops->open(fixture->op, &error) == WEIR_OK, "%s", error.message);
    }
}

static inline void fixture_free(struct fixture *fixture)
{
    fixture->op->ops->free(fixture->op);
    fixture->factory->free(fixture->factory);
    weir__metric_group_free(fixture->context.metrics);
    weir__buf_fini(&fixture->text);
}

static inline void push_split(struct fixture *fixture, const void *value, int64_t timestamp,
                              int32_t split)
{
    struct weir__record record = {.value = value, .timestamp = timestamp, .split = split};
    weir__operator_receive(fixture->op, 0, &record);
}

static inline void push(struct fixture *fixture, const void *value, int64_t timestamp)
{
    push_split(fixture, value, timestamp, WEIR__NO_SPLIT);
}

/* Sets the clock, and ticks for every time that the operator asked for up to then. */
static inline void set_clock(struct fixture *fixture, int64_t ms)
{
    const struct weir__operator_ops *ops = fixture->op->ops;
    if (ms < fixture->clock.ms) { /* backwards there is nothing between */
        weir_manual_clock_set(&fixture->clock, ms);
    }
    while (ops->next_tick != NULL && ops->next_tick(fixture->op) <= ms) {
        weir_manual_clock_set(&fixture->clock, ops->next_tick(fixture->op));
        ops->tick(fixture->op, fixture->clock.ms);
    }
    weir_manual_clock_set(&fixture->clock, ms);
}

static inline void expect(struct fixture *fixture, const char *text)
{
    weir__buf_printf(&fixture->text, "%s", "");
    ck_assert_str_eq(fixture->text.data, text);
    fixture->text.len = 0;
}

static inline int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}

#endif

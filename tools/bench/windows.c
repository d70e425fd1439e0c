/*
 * The window operator alone: decoded events in, results into a checksum. Both paths run over the
 * same events, and their results are compared before any time counts.
 *
 * Events are spread evenly over keys in a random order; event time advances by a given number of
 * events a second; a watermark follows every thousand events.
 */
#include "bench.h"

#include "base/mem.h"
#include "base/rand.h"
#include "metrics/metrics.h"
#include "operator/factories.h"

#include <stdio.h>
#include <stdlib.h>

#define HIT_FIELDS(F, T)                                                                           \
    F(T, string, page, "page", required)                                                           \
    F(T, string, user, "user", required)
WEIR_DECLARE_TYPE(hit, HIT_FIELDS);
WEIR_DEFINE_TYPE(hit, HIT_FIELDS);

#define HITS_FIELDS(F, T)                                                                          \
    F(T, int64, count, "count", required)                                                          \
    F(T, string_set, users, "users", required)
WEIR_DECLARE_TYPE(hits, HITS_FIELDS);
WEIR_DEFINE_TYPE(hits, HITS_FIELDS);

enum { EVENTS = 1 << 22, NAME_SIZE = 16, WATERMARK_EVERY = 1000, RUNS = 5 };

/* ---- aggregates: count; count and distinct users ---- */

static void count_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)value;
    (void)timestamp;
    (void)user;
    ++*(int64_t *)accumulator;
}

static void count_merge(void *accumulator, const void *other, void *user)
{
    (void)user;
    *(int64_t *)accumulator += *(const int64_t *)other;
}

static void count_result(const void *accumulator, const struct weir_window_context *context,
                         void *out, void *user)
{
    (void)context;
    (void)user;
    *(int64_t *)out = *(const int64_t *)accumulator;
}

static const struct weir_aggregate count = {
    .name = "count",
    .in_type = &hit_type,
    .accumulator_type = &weir_int64_type,
    .out_type = &weir_int64_type,
    .add = count_add,
    .merge = count_merge,
    .result = count_result,
};

static void users_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    struct hits *hits = accumulator;
    (void)timestamp;
    (void)user;
    hits->count++;
    weir_string_set_add(&hits->users, ((const struct hit *)value)->user, 1);
}

static void users_merge(void *accumulator, const void *other, void *user)
{
    struct hits *hits = accumulator;
    (void)user;
    hits->count += ((const struct hits *)other)->count;
    weir_string_set_merge(&hits->users, &((const struct hits *)other)->users);
}

static void users_result(const void *accumulator, const struct weir_window_context *context,
                         void *out, void *user)
{
    const struct hits *hits = accumulator;
    (void)context;
    (void)user;
    *(int64_t *)out = hits->count * 1000003 + weir_string_set_size(&hits->users);
}

static const struct weir_aggregate count_and_users = {
    .name = "count and users",
    .in_type = &hit_type,
    .accumulator_type = &hits_type,
    .out_type = &weir_int64_type,
    .add = users_add,
    .merge = users_merge,
    .result = users_result,
};

/* The same, saying what it is made of. */
static const struct weir_aggregate_part parts[] = {
    {.kind = WEIR_PART_COUNT, .into = WEIR_FIELD(hits, count)},
    {.kind = WEIR_PART_DISTINCT, .into = WEIR_FIELD(hits, users), .of = WEIR_FIELD(hit, user)},
};

static const struct weir_aggregate count_and_users_by_parts = {
    .name = "count and users",
    .in_type = &hit_type,
    .accumulator_type = &hits_type,
    .out_type = &weir_int64_type,
    .add = users_add,
    .merge = users_merge,
    .result = users_result,
    .parts = parts,
    .part_count = 2,
};

/* ---- events and the operator ---- */

struct text {
    char page[NAME_SIZE];
    char user[NAME_SIZE];
};

/* Strings lie in the order of the events, as those of decoded messages do. */
struct stream {
    struct hit *hits; /* EVENTS of them, over and over */
    struct text *texts;
    int64_t events_per_second; /* of event time */
    int64_t next;              /* number of the next event */
};

struct run {
    struct stream *stream;
    struct weir__operator *op;
    struct weir__operator_context context;
    struct weir__receiver receiver;
    int64_t events; /* a call of the benchmark */
    uint64_t sum;
};

static void stream_init(struct stream *stream, int pages, int users, int64_t events_per_second)
{
    struct weir__rand rand;
    weir__rand_init(&rand, 42);
    *stream = (struct stream){.events_per_second = events_per_second};
    stream->hits = weir__calloc(EVENTS, sizeof(struct hit));
    stream->texts = weir__calloc(EVENTS, sizeof(struct text));
    for (int i = 0; i < EVENTS; i++) {
        struct text *text = &stream->texts[i];
        snprintf(text->page, NAME_SIZE, "/page/%d", (int)weir__rand_below(&rand, (uint64_t)pages));
        snprintf(text->user, NAME_SIZE, "user_%d", (int)weir__rand_below(&rand, (uint64_t)users));
        stream->hits[i] = (struct hit){weir_str_from(text->page), weir_str_from(text->user)};
    }
}

static void stream_fini(struct stream *stream)
{
    weir__free(stream->hits);
    weir__free(stream->texts);
}

static void on_record(void *self, const struct weir__record *record)
{
    struct run *run = self;
    run->sum += (uint64_t)(*(const int64_t *)record->value) * (uint64_t)(record->timestamp | 1);
}

static void on_watermark(void *self, int64_t watermark)
{
    (void)self;
    (void)watermark;
}

static const struct weir__receiver_ops receiver_ops = {.record = on_record,
                                                       .watermark = on_watermark};

static void work(void *user)
{
    struct run *run = user;
    struct stream *stream = run->stream;
    for (int64_t i = 0; i < run->events; i++, stream->next++) {
        struct weir__record record = {
            .value = &stream->hits[stream->next & (EVENTS - 1)],
            .timestamp = stream->next * 1000 / stream->events_per_second,
            .split = WEIR__NO_SPLIT,
        };
        weir__operator_receive(run->op, 0, &record);
        if (stream->next % WATERMARK_EVERY == 0) {
            weir__operator_advance(run->op, record.timestamp - 1);
        }
    }
}

static struct run *open_run(struct stream *stream, const struct weir_window_config *config,
                            int64_t events)
{
    struct run *run = calloc(1, sizeof(*run));
    struct weir__operator_factory *factory = weir__window_factory(config);
    run->stream = stream;
    run->events = events;
    run->receiver = (struct weir__receiver){&receiver_ops, run};
    run->context = (struct weir__operator_context){
        .name = "bench",
        .parallelism = 1,
        .max_parallelism = 128,
        .in_type = &hit_type,
        .out_type = &weir_int64_type,
        .key = WEIR_FIELD(hit, page),
        .clock = &weir_system_clock,
        .main = {&weir_int64_type, NULL, &run->receiver, 1, &run->context.records_out},
        .watermark = WEIR_TIME_MIN,
        .metrics = weir__metric_group_new(),
    };
    run->op = factory->create(factory);
    run->op->context = &run->context;
    if (run->op->ops->open(run->op, NULL) != WEIR_OK) {
        abort();
    }
    stream->next = 0;
    return run;
}

/* One row; returns nanoseconds an event. events: a run, of which there are RUNS and one to warm up.
 */
static double row(const char *what, struct stream *stream, struct weir_window_config config,
                  enum weir_window_path path, int64_t events, double baseline, uint64_t *sum)
{
    config.path = path;
    struct run *run = open_run(stream, &config, events);
    work(run); /* tables grow to their size: two windows are open when one ends */
    work(run);
    double ns = bench_ns_per_item(work, run, events, RUNS);
    weir__operator_advance(run->op, WEIR_TIME_MAX);
    *sum = run->sum;
    bench_report(what, ns, baseline);
    run->op->ops->free(run->op);
    weir__metric_group_free(run->context.metrics);
    free(run);
    return ns;
}

/* Both paths over the same events. */
static void both(const char *what, struct stream *stream, struct weir_window_config config,
                 int64_t events)
{
    char text[80];
    uint64_t by_panes;
    uint64_t by_slices;
    snprintf(text, sizeof(text), "%s: panes", what);
    double ns = row(text, stream, config, WEIR_PATH_GENERAL, events, 0, &by_panes);
    snprintf(text, sizeof(text), "%s: slices", what);
    row(text, stream, config, WEIR_PATH_SLICES, events, ns, &by_slices);
    if (by_panes != by_slices) {
        printf("  the results differ\n");
    }
}

void bench_tumbling(void)
{
    struct weir_window_config config = {.assigner = weir_tumbling_event_time(10000),
                                        .aggregate = &count};
    struct stream stream;
    stream_init(&stream, 10000, 1, 100000);
    both("10 s, count, 10k keys", &stream, config, EVENTS);
    stream_fini(&stream);
    stream_init(&stream, 1000000, 1, 400000);
    both("10 s, count, 1M keys", &stream, config, EVENTS);
    stream_fini(&stream);
}

void bench_sliding(void)
{
    struct weir_window_config config = {.assigner = weir_sliding_event_time(300000, 10000),
                                        .aggregate = &count};
    struct stream stream;
    stream_init(&stream, 1000, 100000, 5000);
    both("5 min / 10 s, count, 1k keys", &stream, config, EVENTS);
    uint64_t by_functions;
    uint64_t by_parts;
    config.aggregate = &count_and_users;
    double ns = row("5 min / 10 s, + distinct of 100k users: merged sets", &stream, config,
                    WEIR_PATH_SLICES, EVENTS / 4, 0, &by_functions);
    config.aggregate = &count_and_users_by_parts;
    row("5 min / 10 s, + distinct of 100k users: parts", &stream, config, WEIR_PATH_SLICES,
        EVENTS / 4, ns, &by_parts);
    if (by_functions != by_parts) {
        printf("  the results differ\n");
    }
    stream_fini(&stream);
}

void bench_sessions(void)
{
    struct weir_window_config config = {.assigner = weir_session_event_time(60000),
                                        .aggregate = &count};
    struct stream stream;
    uint64_t sum;
    stream_init(&stream, 1000000, 1, 1000000);
    row("1M keys, sessions stay open", &stream, config, WEIR_PATH_AUTO, EVENTS, 0, &sum);
    stream_fini(&stream);
    config.assigner = weir_session_event_time(500);
    stream_init(&stream, 1000000, 1, 1000000);
    row("1M keys, sessions come and go", &stream, config, WEIR_PATH_AUTO, EVENTS, 0, &sum);
    stream_fini(&stream);
}

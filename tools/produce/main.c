/*
 * `weir produce`: writes generated events at a given rate.
 *
 * Two clocks: event time advances with the event's number, whatever the machine does; the wall
 * clock only decides when the next event of the schedule is written. So the same seed gives the
 * same bytes, and a slow broker makes the run longer, not different.
 */
#include "commands.h"
#include "produce/making.h"
#include "produce/report.h"
#include "produce/schedule.h"
#include "produce/target.h"

#include "base/mem.h"

#include <weir/clock.h>
#include <weir/schema_registry.h>

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_SECOND     INT64_C(1000000000)
#define SHORTEST_SLEEP_NS INT64_C(2000000)
#define LONGEST_SLEEP_NS  (NS_PER_SECOND / 5) /* progress is shown in between */

enum { GO_ON = -1, FAILURE = 1, BY_SIGNAL = 128, LOOK_EVERY = 512 };

struct production {
    struct produce_settings settings;
    struct schedule schedule;
    struct making making;
    struct weir_avro_config avro;
    weir_schema_registry *registry; /* NULL: messages are not framed */
    struct target target;
    struct report report;
    weir_encoder *encoder;
    struct weir__buf text;
};

static volatile sig_atomic_t stopped_by;

static void on_signal(int number)
{
    stopped_by = number;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* The Kafka key; numbers as text. */
static struct weir_str key_of(const struct produce_settings *settings, const void *event,
                              char text[32])
{
    const struct weir_field *field = settings->key == PRODUCE_KEY_USER   ? settings->model->user
                                     : settings->key == PRODUCE_KEY_PAGE ? settings->model->page
                                                                         : NULL;
    if (field == NULL) {
        return (struct weir_str){NULL, 0};
    }
    const void *at = (const char *)event + field->offset;
    if (field->kind == WEIR_KIND_STRING) {
        return *(const struct weir_str *)at;
    }
    snprintf(text, 32, "%" PRId64, *(const int64_t *)at);
    return weir_str_from(text);
}

/* Makes event number `index`, spoils it when it is its turn, and writes it. A model may have ended
 * before. */
static enum weir_status write_event(struct production *p, int64_t index, struct weir_error *error)
{
    char key[32];
    int64_t timestamp = p->settings.start_ms + schedule_time_us(&p->settings, index) / 1000;
    const void *event = making_event(&p->making, index);
    if (event == NULL) {
        schedule_stop(&p->schedule);
        return WEIR_OK;
    }
    struct weir_str bytes = weir_encoder_encode(p->encoder, event);
    if (bytes.data == NULL) {
        return weir_error_set(error, WEIR_LIMIT, NULL, "event %" PRId64 " does not fit the schema",
                              index);
    }
    p->text.len = 0;
    weir__buf_put(&p->text, bytes.data, bytes.len);
    weir__buf_reserve(&p->text, 1);
    p->text.data[p->text.len] = '\0';
    enum spoil_kind kind = spoil_kind_of(&p->settings, index);
    spoil(kind, &p->settings, event, &p->text);
    enum weir_status status =
        target_write(&p->target, key_of(&p->settings, event, key),
                     (struct weir_str){p->text.data, (uint32_t)p->text.len}, timestamp, error);
    if (status == WEIR_OK) {
        report_count(&p->report, event, timestamp, kind);
    }
    return status;
}

/* Registers the schema under "TOPIC-value", as Kafka's serializers do. */
static enum weir_status open_registry(struct production *p, struct weir_error *error)
{
    const struct model *model = p->settings.model;
    if (p->settings.registry == NULL) {
        return WEIR_OK;
    }
    p->registry = weir_schema_registry_new(
        &(struct weir_schema_registry_config){.url = p->settings.registry});
    char *subject = weir__asprintf("%s-value", p->settings.topic);
    size_t size = weir_avro_schema(model->type, NULL, 0) + 1;
    char *schema = weir__alloc(size);
    (void)weir_avro_schema(model->type, schema, size);
    enum weir_status status = weir_schema_registry_register(
        p->registry, subject, model->schema != NULL ? model->schema : schema, &p->avro.schema_id,
        error);
    p->avro.schemas = weir_schema_registry_store(p->registry);
    weir__free(schema);
    weir__free(subject);
    return status;
}

/* The model's events in the format that was asked for. */
static struct weir_format format_of(struct production *p)
{
    const struct model *model = p->settings.model;
    switch (p->settings.format) {
    case PRODUCE_AVRO:
        p->avro.type = model->type;
        p->avro.schema = model->schema;
        return weir_avro_with(&p->avro);
    case PRODUCE_ELB:
        return weir_elb(model->type);
    case PRODUCE_CSV:
        return weir_csv(model->type);
    case PRODUCE_JSON:
    case PRODUCE_FORMATS:
        break;
    }
    return weir_json(model->type);
}

static void mark(struct production *p)
{
    if (p->settings.model->mark != NULL) {
        p->settings.model->mark(p->making.state);
    }
}

/* How many events should have been written by now. */
static int64_t due(const struct production *p, int64_t now_ns)
{
    double elapsed = (double)(now_ns - p->report.begun_ns) / (double)NS_PER_SECOND;
    return p->settings.rate > 0 ? (int64_t)(elapsed * p->settings.rate) + 1 : INT64_MAX;
}

/* Until the next event is due; a signal ends it early. */
static void sleep_until_due(const struct production *p, int64_t now_ns)
{
    double at = (double)p->report.sent / p->settings.rate * (double)NS_PER_SECOND;
    int64_t wait = (int64_t)at - (now_ns - p->report.begun_ns);
    wait = wait < SHORTEST_SLEEP_NS  ? SHORTEST_SLEEP_NS
           : wait > LONGEST_SLEEP_NS ? LONGEST_SLEEP_NS
                                     : wait;
    struct timespec span = {.tv_sec = wait / NS_PER_SECOND, .tv_nsec = wait % NS_PER_SECOND};
    (void)nanosleep(&span, NULL);
}

/* Looks at the clock: shows progress, and ends a run that has a duration but no rate. */
static int64_t look_at_clock(struct production *p, int64_t *now_ns)
{
    *now_ns = weir_clock_ns(&weir_system_clock);
    int64_t allowed = due(p, *now_ns);
    if (report_progress(&p->report, *now_ns, allowed)) {
        mark(p);
    }
    if (p->settings.rate <= 0 && p->settings.duration_ms > 0 &&
        *now_ns - p->report.begun_ns >= p->settings.duration_ms * 1000000) {
        schedule_stop(&p->schedule);
    }
    return allowed;
}

static enum weir_status write_all(struct production *p, struct weir_error *error)
{
    enum weir_status status = WEIR_OK;
    int64_t index;
    int64_t now_ns;
    int64_t allowed = look_at_clock(p, &now_ns);
    while (status == WEIR_OK && stopped_by == 0 && schedule_next(&p->schedule, &index)) {
        while (p->report.sent >= allowed && stopped_by == 0 && status == WEIR_OK) {
            status = target_pause(&p->target, error);
            sleep_until_due(p, now_ns);
            allowed = look_at_clock(p, &now_ns);
        }
        if (stopped_by == 0 && status == WEIR_OK) {
            status = write_event(p, index, error);
        }
        if (p->report.sent % LOOK_EVERY == 0) {
            allowed = look_at_clock(p, &now_ns);
        }
    }
    return status;
}

static int finish(struct production *p, enum weir_status status, struct weir_error *error)
{
    if (status == WEIR_OK) {
        status = target_flush(&p->target, error);
    }
    mark(p);
    report_summary(&p->report, weir_clock_ns(&weir_system_clock));
    if (status != WEIR_OK && !p->target.closed_by_reader) {
        fprintf(stderr, "weir produce: %s%s%s\n", error->where, error->where[0] != '\0' ? ": " : "",
                error->message);
        return FAILURE;
    }
    return stopped_by != 0 ? BY_SIGNAL + stopped_by : EXIT_SUCCESS;
}

static int produce(struct production *p, struct weir_error *error)
{
    int result = FAILURE;
    if (making_init(&p->making, &p->settings)) {
        p->encoder = weir_encoder_new(format_of(p));
        schedule_init(&p->schedule, &p->settings);
        report_init(&p->report, &p->settings, weir_clock_ns(&weir_system_clock));
        enum weir_status status = write_all(p, error);
        result = finish(p, status, error);
        schedule_fini(&p->schedule);
        weir_encoder_free(p->encoder);
        weir__buf_fini(&p->text);
    }
    making_fini(&p->making);
    return result;
}

static int run(struct production *p)
{
    struct weir_error error = {0};
    int result = FAILURE;
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away is seen when writing */
    if (target_open(&p->target, &p->settings, &error) != WEIR_OK ||
        open_registry(p, &error) != WEIR_OK) {
        fprintf(stderr, "weir produce: %s%s%s\n", error.where, error.where[0] != '\0' ? ": " : "",
                error.message);
    } else {
        catch_signals(); /* not before: connecting may be given up at once */
        if (p->settings.start_ms < 0) {
            p->settings.start_ms = weir_clock_ms(&weir_system_clock);
        }
        result = produce(p, &error);
    }
    target_close(&p->target);
    weir_schema_registry_free(p->registry);
    return result;
}

int weir_produce_main(int argc, char **argv)
{
    struct production production = {.settings = {0}};
    int result = produce_settings_read(&production.settings, argc, argv);
    if (result == GO_ON) {
        result = run(&production);
    }
    produce_settings_fini(&production.settings);
    return result;
}

/*
 * `weir produce`: writes generated events at a given rate.
 *
 * Two clocks: event time advances with the event's number, whatever the machine does; the wall
 * clock only decides when the next event of the schedule is written. So the same seed gives the
 * same bytes, and a slow broker makes the run longer, not different.
 */
#include "commands.h"
#include "produce/report.h"
#include "produce/schedule.h"
#include "produce/target.h"

#include <weir/clock.h>
#include <weir/format.h>

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

/* Makes event number `index`, spoils it when it is its turn, and writes it. */
static enum weir_status write_event(struct production *p, int64_t index, struct weir_error *error)
{
    struct click_event event;
    int64_t timestamp = p->settings.start_ms + schedule_time_us(&p->settings, index) / 1000;
    click_generator_event(&p->settings.generator, (uint64_t)index, timestamp, &event);
    struct weir_str json = weir_encoder_encode(p->encoder, &event);
    p->text.len = 0;
    weir__buf_printf(&p->text, "%.*s", WEIR_STR_ARG(json));
    enum spoil_kind kind = spoil_kind_of(&p->settings, index);
    spoil(kind, &p->text);
    struct weir_str key = p->settings.key == PRODUCE_KEY_USER   ? event.user_id
                          : p->settings.key == PRODUCE_KEY_PAGE ? event.page_url
                                                                : (struct weir_str){NULL, 0};
    enum weir_status status = target_write(
        &p->target, key, (struct weir_str){p->text.data, (uint32_t)p->text.len}, timestamp, error);
    if (status == WEIR_OK) {
        report_count(&p->report, &event, kind);
    }
    return status;
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
    report_progress(&p->report, *now_ns, allowed);
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
    report_summary(&p->report, weir_clock_ns(&weir_system_clock));
    if (status != WEIR_OK && !p->target.closed_by_reader) {
        fprintf(stderr, "weir produce: %s%s%s\n", error->where, error->where[0] != '\0' ? ": " : "",
                error->message);
        return FAILURE;
    }
    return stopped_by != 0 ? BY_SIGNAL + stopped_by : EXIT_SUCCESS;
}

static int run(struct production *p)
{
    struct weir_error error = {0};
    int result = FAILURE;
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away is seen when writing */
    if (target_open(&p->target, &p->settings, &error) != WEIR_OK) {
        fprintf(stderr, "weir produce: %s%s%s\n", error.where, error.where[0] != '\0' ? ": " : "",
                error.message);
    } else {
        catch_signals(); /* not before: connecting may be given up at once */
        if (p->settings.start_ms < 0) {
            p->settings.start_ms = weir_clock_ms(&weir_system_clock);
        }
        p->encoder = weir_encoder_new(weir_json(&click_event_type));
        schedule_init(&p->schedule, &p->settings);
        report_init(&p->report, &p->settings, weir_clock_ns(&weir_system_clock));
        enum weir_status status = write_all(p, &error);
        result = finish(p, status, &error);
        schedule_fini(&p->schedule);
        weir_encoder_free(p->encoder);
        weir__buf_fini(&p->text);
    }
    target_close(&p->target);
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

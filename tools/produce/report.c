/*
 * Progress and summary (see report.h).
 */
#include "produce/report.h"

#include <weir/time.h>

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define PROGRESS_EVERY_NS INT64_C(500000000)
#define STATUS_EVERY_NS   INT64_C(2000000000)

void report_init(struct report *report, const struct produce_settings *settings, int64_t now_ns)
{
    *report = (struct report){
        .settings = settings,
        .show_progress = isatty(STDERR_FILENO) == 1,
        .begun_ns = now_ns,
        .shown_ns = now_ns,
        .told_ns = now_ns,
        .newest_ms = INT64_MIN,
    };
}

void report_count(struct report *report, const void *event, int64_t timestamp, enum spoil_kind kind)
{
    const struct model *model = report->settings->model;
    const struct weir_str *name =
        (const struct weir_str *)((const char *)event + model->kind->offset);
    report->sent++;
    if (timestamp < report->newest_ms) {
        report->out_of_order++;
        report->late += report->newest_ms - timestamp > report->settings->disorder_ms;
    } else {
        report->newest_ms = timestamp;
    }
    if (kind != SPOIL_NOT) {
        report->malformed[kind]++;
        return;
    }
    for (int i = 0; i < model->kind_count; i++) {
        report->kinds[i] += weir_str_equals(*name, model->kinds[i]);
    }
}

static double seconds(int64_t ns)
{
    return (double)ns / 1e9;
}

static bool tell_status(struct report *report, int64_t now_ns)
{
    int64_t since = now_ns - report->told_ns;
    if (since < STATUS_EVERY_NS) {
        return false;
    }
    if (report->settings->model->tells_status && !report->show_progress) {
        fprintf(stderr, "%4.0f s  %" PRId64 " sent  %.0f/s\n", seconds(now_ns - report->begun_ns),
                report->sent, (double)(report->sent - report->told_sent) / seconds(since));
    }
    report->told_ns = now_ns;
    report->told_sent = report->sent;
    return true;
}

bool report_progress(struct report *report, int64_t now_ns, int64_t due)
{
    char time[40];
    int64_t since = now_ns - report->shown_ns;
    bool told = tell_status(report, now_ns);
    if (!report->show_progress || since < PROGRESS_EVERY_NS) {
        return told;
    }
    weir_time_format(report->newest_ms, time, sizeof time);
    fprintf(stderr, "\r\033[K%" PRId64 " sent  %.0f/s  event time %s", report->sent,
            (double)(report->sent - report->shown_sent) / seconds(since), time);
    if (report->settings->rate > 0 && due - report->sent > (int64_t)report->settings->rate) {
        fprintf(stderr, "  %.1f s behind", (double)(due - report->sent) / report->settings->rate);
    }
    report->shown_ns = now_ns;
    report->shown_sent = report->sent;
    return told;
}

static int64_t sum(const int64_t *numbers, int count)
{
    int64_t total = 0;
    for (int i = 0; i < count; i++) {
        total += numbers[i];
    }
    return total;
}

static void list(const char *const *names, const int64_t *counts, int count)
{
    for (int i = 0; i < count; i++) {
        fprintf(stderr, "%s%s %" PRId64, i == 0 ? "   " : ", ", names[i], counts[i]);
    }
    fputc('\n', stderr);
}

void report_summary(struct report *report, int64_t now_ns)
{
    double elapsed = seconds(now_ns - report->begun_ns);
    char bound[24];
    weir_duration_format(report->settings->disorder_ms, bound, sizeof bound);
    if (report->show_progress) {
        fputs("\r\033[K", stderr);
    }
    fprintf(stderr, "sent         %9" PRId64 "   in %.1f s, %.0f/s\n", report->sent, elapsed,
            elapsed > 0 ? (double)report->sent / elapsed : 0.0);
    fprintf(stderr, "out of order %9" PRId64 "   written after an event with a later time\n",
            report->out_of_order);
    fprintf(stderr, "late         %9" PRId64 "   of those, by more than the disorder of %s\n",
            report->late, bound);
    fprintf(stderr, "malformed    %9" PRId64, sum(report->malformed, SPOIL_KINDS));
    list(spoil_kind_names, report->malformed, SPOIL_KINDS);
    const struct model *model = report->settings->model;
    fprintf(stderr, "well-formed  %9" PRId64, sum(report->kinds, model->kind_count));
    list(model->kinds, report->kinds, model->kind_count);
}

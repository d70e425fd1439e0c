/*
 * Lesson 4: what does each user do, minute by minute?
 *
 *     clicks ─▶ by user ─▶ tumbling windows ─┬─▶ a line a user and window
 *                                │           └─▶ a file of JSON lines (--out)
 *                                └─▶ late clicks ─▶ a line each
 *
 * One result goes to two sinks, and what is too late is not dropped but shown.
 */
#include <clickstream/balance.h>
#include <clickstream/click_event.h>
#include <clickstream/input.h>
#include <clickstream/user_activity.h>
#include <weir/weir.h>

#include <stdio.h>

static const struct weir_output_tag late_tag = {"late", &click_event_type};

static void activity_line(const void *value, char *text, size_t size, void *user)
{
    const struct user_activity *a = value;
    char start[40];
    (void)user;
    weir_time_format(a->window_start, start, sizeof start);
    snprintf(text, size, "%s  %-10.*s %6lld %6lld %6lld %6lld %6lld %6lld", start,
             WEIR_STR_ARG(a->user_id), (long long)a->events, (long long)a->views,
             (long long)a->clicks, (long long)a->carts, (long long)a->purchases,
             (long long)a->pages);
}

static void late_line(const void *value, char *text, size_t size, void *user)
{
    const struct click_event *click = value;
    char at[40];
    (void)user;
    weir_time_format(click->timestamp, at, sizeof at);
    snprintf(text, size, "%s  %-10.*s   late: %.*s %.*s", at, WEIR_STR_ARG(click->user_id),
             WEIR_STR_ARG(click->event_type), WEIR_STR_ARG(click->page_url));
}

static void count_events(const void *value, int64_t timestamp, void *user)
{
    const struct user_activity *activity = value;
    int64_t *events = user;
    (void)timestamp;
    *events += activity->events;
}

static void count_one(const void *value, int64_t timestamp, void *user)
{
    int64_t *count = user;
    (void)value;
    (void)timestamp;
    ++*count;
}

struct account {
    int64_t in_results; /* events that the results speak of */
    int64_t late;
};

static void print_summary(weir_env *env, void *user)
{
    struct account *account = user;
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    const struct balance_line lines[] = {
        {"in results", account->in_results, false},
        {"late", account->late, false},
        {"dead letters", dead, false},
        {"without a valid time", weir_metric(env, "activity", "numRecordsRejected"), true},
        {0},
    };
    balance_print(env, weir_metric(env, "events", "numRecordsOut") + dead, lines);
}

/* A folder gets part files, in which each line is once, whatever happens to the job. */
static weir_sink *written_to(const char *out)
{
    if (out[strlen(out) - 1] != '/') {
        return weir_jsonl_sink(out, &user_activity_type);
    }
    return weir_file_sink(&(struct weir_file_sink_config){
        .path = out, .format = weir_json(&user_activity_type), .bucket = "", .suffix = ".jsonl"});
}

int main(int argc, char **argv)
{
    static const char heading[] =
        "MINUTE                USER       EVENTS  VIEWS CLICKS  CARTS BOUGHT  PAGES";
    struct account account = {0};
    weir_env *env = weir_env_new("user-activity", argc, argv);
    weir_env_about(env, "Counts what each user does in a window of event time.");
    weir_env_example(env, "user-activity --input clicks.jsonl --out activity.jsonl");
    int64_t size =
        weir_option_duration(env, "size", weir_minutes(1), "length of a tumbling window");
    const char *out = weir_option_string(env, "out", NULL,
                                         "also writes JSON lines to this file, or folder (DIR/)");
    struct clickstream_input input = clickstream_input(env, "click-stream", weir_seconds(30));

    weir_stream *clicks = clickstream_read(env, &input, weir_json(&click_event_type));
    weir_stream *timed = clickstream_timed(clicks, &input, WEIR_FIELD(click_event, timestamp));
    weir_stream *activity =
        weir_window(weir_key_by(timed, WEIR_FIELD(click_event, user_id)),
                    &(struct weir_window_config){.name = "activity",
                                                 .assigner = weir_tumbling_event_time(size),
                                                 .late_output = &late_tag,
                                                 .aggregate = &user_activity_aggregate});
    weir_stream *late = weir_side_output(activity, &late_tag);

    weir_sink_to(activity, weir_print_lines(&(struct weir_print_config){.heading = heading,
                                                                        .write = activity_line}));
    if (out != NULL && out[0] != '\0') {
        weir_sink_to(activity, written_to(out));
    }
    weir_sink_to(activity, weir_collect(count_events, &account.in_results));
    weir_sink_to(late, weir_print_lines(&(struct weir_print_config){.write = late_line}));
    weir_sink_to(late, weir_collect(count_one, &account.late));

    weir_env_on_finish(env, print_summary, &account);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

/*
 * Lesson 2: how far out of order does the traffic come, and which bound does it need?
 *
 *     clicks ─▶ watermarks with bound 0, after every event ─▶ how late ─▶ a table at the end
 *        └─▶ dead letters ─────────────────────────────────────────────▶ a line each, a file, or a topic
 *
 * With bound 0 the watermark says "everything before the latest event is here". An event that
 * proves it wrong by d would have been in time with a bound of d. So one run measures all bounds at
 * once.
 */
#include <clickstream/balance.h>
#include <clickstream/click_event.h>
#include <clickstream/input.h>
#include <weir/weir.h>

#include <stdio.h>

/* The bounds to choose from, in ms. */
static const int64_t bounds[] = {0,     500,   1000,  2000,   5000,   10000,
                                 20000, 30000, 60000, 120000, 300000, 600000};
enum { BOUNDS = sizeof bounds / sizeof bounds[0] };

struct measured {
    int64_t events;
    int64_t behind[BOUNDS]; /* how many events would be behind the watermark with this bound */
    int64_t largest;        /* bound that any event needs */
    int64_t keep;           /* percent of the events that must not be behind it */
};

/* The bound with which this event would not have been behind the watermark. */
static void how_late(const void *value, weir_context *context, weir_collector *out, void *user)
{
    int64_t watermark = weir_current_watermark(context);
    int64_t needed = 0;
    (void)value;
    (void)user;
    if (watermark != WEIR_TIME_MIN && weir_timestamp(context) <= watermark) {
        needed = weir_time_sub(watermark + 1, weir_timestamp(context));
    }
    weir_emit(out, &needed);
}

static void measure(const void *value, int64_t timestamp, void *user)
{
    const int64_t *needed = value;
    struct measured *measured = user;
    (void)timestamp;
    measured->events++;
    for (int i = 0; i < BOUNDS; i++) {
        measured->behind[i] += *needed > bounds[i];
    }
    if (*needed > measured->largest) {
        measured->largest = *needed;
    }
}

static void print_table(const struct measured *measured)
{
    int64_t chosen = -1;
    printf("   BOUND    BEHIND   SHARE\n");
    for (int i = 0; i < BOUNDS; i++) {
        double share = 100.0 * (double)measured->behind[i] / (double)measured->events;
        bool good = measured->behind[i] * 100 <= (100 - measured->keep) * measured->events;
        int bar = share >= 2 ? (int)(share / 2) + 2 : 0;
        printf("%7.1fs %9lld %6.2f%%%.*s\n", (double)bounds[i] / 1000,
               (long long)measured->behind[i], share, bar,
               "  ##################################################");
        if (good && chosen < 0) {
            chosen = bounds[i];
        }
        if (measured->behind[i] == 0) {
            break;
        }
    }
    printf("no event needs more than %.3fs\n", (double)measured->largest / 1000);
    if (chosen >= 0) {
        printf("for %lld%% of the events: --bound %lldms\n", (long long)measured->keep,
               (long long)chosen);
    } else {
        printf("for %lld%% of the events none of these is enough\n", (long long)measured->keep);
    }
}

static void print_summary(weir_env *env, void *user)
{
    const struct measured *measured = user;
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    const struct balance_line lines[] = {
        {"measured", measured->events, false},
        {"dead letters", dead, false},
        {0},
    };
    if (measured->events > 0) {
        print_table(measured);
    }
    /* The dead letters are an output, and so are among what came out. */
    balance_print(env, weir_metric(env, "events", "numRecordsOut"), lines);
}

static weir_stream *timed(weir_stream *clicks, const struct clickstream_input *input,
                          bool ingestion)
{
    struct weir_watermark_strategy strategy =
        ingestion ? weir_ingestion_time() : weir_bounded_out_of_orderness(0);
    strategy = weir_with_interval(strategy, -1);
    if (input->path == NULL && !ingestion) {
        strategy =
            weir_with_max_future_skew(weir_with_idleness(strategy, weir_seconds(5)), weir_hours(1));
    }
    const struct weir_field *field = ingestion ? NULL : WEIR_FIELD(click_event, timestamp);
    return clickstream_in_order(weir_assign_watermarks(clicks, strategy, field), input);
}

int main(int argc, char **argv)
{
    struct measured measured = {0};
    weir_env *env = weir_env_new("disorder", argc, argv);
    weir_env_about(env, "Measures how late events come, to choose the bound of the watermarks.");
    weir_env_example(env, "disorder --input clicks.jsonl --keep 99");
    measured.keep = weir_option_int(env, "keep", 99, 1, 100, "percent that must be in time");
    bool ingestion = weir_option_flag(env, "ingestion", "takes the time of arrival as the time");
    const char *letters =
        weir_option_string(env, "dead-letters", NULL, "kafka:TOPIC or a file for them");
    struct clickstream_input input = clickstream_input(env, "click-stream", -1);

    weir_stream *clicks = clickstream_read(env, &input, weir_json(&click_event_type));
    weir_stream *late = weir_process(timed(clicks, &input, ingestion),
                                     &(struct weir_process_function){.name = "how late",
                                                                     .in_type = &click_event_type,
                                                                     .out_type = &weir_int64_type,
                                                                     .process = how_late});
    weir_sink_to(clickstream_in_order(late, &input), weir_collect(measure, &measured));
    weir_sink_to(weir_side_output(clicks, &weir_dead_letters),
                 letters != NULL ? weir_dead_letter_sink(letters) : weir_print("DEAD-LETTER"));

    weir_env_on_finish(env, print_summary, &measured);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

/*
 * The judge of exercise 3.2. What is expected is worked out here from the list of events, without
 * any accumulator.
 */
#include "page_stats.h"

#include "grading.h"

#include <stdio.h>

WEIR_DEFINE_TYPE(page_stats, PAGE_STATS_FIELDS);

#define FOLDER    "exercises/3.2-page-stats/"
#define PAGE      "/cart"
#define WINDOW_MS weir_minutes(5)
#define BOUND_MS                                                                                   \
    weir_minutes(15) /* of the jobs' watermarks; shrinking may move an event by a minute */

enum { RANDOM_STREAMS = 120, RANDOM_JOBS = 40, MOST_EVENTS = 24, MOST_JOB_EVENTS = 40 };

/* ---- the reference ---- */

/* The events that belong to one page and window. */
struct selection {
    const struct grading_stream *stream;
    struct weir_str page;
    int64_t start; /* inclusive */
    int64_t end;   /* exclusive */
};

/* The event of a step if the selection has it, else NULL. */
static const struct click_event *selected(const struct selection *selection, size_t index)
{
    const struct grading_step *step = grading_stream_at(selection->stream, index);
    const struct click_event *event = step->value;
    bool in = step->kind == GRADING_EVENT && weir_str_same(event->page_url, selection->page) &&
              step->timestamp >= selection->start && step->timestamp < selection->end;
    return in ? event : NULL;
}

static int64_t count_user(const struct selection *selection, struct weir_str user_id)
{
    int64_t count = 0;
    for (size_t i = 0; i < selection->stream->steps.count; i++) {
        const struct click_event *event = selected(selection, i);
        count += event != NULL && weir_str_same(event->user_id, user_id);
    }
    return count;
}

static bool seen_before(const struct selection *selection, size_t index, struct weir_str user_id)
{
    for (size_t i = 0; i < index; i++) {
        const struct click_event *event = selected(selection, i);
        if (event != NULL && weir_str_same(event->user_id, user_id)) {
            return true;
        }
    }
    return false;
}

static void reference_users(const struct selection *selection, struct page_stats *stats)
{
    int64_t users = 0;
    int64_t known_events = 0;
    int64_t most = 0;
    for (size_t i = 0; i < selection->stream->steps.count; i++) {
        const struct click_event *event = selected(selection, i);
        if (event == NULL || event->user_id.len == 0 || seen_before(selection, i, event->user_id)) {
            continue;
        }
        int64_t count = count_user(selection, event->user_id);
        users++;
        known_events += count;
        if (count > most ||
            (count == most && weir_str_compare(event->user_id, stats->most_active_user) < 0)) {
            most = count;
            stats->most_active_user = event->user_id;
        }
    }
    stats->events_per_user = users > 0 ? (double)known_events / (double)users : 0;
}

/* Adds the result of a page and window, if any event belongs to it. */
static void add_expected(const struct selection *selection, struct grading_results *expected)
{
    struct page_stats stats = {
        .page_url = selection->page,
        .window_start = selection->start,
        .window_end = selection->end,
        .first_event = WEIR_TIME_MAX,
        .last_event = WEIR_TIME_MIN,
    };
    for (size_t i = 0; i < selection->stream->steps.count; i++) {
        if (selected(selection, i) != NULL) {
            int64_t time = grading_stream_at(selection->stream, i)->timestamp;
            stats.events++;
            stats.first_event = time < stats.first_event ? time : stats.first_event;
            stats.last_event = time > stats.last_event ? time : stats.last_event;
        }
    }
    reference_users(selection, &stats);
    if (stats.events > 0) {
        grading_results_add(expected, &stats);
    }
}

static void reference(const struct grading_stream *stream, struct grading_results *expected)
{
    struct selection all = {
        .stream = stream,
        .page = weir_str_from(grading_stream_setting(stream, "key")),
        .start = WEIR_TIME_MIN,
        .end = WEIR_TIME_MAX,
    };
    add_expected(&all, expected);
    for (size_t i = 0; i < expected->rows.count; i++) {
        struct page_stats *stats = *(struct page_stats **)weir__vec_at(&expected->rows, i);
        stats->window_start = grading_stream_setting_int(stream, "window_start");
        stats->window_end = grading_stream_setting_int(stream, "window_end");
    }
}

/* ---- the reference of a job: which windows there are ---- */

static void add_once(const struct selection *selection, struct grading_results *expected)
{
    for (size_t i = 0; i < expected->rows.count; i++) {
        const struct page_stats *row = grading_results_at(expected, i);
        if (row->window_start == selection->start && row->window_end == selection->end &&
            weir_str_same(row->page_url, selection->page)) {
            return;
        }
    }
    add_expected(selection, expected);
}

/* Every window of `size` that begins at a multiple of `slide` and holds the time. Times in jobs are
 * not negative. */
static void add_aligned(struct selection selection, int64_t time, int64_t size, int64_t slide,
                        struct grading_results *expected)
{
    for (int64_t start = time - time % slide; start > time - size; start -= slide) {
        selection.start = start;
        selection.end = start + size;
        add_once(&selection, expected);
    }
}

/* The session of the event at `time`: it grows while an event of the page touches it. */
static void add_session(struct selection selection, int64_t time, int64_t gap,
                        struct grading_results *expected)
{
    bool grew = true;
    selection.start = time;
    selection.end = time + gap;
    while (grew) {
        grew = false;
        for (size_t i = 0; i < selection.stream->steps.count; i++) {
            const struct grading_step *step = grading_stream_at(selection.stream, i);
            const struct click_event *event = step->value;
            bool touches = weir_str_same(event->page_url, selection.page) &&
                           step->timestamp <= selection.end &&
                           step->timestamp + gap >= selection.start;
            if (touches &&
                (step->timestamp < selection.start || step->timestamp + gap > selection.end)) {
                selection.start =
                    step->timestamp < selection.start ? step->timestamp : selection.start;
                selection.end =
                    step->timestamp + gap > selection.end ? step->timestamp + gap : selection.end;
                grew = true;
            }
        }
    }
    add_once(&selection, expected);
}

static void job_reference(const struct grading_stream *stream, struct grading_results *expected)
{
    bool sessions = strcmp(grading_stream_setting(stream, "window"), "session") == 0;
    for (size_t i = 0; i < stream->steps.count; i++) {
        const struct grading_step *step = grading_stream_at(stream, i);
        const struct click_event *event = step->value;
        struct selection selection = {.stream = stream, .page = event->page_url};
        if (sessions) {
            add_session(selection, step->timestamp, grading_stream_setting_int(stream, "gap"),
                        expected);
        } else {
            add_aligned(selection, step->timestamp, grading_stream_setting_int(stream, "size"),
                        grading_stream_setting_int(stream, "slide"), expected);
        }
    }
}

/* ---- streams ---- */

struct row {
    int64_t ms; /* after the window's start */
    const char *user;
};

static const char another_part[] = "another part";

static void set_window(struct grading_stream *stream, int64_t start)
{
    grading_stream_set(stream, "key", PAGE);
    grading_stream_set_int(stream, "window_start", start);
    grading_stream_set_int(stream, "window_end", start + WINDOW_MS);
}

static void add_event(struct grading_stream *stream, int64_t time, const char *page,
                      const char *user)
{
    struct click_event event = {
        .user_id = weir_str_from(user),
        .page_url = weir_str_from(page),
        .event_type = WEIR_STR("VIEW"),
        .timestamp = time,
    };
    grading_stream_event(stream, time, &event);
}

static void check_rows(const struct grading_property *property, const struct row *rows,
                       size_t count, bool fresh)
{
    struct grading_stream stream;
    grading_stream_init(&stream, &click_event_type);
    set_window(&stream, 0);
    grading_stream_set_int(&stream, "fresh", fresh);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].user == another_part) {
            grading_stream_part(&stream);
        } else {
            add_event(&stream, rows[i].ms, PAGE, rows[i].user);
        }
    }
    grading_example(property, &stream);
    grading_stream_fini(&stream);
}

#define EXAMPLE(property, ...)                                                                     \
    check_rows(property, (const struct row[]){__VA_ARGS__},                                        \
               sizeof((const struct row[]){__VA_ARGS__}) / sizeof(struct row), false)

/* Capital letters and letters beyond ASCII: smallest by bytes is not smallest in a dictionary. */
static const char *const users[] = {"ann", "anna", "bob", "Zoe", "\xc3\xa9mile", "zed"};
enum { USERS = sizeof users / sizeof *users };

static const char *known_user(struct weir__rand *rand)
{
    return users[weir__rand_below(rand, 2 + weir__rand_below(rand, USERS - 1))];
}

static const char *any_user(struct weir__rand *rand)
{
    switch (weir__rand_below(rand, 8)) {
    case 0:
        return NULL;
    case 1:
        return "";
    default:
        return known_user(rand);
    }
}

/* Times at both ends of the window are more likely than chance would make them. */
static int64_t any_time(struct weir__rand *rand)
{
    switch (weir__rand_below(rand, 10)) {
    case 0:
        return 0;
    case 1:
        return WINDOW_MS - 1;
    default:
        return weir__rand_between(rand, 0, WINDOW_MS - 1);
    }
}

static int64_t any_window(struct weir__rand *rand)
{
    static const int64_t starts[] = {0, -WINDOW_MS, 1729630800000};
    return starts[weir__rand_below(rand, sizeof starts / sizeof *starts)];
}

static void random_known(struct weir__rand *rand, struct grading_stream *stream)
{
    int64_t start = any_window(rand);
    set_window(stream, start);
    for (int64_t n = weir__rand_between(rand, 1, MOST_EVENTS); n > 0; n--) {
        add_event(stream, start + any_time(rand), PAGE, known_user(rand));
    }
}

static void random_any(struct weir__rand *rand, struct grading_stream *stream)
{
    int64_t start = any_window(rand);
    set_window(stream, start);
    for (int64_t n = weir__rand_between(rand, 1, MOST_EVENTS); n > 0; n--) {
        add_event(stream, start + any_time(rand), PAGE, any_user(rand));
    }
}

/* Parts may be empty. The first event comes last, so that there is one. */
static void random_parts(struct weir__rand *rand, struct grading_stream *stream)
{
    int64_t start = any_window(rand);
    set_window(stream, start);
    grading_stream_set_int(stream, "fresh", (int64_t)weir__rand_below(rand, 2));
    for (int64_t n = weir__rand_between(rand, 1, MOST_EVENTS); n > 0; n--) {
        if (weir__rand_below(rand, 4) == 0) {
            grading_stream_part(stream);
        }
        add_event(stream, start + any_time(rand), PAGE, known_user(rand));
    }
    if (weir__rand_below(rand, 4) == 0) {
        grading_stream_part(stream);
    }
}

static void set_job(struct grading_stream *stream, const char *window, int64_t size, int64_t slide,
                    int64_t parallelism)
{
    char about[120];
    char size_text[24];
    char slide_text[24];
    weir_duration_format(size, size_text, sizeof size_text);
    weir_duration_format(slide, slide_text, sizeof slide_text);
    snprintf(about, sizeof about, "%s windows, size %s, slide or gap %s, parallelism %d", window,
             size_text, slide_text, (int)parallelism);
    grading_stream_set(stream, "about", about);
    grading_stream_set(stream, "window", window);
    grading_stream_set_int(stream, "size", size);
    grading_stream_set_int(stream, "slide", slide);
    grading_stream_set_int(stream, "gap", slide);
    grading_stream_set_int(stream, "bound", BOUND_MS);
    grading_stream_set_int(stream, "parallelism", parallelism);
}

/* Time goes on, and every event may come late by less than the bound, so that none is dropped. */
static void random_job(struct weir__rand *rand, struct grading_stream *stream)
{
    static const char *const windows[] = {"tumbling", "sliding", "session"};
    static const char *const pages[] = {PAGE, "/home", "/products/7"};
    size_t kind = weir__rand_below(rand, 3);
    int64_t slide = weir_minutes(weir__rand_between(rand, 1, 5));
    int64_t now = weir_hours(8);
    set_job(stream, windows[kind], kind == 1 ? slide * weir__rand_between(rand, 2, 4) : slide,
            slide, weir__rand_between(rand, 1, 3));
    grading_stream_set_int(stream, "schedule", weir__rand_between(rand, -500, 500));
    for (int64_t n = weir__rand_between(rand, 1, MOST_JOB_EVENTS); n > 0; n--) {
        int64_t late = weir__rand_below(rand, 3) == 0
                           ? weir__rand_between(rand, 0, BOUND_MS - weir_minutes(2))
                           : 0;
        now += weir__rand_between(rand, 0, weir_minutes(3));
        add_event(stream, now - late, pages[weir__rand_below(rand, 3)], any_user(rand));
    }
}

/* ---- properties ---- */

#define F(name)     WEIR_FIELD(page_stats, name)
#define FIELDS(...) ((const struct weir_field *const[]){__VA_ARGS__, NULL})
#define ALL_FIELDS                                                                                 \
    FIELDS(F(page_url), F(window_start), F(window_end), F(events), F(events_per_user),             \
           F(most_active_user), F(first_event), F(last_event))
#define TIMES   FIELDS(F(window_start), F(window_end), F(first_event), F(last_event))
#define COLUMNS FIELDS(WEIR_FIELD(click_event, user_id))

#define PROPERTY(text, generator, ...)                                                             \
    {                                                                                              \
        .rule = text, .subject = "aggregate", .in_type = &click_event_type,                        \
        .out_type = &page_stats_type, .reference = reference, .generate = generator,               \
        .comparison = {.fields = __VA_ARGS__, .times = TIMES}, .columns = COLUMNS,                 \
        .time_field = WEIR_FIELD(click_event, timestamp)                                           \
    }

static const struct grading_property count_property =
    PROPERTY("events is the number of all events.", random_any, FIELDS(F(events)));
static const struct grading_property place_property =
    PROPERTY("A result says which page and which window it is about: the context knows both.",
             random_any, FIELDS(F(page_url), F(window_start), F(window_end), F(events)));
static const struct grading_property average_property =
    PROPERTY("events_per_user is the number of events divided by the number of different users.",
             random_known, FIELDS(F(events_per_user)));
static const struct grading_property active_property = PROPERTY(
    "most_active_user is the user with the most events.", NULL, FIELDS(F(most_active_user)));
static const struct grading_property tie_property = PROPERTY(
    "Of users with equally many events, the one whose id is smallest by bytes is the most active.",
    random_known, FIELDS(F(most_active_user)));
static const struct grading_property time_property =
    PROPERTY("first_event and last_event are event times: the order of arrival does not matter.",
             random_known, FIELDS(F(first_event), F(last_event)));
static const struct grading_property unknown_property =
    PROPERTY("An event without user (null or empty) counts in events, but belongs to no user: not "
             "in the average, and "
             "never the most active.",
             random_any, FIELDS(F(events), F(events_per_user), F(most_active_user)));
static const struct grading_property merge_property =
    PROPERTY("Accumulators of two halves of a stream, merged, give the result of the whole.",
             random_parts, ALL_FIELDS);
static const struct grading_property empty_merge_property =
    PROPERTY("Merging with an accumulator that saw no event changes nothing.", NULL,
             FIELDS(F(events), F(most_active_user), F(first_event), F(last_event)));

static const struct grading_property job_property = {
    .rule = "In a job, a result is that of its page's and window's events, in whatever order they "
            "came.",
    .subject = "job",
    .in_type = &click_event_type,
    .out_type = &page_stats_type,
    .reference = job_reference,
    .generate = random_job,
    .comparison = {.fields = ALL_FIELDS, .times = TIMES},
    .sort = FIELDS(F(window_start), F(window_end), F(page_url)),
    .columns = FIELDS(WEIR_FIELD(click_event, user_id), WEIR_FIELD(click_event, page_url)),
    .time_field = WEIR_FIELD(click_event, timestamp),
};

/* ---- tests ---- */

GRADING_TEST(counts_every_event)
{
    EXAMPLE(&count_property, {10000, "ann"});
    EXAMPLE(&count_property, {10000, "ann"}, {20000, "ann"}, {20000, "bob"});
    grading_random(&count_property, RANDOM_STREAMS);
}

GRADING_TEST(result_names_page_and_window)
{
    EXAMPLE(&place_property, {10000, "ann"});
    grading_random(&place_property, RANDOM_STREAMS);
}

GRADING_TEST(average_is_taken_over_users)
{
    EXAMPLE(&average_property, {10000, "ann"}, {20000, "ann"}, {30000, "bob"});
    EXAMPLE(&average_property, {10000, "ann"}, {20000, "ann"}, {30000, "ann"});
    grading_random(&average_property, RANDOM_STREAMS);
}

GRADING_TEST(most_active_user_has_most_events)
{
    EXAMPLE(&active_property, {10000, "ann"}, {20000, "bob"}, {30000, "bob"});
    EXAMPLE(&active_property, {10000, "bob"}, {20000, "bob"}, {30000, "ann"});
    EXAMPLE(&active_property, {10000, "ann"}, {20000, "bob"}, {30000, "cid"}, {40000, "bob"});
}

GRADING_TEST(tie_goes_to_the_smallest_user_id)
{
    EXAMPLE(&tie_property, {10000, "ann"}, {20000, "bob"});
    EXAMPLE(&tie_property, {10000, "bob"}, {20000, "ann"});
    EXAMPLE(&tie_property, {10000, "anna"}, {20000, "ann"}, {30000, "Zoe"});
    grading_random(&tie_property, RANDOM_STREAMS);
}

GRADING_TEST(first_and_last_follow_event_time)
{
    EXAMPLE(&time_property, {10000, "ann"}, {20000, "bob"}, {30000, "ann"});
    EXAMPLE(&time_property, {30000, "ann"}, {10000, "bob"}, {20000, "ann"});
    EXAMPLE(&time_property, {0, "ann"}, {20000, "ann"});
    grading_random(&time_property, RANDOM_STREAMS);
}

GRADING_TEST(events_without_user_belong_to_nobody)
{
    EXAMPLE(&unknown_property, {10000, "ann"}, {20000, ""}, {30000, ""}, {40000, NULL});
    EXAMPLE(&unknown_property, {10000, ""});
    EXAMPLE(&unknown_property, {10000, NULL}, {20000, NULL});
    grading_random(&unknown_property, RANDOM_STREAMS);
}

GRADING_TEST(merged_parts_give_the_whole)
{
    EXAMPLE(&merge_property, {10000, "ann"}, {0, another_part}, {20000, "ann"}, {30000, "bob"});
    EXAMPLE(&merge_property, {40000, "ann"}, {30000, "bob"}, {30000, "bob"}, {0, another_part},
            {10000, "ann"}, {20000, "ann"});
    grading_random(&merge_property, RANDOM_STREAMS);
}

GRADING_TEST(merging_an_empty_part_changes_nothing)
{
    EXAMPLE(&empty_merge_property, {10000, "ann"}, {0, another_part});
    EXAMPLE(&empty_merge_property, {0, another_part}, {10000, "ann"}, {20000, "bob"});
    check_rows(&empty_merge_property, (const struct row[]){{10000, "ann"}, {20000, "ann"}}, 2,
               true);
}

GRADING_TEST(holds_in_a_job_with_disorder)
{
    struct grading_stream stream;
    grading_stream_init(&stream, &click_event_type);
    set_job(&stream, "tumbling", WINDOW_MS, WINDOW_MS, 1);
    add_event(&stream, 40000, PAGE, "bob");
    add_event(&stream, 10000, PAGE, "ann");
    add_event(&stream, weir_minutes(6), PAGE, "ann");
    add_event(&stream, 20000, "/home", "ann");
    add_event(&stream, weir_minutes(30), PAGE, "bob");
    grading_example(&job_property, &stream);
    grading_stream_fini(&stream);
    grading_random(&job_property, RANDOM_JOBS);
}

int main(int argc, char **argv)
{
    Suite *suite = suite_create("3.2 page statistics");
    GRADING_ADD(suite, counts_every_event);
    GRADING_ADD(suite, result_names_page_and_window);
    GRADING_ADD(suite, average_is_taken_over_users);
    GRADING_ADD(suite, most_active_user_has_most_events);
    GRADING_ADD(suite, tie_goes_to_the_smallest_user_id);
    GRADING_ADD(suite, first_and_last_follow_event_time);
    GRADING_ADD(suite, events_without_user_belong_to_nobody);
    GRADING_ADD(suite, merged_parts_give_the_whole);
    GRADING_ADD(suite, merging_an_empty_part_changes_nothing);
    GRADING_ADD(suite, holds_in_a_job_with_disorder);
    return grading_main(argc, argv, FOLDER, suite);
}

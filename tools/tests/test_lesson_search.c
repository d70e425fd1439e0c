/*
 * Lesson 3's departments from events to a search engine: every document of the three indexes,
 * against a second computation.
 *
 * Against a stand-in; where WEIR_TEST_SEARCH is a URL, against the real engine there (make
 * test-search), whose three indexes are removed first.
 */
#include <stdio.h>

#ifndef WEIR_HAVE_LIBCURL
int main(void)
{
    puts("# SKIP libcurl is not installed");
    return 0;
}
#else

#include "connector/http.h"
#include "tests/search_stand_in.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { EVENTS = 6000, GAP_MS = 1000, EVERY_MS = 10000, MOST_DEPARTMENTS = 8 };

struct event {
    long long ts;
    long long user;
    char type[24];
    char product[24];
};

struct visit {
    long long user;
    long long begin;
    long long end; /* exclusive */
    int products;
    int orders;
    int departments;
    char names[MOST_DEPARTMENTS][24];
};

struct window {
    long long begin;
    int visits;
    int buyers;
};

static char directory[] = "/tmp/weir-test-search-XXXXXX";
static char events_path[64];
static struct search_stand_in stand_in;
static const char *engine; /* URL */
static struct weir__http *http;
static struct weir__buf answer;
static struct event *events;
static struct visit *visits;
static int visit_count;

/* ---- the second computation ---- */

static void read_text(const char *line, const char *name, char *text, size_t size)
{
    char pattern[40];
    snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
    const char *from = strstr(line, pattern);
    ck_assert_msg(from != NULL, "no %s in %s", name, line);
    from += strlen(pattern);
    snprintf(text, size, "%.*s", (int)strcspn(from, "\""), from);
}

static long long read_number(const char *line, const char *name)
{
    char pattern[40];
    snprintf(pattern, sizeof pattern, "\"%s\":", name);
    const char *from = strstr(line, pattern);
    ck_assert_msg(from != NULL, "no %s in %s", name, line);
    return strtoll(from + strlen(pattern), NULL, 10);
}

static void read_events(void)
{
    char line[1024];
    FILE *file = fopen(events_path, "r");
    ck_assert_ptr_nonnull(file);
    events = calloc(EVENTS, sizeof *events);
    for (int i = 0; i < EVENTS; i++) {
        ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
        events[i].ts = read_number(line, "eventtimestamp");
        events[i].user = read_number(line, "userid");
        read_text(line, "event_type", events[i].type, sizeof events[i].type);
        read_text(line, "product_type", events[i].product, sizeof events[i].product);
    }
    fclose(file);
}

static int by_user_and_time(const void *a, const void *b)
{
    const struct event *one = a;
    const struct event *two = b;
    if (one->user != two->user) {
        return one->user < two->user ? -1 : 1;
    }
    return one->ts < two->ts ? -1 : one->ts > two->ts;
}

static void add_event(struct visit *visit, const struct event *event)
{
    visit->end = event->ts + GAP_MS;
    visit->orders += strcmp(event->type, "order_checkout") == 0;
    if (strcmp(event->product, "N/A") == 0) {
        return;
    }
    visit->products++;
    for (int i = 0; i < visit->departments; i++) {
        if (strcmp(visit->names[i], event->product) == 0) {
            return;
        }
    }
    snprintf(visit->names[visit->departments++], 24, "%s", event->product);
}

static void find_visits(void)
{
    qsort(events, EVENTS, sizeof *events, by_user_and_time);
    visits = calloc(EVENTS, sizeof *visits);
    visit_count = 0;
    for (int i = 0; i < EVENTS; i++) {
        struct visit *last = visit_count > 0 ? &visits[visit_count - 1] : NULL;
        if (last == NULL || last->user != events[i].user || events[i].ts > last->end) {
            last = &visits[visit_count++];
            *last = (struct visit){.user = events[i].user, .begin = events[i].ts};
        }
        add_event(last, &events[i]);
    }
}

/* The window in which a visit is counted. */
static long long window_of(const struct visit *visit)
{
    return (visit->end - 1) - (visit->end - 1) % EVERY_MS;
}

/* ---- the engine ---- */

static long ask(const char *method, const char *path, const char *id)
{
    struct weir_error error = {0};
    struct weir__buf url = {0};
    long status = 0;
    weir__buf_printf(&url, "%s/%s", engine, path);
    if (id != NULL) {
        weir__http_put_escaped(&url, weir_str_from(id));
    }
    weir__buf_printf(&url, "%s", "");
    struct weir__http_request request = {
        .method = method, .url = url.data, .timeout_ms = 60000, .most_answer_bytes = 1 << 20};
    ck_assert_msg(weir__http_send(http, &request, &status, &answer, &error) == WEIR_OK, "%s",
                  error.message);
    weir__buf_fini(&url);
    return status;
}

static void expect(const char *index, const char *id, const char *source)
{
    char path[80];
    snprintf(path, sizeof path, "%s/_source/", index);
    ck_assert_msg(ask("GET", path, id) == 200, "%s has no document %s", index, id);
    ck_assert_str_eq(answer.data, source);
}

static void expect_count(const char *index, int count)
{
    char path[80];
    char text[40];
    snprintf(path, sizeof path, "%s/_refresh", index);
    ck_assert_int_eq(ask("POST", path, NULL), 200);
    snprintf(path, sizeof path, "%s/_count", index);
    snprintf(text, sizeof text, "{\"count\":%d", count);
    ck_assert_int_eq(ask("GET", path, NULL), 200);
    ck_assert_msg(strncmp(answer.data, text, strlen(text)) == 0, "%s: %s, expected %d", index,
                  answer.data, count);
}

/* ---- what it must have ---- */

static int expect_details(void)
{
    int buyers = 0;
    for (int i = 0; i < visit_count; i++) {
        const struct visit *visit = &visits[i];
        char id[64];
        char source[1024];
        int len = snprintf(source, sizeof source,
                           "{\"userId\":%lld,\"eventCount\":%d,\"orderCheckoutEventCount\":%d,"
                           "\"deptList\":[",
                           visit->user, visit->products, visit->orders);
        for (int d = 0; d < visit->departments; d++) {
            len += snprintf(source + len, sizeof source - (size_t)len, "%s\"%s\"", d > 0 ? "," : "",
                            visit->names[d]);
        }
        snprintf(source + len, sizeof source - (size_t)len,
                 "],\"eventKey\":1,\"windowBeginTime\":%lld,\"windowEndTime\":%lld}", visit->begin,
                 visit->end);
        snprintf(id, sizeof id, "%lld/%lld", visit->end, visit->user);
        if (visit->orders > 0) {
            buyers++;
            expect("user_session_details", id, source);
        }
    }
    return buyers;
}

static int count_visits(long long begin, const char *department, int *buyers)
{
    int count = 0;
    *buyers = 0;
    for (int i = 0; i < visit_count; i++) {
        bool in = window_of(&visits[i]) == begin;
        bool saw = department == NULL;
        for (int d = 0; d < visits[i].departments && !saw; d++) {
            saw = strcmp(visits[i].names[d], department) == 0;
        }
        count += in && saw;
        *buyers += in && saw && visits[i].orders > 0;
    }
    return count;
}

static void expect_totals(long long begin, int count, int buyers)
{
    char id[32];
    char source[256];
    snprintf(id, sizeof id, "%lld", begin + EVERY_MS);
    snprintf(source, sizeof source,
             "{\"userSessionCount\":%d,\"userSessionCountWithOrderCheckout\":%d,"
             "\"percentSessionswithBuy\":%d.0,\"windowBeginTime\":%lld,\"windowEndTime\":%lld}",
             count, buyers, buyers * 100 / count, begin, begin + EVERY_MS);
    expect("user_session_counts", id, source);
}

static void expect_department(long long begin, const char *department, int count)
{
    char id[64];
    char source[256];
    snprintf(id, sizeof id, "%lld/%s", begin + EVERY_MS, department);
    snprintf(source, sizeof source,
             "{\"departmentName\":\"%s\",\"departmentCount\":%d,\"windowBeginTime\":%lld,"
             "\"windowEndTime\":%lld}",
             department, count, begin, begin + EVERY_MS);
    expect("departments_count", id, source);
}

static void expect_all(void)
{
    static const char *const departments[MOST_DEPARTMENTS] = {
        "cell phones", "laptops", "ear phones",  "soundbars",
        "cd players",  "AirPods", "video games", "cameras"};
    int windows = 0;
    int counts = 0;
    long long first = events[0].ts - events[0].ts % EVERY_MS;
    long long last = first;
    for (int i = 0; i < visit_count; i++) {
        first = window_of(&visits[i]) < first ? window_of(&visits[i]) : first;
        last = window_of(&visits[i]) > last ? window_of(&visits[i]) : last;
    }
    for (long long begin = first; begin <= last; begin += EVERY_MS) {
        int buyers;
        int count = count_visits(begin, NULL, &buyers);
        if (count > 0) {
            windows++;
            expect_totals(begin, count, buyers);
        }
        for (int d = 0; d < MOST_DEPARTMENTS; d++) {
            count = count_visits(begin, departments[d], &buyers);
            if (count > 0) {
                counts++;
                expect_department(begin, departments[d], count);
            }
        }
    }
    ck_assert_int_gt(windows, 2);
    int buyers = expect_details();
    ck_assert_int_gt(buyers, 20);
    expect_count("user_session_counts", windows);
    expect_count("departments_count", counts);
    expect_count("user_session_details", buyers);
}

/* ---- the tests ---- */

static void run(const char *command)
{
    ck_assert_msg(system(command) == 0, "%s", command);
}

static void run_departments(void)
{
    char command[512];
    snprintf(command, sizeof command,
             "build/bin/departments --input %s -p 2 --search %s >/dev/null 2>&1", events_path,
             engine);
    run(command);
}

static void set_up(void)
{
    static const char *const indexes[] = {"departments_count", "user_session_counts",
                                          "user_session_details"};
    char command[512];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(events_path, sizeof events_path, "%s/events.jsonl", directory);
    snprintf(command, sizeof command,
             "build/bin/weir produce --model shop --to %s --seed 9 --start 1598849560000 --rate 0 "
             "--time-scale 0.5 --count %d 2>/dev/null",
             events_path, EVENTS);
    run(command);
    read_events();
    find_visits();
    ck_assert(stand_in_start(&stand_in));
    engine = getenv("WEIR_TEST_SEARCH");
    engine = engine != NULL ? engine : stand_in.url;
    http = weir__http_new();
    for (int i = 0; i < 3 && engine != stand_in.url; i++) {
        (void)ask("DELETE", indexes[i], NULL);
    }
}

static void tear_down(void)
{
    weir__http_free(http);
    stand_in_stop(&stand_in);
    weir__buf_fini(&answer);
    free(events);
    free(visits);
    unlink(events_path);
    rmdir(directory);
}

START_TEST(every_result_is_a_document_and_a_second_run_doubles_none)
{
    run_departments();
    expect_all();
    run_departments();
    expect_all();
}
END_TEST

START_TEST(time_of_a_window_is_a_date)
{
    run_departments();
    if (engine == stand_in.url) { /* has no mappings: what it was told */
        const char *made = *(char **)weir__vec_at(&stand_in.indexes, 0);
        ck_assert_msg(strstr(made, "\"windowEndTime\":{\"type\":\"date\"") != NULL, "%s", made);
        return;
    }
    ck_assert_int_eq(ask("GET", "departments_count/_mapping", NULL), 200);
    ck_assert_msg(strstr(answer.data, "\"windowEndTime\":{\"type\":\"date\"") != NULL, "%s",
                  answer.data);
    ck_assert_int_eq(ask("POST", "departments_count/_refresh", NULL), 200);
    ck_assert_int_eq(
        ask("GET", "departments_count/_count?q=windowEndTime:%5B1598849570000+TO+1598849570000%5D",
            NULL),
        200);
    ck_assert_msg(strncmp(answer.data, "{\"count\":8,", 11) == 0, "%s", answer.data);
}
END_TEST

START_TEST(engine_that_is_busy_for_a_while_gets_everything)
{
    stand_in.trouble = 429;
    stand_in.trouble_left = 5;
    engine = stand_in.url;
    run_departments();
    ck_assert_int_eq(stand_in.trouble_left, 0);
    expect_all();
}
END_TEST

/* Its process; what it says goes nowhere. */
static pid_t start_departments(const char *checkpoints, const char *from)
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
        execl("build/bin/departments", "departments", "--input", events_path, "--search", engine,
              "--checkpoint-interval", "10ms", "--checkpoint-dir", checkpoints, "--from", from,
              (char *)NULL);
        _exit(127);
    }
    return pid;
}

static void wait_until_silent(void)
{
    int left = 1;
    while (left != 0) { /* until the test's time-out */
        struct timespec moment = {.tv_nsec = 5000000};
        nanosleep(&moment, NULL);
        pthread_mutex_lock(&stand_in.lock);
        left = stand_in.trouble_left;
        pthread_mutex_unlock(&stand_in.lock);
    }
}

/* The engine took some documents, and no answer says so: only their ids can. */
START_TEST(job_that_is_killed_while_it_sends_goes_on_without_doubling)
{
    char checkpoints[80];
    char command[160];
    int status = 0;
    snprintf(checkpoints, sizeof checkpoints, "%s/checkpoints", directory);
    stand_in.healthy = 2;
    stand_in.trouble = STAND_IN_IS_SILENT;
    stand_in.trouble_left = 1;
    engine = stand_in.url;
    pid_t job = start_departments(checkpoints, "none");
    wait_until_silent();
    kill(job, SIGKILL);
    ck_assert_int_eq(waitpid(job, &status, 0), job);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_gt(stand_in_count(&stand_in, "departments_count") +
                         stand_in_count(&stand_in, "user_session_counts") +
                         stand_in_count(&stand_in, "user_session_details"),
                     0);
    job = start_departments(checkpoints, "latest");
    ck_assert_int_eq(waitpid(job, &status, 0), job);
    ck_assert_int_eq(status, 0);
    expect_all();
    snprintf(command, sizeof command, "rm -rf %s", checkpoints);
    run(command);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lesson search");
    TCase *tests = tcase_create("lesson search");
    tcase_set_timeout(tests, 100);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, every_result_is_a_document_and_a_second_run_doubles_none);
    tcase_add_test(tests, time_of_a_window_is_a_date);
    tcase_add_test(tests, engine_that_is_busy_for_a_while_gets_everything);
    tcase_add_test(tests, job_that_is_killed_while_it_sends_goes_on_without_doubling);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
#endif

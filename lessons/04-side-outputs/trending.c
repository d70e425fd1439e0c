/*
 * Lesson 4: which pages are trending?
 *
 *     clicks ─▶ by page ─▶ sliding windows ─▶ by window ─▶ one window each ─▶ a ranking
 *                          (a count a page)                (all counts of it)
 *
 * A window over the results of windows. The first ones count a page each; their results carry the
 * last millisecond of the window as time, so a second, tumbling window collects all results of one
 * and the same window, sorts them and keeps the first few.
 */
#include <clickstream/balance.h>
#include <clickstream/click_event.h>
#include <clickstream/input.h>
#include <clickstream/page_view_count.h>
#include <weir/weir.h>

#include <stdio.h>
#include <stdlib.h>

#define TRENDING_PAGE_FIELDS(F, T)                                                                 \
    F(T, int64, rank, "rank", required)                                                            \
    F(T, string, page_url, "pageUrl", required)                                                    \
    F(T, int64, views, "views", required)                                                          \
    F(T, int64, unique_users, "uniqueUsers", required)                                             \
    F(T, int64, window_start, "windowStart", required)                                             \
    F(T, int64, window_end, "windowEnd", required)
WEIR_DECLARE_TYPE(trending_page, TRENDING_PAGE_FIELDS);
WEIR_DEFINE_TYPE(trending_page, TRENDING_PAGE_FIELDS);

/* More views first; of equally many, the page that comes first by bytes. */
static int by_views(const void *a, const void *b)
{
    const struct page_view_count *x = *(const struct page_view_count *const *)a;
    const struct page_view_count *y = *(const struct page_view_count *const *)b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1)
                                : weir_str_compare(x->page_url, y->page_url);
}

/* All counts of one window are here. */
static void rank(const struct weir_window_context *context,
                 const struct weir_window_element *elements, size_t count, weir_collector *out,
                 void *user)
{
    const int64_t *top = user;
    const struct page_view_count **pages = calloc(count, sizeof *pages);
    (void)context;
    if (pages == NULL) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        pages[i] = elements[i].value;
    }
    qsort(pages, count, sizeof *pages, by_views);
    for (size_t i = 0; i < count && (int64_t)i < *top; i++) {
        const struct trending_page page = {
            .rank = (int64_t)i + 1,
            .page_url = pages[i]->page_url,
            .views = pages[i]->count,
            .unique_users = pages[i]->unique_users,
            .window_start = pages[i]->window_start,
            .window_end = pages[i]->window_end,
        };
        weir_emit(out, &page);
    }
    free(pages);
}

static bool is_view(const void *value, void *user)
{
    const struct click_event *click = value;
    (void)user;
    return weir_str_equals(click->event_type, "VIEW");
}

static void print_summary(weir_env *env, void *user)
{
    (void)user;
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    int64_t views = weir_metric(env, "views", "numRecordsOut");
    const struct balance_line lines[] = {
        {"not a view", weir_metric(env, "views", "numRecordsIn") - views, false},
        {"in windows", weir_metric(env, "counts", "numRecordsInWindows"), false},
        {"late", weir_metric(env, "counts", "numLateRecordsDropped"), false},
        {"dead letters", dead, false},
        {"between windows", weir_metric(env, "counts", "numRecordsInNoWindow"), true},
        {"without a valid time", weir_metric(env, "counts", "numRecordsRejected"), true},
        {0},
    };
    balance_print(env, weir_metric(env, "events", "numRecordsOut") + dead, lines);
}

int main(int argc, char **argv)
{
    weir_env *env = weir_env_new("trending", argc, argv);
    weir_env_about(env, "Ranks pages by their views in a sliding window of event time.");
    weir_env_example(env, "trending --input clicks.jsonl --top 5");
    int64_t size = weir_option_duration(env, "size", weir_minutes(10), "length of a window");
    int64_t slide = weir_option_duration(env, "slide", weir_minutes(1), "a window begins every D");
    int64_t top = weir_option_int(env, "top", 3, 1, 1000, "pages in a ranking");
    struct clickstream_input input = clickstream_input(env, "click-stream", weir_seconds(30));

    weir_stream *clicks = clickstream_read(env, &input, weir_json(&click_event_type));
    weir_stream *views = clickstream_in_order(weir_filter(clicks, "views", is_view, NULL), &input);
    weir_stream *timed = clickstream_timed(views, &input, WEIR_FIELD(click_event, timestamp));
    weir_stream *counts =
        weir_window(weir_key_by(timed, WEIR_FIELD(click_event, page_url)),
                    &(struct weir_window_config){.name = "counts",
                                                 .assigner = weir_sliding_event_time(size, slide),
                                                 .aggregate = &page_view_count_aggregate});
    const struct weir_window_function ranking = {.in_type = &page_view_count_type,
                                                 .out_type = &trending_page_type,
                                                 .process = rank,
                                                 .user = &top};
    weir_stream *trending = weir_window(
        weir_key_by(counts, WEIR_FIELD(page_view_count, window_end)),
        &(struct weir_window_config){
            .name = "ranking", .assigner = weir_tumbling_event_time(slide), .process = &ranking});
    weir_sink_to(trending, weir_print("TRENDING"));

    weir_env_on_finish(env, print_summary, NULL);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

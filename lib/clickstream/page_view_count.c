/*
 * Page views a window: the aggregate that counts events and distinct users, and the line that shows
 * a result.
 *
 * The accumulator knows neither its page nor its window: the window operator does, and tells the
 * result function. (An accumulator that has fields for them, which nobody sets, is a mistake that
 * is seen in the wild.)
 */
#include <clickstream/click_event.h>
#include <clickstream/page_view_count.h>

#include <stdio.h>

#define PAGE_WIDTH 32 /* characters */

WEIR_DEFINE_TYPE(page_view_count, PAGE_VIEW_COUNT_FIELDS);

#define PAGE_VIEWS_FIELDS(F, T)                                                                    \
    F(T, int64, count, "count", required)                                                          \
    F(T, string_set, users, "users", required)
WEIR_DECLARE_TYPE(page_views, PAGE_VIEWS_FIELDS);
WEIR_DEFINE_TYPE(page_views, PAGE_VIEWS_FIELDS);

static void add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    struct page_views *views = accumulator;
    const struct click_event *event = value;
    (void)timestamp;
    (void)user;
    views->count++;
    weir_string_set_add(&views->users, event->user_id, 1);
}

static void merge(void *accumulator, const void *other, void *user)
{
    struct page_views *views = accumulator;
    const struct page_views *more = other;
    (void)user;
    views->count += more->count;
    weir_string_set_merge(&views->users, &more->users);
}

static void result(const void *accumulator, const struct weir_window_context *context, void *out,
                   void *user)
{
    const struct page_views *views = accumulator;
    const struct weir_str *page = context->key;
    struct page_view_count *count = out;
    (void)user;
    count->page_url = *page;
    count->count = views->count;
    count->unique_users = weir_string_set_size(&views->users);
    count->window_start = context->window.start;
    count->window_end = context->window.end;
}

/* What the two fields are: the library then keeps sliding windows without merging sets. */
static const struct weir_aggregate_part parts[] = {
    {.kind = WEIR_PART_COUNT, .into = WEIR_FIELD(page_views, count)},
    {.kind = WEIR_PART_DISTINCT,
     .into = WEIR_FIELD(page_views, users),
     .of = WEIR_FIELD(click_event, user_id)},
};

const struct weir_aggregate page_view_count_aggregate = {
    .name = "PageViewCount",
    .in_type = &click_event_type,
    .accumulator_type = &page_views_type,
    .out_type = &page_view_count_type,
    .add = add,
    .merge = merge,
    .result = result,
    .parts = parts,
    .part_count = sizeof parts / sizeof parts[0],
};

/* ---- one aligned line ---- */

/* The page in PAGE_WIDTH characters: what is not printable escaped, too long ones cut, short ones
 * padded. */
static void fit_page(struct weir_str page, char *text, size_t size)
{
    char json[6 * 256 + 3]; /* an escape is at most six bytes */
    size_t characters = 0;
    size_t len = 0;
    page.len = page.len < 256 ? page.len : 256;
    (void)weir_value_to_json(&weir_string_type, &page, json, sizeof json);
    const char *at = json[0] == '"' ? json + 1 : json;
    const char *end = at + strlen(at) - (json[0] == '"');
    for (; at < end && characters < PAGE_WIDTH; characters++) {
        do { /* a character with its continuation bytes */
            text[len++] = *at++;
        } while (at < end && ((unsigned char)*at & 0xC0) == 0x80);
    }
    if (at < end) { /* the last character makes room for the sign that something is missing */
        do {
            len--;
        } while (((unsigned char)text[len] & 0xC0) == 0x80);
        text[len++] = '+';
    }
    for (; characters < PAGE_WIDTH && len + 1 < size; characters++) {
        text[len++] = ' ';
    }
    text[len] = '\0';
}

/* "HH:MM:SS" in UTC. */
static void time_of_day(int64_t epoch_ms, char text[9])
{
    char iso[40];
    weir_time_format(epoch_ms, iso, sizeof iso);
    const char *clock = strchr(iso, 'T');
    snprintf(text, 9, "%.8s", clock != NULL ? clock + 1 : iso);
}

const char page_view_count_heading[] =
    "PAGE                              WINDOW (UTC)         VIEWS   USERS";

void page_view_count_line(const void *value, char *text, size_t size, void *user)
{
    const struct page_view_count *count = value;
    char page[4 * PAGE_WIDTH + 1];
    char start[9];
    char end[9];
    (void)user;
    fit_page(count->page_url, page, sizeof page);
    time_of_day(count->window_start, start);
    time_of_day(count->window_end, end);
    snprintf(text, size, "%s  %s–%s %8lld %7lld", page, start, end, (long long)count->count,
             (long long)count->unique_users);
}

/*
 * The ledger (see <weir/ledger.h>): everything is a line "what: content", expected or seen. Sorted,
 * the lines that are about the same thing stand together, and are compared as multisets.
 *
 *     what           content     expected  seen
 *     /home [0,10)   2 events           1     1
 *     /home [0,10)   3 events           0     1     wrong: something else was expected of it
 *     /cart [0,10)   1 event            1     2     doubled
 *     /help [0,10)   1 event            0     1     phantom: nothing was expected of it
 */
#include <weir/ledger.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"

#include "base/mem.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

enum { MOST_FINDINGS = 20 }; /* that are told one by one */

struct line {
    struct weir_str what;
    struct weir_str content;
    int64_t expected;
    int64_t seen;
};

struct weir_ledger {
    struct weir__arena texts;
    struct weir__vec lines;  /* of struct line */
    struct weir__vec events; /* of struct weir_ledger_event */
    bool accounted;
    int64_t in_accounts;
    struct weir_ledger_verdict verdict;
    struct weir__buf text;
    int findings;
};

weir_ledger *weir_ledger_new(void)
{
    weir_ledger *ledger = WEIR__NEW(weir_ledger);
    ledger->lines = WEIR__VEC_OF(struct line);
    ledger->events = WEIR__VEC_OF(struct weir_ledger_event);
    return ledger;
}

void weir_ledger_free(weir_ledger *ledger)
{
    if (ledger != NULL) {
        weir__arena_fini(&ledger->texts);
        weir__vec_fini(&ledger->lines);
        weir__vec_fini(&ledger->events);
        weir__buf_fini(&ledger->text);
        weir__free(ledger);
    }
}

static struct weir_str keep(weir_ledger *ledger, struct weir_str text)
{
    char *copy = weir__arena_alloc(&ledger->texts, text.len);
    if (text.len > 0) {
        memcpy(copy, text.data, text.len);
    }
    return (struct weir_str){copy, text.len};
}

static void add_line(weir_ledger *ledger, struct weir_str what, struct weir_str content,
                     bool expected)
{
    weir__vec_push(&ledger->lines,
                   &(struct line){keep(ledger, what), keep(ledger, content), expected, !expected});
}

void weir_ledger_expect(weir_ledger *ledger, struct weir_str what, struct weir_str content)
{
    add_line(ledger, what, content, true);
}

void weir_ledger_saw(weir_ledger *ledger, struct weir_str what, struct weir_str content)
{
    add_line(ledger, what, content, false);
}

/* ---- events and their windows ---- */

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_name(const void *a, const void *b)
{
    const struct weir_ledger_event *left = a;
    const struct weir_ledger_event *right = b;
    int order = compare(left->producer, right->producer);
    return order != 0 ? order : compare(left->sequence, right->sequence);
}

static int by_key_and_time(const void *a, const void *b)
{
    const struct weir_ledger_event *left = a;
    const struct weir_ledger_event *right = b;
    int order = weir_str_compare(left->key, right->key);
    return order != 0 ? order : compare(left->timestamp, right->timestamp);
}

static void sort(struct weir__vec *vec, int (*order)(const void *a, const void *b))
{
    if (vec->count > 0) {
        qsort(vec->items, vec->count, vec->item_size, order);
    }
}

void weir_ledger_event(weir_ledger *ledger, const struct weir_ledger_event *event)
{
    struct weir_ledger_event *added = weir__vec_add(&ledger->events);
    *added = *event;
    added->key = keep(ledger, event->key);
}

/* Each event once. */
static void drop_repeated(struct weir__vec *events)
{
    size_t kept = 0;
    sort(events, by_name);
    for (size_t i = 0; i < events->count; i++) {
        const struct weir_ledger_event *event = weir__vec_at(events, i);
        if (kept == 0 || by_name(weir__vec_at(events, kept - 1), event) != 0) {
            memmove(weir__vec_at(events, kept++), event, sizeof(*event));
        }
    }
    events->count = kept;
}

int64_t weir_ledger_events(weir_ledger *ledger)
{
    drop_repeated(&ledger->events);
    return (int64_t)ledger->events.count;
}

static int64_t window_start(int64_t timestamp, int64_t size)
{
    int64_t into = timestamp % size;
    return timestamp - (into < 0 ? into + size : into);
}

static void add_window(weir_ledger *ledger, struct weir_str key, int64_t start, int64_t end,
                       int64_t count, int64_t sum, bool expected)
{
    struct weir__buf what = {0};
    struct weir__buf content = {0};
    weir__buf_printf(&what, "%.*s [%" PRId64 ",%" PRId64 ")", WEIR_STR_ARG(key), start, end);
    weir__buf_printf(&content, "%" PRId64 " events, sum %" PRId64, count, sum);
    add_line(ledger, (struct weir_str){what.data, (uint32_t)what.len},
             (struct weir_str){content.data, (uint32_t)content.len}, expected);
    weir__buf_fini(&what);
    weir__buf_fini(&content);
}

void weir_ledger_expect_windows(weir_ledger *ledger, int64_t size_ms)
{
    assert(size_ms > 0);
    struct weir__vec *events = &ledger->events;
    drop_repeated(events);
    sort(events, by_key_and_time);
    for (size_t i = 0; i < events->count;) {
        const struct weir_ledger_event *first = weir__vec_at(events, i);
        int64_t start = window_start(first->timestamp, size_ms);
        int64_t count = 0;
        int64_t sum = 0;
        for (; i < events->count; i++, count++) {
            const struct weir_ledger_event *event = weir__vec_at(events, i);
            if (!weir_str_same(event->key, first->key) ||
                window_start(event->timestamp, size_ms) != start) {
                break;
            }
            sum += event->value;
        }
        add_window(ledger, first->key, start, start + size_ms, count, sum, true);
    }
}

void weir_ledger_saw_window(weir_ledger *ledger, struct weir_str key, int64_t start, int64_t end,
                            int64_t count, int64_t sum)
{
    add_window(ledger, key, start, end, count, sum, false);
}

void weir_ledger_account(weir_ledger *ledger, int64_t counted, int64_t late, int64_t dead_letters)
{
    ledger->accounted = true;
    ledger->in_accounts += counted + late + dead_letters;
}

/* ---- comparing ---- */

static int by_text(const void *a, const void *b)
{
    const struct line *left = a;
    const struct line *right = b;
    int order = weir_str_compare(left->what, right->what);
    return order != 0 ? order : weir_str_compare(left->content, right->content);
}

/* Lines with the same text become one. */
static void join_lines(struct weir__vec *lines)
{
    size_t kept = 0;
    sort(lines, by_text);
    for (size_t i = 0; i < lines->count; i++) {
        const struct line *line = weir__vec_at(lines, i);
        struct line *last = kept > 0 ? weir__vec_at(lines, kept - 1) : NULL;
        if (last != NULL && by_text(last, line) == 0) {
            last->expected += line->expected;
            last->seen += line->seen;
        } else {
            memmove(weir__vec_at(lines, kept++), line, sizeof(*line));
        }
    }
    lines->count = kept;
}

static void tell(weir_ledger *ledger, const char *finding, const struct line *line, int64_t times)
{
    if (++ledger->findings <= MOST_FINDINGS) {
        weir__buf_printf(&ledger->text, "%s: %.*s: %.*s", finding, WEIR_STR_ARG(line->what),
                         WEIR_STR_ARG(line->content));
        if (times > 1) {
            weir__buf_printf(&ledger->text, " (%" PRId64 " times)", times);
        }
        weir__buf_put_u8(&ledger->text, '\n');
    }
}

/* Of those lines that are about the same thing: what came although something else was expected
 * stands in for as many that did not come. */
static void compare_group(weir_ledger *ledger, const struct line *lines, size_t count)
{
    struct weir_ledger_verdict *verdict = &ledger->verdict;
    int64_t expected = 0;
    int64_t missing = 0;
    int64_t strange = 0;
    for (size_t i = 0; i < count; i++) {
        expected += lines[i].expected;
    }
    for (size_t i = 0; i < count; i++) {
        const struct line *line = &lines[i];
        int64_t more = line->seen - line->expected;
        if (more > 0 && line->expected > 0) {
            verdict->doubled += more;
            tell(ledger, "doubled", line, more);
        } else if (more > 0) {
            strange += more;
            tell(ledger, expected > 0 ? "wrong" : "phantom", line, more);
        } else if (more < 0) {
            missing -= more;
            tell(ledger, "missing", line, -more);
        }
        verdict->expected += line->expected;
        verdict->seen += line->seen;
    }
    if (expected > 0) {
        verdict->wrong += strange;
        verdict->missing += missing > strange ? missing - strange : 0;
    } else {
        verdict->phantom += strange;
    }
}

static void compare_all(weir_ledger *ledger)
{
    const struct line *lines = ledger->lines.items;
    for (size_t i = 0; i < ledger->lines.count;) {
        size_t first = i;
        while (i < ledger->lines.count && weir_str_same(lines[i].what, lines[first].what)) {
            i++;
        }
        compare_group(ledger, &lines[first], i - first);
    }
}

static void sum_up(weir_ledger *ledger)
{
    struct weir_ledger_verdict *verdict = &ledger->verdict;
    if (ledger->findings > MOST_FINDINGS) {
        weir__buf_printf(&ledger->text, "… and %d more\n", ledger->findings - MOST_FINDINGS);
    }
    weir__buf_printf(&ledger->text,
                     "%" PRId64 " expected, %" PRId64 " seen: %" PRId64 " missing, %" PRId64
                     " doubled, %" PRId64 " phantom, %" PRId64 " wrong",
                     verdict->expected, verdict->seen, verdict->missing, verdict->doubled,
                     verdict->phantom, verdict->wrong);
    if (verdict->lost != 0) {
        weir__buf_printf(&ledger->text, "; %zu events in, %" PRId64 " accounted for",
                         ledger->events.count, ledger->in_accounts);
    }
    verdict->text = ledger->text.data;
    verdict->ok = verdict->missing == 0 && verdict->doubled == 0 && verdict->phantom == 0 &&
                  verdict->wrong == 0 && verdict->lost == 0;
}

const struct weir_ledger_verdict *weir_ledger_check(weir_ledger *ledger)
{
    ledger->verdict = (struct weir_ledger_verdict){0};
    ledger->text.len = 0;
    ledger->findings = 0;
    join_lines(&ledger->lines);
    compare_all(ledger);
    if (ledger->accounted) {
        ledger->verdict.lost = weir_ledger_events(ledger) - ledger->in_accounts;
    }
    sum_up(ledger);
    return &ledger->verdict;
}

/*
 * Aggregates over JSON values. All can be merged, and give the same whatever the order in which
 * parts are merged: first, last and list go by arrival (seq), sums are exact. The aggregate of
 * nothing (everything evicted) is 0, [] or null.
 */
#include "lab/aggregates.h"

#include "lab/event.h"
#include "lab/number.h"

WEIR_DEFINE_TYPE(lab_element, LAB_ELEMENT_FIELDS);
WEIR_DEFINE_TYPE(lab_result, LAB_RESULT_FIELDS);

/* An accumulator that is one of the events: min, max, first, last. */
#define LAB_PICK_FIELDS(F, T)                                                                      \
    F(T, boolean, any, "any", required)                                                            \
    F(T, boolean, exact, "exact", required)                                                        \
    F(T, int64, integer, "integer", required)                                                      \
    F(T, real, number, "number", required)                                                         \
    F(T, int64, seq, "seq", required)                                                              \
    F(T, string, text, "text", nullable)
WEIR_DECLARE_TYPE(lab_pick, LAB_PICK_FIELDS);
WEIR_DEFINE_TYPE(lab_pick, LAB_PICK_FIELDS);

#define LAB_MEMBERS_FIELDS(F, T) F(T, string_set, values, "values", required)
WEIR_DECLARE_TYPE(lab_members, LAB_MEMBERS_FIELDS);
WEIR_DEFINE_TYPE(lab_members, LAB_MEMBERS_FIELDS);

#define LAB_ELEMENTS_FIELDS(F, T) F(T, list, list, "list", required, lab_element)
WEIR_DECLARE_TYPE(lab_elements, LAB_ELEMENTS_FIELDS);
WEIR_DEFINE_TYPE(lab_elements, LAB_ELEMENTS_FIELDS);

static void locate(struct lab_result *result, const struct weir_window_context *context)
{
    result->key = *(const struct weir_str *)context->key;
    result->global = context->is_global;
    result->window_start = context->window.start;
    result->window_end = context->window.end;
}

/* ---- count, sum, avg: one accumulator serves all three ---- */

static void count_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)value;
    (void)timestamp;
    (void)user;
    ((struct lab_sum *)accumulator)->count++;
}

static void count_merge(void *accumulator, const void *other, void *user)
{
    (void)user;
    ((struct lab_sum *)accumulator)->count += ((const struct lab_sum *)other)->count;
}

static void count_result(const void *accumulator, const struct weir_window_context *context,
                         void *out, void *user)
{
    (void)user;
    struct lab_result *result = out;
    locate(result, context);
    result->form = LAB_FORM_INTEGER;
    result->integer = ((const struct lab_sum *)accumulator)->count;
}

static void sum_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)timestamp;
    (void)user;
    const struct lab_event *event = value;
    if (event->exact) {
        lab_sum_add_integer(accumulator, event->integer);
    } else {
        lab_sum_add_real(accumulator, event->number);
    }
}

static void sum_merge(void *accumulator, const void *other, void *user)
{
    (void)user;
    lab_sum_merge(accumulator, other);
}

static void sum_result(const void *accumulator, const struct weir_window_context *context,
                       void *out, void *user)
{
    (void)user;
    struct lab_result *result = out;
    locate(result, context);
    bool exact = lab_sum_result(accumulator, &result->integer, &result->number);
    result->form = exact ? LAB_FORM_INTEGER : LAB_FORM_REAL;
}

static void avg_result(const void *accumulator, const struct weir_window_context *context,
                       void *out, void *user)
{
    (void)user;
    const struct lab_sum *sum = accumulator;
    struct lab_result *result = out;
    locate(result, context);
    result->form = sum->count > 0 ? LAB_FORM_REAL : LAB_FORM_NULL;
    result->number = lab_sum_average(sum);
}

/* ---- min, max, first, last: keep the best event so far ---- */

/* Exact for any mix: an int64 and a double both fit into a long double's 64 bits of fraction. */
static int compare_numbers(const struct lab_pick *a, const struct lab_pick *b)
{
    long double left = a->exact ? (long double)a->integer : (long double)a->number;
    long double right = b->exact ? (long double)b->integer : (long double)b->number;
    return (left > right) - (left < right);
}

static int compare_arrival(const struct lab_pick *a, const struct lab_pick *b)
{
    return (a->seq > b->seq) - (a->seq < b->seq);
}

/* What makes one event better than another; of equals the first to arrive stays. */
struct preference {
    int (*compare)(const struct lab_pick *a, const struct lab_pick *b);
    int sign; /* 1: the larger is better, -1: the smaller */
};

static const struct preference smallest = {compare_numbers, -1};
static const struct preference largest = {compare_numbers, 1};
static const struct preference earliest = {compare_arrival, -1};
static const struct preference latest = {compare_arrival, 1};

static void pick(struct lab_pick *best, const struct lab_pick *other,
                 const struct preference *preference)
{
    if (best->any) {
        int order = preference->compare(other, best) * preference->sign;
        if (order < 0 || (order == 0 && other->seq > best->seq)) {
            return;
        }
    }
    struct weir_str text = best->text;
    *best = *other;
    best->text = text;
    weir_str_set(&best->text, other->text);
}

static void pick_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)timestamp;
    const struct lab_event *event = value;
    struct lab_pick candidate = {
        .any = true,
        .exact = event->exact,
        .integer = event->integer,
        .number = event->number,
        .seq = event->seq,
        .text = event->value,
    };
    pick(accumulator, &candidate, user);
}

static void pick_merge(void *accumulator, const void *other, void *user)
{
    if (((const struct lab_pick *)other)->any) {
        pick(accumulator, other, user);
    }
}

static void pick_result(const void *accumulator, const struct weir_window_context *context,
                        void *out, void *user)
{
    (void)user;
    const struct lab_pick *best = accumulator;
    struct lab_result *result = out;
    locate(result, context);
    result->form = best->any ? LAB_FORM_TEXT : LAB_FORM_NULL;
    result->text = best->text;
}

/* ---- distinct ---- */

static void distinct_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)timestamp;
    (void)user;
    const struct lab_event *event = value;
    weir_string_set_add(&((struct lab_members *)accumulator)->values, event->value, 1);
}

static void distinct_merge(void *accumulator, const void *other, void *user)
{
    (void)user;
    weir_string_set_merge(&((struct lab_members *)accumulator)->values,
                          &((const struct lab_members *)other)->values);
}

static void distinct_result(const void *accumulator, const struct weir_window_context *context,
                            void *out, void *user)
{
    (void)user;
    struct lab_result *result = out;
    locate(result, context);
    result->form = LAB_FORM_INTEGER;
    result->integer = weir_string_set_size(&((const struct lab_members *)accumulator)->values);
}

/* ---- list ---- */

static void list_add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    (void)timestamp;
    (void)user;
    const struct lab_event *event = value;
    struct lab_element element = {event->seq, event->value};
    weir_list_append(&((struct lab_elements *)accumulator)->list, &lab_element_type, &element);
}

static void list_merge(void *accumulator, const void *other, void *user)
{
    (void)user;
    const struct weir_list *from = &((const struct lab_elements *)other)->list;
    for (uint32_t i = 0; i < from->count; i++) {
        weir_list_append(&((struct lab_elements *)accumulator)->list, &lab_element_type,
                         weir_list_at(from, &lab_element_type, i));
    }
}

/* In the order of merging; who prints it sorts by arrival. */
static void list_result(const void *accumulator, const struct weir_window_context *context,
                        void *out, void *user)
{
    (void)user;
    struct lab_result *result = out;
    locate(result, context);
    result->form = LAB_FORM_LIST;
    result->list = ((const struct lab_elements *)accumulator)->list;
}

/* ---- the table ---- */

#define AGGREGATE(NAME, ACCUMULATOR, ADD, MERGE, RESULT, USER)                                     \
    {                                                                                              \
        .name = (NAME), .in_type = &lab_event_type, .accumulator_type = &(ACCUMULATOR),            \
        .out_type = &lab_result_type, .add = (ADD), .merge = (MERGE), .result = (RESULT),          \
        .user = (void *)(USER),                                                                    \
    }

static const struct weir_aggregate aggregates[] = {
    [LAB_COUNT] = AGGREGATE("count", lab_sum_type, count_add, count_merge, count_result, NULL),
    [LAB_SUM] = AGGREGATE("sum", lab_sum_type, sum_add, sum_merge, sum_result, NULL),
    [LAB_MIN] = AGGREGATE("min", lab_pick_type, pick_add, pick_merge, pick_result, &smallest),
    [LAB_MAX] = AGGREGATE("max", lab_pick_type, pick_add, pick_merge, pick_result, &largest),
    [LAB_AVG] = AGGREGATE("avg", lab_sum_type, sum_add, sum_merge, avg_result, NULL),
    [LAB_DISTINCT] = AGGREGATE("distinct", lab_members_type, distinct_add, distinct_merge,
                               distinct_result, NULL),
    [LAB_FIRST] = AGGREGATE("first", lab_pick_type, pick_add, pick_merge, pick_result, &earliest),
    [LAB_LAST] = AGGREGATE("last", lab_pick_type, pick_add, pick_merge, pick_result, &latest),
    [LAB_LIST] = AGGREGATE("list", lab_elements_type, list_add, list_merge, list_result, NULL),
};

const struct weir_aggregate *lab_aggregate_of(enum lab_aggregate name)
{
    return name == LAB_EACH ? NULL : &aggregates[name];
}

/* ---- each ---- */

static void each(const struct weir_window_context *context,
                 const struct weir_window_element *elements, size_t count, weir_collector *out,
                 void *user)
{
    (void)user;
    for (size_t i = 0; i < count; i++) {
        const struct lab_event *event = elements[i].value;
        struct lab_result result = {.form = LAB_FORM_TEXT, .text = event->value};
        locate(&result, context);
        weir_emit(out, &result);
    }
}

const struct weir_window_function lab_each_function = {
    .in_type = &lab_event_type, .out_type = &lab_result_type, .process = each};

/*
 * Visits of a shop: the three aggregates, of events into visits, and of visits into departments and
 * totals.
 */
#include <clickstream/shop_event.h>
#include <clickstream/shop_session.h>

WEIR_DEFINE_TYPE(shop_session, SHOP_SESSION_FIELDS);
WEIR_DEFINE_TYPE(department_count, DEPARTMENT_COUNT_FIELDS);
WEIR_DEFINE_TYPE(shop_totals, SHOP_TOTALS_FIELDS);

/* ---- events into visits; the accumulator is a visit that does not know its user and window yet */

static void add_event(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    struct shop_session *session = accumulator;
    const struct shop_event *event = value;
    (void)timestamp;
    (void)user;
    if (!weir_str_is_null(event->product_type) && !weir_str_equals(event->product_type, "N/A")) {
        session->event_count++;
        weir_string_set_add(&session->departments, event->product_type, 1);
    }
    session->checkouts += weir_str_equals(event->event_type, shop_page_names[SHOP_ORDER_CHECKOUT]);
}

static void merge_sessions(void *accumulator, const void *other, void *user)
{
    struct shop_session *session = accumulator;
    const struct shop_session *more = other;
    (void)user;
    session->event_count += more->event_count;
    session->checkouts += more->checkouts;
    weir_string_set_merge(&session->departments, &more->departments);
}

static void session_result(const void *accumulator, const struct weir_window_context *context,
                           void *out, void *user)
{
    struct shop_session *session = out;
    (void)user;
    *session = *(const struct shop_session *)accumulator;
    session->user_id = *(const int64_t *)context->key;
    session->everybody = 1;
    session->window_start = context->window.start;
    session->window_end = context->window.end;
}

const struct weir_aggregate shop_session_aggregate = {
    .name = "ShopSession",
    .in_type = &shop_event_type,
    .accumulator_type = &shop_session_type,
    .out_type = &shop_session_type,
    .add = add_event,
    .merge = merge_sessions,
    .result = session_result,
};

/* ---- visits into departments */

void shop_session_departments(const void *session, weir_collector *out, void *user)
{
    const struct weir_string_set *departments =
        &((const struct shop_session *)session)->departments;
    (void)user;
    for (uint32_t i = 0; i < weir_string_set_size(departments); i++) {
        const struct department_count visit = {
            .department = weir_string_set_at(departments, i, NULL), .sessions = 1};
        weir_emit(out, &visit);
    }
}

#define VISITS_FIELDS(F, T) F(T, int64, sessions, "sessions", required)
WEIR_DECLARE_TYPE(visits, VISITS_FIELDS);
WEIR_DEFINE_TYPE(visits, VISITS_FIELDS);

static void add_visits(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    const struct department_count *count = value;
    (void)timestamp;
    (void)user;
    ((struct visits *)accumulator)->sessions += count->sessions;
}

static void merge_visits(void *accumulator, const void *other, void *user)
{
    (void)user;
    ((struct visits *)accumulator)->sessions += ((const struct visits *)other)->sessions;
}

static void department_result(const void *accumulator, const struct weir_window_context *context,
                              void *out, void *user)
{
    (void)user;
    *(struct department_count *)out = (struct department_count){
        .department = *(const struct weir_str *)context->key,
        .sessions = ((const struct visits *)accumulator)->sessions,
        .window_start = context->window.start,
        .window_end = context->window.end,
    };
}

const struct weir_aggregate department_count_aggregate = {
    .name = "DepartmentCount",
    .in_type = &department_count_type,
    .accumulator_type = &visits_type,
    .out_type = &department_count_type,
    .add = add_visits,
    .merge = merge_visits,
    .result = department_result,
};

/* ---- visits into totals */

static void add_session(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    struct shop_totals *totals = accumulator;
    (void)timestamp;
    (void)user;
    totals->sessions++;
    totals->buyers += ((const struct shop_session *)value)->checkouts > 0;
}

static void merge_totals(void *accumulator, const void *other, void *user)
{
    struct shop_totals *totals = accumulator;
    const struct shop_totals *more = other;
    (void)user;
    totals->sessions += more->sessions;
    totals->buyers += more->buyers;
}

static void totals_result(const void *accumulator, const struct weir_window_context *context,
                          void *out, void *user)
{
    struct shop_totals *totals = out;
    (void)user;
    *totals = *(const struct shop_totals *)accumulator;
    int64_t percent = totals->sessions > 0 ? totals->buyers * 100 / totals->sessions : 0;
    totals->percent = (double)percent;
    totals->window_start = context->window.start;
    totals->window_end = context->window.end;
}

const struct weir_aggregate shop_totals_aggregate = {
    .name = "ShopTotals",
    .in_type = &shop_session_type,
    .accumulator_type = &shop_totals_type,
    .out_type = &shop_totals_type,
    .add = add_session,
    .merge = merge_totals,
    .result = totals_result,
};

/*
 * Sales a window: the aggregate that counts purchases.
 */
#include <clickstream/sales.h>

WEIR_DEFINE_TYPE(purchase, PURCHASE_FIELDS);
WEIR_DEFINE_TYPE(sales, SALES_FIELDS);

static void add(void *accumulator, const void *value, int64_t timestamp, void *user)
{
    int64_t *purchases = accumulator;
    (void)value;
    (void)timestamp;
    (void)user;
    ++*purchases;
}

static void merge(void *accumulator, const void *other, void *user)
{
    int64_t *purchases = accumulator;
    const int64_t *more = other;
    (void)user;
    *purchases += *more;
}

static void result(const void *accumulator, const struct weir_window_context *context, void *out,
                   void *user)
{
    const struct weir_str *page = context->key;
    const int64_t *purchases = accumulator;
    struct sales *sales = out;
    (void)user;
    *sales = (struct sales){*page, *purchases, context->window.start, context->window.end};
}

const struct weir_aggregate sales_aggregate = {
    .name = "Sales",
    .in_type = &purchase_type,
    .accumulator_type = &weir_int64_type,
    .out_type = &sales_type,
    .add = add,
    .merge = merge,
    .result = result,
};

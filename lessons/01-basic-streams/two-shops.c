/*
 * Lesson 1: two streams become one.
 *
 *     north ─┐
 *            ├─▶ union ─▶ a line each
 *     south ─┘
 *
 * Each shop's till counts its sales: N1, N2, … and S1, S2, …. The union has all of them; how they
 * are mixed is nobody's promise.
 */
#include <clickstream/balance.h>
#include <weir/weir.h>

#include <stdio.h>

#define SALE_FIELDS(F, T)                                                                          \
    F(T, string, shop, "shop", required)                                                           \
    F(T, int64, number, "number", required)
WEIR_DECLARE_TYPE(sale, SALE_FIELDS);
WEIR_DEFINE_TYPE(sale, SALE_FIELDS);

/* Makes the sale number index + 1 of a shop; a generator source calls it until `count`. */
static bool next_sale(int64_t index, void *value, int64_t *timestamp, void *user)
{
    struct sale *sale = value;
    (void)timestamp;
    sale->shop = weir_str_from(user);
    sale->number = index + 1;
    return true;
}

static weir_stream *till(weir_env *env, const char *name, char *letter, int64_t sales)
{
    struct weir_generator_source_config config = {
        .name = name, .type = &sale_type, .next = next_sale, .user = letter, .count = sales};
    return weir_set_parallelism(weir_from_source(env, weir_generator_source(&config)), 1);
}

static void sale_line(const void *value, char *text, size_t size, void *user)
{
    const struct sale *sale = value;
    (void)user;
    snprintf(text, size, "%.*s%lld", WEIR_STR_ARG(sale->shop), (long long)sale->number);
}

static void print_summary(weir_env *env, void *user)
{
    (void)user;
    const struct balance_line lines[] = {
        {"printed", weir_metric(env, "Print", "numRecordsIn"), false},
        {0},
    };
    balance_print(env,
                  weir_metric(env, "north", "numRecordsOut") +
                      weir_metric(env, "south", "numRecordsOut"),
                  lines);
}

int main(int argc, char **argv)
{
    static char n[] = "N";
    static char s[] = "S";
    weir_env *env = weir_env_new("two-shops", argc, argv);
    weir_env_about(env, "Unites the sales of two shops.");
    int64_t sales = weir_option_int(env, "sales", 4, 1, 1000000, "sales of each shop");

    weir_stream *all = weir_union(till(env, "north", n, sales), till(env, "south", s, sales));
    weir_sink_to(all, weir_print_lines(&(struct weir_print_config){.write = sale_line}));

    weir_env_on_finish(env, print_summary, NULL);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

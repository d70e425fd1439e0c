/*
 * Lesson 1: one stream, several subtasks.
 *
 *     clicks ─▶ spread over the subtasks ─▶ purchases only ─▶ who bought what ─▶ a line each
 *
 * Reads clicks from a file of JSON lines (or from Kafka) and prints what was bought. The clicks are
 * dealt out like cards, or so that all clicks of a user meet in one subtask
 * (--by-user).
 */
#include <clickstream/balance.h>
#include <clickstream/click_event.h>
#include <clickstream/input.h>
#include <weir/weir.h>

/* What we want to know of a purchase: a type of our own. */
#define PURCHASE_FIELDS(F, T)                                                                      \
    F(T, string, user, "user", required)                                                           \
    F(T, string, product, "product", nullable)                                                     \
    F(T, int64, at, "at", required)
WEIR_DECLARE_TYPE(purchase, PURCHASE_FIELDS);
WEIR_DEFINE_TYPE(purchase, PURCHASE_FIELDS);

static bool is_purchase(const void *value, void *user)
{
    const struct click_event *click = value;
    (void)user;
    return weir_str_equals(click->event_type, "PURCHASE");
}

static void to_purchase(const void *value, void *out, void *user)
{
    const struct click_event *click = value;
    struct purchase *purchase = out;
    (void)user;
    purchase->user = click->user_id;
    purchase->product = click->product_id;
    purchase->at = click->timestamp;
}

/* Hands on what comes: it is here because of what happens on the way to it. */
static void pass(const void *value, weir_context *context, weir_collector *out, void *user)
{
    (void)context;
    (void)user;
    weir_emit(out, value);
}

static weir_stream *spread(weir_env *env, weir_stream *clicks)
{
    static const struct weir_process_function by_user = {.name = "by user",
                                                         .in_type = &click_event_type,
                                                         .out_type = &click_event_type,
                                                         .process = pass};
    if (weir_option_flag(env, "by-user", "spreads by user instead of evenly")) {
        return weir_keyed_process(weir_key_by(clicks, WEIR_FIELD(click_event, user_id)), &by_user);
    }
    return weir_rebalance(clicks);
}

static void print_summary(weir_env *env, void *user)
{
    (void)user;
    int64_t dead = weir_metric(env, "events", "numDeadLetters");
    int64_t seen = weir_metric(env, "purchases only", "numRecordsIn");
    int64_t bought = weir_metric(env, "purchases only", "numRecordsOut");
    const struct balance_line lines[] = {
        {"no purchase", seen - bought, false},
        {"printed", weir_metric(env, "Print", "numRecordsIn"), false},
        {"dead letters", dead, false},
        {0},
    };
    balance_print(env, weir_metric(env, "events", "numRecordsOut") + dead, lines);
}

int main(int argc, char **argv)
{
    weir_env *env = weir_env_new("purchases", argc, argv);
    weir_env_about(env, "Prints what is bought.");
    weir_env_example(env, "purchases --input clicks.jsonl -p 2 --by-user");
    struct clickstream_input input = clickstream_input(env, "click-stream", 0);

    weir_stream *clicks = clickstream_read(env, &input, weir_json(&click_event_type));
    weir_stream *bought = weir_filter(spread(env, clicks), "purchases only", is_purchase, NULL);
    weir_stream *purchases = weir_map(bought, "who and what", &purchase_type, to_purchase, NULL);
    weir_sink_to(purchases, weir_print("BOUGHT"));

    weir_env_on_finish(env, print_summary, NULL);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

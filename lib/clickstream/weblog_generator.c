/*
 * The web log's generator (see <clickstream/weblog_generator.h>).
 */
#include "draw.h"

#include <clickstream/weblog_generator.h>

#include <assert.h>
#include <stdio.h>

/* Never renumber: the bytes of a seed depend on it. */
enum purpose { DRAW_CLIENT = 600, DRAW_PORT, DRAW_PAGE, DRAW_FAILED, DRAW_TIMES, DRAW_HABITS };

enum { FAILED_OF_10000 = 100 };

static const char *const agents[] = {
    "Mozilla/5.0 (Windows NT 6.1; WOW64) Chrome/43.0.2357.134 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 4.4.2) Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 8_4) Mobile/12H143",
    "Mozilla/5.0 (X11; Linux x86_64) Firefox/39.0",
    "App \"Shop\" 2.1 (quotes \"as they come\")",
};

/* The square of a uniform number: the first quarter of the clients makes half of the requests. */
static uint64_t draw_client(const struct weblog_generator *generator, uint64_t index)
{
    double unit = draw_unit(generator->seed, index, DRAW_CLIENT);
    return (uint64_t)(unit * unit * generator->users);
}

/* Seconds with microseconds, up to `most_us`. */
static double draw_seconds(uint64_t *bits, uint64_t most_us)
{
    double seconds = (double)(*bits % most_us) / 1e6;
    *bits /= most_us;
    return seconds;
}

static void add_outcome(const struct weblog_generator *generator, uint64_t index,
                        struct elb_request *request)
{
    uint64_t bits = click_generator_draw(generator->seed, index, DRAW_TIMES);
    if (draw_below(generator->seed, index, DRAW_FAILED, 10000) < FAILED_OF_10000) {
        request->request_time = request->backend_time = request->response_time = -1;
        request->elb_status = 504;
        return;
    }
    request->backend_ip = bits % 2 == 0 ? WEIR_STR("10.0.6.158") : WEIR_STR("10.0.4.244");
    request->backend_port = 80;
    request->request_time = draw_seconds(&bits, 100);
    request->backend_time = draw_seconds(&bits, 250000);
    request->response_time = draw_seconds(&bits, 100);
    request->elb_status = request->backend_status = bits % 50 == 0 ? 404 : 200;
    request->sent_bytes = (int64_t)(200 + bits / 50 % 30000);
}

void weblog_generator_event(struct weblog_generator *generator, uint64_t index,
                            int64_t timestamp_us, struct elb_request *request)
{
    assert(generator->users >= 1 && generator->pages >= 1);
    uint64_t client = draw_client(generator, index);
    uint64_t habits = click_generator_draw(generator->seed, client, DRAW_HABITS);
    uint64_t agent = habits % 100 < 3 ? 4 : habits % 100 < 5 ? 5 : habits / 100 % 4;
    uint64_t page = draw_below(generator->seed, index, DRAW_PAGE, (uint64_t)generator->pages);
    snprintf(generator->client_ip, sizeof generator->client_ip, "198.%d.%d.%d",
             (int)(18 + client / 65536 % 2), (int)(client / 256 % 256), (int)(client % 256));
    snprintf(generator->url, sizeof generator->url, "https://shop.example:443%s",
             click_generator_page((int32_t)page));
    *request = (struct elb_request){
        .timestamp = timestamp_us / 1000,
        .micros = timestamp_us,
        .elb = WEIR_STR("market-shop"),
        .client_ip = weir_str_from(generator->client_ip),
        .client_port = (int64_t)(1024 + draw_below(generator->seed, index, DRAW_PORT, 64512)),
        .method = WEIR_STR("GET"),
        .url = weir_str_from(generator->url),
        .protocol = WEIR_STR("HTTP/1.1"),
        .user_agent = agent == 5 ? (struct weir_str){NULL, 0} : weir_str_from(agents[agent]),
        .ssl_cipher = WEIR_STR("ECDHE-RSA-AES128-GCM-SHA256"),
        .ssl_protocol = WEIR_STR("TLSv1.2"),
    };
    add_outcome(generator, index, request);
}

/*
 * Lesson 1: a stream, from its first value to its last.
 *
 *     URLs ─▶ shop pages ─▶ paths ─▶ words ─▶ a line each
 *     (a collection) filter     map      flat map
 *
 * Takes a few URLs from an array, or lines from a port of this machine, keeps those of the shop,
 * cuts the host off, and splits what is left into words.
 */
#include <weir/weir.h>

#include <stdio.h>
#include <string.h>

static const char shop[] = "https://shop.example/";

/* Filter: yes or no, for each value. */
static bool is_shop(const void *value, void *user)
{
    const struct weir_str *url = value;
    (void)user;
    return weir_str_starts_with(*url, shop);
}

/* Map: one value in, one value out. The path is a view of the URL: nothing is copied. */
static void path_of(const void *value, void *out, void *user)
{
    const struct weir_str *url = value;
    struct weir_str *path = out;
    uint32_t skip = (uint32_t)strlen(shop);
    (void)user;
    path->data = url->data + skip;
    path->len = url->len - skip;
}

/* Flat map: one value in, any number out; none for an empty path. */
static void words_of(const void *value, weir_collector *out, void *user)
{
    const struct weir_str *path = value;
    (void)user;
    for (uint32_t at = 0; at < path->len;) {
        const char *slash = memchr(path->data + at, '/', path->len - at);
        uint32_t end = slash != NULL ? (uint32_t)(slash - path->data) : path->len;
        struct weir_str word = {path->data + at, end - at};
        weir_emit(out, &word);
        at = end + 1;
    }
}

static void print_summary(weir_env *env, void *user)
{
    (void)user;
    printf("\n%lld URLs in, %lld of the shop, %lld words out\n",
           (long long)weir_metric(env, "urls", "numRecordsOut"),
           (long long)weir_metric(env, "shop", "numRecordsOut"),
           (long long)weir_metric(env, "words", "numRecordsOut"));
}

int main(int argc, char **argv)
{
    const struct weir_str urls[] = {
        WEIR_STR("https://shop.example/category/audio/sale"),
        WEIR_STR("https://blog.example/post-07"),
        WEIR_STR("https://shop.example/home"),
        WEIR_STR("https://shop.example/"),
    };
    weir_env *env = weir_env_new("first-stream", argc, argv);
    weir_env_about(env, "Splits the URLs of a shop into words.");

    int port = (int)weir_option_int(env, "port", 0, 0, 65535, "reads lines from this port instead");

    weir_source *source =
        port == 0 ? weir_collection_source(&weir_string_type, urls, sizeof urls / sizeof urls[0])
                  : weir_socket_source(&(struct weir_socket_source_config){
                        .port = port, .format = weir_text(), .once = true});
    weir_stream *all = weir_set_name(weir_from_source(env, source), "urls");
    weir_stream *ours = weir_filter(all, "shop", is_shop, NULL);
    weir_stream *paths = weir_map(ours, "paths", &weir_string_type, path_of, NULL);
    weir_stream *words = weir_flat_map(paths, "words", &weir_string_type, words_of, NULL);
    weir_sink_to(words, weir_print(NULL));

    weir_env_on_finish(env, print_summary, NULL);
    int code = weir_execute(env);
    weir_env_free(env);
    return code;
}

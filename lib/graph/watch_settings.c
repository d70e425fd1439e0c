/*
 * Settings for whoever watches a running job.
 */
#include "graph/settings.h"

#include "base/log.h"

static const struct weir__option rest_option = {"rest",
                                                0,
                                                WEIR__OPTION_FLAG,
                                                NULL,
                                                "answer HTTP requests about the job, as Flink does",
                                                NULL,
                                                NULL,
                                                false};
static const struct weir__option port_option = {
    "rest-port",
    0,
    WEIR__OPTION_VALUE,
    "PORT",
    "the same, on another port of this machine; 0: a free one",
    "8081",
    NULL,
    false};
static const struct weir__option cancel_option = {
    "rest-allow-cancel",
    0,
    WEIR__OPTION_FLAG,
    NULL,
    "let a request cancel the job (PATCH /jobs/ID?mode=cancel)",
    NULL,
    NULL,
    false};

static const struct weir__option level_option = {
    "log-level",
    0,
    WEIR__OPTION_VALUE,
    "LEVEL",
    "how much is said on stderr: error, warning, info or debug",
    "info",
    "WEIR_LOG_LEVEL",
    false};
static const struct weir__option format_option = {"log-format",
                                                  0,
                                                  WEIR__OPTION_VALUE,
                                                  "FORMAT",
                                                  "text, or json: an object a line",
                                                  "text",
                                                  "WEIR_LOG_FORMAT",
                                                  false};

static void read_log(struct weir__options *options)
{
    static const char *const levels[] = {"error", "warning", "info", "debug", NULL};
    static const char *const formats[] = {"text", "json", NULL};
    struct weir__option_value value;
    if (weir__options_get(options, &level_option, &value)) {
        weir__log_set_level(
            (enum weir__log_level)weir__setting_choice(options, &value, levels, WEIR__LOG_INFO));
    }
    if (weir__options_get(options, &format_option, &value)) {
        weir__log_set_json(weir__setting_choice(options, &value, formats, 0) == 1);
    }
}

void weir__setting_watch(struct weir__settings *settings, struct weir__options *options)
{
    struct weir__option_value value;
    int64_t port = 8081;
    settings->rest.wanted = weir__options_get(options, &rest_option, &value);
    if (weir__options_get(options, &port_option, &value) &&
        weir__setting_integer(options, &value, 0, 65535, &port)) {
        settings->rest.wanted = true;
    }
    settings->rest.port = (uint16_t)port;
    settings->rest.allow_cancel = weir__options_get(options, &cancel_option, &value);
    read_log(options);
}

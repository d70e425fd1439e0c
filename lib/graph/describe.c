/*
 * What window and watermark operators say about themselves: a line for people, and JSON members for the visualizer.
 *
 *     "window":{"assigner":"sliding","domain":"event","size":300000,"slide":10000,"offset":0,"gap":0,"lateness":0,"trigger":"default"}
 *     "watermarks":{"kind":"bounded","bound":30000,"interval":200,"idle":0}
 */
#include "base/buf.h"
#include "base/mem.h"
#include "graph/build.h"

#include <inttypes.h>

static const char *assigner_name(enum weir_assigner_kind kind)
{
    switch (kind) {
    case WEIR_ASSIGN_TUMBLING:
        return "tumbling";
    case WEIR_ASSIGN_SLIDING:
        return "sliding";
    case WEIR_ASSIGN_SESSION:
        return "session";
    case WEIR_ASSIGN_DYNAMIC_SESSION:
        return "dynamic-session";
    case WEIR_ASSIGN_GLOBAL:
        return "global";
    }
    return "";
}

/* The names of `weir lab --trigger`. */
static const char *trigger_name(enum weir_trigger_kind kind)
{
    switch (kind) {
    case WEIR_TRIGGER_DEFAULT:
        return "default";
    case WEIR_TRIGGER_EVENT_TIME:
        return "event-time";
    case WEIR_TRIGGER_PROCESSING_TIME:
        return "processing-time";
    case WEIR_TRIGGER_COUNT:
        return "count";
    case WEIR_TRIGGER_CONTINUOUS_EVENT_TIME:
        return "continuous-event-time";
    case WEIR_TRIGGER_CONTINUOUS_PROCESSING_TIME:
        return "continuous-processing-time";
    case WEIR_TRIGGER_DELTA:
        return "delta";
    case WEIR_TRIGGER_END_OF_STREAM:
        return "end-of-stream";
    case WEIR_TRIGGER_NEVER:
        return "never";
    case WEIR_TRIGGER_CUSTOM:
        return "custom";
    }
    return "";
}

static char *window_text(const struct weir_window_config *config)
{
    const struct weir_window_assigner *assigner = &config->assigner;
    const char *domain = assigner->processing_time ? "processing time" : "event time";
    char size[24];
    char slide[24];
    char gap[24];
    weir_duration_format(assigner->size_ms, size, sizeof(size));
    weir_duration_format(assigner->slide_ms, slide, sizeof(slide));
    weir_duration_format(assigner->gap_ms, gap, sizeof(gap));
    switch (assigner->kind) {
    case WEIR_ASSIGN_TUMBLING:
        return weir__asprintf("tumbling %s, %s", size, domain);
    case WEIR_ASSIGN_SLIDING:
        return weir__asprintf("sliding %s by %s, %s", size, slide, domain);
    case WEIR_ASSIGN_SESSION:
        return weir__asprintf("session gap %s, %s", gap, domain);
    case WEIR_ASSIGN_DYNAMIC_SESSION:
        return weir__asprintf("session gap by event, %s", domain);
    case WEIR_ASSIGN_GLOBAL:
        return weir__strdup("global window");
    }
    return NULL;
}

void weir__describe_window(struct weir__transformation *transformation,
                           const struct weir_window_config *config)
{
    const struct weir_window_assigner *assigner = &config->assigner;
    transformation->about = window_text(config);
    transformation->detail = weir__asprintf(
        "\"window\":{\"assigner\":\"%s\",\"domain\":\"%s\",\"size\":%" PRId64 ",\"slide\":%" PRId64
        ",\"offset\":%" PRId64 ",\"gap\":%" PRId64 ",\"lateness\":%" PRId64 ",\"trigger\":\"%s\"}",
        assigner_name(assigner->kind), assigner->processing_time ? "processing" : "event",
        assigner->size_ms, assigner->slide_ms, assigner->offset_ms, assigner->gap_ms,
        config->allowed_lateness_ms, trigger_name(config->trigger.kind));
}

static const char *strategy_name(enum weir_watermark_kind kind)
{
    switch (kind) {
    case WEIR_WATERMARK_NONE:
        return "none";
    case WEIR_WATERMARK_BOUNDED:
        return "bounded";
    case WEIR_WATERMARK_PUNCTUATED:
        return "punctuated";
    }
    return "";
}

void weir__describe_watermarks(struct weir__transformation *transformation,
                               const struct weir_watermark_strategy *strategy,
                               const struct weir_field *timestamp)
{
    char bound[24];
    weir_duration_format(strategy->bound_ms, bound, sizeof(bound));
    bool bounded = strategy->kind == WEIR_WATERMARK_BOUNDED;
    transformation->about =
        weir__asprintf("%s%s%s, time from %s", strategy_name(strategy->kind), bounded ? " " : "",
                       bounded ? bound : "", timestamp != NULL ? timestamp->name : "the source");
    transformation->detail =
        weir__asprintf("\"watermarks\":{\"kind\":\"%s\",\"bound\":%" PRId64 ",\"interval\":%" PRId64
                       ",\"idle\":%" PRId64 "}",
                       strategy_name(strategy->kind), strategy->bound_ms,
                       strategy->interval_ms == 0 ? INT64_C(200) : strategy->interval_ms,
                       strategy->idle_timeout_ms);
}

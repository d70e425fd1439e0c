/*
 * What window and watermark operators say about themselves in the plan: a line for people. The
 * visualizer's settings come from the factories.
 */
#include "base/mem.h"
#include "graph/build.h"

char *weir__describe_window(const struct weir_window_config *config)
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
        return weir__asprintf("tumbling %s, %s%s", size, domain,
                              assigner->stagger != WEIR_STAGGER_ALIGNED ? ", staggered" : "");
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

static const char *strategy_name(enum weir_watermark_kind kind)
{
    switch (kind) {
    case WEIR_WATERMARK_NONE:
        return "none";
    case WEIR_WATERMARK_BOUNDED:
        return "bounded";
    case WEIR_WATERMARK_PUNCTUATED:
        return "punctuated";
    case WEIR_WATERMARK_INGESTION:
        return "ingestion";
    }
    return "";
}

char *weir__describe_watermarks(const struct weir_watermark_strategy *strategy,
                                const struct weir_field *timestamp)
{
    char bound[24];
    weir_duration_format(strategy->bound_ms, bound, sizeof(bound));
    bool bounded = strategy->kind == WEIR_WATERMARK_BOUNDED;
    const char *from = strategy->kind == WEIR_WATERMARK_INGESTION ? "the clock"
                       : timestamp != NULL                        ? timestamp->name
                                                                  : "the source";
    bool aligned = strategy->alignment_group != NULL;
    char drift[24];
    weir_duration_format(strategy->max_drift_ms, drift, sizeof(drift));
    return weir__asprintf(
        "%s%s%s, time from %s%s%s%s%s", strategy_name(strategy->kind), bounded ? " " : "",
        bounded ? bound : "", from, aligned ? ", at most " : "", aligned ? drift : "",
        aligned ? " ahead of group " : "", aligned ? strategy->alignment_group : "");
}

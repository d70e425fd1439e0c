/*
 * Histograms by source.
 */
#include "operator/latency.h"

#include "base/mem.h"
#include "base/vec.h"
#include "metrics/metrics.h"

#include <weir/time.h>

#include <stdio.h>

_Static_assert((int)WEIR__LATENCY_LONGEST_HISTORY == (int)WEIR__HISTOGRAM_WINDOW,
               "a histogram must hold it");

/* Where markers come from, and what they took. */
struct way {
    int32_t source; /* 0: any */
    int32_t subtask;
    struct weir__histogram *histogram; /* the group's */
};

struct weir__latency {
    const struct weir__latency_settings *settings;
    int vertex;
    int place;
    int subtask;
    int64_t due_ms; /* a source: of the next marker */
    int64_t arrived;
    struct weir__vec ways; /* of struct way: few */
    struct weir__metric_group *group;
};

struct weir__latency *weir__latency_new(const struct weir__latency_settings *settings, int vertex,
                                        int place, int subtask)
{
    struct weir__latency *latency = WEIR__NEW(struct weir__latency);
    latency->settings = settings;
    latency->vertex = vertex;
    latency->place = place;
    latency->subtask = subtask;
    latency->due_ms = WEIR_TIME_MIN;
    latency->ways = WEIR__VEC_OF(struct way);
    latency->group = weir__metric_group_new();
    return latency;
}

void weir__latency_free(struct weir__latency *latency)
{
    if (latency != NULL) {
        weir__vec_fini(&latency->ways);
        weir__metric_group_free(latency->group);
        weir__free(latency);
    }
}

bool weir__latency_due(struct weir__latency *latency, int64_t now_ms, int64_t now_ns,
                       struct weir__latency_marker *marker)
{
    int64_t interval_ms = latency->settings->interval_ms;
    bool set_back = latency->due_ms > weir_time_add(now_ms, interval_ms);
    if (now_ms < latency->due_ms && !set_back) {
        return false;
    }
    latency->due_ms = weir_time_add(now_ms, interval_ms);
    *marker = (struct weir__latency_marker){now_ns, latency->vertex, latency->subtask};
    return true;
}

static struct weir__histogram *make_histogram(const struct weir__latency *latency,
                                              const struct way *way)
{
    char source[64] = "";
    switch (latency->settings->granularity) {
    case WEIR__LATENCY_SINGLE:
        break;
    case WEIR__LATENCY_OPERATOR:
        snprintf(source, sizeof(source), "source_id.%d_0.", way->source);
        break;
    case WEIR__LATENCY_SUBTASK:
        snprintf(source, sizeof(source), "source_id.%d_0.source_subtask_index.%d.", way->source,
                 way->subtask);
        break;
    }
    char name[160];
    snprintf(name, sizeof(name), "latency.%soperator_id.%d_%d.operator_subtask_index.%d.latency",
             source, latency->vertex, latency->place, latency->subtask);
    struct weir__histogram *histogram = weir__metric_histogram(latency->group, name);
    histogram->window = latency->settings->history;
    return histogram;
}

static const struct way *way_of(struct weir__latency *latency,
                                const struct weir__latency_marker *marker)
{
    enum weir__latency_granularity granularity = latency->settings->granularity;
    struct way way = {.source = granularity != WEIR__LATENCY_SINGLE ? marker->source : 0,
                      .subtask = granularity == WEIR__LATENCY_SUBTASK ? marker->subtask : 0};
    for (size_t i = 0; i < latency->ways.count; i++) {
        const struct way *known = weir__vec_at(&latency->ways, i);
        if (known->source == way.source && known->subtask == way.subtask) {
            return known;
        }
    }
    way.histogram = make_histogram(latency, &way);
    weir__vec_push(&latency->ways, &way);
    return weir__vec_at(&latency->ways, latency->ways.count - 1);
}

void weir__latency_arrived(struct weir__latency *latency, const struct weir__latency_marker *marker,
                           int64_t now_ns)
{
    const double ns_a_ms = 1e6;
    latency->arrived++;
    weir__histogram_add(way_of(latency, marker)->histogram,
                        (double)(now_ns - marker->marked_ns) / ns_a_ms);
}

int64_t weir__latency_count(const struct weir__latency *latency)
{
    return latency->arrived;
}

struct weir__metric_group *weir__latency_group(const struct weir__latency *latency)
{
    return latency->group;
}

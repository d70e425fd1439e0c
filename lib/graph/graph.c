/*
 * The graph's storage: transformations and stream handles.
 */
#include "graph/graph.h"

#include "base/mem.h"
#include "graph/build.h"

#include <string.h>

const char *weir__partition_name(enum weir__partition partition)
{
    switch (partition) {
    case WEIR__FORWARD:
        return "forward";
    case WEIR__HASH:
        return "hash";
    case WEIR__REBALANCE:
        return "rebalance";
    case WEIR__BROADCAST:
        return "broadcast";
    case WEIR__RESCALE:
        return "rescale";
    case WEIR__CUSTOM:
        return "custom";
    }
    return "";
}

void weir__rescale_range(int sender, int senders, int receivers, int *first, int *end)
{
    if (senders < receivers) {
        *first = (sender * receivers + senders - 1) / senders;
        *end = ((sender + 1) * receivers + senders - 1) / senders;
        return;
    }
    /* Receiver r reads senders [r * senders / receivers, (r + 1) * senders / receivers). */
    *first = ((sender + 1) * receivers - 1) / senders;
    *end = *first + 1;
}

void weir__graph_init(struct weir__graph *graph)
{
    graph->transformations = WEIR__VEC_OF(struct weir__transformation *);
    graph->streams = WEIR__VEC_OF(struct weir_keyed_stream *);
}

static void transformation_free(struct weir__transformation *transformation)
{
    if (transformation->factory != NULL && transformation->factory->free != NULL) {
        transformation->factory->free(transformation->factory);
    }
    for (size_t i = 0; i < transformation->side_count; i++) {
        weir__free(transformation->sides[i].name);
    }
    weir__free(transformation->sides);
    weir__free(transformation->inputs);
    weir__free(transformation->name);
    weir__free(transformation->uid);
    weir__free(transformation->state_id);
    weir__free(transformation->about);
    weir__free(transformation);
}

void weir__graph_fini(struct weir__graph *graph)
{
    for (size_t i = 0; i < graph->transformations.count; i++) {
        transformation_free(weir__graph_at(graph, i));
    }
    for (size_t i = 0; i < graph->streams.count; i++) {
        struct weir_keyed_stream *stream =
            *(struct weir_keyed_stream **)weir__vec_at(&graph->streams, i);
        weir__free(stream->stream.edges);
        weir__free(stream);
    }
    weir__vec_fini(&graph->transformations);
    weir__vec_fini(&graph->streams);
}

/* How many before this one have its name. */
static int namesakes(const struct weir__graph *graph, size_t index)
{
    int count = 0;
    for (size_t i = 0; i < index; i++) {
        count += strcmp(weir__graph_at(graph, i)->name, weir__graph_at(graph, index)->name) == 0;
    }
    return count;
}

static char *state_id(const struct weir__graph *graph, size_t index)
{
    const struct weir__transformation *transformation = weir__graph_at(graph, index);
    if (transformation->uid != NULL) {
        return weir__strdup(transformation->uid);
    }
    int before = namesakes(graph, index);
    return before == 0 ? weir__strdup(transformation->name)
                       : weir__asprintf("%s#%d", transformation->name, before + 1);
}

bool weir__graph_name_states(struct weir__graph *graph, const struct weir__transformation **first,
                             const struct weir__transformation **second)
{
    for (size_t i = 0; i < graph->transformations.count; i++) {
        struct weir__transformation *transformation = weir__graph_at(graph, i);
        weir__free(transformation->state_id);
        transformation->state_id = state_id(graph, i);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(weir__graph_at(graph, j)->state_id, transformation->state_id) == 0) {
                *first = weir__graph_at(graph, j);
                *second = transformation;
                return false;
            }
        }
    }
    return true;
}

const struct weir__transformation *weir__stream_transformation(const weir_stream *stream)
{
    return stream != NULL && stream->edge_count == 1 ? stream->edges[0].from : NULL;
}

const struct weir__transformation *weir__keyed_stream_transformation(
    const weir_keyed_stream *stream)
{
    return stream != NULL ? weir__stream_transformation(&stream->stream) : NULL;
}

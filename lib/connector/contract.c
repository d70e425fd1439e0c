/*
 * The heap objects that connectors' constructors return. A job's graph takes them over and frees
 * them with the graph.
 */
#include "base/mem.h"

#include <weir/sink.h>
#include <weir/source.h>

#include <assert.h>

weir_source *weir_source_new(const struct weir_source_ops *ops, const char *name,
                             const struct weir_type *type, void *config)
{
    assert(ops != NULL && ops->reader_new != NULL && ops->open != NULL && ops->poll != NULL &&
           ops->reader_free != NULL);
    weir_source *source = WEIR__NEW(weir_source);
    source->ops = ops;
    source->name = name;
    source->type = type;
    source->config = config;
    return source;
}

weir_sink *weir_sink_new(const struct weir_sink_ops *ops, const char *name,
                         const struct weir_type *type, void *config)
{
    assert(ops != NULL && ops->writer_new != NULL && ops->write != NULL &&
           ops->writer_free != NULL);
    weir_sink *sink = WEIR__NEW(weir_sink);
    sink->ops = ops;
    sink->name = name;
    sink->type = type;
    sink->config = config;
    return sink;
}

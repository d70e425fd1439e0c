/*
 * Everything a stream program needs. Flink's DataStream API in C: streams, event time, watermarks,
 * windows, keyed state, timers, side outputs.
 */
#ifndef WEIR_WEIR_H
#define WEIR_WEIR_H

#include <weir/async.h>
#include <weir/avro.h>
#include <weir/clock.h>
#include <weir/connect.h>
#include <weir/connectors.h>
#include <weir/env.h>
#include <weir/evictor.h>
#include <weir/file_sink.h>
#include <weir/format.h>
#include <weir/opensearch.h>
#include <weir/pattern.h>
#include <weir/process.h>
#include <weir/restart.h>
#include <weir/s3.h>
#include <weir/schema_registry.h>
#include <weir/sink.h>
#include <weir/source.h>
#include <weir/state.h>
#include <weir/state_backend.h>
#include <weir/status.h>
#include <weir/str.h>
#include <weir/stream.h>
#include <weir/time.h>
#include <weir/trigger.h>
#include <weir/type.h>
#include <weir/watermark.h>
#include <weir/window.h>

#endif

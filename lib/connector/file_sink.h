/*
 * The file sink on a table of files of the caller's, or impatient with S3: for tests that break
 * them (see <weir/file_sink.h>).
 */
#ifndef WEIR__CONNECTOR_FILE_SINK_H
#define WEIR__CONNECTOR_FILE_SINK_H

#include "base/files.h"
#include "connector/s3_client.h"

#include <weir/file_sink.h>

/* files: borrowed, outlives the job. */
weir_sink *weir__file_sink(const struct weir_file_sink_config *config, struct weir__files *files);
weir_sink *weir__file_sink_tuned(const struct weir_file_sink_config *config,
                                 const struct weir__s3_tuning *tuning);

#endif

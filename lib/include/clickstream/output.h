/*
 * Where a program's results go: to the terminal, to a file of JSON lines (--out), to a Kafka topic
 * (--to), or to a table of a SQLite file that has the type's name (--db).
 */
#ifndef CLICKSTREAM_OUTPUT_H
#define CLICKSTREAM_OUTPUT_H

#include <weir/connectors.h>
#include <weir/env.h>

/*
 * Reads the options and gives the sink that they name, to be taken by weir_sink_to; the first of
 * --out, --to and --db wins. label: before each line on the terminal; NULL: none. key: of the
 * messages in Kafka, a string or int64 field; NULL: none.
 */
weir_sink *clickstream_output(weir_env *env, const char *label, const struct weir_type *type,
                              const struct weir_field *key);

/*
 * A sink in which each result is once, whatever happens to the job: part files in a folder (--out
 * DIR), or messages of a topic, in transactions (--to). NULL: neither was asked for. key: as above.
 */
weir_sink *clickstream_output_once(weir_env *env, const struct weir_type *type,
                                   const struct weir_field *key);

#endif

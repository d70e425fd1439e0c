/*
 * What a job says about where its Kafka sources begin. The properties are those of Flink's Kafka
 * tables, and win:
 *
 *     scan.startup.mode               group-offsets, earliest-offset, latest-offset, timestamp or
 *                                     specific-offsets
 *     scan.startup.timestamp-millis   with timestamp: epoch ms
 *     scan.startup.specific-offsets   with specific-offsets: partition:0,offset:42;partition:1,…
 */
#include "connector/kafka_start.h"

#include "base/mem.h"
#include "base/vec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MODE      "scan.startup.mode"
#define TIMESTAMP "scan.startup.timestamp-millis"
#define OFFSETS   "scan.startup.specific-offsets"

static const char *const modes[] = {[WEIR_KAFKA_COMMITTED] = "group-offsets",
                                    [WEIR_KAFKA_EARLIEST] = "earliest-offset",
                                    [WEIR_KAFKA_LATEST] = "latest-offset",
                                    [WEIR_KAFKA_TIMESTAMP] = "timestamp",
                                    [WEIR_KAFKA_OFFSETS] = "specific-offsets"};
enum { MODES = sizeof modes / sizeof modes[0] };

/* ---- the program ---- */

static struct weir__kafka_start with_offsets(struct weir__kafka_start start,
                                             const struct weir_kafka_offset *offsets, size_t count)
{
    start.offset_count = count;
    start.offsets = weir__calloc(count > 0 ? count : 1, sizeof *offsets);
    if (count > 0) {
        memcpy(start.offsets, offsets, count * sizeof *offsets);
    }
    return start;
}

struct weir__kafka_start weir__kafka_start_of(const struct weir_kafka_source_config *config)
{
    const struct weir__kafka_start start = {.mode = config->start,
                                            .latest = config->latest,
                                            .timestamp_ms = config->start_timestamp_ms};
    return with_offsets(start, config->start_offsets, config->start_offset_count);
}

void weir__kafka_start_fini(struct weir__kafka_start *start)
{
    weir__free(start->offsets);
}

/* ---- the properties' text ---- */

bool weir__kafka_start_has_setting(const char *key)
{
    return strcmp(key, MODE) == 0 || strcmp(key, TIMESTAMP) == 0 || strcmp(key, OFFSETS) == 0;
}

static bool take_word(const char **at, const char *word)
{
    size_t len = strlen(word);
    bool there = strncmp(*at, word, len) == 0;
    *at += there ? len : 0;
    return there;
}

static bool take_number(const char **at, int64_t max, int64_t *number)
{
    char *end = NULL;
    if (**at < '0' || **at > '9') {
        return false;
    }
    errno = 0;
    long long parsed = strtoll(*at, &end, 10);
    *at = end;
    *number = parsed;
    return errno == 0 && parsed <= max;
}

static bool take_place(const char **at, struct weir_kafka_offset *place)
{
    int64_t partition = 0;
    bool taken = take_word(at, "partition:") && take_number(at, INT32_MAX, &partition) &&
                 take_word(at, ",offset:") && take_number(at, INT64_MAX, &place->offset);
    place->partition = (int32_t)partition;
    return taken;
}

static enum weir_status read_mode(struct weir__kafka_start *start, const char *text,
                                  struct weir_error *error)
{
    for (int i = 0; i < MODES; i++) {
        if (strcmp(text, modes[i]) == 0) {
            start->mode = (enum weir_kafka_start)i;
            return WEIR_OK;
        }
    }
    return weir_error_set(error, WEIR_INVALID, MODE,
                          "expected group-offsets, earliest-offset, latest-offset, timestamp or "
                          "specific-offsets, got \"%.40s\"",
                          text);
}

static enum weir_status read_timestamp(struct weir__kafka_start *start, const char *text,
                                       struct weir_error *error)
{
    const char *at = text;
    if (!take_number(&at, INT64_MAX, &start->timestamp_ms) || *at != '\0') {
        return weir_error_set(error, WEIR_INVALID, TIMESTAMP,
                              "expected milliseconds since 1970, such as 1760000400000, got "
                              "\"%.40s\"",
                              text);
    }
    return WEIR_OK;
}

static enum weir_status read_offsets(struct weir__kafka_start *start, const char *text,
                                     struct weir_error *error)
{
    struct weir__vec places = WEIR__VEC_OF(struct weir_kafka_offset);
    const char *at = text;
    bool read;
    do {
        read = take_place(&at, weir__vec_add(&places));
    } while (read && take_word(&at, ";") && *at != '\0');
    if (!read || *at != '\0') {
        weir__vec_fini(&places);
        return weir_error_set(
            error, WEIR_INVALID, OFFSETS,
            "expected partition:0,offset:42;partition:1,offset:300 and so on, got "
            "\"%.80s\"",
            text);
    }
    weir__kafka_start_fini(start);
    start->offsets = places.items;
    start->offset_count = places.count;
    return WEIR_OK;
}

/* ---- both ---- */

/* A property that belongs to one mode: given without it, it would change nothing; and the mode
 * needs it, unless the program has said the same in C. */
static enum weir_status read_detail(struct weir__kafka_start *start, enum weir_kafka_start mode,
                                    const char *const *properties, const char *key, bool needed,
                                    struct weir_error *error)
{
    const char *text = weir__kafka_property(properties, key);
    if (text != NULL && start->mode != mode) {
        return weir_error_set(error, WEIR_INVALID, key, "goes with %s=%s, and the mode here is %s",
                              MODE, modes[mode], modes[start->mode]);
    }
    if (text == NULL && start->mode == mode && needed) {
        return weir_error_set(error, WEIR_INVALID, MODE, "%s needs -X %s=… too", modes[mode], key);
    }
    if (text == NULL) {
        return WEIR_OK;
    }
    return mode == WEIR_KAFKA_TIMESTAMP ? read_timestamp(start, text, error)
                                        : read_offsets(start, text, error);
}

static enum weir_status check_offsets(const struct weir__kafka_start *start,
                                      struct weir_error *error)
{
    for (size_t i = 0; i < start->offset_count; i++) {
        const struct weir_kafka_offset *place = &start->offsets[i];
        if (place->partition < 0 || place->offset < 0) {
            return weir_error_set(error, WEIR_INVALID, "start_offsets",
                                  "expected partitions and offsets from 0 on, got partition "
                                  "%" PRId32 " offset %" PRId64,
                                  place->partition, place->offset);
        }
        for (size_t j = 0; j < i; j++) {
            if (start->offsets[j].partition == place->partition) {
                return weir_error_set(error, WEIR_INVALID, "start_offsets",
                                      "expected each partition once, got partition %" PRId32
                                      " with offset %" PRId64 " and with offset %" PRId64,
                                      place->partition, start->offsets[j].offset, place->offset);
            }
        }
    }
    return WEIR_OK;
}

static enum weir_status check(const struct weir__kafka_start *start, struct weir_error *error)
{
    if (start->timestamp_ms < 0) {
        return weir_error_set(error, WEIR_INVALID, "start_timestamp_ms",
                              "expected milliseconds since 1970, from 0 on, got %" PRId64,
                              start->timestamp_ms);
    }
    return check_offsets(start, error);
}

enum weir_status weir__kafka_start_choose(const struct weir__kafka_start *program,
                                          const char *const *properties,
                                          struct weir__kafka_start *start, struct weir_error *error)
{
    const char *mode = weir__kafka_property(properties, MODE);
    enum weir_status status = WEIR_OK;
    *start = with_offsets(*program, program->offsets, program->offset_count);
    if (mode != NULL) {
        status = read_mode(start, mode, error);
    }
    bool same = start->mode == program->mode;
    if (status == WEIR_OK) {
        status = read_detail(start, WEIR_KAFKA_TIMESTAMP, properties, TIMESTAMP, !same, error);
    }
    if (status == WEIR_OK) {
        status = read_detail(start, WEIR_KAFKA_OFFSETS, properties, OFFSETS, !same, error);
    }
    return status == WEIR_OK ? check(start, error) : status;
}

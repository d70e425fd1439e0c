/*
 * The state backend: Flink's settings (<weir/state_backend.h> lists them), from the --config file
 * or -X, and the option --state.
 */
#include "graph/settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "state.backend"

enum { MAX_THREADS = 64 };

/* ---- values ---- */

static void read_type(struct weir__settings *settings, struct weir__options *options,
                      const struct weir__option_value *value)
{
    if (strcmp(value->text, "hashmap") == 0 || strcmp(value->text, "heap") == 0) {
        settings->state_backend.type = WEIR_STATE_BACKEND_HASHMAP;
    } else if (strcmp(value->text, "rocksdb") == 0) {
        settings->state_backend.type = WEIR_STATE_BACKEND_ROCKSDB;
    } else {
        weir__options_mistake(options, "%s: expected heap (or hashmap) or rocksdb, got \"%.40s\"",
                              value->where, value->text);
        return;
    }
    settings->state_backend_given = true;
}

static void read_bool(struct weir__options *options, const struct weir__option_value *value,
                      bool *out)
{
    if (strcmp(value->text, "true") != 0 && strcmp(value->text, "false") != 0) {
        weir__options_mistake(options, "%s: expected true or false, got \"%.40s\"", value->where,
                              value->text);
    }
    *out = strcmp(value->text, "true") == 0;
}

/* Flink's memory sizes: a number and a unit, of 1024; without a unit bytes. */
static bool parse_size(const char *text, int64_t *bytes)
{
    static const struct {
        const char *name;
        int shift;
    } units[] = {{"", 0},   {"b", 0},   {"bytes", 0},      {"k", 10}, {"kb", 10}, {"kibibytes", 10},
                 {"m", 20}, {"mb", 20}, {"mebibytes", 20}, {"g", 30}, {"gb", 30}, {"gibibytes", 30},
                 {"t", 40}, {"tb", 40}, {"tebibytes", 40}};
    char *end = NULL;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    char unit[16];
    size_t len = 0;
    while (*end == ' ') {
        end++;
    }
    for (; end[len] != '\0' && len + 1 < sizeof(unit); len++) {
        unit[len] = (char)tolower((unsigned char)end[len]);
    }
    unit[len] = '\0';
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (isdigit((unsigned char)text[0]) && errno == 0 && strcmp(unit, units[i].name) == 0 &&
            number > 0 && number <= INT64_MAX >> units[i].shift) {
            *bytes = number << units[i].shift;
            return true;
        }
    }
    return false;
}

static void read_size(struct weir__options *options, const struct weir__option_value *value,
                      int64_t *bytes)
{
    if (!parse_size(value->text, bytes)) {
        weir__options_mistake(options,
                              "%s: expected a size like 512mb or 1gb, above 0, got \"%.40s\"",
                              value->where, value->text);
    }
}

static void read_threads(struct weir__settings *settings, struct weir__options *options,
                         const struct weir__option_value *value)
{
    int64_t number = 0;
    if (weir__setting_integer(options, value, 1, MAX_THREADS, &number)) {
        settings->state_backend.threads = (int)number;
    }
}

/* ---- keys ---- */

static void read_rocksdb(struct weir__settings *settings, struct weir__options *options,
                         const char *name, const struct weir__option_value *value)
{
    struct weir_state_backend_config *backend = &settings->state_backend;
    bool managed = true;
    if (strcmp(name, "memory.managed") == 0) {
        read_bool(options, value, &managed);
        backend->unmanaged = !managed;
    } else if (strcmp(name, "memory.fixed-per-slot") == 0) {
        read_size(options, value, &backend->fixed_per_slot_bytes);
    } else if (strcmp(name, "block.cache-size") == 0) {
        read_size(options, value, &backend->block_cache_bytes);
    } else if (strcmp(name, "thread.num") == 0) {
        read_threads(settings, options, value);
    } else if (strcmp(name, "localdir") == 0) {
        backend->local_directory = weir__options_keep(options, value->text);
    } else if (strcmp(name, "write-through") == 0) {
        read_bool(options, value, &backend->write_through);
    } else {
        weir__options_mistake(options,
                              "%s: unknown setting " PREFIX ".rocksdb.%.80s; known are "
                              "memory.managed, memory.fixed-per-slot, block.cache-size, "
                              "thread.num, localdir and write-through",
                              value->where, name);
    }
}

bool weir__setting_state(struct weir__settings *settings, struct weir__options *options,
                         const char *key, const struct weir__option_value *value)
{
    static const char rocksdb[] = PREFIX ".rocksdb.";
    if (strcmp(key, PREFIX) == 0 || strcmp(key, PREFIX ".type") == 0) {
        read_type(settings, options, value);
        return true;
    }
    if (strcmp(key, PREFIX ".incremental") == 0) {
        read_bool(options, value, &settings->state_backend.incremental);
        return true;
    }
    if (strncmp(key, rocksdb, strlen(rocksdb)) == 0) {
        read_rocksdb(settings, options, key + strlen(rocksdb), value);
        return true;
    }
    return false;
}

void weir__setting_state_option(struct weir__settings *settings, struct weir__options *options)
{
    static const struct weir__option option = {
        .name = "state",
        .arity = WEIR__OPTION_VALUE,
        .placeholder = "BACKEND",
        .help = "where keyed state lives: heap or rocksdb",
        .fallback = "heap",
    };
    struct weir__option_value value;
    if (weir__options_get(options, &option, &value)) {
        read_type(settings, options, &value);
    }
}

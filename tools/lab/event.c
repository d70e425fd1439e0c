/*
 * Reading lines. What an event must have depends on what is done with it: a count needs no value, a
 * processing-time window no timestamp, and a global window neither.
 */
#include "lab/event.h"

#include "base/escape.h"
#include "lab/json_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

WEIR_DEFINE_TYPE(lab_event, LAB_EVENT_FIELDS);

WEIR_PRINTF(2, 3) static bool reject(struct lab_line *line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    line->kind = LAB_REJECTED;
    vsnprintf(line->reason, sizeof(line->reason), format, arguments);
    va_end(arguments);
    return false;
}

static const char *type_name(const json_t *value)
{
    if (value == NULL) {
        return "nothing";
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number with a fraction or an exponent";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
        return "null";
    }
    return "nothing";
}

/* ---- events ---- */

static bool needs_time(const struct lab_options *options)
{
    return !options->processing_time && options->assigner.kind != WEIR_ASSIGN_GLOBAL;
}

static bool needs_number(const struct lab_options *options)
{
    return options->aggregate == LAB_SUM || options->aggregate == LAB_MIN ||
           options->aggregate == LAB_MAX || options->aggregate == LAB_AVG ||
           options->trigger.kind == WEIR_TRIGGER_DELTA || options->evictor.kind == WEIR_EVICT_DELTA;
}

static bool read_time(const struct lab_options *options, const json_t *time, struct lab_line *line)
{
    line->timestamp = WEIR_TIME_MIN;
    if (time == NULL && !needs_time(options)) {
        return true;
    }
    if (!json_is_integer(time)) {
        return reject(line, "\"%.60s\": expected an integer of epoch ms, got %s", options->time,
                      type_name(time));
    }
    line->timestamp = json_integer_value(time);
    return true;
}

static bool read_key(struct lab_line_reader *reader, const json_t *key, struct lab_line *line)
{
    reader->key.len = 0;
    weir__buf_reserve(&reader->key, 1); /* an empty key is not null */
    if (key == NULL || !lab_put_key(&reader->key, key)) {
        return reject(line, "\"%.60s\": expected a string or a number, got %s",
                      reader->options->key, type_name(key));
    }
    line->event.key = (struct weir_str){reader->key.data, (uint32_t)reader->key.len};
    return true;
}

static bool read_value(struct lab_line_reader *reader, const json_t *value, struct lab_line *line)
{
    const struct lab_options *options = reader->options;
    if (needs_number(options) && !json_is_number(value)) {
        return reject(line, "\"%.60s\": expected a number, got %s", options->value,
                      type_name(value));
    }
    if (value == NULL && options->aggregate != LAB_COUNT) {
        return reject(line, "\"%.60s\": expected a value, got nothing", options->value);
    }
    if (value == NULL) {
        return true;
    }
    reader->value.len = 0;
    lab_put_json(&reader->value, value);
    line->event.value = (struct weir_str){reader->value.data, (uint32_t)reader->value.len};
    line->event.exact = json_is_integer(value);
    line->event.integer = json_integer_value(value);
    line->event.number = json_number_value(value);
    return true;
}

static bool read_gap(const struct lab_options *options, const json_t *gap, struct lab_line *line)
{
    if (options->assigner.kind != WEIR_ASSIGN_DYNAMIC_SESSION) {
        return true;
    }
    if (!json_is_integer(gap)) {
        return reject(line, "\"%.60s\": expected a gap in ms, got %s", options->gap,
                      type_name(gap));
    }
    line->event.gap = json_integer_value(gap);
    return true;
}

static void read_event(struct lab_line_reader *reader, const json_t *object, struct lab_line *line)
{
    const struct lab_options *options = reader->options;
    if (read_key(reader, json_object_get(object, options->key), line) &&
        read_value(reader, json_object_get(object, options->value), line) &&
        read_time(options, json_object_get(object, options->time), line) &&
        read_gap(options, options->gap != NULL ? json_object_get(object, options->gap) : NULL,
                 line)) {
        line->kind = LAB_EVENT;
        line->event.seq = ++reader->seq;
    }
}

/* ---- commands ---- */

static bool read_integer_command(const char *name, const json_t *argument, struct lab_line *line)
{
    if (!json_is_integer(argument)) {
        return reject(line, "\"%s\": expected an integer of epoch ms, got %s", name,
                      type_name(argument));
    }
    line->number = json_integer_value(argument);
    return true;
}

static bool read_boolean_command(const char *name, const json_t *argument, struct lab_line *line)
{
    if (!json_is_boolean(argument)) {
        return reject(line, "\"%s\": expected true or false, got %s", name, type_name(argument));
    }
    line->flag = json_is_true(argument);
    return true;
}

static void read_command(struct lab_line_reader *reader, const char *name, const json_t *argument,
                         struct lab_line *line)
{
    if (strcmp(name, "@watermark") == 0) {
        line->kind = LAB_SET_WATERMARK;
        read_integer_command(name, argument, line);
    } else if (strcmp(name, "@processing_time") == 0) {
        line->kind = LAB_SET_TIME;
        read_integer_command(name, argument, line);
    } else if (strcmp(name, "@snapshot_restore") == 0) {
        line->kind = LAB_SNAPSHOT_RESTORE;
        if (read_boolean_command(name, argument, line) && !line->flag) {
            line->kind = LAB_NOTHING;
        }
    } else if (strcmp(name, "@idle") == 0) {
        line->kind = LAB_IDLE;
        read_boolean_command(name, argument, line);
    } else if (strcmp(name, "@mark") == 0) {
        line->kind = LAB_MARK;
        reader->value.len = 0;
        lab_put_json(&reader->value, argument);
        line->text = (struct weir_str){reader->value.data, (uint32_t)reader->value.len};
    } else {
        char printable[60];
        weir__printable(weir_str_from(name), printable, sizeof(printable));
        reject(line,
               "\"%s\": expected one of @watermark, @processing_time, @snapshot_restore, @idle and "
               "@mark",
               printable);
    }
}

/* The first member whose name begins with an @ makes the line a command. */
static void *find_command(json_t *object)
{
    void *at = json_object_iter(object);
    while (at != NULL && json_object_iter_key(at)[0] != '@') {
        at = json_object_iter_next(object, at);
    }
    return at;
}

static void read_object(struct lab_line_reader *reader, json_t *object, struct lab_line *line)
{
    void *command = find_command(object);
    if (command != NULL) {
        read_command(reader, json_object_iter_key(command), json_object_iter_value(command), line);
    } else {
        read_event(reader, object, line);
    }
}

static bool is_blank(struct weir_str text)
{
    for (uint32_t i = 0; i < text.len; i++) {
        if (text.data[i] != ' ' && text.data[i] != '\t') {
            return false;
        }
    }
    return true;
}

void lab_read_line(struct lab_line_reader *reader, struct weir_str text, struct lab_line *line)
{
    *line = (struct lab_line){.kind = LAB_NOTHING};
    if (is_blank(text)) {
        return;
    }
    json_error_t error;
    json_t *json = json_loadb(text.data, text.len,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (json == NULL) {
        char printable[120];
        weir__printable(weir_str_from(error.text), printable, sizeof(printable));
        bool too_large = json_error_code(&error) == json_error_numeric_overflow;
        reject(line, "column %d: expected %s: %s", error.column,
               too_large ? "integers of 64 bits and numbers that a double holds" : "a JSON object",
               printable);
    } else if (!json_is_object(json)) {
        reject(line, "expected a JSON object, got %s", type_name(json));
    } else {
        read_object(reader, json, line);
    }
    json_decref(json);
}

void lab_line_reader_fini(struct lab_line_reader *reader)
{
    weir__buf_fini(&reader->key);
    weir__buf_fini(&reader->value);
}

/*
 * The log.
 */
#include "base/log.h"

#include "base/escape.h"
#include "base/iso_time.h"

#include <weir/clock.h>

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_int threshold = WEIR__LOG_INFO;
static atomic_bool json_lines;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* under lock */
static void (*line_writer)(enum weir__log_level level, const char *line, void *user);
static void *line_user;

void weir__log_set_level(enum weir__log_level level)
{
    atomic_store(&threshold, (int)level);
}

void weir__log_set_json(bool json)
{
    atomic_store(&json_lines, json);
}

bool weir__log_is_json(void)
{
    return atomic_load_explicit(&json_lines, memory_order_relaxed);
}

void weir__log_set_writer(void (*writer)(enum weir__log_level level, const char *line, void *user),
                          void *user)
{
    pthread_mutex_lock(&lock);
    line_writer = writer;
    line_user = user;
    pthread_mutex_unlock(&lock);
}

static const char *const names[] = {"error", "warning", "info", "debug"};

static void write_line(enum weir__log_level level, const char *line)
{
    pthread_mutex_lock(&lock);
    if (line_writer != NULL) {
        line_writer(level, line, line_user);
    } else {
        fprintf(stderr, "%s\n", line);
    }
    pthread_mutex_unlock(&lock);
}

static void write_text(enum weir__log_level level, const char *message)
{
    char line[1200];
    int prefix = snprintf(line, sizeof(line), "weir: %s: ", names[level]);
    weir__printable(weir_str_from(message), line + prefix, sizeof(line) - (size_t)prefix);
    write_line(level, line);
}

static void write_json(enum weir__log_level level, const char *message)
{
    struct weir__buf line = {0};
    char time[WEIR__ISO_TIME_TEXT];
    weir__iso_time_format_us(weir_clock_ms(&weir_system_clock) * 1000, time);
    weir__buf_printf(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"message\":", time, names[level]);
    weir__buf_put_json_string(&line, weir_str_from(message));
    weir__buf_printf(&line, "}");
    write_line(level, line.data);
    weir__buf_fini(&line);
}

void weir__log(enum weir__log_level level, const char *format, ...)
{
    if ((int)level > atomic_load_explicit(&threshold, memory_order_relaxed)) {
        return;
    }
    char raw[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(raw, sizeof(raw), format, arguments);
    va_end(arguments);
    if (length < 0) {
        return;
    }
    if (weir__log_is_json()) {
        write_json(level, raw);
    } else {
        write_text(level, raw);
    }
}

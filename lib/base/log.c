/*
 * The log.
 */
#include "base/log.h"

#include "base/escape.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_int threshold = WEIR__LOG_INFO;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* under lock */
static void (*line_writer)(enum weir__log_level level, const char *line, void *user);
static void *line_user;

void weir__log_set_level(enum weir__log_level level)
{
    atomic_store(&threshold, (int)level);
}

void weir__log_set_writer(void (*writer)(enum weir__log_level level, const char *line, void *user),
                          void *user)
{
    pthread_mutex_lock(&lock);
    line_writer = writer;
    line_user = user;
    pthread_mutex_unlock(&lock);
}

void weir__log(enum weir__log_level level, const char *format, ...)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
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
    char line[1200];
    int prefix = snprintf(line, sizeof(line), "weir: %s: ", names[level]);
    weir__printable(weir_str_from(raw), line + prefix, sizeof(line) - (size_t)prefix);
    pthread_mutex_lock(&lock);
    if (line_writer != NULL) {
        line_writer(level, line, line_user);
    } else {
        fprintf(stderr, "%s\n", line);
    }
    pthread_mutex_unlock(&lock);
}

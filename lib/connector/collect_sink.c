/*
 * The collect sink: hands every value to a function of the program, one call at a time whatever the
 * parallelism.
 */
#include "base/mem.h"

#include <weir/connectors.h>

#include <pthread.h>

struct config {
    void (*collect)(const void *value, int64_t timestamp, void *user);
    void *user;
    pthread_mutex_t calling;
};

static void *writer_new(const void *config)
{
    return (void *)config; /* all subtasks share it; the mutex in it is all that changes */
}

static enum weir_status writer_open(void *self, const struct weir_sink_context *context,
                                    struct weir_error *error)
{
    (void)self;
    (void)context;
    (void)error;
    return WEIR_OK;
}

static enum weir_status writer_write(void *self, const void *value, int64_t timestamp,
                                     struct weir_error *error)
{
    struct config *config = self;
    (void)error;
    pthread_mutex_lock(&config->calling);
    config->collect(value, timestamp, config->user);
    pthread_mutex_unlock(&config->calling);
    return WEIR_OK;
}

/* What was handed over is the program's: nothing to make durable. */
static enum weir_status writer_flush(void *self, struct weir_error *error)
{
    (void)self;
    (void)error;
    return WEIR_OK;
}

static void writer_free(void *self)
{
    (void)self;
}

static void config_free(void *self)
{
    struct config *config = self;
    pthread_mutex_destroy(&config->calling);
    weir__free(config);
}

static const struct weir_sink_ops collect_ops = {
    .kind = "Collect",
    .writer_new = writer_new,
    .open = writer_open,
    .write = writer_write,
    .flush = writer_flush,
    .writer_free = writer_free,
    .config_free = config_free,
};

weir_sink *weir_collect(void (*collect)(const void *value, int64_t timestamp, void *user),
                        void *user)
{
    struct config *config = WEIR__NEW(struct config);
    config->collect = collect;
    config->user = user;
    pthread_mutex_init(&config->calling, NULL);
    return weir_sink_new(&collect_ops, "Collect", NULL, config);
}

/*
 * The settings that every job has, resolved once: command line, then environment, then file, then
 * default.
 */
#ifndef WEIR__GRAPH_SETTINGS_H
#define WEIR__GRAPH_SETTINGS_H

#include "base/vec.h"
#include "graph/checkpoint_options.h"
#include "graph/options.h"
#include "operator/latency.h"

#include <weir/restart.h>
#include <weir/state_backend.h>
#include <weir/time.h>

#include <stdint.h>

enum weir__scheduler { WEIR__THREADS, WEIR__SIMULATION };
enum weir__plan_format { WEIR__PLAN_NONE, WEIR__PLAN_TEXT, WEIR__PLAN_DOT, WEIR__PLAN_JSON };

/* The REST server of the job. */
struct weir__rest_settings {
    bool wanted;
    uint16_t port; /* on the loopback; 0: a free one */
    bool allow_cancel;
};

struct weir__settings {
    bool help;
    enum weir__plan_format plan;
    int parallelism;        /* subtasks of an operator that does not say otherwise */
    bool parallelism_given; /* by the user, so the program does not change it */
    int64_t duration_ms;    /* 0: until the sources end */
    int64_t stop_idle_ms;   /* 0: never */
    enum weir__scheduler scheduler;
    uint64_t seed;             /* simulation */
    int64_t buffer_timeout_ms; /* 0: a buffer a record */
    int64_t micro_batch_ms;    /* 0: each event as it comes */
    bool micro_batch_given;    /* by the user, so the program does not change it */
    const char *trace;         /* NULL: off */
    const char *brokers;
    struct weir__rest_settings rest;
    struct weir__latency_settings latency;
    bool latency_given; /* by the user, so the program does not change the interval */
    struct weir_restart_strategy restart;
    bool cluster;       /* the job runs in a process of its own */
    bool restart_given; /* by the user, so the program does not change it */
    struct weir__checkpoint_options checkpoints;
    struct weir_state_backend_config state_backend;
    bool state_backend_given; /* by the user, so the program does not change it */
    /* Not options: tests make them small. */
    size_t buffer_bytes;    /* of a channel's buffer; 0: the runtime's default */
    size_t channel_buffers; /* of a channel; 0: the runtime's default */
    /* Asked before every step of a simulation; true: the process "dies" there. NULL: it lives. */
    bool (*dies)(void *user);
    void *dies_user;
    struct weir__vec properties; /* of char *, "key=value", NULL-terminated; owned */
};

/* Declares and reads them. Mistakes stay in options. */
void weir__settings_read(struct weir__settings *settings, struct weir__options *options,
                         const char *job_name);
/* Read a value: an integer in min … max, a duration >= 0. False: a mistake, *number stays. */
bool weir__setting_integer(struct weir__options *options, const struct weir__option_value *value,
                           int64_t min, int64_t max, int64_t *number);
bool weir__setting_duration(struct weir__options *options, const struct weir__option_value *value,
                            int64_t *ms);
/* The program's own value of an option, which is then the default that the help shows. */
void weir__setting_integer_default(struct weir__options *options, const char *name, int64_t number);
void weir__setting_duration_default(struct weir__options *options, const char *name, int64_t ms);
/* The index of the value in a NULL-terminated list; a mistake and `fallback` when it is not there.
 */
int weir__setting_choice(struct weir__options *options, const struct weir__option_value *value,
                         const char *const *names, int fallback);
void weir__settings_fini(struct weir__settings *settings);

/* ---- watch_settings.c: how a running job is watched: --rest…, --log-… ---- */

/* The log, which is the process's, changes at once. */

void weir__setting_watch(struct weir__settings *settings, struct weir__options *options);

/* ---- latency_settings.c: Flink's metrics.latency… settings, and --latency-… ---- */

/* Reads a property if it is one of them; false: it is not. */
bool weir__setting_latency(struct weir__settings *settings, struct weir__options *options,
                           const char *key, const struct weir__option_value *value);
/* The options, which go before the properties. */
void weir__setting_latency_options(struct weir__settings *settings, struct weir__options *options);

/* ---- state_settings.c: Flink's state.backend… settings, and --state ---- */

/* Reads a property if it is one of them; false: it is not. */
bool weir__setting_state(struct weir__settings *settings, struct weir__options *options,
                         const char *key, const struct weir__option_value *value);
/* --state, which goes before the properties. */
void weir__setting_state_option(struct weir__settings *settings, struct weir__options *options);

#endif

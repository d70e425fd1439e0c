/*
 * The environment: a job's settings, its graph while it is built, and its results after it ran.
 *
 * Settings come from the command line, then the environment (KAFKA_BROKERS, CONSUMER_GROUP,
 * WEIR_PARALLELISM), then a file of key=value lines (--config), then the default. Every job program
 * understands:
 *
 *     -b, --brokers HOST:PORT,…   Kafka brokers (127.0.0.1:9092)
 *     -p, --parallelism N         subtasks of each operator, 1 … 128 (1)
 *         --duration D            stop the sources after this long (5m, 10s), and finish
 *         --stop-idle D           stop the sources when nothing came for this long, and finish
 *         --scheduler NAME        threads, or simulation (with --seed N for its order)
 *         --seed N                for that order, and for staggered windows (1)
 *         --buffer-timeout D      longest wait of a half-full buffer (100ms); 0: none waits
 *         --micro-batch D         process what came in D all at once, at its end, instead of each
 *                                 event as it comes (weir_env_set_micro_batch)
 *         --checkpoint-interval D    take a checkpoint this often (WEIR_CHECKPOINT_INTERVAL); more of
 *                                    them: --help, and struct weir_checkpoint_config
 *         --checkpoint-dir DIR       where they are kept (checkpoints/<job>)
 *         --from PATH                begin with the state of a checkpoint or savepoint; latest: the
 *                                    newest one, if any; none: anew
 *         --restart STRATEGY      after a failure; <weir/restart.h> lists them
 *         --cluster               runs the job in a process of its own, which is started again, from
 *                                 its latest checkpoint, when it is killed
 *         --trace FILE            writes the trace that `weir viz` shows; - is stdout; unix:PATH
 *         --rest                  answers HTTP requests about the job while it runs, in the shape of
 *                                 Flink's REST API, on 127.0.0.1:8081; --rest-port PORT elsewhere
 *                                 (0: a free port, which the log names); --rest-allow-cancel lets
 *                                 a request cancel it
 *         --latency-interval D    sources send latency markers this often, and operators behind them
 *                                 measure what the way took (0: none; WEIR_LATENCY_INTERVAL);
 *                                 --latency-granularity single, operator or subtask: what has
 *                                 figures of its own
 *         --log-level LEVEL       what is said on stderr: error, warning, info (default) or debug
 *                                 (WEIR_LOG_LEVEL)
 *         --log-format FORMAT     text, or json: an object a line, with time, level and message
 *                                 (WEIR_LOG_FORMAT)
 *         --state BACKEND         where keyed state lives: heap or rocksdb
 *         --plan[=text|dot|json]  prints the plan and exits
 *         --config FILE           lines key=value, also client properties (keys with a dot)
 *     -X key=value                a Kafka client property, as librdkafka names it, or one of the
 *                                 settings state.backend (<weir/state_backend.h>), s3 (<weir/s3.h>)
 *                                 and metrics.latency
 *     -F FILE                     lines key=value, each as with -X, which wins: for passwords, since
 *                                 everybody on the machine sees a command line
 *     -h, --help                  all of these, and the program's own
 *
 * SIGINT and SIGTERM stop the sources and let the job finish; a second one ends the process at
 * once.
 * Threads: an env is used by one thread; weir_execute starts and ends those of the job.
 */
#ifndef WEIR_ENV_H
#define WEIR_ENV_H

#include <weir/clock.h>
#include <weir/restart.h>
#include <weir/state_backend.h>
#include <weir/time.h>

typedef struct weir_env weir_env;

/*
 * A new environment. argc/argv as given to main; argv may be NULL. Never NULL; mistakes are
 * reported by weir_execute. Freed by weir_execute's caller with weir_env_free, or by the program's
 * end.
 */
weir_env *weir_env_new(const char *job_name, int argc, char **argv);
void weir_env_free(weir_env *env);

/*
 * One line on what the program does, for --help; and an example command line (may be called
 * several times).
 */
void weir_env_about(weir_env *env, const char *text);
void weir_env_example(weir_env *env, const char *command);

/*
 * A program's own options, e.g. weir_option_duration(env, "size", weir_minutes(5), "length of a
 * window") reads --size 10m. Asking for an option declares it: it appears in --help, and what
 * nobody asked for is refused by weir_execute.
 */
int64_t weir_option_duration(weir_env *env, const char *name, int64_t fallback_ms,
                             const char *help);
int64_t weir_option_int(weir_env *env, const char *name, int64_t fallback, int64_t min, int64_t max,
                        const char *help);
const char *weir_option_string(weir_env *env, const char *name, const char *fallback,
                               const char *help);
bool weir_option_flag(weir_env *env, const char *name, const char *help);

/*
 * In the program instead of on the command line (which wins). 1 … 128; another value is a
 * mistake.
 */
void weir_env_set_parallelism(weir_env *env, int parallelism);
/*
 * What happens after a failure, instead of the default (WEIR_RESTART_DEFAULT); numbers out of their
 * bounds are a mistake.
 */
void weir_env_set_restart(weir_env *env, struct weir_restart_strategy strategy);
/*
 * Copied; its strings are borrowed. --state and the settings state.backend and state.backend.type
 * win.
 */
void weir_env_set_state_backend(weir_env *env, const struct weir_state_backend_config *config);
/*
 * Runs the job in micro-batches, as Spark's Structured Streaming does, to compare: sources hold
 * what they bring until the clock comes to a multiple of interval_ms, and then all of it is
 * processed at once. Functions, windows and state are the same. Results come a batch at a time, and
 * are the same too as long as no event is late: watermarks rise with the batch, so fewer are. With
 * checkpoints on, one follows each batch instead of a checkpoint interval. A batch that takes
 * longer than the interval delays the next; one of 64 MiB a subtask goes on before its time. A
 * source counts as idle an interval later. 0: event by event, as by default. What the user says on
 * the command line wins; a negative interval is a mistake.
 */
void weir_env_set_micro_batch(weir_env *env, int64_t interval_ms);
/*
 * How often sources send latency markers, in ms; 0: never, as by default, and it costs nothing. A
 * marker goes with the records, waits where they wait, and every operator and sink that it comes to
 * notes how long it took: histograms `latency`, which --rest shows, in ms. It goes past functions:
 * time that a record spends in a window, or a function with a record, is not in it (only that of
 * records that wait for that function is), nor the time before the source has read it. What the
 * user says on the command line wins; a negative interval is a mistake.
 */
void weir_env_set_latency_tracking(weir_env *env, int64_t interval_ms);
/*
 * Borrowed until the env is freed. The simulation starts its virtual time at this clock's, and
 * then goes its own way.
 */
void weir_env_set_clock(weir_env *env, const struct weir_clock *clock);

/* Checkpoints: the job's state, written down now and then, from which it goes on after a failure.
 * {0}: none, as by default. */
struct weir_checkpoint_config {
    int64_t interval_ms;  /* from the start of one to the start of the next; 0: none are taken */
    int64_t min_pause_ms; /* least time from the end of one to the start of the next */
    int64_t timeout_ms;   /* one that takes longer has failed; 0: 10 minutes */
    int keep;             /* the last so many stay; 0: 3 */
    bool at_least_once;   /* barriers do not wait for each other: faster, and results may be doubled
                             after a failure */
    /* When more than tolerable_failures in a row fail, so does the job (Flink's default is 0). Else
     * a failed checkpoint is counted (numberOfFailedCheckpoints), and said. */
    bool limits_failures;
    int64_t tolerable_failures;
};
/*
 * The program's wish; what the user says on the command line wins. With checkpoints, the first
 * SIGINT or SIGTERM stops the job with a savepoint instead of letting it finish.
 * Source: semantics sheet, section 19.
 */
void weir_env_set_checkpoints(weir_env *env, const struct weir_checkpoint_config *config);

/*
 * Called when the job has finished and everything is written, before weir_execute returns: the
 * closing summary. After SIGINT or SIGTERM too; not after a failure, nor for --help or --plan.
 * Several are called in the order in which they were added.
 */
void weir_env_on_finish(weir_env *env, void (*finish)(weir_env *env, void *user), void *user);

/*
 * Called by a finisher that finds the results wrong: weir_execute then returns 1 where it would
 * have returned 0. The finisher says why.
 */
void weir_env_fail(weir_env *env);

/*
 * Checks the graph, runs the job to its end, and prints errors to stderr. A job that is cancelled
 * through REST has failed. Returns the program's
 * exit code: 0 finished; 1 failed; 2 wrong options or a wrong graph; 130/143 after SIGINT/SIGTERM.
 */
int weir_execute(weir_env *env);

/*
 * After execution: a metric summed over an operator's subtasks, by the names Flink uses
 * (numRecordsIn, numRecordsOut, numLateRecordsDropped, numDeadLetters, or a weir_count of the
 * program's; of a gauge the last value, rounded, of a meter or a histogram how many it has
 * counted; latency: how many latency markers came by); 0 when there is none. operator_name NULL: of
 * the job (numberOfCompletedCheckpoints, numberOfFailedCheckpoints, lastCheckpointDuration in ms,
 * lastCheckpointSize in bytes, numRestarts, lastCheckpointStall, the longest time in us that a task
 * stood still for it, restoredCheckpoint, with which the last attempt began; 0: anew, and
 * stoppedWithSavepoint, with which it ended; 0: otherwise). Counters are those of the last attempt.
 */
int64_t weir_metric(const weir_env *env, const char *operator_name, const char *metric);
/* After a failed execution: why. Borrowed from the env; code WEIR_OK when it did not fail. */
const struct weir_error *weir_env_error(const weir_env *env);

#endif
